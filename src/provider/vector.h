/* provider/vector.h
 * Embeddings as providers write them: lists of numbers, a great many of them, or their bytes. */
#pragma once
#include "document/document.h"
#include "provider/failure.h"

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
