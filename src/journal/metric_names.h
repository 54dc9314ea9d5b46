/* journal/metric_names.h
 * Every metric that /metrics shows: its name, its type, what it means, and its labels. Nothing else
 * spells one. Names are those of Prometheus: base units, `_total` on what only grows. */
#pragma once

/* What the threads count: kinds are COUNTER, NANO (a counter of nano-USD, shown as USD), LEVEL
 * (goes up and down), and the histograms SECONDS and OVERHEAD, by their buckets. */
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
      "Calls that repeat one of the same token within a minute, or say so.", "endpoint")           \
    X(TOKEN_COST, NANO, "pinion_token_cost_usd_total",                                             \
      "Money spent by a token, in US dollars; with metrics: {per_token: true}.", "token")          \
    X(INFLIGHT, LEVEL, "pinion_inflight_requests", "Calls now under way.", "endpoint")             \
    X(OPEN_STREAMS, LEVEL, "pinion_open_streams", "Streams now open towards clients.", "endpoint")

/* What is computed when it is asked for: kinds are GAUGE and TOTAL. */
#define READINGS(X)                                                                                \
    X(SESSIONS, GAUGE, "pinion_sessions", "Sessions that are kept.", "endpoint")                   \
    X(RELOAD_SUCCESS, GAUGE, "pinion_config_last_reload_success",                                  \
      "Whether the last reload was taken.", NULL)                                                  \
    X(RELOAD_TIME, GAUGE, "pinion_config_last_reload_timestamp_seconds",                           \
      "When the configuration was last reloaded, since the epoch.", NULL)                          \
    X(STORE_BYTES, GAUGE, "pinion_store_bytes", "Bytes the store uses.", NULL)                     \
    X(STORE_MAX_BYTES, GAUGE, "pinion_store_max_bytes", "Bytes the store may use.", NULL)          \
    X(LOG_DROPPED, TOTAL, "pinion_log_dropped_total",                                              \
      "Log lines dropped, on their way out or into the store.", NULL)                              \
    X(OTLP_FAILURES, TOTAL, "pinion_otlp_export_failures_total",                                   \
      "Exports of spans or metrics that did not reach their collector.", NULL)                                \
    X(OTLP_DROPPED, TOTAL, "pinion_otlp_dropped_total",                                            \
      "Spans that did not reach their collector, or found no room in the queue.", NULL)            \
    X(CACHE_ENTRIES, GAUGE, "pinion_cache_entries", "Cached answers in memory.", NULL)             \
    X(CACHE_BYTES, GAUGE, "pinion_cache_bytes", "Memory that cached answers take.", NULL)          \
    X(CACHE_WAITING, GAUGE, "pinion_cache_waiting",                                                \
      "Calls that wait for the answer of another that is the same.", NULL)                         \
    X(ENDPOINT_INFO, GAUGE, "pinion_endpoint_info", "The endpoints in force.", "endpoint",         \
      "version", "provider", "model")                                                              \
    X(CIRCUIT_STATE, GAUGE, "pinion_circuit_state",                                                \
      "The breakers of a provider, as the worst of them is: 0 closed, 1 half open, 2 open.",       \
      "provider")                                                                                  \
    X(TARGET_CIRCUIT_STATE, GAUGE, "pinion_target_circuit_state",                                  \
      "The breaker of one model at a provider, likewise.", "provider", "model")                    \
    X(CANARY_OFF, GAUGE, "pinion_canary_off", "Whether a watched routing rule is switched off.",   \
      "endpoint", "rule")                                                                          \
    X(BUDGET_LIMIT, GAUGE, "pinion_budget_limit_usd", "What may be spent in a period.",            \
      "endpoint", "period")                                                                        \
    X(BUDGET_SPENT, GAUGE, "pinion_budget_spent_usd", "What was spent in the period so far.",      \
      "endpoint", "period")                                                                        \
    X(BUILD_INFO, GAUGE, "pinion_build_info", "The program.", "version", "revision")               \
    X(CPU_SECONDS, TOTAL, "process_cpu_seconds_total",                                             \
      "Total user and system CPU time spent in seconds.", NULL)                                    \
    X(OPEN_FDS, GAUGE, "process_open_fds", "Number of open file descriptors.", NULL)               \
    X(MAX_FDS, GAUGE, "process_max_fds", "Maximum number of open file descriptors.", NULL)         \
    X(VIRTUAL_BYTES, GAUGE, "process_virtual_memory_bytes", "Virtual memory size in bytes.", NULL) \
    X(VIRTUAL_MAX_BYTES, GAUGE, "process_virtual_memory_max_bytes",                                \
      "Maximum amount of virtual memory available in bytes.", NULL)                                \
    X(RESIDENT_BYTES, GAUGE, "process_resident_memory_bytes", "Resident memory size in bytes.",    \
      NULL)                                                                                        \
    X(START_TIME, GAUGE, "process_start_time_seconds",                                             \
      "Start time of the process since the epoch in seconds.", NULL)                               \
    X(THREADS, GAUGE, "process_threads", "Number of threads of the process.", NULL)
