/* Names and addresses of hosts, and of people at them: RFC 1123, RFC 5890 (A-labels must decode;
 * which code points they may hold is not looked at), RFC 4291, RFC 5321. */
#include "schema/format_scan.h"

enum { LABEL_MAX = 63, HOSTNAME_MAX = 253, LOCAL_MAX = 64 };

bool scan_ipv4(struct text text)
{
    size_t at = 0;

    for (int part = 0; part < 4; part++) {
        int value = 0;
        size_t first;

        if (part > 0 && (at >= text.len || text.at[at++] != '.'))
            return false;
        first = at;
        while (at < text.len && at - first < 3 && byte_is_digit(text.at[at]))
            value = value * 10 + (text.at[at++] - '0');
        if (at == first || value > 255 || (at - first > 1 && text.at[first] == '0'))
            return false;
    }
    return at == text.len;
}

bool scan_ipv6(struct text text)
{
    int groups = 0;
    bool gap = false;

    if (text_starts(text, TEXT("::"))) {
        gap = true;
        text = text_after(text, 2);
    }
    while (text.len > 0) {
        size_t digits = 0;

        while (digits < text.len && digits < 5 && byte_is_hex(text.at[digits]))
            digits++;
        if (digits < text.len && text.at[digits] == '.') {
            groups += 2;
            return scan_ipv4(text) && (gap ? groups < 8 : groups == 8);
        }
        if (digits == 0 || digits > 4 || ++groups > 8)
            return false;
        text = text_after(text, digits);
        if (text.len == 0)
            break;
        if (text.at[0] != ':' || text.len == 1)
            return false;
        text = text_after(text, 1);
        if (text.at[0] == ':') {
            if (gap)
                return false;
            gap = true;
            text = text_after(text, 1);
        }
    }
    return gap ? groups < 8 : groups == 8;
}

/* RFC 3492 section 6.2 without keeping what comes out: only whether it does, and is not ASCII. */
static bool punycode_decodes(struct text text)
{
    uint32_t code_point = 128, index = 0, bias = 72;
    uint32_t count = 0;
    size_t at = 0;

    for (size_t i = text.len; i > 0 && at == 0; i--) {
        if (text.at[i - 1] == '-')
            at = i;
    }
    count = at > 0 ? (uint32_t)at - 1 : 0;
    if (at == text.len)
        return false;
    while (at < text.len) {
        uint32_t before = index, weight = 1, delta;

        for (uint32_t k = 36;; k += 36) {
            uint32_t digit, threshold;
            char byte;

            if (at == text.len)
                return false;
            byte = text.at[at++];
            digit =
                byte_is_digit(byte) ? (uint32_t)(byte - '0') + 26 : (uint32_t)((byte | 0x20) - 'a');
            if (digit > 35 || digit > (UINT32_MAX - index) / weight)
                return false;
            index += digit * weight;
            threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
            if (digit < threshold)
                break;
            if (weight > UINT32_MAX / (36 - threshold))
                return false;
            weight *= 36 - threshold;
        }
        count++;
        delta = before == 0 ? (index - before) / 700 : (index - before) / 2;
        delta += delta / count;
        for (bias = 0; delta > 455; bias += 36)
            delta /= 35;
        bias += 36 * delta / (delta + 38);
        code_point += index / count;
        index %= count;
        if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
            return false;
        index++;
    }
    return true;
}

static bool scan_label(struct text label)
{
    if (label.len == 0 || label.len > LABEL_MAX)
        return false;
    if (label.at[0] == '-' || label.at[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char byte = label.at[i];

        if (!byte_is_letter(byte) && !byte_is_digit(byte) && byte != '-')
            return false;
    }
    if (label.len < 4 || label.at[2] != '-' || label.at[3] != '-')
        return true;
    return text_equal_nocase(text_first(label, 2), TEXT("xn")) &&
           punycode_decodes(text_after(label, 4));
}

bool scan_hostname(struct text text)
{
    bool more = true;

    if (text.len == 0 || text.len > HOSTNAME_MAX)
        return false;
    while (more) {
        more = text_find_byte(text, '.') < text.len;
        if (!scan_label(text_split(&text, '.')))
            return false;
    }
    return true;
}

static bool is_atom_byte(char byte)
{
    return byte_is_letter(byte) || byte_is_digit(byte) ||
           (byte != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", byte) != NULL);
}

/* Length of the local part, dot-atom or quoted string; 0 when there is none. */
static size_t local_part(struct text text)
{
    size_t at = 0;

    if (text.len > 0 && text.at[0] == '"') {
        for (at = 1; at < text.len && text.at[at] != '"'; at++) {
            if (text.at[at] == '\\')
                at++;
            if (at >= text.len || text.at[at] < ' ' || text.at[at] > '~')
                return 0;
        }
        return at < text.len ? at + 1 : 0;
    }
    while (at < text.len && (is_atom_byte(text.at[at]) || text.at[at] == '.')) {
        bool first = at == 0 || text.at[at - 1] == '.';

        if (text.at[at] == '.' && first)
            return 0;
        at++;
    }
    return at > 0 && text.at[at - 1] != '.' ? at : 0;
}

static bool scan_address_literal(struct text text)
{
    if (text.len < 2 || text.at[text.len - 1] != ']')
        return false;
    text = text_first(text_after(text, 1), text.len - 2);
    if (text.len > 5 && text_equal_nocase(text_first(text, 5), TEXT("IPv6:")))
        return scan_ipv6(text_after(text, 5));
    return scan_ipv4(text);
}

bool scan_email(struct text text)
{
    size_t local = local_part(text);
    struct text domain = text_after(text, local + 1);

    if (local == 0 || local > LOCAL_MAX || local >= text.len || text.at[local] != '@')
        return false;
    if (domain.len > 0 && domain.at[0] == '[')
        return scan_address_literal(domain);
    return scan_hostname(domain);
}
