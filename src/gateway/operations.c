/* What a supervisor asks: alive, ready, and the counters. */
#include "base/clock.h"
#include "base/log.h"
#include "cache/answers.h"
#include "gateway/budget_gauges.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "journal/metrics.h"

#include <stdio.h>
#include <unistd.h>

void operations_live(struct request *request)
{
    request_reply(request, 200, TEXT("application/json"), TEXT("{\"status\":\"ok\"}"));
}

void operations_ready(struct request *request)
{
    struct gateway *gateway = request->worker->gateway;
    bool draining = atomic_load(&gateway->draining);
    bool usable = store_stats(gateway->store).usable;
    bool ready = !draining && usable;
    struct buffer out = buffer_in(&request->arena);

    buffer_printf(&out, "{\"status\":\"%s\"", ready ? "ready" : "not_ready");
    if (text_starts(request->http.query, TEXT("verbose")))
        buffer_printf(&out,
                      ",\"checks\":{\"accepting\":%s,\"storage\":%s,\"last_reload\":%s},"
                      "\"endpoints\":%zu",
                      draining ? "false" : "true", usable ? "true" : "false",
                      atomic_load(&gateway->last_reload_ok) ? "true" : "false",
                      request->config->endpoint_count);
    buffer_put_byte(&out, '}');
    request_reply(request, ready ? 200 : 503, TEXT("application/json"), buffer_text(&out));
}

static size_t requests_in_flight(struct gateway *gateway)
{
    size_t count = 0;

    pthread_mutex_lock(&gateway->lock);
    for (size_t i = 0; i < GATEWAY_WORKERS_MAX; i++)
        if (gateway->workers[i] != NULL)
            count +=
                atomic_load_explicit(&gateway->workers[i]->request_count, memory_order_relaxed);
    pthread_mutex_unlock(&gateway->lock);
    return count;
}

static void put_endpoints(struct request *request, struct buffer *out)
{
    const struct config *config = request->config;

    buffer_put(out, TEXT("# HELP pinion_endpoint_info The endpoints in force.\n"
                         "# TYPE pinion_endpoint_info gauge\n"));
    for (size_t i = 0; i < config->endpoint_count && i < METRIC_SERIES_MAX; i++) {
        const struct endpoint *endpoint = &config->endpoints[i];

        buffer_printf(out, "pinion_endpoint_info{endpoint=\"%.*s\",version=\"",
                      TEXT_ARG(endpoint->slug));
        if (*endpoint->number > 0)
            buffer_put_u64(out, *endpoint->number);
        else
            buffer_put(out, text_first(endpoint->version, 12));
        buffer_put(out, TEXT("\",provider=\""));
        metrics_put_label(out, endpoint->target.provider->name);
        buffer_put(out, TEXT("\",model=\""));
        metrics_put_label(out, endpoint->target.model);
        buffer_put(out, TEXT("\"} 1\n"));
    }
}

struct circuits {
    struct buffer *out;
    uint64_t now_ms;
    size_t count;
};

static void put_circuit(const struct target_health *target, void *to)
{
    struct circuits *circuits = to;

    if (circuits->count == METRIC_SERIES_MAX)
        return;
    circuits->count++;
    buffer_put(circuits->out, TEXT("pinion_circuit_state{provider=\""));
    metrics_put_label(circuits->out, target->provider);
    buffer_put(circuits->out, TEXT("\",model=\""));
    metrics_put_label(circuits->out, target->model);
    buffer_printf(circuits->out, "\"} %d\n",
                  (int)breaker_state(&target->breaker, circuits->now_ms));
}

static void put_circuits(struct request *request, struct buffer *out)
{
    struct circuits circuits = {.out = out, .now_ms = clock_monotonic_ms()};

    buffer_put(out, TEXT("# HELP pinion_circuit_state The breaker of a target: 0 closed, 1 half "
                         "open, 2 open.\n"
                         "# TYPE pinion_circuit_state gauge\n"));
    health_table_each(&request->lease->shared->health, put_circuit, &circuits);
}

