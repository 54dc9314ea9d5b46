/* document/json_fast.h
 * Private to document: the reader for texts that are right, which most are. It gives the same cells
 * as the plain one, or gives up without a reason: then the plain one reads again and says why. */
#pragma once
#include "document/json_index.h"
#include "document/json_read.h"

/* Reads a text that is an array or an object into *out (cells and decoded strings in the arena).
 * `limits` has no zeros. False when the text is refused, exceeds a limit, or is not worth it. */
bool json_read_fast(struct text text, const struct json_limits *limits, enum json_engine engine,
                    struct arena *arena, struct document *out);
/* json_read by the engine given, JSON_PLAIN being the plain reader alone; all read alike. */
bool json_read_with(enum json_engine engine, struct text text, const struct json_limits *limits,
                    struct arena *arena, struct document *out, size_t *out_offset,
                    struct error *err);
