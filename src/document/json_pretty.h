/* document/json_pretty.h
 * JSON for people and for reviews of changes: one member or item a line. */
#pragma once
#include "base/buffer.h"
#include "document/document.h"

/* A subtree, indented by two blanks a level; numbers as they were written; no line break at the
 * end. */
void json_put_pretty(struct buffer *buffer, const struct document *document, uint32_t at);
