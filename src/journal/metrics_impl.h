/* journal/metrics_impl.h
 * Private to the metrics: their kinds, as metrics.c counts them and metrics_write.c reads them. */
#pragma once
#include "journal/metrics.h"

enum metric_kind { COUNTER, NANO, LEVEL, SECONDS, OVERHEAD, GAUGE, TOTAL };

struct metric_row {
    enum metric_kind kind;
    const char *name, *help;
    const char *labels[METRIC_LABELS_MAX];
};
extern const struct metric_row metric_rows[METRIC_COUNT], reading_rows[READING_COUNT];

struct metrics {
    struct series_kind kinds[METRIC_COUNT];
    struct series_set *set;
};

size_t metric_row_labels(const struct metric_row *row);
