/* GET /metrics. Everything is read and written in a thread aside: with many series that takes
 * longer than a loop can spare, and some of it waits for the store. */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "cache/answers.h"
#include "gateway/aside.h"
#include "gateway/budget_gauges.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/session_counts.h"
#include "journal/metrics.h"
#include "journal/process_readings.h"
#include "telemetry/exporter.h"
#include "telemetry/meter.h"

#include <stdlib.h>

struct scrape {
    struct aside_work work;  /* first */
    struct request *request; /* NULL: it has gone; only the loop's thread looks */
    struct gateway *gateway;
    struct shared_config *shared; /* held */
    enum metrics_form form;
    int64_t wall_ms;
    size_t series_max;
    struct arena arena;
    struct buffer out; /* in the arena */
    int holders;       /* the request, and the answer on its way; both in the loop's thread */
};

/* --- what is computed
 * ----------------------------------------------------------------------------------------- */

static void put_endpoint(struct scrape *scrape, const struct endpoint *endpoint)
{
    struct buffer version = buffer_in(&scrape->arena);
    struct text labels[] = {
        endpoint->slug, {0}, endpoint->target.provider->name, endpoint->target.model};

    if (*endpoint->number > 0)
        buffer_put_u64(&version, *endpoint->number);
    else
        buffer_put(&version, text_first(endpoint->version, 12));
    labels[1] = buffer_text(&version);
    reading_put(&scrape->out, READING_ENDPOINT_INFO, labels, 1);
}

static void put_endpoints(struct scrape *scrape)
{
    const struct config *config = scrape->shared->config;

    reading_begin(&scrape->out, scrape->form, READING_ENDPOINT_INFO);
    for (size_t i = 0; i < config->endpoint_count && i < scrape->series_max; i++)
        put_endpoint(scrape, &config->endpoints[i]);
}

/* A breaker is one model's; a provider is told to be where the worst of its models is. */
static void put_circuits(struct scrape *scrape, uint64_t now_ms)
{
    const struct health_table *table = &scrape->shared->health;

    reading_begin(&scrape->out, scrape->form, READING_CIRCUIT_STATE);
    for (size_t p = 0; p < table->provider_count && p < scrape->series_max; p++) {
        const struct provider_targets *targets = &table->of_providers[p];
        enum breaker_state worst = BREAKER_CLOSED;

        for (size_t i = 0; i < targets->count; i++) {
            enum breaker_state state = breaker_state(&targets->items[i]->breaker, now_ms);

            worst = state > worst ? state : worst;
        }
        if (targets->count > 0)
            reading_put(&scrape->out, READING_CIRCUIT_STATE, &targets->items[0]->provider, worst);
    }
}

static void put_target_circuits(struct scrape *scrape, uint64_t now_ms)
{
    const struct health_table *table = &scrape->shared->health;
    size_t count = 0;

    reading_begin(&scrape->out, scrape->form, READING_TARGET_CIRCUIT_STATE);
    for (size_t p = 0; p < table->provider_count; p++)
        for (size_t i = 0; i < table->of_providers[p].count; i++) {
            const struct target_health *target = table->of_providers[p].items[i];
            const struct text labels[] = {target->provider, target->model};

            if (count++ == scrape->series_max)
                return;
            reading_put(&scrape->out, READING_TARGET_CIRCUIT_STATE, labels,
                        breaker_state(&target->breaker, now_ms));
        }
}

static void put_canaries(struct scrape *scrape)
{
    const struct canary_table *table = &scrape->shared->canaries;
    const struct config *config = scrape->shared->config;

    reading_begin(&scrape->out, scrape->form, READING_CANARY_OFF);
    for (size_t i = 0; i < config->endpoint_count; i++) {
        const struct endpoint *endpoint = &config->endpoints[i];

        for (size_t c = 0; c < endpoint->canary_count; c++) {
            const struct canary_rule *rule = &endpoint->canaries[c];
            const struct text labels[] = {endpoint->slug, endpoint->rules.items[rule->rule].name};

            if (rule->index >= scrape->series_max)
                return;
            reading_put(&scrape->out, READING_CANARY_OFF, labels,
                        canary_is_off(table->items[rule->index]));
        }
    }
}

