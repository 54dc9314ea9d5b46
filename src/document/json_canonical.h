/* document/json_canonical.h
 * One spelling for all JSON that says the same: compact, members in the order of their names'
 * bytes, strings escaped as json_put_string does. Numbers stay as they were written, so 1 and 1.0
 * are two. For telling documents apart, not for sending on. */
#pragma once
#include "base/buffer.h"
#include "document/document.h"

/* Appends the subtree at `at`. What it needs meanwhile comes from the arena; it goes as deep as the
 * document does. */
void json_put_canonical(struct buffer *out, const struct document *document, uint32_t at,
                        struct arena *arena);
