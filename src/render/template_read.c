/* One pass over the text from tag to tag. What stands between two tags is a literal piece; a path
 * is split here, so that rendering only follows it. The pieces hold a copy of the text: the
 * document may go once its template is compiled.
 *
 * A tag other than a variable's that is alone on its line takes the line with it (Mustache:
 * standalone tags). Of the lines that stay, the first piece is marked, because the indentation of a
 * partial is written in front of them. */
#include "render/template_read.h"

enum { DELIMITER_BYTES = 16 };

struct reader {
    const struct template_origin *origin;
    struct text source;
    struct arena *arena;
    struct template_piece *pieces;
    size_t count, room;
    size_t literal_from;     /* byte after the last tag */
    bool line_start;         /* what the line begins with left no piece */
    bool alone;              /* the tag has its line for itself */
    struct text open, close; /* the delimiters */
    struct template_tag sections[SECTIONS_DEPTH_MAX];
    size_t section_pieces[SECTIONS_DEPTH_MAX], section_count;
    size_t too_deep; /* sections that are open beyond those */
    bool good, broken;
};

static bool is_line_start(const struct reader *r, size_t at)
{
    return at == 0 || r->source.at[at - 1] == '\n';
}

/* `from`: the byte of the source it begins with. */
static void add_piece(struct reader *r, size_t from, struct template_piece piece)
{
    size_t size = sizeof *r->pieces;

    if (r->count == r->room) {
        size_t room = r->room > 0 ? r->room * 2 : 8;

        r->pieces = arena_grow(r->arena, r->pieces, r->room * size, room * size);
        r->room = room;
    }
    piece.line_start = !r->alone && (r->line_start || is_line_start(r, from));
    r->line_start = false;
    r->pieces[r->count++] = piece;
}

static void add_literal(struct reader *r, size_t end)
{
    struct text literal = {r->source.at + r->literal_from, end - r->literal_from};

    if (literal.len > 0)
        add_piece(r, r->literal_from, (struct template_piece){.text = literal});
}

bool template_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '$' ||
           byte == '@' || (unsigned char)byte >= 0x80;
}

static bool is_name(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!template_name_byte(text.at[i]))
            return false;
    return text.len > 0;
}

/* Splits "a.b" into its steps; 0 when it is no path. */
static size_t split_path(struct text path, struct text steps[STEPS_MAX])
{
    size_t count = 0;

    if (path.len == 0 || path.at[path.len - 1] == '.')
        return 0;
    while (path.len > 0) {
        struct text step = text_split(&path, '.');

        if (count == STEPS_MAX || !is_name(step))
            return 0;
        steps[count++] = step;
    }
    return count;
}

/* Fills the path of a piece; false when the tag holds none. */
static bool read_path(struct reader *r, const struct template_tag *tag,
                      struct template_piece *piece)
{
    struct text steps[STEPS_MAX], *kept;
    size_t count = split_path(tag->inner, steps);

    if (text_equal(tag->inner, TEXT("."))) {
        piece->from = FROM_CURRENT;
        return true;
    }
    if (count == 0) {
        template_refuse_name(r->origin, tag);
        r->good = false;
        return false;
    }
    piece->from = count == 1 && text_equal(steps[0], TEXT("input")) ? FROM_INPUT : FROM_SCOPES;
    kept = ARENA_ARRAY(r->arena, struct text, count);
    memcpy(kept, steps, count * sizeof *kept);
    piece->steps = kept;
    piece->step_count = (uint32_t)count;
    return true;
}

/* --- what a tag does --- */

static void take_variable(struct reader *r, const struct template_tag *tag)
{
    struct template_piece piece = {.kind = PIECE_VALUE};

    if (read_path(r, tag, &piece))
        add_piece(r, tag->start, piece);
}

static void take_section(struct reader *r, const struct template_tag *tag)
{
    struct template_piece piece = {.kind = tag->sigil == '^' ? PIECE_INVERTED : PIECE_SECTION};

    if (r->section_count == SECTIONS_DEPTH_MAX) {
        if (r->too_deep++ == 0)
            template_refuse_depth(r->origin, tag);
        r->good = false;
        r->broken = true;
        return;
    }
    if (tag->sigil == '#' || tag->sigil == '^')
        read_path(r, tag, &piece);
    r->sections[r->section_count] = *tag;
    r->section_pieces[r->section_count++] = r->count;
    add_piece(r, tag->start, piece);
}

/* What begins a section, and is refused, is open all the same, without a path: so its end is not
 * refused once more. */
static void refuse_feature(struct reader *r, const struct template_tag *tag)
{
    template_refuse_feature(r->origin, tag);
    r->good = false;
    take_section(r, tag);
}

static void end_section(struct reader *r)
{
    size_t opening = r->section_pieces[--r->section_count];

    r->pieces[opening].inside = (uint32_t)(r->count - opening - 1);
}

