/* A shard is an open-addressing table of series that only its own thread inserts into; the thread
 * finds without a lock and takes the shard's mutex only to insert. A scrape takes that mutex too,
 * so it sees whole series, and reads the counts as relaxed atomics. */
#include "journal/metrics.h"

#include "base/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum kind { COUNTER, NANO, SECONDS, OVERHEAD };
enum { BOUNDS_MAX = 14, SHARDS_MAX = 256, FIRST_SLOTS = 64 };

struct row {
    enum kind kind;
    const char *name, *help;
    const char *labels[METRIC_LABELS_MAX];
};
static const struct row rows[METRIC_COUNT] = {
#define X(id, kind, name, help, ...) [METRIC_##id] = {kind, name, help, {__VA_ARGS__}},
    METRICS(X)
#undef X
};

static const uint64_t seconds_us[] = {5000,     10000,    25000,    50000,     100000,
                                      250000,   500000,   1000000,  2500000,   5000000,
                                      10000000, 30000000, 60000000, 120000000, 0};
static const uint64_t overhead_us[] = {50,   100,   250,   500,    1000, 2500,
                                       5000, 10000, 50000, 100000, 0};

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

static const uint64_t *bounds_of(enum metric metric)
{
    return rows[metric].kind == OVERHEAD ? overhead_us : seconds_us;
}

static size_t label_count(enum metric metric)
{
    size_t count = 0;

    while (count < METRIC_LABELS_MAX && rows[metric].labels[count] != NULL)
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
                     label_count(series->metric)) = series;
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
    size_t count = label_count(metric);
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
    CHECK(rows[metric].kind == COUNTER || rows[metric].kind == NANO);
    add(&find(shard, metric, labels)->sum, amount);
}

void metric_observe_us(struct metrics_shard *shard, enum metric metric, const struct text *labels,
                       uint64_t us)
{
    struct series *series = find(shard, metric, labels);
    const uint64_t *bounds = bounds_of(metric);
    size_t bucket = 0;

    CHECK(rows[metric].kind == SECONDS || rows[metric].kind == OVERHEAD);
    while (bounds[bucket] != 0 && us > bounds[bucket])
        bucket++;
    add(&series->buckets[bucket], 1);
    add(&series->sum, us);
}

/* The sum of one series over all shards, while a scrape runs. */
struct total {
    const struct series *series;
    uint64_t sum;
    uint64_t buckets[BOUNDS_MAX + 1];
};

static int by_labels(const void *a, const void *b)
{
    const struct total *x = a, *y = b;

    for (size_t i = 0; i < METRIC_LABELS_MAX; i++) {
        int order = text_compare(x->series->labels[i], y->series->labels[i]);

        if (order != 0)
            return order;
    }
    return 0;
}

static size_t collect(struct metrics *metrics, enum metric metric, struct arena *arena,
                      struct total **out)
{
    size_t room = 0, count = 0, merged = 0;
    struct total *totals;

    for (size_t i = 0; i < metrics->count; i++)
        room += metrics->shards[i]->per_metric[metric];
    totals = ARENA_ARRAY(arena, struct total, room);
    for (size_t i = 0; i < metrics->count; i++) {
        struct metrics_shard *shard = metrics->shards[i];

        for (size_t slot = 0; slot < shard->slot_count; slot++) {
            struct series *series = shard->slots[slot];

            if (series == NULL || series->metric != metric)
                continue;
            totals[count].series = series;
            totals[count].sum = atomic_load_explicit(&series->sum, memory_order_relaxed);
            for (size_t b = 0; b <= BOUNDS_MAX; b++)
                totals[count].buckets[b] =
                    atomic_load_explicit(&series->buckets[b], memory_order_relaxed);
            count++;
        }
    }
    qsort(totals, count, sizeof *totals, by_labels);
    for (size_t i = 0; i < count; i++) {
        if (merged > 0 && by_labels(&totals[merged - 1], &totals[i]) == 0) {
            totals[merged - 1].sum += totals[i].sum;
            for (size_t b = 0; b <= BOUNDS_MAX; b++)
                totals[merged - 1].buckets[b] += totals[i].buckets[b];
        } else {
            totals[merged++] = totals[i];
        }
    }
    *out = totals;
    return merged;
}

