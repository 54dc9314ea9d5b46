/* Providers, on the admin listener: whether they are reached and how fast they answer, which of
 * their keys rest, what their models cost, and which endpoints use them. Of a key only what
 * pinion.yaml calls it is told. All of it is in memory, but it is as much as there are endpoints:
 * it is gathered in a thread of its own. */
#include "admin/admin.h"
#include "admin/list.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/shared_config.h"
#include "provider/kind.h"

#include <stdlib.h>

enum { MODELS_MOST = 500, ENDPOINTS_MOST = 50 }; /* listed of a provider, and of a model */

/* One endpoint's use of one target. */
struct use {
    const struct target_health *target;
    struct text slug;
};
struct look {
    struct shared_config *shared;
    int64_t wall_ms;
    /* being made */
    struct use *uses; /* by target, then by slug */
    size_t count;
    uint64_t now_ms; /* monotonic */
};

static void let_go(void *thing)
{
    shared_config_release(((struct look *)thing)->shared);
}

/* --- who uses what -------------------------------------------------------------------------------
 */

static void add_use(struct look *look, const struct target *target, struct text slug)
{
    look->uses[look->count++] = (struct use){look->shared->health.targets[target->index], slug};
}

static void add_endpoint(struct look *look, const struct endpoint *endpoint)
{
    add_use(look, &endpoint->target, endpoint->slug);
    for (size_t i = 0; i < endpoint->failover_count; i++)
        add_use(look, &endpoint->failover[i], endpoint->slug);
    for (size_t i = 0; i < endpoint->rules.count; i++)
        add_use(look, &endpoint->rule_targets[i], endpoint->slug);
    if (endpoint->shadow != NULL)
        add_use(look, &endpoint->shadow->endpoint->target, endpoint->slug);
}

static int compare_targets(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct use *)a)->target;
    uintptr_t right = (uintptr_t)((const struct use *)b)->target;

    return (left > right) - (left < right);
}

static int compare_uses(const void *a, const void *b)
{
    int order = compare_targets(a, b);

    return order != 0 ? order
                      : text_compare(((const struct use *)a)->slug, ((const struct use *)b)->slug);
}

static size_t use_count(const struct endpoint *endpoints, size_t count)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += 2 + endpoints[i].failover_count + endpoints[i].rules.count;
    return sum;
}

/* An endpoint may name a model several times, and counts once. */
static void gather_uses(struct look *look, struct arena *arena)
{
    const struct config *config = look->shared->config;
    size_t kept = 0;

    look->uses = ARENA_ARRAY(arena, struct use,
                             use_count(config->endpoints, config->endpoint_count) +
                                 use_count(config->aliases, config->alias_count) + 1);
    for (size_t i = 0; i < config->endpoint_count; i++)
        add_endpoint(look, &config->endpoints[i]);
    for (size_t i = 0; i < config->alias_count; i++)
        add_endpoint(look, &config->aliases[i]);
    qsort(look->uses, look->count, sizeof *look->uses, compare_uses);
    for (size_t i = 0; i < look->count; i++)
        if (kept == 0 || compare_uses(&look->uses[kept - 1], &look->uses[i]) != 0)
            look->uses[kept++] = look->uses[i];
    look->count = kept;
}

/* Those of one target; NULL: nobody uses it. */
static const struct use *uses_of(const struct look *look, const struct target_health *target,
                                 size_t *out_count)
{
    const struct use wanted = {.target = target}, *end = look->uses + look->count;
    const struct use *first =
        bsearch(&wanted, look->uses, look->count, sizeof *look->uses, compare_targets);
    const struct use *last = first;

    *out_count = 0;
    if (first == NULL)
        return NULL;
    while (first > look->uses && first[-1].target == target)
        first--;
    while (last < end && last->target == target)
        last++;
    *out_count = (size_t)(last - first);
    return first;
}

/* --- a model -------------------------------------------------------------------------------------
 */

static void put_price(struct buffer *out, const struct config *config,
                      const struct provider *provider, struct text model)
{
    const struct price *price = config_price(config, provider, model);

    json_put_name(out, "price");
    if (price == NULL) {
        buffer_put(out, TEXT("null"));
        return;
    }
    buffer_put_byte(out, '{');
    json_put_usd(out, "input_usd", price->base.input);
    json_put_usd(out, "cached_input_usd", price->base.cached_input);
    json_put_usd(out, "output_usd", price->base.output);
    json_put_flag(out, "configured", config_price_said(config, price));
    buffer_put_byte(out, '}');
}

static void put_ms(struct buffer *out, const char *name, bool known, uint64_t us)
{
    json_put_name(out, name);
    if (known)
        buffer_printf(out, "%.1f", (double)us / 1000);
    else
        buffer_put(out, TEXT("null"));
}

static void put_times(struct buffer *out, const struct look *look,
                      const struct target_health *target)
{
    uint64_t answered_ms = atomic_load_explicit(&target->answered_ms, memory_order_relaxed);
    uint64_t rests_ms = atomic_load_explicit(&target->rests_until_ms, memory_order_relaxed), us = 0;
    char when[CLOCK_RFC3339_BYTES];
    bool known;

    json_put_count(out, "rests_ms", rests_ms > look->now_ms ? rests_ms - look->now_ms : 0);
    known = latency_quantile(&target->latency, 50, 1, look->now_ms, &us);
    put_ms(out, "p50_ms", known, us);
    known = latency_quantile(&target->latency, 95, TARGET_CALLS_MIN, look->now_ms, &us);
    put_ms(out, "p95_ms", known, us);
    if (answered_ms == 0)
        json_put_text_or_null(out, "answered_at", (struct text){0});
    else
        json_put_text(
            out, "answered_at",
            clock_rfc3339(look->wall_ms - (int64_t)look->now_ms + (int64_t)answered_ms, when));
}

