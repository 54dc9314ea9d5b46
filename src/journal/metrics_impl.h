/* journal/metrics_impl.h
 * Private to the metrics: what is counted, as metrics.c writes it and metrics_write.c reads it
 * while all locks are held. */
#pragma once
#include "journal/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

enum metric_kind { COUNTER, NANO, SECONDS, OVERHEAD };
enum { BOUNDS_MAX = 14, SHARDS_MAX = 256 };

struct metric_row {
    enum metric_kind kind;
    const char *name, *help;
    const char *labels[METRIC_LABELS_MAX];
};
extern const struct metric_row metric_rows[METRIC_COUNT];

struct series {
    uint64_t hash;
    enum metric metric;
    struct text labels[METRIC_LABELS_MAX]; /* on the heap, one block from labels[0].at */
    _Atomic uint64_t sum;                  /* a counter's value; a histogram's microseconds */
    _Atomic uint64_t buckets[BOUNDS_MAX + 1];
};

struct metrics_shard {
    struct series **slots;
    size_t slot_count, used;
    size_t per_metric[METRIC_COUNT];
    pthread_mutex_t lock;
};

struct metrics {
    pthread_mutex_t lock;
    struct metrics_shard *shards[SHARDS_MAX];
    size_t count;
};

/* The upper bounds of a histogram's buckets in microseconds, 0 behind the last. */
const uint64_t *metric_bounds(enum metric metric);
size_t metric_label_count(enum metric metric);
