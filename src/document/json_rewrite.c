/* A machine over tokens: what is due decides what may stand at a place, and each of the ways to be
 * wrong that can be mended is one branch. Commas are the only thing that is put or taken away
 * behind the place of reading, so the places of the last value and the last comma are kept; what is
 * moved for that is white space, and never twice. */
#include "document/json_rewrite.h"

enum { DEPTH_DEFAULT = 128, FIRST_EDITS = 8 };

void rewrite_init(struct rewrite *w, const struct json_repair_options *options, struct arena *arena)
{
    uint32_t depth = options->limits ? options->limits->depth : 0;

    *w = (struct rewrite){.arena = arena, .out = buffer_in(arena), .complete = options->complete};
    w->depth_max = depth > 0 ? depth : DEPTH_DEFAULT;
}

void rewrite_start(struct rewrite *w, struct text text)
{
    w->start = w->at = text.at;
    w->end = text.at + text.len;
    w->out.len = w->edit_count = 0;
    w->depth = 0;
    w->due = DUE_VALUE;
    w->wrote = WROTE_OTHER;
    w->parted = w->line_ended = w->started = false;
}

/* Kept in ascending order: only comments can have been recorded behind `at`. */
bool rewrite_edit(struct rewrite *w, enum json_edit_kind kind, const char *at)
{
    size_t offset = (size_t)(at - w->start), place = w->edit_count;

    if (w->edit_count == JSON_EDITS_MAX)
        return false;
    if (w->edit_count == w->edit_room) {
        size_t room = w->edit_room > 0 ? 2 * w->edit_room : FIRST_EDITS;

        w->edits = arena_grow(w->arena, w->edits, w->edit_room * sizeof *w->edits,
                              room * sizeof *w->edits);
        w->edit_room = room;
    }
    for (; place > 0 && w->edits[place - 1].offset > offset; place--)
        w->edits[place] = w->edits[place - 1];
    w->edits[place] = (struct json_edit){.kind = kind, .offset = offset};
    w->edit_count++;
    return true;
}

