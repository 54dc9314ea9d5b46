/* Down the tree, with the column at which each block will stand. It nests as deep as the reader
 * lets a document be. What stands between two tokens of one line is replaced when it is nothing but
 * blanks and the mark that belongs there. */
#include "base/check.h"
#include "document/yaml_format_internal.h"

#include <stdlib.h>

static size_t start_of(const struct formatter *f, uint32_t at)
{
    return f->document->marks[at].start.byte;
}

static size_t end_of(const struct formatter *f, uint32_t at)
{
    return f->document->marks[at].end.byte;
}

size_t format_line_at(const struct formatter *f, size_t byte)
{
    size_t low = 0, high = f->line_count;

    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;

        if (f->lines[middle].start <= byte)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void edit(struct formatter *f, size_t start, size_t end, struct text instead)
{
    struct text now = text_first(text_after(f->source, start), end - start);

    if (text_equal(now, instead))
        return;
    if (f->edit_count == f->edit_room) {
        size_t room = f->edit_room ? f->edit_room * 2 : 64;

        f->edits = arena_grow(f->arena, f->edits, f->edit_room * sizeof *f->edits,
                              room * sizeof *f->edits);
        f->edit_room = room;
    }
    f->edits[f->edit_count++] = (struct format_edit){start, end, instead};
}

/* The bytes [from, to) of one line, when they are blanks and at most the one byte `mark`, become
 * `instead`. */
static void edit_gap(struct formatter *f, size_t from, size_t to, char mark, struct text instead)
{
    size_t marks = 0;

    if (from > to || to > f->source.len)
        return;
    for (size_t i = from; i < to; i++) {
        if (f->source.at[i] == mark)
            marks++;
        else if (!format_is_blank(f->source.at[i]))
            return;
    }
    if (marks == (mark != ' ' ? 1u : marks))
        edit(f, from, to, instead);
}

static void note_end(struct formatter *f, size_t byte)
{
    struct format_line *line = &f->lines[format_line_at(f, byte > 0 ? byte - 1 : 0)];

    if (byte > line->content)
        line->content = byte;
}

static void refuse(struct formatter *f, size_t byte)
{
    if (f->refused == SIZE_MAX)
        f->refused = byte;
}

static void add_level(struct format_line *line, size_t was, size_t now)
{
    if (line->level_count < LEVELS_MAX)
        line->levels[line->level_count++] = (struct level){was, now};
}

/* Something of a block starts at `byte`, and will stand at `column`: first in its line, or behind
 * dashes. */
static void place(struct formatter *f, size_t byte, size_t column)
{
    struct format_line *line = &f->lines[format_line_at(f, byte)];

    for (size_t i = line->first; i < byte; i++)
        if (f->source.at[i] != '-' && !format_is_blank(f->source.at[i])) {
            refuse(f, byte);
            return;
        }
    if (line->first == byte) {
        line->kind = LINE_CONTENT;
        line->indent = column;
    }
    add_level(line, byte - line->start, column);
}

/* Lines behind the first of what spans several. */
static void continue_lines(struct formatter *f, size_t start, size_t end, enum line_kind kind,
                           size_t indent)
{
    size_t first = format_line_at(f, start), last = format_line_at(f, end > start ? end - 1 : end);

    for (size_t i = first; i <= last; i++) {
        f->lines[i].unfinished |= kind == LINE_FOLD && i < last;
        if (i == first)
            continue;
        f->lines[i].kind = kind;
        f->lines[i].indent = indent;
    }
}

static void walk_scalar(struct formatter *f, uint32_t at, size_t indent)
{
    size_t start = start_of(f, at), end = end_of(f, at);

    note_end(f, end);
    if (format_line_at(f, start) == format_line_at(f, end > start ? end - 1 : end))
        edit(f, start, end, format_scalar(f, at));
    else
        continue_lines(f, start, end, LINE_FOLD, indent);
}

/* -- block scalars -- */

static size_t count_spaces(struct text source, size_t byte)
{
    size_t count = 0;

    while (byte + count < source.len && source.at[byte + count] == ' ')
        count++;
    return count;
}

/* Whether trailing blank lines belong to the text, and how far it says to be indented; 0: it shows.
 */
static size_t read_header(struct text header, bool *keeps)
{
    size_t indicated = 0;

    *keeps = false;
    for (size_t i = 1; i < header.len && !format_is_blank(header.at[i]); i++) {
        *keeps |= header.at[i] == '+';
        if (header.at[i] >= '1' && header.at[i] <= '9')
            indicated = (size_t)(header.at[i] - '0');
    }
    return indicated;
}

/* The last line of the text: also blank ones that are kept, or longer than the indentation. */
static size_t last_body_line(const struct formatter *f, size_t header, size_t last, size_t was,
                             bool keeps)
{
    size_t found = last;

    for (size_t i = last > header ? last + 1 : header + 1; i < f->line_count; i++) {
        if (f->lines[i].first < f->lines[i].end)
            break;
        if (keeps || f->lines[i].end - f->lines[i].start > was)
            found = i;
    }
    return found;
}

/* `parent` is the column of the block that holds it, as it was. */
static void walk_block_scalar(struct formatter *f, uint32_t at, size_t parent, size_t indent)
{
    size_t start = start_of(f, at), header = format_line_at(f, start), last, was = 0;
    struct text line = text_first(text_after(f->source, start), f->lines[header].end - start);
    bool keeps;
    size_t indicated = read_header(line, &keeps);

    note_end(f, start + 1);
    last = format_line_at(f, end_of(f, at) > start ? end_of(f, at) - 1 : start);
    if (indicated > 0)
        was = parent + indicated;
    for (size_t i = header + 1; indicated == 0 && i <= last && was == 0; i++)
        if (f->lines[i].first < f->lines[i].end)
            was = count_spaces(f->source, f->lines[i].start);
    if (was == 0)
        was = SIZE_MAX; /* nothing but blanks, of which none belongs to the text */
    if (indicated > 0)
        indent = indent - 2 + indicated;
    last = last_body_line(f, header, last, was, keeps);
    for (size_t i = header + 1; i <= last; i++) {
        f->lines[i].kind = LINE_BODY;
        f->lines[i].indent = indent;
        f->lines[i].was = was;
    }
}

static bool is_block_scalar(const struct formatter *f, uint32_t at)
{
    size_t start = start_of(f, at);

    return f->document->cells[at].type == CELL_STRING && start < end_of(f, at) &&
           (f->source.at[start] == '|' || f->source.at[start] == '>') &&
           !(f->document->cells[at].flags & CELL_PLAIN);
}

/* -- brackets -- */

static bool is_flow(const struct formatter *f, uint32_t at)
{
    size_t start = start_of(f, at);

    return start < f->source.len && (f->source.at[start] == '{' || f->source.at[start] == '[') &&
           end_of(f, at) > start + 1;
}

static bool is_absent(const struct formatter *f, uint32_t at)
{
    return f->document->cells[at].type == CELL_NULL && start_of(f, at) == end_of(f, at);
}

static void render(struct formatter *f, uint32_t at, struct buffer *out)
{
    const struct cell *cell = document_cell(f->document, at);
    bool object = cell->type == CELL_OBJECT;

    if (is_absent(f, at)) {
        buffer_put(out, TEXT("null"));
        return;
    }
    if (cell->type < CELL_ARRAY) {
        buffer_put(out, format_scalar(f, at));
        return;
    }
    buffer_put_byte(out, object ? '{' : '[');
    for (uint32_t i = at + 1; i < cell->end; i = document_next(f->document, i)) {
        buffer_put(out, i > at + 1 ? TEXT(", ") : TEXT(""));
        if (object) {
            buffer_put(out, format_scalar(f, i));
            buffer_put(out, TEXT(": "));
            i++;
        }
        render(f, i, out);
    }
    buffer_put_byte(out, object ? '}' : ']');
}

static void walk_flow(struct formatter *f, uint32_t at, size_t indent, size_t closing);
static void walk_flow_members(struct formatter *f, uint32_t at, size_t before, size_t indent);

/* What stands in brackets over several lines keeps its lines; within each it is as elsewhere. */
static void walk_flow_item(struct formatter *f, uint32_t at, size_t indent)
{
    bool container = document_cell(f->document, at)->type >= CELL_ARRAY;

    if (container && is_flow(f, at))
        walk_flow(f, at, indent + 2, indent);
    else if (container)
        walk_flow_members(f, at, start_of(f, at), indent);
    else if (!is_absent(f, at))
        walk_scalar(f, at, indent);
}

/* Where what is written of it ends: a mapping without brackets of its own ends with its value. */
static size_t flow_end(const struct formatter *f, uint32_t at)
{
    const struct cell *cell = document_cell(f->document, at);

    if (cell->type < CELL_ARRAY || is_flow(f, at) || cell->size == 0)
        return end_of(f, at);
    return is_absent(f, at + 2) ? end_of(f, at + 1) : end_of(f, at + 2);
}

static bool same_line(const struct formatter *f, size_t a, size_t b)
{
    return format_line_at(f, a) == format_line_at(f, b);
}

/* The first of them stands behind the byte `before`. */
static void walk_flow_members(struct formatter *f, uint32_t at, size_t before, size_t indent)
{
    const struct cell *cell = document_cell(f->document, at);

    for (uint32_t i = at + 1; i < cell->end; i = document_next(f->document, i)) {
        uint32_t value = cell->type == CELL_OBJECT ? i + 1 : i;

        if (same_line(f, before > 0 ? before - 1 : 0, start_of(f, i)))
            edit_gap(f, before, start_of(f, i), i > at + 1 ? ',' : ' ',
                     i > at + 1 ? TEXT(", ") : TEXT(""));
        if (value != i) {
            walk_scalar(f, i, indent);
            if (!is_absent(f, value) && same_line(f, end_of(f, i), start_of(f, value)))
                edit_gap(f, end_of(f, i), start_of(f, value), ':', TEXT(": "));
        }
        walk_flow_item(f, value, indent);
        before = value != i && is_absent(f, value) ? end_of(f, i) : flow_end(f, value);
        i = value;
    }
}

/* Its further lines stand at `indent`, a bracket alone in its line at `closing`. */
static void walk_flow(struct formatter *f, uint32_t at, size_t indent, size_t closing)
{
    size_t start = start_of(f, at), end = end_of(f, at);
    struct format_line *last;
    struct buffer out = buffer_in(f->arena);

    note_end(f, end);
    if (same_line(f, start, end - 1)) {
        render(f, at, &out);
        edit(f, start, end, buffer_text(&out));
        return;
    }
    continue_lines(f, start, end, LINE_FLOW, indent);
    last = &f->lines[format_line_at(f, end - 1)];
    if (last->first == end - 1)
        last->indent = closing;
    walk_flow_members(f, at, start + 1, indent);
}

/* -- blocks -- */

static void walk(struct formatter *f, uint32_t at, size_t indent);

/* A value behind `from`, the byte behind its key and `mark` or its dash, all as they were; the
 * block that holds it stood at `parent` and will at `indent`. */
static void walk_value(struct formatter *f, uint32_t at, size_t from, char mark, size_t parent,
                       size_t indent)
{
    bool here = same_line(f, from > 0 ? from - 1 : 0, start_of(f, at));
    bool block = document_cell(f->document, at)->type >= CELL_ARRAY && !is_flow(f, at);

    if (is_absent(f, at)) {
        if (mark == ':' && here && start_of(f, at) >= from)
            edit_gap(f, from, start_of(f, at), mark, TEXT(":"));
        return;
    }
    if (here)
        edit_gap(f, from, start_of(f, at), mark, mark == ':' ? TEXT(": ") : TEXT(" "));
    else if (!block)
        place(f, start_of(f, at), indent + 2);
    if (is_block_scalar(f, at))
        walk_block_scalar(f, at, parent, indent + 2);
    else if (block)
        walk(f, at, indent + 2);
    else if (document_cell(f->document, at)->type >= CELL_ARRAY)
        walk_flow(f, at, indent + 2, indent + 2);
    else
        walk_scalar(f, at, indent + 2);
}

static size_t column_of(const struct formatter *f, size_t byte)
{
    return byte - f->lines[format_line_at(f, byte)].start;
}

static void walk_mapping(struct formatter *f, uint32_t at, size_t indent)
{
    uint32_t end = document_next(f->document, at);

    for (uint32_t key = at + 1; key < end; key = document_next(f->document, key + 1)) {
        size_t start = start_of(f, key), behind = end_of(f, key);

        if (!same_line(f, start, behind > start ? behind - 1 : start)) {
            refuse(f, start);
            return;
        }
        place(f, start, indent);
        walk_scalar(f, key, indent);
        walk_value(f, key + 1, behind, ':', column_of(f, start), indent);
    }
}

/* The next dash from `byte` on: only blanks, line breaks and comments are before it. */
static size_t find_dash(const struct formatter *f, size_t byte)
{
    while (byte < f->source.len) {
        if (f->source.at[byte] == '#')
            byte += text_find_byte(text_after(f->source, byte), '\n');
        else if (format_is_blank(f->source.at[byte]) || f->source.at[byte] == '\n')
            byte++;
        else
            break;
    }
    return byte;
}

static void walk_sequence(struct formatter *f, uint32_t at, size_t indent)
{
    size_t byte = start_of(f, at);
    uint32_t end = document_next(f->document, at);

    for (uint32_t item = at + 1; item < end; item = document_next(f->document, item)) {
        size_t dash = find_dash(f, byte);

        if (dash >= f->source.len || f->source.at[dash] != '-') {
            refuse(f, start_of(f, item));
            return;
        }
        place(f, dash, indent);
        note_end(f, dash + 1);
        walk_value(f, item, dash + 1, ' ', column_of(f, dash), indent);
        byte = end_of(f, item) > dash ? end_of(f, item) : dash + 1;
    }
}

static void walk(struct formatter *f, uint32_t at, size_t indent)
{
    if (document_cell(f->document, at)->type == CELL_OBJECT)
        walk_mapping(f, at, indent);
    else
        walk_sequence(f, at, indent);
}

static int by_start(const void *a, const void *b)
{
    size_t x = ((const struct format_edit *)a)->start, y = ((const struct format_edit *)b)->start;

    return (x > y) - (x < y);
}

void format_walk(struct formatter *f)
{
    const struct cell *root = document_cell(f->document, 0);

    if (root->type < CELL_ARRAY) {
        walk_scalar(f, 0, 0);
    } else if (root->size > 0 && is_flow(f, 0)) {
        place(f, start_of(f, 0), 0);
        walk_flow(f, 0, 2, 0);
    } else if (root->size > 0) {
        walk(f, 0, 0);
    }
    if (f->edit_count > 0)
        qsort(f->edits, f->edit_count, sizeof *f->edits, by_start);
}
