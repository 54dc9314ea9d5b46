/* A shard is an open-addressing table of series that only its own thread inserts into; the thread
 * finds without a lock and takes the shard's mutex only to insert. A scrape takes that mutex too,
 * so it sees whole series, and reads the counts as relaxed atomics. */
#include "journal/metrics_impl.h"

#include "base/check.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 64 };

const struct metric_row metric_rows[METRIC_COUNT] = {
#define X(id, kind, name, help, ...) [METRIC_##id] = {kind, name, help, {__VA_ARGS__}},
    METRICS(X)
#undef X
};

static const uint64_t seconds_us[] = {5000,     10000,    25000,    50000,     100000,
                                      250000,   500000,   1000000,  2500000,   5000000,
                                      10000000, 30000000, 60000000, 120000000, 0};
static const uint64_t overhead_us[] = {50,   100,   250,   500,    1000, 2500,
                                       5000, 10000, 50000, 100000, 0};

const uint64_t *metric_bounds(enum metric metric)
{
    return metric_rows[metric].kind == OVERHEAD ? overhead_us : seconds_us;
}

size_t metric_label_count(enum metric metric)
{
    size_t count = 0;

    while (count < METRIC_LABELS_MAX && metric_rows[metric].labels[count] != NULL)
        count++;
    return count;
}

struct metrics *metrics_new(void)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);

    CHECK(metrics != NULL);
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

static void free_series(struct series *series)
{
    if (series == NULL)
        return;
    free((char *)(uintptr_t)series->labels[0].at);
    free(series);
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (size_t i = 0; i < metrics->count; i++) {
        struct metrics_shard *shard = metrics->shards[i];

        for (size_t slot = 0; slot < shard->slot_count; slot++)
            free_series(shard->slots[slot]);
        free(shard->slots);
        pthread_mutex_destroy(&shard->lock);
        free(shard);
    }
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

struct metrics_shard *metrics_shard(struct metrics *metrics)
{
    struct metrics_shard *shard = calloc(1, sizeof *shard);

    CHECK(shard != NULL);
    shard->slot_count = FIRST_SLOTS;
    shard->slots = calloc(FIRST_SLOTS, sizeof *shard->slots);
    CHECK(shard->slots != NULL);
    pthread_mutex_init(&shard->lock, NULL);
    pthread_mutex_lock(&metrics->lock);
    CHECK(metrics->count < SHARDS_MAX);
    metrics->shards[metrics->count++] = shard;
    pthread_mutex_unlock(&metrics->lock);
    return shard;
}

static uint64_t hash_series(enum metric metric, const struct text *labels, size_t count)
{
    uint64_t hash = (uint64_t)metric;

    for (size_t i = 0; i < count; i++)
        hash = (hash << 7 | hash >> 57) ^ text_hash(labels[i]);
    return hash;
}

static bool same(const struct series *series, enum metric metric, const struct text *labels,
                 size_t count)
{
    if (series->metric != metric)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!text_equal(series->labels[i], labels[i]))
            return false;
    return true;
}

/* The slot that holds the series, or the free one where it belongs. */
static struct series **slot_of(struct series **slots, size_t slot_count, uint64_t hash,
                               enum metric metric, const struct text *labels, size_t count)
{
    size_t at = (size_t)hash & (slot_count - 1);

    while (slots[at] != NULL &&
           (slots[at]->hash != hash || !same(slots[at], metric, labels, count)))
        at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

static struct series *new_series(enum metric metric, const struct text *labels, size_t count,
                                 uint64_t hash)
{
    struct series *series = calloc(1, sizeof *series);
    size_t bytes = 1;
    char *at;

    CHECK(series != NULL);
    series->hash = hash;
    series->metric = metric;
    for (size_t i = 0; i < count; i++)
        bytes += labels[i].len;
    at = malloc(bytes);
    CHECK(at != NULL);
    series->labels[0].at = at;
    for (size_t i = 0; i < count; i++) {
        if (labels[i].len > 0)
            memcpy(at, labels[i].at, labels[i].len);
        series->labels[i] = (struct text){at, labels[i].len};
        at += labels[i].len;
    }
    return series;
}

static void widen(struct metrics_shard *shard)
{
    size_t slot_count = shard->slot_count * 2;
    struct series **slots = calloc(slot_count, sizeof(struct series *));

    CHECK(slots != NULL);
    for (size_t i = 0; i < shard->slot_count; i++) {
        struct series *series = shard->slots[i];

        if (series != NULL)
            *slot_of(slots, slot_count, series->hash, series->metric, series->labels,
                     metric_label_count(series->metric)) = series;
    }
    free(shard->slots);
    shard->slots = slots;
    shard->slot_count = slot_count;
}

static struct series *find(struct metrics_shard *shard, enum metric metric,
                           const struct text *labels)
{
    static const struct text others[METRIC_LABELS_MAX] = {TEXT_INIT("other"), TEXT_INIT("other"),
                                                          TEXT_INIT("other"), TEXT_INIT("other")};
    size_t count = metric_label_count(metric);
    uint64_t hash = hash_series(metric, labels, count);
    struct series **slot = slot_of(shard->slots, shard->slot_count, hash, metric, labels, count);

    if (*slot != NULL)
        return *slot;
    if (shard->per_metric[metric] >= METRIC_SERIES_MAX && labels != others)
        return find(shard, metric, others);
    pthread_mutex_lock(&shard->lock);
    if (shard->used * 2 >= shard->slot_count) {
        widen(shard);
        slot = slot_of(shard->slots, shard->slot_count, hash, metric, labels, count);
    }
    *slot = new_series(metric, labels, count, hash);
    shard->used++;
    shard->per_metric[metric]++;
    pthread_mutex_unlock(&shard->lock);
    return *slot;
}

static void add(_Atomic uint64_t *to, uint64_t amount)
{
    /* Only this thread writes: no read-modify-write instruction is needed. */
    atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + amount,
                          memory_order_relaxed);
}

void metric_add(struct metrics_shard *shard, enum metric metric, const struct text *labels,
                uint64_t amount)
{
    CHECK(metric_rows[metric].kind == COUNTER || metric_rows[metric].kind == NANO);
    add(&find(shard, metric, labels)->sum, amount);
}

void metric_observe_us(struct metrics_shard *shard, enum metric metric, const struct text *labels,
                       uint64_t us)
{
    struct series *series = find(shard, metric, labels);
    const uint64_t *bounds = metric_bounds(metric);
    size_t bucket = 0;

    CHECK(metric_rows[metric].kind == SECONDS || metric_rows[metric].kind == OVERHEAD);
    while (bounds[bucket] != 0 && us > bounds[bucket])
        bucket++;
    add(&series->buckets[bucket], 1);
    add(&series->sum, us);
}
