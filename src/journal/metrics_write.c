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

void metrics_each(struct metrics *metrics, enum metric metric,
                  void (*look)(const struct text *labels, uint64_t sum, void *to), void *to)
{
    struct series_totals totals;

    CHECK(metric_rows[metric].kind == COUNTER || metric_rows[metric].kind == NANO);
    series_collect(metrics->set, &totals);
    for (size_t i = 0; i < totals.counts[metric]; i++)
        look(totals.items[metric][i].labels, totals.items[metric][i].sum, to);
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

static void put_bucket(struct buffer *out, const struct metric_row *row,
                       const struct series_total *total, const char *le, uint64_t below)
{
    buffer_put(out, text_of(row->name));
    buffer_put(out, TEXT("_bucket"));
    put_labels(out, row, total->labels, le);
    buffer_put_u64(out, below);
    buffer_put_byte(out, '\n');
}

/* OpenMetrics wants a bound to look like a number with a point: "1.0". */
static void write_bound(char le[32], uint64_t us, enum metrics_form form)
{
    bool whole = form == METRICS_OPENMETRICS && us % 1000000 == 0;

    snprintf(le, 32, whole ? "%.1f" : "%g", (double)us / 1e6);
}

static void put_histogram(struct buffer *out, enum metrics_form form, const struct metric_row *row,
                          const uint64_t *bounds, const struct series_total *total)
{
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
    put_labels(out, row, total->labels, NULL);
    buffer_printf(out, "%.6f\n%s_count", (double)total->sum / 1e6, row->name);
    put_labels(out, row, total->labels, NULL);
    buffer_put_u64(out, below);
    buffer_put_byte(out, '\n');
}

static void put_number(struct buffer *out, enum metric metric, const struct series_total *total)
{
    const struct metric_row *row = &metric_rows[metric];

    buffer_put(out, text_of(row->name));
    put_labels(out, row, total->labels, NULL);
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
    struct series_totals totals;

    series_collect(metrics->set, &totals);
    for (size_t m = 0; m < METRIC_COUNT; m++) {
        enum metric metric = (enum metric)m;
        bool histogram = metrics->kinds[m].bounds != NULL;

        put_head(out, form, &metric_rows[m]);
        for (size_t i = 0; i < totals.counts[m]; i++)
            if (histogram)
                put_histogram(out, form, &metric_rows[m], metrics->kinds[m].bounds,
                              &totals.items[m][i]);
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
