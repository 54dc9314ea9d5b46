/* What is counted for /metrics, each by its kind. */
#include "journal/metrics_impl.h"

#include "base/check.h"

#include <stdlib.h>

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

    CHECK(metrics != NULL);
    for (size_t m = 0; m < METRIC_COUNT; m++) {
        enum metric_kind kind = metric_rows[m].kind;

        metrics->kinds[m] = (struct series_kind){
            .label_count = metric_row_labels(&metric_rows[m]),
            .bounds = kind == SECONDS    ? seconds_us
                      : kind == OVERHEAD ? overhead_us
                                         : NULL,
        };
    }
    metrics->set = series_set_new(metrics->kinds, METRIC_COUNT, series_max);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    series_set_free(metrics->set);
    free(metrics);
}

struct series_shard *metrics_shard(struct metrics *metrics)
{
    return series_shard_new(metrics->set);
}

size_t metrics_series_max(const struct metrics *metrics)
{
    return series_set_max(metrics->set);
}

void metric_add(struct series_shard *shard, enum metric metric, const struct text *labels,
                uint64_t amount)
{
    CHECK(metric_rows[metric].kind == COUNTER || metric_rows[metric].kind == NANO);
    series_add(shard, metric, labels, amount);
}

void metric_observe_us(struct series_shard *shard, enum metric metric, const struct text *labels,
                       uint64_t us)
{
    series_observe(shard, metric, labels, us);
}

struct series *level_enter(struct series_shard *shard, enum metric metric,
                           const struct text *labels)
{
    CHECK(metric_rows[metric].kind == LEVEL);
    return series_enter(shard, metric, labels);
}

void level_leave(struct series *level)
{
    series_leave(level);
}
