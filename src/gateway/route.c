/* The rules of the endpoint look at facts of the request and of the gateway; the first that holds
 * names the target. What costs something is asked for only by rules that look at it: what was spent
 * before the decision, as the store may have to be asked, and the rest while it is made. */
#include "gateway/route.h"

#include "auth/token_grant.h"
#include "base/clock.h"
#include "canary/reason.h"
#include "gateway/durable.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

#include <stdio.h>

/* --- facts
 * --------------------------------------------------------------------------------------- */

static int64_t tokens_of(const struct chat_message *messages, size_t count)
{
    int64_t tokens = 0;

    for (size_t i = 0; i < count; i++)
        tokens += chat_estimate_message(&messages[i]);
    return tokens;
}

/* What the caller said, with all that goes along; its words alone where they are a document. */
static int64_t input_tokens(const struct request *request)
{
    const struct call_body *body = &request->body;
    int64_t said = body->parts != NULL ? chat_estimate_parts(body->parts, body->part_count)
                                       : chat_estimate_tokens(body->caller_text);

    return said + tokens_of(request->history, request->history_count) +
           tokens_of(body->earlier, body->earlier_count) +
           tokens_of(body->later, body->later_count) +
           chat_estimate_tools(body->tools, body->tool_count);
}

static int64_t code_points(struct text text)
{
    int64_t points = 0;

    for (size_t i = 0; i < text.len; i++)
        points += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return points;
}

/* Of a limit of nothing all is spent. */
static int64_t spent_percent(const struct request *request, enum period_kind kind)
{
    int64_t limit = request->endpoint->budget.limits[kind];
    int64_t spent = request->routing->spent[kind];

    if (!request->endpoint->budget.limited[kind])
        return 0;
    return limit > 0 ? (int64_t)((__int128)spent * 100 / limit) : 100;
}

static struct route_facts facts_of(const struct request *request)
{
    const struct call_body *body = &request->body;
    const struct token_record *token = request->token;
    unsigned asks = request->endpoint->rules.asks;

    return (struct route_facts){
        .input_tokens = (asks & ROUTE_ASKS_TOKENS) != 0 ? input_tokens(request) : 0,
        .input_chars = (asks & ROUTE_ASKS_CHARS) != 0 ? code_points(body->caller_text) : 0,
        .messages_count =
            (int64_t)(body->earlier_count + request->history_count + 1 + body->later_count),
        .session_messages = (int64_t)request->history_count,
        .monthly_spend_pct = spent_percent(request, PERIOD_MONTH),
        .daily_spend_pct = spent_percent(request, PERIOD_DAY),
        .has_input_schema = request->endpoint->input != NULL,
        .has_output_schema = request->endpoint->output != NULL,
        .has_tools = body->tool_count > 0,
        .streaming = body->stream,
        .wall_ms = request->wall_ms,
        .endpoint = request->endpoint->slug,
        .caller = token->id,
        .session = request->session_id,
        .request = request->id,
        .caller_name = token->name,
        .project = request->project->name,
        .tags = token->tags,
        .tag_count = token->tag_count,
        .input = request->endpoint->input != NULL ? body->input : NULL,
        .input_at = body->input_at,
    };
}

/* --- facts that are asked for
 * -------------------------------------------------------------------- */

static bool header(const void *from, struct text name, struct text *out_value)
{
    const struct request *request = from;

    for (size_t i = 0; i < request->http.header_count; i++)
        if (text_equal(request->http.headers[i].name, name)) {
            *out_value = request->http.headers[i].value;
            return true;
        }
    return false;
}

static struct target_health *health_of(const struct request *request, const struct target *target)
{
    return request->lease->shared->health.targets[target->index];
}

static enum route_health health(const void *from, size_t need)
{
    const struct request *request = from;
    const struct target *watched = &request->endpoint->watched[need];
    uint64_t now_ms = loop_now_ms(request->worker->loop);

    if (watched->model.len > 0)
        return target_health_state(health_of(request, watched), now_ms);
    return provider_health_state(&request->lease->shared->health,
                                 (size_t)(watched->provider - request->config->providers), now_ms);
}

static bool p95_ms(const void *from, size_t need, int64_t *out_ms)
{
    const struct request *request = from;

    return target_p95_ms(health_of(request, &request->endpoint->watched[need]),
                         loop_now_ms(request->worker->loop), out_ms);
}

static bool off(const void *from, size_t rule, struct buffer *out_why)
{
    const struct request *request = from;
    const struct endpoint *endpoint = request->endpoint;
    struct canary_sight sight;

    for (size_t i = 0; i < endpoint->canary_count; i++) {
        const struct canary_rule *watched = &endpoint->canaries[i];
        struct canary *canary = request->lease->shared->canaries.items[watched->index];

        if (watched->rule != rule || !canary_is_off(canary))
            continue;
        if (out_why == NULL)
            return true;
        canary_look(canary, &watched->watch, loop_now_ms(request->worker->loop), &sight);
        canary_put_off(out_why, &sight.record);
        return true;
    }
    return false;
}

