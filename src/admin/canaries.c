/* Routing rules that are watched, on the admin listener: how their calls fare beside the rest, and
 * which are switched off. All of it is in memory; only switching one on waits for the store. */
#include "admin/admin.h"
#include "admin/list.h"
#include "base/clock.h"
#include "canary/reason.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/shared_config.h"
#include "gateway/paths.h"

/* --- GET ---------------------------------------------------------------------------------------
 */

static void put_side(struct buffer *out, const char *name, const struct watch_counts *counts)
{
    bool costed = counts->costed > 0;

    json_put_name(out, name);
    buffer_put_byte(out, '{');
    json_put_count(out, "calls", counts->calls);
    json_put_count(out, "refused", counts->refused);
    json_put_usd(out, "mean_cost_usd",
                 costed ? (int64_t)(counts->cost / (double)counts->costed) : -1);
    buffer_put_byte(out, '}');
}

static void put_watch(struct buffer *out, const struct watch_rule *watch)
{
    json_put_name(out, "watch");
    buffer_put_byte(out, '{');
    json_put_name(out, "max_422_pct");
    if (watch->refusals)
        buffer_printf(out, "%.6g", watch->refused_most * 100);
    else
        buffer_put(out, TEXT("null"));
    json_put_name(out, "max_cost_ratio");
    if (watch->cost_ratio > 0)
        buffer_printf(out, "%.6g", watch->cost_ratio);
    else
        buffer_put(out, TEXT("null"));
    json_put_count(out, "min_calls", watch->min_calls);
    json_put_count(out, "window_ms", watch->window_ms);
    buffer_put_byte(out, '}');
}

static void put_why(struct buffer *out, const struct canary_sight *sight)
{
    char when[CLOCK_RFC3339_BYTES];
    struct buffer why = {0};

    if (!sight->off) {
        buffer_put(out, TEXT(",\"since\":null,\"reason\":null,\"why\":null,\"durable\":null"));
        return;
    }
    canary_put_reason(&why, &sight->record);
    json_put_text(out, "since", clock_rfc3339(sight->record.off_ms, when));
    json_put_text(out, "reason", text_of(canary_why_word(sight->record.why)));
    json_put_text(out, "why", buffer_text(&why));
    json_put_flag(out, "durable", sight->saved);
    buffer_release(&why);
}

static void put_canary(struct buffer *out, struct request *request, const struct endpoint *endpoint,
                       const struct canary_rule *rule)
{
    const struct target *target = &endpoint->rule_targets[rule->rule];
    struct canary *canary = request->lease->shared->canaries.items[rule->index];
    struct canary_sight sight;

    canary_look(canary, &rule->watch, loop_now_ms(request->worker->loop), &sight);
    buffer_put_byte(out, '{');
    json_put_text(out, "endpoint", endpoint->slug);
    json_put_text(out, "rule", endpoint->rules.items[rule->rule].name);
    json_put_text(out, "provider", target->provider->name);
    json_put_text(out, "model", target->model);
    json_put_text(out, "state", sight.off ? TEXT("off") : TEXT("on"));
    put_why(out, &sight);
    put_watch(out, &rule->watch);
    put_side(out, "taken", &sight.counts[WATCH_TAKEN]);
    put_side(out, "rest", &sight.counts[WATCH_REST]);
    buffer_put_byte(out, '}');
}

/* In the order of slugs, and of an endpoint's rules. False when the page is full. */
static bool list_endpoint(struct admin_list *list, struct request *request,
                          const struct endpoint *endpoint, struct admin_list_order *order)
{
    for (size_t i = 0; i < endpoint->canary_count; i++) {
        const struct canary_rule *rule = &endpoint->canaries[i];
        struct text id = arena_printf(&request->arena, "%.*s/%.*s", TEXT_ARG(endpoint->slug),
                                      TEXT_ARG(endpoint->rules.items[rule->rule].name));

        if (order->after.len > 0) {
            if (text_equal(id, order->after))
                order->after.len = 0;
            continue;
        }
        if (list->count == order->limit)
            return false;
        put_canary(admin_list_add(list, id), request, endpoint, rule);
    }
    return true;
}