static void put(struct scrape *scrape, enum reading reading, double value)
{
    reading_put_alone(&scrape->out, scrape->form, reading, value);
}

static void put_cache(struct scrape *scrape)
{
    struct answers_stats cache = answers_stats(scrape->gateway->answers);

    put(scrape, READING_CACHE_ENTRIES, (double)cache.entries);
    put(scrape, READING_CACHE_BYTES, (double)cache.bytes);
    put(scrape, READING_CACHE_WAITING, (double)cache.waiting);
}

static void put_gateway(struct scrape *scrape)
{
    static const struct text build[] = {TEXT_INIT(PINION_VERSION), TEXT_INIT(PINION_REVISION)};
    struct gateway *gateway = scrape->gateway;
    struct store_stats store = store_stats(gateway->store);
    struct sender_counts spans = exporter_counts(gateway->exporter);
    struct sender_counts measures = meter_counts(gateway->meter);
    uint64_t dropped = log_dropped(gateway->log) + atomic_load(&gateway->log_dropped);

    put(scrape, READING_RELOAD_SUCCESS, atomic_load(&gateway->last_reload_ok));
    put(scrape, READING_RELOAD_TIME, (double)atomic_load(&gateway->last_reload_ms) / 1e3);
    put(scrape, READING_STORE_BYTES, (double)store.used_bytes);
    put(scrape, READING_STORE_MAX_BYTES, (double)store.map_bytes);
    put(scrape, READING_LOG_DROPPED, (double)dropped);
    put(scrape, READING_OTLP_FAILURES, (double)(spans.failures + measures.failures));
    put(scrape, READING_OTLP_DROPPED, (double)spans.lost);
    reading_begin(&scrape->out, scrape->form, READING_BUILD_INFO);
    reading_put(&scrape->out, READING_BUILD_INFO, build, 1);
}

static void run(struct aside_work *work)
{
    struct scrape *scrape = (struct scrape *)work;
    struct gateway *gateway = scrape->gateway;
    const struct config *config = scrape->shared->config;

    metrics_write(gateway->metrics, scrape->form, &scrape->out);
    put_gateway(scrape);
    put_cache(scrape);
    put_endpoints(scrape);
    put_circuits(scrape, clock_monotonic_ms());
    put_target_circuits(scrape, clock_monotonic_ms());
    put_canaries(scrape);
    budget_gauges_put(gateway, config, scrape->wall_ms, scrape->form, &scrape->out);
    session_counts_put(gateway->session_counts, gateway->store, config, scrape->form,
                       scrape->series_max, &scrape->out);
    process_readings_put(scrape->form, &scrape->out);
    metrics_end(&scrape->out, scrape->form);
}

/* --- its request
 * ---------------------------------------------------------------------------------------------- */

static void let_go(struct scrape *scrape)
{
    if (--scrape->holders > 0)
        return;
    shared_config_release(scrape->shared);
    arena_release(&scrape->arena);
    free(scrape);
}

static void forget_request(void *thing)
{
    struct scrape *scrape = thing;

    scrape->request = NULL;
    let_go(scrape);
}

static void answer(struct loop_task *task)
{
    struct scrape *scrape = (struct scrape *)task;
    struct request *request = scrape->request;

    if (request != NULL && !request->finished)
        request_reply(request, 200, metrics_content_type(scrape->form),
                      buffer_text(&scrape->out)); /* the request holds the scrape */
    let_go(scrape);
}

void operations_metrics(struct request *request)
{
    struct gateway *gateway = request->worker->gateway;
    struct scrape *scrape = calloc(1, sizeof *scrape);

    CHECK(scrape != NULL);
    *scrape = (struct scrape){
        .work = {.done = {.run = answer}, .run = run, .loop = request->worker->loop},
        .request = request,
        .gateway = gateway,
        .shared = request->lease->shared,
        .form = metrics_form_of(http_header(&request->http, TEXT("accept"))),
        .wall_ms = request->wall_ms,
        .series_max = metrics_series_max(gateway->metrics),
        .holders = 2,
    };
    scrape->out = buffer_in(&scrape->arena);
    shared_config_hold(scrape->shared);
    arena_defer(&request->arena, forget_request, scrape);
    job_park(request);
    aside_start(gateway, &scrape->work);
}
