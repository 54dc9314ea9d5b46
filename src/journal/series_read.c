/* What was counted, summed over all threads. */
#include "journal/series_impl.h"

#include <stdlib.h>

static int by_labels(const void *a, const void *b)
{
    const struct series_total *x = a, *y = b;

    for (size_t i = 0; i < SERIES_LABELS_MAX; i++) {
        int order = text_compare(x->labels[i], y->labels[i]);

        if (order != 0)
            return order;
    }
    return 0;
}

/* The shard's thread inserts nothing meanwhile, so it is no longer than it takes to copy. */
static const struct series **copy_shard(struct series_shard *shard, struct arena *arena,
                                        size_t *out_count)
{
    const struct series **copy;
    size_t count = 0;

    pthread_mutex_lock(&shard->lock);
    copy = ARENA_ARRAY(arena, const struct series *, shard->used + 1);
    for (size_t slot = 0; slot < shard->slot_count; slot++)
        if (shard->slots[slot] != NULL)
            copy[count++] = shard->slots[slot];
    pthread_mutex_unlock(&shard->lock);
    *out_count = count;
    return copy;
}

static void add_up(struct series_total *to, const struct series *series)
{
    to->labels = series->name->labels;
    to->place = series->name->place;
    to->others = series->name->others;
    to->sum += atomic_load_explicit(&series->sum, memory_order_relaxed);
    for (size_t b = 0; b <= SERIES_BOUNDS_MAX; b++)
        to->buckets[b] += atomic_load_explicit(&series->buckets[b], memory_order_relaxed);
}

/* Without those that no shard has yet, sorted. */
static void tidy(struct series_total *items, size_t *count)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++)
        if (items[i].labels != NULL)
            items[kept++] = items[i];
    *count = kept;
    qsort(items, kept, sizeof *items, by_labels);
}

/* A series has its name before it has a place in a shard: when the shards are copied first, there
 * is room for all. */
void series_collect(struct series_set *set, struct series_totals *out)
{
    const struct series **copies[SHARDS_MAX];
    size_t counts[SHARDS_MAX], shards;

    *out = (struct series_totals){0};
    out->items = ARENA_ARRAY(&out->arena, struct series_total *, set->kind_count);
    out->counts = ARENA_ARRAY(&out->arena, size_t, set->kind_count);
    pthread_mutex_lock(&set->lock);
    shards = set->count;
    pthread_mutex_unlock(&set->lock);
    for (size_t i = 0; i < shards; i++)
        copies[i] = copy_shard(set->shards[i], &out->arena, &counts[i]);
    for (size_t k = 0; k < set->kind_count; k++) {
        out->counts[k] = atomic_load_explicit(&set->name_counts[k], memory_order_acquire);
        out->items[k] = ARENA_ARRAY(&out->arena, struct series_total, out->counts[k] + 1);
    }
    for (size_t i = 0; i < shards; i++)
        for (size_t s = 0; s < counts[i]; s++)
            add_up(&out->items[copies[i][s]->name->kind][copies[i][s]->name->place], copies[i][s]);
    for (size_t k = 0; k < set->kind_count; k++)
        tidy(out->items[k], &out->counts[k]);
}
