/* journal/csv.h
 * Lines of comma-separated values (RFC 4180), for spreadsheets too: a text that one would take for
 * a formula stands behind an apostrophe. */
#pragma once
#include "base/buffer.h"

/* Appends a field, with a comma before it unless it is the first of its line. */
void csv_put_text(struct buffer *out, struct text text);
/* Likewise what is known to be a number, a word of ours, or nothing: as it is. */
void csv_put_plain(struct buffer *out, struct text text);
/* Ends the line. */
void csv_end(struct buffer *out);
