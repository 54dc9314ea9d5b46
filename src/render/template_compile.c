/* One pass over the text from tag to tag. What stands between two tags is a literal piece; a
 * variable's path is split here and looked up in the input schema, so that rendering only follows
 * it. The pieces hold a copy of the text: the document may go once its template is compiled.
 *
 * The tags of Mustache that this version does not have are refused one by one with what to write
 * instead. Inside a section, which is refused, names may mean the section's items, so nothing is
 * said about those until it ends. */
#include "render/template_problem.h"

enum { STEPS_MAX = 32 }; /* of one path */

struct reader {
    struct template_origin origin;
    struct arena *arena;
    struct template_piece *pieces;
    size_t count, room;
    size_t literal_from; /* byte after the last tag */
    size_t sections;     /* refused ones that are open */
};

static void add_piece(struct reader *r, struct template_piece piece)
{
    size_t size = sizeof *r->pieces;

    if (r->count == r->room) {
        size_t room = r->room > 0 ? r->room * 2 : 8;

        r->pieces = arena_grow(r->arena, r->pieces, r->room * size, room * size);
        r->room = room;
    }
    r->pieces[r->count++] = piece;
}

static void add_literal(struct reader *r, size_t end)
{
    struct text literal = {r->origin.text.at + r->literal_from, end - r->literal_from};

    if (literal.len > 0)
        add_piece(r, (struct template_piece){.literal = literal});
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '$' ||
           byte == '@' || (unsigned char)byte >= 0x80;
}

/* Splits "a.b" into its steps; 0 when it is no path. */
static size_t split_path(struct text path, struct text steps[STEPS_MAX])
{
    size_t count = 0;

    if (path.len == 0 || path.at[path.len - 1] == '.')
        return 0;
    while (path.len > 0) {
        struct text step = text_split(&path, '.');

        if (step.len == 0 || count == STEPS_MAX)
            return 0;
        for (size_t i = 0; i < step.len; i++)
            if (!is_name_byte(step.at[i]))
                return 0;
        steps[count++] = step;
    }
    return count;
}

static bool is_known(const struct template_origin *origin, const struct text *steps, size_t count)
{
    const struct text *known;
    size_t known_count;

    if (count == 1 && text_equal(steps[0], TEXT("input")))
        return true;
    if (origin->input == NULL)
        return count == 1 && text_equal(steps[0], TEXT("message"));
    return schema_admits_path(origin->input, steps, count, &known, &known_count);
}

static void add_variable(struct reader *r, const struct template_tag *tag)
{
    struct text steps[STEPS_MAX], *kept;
    size_t count = split_path(tag->inner, steps);

    if (r->sections > 0)
        return;
    if (count == 0) {
        template_refuse_name(&r->origin, tag);
    } else if (!is_known(&r->origin, steps, count)) {
        template_refuse_unknown(&r->origin, steps, count);
    } else {
        kept = ARENA_ARRAY(r->arena, struct text, count);
        memcpy(kept, steps, count * sizeof *kept);
        add_piece(r, (struct template_piece){.steps = kept, .step_count = count});
    }
}

/* An opening counts until its end, which is not refused once more. */
static void refuse_feature(struct reader *r, const struct template_tag *tag)
{
    if (tag->sigil == '/' && r->sections > 0) {
        r->sections--;
        return;
    }
    template_refuse_feature(&r->origin, tag);
    r->sections += tag->sigil == '#' || tag->sigil == '^';
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* A comment alone on its line takes the line with it (Mustache: standalone tags). Moves *start and
 * *end over the blanks and the end of line. */
static void widen_to_line(struct text source, size_t *start, size_t *end)
{
    size_t from = *start, to = *end;

    while (from > 0 && is_blank(source.at[from - 1]))
        from--;
    while (to < source.len && is_blank(source.at[to]))
        to++;
    if (from > 0 && source.at[from - 1] != '\n')
        return;
    if (to + 1 < source.len && source.at[to] == '\r' && source.at[to + 1] == '\n')
        to++;
    if (to < source.len && source.at[to] != '\n')
        return;
    *start = from;
    *end = to < source.len ? to + 1 : to;
}

/* Where the text of a tag that begins at `at` ends: a comment's before }}, any other's before the
 * first brace, so that a tag left open does not swallow the next. */
static size_t inner_end(struct text source, size_t at, char sigil)
{
    if (sigil == '!')
        return at + text_find((struct text){source.at + at, source.len - at}, TEXT("}}"));
    while (at < source.len && source.at[at] != '{' && source.at[at] != '}')
        at++;
    return at;
}

/* Reads the tag at tag->start; false when it is not closed, with tag->end where its text stops. */
static bool read_tag(struct text source, struct template_tag *tag)
{
    size_t at = tag->start + 2, end;

    while (at < source.len && memchr(" \t\r\n", source.at[at], 4) != NULL)
        at++;
    tag->sigil = '\0';
    if (at < source.len && (source.at[at] == '!' || template_sigil_refused(source.at[at])) &&
        (source.at[at] != '{' || at == tag->start + 2))
        tag->sigil = source.at[at++];
    end = inner_end(source, at, tag->sigil);
    tag->inner = text_trim(text_between(source.at + at, source.at + end));
    tag->end = end;
    if (end + 2 > source.len || source.at[end] != '}' || source.at[end + 1] != '}')
        return false;
    tag->end = end + 2;
    if (tag->sigil == '{' && tag->end < source.len && source.at[tag->end] == '}')
        tag->end++;
    return true;
}

/* Handles the tag that starts at `start`; false when the rest cannot be told apart. */
static bool take_tag(struct reader *r, size_t start)
{
    struct template_tag tag = {.start = start};
    size_t end;

    if (!read_tag(r->origin.text, &tag)) {
        template_refuse_open(&r->origin, &tag);
        r->literal_from = tag.end;
        return true;
    }
    end = tag.end;
    if (tag.sigil == '!')
        widen_to_line(r->origin.text, &start, &end);
    add_literal(r, start);
    r->literal_from = end;
    if (tag.sigil == '\0')
        add_variable(r, &tag);
    else if (tag.sigil != '!')
        refuse_feature(r, &tag);
    return tag.sigil != '=';
}

bool template_compile(const struct document *document, uint32_t at, const struct schema *input,
                      struct arena *arena, struct diagnostics *diagnostics, struct template *out)
{
    size_t errors_before = diagnostics->error_count;
    struct reader r = {
        .origin = {document, at, arena_copy(arena, document_text(document, at)), input,
                   diagnostics},
        .arena = arena,
    };

    for (;;) {
        struct text rest = text_after(r.origin.text, r.literal_from);
        size_t tag = text_find(rest, TEXT("{{"));

        if (tag == rest.len || !take_tag(&r, r.literal_from + tag))
            break;
    }
    add_literal(&r, r.origin.text.len);
    *out = (struct template){r.pieces, r.count};
    return diagnostics->error_count == errors_before;
}
