/* base/text_diff.h
 * What is different between two texts, line by line, in the unified form that patch and people
 * read. */
#pragma once
#include "base/buffer.h"

/* Appends nothing when they are equal. The names stand in the head: "--- a", "+++ b". Between the
 * first and the last difference the fewest changes are found, unless there are more than some
 * thousand lines on both sides: then all of them are taken as replaced. */
void text_diff(struct text before, struct text after, const char *before_name,
               const char *after_name, struct buffer *out);
