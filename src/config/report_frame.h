/* config/report_frame.h
 * Private to report: source text on a terminal. */
#pragma once
#include "base/buffer.h"
#include "document/diagnostic.h"

/* Escape sequences, or empty texts without colour. */
struct paint {
    const char *error, *warning, *strong, *gutter, *plain;
};

/* The line where the range starts, with carets under the range, between gutters:
 *
 *     |
 *   4 | sytem: You are
 *     | ^^^^^
 *
 * A long line is cut around the carets. Nothing when there is no source or no place. */
void frame_write(const struct diagnostic *diagnostic, const struct paint *paint,
                 struct buffer *out);
/* Digits of the line's number: the width of the gutter. */
int frame_gutter(const struct diagnostic *diagnostic);
/* Appends text that cannot disturb a terminal or a reader: control characters, those that change
 * the direction of writing, and ill-formed bytes become U+FFFD, white space a space. */
void frame_put_clean(struct buffer *out, struct text text);
/* The line where the range starts, without its end. */
struct text frame_line(const struct diagnostic *diagnostic);