/* Refuses the innermost sections, which nothing ends, but for those that were refused before. */
static void end_forgotten(struct reader *r, size_t depth)
{
    while (r->section_count > depth) {
        const struct template_tag *open = &r->sections[r->section_count - 1];

        if (!template_sigil_refused(open->sigil))
            template_refuse_unended(r->origin, open);
        r->good = false;
        r->broken = true;
        end_section(r);
    }
}

/* A misspelt end is one all the same. */
static void refuse_end(struct reader *r, const struct template_tag *tag)
{
    const struct template_tag *open =
        r->section_count > 0 ? &r->sections[r->section_count - 1] : NULL;

    template_refuse_end(r->origin, tag, open);
    r->good = false;
    if (open != NULL && nearest_name(tag->inner, &open->inner, 1).len > 0)
        end_section(r);
    else
        r->broken = true;
}

/* Where an outer section ends before the inner ones it is those that were forgotten. */
static void take_end(struct reader *r, const struct template_tag *tag)
{
    size_t depth = r->section_count;

    if (r->too_deep > 0) {
        r->too_deep--;
        return;
    }
    while (depth > 0 && !text_equal(r->sections[depth - 1].inner, tag->inner))
        depth--;
    if (depth == 0) {
        refuse_end(r, tag);
        return;
    }
    end_forgotten(r, depth);
    end_section(r);
}

/* `indent` is what stands before it where it is alone on its line. */
static void take_partial(struct reader *r, const struct template_tag *tag, struct text indent)
{
    struct text *name = ARENA_NEW(r->arena, struct text);
    struct template_piece piece = {
        .kind = PIECE_PARTIAL, .alone = r->alone, .step_count = 1, .steps = name, .text = indent};

    *name = tag->inner;
    if (is_name(*name)) {
        add_piece(r, tag->start, piece);
        return;
    }
    r->good = false;
    if (name->len > 0 && name->at[0] == '*')
        template_refuse_dynamic(r->origin, tag);
    else
        template_refuse_partial_name(r->origin, tag);
}

static bool is_delimiter(struct text text)
{
    return text.len > 0 && text.len <= DELIMITER_BYTES && text_find_byte(text, '=') == text.len;
}

static void take_delimiters(struct reader *r, const struct template_tag *tag)
{
    struct text rest = tag->inner, open;

    for (size_t i = 0; i < rest.len; i++)
        if (memchr("\t\r\n", rest.at[i], 3) != NULL)
            rest.len = 0;
    open = text_split(&rest, ' ');
    rest = text_trim(rest);
    if (is_delimiter(open) && is_delimiter(rest) && text_find_byte(rest, ' ') == rest.len) {
        r->open = open;
        r->close = rest;
        return;
    }
    template_refuse_delimiters(r->origin, tag);
    r->good = false;
}

static void take_tag_kind(struct reader *r, const struct template_tag *tag, struct text indent)
{
    switch (tag->sigil) {
    case '\0':
    case '{':
    case '&':
        take_variable(r, tag);
        break;
    case '#':
    case '^':
        take_section(r, tag);
        break;
    case '/':
        take_end(r, tag);
        break;
    case '>':
        take_partial(r, tag, indent);
        break;
    case '=':
        take_delimiters(r, tag);
        break;
    case '!':
        break;
    default:
        refuse_feature(r, tag);
        break;
    }
}

/* --- from tag to tag --- */

static void take_tag(struct reader *r, size_t start)
{
    struct template_tag tag = {.start = start, .open = r->open, .close = r->close};
    size_t from = start, end;
    bool variable, alone;

    if (!template_tag_read(r->source, &tag)) {
        template_refuse_open(r->origin, &tag);
        r->good = false;
        r->broken |= tag.sigil == '#' || tag.sigil == '^' || tag.sigil == '/' || tag.sigil == '=';
        r->literal_from = tag.end;
        return;
    }
    end = tag.end;
    variable = tag.sigil == '\0' || tag.sigil == '{' || tag.sigil == '&';
    alone = !variable && template_tag_alone(r->source, &from, &end);
    add_literal(r, from);
    r->alone = alone;
    r->line_start |= !alone && is_line_start(r, start);
    take_tag_kind(r, &tag, text_between(r->source.at + from, r->source.at + start));
    r->alone = false;
    r->literal_from = end;
}

bool template_read(const struct template_origin *origin, struct arena *arena, struct template *out,
                   bool *out_usable)
{
    struct reader r = {.origin = origin,
                       .source = origin->text,
                       .arena = arena,
                       .open = TEXT("{{"),
                       .close = TEXT("}}"),
                       .good = true};

    for (;;) {
        struct text rest = text_after(r.source, r.literal_from);
        size_t tag = text_find(rest, r.open);

        if (tag == rest.len)
            break;
        take_tag(&r, r.literal_from + tag);
    }
    add_literal(&r, r.source.len);
    end_forgotten(&r, 0);
    *out = (struct template){.pieces = r.pieces, .count = r.count};
    *out_usable = !r.broken;
    return r.good;
}
