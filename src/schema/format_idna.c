/* Labels of IDNA2008. libidn2's function for registering knows which code points RFC 5892 allows
 * and where; the one for looking up would skip its contextual rules. An A-label is decoded
 * (RFC 3492), must be a valid label then, and must be what that label is encoded as. Code points
 * younger than libidn2's tables (Unicode 12 in its version 2.3.3) count as unassigned. */
#include "schema/format_scan.h"

#include "base/check.h"
#include "document/utf8.h"

#include <idn2.h>

enum {
    LABEL_MAX = 63,
    /* Bytes of a U-label: its A-label has one for each code point at least, but those who need not
     * be in normalisation form C may need several code points for one. */
    U_LABEL_MAX = 1024,
};

/* RFC 3492 section 6.1. */
static uint32_t adapt_bias(uint32_t delta, uint32_t count, bool first)
{
    uint32_t bias = 0;

    delta = first ? delta / 700 : delta / 2;
    delta += delta / count;
    for (; delta > 455; bias += 36)
        delta /= 35;
    return bias + 36 * delta / (delta + 38);
}

/* Takes one generalised variable-length integer at *at and adds it to *index; section 6.2. */
static bool take_delta(struct text text, size_t *at, uint32_t bias, uint32_t *index)
{
    uint32_t weight = 1;

    for (uint32_t k = 36;; k += 36) {
        uint32_t digit, threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        char byte;

        if (*at == text.len)
            return false;
        byte = text.at[(*at)++];
        digit = byte_is_digit(byte) ? (uint32_t)(byte - '0') + 26 : (uint32_t)(byte - 'a');
        if (digit > 35 || digit > (UINT32_MAX - *index) / weight)
            return false;
        *index += digit * weight;
        if (digit < threshold)
            return true;
        if (weight > UINT32_MAX / (36 - threshold))
            return false;
        weight *= 36 - threshold;
    }
}

/* Decodes lower case Punycode of at most LABEL_MAX bytes; 0 when it is none. */
static size_t decode_punycode(struct text text, uint32_t out[LABEL_MAX])
{
    uint32_t code_point = 128, index = 0, bias = 72;
    size_t at = 0, count = 0;

    for (size_t i = text.len; i > 0 && at == 0; i--) {
        if (text.at[i - 1] == '-')
            at = i;
    }
    for (; count + 1 < at; count++)
        out[count] = (uint32_t)text.at[count];
    while (at < text.len) {
        uint32_t before = index;

        if (!take_delta(text, &at, bias, &index))
            return 0;
        count++;
        bias = adapt_bias(index - before, (uint32_t)count, before == 0);
        if (index / count > 0x10FFFF - code_point)
            return 0;
        code_point += index / (uint32_t)count;
        if (code_point >= 0xD800 && code_point <= 0xDFFF)
            return 0;
        index %= (uint32_t)count;
        memmove(out + index + 1, out + index, (count - 1 - index) * sizeof *out);
        out[index++] = code_point;
    }
    return count;
}

/* Whether `label`, terminated, is valid and, when `a_label` is not NULL, is encoded as that. */
static bool is_registrable(const char *label, const char *a_label, int flags, size_t *out_len)
{
    uint8_t *inserted = NULL;
    int result = idn2_register_u8((const uint8_t *)label, NULL, &inserted, flags);
    bool same;

    CHECK(result != IDN2_MALLOC);
    if (result != IDN2_OK)
        return false;
    *out_len = strlen((const char *)inserted);
    same = a_label == NULL || strcmp((const char *)inserted, a_label) == 0;
    idn2_free(inserted);
    return same && *out_len <= LABEL_MAX;
}

bool scan_u_label(struct text label, bool any_form, struct idn_label *out)
{
    char terminated[U_LABEL_MAX + 1];
    uint32_t code_points[U_LABEL_MAX];
    size_t count = 0;

    if (label.len > U_LABEL_MAX)
        return false;
    memcpy(terminated, label.at, label.len);
    terminated[label.len] = '\0';
    while (label.len > 0) {
        size_t bytes = utf8_decode(label, &code_points[count]);

        if (bytes == 0 || code_points[count++] == 0)
            return false;
        label = text_after(label, bytes);
    }
    bidi_examine(code_points, count, out);
    return is_registrable(terminated, NULL, any_form ? IDN2_NFC_INPUT : 0, &out->ascii_len);
}

bool scan_a_label(struct text label, struct idn_label *out)
{
    char lower[LABEL_MAX + 1], decoded[4 * LABEL_MAX + 1];
    uint32_t code_points[LABEL_MAX];
    size_t count, len = 0;

    for (size_t i = 0; i < label.len; i++) {
        char byte = label.at[i];

        lower[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
    }
    lower[label.len] = '\0';
    count = decode_punycode((struct text){lower + 4, label.len - 4}, code_points);
    if (count == 0)
        return false;
    for (size_t i = 0; i < count; i++)
        len += utf8_encode(code_points[i], decoded + len);
    decoded[len] = '\0';
    bidi_examine(code_points, count, out);
    return is_registrable(decoded, lower, 0, &out->ascii_len);
}
