/* What was counted, summed over all threads, in the words of those who scrape. */
#include "journal/metrics_impl.h"

#include "base/check.h"
#include "document/json_write.h"

#include <stdio.h>
#include <stdlib.h>

const struct metric_row reading_rows[READING_COUNT] = {
#define X(id, kind, name, help, ...) [READING_##id] = {kind, name, help, {__VA_ARGS__}},
    READINGS(X)
#undef X
};

/* --- the sums
 * ----------------------------------------------------------------------------------------- */

/* The sum of one series over all shards, while a scrape runs. */
struct total {
    const struct series_name *name; /* NULL: no shard has it yet */
    uint64_t sum;
    uint64_t buckets[BOUNDS_MAX + 1];
};
struct totals {
    struct arena arena;
    struct total *items[METRIC_COUNT];
    size_t counts[METRIC_COUNT];
};

static int by_labels(const void *a, const void *b)
{
    const struct total *x = a, *y = b;

    for (size_t i = 0; i < METRIC_LABELS_MAX; i++) {
        int order = text_compare(x->name->labels[i], y->name->labels[i]);

        if (order != 0)
            return order;
    }
    return 0;
}

/* The shard's thread inserts nothing meanwhile, so it is no longer than it takes to copy. */
static const struct series **copy_shard(struct metrics_shard *shard, struct arena *arena,
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

static void add_series(struct total *to, const struct series *series)
{
    to->name = series->name;
    to->sum += atomic_load_explicit(&series->sum, memory_order_relaxed);
    for (size_t b = 0; b <= BOUNDS_MAX; b++)
        to->buckets[b] += atomic_load_explicit(&series->buckets[b], memory_order_relaxed);
}

/* Without those that no shard has yet, sorted. */
static void tidy(struct total *items, size_t *count)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++)
        if (items[i].name != NULL)
            items[kept++] = items[i];
    *count = kept;
    qsort(items, kept, sizeof *items, by_labels);
}

/* A series has its name before it has a place in a shard: when the shards are copied first, there
 * is room for all. */
static void collect(struct metrics *metrics, struct totals *totals)
{
    const struct series **copies[SHARDS_MAX];
    size_t counts[SHARDS_MAX], shards;

    *totals = (struct totals){0};
    pthread_mutex_lock(&metrics->lock);
    shards = metrics->count;
    pthread_mutex_unlock(&metrics->lock);
    for (size_t i = 0; i < shards; i++)
        copies[i] = copy_shard(metrics->shards[i], &totals->arena, &counts[i]);
    for (size_t m = 0; m < METRIC_COUNT; m++) {
        totals->counts[m] = atomic_load_explicit(&metrics->name_counts[m], memory_order_acquire);
        totals->items[m] = ARENA_ARRAY(&totals->arena, struct total, totals->counts[m] + 1);
    }
    for (size_t i = 0; i < shards; i++)
        for (size_t s = 0; s < counts[i]; s++)
            add_series(&totals->items[copies[i][s]->name->metric][copies[i][s]->name->place],
                       copies[i][s]);
    for (size_t m = 0; m < METRIC_COUNT; m++)
        tidy(totals->items[m], &totals->counts[m]);
}

void metrics_each(struct metrics *metrics, enum metric metric,
                  void (*look)(const struct text *labels, uint64_t sum, void *to), void *to)
{
    struct totals totals;

    CHECK(metric_rows[metric].kind == COUNTER || metric_rows[metric].kind == NANO);
    collect(metrics, &totals);
    for (size_t i = 0; i < totals.counts[metric]; i++)
        look(totals.items[metric][i].name->labels, totals.items[metric][i].sum, to);
    arena_release(&totals.arena);
}

/* --- words
 * --------------------------------------------------------------------------------------------- */

static void put_label_value(struct buffer *out, struct text value)
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

static const char *type_of(enum metric_kind kind)
{
    switch (kind) {
    case COUNTER:
    case NANO:
    case TOTAL:
        return "counter";
    case SECONDS:
    case OVERHEAD:
        return "histogram";
    default:
        return "gauge";
    }
}

/* OpenMetrics: a counter's family is named without its _total, and a unit is the family's last
 * word. */
static void put_head(struct buffer *out, enum metrics_form form, const struct metric_row *row)
{
    static const char *const units[] = {"seconds", "bytes", "usd"};
    const char *type = type_of(row->kind);
    struct text name = text_of(row->name);

    if (form == METRICS_OPENMETRICS && text_ends(name, TEXT("_total")))
        name = text_first(name, name.len - strlen("_total"));
    buffer_printf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", TEXT_ARG(name), row->help,
                  TEXT_ARG(name), type);
    for (size_t i = 0; form == METRICS_OPENMETRICS && i < sizeof units / sizeof *units; i++)
        if (text_ends(name, text_of(units[i])))
            buffer_printf(out, "# UNIT %.*s %s\n", TEXT_ARG(name), units[i]);
}

