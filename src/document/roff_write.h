/* document/roff_write.h
 * Text into manual pages (the man macros). */
#pragma once
#include "base/buffer.h"

/* Appends text as it is to be read: what roff would take for its own is escaped, also at the
 * beginning of a line. Line breaks become spaces. */
void roff_put(struct buffer *buffer, struct text text);
/* A line of its own: ".SH NAME" and the like, as it is. */
void roff_macro(struct buffer *buffer, const char *line);
/* A paragraph of its own. */
void roff_paragraph(struct buffer *buffer, struct text text);
/* Lines that keep their breaks and are indented: an example. */
void roff_example(struct buffer *buffer, struct text lines);
/* What is in the index of a list: a word in bold, and what stands behind it (may be empty). */
void roff_item(struct buffer *buffer, struct text word, struct text behind);
