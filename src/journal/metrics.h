/* journal/metrics.h
 * Counters and histograms for Prometheus (text format 0.0.4). All names live in the table below;
 * nothing else spells one. Each thread counts into a shard of its own without a lock; a scrape adds
 * the shards up. Label values never come from callers' text, and the series of a metric are capped:
 * what exceeds the cap is counted under endpoint="other". */
#pragma once
#include "base/buffer.h"

#define METRICS(X)                                                                                 \
    X(REQUESTS, COUNTER, "pinion_requests_total", "Answered requests.", "endpoint", "status",      \
      "code")                                                                                      \
    X(REQUEST_DURATION, SECONDS, "pinion_request_duration_seconds",                                \
      "From the whole request to the whole answer.", "endpoint", "outcome")                        \
    X(OVERHEAD, OVERHEAD, "pinion_overhead_seconds",                                               \
      "The gateway's own part of a request: all but waiting for providers and the store.",         \
      "endpoint")                                                                                  \
    X(STAGE_DURATION, OVERHEAD, "pinion_stage_duration_seconds", "One stage of the pipeline.",     \
      "stage")                                                                                     \
    X(UPSTREAM_ATTEMPTS, COUNTER, "pinion_upstream_attempts_total", "Calls to providers.",         \
      "endpoint", "provider", "model", "result")                                                   \
    X(UPSTREAM_DURATION, SECONDS, "pinion_upstream_duration_seconds",                              \
      "From sending a call to the end of its answer.", "provider", "model")                        \
    X(FIRST_TOKEN, SECONDS, "pinion_time_to_first_token_seconds",                                  \
      "From sending a call to the first byte of its answer.", "provider", "model")                 \
    X(TOKENS, COUNTER, "pinion_tokens_total", "Tokens by direction.", "endpoint", "provider",      \
      "model", "direction")                                                                        \
    X(CACHED_TOKENS, COUNTER, "pinion_cached_input_tokens_total",                                  \
      "Input tokens the provider read from its cache.", "endpoint", "provider", "model")           \
    X(CACHE_WRITE_TOKENS, COUNTER, "pinion_cache_write_input_tokens_total",                        \
      "Input tokens the provider wrote to its cache.", "endpoint", "provider", "model")            \
    X(REASONING_TOKENS, COUNTER, "pinion_reasoning_output_tokens_total",                           \
      "Output tokens spent on reasoning.", "endpoint", "provider", "model")                        \
    X(COST, NANO, "pinion_cost_usd_total", "Money spent, in US dollars.", "endpoint", "provider",  \
      "model")                                                                                     \
    X(SCHEMA_VIOLATIONS, COUNTER, "pinion_schema_violations_total",                                \
      "Documents refused by a schema.", "endpoint", "stage")                                       \
    X(GUARDRAIL, COUNTER, "pinion_guardrail_total", "Findings of guardrails, by what was done.",   \
      "endpoint", "kind", "action")                                                                \
    X(ROUTE_DECISIONS, COUNTER, "pinion_route_decisions_total", "Routing decisions.", "endpoint",  \
      "rule")                                                                                      \
    X(SHADOW, COUNTER, "pinion_shadow_total",                                                      \
      "Copies of calls to another target or endpoint, by how they compare.", "endpoint", "result") \
    X(CANARY_TRIPS, COUNTER, "pinion_canary_trips_total",                                          \
      "Routing rules switched off because their calls fared worse than the rest.", "endpoint",     \
      "rule", "reason")                                                                            \
    X(FAILOVERS, COUNTER, "pinion_failovers_total",                                                \
      "Calls that went on to another target, by why.", "endpoint", "reason")                       \
    X(CACHE, COUNTER, "pinion_cache_total",                                                        \
      "Calls of endpoints that cache: hit, miss, joined, bypass.", "endpoint", "result")           \
    X(RATE_LIMITED, COUNTER, "pinion_rate_limited_total", "Requests over a limit.", "endpoint",    \
      "policy")                                                                                    \
    X(BUDGET_REJECTED, COUNTER, "pinion_budget_rejected_total",                                    \
      "Calls that a budget did not cover.", "endpoint", "policy")                                  \
    X(CLIENT_RETRIES, COUNTER, "pinion_client_retries_total",                                      \
      "Requests that said they were repeats.", "endpoint")

enum metric {
#define X(name, ...) METRIC_##name,
    METRICS(X)
#undef X
        METRIC_COUNT
};
enum { METRIC_LABELS_MAX = 4, METRIC_SERIES_MAX = 2000 };

struct metrics;
struct metrics_shard;
struct metrics *metrics_new(void);
/* Frees the shards too. NULL does nothing. */
void metrics_free(struct metrics *metrics);
/* A shard for one thread; lives as long as the metrics, so that counts outlive their thread. */
struct metrics_shard *metrics_shard(struct metrics *metrics);

/* Adds to a counter (NANO: nano-USD). `labels` are the values in the table's order; only in the
 * shard's own thread. */
void metric_add(struct metrics_shard *shard, enum metric metric, const struct text *labels,
                uint64_t amount);
/* Counts one duration in a histogram. */
void metric_observe_us(struct metrics_shard *shard, enum metric metric, const struct text *labels,
                       uint64_t us);
/* Calls `look` with the labels and the sum of each series of a counter; any thread, but not from
 * inside. */
void metrics_each(struct metrics *metrics, enum metric metric,
                  void (*look)(const struct text *labels, uint64_t sum, void *to), void *to);
/* Appends all series that have counted anything, with HELP and TYPE; any thread. */
void metrics_write(struct metrics *metrics, struct buffer *out);
/* For gauges that are computed when scraped: HELP, TYPE and one sample. `labels` is
 * `name="value",...` already escaped, or empty. */
void metrics_write_gauge(struct buffer *out, const char *name, const char *help, struct text labels,
                         double value);
/* Appends `value` as the inside of a label: backslash, quote and newline escaped. */
void metrics_put_label(struct buffer *out, struct text value);
