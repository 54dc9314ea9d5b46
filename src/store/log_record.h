/* store/log_record.h
 * Rows of the request log. Many of them are stored as one value, in the order in which they were
 * written; a row is known by the place that it has there. */
#pragma once
#include "base/buffer.h"

struct log_row {
    int64_t wall_ms; /* when it was written */
    uint64_t duration_us;
    int status;
    struct text line; /* one JSON object */
};

/* Begins a row at the end of `rows`; its line is then appended, and the row ended with what
 * log_row_begin gave. */
size_t log_row_begin(struct buffer *rows);
void log_row_end(struct buffer *rows, size_t at, int64_t wall_ms, uint64_t duration_us, int status);
/* Takes the first row off *rows, borrowing from it; false when there is none, or it is no row. */
bool log_row_take(struct text *rows, struct log_row *out);