static const struct route_source source = {header, health, p95_ms, off};

/* --- the decision
 * -------------------------------------------------------------------------------- */

static void ask_rules(struct request *request)
{
    const struct route_rules *rules = &request->endpoint->rules;
    struct routing *routing = request->routing;
    struct route_facts facts = facts_of(request);

    facts.source = &source;
    facts.from = request;
    if (request->explains)
        routing->trace.arena = &request->arena;
    else
        routing->trace.looks = routing->looks;
    request->rule = request->explains ? route_explain(rules, &facts, &routing->trace)
                                      : route_first_match(rules, &facts, &routing->trace);
    if (request->explains)
        routing->reason_count =
            route_trace_reasons(&routing->trace, true, &request->arena, &routing->reasons);
    if (request->rule == ROUTE_DEFAULT)
        return;
    request->target = &request->endpoint->rule_targets[request->rule];
    request->rule_name = rules->items[request->rule].name;
    if (request->endpoint->rule_endpoints != NULL &&
        request->endpoint->rule_endpoints[request->rule] != NULL) {
        request->endpoint = request->endpoint->rule_endpoints[request->rule];
        request->target = &request->endpoint->target;
    }
}

static bool decide(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;

    if (endpoint->rules.count > 0)
        ask_rules(request);
    if (request->routing != NULL)
        request->routing->decided = true;
    if (request->decided == NULL) {
        const struct text labels[] = {endpoint->slug, request->rule_name};

        metric_add(request->worker->metrics, METRIC_ROUTE_DECISIONS, labels, 1);
    }
    return token_allows_model(request->token, request->target->provider->name,
                              request->target->model) ||
           error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this token may not use the model '%.*s'", TEXT_ARG(request->target->model));
}

static bool decide_timed(struct request *request)
{
    uint64_t start_us = clock_monotonic_us();
    bool good = decide(request);

    request->times.route_us = clock_monotonic_us() - start_us + 1; /* 0: it has not been there */
    return good;
}

/* --- what was spent
 * ------------------------------------------------------------------------------ */

static void view(const struct request *request, enum period_kind kind, struct budget_view *out)
{
    const struct settings *settings = &request->config->settings;
    struct text slug = request->endpoint->slug;
    char account[96];
    int len = snprintf(account, sizeof account, "endpoint/%.*s", TEXT_ARG(slug));
    const struct budget_claim claim = {
        .account = {account, (size_t)len},
        .kind = kind,
        .limit = request->endpoint->budget.limits[kind],
    };

    budgets_view(request->worker->gateway->budgets, &claim, settings->zone, settings->timezone,
                 request->wall_ms, out);
}

/* The budgets know of an account what it has spent once a call was held for; until then only the
 * store does. */
static void store_said(struct request *request, struct store_command *command)
{
    request->times.store_us += request_waited_us(request);
    if (command->error.code != ERROR_NONE)
        request->error = command->error;
    for (size_t i = 0; i < command->order_count; i++) {
        const struct budget_order *order = &command->orders[i];

        request->routing->spent[i] = order->record.settled + order->record.recovered;
    }
    store_command_free(command);
    if (request->error.code == ERROR_NONE)
        decide_timed(request);
    pipeline_resume(request);
}

static void ask_store(struct request *request, const struct budget_view *views)
{
    struct store_command *command = store_command_new(STORE_BUDGET_READ);

    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, PERIOD_KIND_COUNT);
    command->order_count = PERIOD_KIND_COUNT;
    for (size_t i = 0; i < PERIOD_KIND_COUNT; i++)
        command->orders[i].key = arena_copy(&command->arena, text_of(views[i].key));
    request_waits(request);
    durable_submit(request, command, store_said);
}

/* False: the store is asked, and the request waits. */
static bool look_at_budgets(struct request *request)
{
    struct budget_view views[PERIOD_KIND_COUNT];
    bool known = true;

    for (size_t kind = 0; kind < PERIOD_KIND_COUNT; kind++) {
        view(request, (enum period_kind)kind, &views[kind]);
        request->routing->spent[kind] = views[kind].spent;
        known &= views[kind].known || !request->endpoint->budget.limited[kind];
    }
    if (!known)
        ask_store(request, views);
    return known;
}

enum verdict stage_route(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;

    request->target = &endpoint->target;
    request->rule = ROUTE_DEFAULT;
    request->rule_name = request->shadow == NULL ? TEXT("default") : TEXT("shadow");
    if (request->shadow != NULL)
        return NEXT;
    if (endpoint->rules.count > 0 || request->explains)
        request->routing = ARENA_NEW(&request->arena, struct routing);
    if ((endpoint->rules.asks & ROUTE_ASKS_SPEND) != 0 && !look_at_budgets(request))
        return WAIT;
    return decide_timed(request) ? NEXT : FAIL;
}
