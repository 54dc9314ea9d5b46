/* A shard is an open-addressing table of series that only its own thread inserts into; the thread
 * finds without a lock and takes the shard's mutex only to insert. A scrape holds that mutex for as
 * long as it copies the table, and reads the counts as relaxed atomics: series are never freed
 * before all the rest is.
 *
 * How many series there are is a matter of all shards together. A series that a shard meets for the
 * first time is looked up among the names of all: found there, it may be counted; else it is added,
 * under a lock, until there are too many. From then on a look without a lock says that it is one of
 * the others. */
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

size_t metric_row_labels(const struct metric_row *row)
{
    size_t count = 0;

    while (count < METRIC_LABELS_MAX && row->labels[count] != NULL)
        count++;
    return count;
}

struct metrics *metrics_new(size_t series_max)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);

    CHECK(metrics != NULL && series_max > 0);
    metrics->series_max = series_max;
    metrics->name_slots = FIRST_SLOTS;
    while (metrics->name_slots < 2 * (series_max + 1)) /* and the others */
        metrics->name_slots *= 2;
    metrics->names = calloc(METRIC_COUNT * metrics->name_slots, sizeof *metrics->names);
    CHECK(metrics->names != NULL);
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

size_t metrics_series_max(const struct metrics *metrics)
{
    return metrics->series_max;
}