/* Makes room for `more` bytes at `place` in what was written, or takes one away (-1). */
static void shift_out(struct rewrite *w, size_t place, int more)
{
    size_t tail = w->out.len - place - (more < 0);

    if (more > 0)
        buffer_reserve(&w->out, 1);
    memmove(w->out.at + place + (more > 0), w->out.at + place + (more < 0), tail);
    w->out.len = more > 0 ? w->out.len + 1 : w->out.len - 1;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Whether a comment begins here that goes on to the end of the line. Python's are told from a
 * hashtag by what is behind the sign. */
static bool is_line_comment(const struct rewrite *w)
{
    const char *at = w->at;

    if (w->end - at < 2)
        return *at == '#';
    if (*at == '#')
        return is_blank(at[1]) || at[1] == '#';
    return at[0] == '/' && at[1] == '/';
}

/* Drops the comment that begins here, if one does. What a comment hides at the end of the text may
 * have been members, on a line whose breaks were lost: inside a container it must end before. One
 * that does not end takes the rest of the text with it. */
static bool drop_comment(struct rewrite *w, bool *dropped)
{
    struct text rest = text_between(w->at, w->end);
    size_t len;
    bool ends;

    *dropped = true;
    if (is_line_comment(w)) {
        len = text_find_byte(rest, '\n');
        ends = len < rest.len || w->depth == 0;
    } else if (text_starts(rest, TEXT("/*"))) {
        len = text_find(text_after(rest, 2), TEXT("*/")) + 4;
        ends = len <= rest.len;
    } else {
        *dropped = false;
        return true;
    }
    w->at = ends ? rest.at + len : w->end;
    buffer_put_byte(&w->out, ' ');
    return ends && rewrite_edit(w, JSON_EDIT_COMMENT, rest.at);
}

bool rewrite_blank(struct rewrite *w)
{
    while (w->at < w->end) {
        bool dropped;

        if (is_blank(*w->at)) {
            w->line_ended = w->line_ended || *w->at == '\n';
            buffer_put_byte(&w->out, *w->at++);
        } else if (!drop_comment(w, &dropped)) {
            return false;
        } else if (!dropped) {
            return true;
        }
        w->parted = true;
    }
    return true;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Letters of any script; punctuation beyond ASCII (U+0080 to U+00BF, U+2000 to U+2BFF, U+3000 to
 * U+303F, U+FF00 to U+FF3F) is not meant as a part of a name. */
static size_t letter_length(const char *at, const char *end)
{
    unsigned char byte = at < end ? (unsigned char)*at : 0;
    unsigned char lower = byte | 0x20;

    if (byte < 0x80)
        return (lower >= 'a' && lower <= 'z') || byte == '_' || byte == '$';
    if (byte == 0xC2 || (byte == 0xE2 && end - at > 1 && (unsigned char)at[1] <= 0xAF))
        return 0;
    if (end - at > 1 && ((byte == 0xE3 && at[1] == '\x80') || (byte == 0xEF && at[1] == '\xBC')))
        return 0;
    return 1;
}

static struct text word_at(const struct rewrite *w)
{
    const char *at = w->at;
    size_t len = letter_length(at, w->end);

    while (len > 0) {
        at += len;
        len = letter_length(at, w->end);
        if (len == 0 && at < w->end && (is_digit(*at) || *at == '-'))
            len = 1;
    }
    return text_between(w->at, at);
}

/* The words that stand for values: as JSON writes them, and as Python does. */
static const struct {
    struct text written, meant;
} words[] = {
    {TEXT_INIT("true"), TEXT_INIT("true")},   {TEXT_INIT("false"), TEXT_INIT("false")},
    {TEXT_INIT("null"), TEXT_INIT("null")},   {TEXT_INIT("True"), TEXT_INIT("true")},
    {TEXT_INIT("False"), TEXT_INIT("false")}, {TEXT_INIT("None"), TEXT_INIT("null")},
};

static const struct text *meaning_of(struct text word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(words[i].written, word))
            return &words[i].meant;
    return NULL;
}

static bool value_done(struct rewrite *w, enum rewritten wrote)
{
    w->due = w->depth == 0 ? DUE_NOTHING : DUE_NEXT;
    w->started = w->started || w->depth > 0 || wrote == WROTE_CONTAINER;
    w->wrote = wrote;
    w->parted = w->line_ended = false;
    w->value_at = w->at;
    w->value_out = w->out.len;
    return true;
}

static bool put_word(struct rewrite *w)
{
    struct text word = word_at(w);
    const struct text *meant = meaning_of(word);

    if (meant == NULL)
        return false;
    if (!text_equal(word, *meant) && !rewrite_edit(w, JSON_EDIT_WORD, w->at))
        return false;
    buffer_put(&w->out, *meant);
    w->at += word.len;
    return value_done(w, WROTE_OTHER);
}

static bool put_number(struct rewrite *w)
{
    const char *at = w->at;

    while (at < w->end && (is_digit(*at) || memchr("+-.eE", *at, 5) != NULL))
        at++;
    buffer_put(&w->out, text_between(w->at, at));
    w->at = at;
    return value_done(w, WROTE_NUMBER);
}

static bool open_container(struct rewrite *w)
{
    bool object = *w->at == '{';

    if (w->depth == w->depth_max) {
        w->started = true;
        return false;
    }
    w->object[w->depth++] = object;
    buffer_put_byte(&w->out, *w->at++);
    w->due = object ? DUE_FIRST_NAME : DUE_FIRST_ITEM;
    return true;
}

static bool drop_comma(struct rewrite *w)
{
    shift_out(w, w->comma_out, -1);
    return rewrite_edit(w, JSON_EDIT_COMMA_REMOVED, w->comma_at);
}

static char closer(const struct rewrite *w)
{
    return w->object[w->depth - 1] ? '}' : ']';
}

/* Whether the innermost container may end here. */
static bool may_close(const struct rewrite *w)
{
    return w->depth > 0 && w->due != DUE_VALUE && w->due != DUE_COLON;
}

static bool close_container(struct rewrite *w)
{
    if ((w->due == DUE_ITEM || w->due == DUE_NAME) && !drop_comma(w))
        return false;
    buffer_put_byte(&w->out, closer(w));
    w->at++;
    w->depth--;
    return value_done(w, WROTE_CONTAINER);
}

/* The text ended with containers open. */
static bool close_all(struct rewrite *w)
{
    if (!w->complete || !may_close(w))
        return false;
    if ((w->due == DUE_ITEM || w->due == DUE_NAME) && !drop_comma(w))
        return false;
    for (; w->depth > 0; w->depth--) {
        buffer_put_byte(&w->out, closer(w));
        if (!rewrite_edit(w, JSON_EDIT_BRACKET_CLOSED, w->end))
            return false;
    }
    return value_done(w, WROTE_CONTAINER);
}

static bool put_value(struct rewrite *w)
{
    if (*w->at == '{' || *w->at == '[')
        return open_container(w);
    if (quote_length(w->at, w->end) > 0)
        return rewrite_string(w, false) && value_done(w, WROTE_OTHER);
    if (is_digit(*w->at) || *w->at == '-')
        return put_number(w);
    return put_word(w);
}

static bool put_name(struct rewrite *w)
{
    struct text word = word_at(w);

    w->due = DUE_COLON;
    if (quote_length(w->at, w->end) > 0)
        return rewrite_string(w, true);
    if (word.len == 0 || meaning_of(word) != NULL || !rewrite_edit(w, JSON_EDIT_NAME_QUOTED, w->at))
        return false;
    buffer_put_byte(&w->out, '"');
    buffer_put(&w->out, word);
    buffer_put_byte(&w->out, '"');
    w->at += word.len;
    return true;
}

static bool put_colon(struct rewrite *w)
{
    if (*w->at != ':')
        return false;
    buffer_put_byte(&w->out, *w->at++);
    w->due = DUE_VALUE;
    w->started = true;
    return true;
}

static void expect_another(struct rewrite *w)
{
    w->due = w->object[w->depth - 1] ? DUE_NAME : DUE_ITEM;
}

/* Whether a string was written last that has a comma before its closing quotation mark. */
static bool comma_inside(const struct rewrite *w)
{
    return w->value_out >= 2 && memcmp(w->out.at + w->value_out - 2, ",\"", 2) == 0;
}

/* Whether another member or item begins here, so that only the comma is missing. Two strings or
 * words that touch are rather one that has a quotation mark inside, two numbers on a line may be
 * one with its thousands set apart, and a comma at the end of a string may be the missing one. */
static bool lacks_comma(const struct rewrite *w)
{
    bool number = is_digit(*w->at) || *w->at == '-';

    if ((!w->parted && w->wrote != WROTE_CONTAINER) || comma_inside(w))
        return false;
    if (number && w->wrote == WROTE_NUMBER && !w->line_ended)
        return false;
    return number || *w->at == '{' || *w->at == '[' || quote_length(w->at, w->end) > 0 ||
           letter_length(w->at, w->end) > 0;
}

static bool put_next(struct rewrite *w)
{
    if (*w->at == ',') {
        w->comma_at = w->at++;
        w->comma_out = w->out.len;
        buffer_put_byte(&w->out, ',');
        expect_another(w);
        return true;
    }
    if (!lacks_comma(w) || !rewrite_edit(w, JSON_EDIT_COMMA_ADDED, w->value_at))
        return false;
    shift_out(w, w->value_out, 1);
    w->out.at[w->value_out] = ',';
    expect_another(w);
    return true;
}

static bool put_token(struct rewrite *w)
{
    if (may_close(w) && *w->at == closer(w))
        return close_container(w);
    switch (w->due) {
    case DUE_FIRST_NAME:
    case DUE_NAME:
        return put_name(w);
    case DUE_COLON:
        return put_colon(w);
    case DUE_NEXT:
        return put_next(w);
    default:
        return put_value(w);
    }
}

bool rewrite_value(struct rewrite *w)
{
    while (w->due != DUE_NOTHING) {
        if (!rewrite_blank(w))
            return false;
        if (!(w->at == w->end ? close_all(w) : put_token(w)))
            return false;
    }
    return true;
}
