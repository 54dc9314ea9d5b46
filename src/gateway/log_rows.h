/* gateway/log_rows.h
 * Rows of the request log as they are shown: the stored JSON with its place as `id`, or the same
 * as a line of a table. */
#pragma once
#include "gateway/format.h"

/* The line in front of all rows: a table's names. */
void log_rows_head(struct buffer *out, enum format format);
/* JSON without an end of line; JSONL and CSV with one. */
void log_rows_put(struct buffer *out, enum format format, const struct log_row *row,
                  const struct log_place *place);
