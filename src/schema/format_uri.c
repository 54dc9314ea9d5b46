/* The grammar of RFC 3986 appendix A, after its appendix B has found the parts; and the two small
 * ones, UUIDs (RFC 9562) and JSON Pointers (RFC 6901). */
#include "schema/format_scan.h"
#include "schema/uri.h"

/* Whether every byte is unreserved, a sub-delimiter, one of `more`, or begins a percent triplet. */
static bool only(struct text text, const char *more)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];

        if (byte_is_letter(byte) || byte_is_digit(byte))
            continue;
        if (byte == '%') {
            if (text.len - i < 3 || !byte_is_hex(text.at[i + 1]) || !byte_is_hex(text.at[i + 2]))
                return false;
            i += 2;
        } else if (byte == '\0' ||
                   (strchr("-._~!$&'()*+,;=", byte) == NULL && strchr(more, byte) == NULL)) {
            return false;
        }
    }
    return true;
}

static bool scan_port(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!byte_is_digit(text.at[i]))
            return false;
    }
    return true;
}

/* IPvFuture: "v" hexadecimal digits "." and the rest. */
static bool scan_future_address(struct text text)
{
    size_t dot = text_find_byte(text, '.');

    if (text.len < 4 || (text.at[0] | 0x20) != 'v' || dot < 2 || dot + 1 >= text.len)
        return false;
    for (size_t i = 1; i < dot; i++) {
        if (!byte_is_hex(text.at[i]))
            return false;
    }
    return text_find_byte(text, '%') == text.len && only(text_after(text, dot + 1), ":");
}

static bool scan_authority(struct text text)
{
    size_t at = text_find_byte(text, '@');
    size_t colon;

    if (at < text.len) {
        if (!only(text_first(text, at), ":"))
            return false;
        text = text_after(text, at + 1);
    }
    if (text.len > 0 && text.at[0] == '[') {
        size_t close = text_find_byte(text, ']');
        struct text address = text_after(text_first(text, close), 1);

        if (close == text.len || (!scan_ipv6(address) && !scan_future_address(address)))
            return false;
        text = text_after(text, close + 1);
        return text.len == 0 || (text.at[0] == ':' && scan_port(text_after(text, 1)));
    }
    colon = text_find_byte(text, ':');
    return only(text_first(text, colon), "") && scan_port(text_after(text, colon + 1));
}

bool scan_uri_reference(struct text text)
{
    struct uri uri = uri_split(text);
    struct text first = text_first(uri.path, text_find_byte(uri.path, '/'));

    if (uri.has_authority && !scan_authority(uri.authority))
        return false;
    if (!uri.has_scheme && text_find_byte(first, ':') < first.len)
        return false;
    return only(uri.path, ":@/") && only(uri.query, ":@/?") && only(uri.fragment, ":@/?");
}

bool scan_uri(struct text text)
{
    return uri_split(text).has_scheme && scan_uri_reference(text);
}

bool scan_uuid(struct text text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text.at[i] != '-' : !byte_is_hex(text.at[i]))
            return false;
    }
    return true;
}

bool scan_json_pointer(struct text text)
{
    if (text.len > 0 && text.at[0] != '/')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '~' &&
            (i + 1 == text.len || (text.at[i + 1] != '0' && text.at[i + 1] != '1')))
            return false;
    }
    return true;
}
