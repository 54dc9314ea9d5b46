/* What was counted, summed over all threads, as Prometheus reads it. */
#include "journal/metrics_impl.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

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
    size_t count = metric_label_count(metric);

    buffer_put_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s%s=\"", i > 0 ? "," : "", metric_rows[metric].labels[i]);
        metrics_put_label(out, total->series->labels[i]);
        buffer_put_byte(out, '"');
    }
    if (le != NULL)
        buffer_printf(out, "%sle=\"%s\"", count > 0 ? "," : "", le);
    buffer_put(out, TEXT("} "));
}

static void put_histogram(struct buffer *out, const struct total *total, enum metric metric)
{
    const uint64_t *bounds = metric_bounds(metric);
    uint64_t below = 0;
    size_t bucket = 0;
    char le[32];

    for (; bounds[bucket] != 0; bucket++) {
        below += total->buckets[bucket];
        snprintf(le, sizeof le, "%g", (double)bounds[bucket] / 1e6);
        buffer_printf(out, "%s_bucket", metric_rows[metric].name);
        put_labels(out, total, metric, le);
        buffer_printf(out, "%llu\n", (unsigned long long)below);
    }
    below += total->buckets[bucket];
    buffer_printf(out, "%s_bucket", metric_rows[metric].name);
    put_labels(out, total, metric, "+Inf");
    buffer_printf(out, "%llu\n%s_sum", (unsigned long long)below, metric_rows[metric].name);
    put_labels(out, total, metric, NULL);
    buffer_printf(out, "%.6f\n%s_count", (double)total->sum / 1e6, metric_rows[metric].name);
    put_labels(out, total, metric, NULL);
    buffer_printf(out, "%llu\n", (unsigned long long)below);
}

static void put_counter(struct buffer *out, const struct total *total, enum metric metric)
{
    buffer_put(out, text_of(metric_rows[metric].name));
    put_labels(out, total, metric, NULL);
    if (metric_rows[metric].kind == NANO)
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

    CHECK(metric_rows[metric].kind == COUNTER || metric_rows[metric].kind == NANO);
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
        bool counter = metric_rows[metric].kind == COUNTER || metric_rows[metric].kind == NANO;
        struct total *totals;
        size_t count = collect(metrics, (enum metric)metric, &arena, &totals);

        if (count == 0)
            continue;
        buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", metric_rows[metric].name,
                      metric_rows[metric].help, metric_rows[metric].name,
                      counter ? "counter" : "histogram");
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