void metrics_put_label(struct buffer *out, struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        char byte = value.at[i];

        if (byte == '\\' || byte == '"')
            buffer_put_byte(out, '\\');
        if (byte == '\n')
            buffer_put(out, TEXT("\\n"));
        else
            buffer_put_byte(out, byte);
    }
}

static void put_labels(struct buffer *out, const struct total *total, enum metric metric,
                       const char *le)
{
    size_t count = label_count(metric);

    buffer_put_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s%s=\"", i > 0 ? "," : "", rows[metric].labels[i]);
        metrics_put_label(out, total->series->labels[i]);
        buffer_put_byte(out, '"');
    }
    if (le != NULL)
        buffer_printf(out, "%sle=\"%s\"", count > 0 ? "," : "", le);
    buffer_put(out, TEXT("} "));
}

static void put_histogram(struct buffer *out, const struct total *total, enum metric metric)
{
    const uint64_t *bounds = bounds_of(metric);
    uint64_t below = 0;
    size_t bucket = 0;
    char le[32];

    for (; bounds[bucket] != 0; bucket++) {
        below += total->buckets[bucket];
        snprintf(le, sizeof le, "%g", (double)bounds[bucket] / 1e6);
        buffer_printf(out, "%s_bucket", rows[metric].name);
        put_labels(out, total, metric, le);
        buffer_printf(out, "%llu\n", (unsigned long long)below);
    }
    below += total->buckets[bucket];
    buffer_printf(out, "%s_bucket", rows[metric].name);
    put_labels(out, total, metric, "+Inf");
    buffer_printf(out, "%llu\n%s_sum", (unsigned long long)below, rows[metric].name);
    put_labels(out, total, metric, NULL);
    buffer_printf(out, "%.6f\n%s_count", (double)total->sum / 1e6, rows[metric].name);
    put_labels(out, total, metric, NULL);
    buffer_printf(out, "%llu\n", (unsigned long long)below);
}

static void put_counter(struct buffer *out, const struct total *total, enum metric metric)
{
    buffer_put(out, text_of(rows[metric].name));
    put_labels(out, total, metric, NULL);
    if (rows[metric].kind == NANO)
        buffer_printf(out, "%llu.%09llu\n", (unsigned long long)(total->sum / 1000000000u),
                      (unsigned long long)(total->sum % 1000000000u));
    else
        buffer_printf(out, "%llu\n", (unsigned long long)total->sum);
}

static void lock_all(struct metrics *metrics)
{
    pthread_mutex_lock(&metrics->lock);
    for (size_t i = 0; i < metrics->count; i++)
        pthread_mutex_lock(&metrics->shards[i]->lock);
}

static void unlock_all(struct metrics *metrics)
{
    for (size_t i = metrics->count; i-- > 0;)
        pthread_mutex_unlock(&metrics->shards[i]->lock);
    pthread_mutex_unlock(&metrics->lock);
}

void metrics_each(struct metrics *metrics, enum metric metric,
                  void (*look)(const struct text *labels, uint64_t sum, void *to), void *to)
{
    struct arena arena = {0};
    struct total *totals;
    size_t count;

    CHECK(rows[metric].kind == COUNTER || rows[metric].kind == NANO);
    lock_all(metrics);
    count = collect(metrics, metric, &arena, &totals);
    for (size_t i = 0; i < count; i++)
        look(totals[i].series->labels, totals[i].sum, to);
    unlock_all(metrics);
    arena_release(&arena);
}

void metrics_write(struct metrics *metrics, struct buffer *out)
{
    struct arena arena = {0};

    lock_all(metrics);
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        bool counter = rows[metric].kind == COUNTER || rows[metric].kind == NANO;
        struct total *totals;
        size_t count = collect(metrics, (enum metric)metric, &arena, &totals);

        if (count == 0)
            continue;
        buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", rows[metric].name, rows[metric].help,
                      rows[metric].name, counter ? "counter" : "histogram");
        for (size_t i = 0; i < count; i++)
            (counter ? put_counter : put_histogram)(out, &totals[i], (enum metric)metric);
    }
    unlock_all(metrics);
    arena_release(&arena);
}

void metrics_write_gauge(struct buffer *out, const char *name, const char *help, struct text labels,
                         double value)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s", name, help, name,
                  text_ends(text_of(name), TEXT("_total")) ? "counter" : "gauge", name);
    if (labels.len > 0)
        buffer_printf(out, "{%.*s}", TEXT_ARG(labels));
    buffer_printf(out, " %.17g\n", value);
}