void admin_list_canaries(struct request *request, struct text none)
{
    const struct config *config = request->config;
    struct admin_list_order order;
    struct admin_list list;
    bool whole = true;

    (void)none;
    if (!admin_list_read(request, &order))
        return;
    admin_list_begin(&list, &request->arena);
    for (size_t i = 0; i < config->endpoint_count && whole; i++)
        if (order.endpoint.len == 0 || text_equal(config->endpoints[i].slug, order.endpoint))
            whole = list_endpoint(&list, request, &config->endpoints[i], &order);
    request_reply(request, 200, TEXT("application/json"), admin_list_end(&list, !whole));
}

/* --- POST --------------------------------------------------------------------------------------
 */

struct rearm {
    struct shared_config *shared; /* held, and with it the canary */
    struct canary *canary;
};

static void let_go(void *thing)
{
    shared_config_release(((struct rearm *)thing)->shared);
}

static void rearm(struct job *job)
{
    struct rearm *order = job->order;
    struct buffer out = buffer_in(&job->arena);
    bool changed;

    if (!canary_rearm(order->canary, &job->act, &changed, &job->error))
        return;
    buffer_put_byte(&out, '{');
    json_put_text(&out, "endpoint", job->name);
    json_put_text(&out, "rule", job->value);
    json_put_text(&out, "state", TEXT("on"));
    json_put_name(&out, "changed");
    buffer_put(&out, changed ? TEXT("true}") : TEXT("false}"));
    job->status = 200;
    job->body = buffer_text(&out);
}

static bool rule_of(struct request *request, struct text *out)
{
    struct document document;
    uint32_t rule;

    if (!json_read(request->http.body, NULL, &request->arena, &document, NULL, &request->error))
        return false;
    rule = document_member(&document, 0, TEXT("rule"));
    if (rule == CELL_NONE || document.cells[rule].type != CELL_STRING)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/rule",
                         "'rule' must be the name of a routing rule");
    *out = arena_copy(&request->arena, document_text(&document, rule));
    return true;
}

static struct canary *find(struct request *request, struct text slug, struct text rule)
{
    const struct endpoint *endpoint = config_endpoint(request->config, slug);

    for (size_t i = 0; endpoint != NULL && i < endpoint->canary_count; i++)
        if (text_equal(endpoint->rules.items[endpoint->canaries[i].rule].name, rule))
            return request->lease->shared->canaries.items[endpoint->canaries[i].index];
    if (endpoint == NULL)
        error_set(&request->error, ERROR_ENDPOINT_NOT_FOUND, NULL, "there is no endpoint '%.*s'",
                  TEXT_ARG(text_first(slug, 64)));
    else
        error_set(&request->error, ERROR_RULE_NOT_FOUND, "/rule",
                  "endpoint '%.*s' has no rule '%.*s' that is watched", TEXT_ARG(slug),
                  TEXT_ARG(text_first(rule, 64)));
    return NULL;
}

void admin_rearm_canary(struct request *request, struct text slug)
{
    struct canary *canary = NULL;
    struct rearm *order;
    struct text rule;
    struct job *job;

    if (rule_of(request, &rule))
        canary = find(request, slug, rule);
    if (canary == NULL) {
        request_refuse(request);
        return;
    }
    job = job_new(request, rearm);
    job->name = arena_copy(&job->arena, slug);
    job->value = arena_copy(&job->arena, rule);
    job->act.action = AUDIT_CANARY_REARM;
    job->act.object = arena_printf(&job->arena, "%.*s/%.*s", TEXT_ARG(slug), TEXT_ARG(rule));
    order = ARENA_NEW(&job->arena, struct rearm);
    *order = (struct rearm){request->lease->shared, canary};
    shared_config_hold(order->shared);
    arena_defer(&job->arena, let_go, order);
    job->order = order;
    job_start(job);
}
