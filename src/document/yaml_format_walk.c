/* Down the tree, with the column at which each block will stand. It nests as deep as the reader
 * lets a document be. What stands between two tokens of one line is replaced when it is nothing but
 * blanks and the mark that belongs there. */
#include "document/yaml_format_internal.h"

#include <stdlib.h>

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
    size_t start = format_start(f, at), header = format_line_at(f, start), last, was = 0;
    struct text line = text_first(text_after(f->source, start), f->lines[header].end - start);
    bool keeps;
    size_t indicated = read_header(line, &keeps);

    format_note_end(f, start + 1);
    last = format_line_at(f, format_end(f, at) > start ? format_end(f, at) - 1 : start);
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
    size_t start = format_start(f, at);

    return f->document->cells[at].type == CELL_STRING && start < format_end(f, at) &&
           (f->source.at[start] == '|' || f->source.at[start] == '>') &&
           !(f->document->cells[at].flags & CELL_PLAIN);
}

/* -- blocks -- */

static void walk(struct formatter *f, uint32_t at, size_t indent);

/* A value behind `from`, the byte behind its key and `mark` or its dash, all as they were; the
 * block that holds it stood at `parent` and will at `indent`. */
static void walk_value(struct formatter *f, uint32_t at, size_t from, char mark, size_t parent,
                       size_t indent)
{
    bool here = format_same_line(f, from > 0 ? from - 1 : 0, format_start(f, at));
    bool block = document_cell(f->document, at)->type >= CELL_ARRAY && !format_is_flow(f, at);

    if (format_is_absent(f, at)) {
        if (mark == ':' && here && format_start(f, at) >= from)
            format_edit_gap(f, from, format_start(f, at), mark, TEXT(":"));
        return;
    }
    if (here)
        format_edit_gap(f, from, format_start(f, at), mark, mark == ':' ? TEXT(": ") : TEXT(" "));
    else if (!block)
        format_place(f, format_start(f, at), indent + 2);
    if (is_block_scalar(f, at))
        walk_block_scalar(f, at, parent, indent + 2);
    else if (block)
        walk(f, at, indent + 2);
    else if (document_cell(f->document, at)->type >= CELL_ARRAY)
        format_walk_flow(f, at, indent + 2, indent + 2);
    else
        format_walk_scalar(f, at, indent + 2);
}

static size_t column_of(const struct formatter *f, size_t byte)
{
    return byte - f->lines[format_line_at(f, byte)].start;
}

static void walk_mapping(struct formatter *f, uint32_t at, size_t indent)
{
    uint32_t end = document_next(f->document, at);

    for (uint32_t key = at + 1; key < end; key = document_next(f->document, key + 1)) {
        size_t start = format_start(f, key), behind = format_end(f, key);

        if (!format_same_line(f, start, behind > start ? behind - 1 : start)) {
            format_refuse(f, start);
            return;
        }
        format_place(f, start, indent);
        format_walk_scalar(f, key, indent);
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
    size_t byte = format_start(f, at);
    uint32_t end = document_next(f->document, at);

    for (uint32_t item = at + 1; item < end; item = document_next(f->document, item)) {
        size_t dash = find_dash(f, byte);

        if (dash >= f->source.len || f->source.at[dash] != '-') {
            format_refuse(f, format_start(f, item));
            return;
        }
        format_place(f, dash, indent);
        format_note_end(f, dash + 1);
        walk_value(f, item, dash + 1, ' ', column_of(f, dash), indent);
        byte = format_end(f, item) > dash ? format_end(f, item) : dash + 1;
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
    size_t x = ((const struct format_change *)a)->start,
           y = ((const struct format_change *)b)->start;

    return (x > y) - (x < y);
}

void format_walk(struct formatter *f)
{
    const struct cell *root = document_cell(f->document, 0);

    if (root->type < CELL_ARRAY) {
        format_walk_scalar(f, 0, 0);
    } else if (root->size > 0 && format_is_flow(f, 0)) {
        format_place(f, format_start(f, 0), 0);
        format_walk_flow(f, 0, 2, 0);
    } else if (root->size > 0) {
        walk(f, 0, 0);
    }
    if (f->edit_count > 0)
        qsort(f->edits, f->edit_count, sizeof *f->edits, by_start);
}
