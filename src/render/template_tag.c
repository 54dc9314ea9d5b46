/* Where a tag ends. One that is not closed stops where the next one begins, so that it does not
 * swallow it and a text of nothing but openings is read in one pass. */
#include "render/template_read.h"

enum { DELIMITERS_BYTES = 64 }; /* of the text between {{= and =}} */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

bool template_tag_alone(struct text source, size_t *start, size_t *end)
{
    size_t from = *start, to = *end;

    while (from > 0 && is_blank(source.at[from - 1]))
        from--;
    while (to < source.len && is_blank(source.at[to]))
        to++;
    if (from > 0 && source.at[from - 1] != '\n')
        return false;
    if (to + 1 < source.len && source.at[to] == '\r' && source.at[to + 1] == '\n')
        to++;
    if (to < source.len && source.at[to] != '\n')
        return false;
    *start = from;
    *end = to < source.len ? to + 1 : to;
    return true;
}

static bool stands_at(struct text source, size_t at, struct text what)
{
    return source.len - at >= what.len && memcmp(source.at + at, what.at, what.len) == 0;
}

static bool is_default(struct text open)
{
    return text_equal(open, TEXT("{{"));
}

/* Where the text of a tag that begins at `at` ends: a comment's before the closing delimiter, that
 * of delimiters before the '=', any other's before the first delimiter or brace, so that a tag left
 * open does not swallow the next. */
static size_t inner_end(const struct template_tag *tag, struct text source, size_t at)
{
    struct text rest = text_after(source, at), ending = text_first(rest, DELIMITERS_BYTES);
    bool braces = is_default(tag->open) || tag->sigil == '{';

    if (tag->sigil == '!')
        return at + text_find(rest, tag->close);
    if (tag->sigil == '=' && text_find_byte(ending, '=') < ending.len)
        return at + text_find_byte(ending, '=');
    while (at < source.len && !stands_at(source, at, tag->close) &&
           !stands_at(source, at, tag->open) &&
           !(braces && (source.at[at] == '{' || source.at[at] == '}')))
        at++;
    return at;
}

static bool is_sigil(char byte)
{
    return memchr("#^/>&=!", byte, 7) != NULL || template_sigil_refused(byte);
}

/* Takes `what` at tag->end; false when it is not there. */
static bool take_ending(struct text source, struct template_tag *tag, struct text what)
{
    if (!stands_at(source, tag->end, what))
        return false;
    tag->end += what.len;
    return true;
}

bool template_tag_read(struct text source, struct template_tag *tag)
{
    size_t at = tag->start + tag->open.len, behind = at;

    while (at < source.len && memchr(" \t\r\n", source.at[at], 4) != NULL)
        at++;
    if (at < source.len && !stands_at(source, at, tag->close) &&
        (is_sigil(source.at[at]) || (source.at[at] == '{' && at == behind)))
        tag->sigil = source.at[at++];
    tag->end = inner_end(tag, source, at);
    tag->inner = text_trim(text_between(source.at + at, source.at + tag->end));
    return (tag->sigil != '=' || take_ending(source, tag, TEXT("="))) &&
           (tag->sigil != '{' || take_ending(source, tag, TEXT("}"))) &&
           take_ending(source, tag, tag->close);
}
