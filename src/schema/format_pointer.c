/* JSON Pointers: RFC 6901 section 3, and relative ones: draft-handrews-relative-json-pointer-02
 * and, for 2020-12, draft-bhutton-relative-json-pointer-00, where the number may be followed by how
 * far an index is moved. Its examples have that before "#" too, which its grammar forgot. */
#include "schema/format_scan.h"

bool scan_json_pointer(struct text text)
{
    if (text.len > 0 && text.at[0] != '/')
        return false;
    for (size_t tilde = text_find_byte(text, '~'); tilde < text.len;
         tilde = text_find_byte(text, '~')) {
        if (tilde + 1 == text.len || (text.at[tilde + 1] != '0' && text.at[tilde + 1] != '1'))
            return false;
        text = text_after(text, tilde + 2);
    }
    return true;
}

/* Takes digits without a leading zero off the front. */
static bool take_integer(struct text *text)
{
    size_t digits = 0;

    while (digits < text->len && byte_is_digit(text->at[digits]))
        digits++;
    if (digits == 0 || (digits > 1 && text->at[0] == '0'))
        return false;
    *text = text_after(*text, digits);
    return true;
}

bool scan_relative_json_pointer(struct text text)
{
    if (!take_integer(&text))
        return false;
    if (text.len > 0 && (text.at[0] == '+' || text.at[0] == '-')) {
        text = text_after(text, 1);
        if (!take_integer(&text))
            return false;
    }
    return text_equal(text, TEXT("#")) || scan_json_pointer(text);
}

bool scan_relative_json_pointer_fixed(struct text text)
{
    return take_integer(&text) && (text_equal(text, TEXT("#")) || scan_json_pointer(text));
}
