/* URI templates of the levels 1 to 4, RFC 6570 section 2, with erratum 6937: "'" is a literal. The
 * operators of op-reserve belong to no level: nothing can expand them. */
#include "schema/format_scan.h"

#include "document/utf8.h"

enum { PREFIX_DIGITS = 4 };

/* Bytes of the varchar at `at`; 0 when there is none. */
static size_t varchar_at(struct text text, size_t at)
{
    if (at < text.len && byte_may(text.at[at], BYTE_VARIABLE))
        return 1;
    return at < text.len && triplet_at(text, at) ? 3 : 0;
}

/* Where the name ends that begins at `at`; `at` itself when there is none. */
static size_t name_end(struct text text, size_t at)
{
    size_t bytes = varchar_at(text, at);

    while (bytes > 0) {
        at += bytes;
        bytes = varchar_at(text, at);
        if (bytes == 0 && at < text.len && text.at[at] == '.') {
            bytes = varchar_at(text, at + 1);
            at += bytes > 0;
        }
    }
    return at;
}

/* Where the modifier ends that may begin at `at`: "*", or ":" and a number from 1 to 9999. */
static size_t modifier_end(struct text text, size_t at)
{
    size_t first = at + 1;

    if (at < text.len && text.at[at] == '*')
        return first;
    if (at == text.len || text.at[at] != ':' || first == text.len || text.at[first] == '0')
        return at;
    for (at = first; at < text.len && at - first < PREFIX_DIGITS && byte_is_digit(text.at[at]);)
        at++;
    return at > first ? at : first - 1;
}

/* Where the expression ends whose brace stands before `at`, or 0 when it is none. */
static size_t expression_end(struct text text, size_t at)
{
    if (at < text.len && text.at[at] != '\0' && strchr("+#./;?&", text.at[at]) != NULL)
        at++;
    for (;;) {
        size_t end = name_end(text, at);

        if (end == at)
            return 0;
        at = modifier_end(text, end);
        if (at == text.len || (text.at[at] != ',' && text.at[at] != '}'))
            return 0;
        if (text.at[at++] == '}')
            return at;
    }
}

/* Bytes of the literal at `at` that is more than a byte; 0 when it is none. */
static size_t literal_at(struct text text, size_t at)
{
    uint32_t code_point;
    size_t bytes;

    if ((unsigned char)text.at[at] < 0x80)
        return triplet_at(text, at) ? 3 : 0;
    bytes = utf8_decode(text_after(text, at), &code_point);
    return bytes > 0 && (code_point_is_iri(code_point) || code_point_is_private(code_point)) ? bytes
                                                                                             : 0;
}

bool scan_uri_template(struct text text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t bytes = byte_may(text.at[at], BYTE_LITERAL) ? 1 : literal_at(text, at);

        if (bytes == 0 && text.at[at] == '{') {
            at = expression_end(text, at + 1);
            if (at == 0)
                return false;
        } else if (bytes == 0) {
            return false;
        }
        at += bytes;
    }
    return true;
}
