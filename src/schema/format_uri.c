/* The grammar of RFC 3986 appendix A and, for IRIs, RFC 3987 section 2.2, from left to right: each
 * part is a run of bytes that may stand in it, and what ends the run tells which part comes next.
 */
#include "schema/format_scan.h"

#include "document/utf8.h"

enum kind { URI, IRI };

bool code_point_is_private(uint32_t code_point)
{
    return (code_point >= 0xE000 && code_point <= 0xF8FF) ||
           (code_point >= 0xF0000 && (code_point & 0xFFFF) <= 0xFFFD);
}

bool code_point_is_iri(uint32_t code_point)
{
    if (code_point < 0x10000)
        return (code_point >= 0xA0 && code_point <= 0xD7FF) ||
               (code_point >= 0xF900 && code_point <= 0xFDCF) ||
               (code_point >= 0xFDF0 && code_point <= 0xFFEF);
    return (code_point & 0xFFFF) <= 0xFFFD && code_point <= 0xEFFFD &&
           (code_point < 0xE0000 || code_point >= 0xE1000);
}

/* RFC 3987 section 4.1: formatting for bidirectional text must not stand in an IRI. */
static bool formats_direction(uint32_t code_point)
{
    return code_point == 0x200E || code_point == 0x200F ||
           (code_point >= 0x202A && code_point <= 0x202E);
}

/* Bytes of the code point beyond ASCII at `at` when an IRI may have it there, otherwise 0. */
static size_t iri_code_point(struct text text, size_t at, bool in_query)
{
    uint32_t code_point;
    size_t bytes = utf8_decode(text_after(text, at), &code_point);

    if (bytes < 2 || formats_direction(code_point))
        return 0;
    return code_point_is_iri(code_point) || (in_query && code_point_is_private(code_point)) ? bytes
                                                                                            : 0;
}

/* Where the run from `at` on ends of bytes with that use and of percent triplets. */
static size_t run_end(struct text text, size_t at, enum byte_use use, enum kind kind, bool in_query)
{
    for (;;) {
        size_t bytes = 0;

        while (at < text.len && byte_may(text.at[at], use))
            at++;
        if (at == text.len)
            return at;
        if (text.at[at] == '%')
            bytes = triplet_at(text, at) ? 3 : 0;
        else if (kind == IRI && (unsigned char)text.at[at] >= 0x80)
            bytes = iri_code_point(text, at, in_query);
        if (bytes == 0)
            return at;
        at += bytes;
    }
}

/* IPvFuture: "v", hexadecimal digits, "." and the rest. */
static bool scan_future_address(struct text text)
{
    size_t at = 1;

    if (text.len < 4 || (text.at[0] | 0x20) != 'v')
        return false;
    while (at < text.len && byte_is_hex(text.at[at]))
        at++;
    if (at == 1 || at + 1 >= text.len || text.at[at] != '.')
        return false;
    while (++at < text.len) {
        if (!byte_may(text.at[at], BYTE_USER))
            return false;
    }
    return true;
}

/* Where the address in brackets ends that begins at `at`, or 0 when it is none. */
static size_t bracket_end(struct text text, size_t at)
{
    struct text inner = text_after(text, at + 1);

    inner = text_first(inner, text_find_byte(inner, ']'));
    at += 1 + inner.len;
    return at < text.len && (scan_ipv6(inner) || scan_future_address(inner)) ? at + 1 : 0;
}

/* Where the authority ends that begins at `at`, or text.len + 1 when there is none. */
static size_t authority_end(struct text text, size_t at, enum kind kind)
{
    const size_t none = text.len + 1;
    size_t end = run_end(text, at, BYTE_HOST, kind, false);

    if (end < text.len && (text.at[end] == '@' || text.at[end] == ':')) {
        size_t user_end = run_end(text, end, BYTE_USER, kind, false);

        if (user_end < text.len && text.at[user_end] == '@') {
            at = user_end + 1;
            end = run_end(text, at, BYTE_HOST, kind, false);
        }
    }
    if (at < text.len && text.at[at] == '[') {
        end = bracket_end(text, at);
        if (end == 0)
            return none;
    }
    at = end;
    if (at < text.len && text.at[at] == ':') {
        at++;
        while (at < text.len && byte_is_digit(text.at[at]))
            at++;
    }
    if (at < text.len && text.at[at] != '/' && text.at[at] != '?' && text.at[at] != '#')
        return none;
    return at;
}

/* Bytes of the scheme and its colon; 0 when there is none. */
static size_t scheme_len(struct text text)
{
    size_t at = 0;

    if (text.len == 0 || !byte_is_letter(text.at[0]))
        return 0;
    while (at < text.len && byte_may(text.at[at], BYTE_SCHEME))
        at++;
    return at < text.len && text.at[at] == ':' ? at + 1 : 0;
}

static bool scan_reference(struct text text, enum kind kind, bool absolute)
{
    size_t at = scheme_len(text);

    if (at == 0 && absolute)
        return false;
    if (text.len - at >= 2 && text.at[at] == '/' && text.at[at + 1] == '/') {
        at = authority_end(text, at + 2, kind);
    } else if (at == 0) {
        /* The first segment of a relative path would look like a scheme if it had a colon. */
        at = run_end(text, at, BYTE_HOST, kind, false);
        while (at < text.len && text.at[at] == '@')
            at = run_end(text, at + 1, BYTE_HOST, kind, false);
        if (at < text.len && text.at[at] == ':')
            return false;
    }
    if (at > text.len)
        return false;
    at = run_end(text, at, BYTE_PATH, kind, false);
    if (at < text.len && text.at[at] == '?')
        at = run_end(text, at + 1, BYTE_QUERY, kind, true);
    if (at < text.len && text.at[at] == '#')
        at = run_end(text, at + 1, BYTE_QUERY, kind, false);
    return at == text.len;
}

bool scan_uri(struct text text)
{
    return scan_reference(text, URI, true);
}

bool scan_uri_reference(struct text text)
{
    return scan_reference(text, URI, false);
}

bool scan_iri(struct text text)
{
    return scan_reference(text, IRI, true);
}

bool scan_iri_reference(struct text text)
{
    return scan_reference(text, IRI, false);
}
