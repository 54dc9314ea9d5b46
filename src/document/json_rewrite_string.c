/* A string ends at the first quotation mark that can close it. Nothing is tried beyond that: where
 * the mark was an apostrophe, or a quotation inside the string, what follows is no comma, colon or
 * bracket, and the rewriting ends there. */
#include "document/json_rewrite.h"

#include <stdio.h>

enum quote { QUOTE_NONE, QUOTE_DOUBLE, QUOTE_SINGLE, QUOTE_CURLY_DOUBLE, QUOTE_CURLY_SINGLE };

/* General punctuation of Unicode: U+2018 to U+201F are E2 80 98 to 9F. */
static enum quote quote_of(const char *at, const char *end)
{
    if (at == end)
        return QUOTE_NONE;
    if (*at == '"')
        return QUOTE_DOUBLE;
    if (*at == '\'')
        return QUOTE_SINGLE;
    if (end - at < 3 || memcmp(at, "\xE2\x80", 2) != 0)
        return QUOTE_NONE;
    switch ((unsigned char)at[2]) {
    case 0x98: /* U+2018 LEFT SINGLE QUOTATION MARK, 2019 RIGHT, 201A LOW-9 */
    case 0x99:
    case 0x9A:
        return QUOTE_CURLY_SINGLE;
    case 0x9C: /* U+201C LEFT DOUBLE QUOTATION MARK, 201D RIGHT, 201E LOW-9 */
    case 0x9D:
    case 0x9E:
        return QUOTE_CURLY_DOUBLE;
    default:
        return QUOTE_NONE;
    }
}

static size_t length_of(enum quote quote)
{
    return quote == QUOTE_NONE ? 0 : quote >= QUOTE_CURLY_DOUBLE ? 3 : 1;
}

size_t quote_length(const char *at, const char *end)
{
    return length_of(quote_of(at, end));
}

/* The low marks open only. */
static bool closes(enum quote opened, const char *at, const char *end)
{
    unsigned char last;

    if (quote_of(at, end) != opened)
        return false;
    last = (unsigned char)at[length_of(opened) - 1];
    return opened < QUOTE_CURLY_DOUBLE || (last != 0x9A && last != 0x9E);
}

/* A backslash and what it escapes. */
static bool put_escape(struct rewrite *rewrite, enum quote opened)
{
    const char *at = rewrite->at;

    if (rewrite->end - at < 2 || (unsigned char)at[1] < 0x20)
        return false;
    if (at[1] != '\'' || opened == QUOTE_DOUBLE || opened == QUOTE_CURLY_DOUBLE)
        buffer_put_byte(&rewrite->out, '\\');
    buffer_put_byte(&rewrite->out, at[1]);
    rewrite->at += 2;
    return true;
}

static bool put_control(struct rewrite *rewrite)
{
    static const char short_forms[] = "btn\0fr"; /* of U+0008 to U+000D */
    unsigned char byte = (unsigned char)*rewrite->at;
    char form = byte >= 8 && byte <= 13 ? short_forms[byte - 8] : '\0';

    if (form != '\0')
        buffer_printf(&rewrite->out, "\\%c", form);
    else
        buffer_printf(&rewrite->out, "\\u%04x", byte);
    return rewrite_edit(rewrite, JSON_EDIT_CONTROL_ESCAPED, rewrite->at++);
}

/* The text ended inside a value. Where line breaks, brackets or commas were taken for parts of the
 * string, it is not clear that it was to go on to the end. */
static bool put_missing_quote(struct rewrite *rewrite, const char *content, bool name)
{
    struct text tail = text_trim(text_between(content, rewrite->end));
    bool clear = tail.len > 0 && strchr("{}[]:,\"'", tail.at[tail.len - 1]) == NULL;

    for (const char *at = content; at < rewrite->end; at++)
        clear = clear && (unsigned char)*at >= 0x20;
    if (!rewrite->complete || rewrite->depth == 0 || name || !clear)
        return false;
    buffer_put_byte(&rewrite->out, '"');
    return rewrite_edit(rewrite, JSON_EDIT_STRING_CLOSED, rewrite->end);
}

static bool put_next(struct rewrite *rewrite, enum quote opened)
{
    char byte = *rewrite->at;

    if (byte == '\\')
        return put_escape(rewrite, opened);
    if ((unsigned char)byte < 0x20)
        return put_control(rewrite);
    if (byte == '"')
        buffer_put_byte(&rewrite->out, '\\');
    buffer_put_byte(&rewrite->out, byte);
    rewrite->at++;
    return true;
}

bool rewrite_string(struct rewrite *rewrite, bool name)
{
    enum quote opened = quote_of(rewrite->at, rewrite->end);
    const char *content = rewrite->at + length_of(opened);

    if (opened != QUOTE_DOUBLE && !rewrite_edit(rewrite, JSON_EDIT_QUOTES, rewrite->at))
        return false;
    buffer_put_byte(&rewrite->out, '"');
    for (rewrite->at = content; rewrite->at < rewrite->end;) {
        if (closes(opened, rewrite->at, rewrite->end)) {
            rewrite->at += length_of(opened);
            buffer_put_byte(&rewrite->out, '"');
            return true;
        }
        if (!put_next(rewrite, opened))
            return false;
    }
    return put_missing_quote(rewrite, content, name);
}
