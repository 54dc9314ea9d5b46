/* ASCII is skipped sixteen bytes at a time; a sequence is checked by the ranges of its first two
 * bytes (Unicode, table 3-7), which is all that tells surrogates and overlong forms apart. */
#include "document/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static size_t ascii_prefix(const unsigned char *at, size_t len)
{
    size_t i = 0;

#ifdef __SSE2__
    for (; len - i >= 16; i += 16) {
        int high = _mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at + i)));

        if (high != 0)
            return i + (size_t)__builtin_ctz((unsigned)high);
    }
#endif
    while (i < len && at[i] < 0x80)
        i++;
    return i;
}

bool utf8_is_ascii(struct text text)
{
    return ascii_prefix((const unsigned char *)text.at, text.len) == text.len;
}

static bool continues(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Bytes of the sequence of two or more at `at`, or 0. */
static size_t sequence(const unsigned char *at, size_t len)
{
    unsigned char lead = at[0];
    unsigned char low = 0x80, high = 0xBF;

    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    if (lead < 0xE0)
        return len >= 2 && continues(at[1]) ? 2 : 0;
    if (lead == 0xE0 || lead == 0xF0)
        low = lead == 0xE0 ? 0xA0 : 0x90;
    else if (lead == 0xED || lead == 0xF4)
        high = lead == 0xED ? 0x9F : 0x8F;
    if (len < 3 || at[1] < low || at[1] > high || !continues(at[2]))
        return 0;
    if (lead < 0xF0)
        return 3;
    return len >= 4 && continues(at[3]) ? 4 : 0;
}

size_t utf8_valid(struct text text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t i = 0;

    while (i < text.len) {
        size_t len;

        if (at[i] < 0x80) {
            i += ascii_prefix(at + i, text.len - i);
            continue;
        }
        len = sequence(at + i, text.len - i);
        if (len == 0)
            return i;
        i += len;
    }
    return i;
}

size_t utf8_decode(struct text text, uint32_t *out_code_point)
{
    static const unsigned char lead_bits[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const unsigned char *at = (const unsigned char *)text.at;
    size_t len;

    if (text.len == 0)
        return 0;
    len = at[0] < 0x80 ? 1 : sequence(at, text.len);
    *out_code_point = at[0] & lead_bits[len];
    for (size_t i = 1; i < len; i++)
        *out_code_point = *out_code_point << 6 | (at[i] & 0x3Fu);
    return len;
}

size_t utf8_encode(uint32_t code_point, char *out)
{
    unsigned char bytes[4];
    size_t len = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};

    for (size_t i = len - 1; i > 0; i--) {
        bytes[i] = (unsigned char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    bytes[0] = (unsigned char)(lead[len] | code_point);
    memcpy(out, bytes, len);
    return len;
}

size_t utf8_length(struct text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; count++) {
        uint32_t code_point;
        size_t len = utf8_decode(text_after(text, i), &code_point);

        i += len > 0 ? len : 1;
    }
    return count;
}