static void put_canaries(struct request *request, struct buffer *out)
{
    const struct canary_table *table = &request->lease->shared->canaries;
    const struct config *config = request->config;

    if (table->count == 0)
        return;
    buffer_put(out, TEXT("# HELP pinion_canary_off Whether a watched routing rule is switched off.\n"
                         "# TYPE pinion_canary_off gauge\n"));
    for (size_t i = 0; i < config->endpoint_count; i++) {
        const struct endpoint *endpoint = &config->endpoints[i];

        for (size_t c = 0; c < endpoint->canary_count; c++) {
            const struct canary_rule *rule = &endpoint->canaries[c];

            if (rule->index >= METRIC_SERIES_MAX)
                return;
            buffer_printf(out, "pinion_canary_off{endpoint=\"%.*s\",rule=\"",
                          TEXT_ARG(endpoint->slug));
            metrics_put_label(out, endpoint->rules.items[rule->rule].name);
            buffer_printf(out, "\"} %d\n", canary_is_off(table->items[rule->index]));
        }
    }
}

static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    if (file != NULL) {
        if (fscanf(file, "%*u %lu", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void put_cache(struct gateway *gateway, struct buffer *out)
{
    struct answers_stats cache = answers_stats(gateway->answers);
    const struct text none = {0};

    metrics_write_gauge(out, "pinion_cache_entries", "Cached answers in memory.", none,
                        (double)cache.entries);
    metrics_write_gauge(out, "pinion_cache_bytes", "Memory that cached answers take.", none,
                        (double)cache.bytes);
    metrics_write_gauge(out, "pinion_cache_waiting",
                        "Calls that wait for the answer of another that is the same.", none,
                        (double)cache.waiting);
}

/* `budgets`: what the store says of them, or NULL. */
static void show_metrics(struct request *request, struct store_command *budgets)
{
    struct gateway *gateway = request->worker->gateway;
    struct store_stats store = store_stats(gateway->store);
    struct buffer out = buffer_in(&request->arena);
    const struct text none = {0};

    metrics_write(gateway->metrics, &out);
    metrics_write_gauge(&out, "pinion_inflight_requests", "Requests now under way.", none,
                        (double)requests_in_flight(gateway));
    metrics_write_gauge(&out, "pinion_config_last_reload_success",
                        "Whether the last reload was taken.", none,
                        atomic_load(&gateway->last_reload_ok));
    metrics_write_gauge(&out, "pinion_config_last_reload_timestamp_seconds",
                        "When the configuration was last reloaded.", none,
                        (double)atomic_load(&gateway->last_reload_ms) / 1e3);
    metrics_write_gauge(&out, "pinion_store_bytes", "Bytes the store uses.", none,
                        (double)store.used_bytes);
    metrics_write_gauge(&out, "pinion_store_max_bytes", "Bytes the store may use.", none,
                        (double)store.map_bytes);
    metrics_write_gauge(&out, "pinion_log_dropped_total",
                        "Log lines dropped, on their way out or into the store.", none,
                        (double)(log_dropped(gateway->log) + atomic_load(&gateway->log_dropped)));
    metrics_write_gauge(&out, "pinion_build_info", "The program.",
                        TEXT("version=\"" PINION_VERSION "\""), 1);
    metrics_write_gauge(&out, "process_resident_memory_bytes", "Resident memory size in bytes.",
                        none, resident_bytes());
    put_cache(gateway, &out);
    put_endpoints(request, &out);
    put_circuits(request, &out);
    put_canaries(request, &out);
    if (budgets != NULL)
        budget_gauges_put(request, budgets, &out);
    store_command_free(budgets);
    request_reply(request, 200, TEXT("text/plain; version=0.0.4; charset=utf-8"),
                  buffer_text(&out));
}

void operations_metrics(struct request *request)
{
    struct store_command *budgets = budget_gauges_ask(request);

    if (budgets == NULL) {
        show_metrics(request, NULL);
        return;
    }
    job_park(request);
    durable_submit(request, budgets, show_metrics);
}