static void free_shard(struct metrics_shard *shard)
{
    for (size_t slot = 0; slot < shard->slot_count; slot++)
        free(shard->slots[slot]);
    free(shard->slots);
    pthread_mutex_destroy(&shard->lock);
    free(shard);
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (size_t i = 0; i < metrics->count; i++)
        free_shard(metrics->shards[i]);
    for (size_t i = 0; i < METRIC_COUNT * metrics->name_slots; i++)
        free(metrics->names[i]);
    free(metrics->names);
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

struct metrics_shard *metrics_shard(struct metrics *metrics)
{
    struct metrics_shard *shard = calloc(1, sizeof *shard);

    CHECK(shard != NULL);
    shard->metrics = metrics;
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

/* --- names
 * ------------------------------------------------------------------------------------------- */

/* The labels of one series, as somebody asks for it. */
struct wanted {
    enum metric metric;
    const struct text *labels;
    size_t count;
    uint64_t hash;
};

static struct wanted want(enum metric metric, const struct text *labels)
{
    struct wanted wanted = {metric, labels, metric_row_labels(&metric_rows[metric]),
                            (uint64_t)metric};

    for (size_t i = 0; i < wanted.count; i++)
        wanted.hash = (wanted.hash << 7 | wanted.hash >> 57) ^ text_hash(labels[i]);
    return wanted;
}

static bool is_name_of(const struct series_name *name, const struct wanted *wanted)
{
    if (name->hash != wanted->hash || name->metric != wanted->metric)
        return false;
    for (size_t i = 0; i < wanted->count; i++)
        if (!text_equal(name->labels[i], wanted->labels[i]))
            return false;
    return true;
}

/* The slot that holds the name, or the free one where it belongs: there always is one. */
static _Atomic(struct series_name *) *
name_slot(struct metrics *metrics, const struct wanted *wanted, struct series_name **out_name)
{
    _Atomic(struct series_name *) *slots =
        metrics->names + (size_t)wanted->metric * metrics->name_slots;
    size_t at = (size_t)wanted->hash & (metrics->name_slots - 1);

    for (;; at = (at + 1) & (metrics->name_slots - 1)) {
        *out_name = atomic_load_explicit(&slots[at], memory_order_acquire);
        if (*out_name == NULL || is_name_of(*out_name, wanted))
            return &slots[at];
    }
}

static struct series_name *new_name(const struct wanted *wanted, size_t place)
{
    struct series_name *name;
    size_t bytes = 0;
    char *at;

    for (size_t i = 0; i < wanted->count; i++)
        bytes += wanted->labels[i].len;
    name = calloc(1, sizeof *name + bytes);
    CHECK(name != NULL);
    name->hash = wanted->hash;
    name->metric = wanted->metric;
    name->place = place;
    at = name->bytes;
    for (size_t i = 0; i < wanted->count; i++) {
        if (wanted->labels[i].len > 0)
            memcpy(at, wanted->labels[i].at, wanted->labels[i].len);
        name->labels[i] = (struct text){at, wanted->labels[i].len};
        at += wanted->labels[i].len;
    }
    return name;
}

/* NULL: there are too many. */
static struct series_name *add_name(struct metrics *metrics, const struct wanted *wanted,
                                    size_t most)
{
    _Atomic size_t *count = &metrics->name_counts[wanted->metric];
    _Atomic(struct series_name *) *slot;
    struct series_name *name;

    pthread_mutex_lock(&metrics->lock);
    slot = name_slot(metrics, wanted, &name); /* another may have been faster */
    if (name == NULL && *count < most) {
        name = new_name(wanted, *count);
        atomic_store_explicit(slot, name, memory_order_release);
        atomic_store_explicit(count, *count + 1, memory_order_release);
    }
    pthread_mutex_unlock(&metrics->lock);
    return name;
}

static const struct text others[METRIC_LABELS_MAX] = {TEXT_INIT("other"), TEXT_INIT("other"),
                                                      TEXT_INIT("other"), TEXT_INIT("other")};

static struct series_name *find_name(struct metrics *metrics, const struct wanted *wanted)
{
    size_t most = metrics->series_max + (wanted->labels == others);
    struct series_name *name;

    name_slot(metrics, wanted, &name);
    if (name != NULL ||
        atomic_load_explicit(&metrics->name_counts[wanted->metric], memory_order_relaxed) >= most)
        return name;
    return add_name(metrics, wanted, most);
}

/* --- series
 * ------------------------------------------------------------------------------------------ */

/* The slot that holds the series, or the free one where it belongs. */
static struct series **slot_of(struct series **slots, size_t slot_count,
                               const struct wanted *wanted)
{
    size_t at = (size_t)wanted->hash & (slot_count - 1);

    while (slots[at] != NULL && !is_name_of(slots[at]->name, wanted))
        at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

static void widen(struct metrics_shard *shard)
{
    size_t slot_count = shard->slot_count * 2;
    struct series **slots = calloc(slot_count, sizeof(struct series *));

    CHECK(slots != NULL);
    for (size_t i = 0; i < shard->slot_count; i++) {
        struct series *series = shard->slots[i];
        size_t at;

        if (series == NULL)
            continue;
        at = (size_t)series->name->hash & (slot_count - 1);
        while (slots[at] != NULL)
            at = (at + 1) & (slot_count - 1);
        slots[at] = series;
    }
    free(shard->slots);
    shard->slots = slots;
    shard->slot_count = slot_count;
}

static struct series *add_series(struct metrics_shard *shard, const struct wanted *wanted,
                                 const struct series_name *name)
{
    struct series *series = calloc(1, sizeof *series);

    CHECK(series != NULL);
    series->name = name;
    pthread_mutex_lock(&shard->lock);
    if (shard->used * 2 >= shard->slot_count)
        widen(shard);
    *slot_of(shard->slots, shard->slot_count, wanted) = series;
    shard->used++;
    pthread_mutex_unlock(&shard->lock);
    return series;
}

static struct series *find(struct metrics_shard *shard, enum metric metric,
                           const struct text *labels)
{
    struct wanted wanted = want(metric, labels);
    struct series *series = *slot_of(shard->slots, shard->slot_count, &wanted);
    const struct series_name *name;

    if (series != NULL)
        return series;
    name = find_name(shard->metrics, &wanted);
    return name != NULL ? add_series(shard, &wanted, name) : find(shard, metric, others);
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

struct series *level_enter(struct metrics_shard *shard, enum metric metric,
                           const struct text *labels)
{
    struct series *level = find(shard, metric, labels);

    CHECK(metric_rows[metric].kind == LEVEL);
    add(&level->sum, 1);
    return level;
}

void level_leave(struct series *level)
{
    if (level != NULL)
        add(&level->sum, UINT64_MAX); /* one less */
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
