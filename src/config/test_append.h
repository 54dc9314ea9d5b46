/* config/test_append.h
 * One more test in a file of tests, as an author would write it there: what stands in the file
 * stays byte for byte, its comments too. Pure. */
#pragma once
#include "base/error.h"
#include "document/document.h"

/* Gives the file with the test, the object at `at` of `test`, behind its last one; `source` empty:
 * there is no file yet. All in the arena. False with ERROR_CONFIG_INVALID where nothing can be
 * added to the file as it is written; `path` is for messages. */
bool test_append(struct text source, struct text path, const struct document *test, uint32_t at,
                 struct arena *arena, struct text *out, struct error *err);
