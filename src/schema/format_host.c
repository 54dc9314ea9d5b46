/* Host names: RFC 1123 section 2.1 with the lengths of RFC 1034 section 3.1, and RFC 5890. A name
 * is walked label by label; what is not plain ASCII is left to format_idna.c. That "--" may stand
 * third and fourth in a label of ASCII that is no A-label is RFC 1123's; there are such hosts. */
#include "schema/format_scan.h"

enum { LABEL_MAX = 63, HOSTNAME_MAX = 253 };

/* Bytes of the dot at `at`, 0 when there is none: "." or one of U+3002, U+FF0E, U+FF61. */
static size_t dot_at(struct text text, size_t at, enum host_rules rules)
{
    static const char dots[3][4] = {"\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1"};

    if (text.at[at] == '.')
        return 1;
    if (rules != HOST_IDN || (unsigned char)text.at[at] < 0xE3 || text.len - at < 3)
        return 0;
    for (size_t i = 0; i < 3; i++) {
        if (memcmp(text.at + at, dots[i], 3) == 0)
            return 3;
    }
    return 0;
}

static bool is_a_label(struct text label)
{
    return label.len >= 4 && label.at[2] == '-' && label.at[3] == '-' &&
           (label.at[0] | 0x20) == 'x' && (label.at[1] | 0x20) == 'n';
}

static bool scan_label(struct text label, bool ascii, enum host_rules rules, struct idn_label *out)
{
    if (label.len == 0 || label.at[0] == '-' || label.at[label.len - 1] == '-')
        return false;
    if (!ascii)
        return scan_u_label(label, rules == HOST_IDN_MAIL, out);
    if (label.len > LABEL_MAX)
        return false;
    if (rules != HOST_LDH && is_a_label(label))
        return scan_a_label(label, out);
    /* Of the Bidi rule only its first condition can fail here: letters are L, digits are EN. */
    *out = (struct idn_label){.ascii_len = label.len, .bidi_rule_kept = label.at[0] > '9'};
    return true;
}

bool scan_host(struct text text, enum host_rules rules)
{
    size_t at = 0, ascii_len = 0;
    bool right_to_left = false, bidi_rule_kept = true;

    while (at <= text.len) {
        size_t first = at, dot = 0;
        bool ascii = true;
        struct idn_label label;

        while (at < text.len) {
            if (byte_may(text.at[at], BYTE_LDH)) {
                at++;
                continue;
            }
            dot = dot_at(text, at, rules);
            if (dot > 0)
                break;
            if ((unsigned char)text.at[at] < 0x80 || rules <= HOST_ASCII)
                return false;
            ascii = false;
            at++;
        }
        if (!scan_label(text_first(text_after(text, first), at - first), ascii, rules, &label))
            return false;
        right_to_left |= label.right_to_left;
        bidi_rule_kept &= label.bidi_rule_kept;
        ascii_len += label.ascii_len;
        if (ascii_len > HOSTNAME_MAX)
            return false;
        if (at == text.len)
            return !right_to_left || bidi_rule_kept;
        at += dot;
        ascii_len++;
    }
    return false;
}

bool scan_hostname(struct text text)
{
    return text.len <= HOSTNAME_MAX && scan_host(text, HOST_ASCII);
}

bool scan_hostname_ldh(struct text text)
{
    return text.len <= HOSTNAME_MAX && scan_host(text, HOST_LDH);
}

bool scan_idn_hostname(struct text text)
{
    return scan_host(text, HOST_IDN);
}
