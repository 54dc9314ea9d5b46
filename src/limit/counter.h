/* limit/counter.h
 * Private to limit: words under 64-bit keys, shared by all threads. Reading and changing one takes
 * no lock; adding one takes a mutex. A word that its owner calls idle may be forgotten to make room
 * for another key; what is forgotten must therefore mean the same as what was never there. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COUNTER_WAYS = 8,      /* counters in a bucket: the keys of one fill a cache line */
    COUNTER_STEPS_MAX = 16 /* segments, all of the size of the first */
};

struct counter_segment;
struct counters {
    _Atomic(struct counter_segment *) segments[COUNTER_STEPS_MAX];
    size_t bucket_count; /* of one segment; a power of two */
    pthread_mutex_t adding;
    /* Whether a word may be forgotten. Once it may, no change may bring back a word that was in the
     * same place before: see counter.c. */
    bool (*idle)(uint64_t word, uint64_t now_ns);
};
typedef _Atomic uint64_t *counter_place;

/* False when there is no memory. */
bool counters_init(struct counters *counters, size_t keys,
                   bool (*idle)(uint64_t word, uint64_t now_ns));
void counters_release(struct counters *counters);

/* Where the key's word is, and the word; NULL when there is none. A change is one compare-and-swap
 * of that word; when it fails, find again. */
counter_place counter_find(struct counters *counters, uint64_t key, uint64_t *out_word);

enum counter_added {
    COUNTER_ADDED,
    COUNTER_PRESENT, /* another thread was first: find again */
    COUNTER_FULL,    /* every segment is full of counters that are not idle, or no memory */
};
/* Adds the key with its first word, which is never UINT64_MAX. With `forced`, a table that is full
 * forgets the counter with the smallest word instead of answering COUNTER_FULL. */
enum counter_added counter_add(struct counters *counters, uint64_t key, uint64_t word,
                               uint64_t now_ns, bool forced);
/* Segments there are, for tests. */
size_t counters_segments(struct counters *counters);
