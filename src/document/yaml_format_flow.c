/* What stands in brackets: in one line it is written anew; over several lines it keeps them. It
 * nests as deep as the reader lets a document be. */
#include "document/yaml_format_internal.h"

static void render(struct formatter *f, uint32_t at, struct buffer *out)
{
    const struct cell *cell = document_cell(f->document, at);
    bool object = cell->type == CELL_OBJECT;

    if (format_is_absent(f, at)) {
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

static void walk_flow_members(struct formatter *f, uint32_t at, size_t before, size_t indent);

/* What stands in brackets over several lines keeps its lines; within each it is as elsewhere. */
static void walk_flow_item(struct formatter *f, uint32_t at, size_t indent)
{
    bool container = document_cell(f->document, at)->type >= CELL_ARRAY;

    if (container && format_is_flow(f, at))
        format_walk_flow(f, at, indent + 2, indent);
    else if (container)
        walk_flow_members(f, at, format_start(f, at), indent);
    else if (!format_is_absent(f, at))
        format_walk_scalar(f, at, indent);
}

/* Where what is written of it ends: a mapping without brackets of its own ends with its value. */
static size_t flow_end(const struct formatter *f, uint32_t at)
{
    const struct cell *cell = document_cell(f->document, at);

    if (cell->type < CELL_ARRAY || format_is_flow(f, at) || cell->size == 0)
        return format_end(f, at);
    return format_is_absent(f, at + 2) ? format_end(f, at + 1) : format_end(f, at + 2);
}

/* The first of them stands behind the byte `before`. */
static void walk_flow_members(struct formatter *f, uint32_t at, size_t before, size_t indent)
{
    const struct cell *cell = document_cell(f->document, at);

    for (uint32_t i = at + 1; i < cell->end; i = document_next(f->document, i)) {
        uint32_t value = cell->type == CELL_OBJECT ? i + 1 : i;

        if (format_same_line(f, before > 0 ? before - 1 : 0, format_start(f, i)))
            format_edit_gap(f, before, format_start(f, i), i > at + 1 ? ',' : ' ',
                            i > at + 1 ? TEXT(", ") : TEXT(""));
        if (value != i) {
            format_walk_scalar(f, i, indent);
            if (!format_is_absent(f, value) &&
                format_same_line(f, format_end(f, i), format_start(f, value)))
                format_edit_gap(f, format_end(f, i), format_start(f, value), ':', TEXT(": "));
        }
        walk_flow_item(f, value, indent);
        before = value != i && format_is_absent(f, value) ? format_end(f, i) : flow_end(f, value);
        i = value;
    }
}

/* Its further lines stand at `indent`, a bracket alone in its line at `closing`. */
void format_walk_flow(struct formatter *f, uint32_t at, size_t indent, size_t closing)
{
    size_t start = format_start(f, at), end = format_end(f, at);
    struct format_line *last;
    struct buffer out = buffer_in(f->arena);

    format_note_end(f, end);
    if (format_same_line(f, start, end - 1)) {
        render(f, at, &out);
        format_edit(f, start, end, buffer_text(&out));
        return;
    }
    format_continue(f, start, end, LINE_FLOW, indent);
    last = &f->lines[format_line_at(f, end - 1)];
    if (last->first == end - 1)
        last->indent = closing;
    walk_flow_members(f, at, start + 1, indent);
}
