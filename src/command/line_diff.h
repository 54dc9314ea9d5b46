/* command/line_diff.h
 * What makes one text another, line by line, in the unified form that `diff -u` and `patch` know.
 */
#pragma once
#include "base/buffer.h"

/* Appends the hunks with three lines around each change, behind a head that names the two; nothing
 * at all when they are the same. The fewest lines that can be, but where more than LINE_DIFF_MAX
 * differ: then all from the first to the last of them. */
enum { LINE_DIFF_MAX = 2000 };
void line_diff(struct text old_name, struct text old, struct text new_name, struct text new,
               struct buffer *out);