/* Behind a name: {labels} and a space. */
static void put_labels(struct buffer *out, const struct metric_row *row, const struct text *labels,
                       const char *le)
{
    size_t count = metric_row_labels(row);

    if (count > 0 || le != NULL)
        buffer_put_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        buffer_put(out, text_of(row->labels[i]));
        buffer_put(out, TEXT("=\""));
        put_label_value(out, labels[i]);
        buffer_put_byte(out, '"');
    }
    if (le != NULL)
        buffer_printf(out, "%sle=\"%s\"", count > 0 ? "," : "", le);
    buffer_put(out, count > 0 || le != NULL ? TEXT("} ") : TEXT(" "));
}

/* --- what was counted
 * --------------------------------------------------------------------------------------- */

static void put_bucket(struct buffer *out, const struct metric_row *row, const struct total *total,
                       const char *le, uint64_t below)
{
    buffer_put(out, text_of(row->name));
    buffer_put(out, TEXT("_bucket"));
    put_labels(out, row, total->name->labels, le);
    buffer_put_u64(out, below);
    buffer_put_byte(out, '\n');
}

/* OpenMetrics wants a bound to look like a number with a point: "1.0". */
static void write_bound(char le[32], uint64_t us, enum metrics_form form)
{
    bool whole = form == METRICS_OPENMETRICS && us % 1000000 == 0;

    snprintf(le, 32, whole ? "%.1f" : "%g", (double)us / 1e6);
}

static void put_histogram(struct buffer *out, enum metrics_form form, enum metric metric,
                          const struct total *total)
{
    const struct metric_row *row = &metric_rows[metric];
    const uint64_t *bounds = metric_bounds(metric);
    uint64_t below = 0;
    size_t bucket = 0;
    char le[32];

    for (; bounds[bucket] != 0; bucket++) {
        below += total->buckets[bucket];
        write_bound(le, bounds[bucket], form);
        put_bucket(out, row, total, le, below);
    }
    below += total->buckets[bucket];
    put_bucket(out, row, total, "+Inf", below);
    buffer_printf(out, "%s_sum", row->name);
    put_labels(out, row, total->name->labels, NULL);
    buffer_printf(out, "%.6f\n%s_count", (double)total->sum / 1e6, row->name);
    put_labels(out, row, total->name->labels, NULL);
    buffer_put_u64(out, below);
    buffer_put_byte(out, '\n');
}

static void put_number(struct buffer *out, enum metric metric, const struct total *total)
{
    const struct metric_row *row = &metric_rows[metric];

    buffer_put(out, text_of(row->name));
    put_labels(out, row, total->name->labels, NULL);
    if (row->kind == NANO)
        json_put_nano(out, (int64_t)total->sum);
    else if (row->kind == LEVEL)
        buffer_put_i64(out, (int64_t)total->sum);
    else
        buffer_put_u64(out, total->sum);
    buffer_put_byte(out, '\n');
}

void metrics_write(struct metrics *metrics, enum metrics_form form, struct buffer *out)
{
    struct totals totals;

    collect(metrics, &totals);
    for (size_t m = 0; m < METRIC_COUNT; m++) {
        enum metric metric = (enum metric)m;
        bool histogram = metric_rows[m].kind == SECONDS || metric_rows[m].kind == OVERHEAD;

        put_head(out, form, &metric_rows[m]);
        for (size_t i = 0; i < totals.counts[m]; i++)
            if (histogram)
                put_histogram(out, form, metric, &totals.items[m][i]);
            else
                put_number(out, metric, &totals.items[m][i]);
    }
    arena_release(&totals.arena);
}

/* --- what is computed
 * --------------------------------------------------------------------------------------- */

void reading_begin(struct buffer *out, enum metrics_form form, enum reading reading)
{
    put_head(out, form, &reading_rows[reading]);
}

void reading_put(struct buffer *out, enum reading reading, const struct text *labels, double value)
{
    buffer_put(out, text_of(reading_rows[reading].name));
    put_labels(out, &reading_rows[reading], labels, NULL);
    buffer_printf(out, "%.15g\n", value);
}

void reading_put_nano(struct buffer *out, enum reading reading, const struct text *labels,
                      int64_t nano)
{
    buffer_put(out, text_of(reading_rows[reading].name));
    put_labels(out, &reading_rows[reading], labels, NULL);
    json_put_nano(out, nano);
    buffer_put_byte(out, '\n');
}

void reading_put_alone(struct buffer *out, enum metrics_form form, enum reading reading,
                       double value)
{
    reading_begin(out, form, reading);
    reading_put(out, reading, NULL, value);
}