static void put_model(struct buffer *out, const struct look *look, const struct provider *provider,
                      const struct target_health *target)
{
    static const char *const states[] = {
        [BREAKER_CLOSED] = "closed", [BREAKER_HALF_OPEN] = "half_open", [BREAKER_OPEN] = "open"};
    size_t count;
    const struct use *uses = uses_of(look, target, &count);

    buffer_put_byte(out, '{');
    json_put_text(out, "model", target->model);
    json_put_text(out, "breaker", text_of(states[breaker_state(&target->breaker, look->now_ms)]));
    put_times(out, look, target);
    put_price(out, look->shared->config, provider, target->model);
    json_put_count(out, "endpoint_count", count);
    json_put_name(out, "endpoints");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < count && i < ENDPOINTS_MOST; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, uses[i].slug);
    }
    buffer_put(out, TEXT("]}"));
}

/* --- a provider ----------------------------------------------------------------------------------
 */

static void put_keys(struct buffer *out, const struct provider *provider,
                     const struct provider_health *health, uint64_t now_ms)
{
    static const char *const states[] = {[KEY_READY] = "ready",
                                         [KEY_COOLING] = "cooling",
                                         [KEY_SPENT] = "spent",
                                         [KEY_REFUSED] = "refused"};
    uint64_t used = atomic_load_explicit(&health->keys_used, memory_order_relaxed);

    json_put_name(out, "keys");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < provider->key_count; i++) {
        enum key_state state = provider_key_state(health, (uint32_t)i, now_ms);

        buffer_put(out, i > 0 ? TEXT(",{") : TEXT("{"));
        json_put_text_or_null(out, "reference", provider->key_names[i]);
        json_put_text(out, "state", text_of(states[state]));
        json_put_count(out, "rests_ms", key_pool_rest_ms(&health->keys, (uint32_t)i, now_ms));
        json_put_flag(out, "used", used >> i & 1);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, ']');
}

/* Models that are only known, and that nobody uses or has used, are not listed. */
static bool tells(const struct look *look, const struct target_health *target)
{
    size_t count;

    uses_of(look, target, &count);
    return count > 0 || atomic_load_explicit(&target->answered_ms, memory_order_relaxed) > 0 ||
           target_health_state(target, look->now_ms) != ROUTE_UP;
}

static size_t put_models(struct buffer *out, const struct look *look, size_t place)
{
    const struct provider_targets *targets = &look->shared->health.of_providers[place];
    size_t count = 0;

    json_put_name(out, "models");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < targets->count; i++) {
        if (!tells(look, targets->items[i]) || count++ >= MODELS_MOST)
            continue;
        if (count > 1)
            buffer_put_byte(out, ',');
        put_model(out, look, &look->shared->config->providers[place], targets->items[i]);
    }
    buffer_put_byte(out, ']');
    json_put_count(out, "model_count", count);
    return count;
}

/* Gives whether it is worth a row: the built-in one is there without being named. */
static bool put_provider(struct buffer *out, const struct look *look, size_t place)
{
    static const char *const states[] = {
        [ROUTE_UP] = "up", [ROUTE_DEGRADED] = "degraded", [ROUTE_DOWN] = "down"};
    const struct provider *provider = &look->shared->config->providers[place];
    const struct health_table *health = &look->shared->health;
    bool used;

    buffer_put_byte(out, '{');
    json_put_text(out, "id", provider->name);
    json_put_text(out, "kind", text_of(provider->kind->name));
    json_put_text_or_null(out, "origin", provider->origin);
    json_put_flag(out, "stands_in", provider->stands_for != NULL);
    json_put_text(out, "state",
                  text_of(states[provider_health_state(health, place, look->now_ms)]));
    put_keys(out, provider, health->providers[place], look->now_ms);
    used = put_models(out, look, place) > 0;
    buffer_put_byte(out, '}');
    return used || !provider->dialect->local || provider->stands_for != NULL;
}

static void list(struct job *job)
{
    struct look *look = job->order;
    const struct config *config = look->shared->config;
    struct admin_list rows;

    look->now_ms = clock_monotonic_ms();
    gather_uses(look, &job->arena);
    admin_list_begin(&rows, &job->arena);
    for (size_t i = 0; i < config->provider_count; i++) {
        struct buffer row = buffer_in(&job->arena);

        if (put_provider(&row, look, i))
            buffer_put(admin_list_add(&rows, config->providers[i].name), buffer_text(&row));
    }
    job->status = 200;
    job->body = admin_list_end(&rows, false);
}

void admin_list_providers(struct request *request, struct text none)
{
    struct job *job = job_new(request, list);
    struct look *look = ARENA_NEW(&job->arena, struct look);

    (void)none;
    *look = (struct look){.shared = request->lease->shared, .wall_ms = request->wall_ms};
    shared_config_hold(look->shared);
    arena_defer(&job->arena, let_go, look);
    job->order = look;
    job_start(job);
}
