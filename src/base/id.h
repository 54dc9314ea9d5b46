/* base/id.h
 * Identifiers that sort by time: UUID version 7 (RFC 9562 section 5.7) written as 26 characters of
 * lower-case base 32 (Crockford's alphabet), behind a prefix that says what it names. */
#pragma once
#include "base/arena.h"

enum { ID_CHARS = 26 };

/* "req_01h..." in the arena, NUL behind it. Unique across threads; ordered within a thread even
 * inside one millisecond. */
struct text id_new(struct arena *arena, const char *prefix, int64_t wall_ms);
/* The bare 26 characters. */
void id_write(char out[ID_CHARS], int64_t wall_ms);
/* When an id behind `prefix` was made, in wall milliseconds; false when it is none. */
bool id_time(struct text id, struct text prefix, int64_t *out_wall_ms);
/* Whether `text` is `prefix` and 26 characters of the alphabet. */
bool id_valid(struct text text, struct text prefix);
