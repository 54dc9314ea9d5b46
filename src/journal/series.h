/* journal/series.h
 * Numbers that many threads count at once, each of a kind that has labels: /metrics shows some
 * (metrics.h), and a receiver of OTLP gets others. Each thread counts into a shard of its own
 * without a lock; whoever reads adds the shards up, and no thread that counts waits for it. The
 * series of a kind are capped over all shards: what exceeds the cap is counted in one more, whose
 * labels are all "other". */
#pragma once
#include "base/arena.h"

enum { SERIES_LABELS_MAX = 8, SERIES_BOUNDS_MAX = 14 };

/* What one kind is. */
struct series_kind {
    size_t label_count;     /* SERIES_LABELS_MAX at most */
    const uint64_t *bounds; /* of a histogram: upper ones, rising, 0 behind the last,
                               SERIES_BOUNDS_MAX at most; NULL: it is a sum alone */
};

struct series_set;
struct series_shard;
struct series;
/* `kinds` are kept; `series_max`, of each, is 1 or more. */
struct series_set *series_set_new(const struct series_kind *kinds, size_t kind_count,
                                  size_t series_max);
/* Frees the shards too. NULL does nothing. */
void series_set_free(struct series_set *set);
size_t series_set_max(const struct series_set *set);
/* A shard for one thread; lives as long as the set, so that counts outlive their thread. */
struct series_shard *series_shard_new(struct series_set *set);

/* Adds to a sum; only in the shard's own thread. */
void series_add(struct series_shard *shard, size_t kind, const struct text *labels,
                uint64_t amount);
/* Counts one value in a histogram; likewise. */
void series_observe(struct series_shard *shard, size_t kind, const struct text *labels,
                    uint64_t value);
/* One more. Gives where it is counted, for series_leave, in the same thread. */
struct series *series_enter(struct series_shard *shard, size_t kind, const struct text *labels);
/* One less. NULL does nothing. */
void series_leave(struct series *series);

/* --- as they are read
 * --------------------------------------------------------------------------------------------- */

struct series_total {
    const struct text *labels;               /* the set's */
    size_t place;                            /* of its kind; the same each time */
    bool others;                             /* it is the one of all that exceed the cap */
    uint64_t sum;                            /* of all that was added, or observed */
    uint64_t buckets[SERIES_BOUNDS_MAX + 1]; /* how many values; not summed up */
};
struct series_totals {
    struct arena arena;
    struct series_total **items; /* by kind, each sorted by its labels */
    size_t *counts;
};
/* Any thread. */
void series_collect(struct series_set *set, struct series_totals *out);
