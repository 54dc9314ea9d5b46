/* journal/metrics_impl.h
 * Private to the metrics: what is counted, as metrics.c writes it and metrics_write.c reads it
 * meanwhile. */
#pragma once
#include "journal/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

enum metric_kind { COUNTER, NANO, LEVEL, SECONDS, OVERHEAD, GAUGE, TOTAL };
enum { BOUNDS_MAX = 14, SHARDS_MAX = 256 };

struct metric_row {
    enum metric_kind kind;
    const char *name, *help;
    const char *labels[METRIC_LABELS_MAX];
};
extern const struct metric_row metric_rows[METRIC_COUNT], reading_rows[READING_COUNT];

/* The labels of a series, once for all shards. */
struct series_name {
    uint64_t hash;
    enum metric metric;
    size_t place; /* among those of its metric, in the order in which they came */
    struct text labels[METRIC_LABELS_MAX];
    char bytes[]; /* of the labels */
};
struct series {
    const struct series_name *name;
    _Atomic uint64_t sum; /* a counter's value; a histogram's microseconds */
    _Atomic uint64_t buckets[BOUNDS_MAX + 1];
};

struct metrics_shard {
    struct metrics *metrics;
    struct series **slots;
    size_t slot_count, used;
    pthread_mutex_t lock; /* of slots, against a scrape that copies them */
};

/* Names are only ever added, so they are looked up without the lock. */
struct metrics {
    size_t series_max, name_slots; /* of each metric */
    _Atomic(struct series_name *) *names;
    _Atomic size_t name_counts[METRIC_COUNT];
    pthread_mutex_t lock; /* of what is added: names and shards */
    struct metrics_shard *shards[SHARDS_MAX];
    size_t count;
};

/* The upper bounds of a histogram's buckets in microseconds, 0 behind the last. */
const uint64_t *metric_bounds(enum metric metric);
size_t metric_row_labels(const struct metric_row *row);
