/* command/log_text.h
 * Rows of the request log for people. */
#pragma once
#include "command/log_query.h"

/* Reads what the admin listener has answered. */
bool log_text_read(const struct command_line *line, struct text body, struct document *out);
/* One line on standard output. */
void log_text_print(const struct document *document, uint32_t row);
/* Every member on a line of its own, and everything in a list. */
void log_text_show(const struct document *document);
