/* journal/console.h
 * The log's lines as people read them at a terminal: made, one for one, of the JSON objects that
 * everything else gets, in the log's own thread. */
#pragma once
#include "base/buffer.h"

/* Appends one line without its end; nothing in it moves a cursor or ends the line, whatever the
 * object has. What is no object is shown as it is. Both are forms of a log (base/log.h). */
void console_plain(struct text line, struct buffer *out);
/* With colours (ECMA-48, SGR). */
void console_colored(struct text line, struct buffer *out);
