/* The lines are written one by one, with what the walk found out about them. Then the result is
 * read again: should it mean anything else than before, it is not given. */
#include "document/yaml_format.h"

#include "document/place.h"
#include "document/utf8.h"
#include "document/yaml_format_internal.h"
#include "document/yaml_read.h"
#include "document/yaml_write.h"

static const struct text byte_order_mark = TEXT_INIT("\xEF\xBB\xBF");

/* -- scalars -- */

/* Whether it stands between double quotes as it is. */
static bool is_literal(struct text value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] == '"' || value.at[i] == '\\' || (unsigned char)value.at[i] < 0x20 ||
            value.at[i] == 0x7F)
            return false;
    return true;
}

struct text format_scalar(struct formatter *f, uint32_t at)
{
    const struct cell *cell = document_cell(f->document, at);
    struct range range = f->document->marks[at];
    struct text written =
        text_first(text_after(f->source, range.start.byte), range.end.byte - range.start.byte);
    struct text value = cell_text(cell);

    if (cell->type != CELL_STRING || cell->flags & CELL_PLAIN || written.len < 2 ||
        (written.at[0] != '"' && written.at[0] != '\''))
        return written;
    if (yaml_is_plain(value))
        return value;
    if (written.at[0] == '\'' && is_literal(value))
        return arena_printf(f->arena, "\"%.*s\"", TEXT_ARG(value));
    return written;
}

/* -- lines -- */

static size_t width_of(struct text text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return width;
}

static void put_spaces(struct buffer *out, size_t count)
{
    while (count-- > 0)
        buffer_put_byte(out, ' ');
}

static void trim_end(struct buffer *out, size_t from)
{
    while (out->len > from && format_is_blank(out->at[out->len - 1]))
        out->len--;
}

/* Where the comment of a line begins; its end when it has none. */
static size_t comment_of(const struct formatter *f, const struct format_line *line)
{
    size_t from = line->content > line->first ? line->content : line->first;

    for (size_t i = from; i < line->end; i++)
        if (f->source.at[i] == '#' && i > line->start && format_is_blank(f->source.at[i - 1]))
            return i;
    return line->end;
}

/* The bytes [from, to) with what is written otherwise; *next is the first edit not yet passed. */
static void put_edited(const struct formatter *f, size_t from, size_t to, size_t *next,
                       struct buffer *out)
{
    while (*next < f->edit_count && f->edits[*next].start < to) {
        const struct format_change *edit = &f->edits[*next];

        if (edit->start >= from && edit->end <= to) {
            buffer_put(out, text_between(f->source.at + from, f->source.at + edit->start));
            buffer_put(out, edit->instead);
            from = edit->end;
        }
        ++*next;
    }
    buffer_put(out, text_between(f->source.at + from, f->source.at + to));
}

/* A comment keeps its column, moved with its line, as long as there is room before it. */
static void put_content(const struct formatter *f, const struct format_line *line, size_t *next,
                        struct buffer *out)
{
    size_t comment = line->unfinished ? line->end : comment_of(f, line), from = out->len;
    size_t column = width_of(text_between(f->source.at + line->start, f->source.at + comment));
    size_t was = line->first - line->start, width;

    column = column - was + line->indent;
    put_spaces(out, line->indent);
    put_edited(f, line->first, comment, next, out);
    if (!line->unfinished)
        trim_end(out, from);
    if (comment == line->end)
        return;
    width = width_of(text_after(buffer_text(out), from));
    put_spaces(out, column > width || width == 0 ? column - width : 1);
    buffer_put(out, text_between(f->source.at + comment, f->source.at + line->end));
    trim_end(out, from);
}

static void put_body(const struct formatter *f, const struct format_line *line, struct buffer *out)
{
    size_t spaces = 0, from = line->start;

    while (from < line->end && spaces < line->was && f->source.at[from] == ' ') {
        from++;
        spaces++;
    }
    if (from == line->end)
        return; /* a blank line has none of the indentation */
    put_spaces(out, line->indent);
    buffer_put(out, text_between(f->source.at + from, f->source.at + line->end));
}

/* -- comments that stand alone -- */

/* The blocks that are open where the writing is, the innermost last. */
struct open_blocks {
    struct level levels[2 * YAML_DEPTH];
    size_t count;
};

static void open_line(struct open_blocks *open, const struct format_line *line)
{
    for (size_t i = 0; i < line->level_count; i++) {
        while (open->count > 0 && open->levels[open->count - 1].was >= line->levels[i].was)
            open->count--;
        if (open->count < sizeof open->levels / sizeof *open->levels)
            open->levels[open->count++] = line->levels[i];
    }
}

/* A comment belongs to what follows, when it has its column; else to the open block whose column it
 * has; else to what follows all the same. */
static size_t comment_indent(const struct open_blocks *open, const struct format_line *line)
{
    if (line->was == line->first - line->start)
        return line->indent;
    for (size_t i = open->count; i-- > 0;)
        if (open->levels[i].was == line->first - line->start)
            return open->levels[i].now;
    return line->indent;
}

/* Lines where nothing starts are indented as what follows them. */
static void look_ahead(struct formatter *f)
{
    size_t indent = 0, was = 0;

    for (size_t i = f->line_count; i-- > 0;) {
        struct format_line *line = &f->lines[i];

        if (line->kind == LINE_CONTENT) {
            indent = line->indent;
            was = line->first - line->start;
        } else if (line->kind == LINE_FREE) {
            line->indent = indent;
            line->was = was;
        }
    }
}

