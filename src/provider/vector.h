/* provider/vector.h
 * Embeddings as providers write them: lists of numbers, a great many of them, or their bytes. */
#pragma once
#include "provider/dialect.h"

enum { VECTOR_DIMENSIONS_MAX = 65536 };

/* As reply_read, for a text that is mostly numbers: more of them than elsewhere. */
bool vector_reply(struct text text, struct arena *arena, struct document *out,
                  struct failure *failure);
/* The list of numbers at a cell, as floats in the arena. NULL when it is something else (`at` may
 * be CELL_NONE), empty, too long, or has a number that no float holds. */
const float *vector_read(const struct document *document, uint32_t at, struct arena *arena,
                         size_t *out_dimensions);
/* Likewise for little-endian IEEE 754 singles in base64 (RFC 4648 section 4). */
const float *vector_decode(struct text text, struct arena *arena, size_t *out_dimensions);
/* Adds the texts to embed, as a JSON list. */
void vector_put_inputs(struct buffer *body, const struct embed *embed);
/* The tokens of the texts, in the member of that name of an object: often nothing is said. */
struct chat_usage vector_usage(const struct document *document, uint32_t object, const char *name);
/* Fills *out with the vectors of the list at a cell (which may be CELL_NONE), one for each input,
 * in their order and of one length. `member`: each is in the member of that name of an object;
 * NULL: each is the item itself. `where` says in a failure what was read. */
bool vector_read_list(const struct document *document, uint32_t list, const char *member,
                      size_t inputs, struct arena *arena, struct embed_answer *out,
                      const char *where, struct failure *failure);
