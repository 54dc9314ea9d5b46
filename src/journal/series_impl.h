/* journal/series_impl.h
 * Private to the series: what is counted, as series.c writes it and series_read.c reads it
 * meanwhile. */
#pragma once
#include "journal/series.h"

#include <pthread.h>
#include <stdatomic.h>

enum { SHARDS_MAX = 256 };

/* The labels of a series, once for all shards. */
struct series_name {
    uint64_t hash;
    size_t kind;
    size_t place; /* among those of its kind, in the order in which they came */
    bool others;
    struct text labels[SERIES_LABELS_MAX];
    char bytes[]; /* of the labels */
};
struct series {
    const struct series_name *name;
    _Atomic uint64_t sum;
    _Atomic uint64_t buckets[SERIES_BOUNDS_MAX + 1];
};

struct series_shard {
    struct series_set *set;
    struct series **slots;
    size_t slot_count, used;
    pthread_mutex_t lock; /* of slots, against a reader that copies them */
};

/* Names are only ever added, so they are looked up without the lock. */
struct series_set {
    const struct series_kind *kinds;
    size_t kind_count;
    size_t series_max, name_slots; /* of each kind */
    _Atomic(struct series_name *) *names;
    _Atomic size_t *name_counts;
    pthread_mutex_t lock; /* of what is added: names and shards */
    struct series_shard *shards[SHARDS_MAX];
    size_t count;
};
