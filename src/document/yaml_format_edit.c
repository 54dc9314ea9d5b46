/* What is written otherwise: lines that begin elsewhere, and bytes within them. */
#include "document/yaml_format_internal.h"

size_t format_start(const struct formatter *f, uint32_t at)
{
    return f->document->marks[at].start.byte;
}

size_t format_end(const struct formatter *f, uint32_t at)
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

void format_edit(struct formatter *f, size_t start, size_t end, struct text instead)
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
    f->edits[f->edit_count++] = (struct format_change){start, end, instead};
}

/* The bytes [from, to) of one line, when they are blanks and at most the one byte `mark`, become
 * `instead`. */
void format_edit_gap(struct formatter *f, size_t from, size_t to, char mark, struct text instead)
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
        format_edit(f, from, to, instead);
}

void format_note_end(struct formatter *f, size_t byte)
{
    struct format_line *line = &f->lines[format_line_at(f, byte > 0 ? byte - 1 : 0)];

    if (byte > line->content)
        line->content = byte;
}

void format_refuse(struct formatter *f, size_t byte)
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
void format_place(struct formatter *f, size_t byte, size_t column)
{
    struct format_line *line = &f->lines[format_line_at(f, byte)];

    for (size_t i = line->first; i < byte; i++)
        if (f->source.at[i] != '-' && !format_is_blank(f->source.at[i])) {
            format_refuse(f, byte);
            return;
        }
    if (line->first == byte) {
        line->kind = LINE_CONTENT;
        line->indent = column;
    }
    add_level(line, byte - line->start, column);
}

/* Lines behind the first of what spans several. */
void format_continue(struct formatter *f, size_t start, size_t end, enum line_kind kind,
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

void format_walk_scalar(struct formatter *f, uint32_t at, size_t indent)
{
    size_t start = format_start(f, at), end = format_end(f, at);

    format_note_end(f, end);
    if (format_line_at(f, start) == format_line_at(f, end > start ? end - 1 : end))
        format_edit(f, start, end, format_scalar(f, at));
    else
        format_continue(f, start, end, LINE_FOLD, indent);
}

bool format_same_line(const struct formatter *f, size_t a, size_t b)
{
    return format_line_at(f, a) == format_line_at(f, b);
}

bool format_is_flow(const struct formatter *f, uint32_t at)
{
    size_t start = format_start(f, at);

    return start < f->source.len && (f->source.at[start] == '{' || f->source.at[start] == '[') &&
           format_end(f, at) > start + 1;
}

bool format_is_absent(const struct formatter *f, uint32_t at)
{
    return f->document->cells[at].type == CELL_NULL && format_start(f, at) == format_end(f, at);
}
