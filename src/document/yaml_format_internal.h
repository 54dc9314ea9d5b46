/* document/yaml_format_internal.h
 * Private to the formatter. A walk over what was read says where lines begin and what in them is
 * written otherwise; then the lines are written. */
#pragma once
#include "base/buffer.h"
#include "document/yaml_format.h"

enum line_kind {
    LINE_FREE,    /* nothing starts here: blank, a comment, a mark of the document */
    LINE_CONTENT, /* starts with a key, a dash or a value */
    LINE_FLOW,    /* goes on with what stands in brackets */
    LINE_FOLD,    /* goes on with a scalar over several lines: its end is not touched */
    LINE_BODY,    /* of a block scalar: moved as it is */
};
enum { LEVELS_MAX = 8 };

/* Where a line's blocks begin, in columns from 0: as it was and as it will be. */
struct level {
    size_t was, now;
};
struct format_line {
    size_t start, first, end; /* bytes; of its first that is not blank, and behind its last */
    size_t content;           /* behind its last token; a comment comes later */
    enum line_kind kind;
    size_t indent; /* what it will have; of a body what takes the place of `was` */
    size_t was;    /* of a body: columns that belong to the block, not to the text; of a line where
                      nothing starts: the column of what follows */
    bool unfinished; /* a scalar goes on in the next line, which blanks at the end may matter to */
    struct level levels[LEVELS_MAX];
    size_t level_count;
};
/* These bytes are written otherwise. */
struct format_change {
    size_t start, end;
    struct text instead;
};
struct formatter {
    const struct document *document;
    struct text source;
    struct arena *arena;
    struct format_line *lines;
    size_t line_count;
    struct format_change *edits;
    size_t edit_count, edit_room;
    size_t refused; /* byte of what is not formatted; SIZE_MAX: nothing */
};

/* -- edits (yaml_format_edit.c) -- */
size_t format_line_at(const struct formatter *f, size_t byte);
bool format_same_line(const struct formatter *f, size_t a, size_t b);
/* Where a cell was written. */
size_t format_start(const struct formatter *f, uint32_t at);
size_t format_end(const struct formatter *f, uint32_t at);
/* Whether it is written with brackets; whether it is null because nothing is written. */
bool format_is_flow(const struct formatter *f, uint32_t at);
bool format_is_absent(const struct formatter *f, uint32_t at);
/* The bytes [start, end) of one line become `instead`. */
void format_edit(struct formatter *f, size_t start, size_t end, struct text instead);
/* Likewise, but only when they are blanks and the one byte `mark` (' ': blanks alone). */
void format_edit_gap(struct formatter *f, size_t from, size_t to, char mark, struct text instead);
/* A token ends at `byte`: a comment of its line comes later. */
void format_note_end(struct formatter *f, size_t byte);
void format_refuse(struct formatter *f, size_t byte);
/* Something of a block starts at `byte`, and will stand at `column`: first in its line, or behind
 * dashes. */
void format_place(struct formatter *f, size_t byte, size_t column);
/* The lines behind the first of what spans [start, end). */
void format_continue(struct formatter *f, size_t start, size_t end, enum line_kind kind,
                     size_t indent);
void format_walk_scalar(struct formatter *f, uint32_t at, size_t indent);

/* What stands in brackets (yaml_format_flow.c). Its further lines stand at `indent`, a bracket
 * alone in its line at `closing`. */
void format_walk_flow(struct formatter *f, uint32_t at, size_t indent, size_t closing);
/* Fills lines and edits. */
void format_walk(struct formatter *f);
/* Writes all lines. */
void format_write(struct formatter *f, struct buffer *out);
/* The scalar at a cell as it is best quoted. */
struct text format_scalar(struct formatter *f, uint32_t at);

static inline bool format_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}