static void put_free(const struct formatter *f, const struct format_line *line,
                     const struct open_blocks *open, struct buffer *out)
{
    size_t from = out->len;

    put_spaces(out, f->source.at[line->first] == '#' ? comment_indent(open, line) : 0);
    buffer_put(out, text_between(f->source.at + line->first, f->source.at + line->end));
    trim_end(out, from);
}

void format_write(struct formatter *f, struct buffer *out)
{
    struct open_blocks open = {.count = 0};
    size_t next = 0;
    bool blank = false;

    look_ahead(f);
    for (size_t i = 0; i < f->line_count; i++) {
        const struct format_line *line = &f->lines[i];
        bool empty = line->first == line->end;

        if (empty && line->kind != LINE_BODY && line->kind != LINE_FOLD) {
            blank = out->len > 0;
            continue;
        }
        if (blank)
            buffer_put_byte(out, '\n');
        blank = false;
        if (line->kind == LINE_CONTENT)
            open_line(&open, line);
        if (line->kind == LINE_BODY)
            put_body(f, line, out);
        else if (line->kind == LINE_FREE)
            put_free(f, line, &open, out);
        else if (!empty)
            put_content(f, line, &next, out);
        buffer_put_byte(out, '\n');
    }
}

/* -- the whole -- */

static void split_lines(struct formatter *f)
{
    size_t count = 1, start = 0;

    for (size_t i = 0; i < f->source.len; i++)
        count += f->source.at[i] == '\n';
    f->lines = ARENA_ARRAY(f->arena, struct format_line, count);
    while (start < f->source.len) {
        struct format_line *line = &f->lines[f->line_count++];
        size_t end = start + text_find_byte(text_after(f->source, start), '\n');

        *line = (struct format_line){.start = start, .first = start, .end = end};
        if (line->end > start && f->source.at[line->end - 1] == '\r')
            line->end--;
        while (line->first < line->end && format_is_blank(f->source.at[line->first]))
            line->first++;
        start = end + 1;
    }
    if (f->line_count == 0)
        f->line_count = 1;
}

static bool is_same(const struct document *a, const struct document *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t at = 0; at < a->count; at++) {
        const struct cell *x = document_cell(a, at), *y = document_cell(b, at);

        if (x->type != y->type)
            return false;
        if (x->type >= CELL_ARRAY && (x->end != y->end || x->size != y->size))
            return false;
    }
    return document_equal(a, 0, b, 0);
}

/* Where something is that other programs would take for the end of a line, or for the beginning of
 * the file; SIZE_MAX: nowhere. */
static size_t odd_break(struct text source)
{
    static const struct text odd[] = {TEXT_INIT("\xEF\xBB\xBF"), TEXT_INIT("\xC2\x85"),
                                      TEXT_INIT("\xE2\x80\xA8"), TEXT_INIT("\xE2\x80\xA9")};

    for (size_t i = 0; i < source.len; i++) {
        struct text rest = text_after(source, i);

        if (rest.at[0] == '\r' && !text_starts(rest, TEXT("\r\n")))
            return i;
        for (size_t j = 0; (unsigned char)rest.at[0] > 0x7F && j < sizeof odd / sizeof *odd; j++)
            if (text_starts(rest, odd[j]))
                return i;
    }
    return SIZE_MAX;
}

static bool not_formatted(struct formatter *f, struct text file, const char *what, const char *hint,
                          struct diagnostics *diagnostics)
{
    struct range range = range_of_bytes(f->source, f->refused, f->refused + 1);

    diagnostic_hint(
        diagnostics,
        diagnose_file(diagnostics, file, f->source, range, DIAGNOSTIC_E0005, "%s", what), "%s",
        hint);
    return false;
}

static bool format_read(struct formatter *f, struct text file, struct diagnostics *diagnostics,
                        struct text *out)
{
    struct diagnostics unheard = {.arena = f->arena};
    struct buffer written = buffer_in(f->arena);
    struct document again;

    f->refused = odd_break(f->source);
    if (f->refused != SIZE_MAX)
        return not_formatted(f, file,
                             "a line break that is none to other programs is not formatted",
                             "write it as an escape in double quotes, or remove it", diagnostics);
    split_lines(f);
    format_walk(f);
    if (f->refused == SIZE_MAX)
        format_write(f, &written);
    *out = buffer_text(&written);
    if (f->refused == SIZE_MAX && yaml_read(*out, file, f->arena, &again, &unheard) &&
        unheard.error_count == 0 && is_same(f->document, &again))
        return true;
    f->refused = f->refused == SIZE_MAX ? 0 : f->refused;
    return not_formatted(f, file, "this way of writing a key or a value is not formatted",
                         "write 'key: value', the key first in its line", diagnostics);
}

bool yaml_format(struct text source, struct text file, struct arena *arena,
                 struct diagnostics *diagnostics, struct text *out)
{
    struct formatter f = {.arena = arena};
    size_t errors = diagnostics->error_count;
    struct document document;

    while (text_starts(source, byte_order_mark))
        source = text_after(source, byte_order_mark.len);
    if (!yaml_read(source, file, arena, &document, diagnostics) ||
        diagnostics->error_count > errors)
        return false;
    f.document = &document;
    f.source = source;
    return format_read(&f, file, diagnostics, out);
}
