/* store/rollup_parts.h
 * Roll-ups being added up in memory before they are written: the sum of each name in one bucket,
 * however many cells it comes from. Borrows the cells' texts and sums, which stay as they are until
 * it is released. A zeroed one is empty. */
#pragma once
#include "base/arena.h"
#include "store/rollup_record.h"

struct rollup_part {
    int64_t minute, day; /* the bucket: its minute, and the first of its day */
    enum rollup_kind kind;
    struct text group, name;
    const struct rollup_sums *sums; /* a cell's, as long as there is one only */
    struct rollup_sums *own;
    uint64_t hash;
};
struct rollup_parts {
    struct arena arena;
    struct rollup_part *items;
    size_t count, room;
    uint32_t *places; /* by hash, 1-based; 0: free; twice as many as there is room */
};

void rollup_parts_release(struct rollup_parts *parts);
/* Adds what ended to each of its names. */
void rollup_parts_add_cell(struct rollup_parts *parts, const struct rollup_cell *cell);
/* Adds to the part of that minute, kind, group and name, which begins as `part` where there is
 * none. */
void rollup_parts_add(struct rollup_parts *parts, const struct rollup_part *part,
                      const struct rollup_sums *sums);
/* Whether there is such a part. */
bool rollup_parts_have(const struct rollup_parts *parts, const struct rollup_part *part);
