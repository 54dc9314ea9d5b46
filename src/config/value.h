/* config/value.h
 * Private to config: quantities as authors write them. */
#pragma once
#include "base/arena.h"

/* A whole number and a unit: "500ms", "10s", "30m", "2h", "90d". False when it is anything else or
 * does not fit. */
bool duration_parse(struct text text, uint64_t *out_ms);
/* Likewise in bytes: "512B", "64KiB", "4MiB", "1GiB". */
bool size_parse(struct text text, uint64_t *out_bytes);
/* The same forms back, in the largest unit that is exact: for messages. */
struct text duration_text(struct arena *arena, uint64_t ms);
struct text size_text(struct arena *arena, uint64_t bytes);
/* A value as it may stand in a message between quotes: cut to a line's width, control characters
 * and quotes replaced. */
struct text value_shown(struct arena *arena, struct text value);
/* "a", "b" and "c" as one text: "a, b, c"; for hints. */
struct text names_joined(struct arena *arena, const struct text *names, size_t count);
