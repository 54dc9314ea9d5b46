/* journal/metrics.h
 * Counters, levels and histograms for Prometheus, which are series (series.h); all names stand in
 * metric_names.h. Label values never come from callers' text; what exceeds the cap is counted under
 * endpoint="other", and whatever else the metric has for labels likewise. */
#pragma once
#include "base/buffer.h"
#include "journal/metric_names.h"
#include "journal/series.h"

enum metric {
#define X(name, ...) METRIC_##name,
    METRICS(X)
#undef X
        METRIC_COUNT
};
enum reading {
#define X(name, ...) READING_##name,
    READINGS(X)
#undef X
        READING_COUNT
};
/* METRIC_SERIES_MAX: the cap where the configuration names none. */
enum { METRIC_LABELS_MAX = 4, METRIC_SERIES_MAX = 2000 };

struct metrics;
/* `series_max`: the cap, 1 or more. */
struct metrics *metrics_new(size_t series_max);
/* Frees the shards too. NULL does nothing. */
void metrics_free(struct metrics *metrics);
/* A shard for one thread; lives as long as the metrics, so that counts outlive their thread. */
struct series_shard *metrics_shard(struct metrics *metrics);
size_t metrics_series_max(const struct metrics *metrics);

/* Adds to a counter (NANO: nano-USD). `labels` are the values in the table's order; only in the
 * shard's own thread. */
void metric_add(struct series_shard *shard, enum metric metric, const struct text *labels,
                uint64_t amount);
/* Counts one duration in a histogram. */
void metric_observe_us(struct series_shard *shard, enum metric metric, const struct text *labels,
                       uint64_t us);
/* One more of a level. Gives where it is counted, for level_leave, in the same thread. */
struct series *level_enter(struct series_shard *shard, enum metric metric,
                           const struct text *labels);
/* NULL does nothing. */
void level_leave(struct series *level);
/* Calls `look` with the labels and the sum of each series of a counter; any thread, but not from
 * inside. */
void metrics_each(struct metrics *metrics, enum metric metric,
                  void (*look)(const struct text *labels, uint64_t sum, void *to), void *to);

/* --- as they are read
 * --------------------------------------------------------------------------------------------- */

/* Prometheus' text format 0.0.4, or OpenMetrics 1.0 (openmetrics.io, "Text format"). */
enum metrics_form { METRICS_TEXT, METRICS_OPENMETRICS };
/* The one that an Accept header (RFC 9110, section 12.5.1) likes best; text unless OpenMetrics is
 * named and weighs no less. */
enum metrics_form metrics_form_of(struct text accept);
struct text metrics_content_type(enum metrics_form form);
/* Appends what was counted, every metric with its HELP and TYPE; any thread. */
void metrics_write(struct metrics *metrics, enum metrics_form form, struct buffer *out);
/* What is computed: first what it is, then each sample. Labels are in the table's order. */
void reading_begin(struct buffer *out, enum metrics_form form, enum reading reading);
void reading_put(struct buffer *out, enum reading reading, const struct text *labels, double value);
void reading_put_nano(struct buffer *out, enum reading reading, const struct text *labels,
                      int64_t nano);
/* Both, of what has no labels. */
void reading_put_alone(struct buffer *out, enum metrics_form form, enum reading reading,
                       double value);
/* Behind the last of all. */
void metrics_end(struct buffer *out, enum metrics_form form);
