/* ASCII is skipped sixteen bytes at a time; a sequence is checked by the ranges of its first two
 * bytes (Unicode, table 3-7), which is all that tells surrogates and overlong forms apart. With
 * AVX2 the same is asked of 32 bytes at once, each seen with the three before it. */
#include "document/utf8.h"

#ifdef __SSE2__
#include <immintrin.h>
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

size_t utf8_sequence(struct text text)
{
    return sequence((const unsigned char *)text.at, text.len);
}

#ifdef __SSE2__
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i all(unsigned char byte)
{
    return _mm256_set1_epi8((char)byte);
}

/* Not zero where a byte is above `most`. */
AVX2 static inline __m256i above(__m256i bytes, unsigned char most)
{
    return _mm256_subs_epu8(bytes, all(most));
}

AVX2 static inline __m256i load(const unsigned char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

/* Whether none of the 32 bytes at `at` is wrong after the three before them: a continuation is
 * there exactly where one is due, no lead is impossible, and no second byte is out of the range
 * that its lead allows. */
AVX2 static inline bool block_valid(const unsigned char *at, __m256i bytes)
{
    __m256i before = load(at - 1);
    __m256i due = _mm256_or_si256(_mm256_or_si256(above(before, 0xBF), above(load(at - 2), 0xDF)),
                                  above(load(at - 3), 0xEF));
    __m256i not_due = _mm256_cmpeq_epi8(due, all(0));
    __m256i continuation = _mm256_cmpgt_epi8(all(0xC0), bytes);
    __m256i below_a0 = _mm256_cmpgt_epi8(all(0xA0), bytes);
    __m256i below_90 = _mm256_cmpgt_epi8(all(0x90), bytes);
    __m256i wrong = _mm256_cmpeq_epi8(not_due, continuation);

    wrong = _mm256_or_si256(wrong, above(bytes, 0xF4));
    wrong =
        _mm256_or_si256(wrong, _mm256_cmpeq_epi8(_mm256_and_si256(bytes, all(0xFE)), all(0xC0)));
    wrong =
        _mm256_or_si256(wrong, _mm256_and_si256(_mm256_cmpeq_epi8(before, all(0xE0)), below_a0));
    wrong =
        _mm256_or_si256(wrong, _mm256_andnot_si256(below_a0, _mm256_cmpeq_epi8(before, all(0xED))));
    wrong =
        _mm256_or_si256(wrong, _mm256_and_si256(_mm256_cmpeq_epi8(before, all(0xF0)), below_90));
    wrong =
        _mm256_or_si256(wrong, _mm256_andnot_si256(below_90, _mm256_cmpeq_epi8(before, all(0xF4))));
    return _mm256_testz_si256(wrong, wrong);
}

/* Goes on from `i`, the end of a sequence, at least 3, while whole blocks are well-formed; returns
 * the start of the first sequence that may not be. */
AVX2 static size_t skip_blocks(const unsigned char *at, size_t i, size_t len)
{
    unsigned high = 0;

    for (; len - i >= 32; i += 32) {
        __m256i bytes = load(at + i);
        unsigned high_before = high;

        high = (unsigned)_mm256_movemask_epi8(bytes);
        if ((high | high_before) != 0 && !block_valid(at + i, bytes))
            break;
    }
    for (int back = 1; back <= 3; back++) {
        if (at[i - (size_t)back] >= 0xC0)
            return i - (size_t)back;
    }
    return i;
}
#endif

/* The first of a long text by blocks: where the rest is to be looked at, at a sequence's start. */
static size_t valid_blocks(const unsigned char *at, size_t len)
{
#ifdef __SSE2__
    size_t i = 0;

    if (len < 64 || !__builtin_cpu_supports("avx2"))
        return 0;
    while (i < 3) {
        size_t bytes = at[i] < 0x80 ? 1 : sequence(at + i, len - i);

        if (bytes == 0)
            return i;
        i += bytes;
    }
    return skip_blocks(at, i, len);
#else
    (void)at;
    (void)len;
    return 0;
#endif
}

size_t utf8_valid(struct text text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t i = valid_blocks(at, text.len);

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

void utf8_put_clean(struct buffer *out, struct text text)
{
    while (text.len > 0) {
        size_t valid = utf8_valid(text);

        buffer_put(out, text_first(text, valid));
        text = text_after(text, valid);
        if (text.len > 0)
            buffer_put(out, TEXT("\xEF\xBF\xBD"));
        text = text_after(text, 1);
    }
}
