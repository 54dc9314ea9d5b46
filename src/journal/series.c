/* A shard is an open-addressing table of series that only its own thread inserts into; the thread
 * finds without a lock and takes the shard's mutex only to insert. A reader holds that mutex for as
 * long as it copies the table, and reads the counts as relaxed atomics: series are never freed
 * before all the rest is.
 *
 * How many series there are is a matter of all shards together. A series that a shard meets for the
 * first time is looked up among the names of all: found there, it may be counted; else it is added,
 * under a lock, until there are too many. From then on a look without a lock says that it is one of
 * the others. */
#include "journal/series_impl.h"

#include "base/check.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 64 };

struct series_set *series_set_new(const struct series_kind *kinds, size_t kind_count,
                                  size_t series_max)
{
    struct series_set *set = calloc(1, sizeof *set);

    CHECK(set != NULL && kind_count > 0 && series_max > 0);
    set->kinds = kinds;
    set->kind_count = kind_count;
    set->series_max = series_max;
    set->name_slots = FIRST_SLOTS;
    while (set->name_slots < 2 * (series_max + 1)) /* and the others */
        set->name_slots *= 2;
    set->names = calloc(kind_count * set->name_slots, sizeof *set->names);
    set->name_counts = calloc(kind_count, sizeof *set->name_counts);
    CHECK(set->names != NULL && set->name_counts != NULL);
    pthread_mutex_init(&set->lock, NULL);
    return set;
}

size_t series_set_max(const struct series_set *set)
{
    return set->series_max;
}

static void free_shard(struct series_shard *shard)
{
    for (size_t slot = 0; slot < shard->slot_count; slot++)
        free(shard->slots[slot]);
    free(shard->slots);
    pthread_mutex_destroy(&shard->lock);
    free(shard);
}

void series_set_free(struct series_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->count; i++)
        free_shard(set->shards[i]);
    for (size_t i = 0; i < set->kind_count * set->name_slots; i++)
        free(set->names[i]);
    free(set->names);
    free(set->name_counts);
    pthread_mutex_destroy(&set->lock);
    free(set);
}

struct series_shard *series_shard_new(struct series_set *set)
{
    struct series_shard *shard = calloc(1, sizeof *shard);

    CHECK(shard != NULL);
    shard->set = set;
    shard->slot_count = FIRST_SLOTS;
    shard->slots = calloc(FIRST_SLOTS, sizeof *shard->slots);
    CHECK(shard->slots != NULL);
    pthread_mutex_init(&shard->lock, NULL);
    pthread_mutex_lock(&set->lock);
    CHECK(set->count < SHARDS_MAX);
    set->shards[set->count++] = shard;
    pthread_mutex_unlock(&set->lock);
    return shard;
}

/* --- names
 * ------------------------------------------------------------------------------------------- */

static const struct text others[SERIES_LABELS_MAX] = {
    TEXT_INIT("other"), TEXT_INIT("other"), TEXT_INIT("other"), TEXT_INIT("other"),
    TEXT_INIT("other"), TEXT_INIT("other"), TEXT_INIT("other"), TEXT_INIT("other")};

/* The labels of one series, as somebody asks for it. */
struct wanted {
    size_t kind;
    const struct text *labels;
    size_t count;
    uint64_t hash;
};

static struct wanted want(const struct series_set *set, size_t kind, const struct text *labels)
{
    struct wanted wanted = {kind, labels, set->kinds[kind].label_count, kind};

    for (size_t i = 0; i < wanted.count; i++)
        wanted.hash = (wanted.hash << 7 | wanted.hash >> 57) ^ text_hash(labels[i]);
    return wanted;
}

static bool is_name_of(const struct series_name *name, const struct wanted *wanted)
{
    if (name->hash != wanted->hash || name->kind != wanted->kind)
        return false;
    for (size_t i = 0; i < wanted->count; i++)
        if (!text_equal(name->labels[i], wanted->labels[i]))
            return false;
    return true;
}

/* The slot that holds the name, or the free one where it belongs: there always is one. */
static _Atomic(struct series_name *) *name_slot(struct series_set *set, const struct wanted *wanted,
                                                struct series_name **out_name)
{
    _Atomic(struct series_name *) *slots = set->names + wanted->kind * set->name_slots;
    size_t at = (size_t)wanted->hash & (set->name_slots - 1);

    for (;; at = (at + 1) & (set->name_slots - 1)) {
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
    name->kind = wanted->kind;
    name->place = place;
    name->others = wanted->labels == others;
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
static struct series_name *add_name(struct series_set *set, const struct wanted *wanted,
                                    size_t most)
{
    _Atomic size_t *count = &set->name_counts[wanted->kind];
    _Atomic(struct series_name *) *slot;
    struct series_name *name;

    pthread_mutex_lock(&set->lock);
    slot = name_slot(set, wanted, &name); /* another may have been faster */
    if (name == NULL && *count < most) {
        name = new_name(wanted, *count);
        atomic_store_explicit(slot, name, memory_order_release);
        atomic_store_explicit(count, *count + 1, memory_order_release);
    }
    pthread_mutex_unlock(&set->lock);
    return name;
}

static struct series_name *find_name(struct series_set *set, const struct wanted *wanted)
{
    size_t most = set->series_max + (wanted->labels == others);
    struct series_name *name;

    name_slot(set, wanted, &name);
    if (name != NULL ||
        atomic_load_explicit(&set->name_counts[wanted->kind], memory_order_relaxed) >= most)
        return name;
    return add_name(set, wanted, most);
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

static void widen(struct series_shard *shard)
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

static struct series *add_series(struct series_shard *shard, const struct wanted *wanted,
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

static struct series *find(struct series_shard *shard, size_t kind, const struct text *labels)
{
    struct wanted wanted = want(shard->set, kind, labels);
    struct series *series = *slot_of(shard->slots, shard->slot_count, &wanted);
    const struct series_name *name;

    if (series != NULL)
        return series;
    name = find_name(shard->set, &wanted);
    return name != NULL ? add_series(shard, &wanted, name) : find(shard, kind, others);
}

static void add(_Atomic uint64_t *to, uint64_t amount)
{
    /* Only this thread writes: no read-modify-write instruction is needed. */
    atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + amount,
                          memory_order_relaxed);
}

void series_add(struct series_shard *shard, size_t kind, const struct text *labels, uint64_t amount)
{
    add(&find(shard, kind, labels)->sum, amount);
}

struct series *series_enter(struct series_shard *shard, size_t kind, const struct text *labels)
{
    struct series *level = find(shard, kind, labels);

    add(&level->sum, 1);
    return level;
}

void series_leave(struct series *series)
{
    if (series != NULL)
        add(&series->sum, UINT64_MAX); /* one less */
}

void series_observe(struct series_shard *shard, size_t kind, const struct text *labels,
                    uint64_t value)
{
    struct series *series = find(shard, kind, labels);
    const uint64_t *bounds = shard->set->kinds[kind].bounds;
    size_t bucket = 0;

    CHECK(bounds != NULL);
    while (bounds[bucket] != 0 && value > bounds[bucket])
        bucket++;
    add(&series->buckets[bucket], 1);
    add(&series->sum, value);
}
