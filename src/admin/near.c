/* Who is near a limit, on the admin listener: budgets that are nearly spent, or will be before
 * their period ends if it goes on so; and tokens and projects that call about as often as they may.
 * All of them are looked at, and the nearest are listed, the very nearest first.
 *
 * A limit of a minute or an hour is whole again for whoever has not called for an hour, so that
 * only tokens in use are looked at. Budgets are read from the store some at a time, between which
 * others are served. */
#include "admin/admin.h"
#include "admin/budget_claims.h"
#include "auth/token_table.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/query.h"
#include "gateway/shared_config.h"
#include "gateway/stages.h"

enum {
    PAGE = 50,
    PAGE_MAX = 200,
    PERCENT = 80,
    BATCH = 256,         /* budgets that are read at once */
    LOOKS_MOST = 1 << 21 /* at counters; some 100 ns each */
};
#define IN_USE_MS INT64_C(3600000)
#define DAY_MS    INT64_C(86400000)
/* In the first tenth of a period nothing is said of its end. */
#define TOLD_FROM 0.1

struct near_row {
    double share; /* that is used, of 1: what they are sorted by */
    struct text json;
};
struct near_order {
    struct shared_config *shared;
    uint64_t percent, limit;
    int64_t wall_ms;
    /* being made */
    struct job *job;
    struct near_row *rows; /* at most `limit`, the nearest first */
    size_t count, near;    /* of those that are near, so many are listed */
    struct arena scratch;  /* of the names in `claims` */
    struct budget_claim claims[BATCH];
    size_t claim_count;
    uint64_t now_ms; /* monotonic */
    size_t looks;
};

static void let_go(void *thing)
{
    struct near_order *order = thing;

    arena_release(&order->scratch);
    shared_config_release(order->shared);
}

/* Where it stands among the nearest; `limit` where it is none of them. */
static size_t place_of(struct near_order *order, double share)
{
    size_t at = order->count;

    order->near++;
    while (at > 0 && order->rows[at - 1].share < share)
        at--;
    return at;
}

static void insert(struct near_order *order, size_t at, double share, const struct buffer *json)
{
    if (order->count < order->limit)
        order->count++;
    memmove(order->rows + at + 1, order->rows + at, (order->count - at - 1) * sizeof *order->rows);
    order->rows[at] = (struct near_row){share, buffer_text(json)};
}

/* What people call a token. */
static void put_token_name(struct buffer *out, const struct near_order *order, struct text of,
                           struct text name)
{
    struct token_view view;

    if (text_equal(of, TEXT("token")) && token_table_find(order->job->gateway->tokens, name, &view))
        json_put_text_or_null(out, "token_name", view.record->name);
}

/* --- budgets -------------------------------------------------------------------------------------
 */

/* When the period began that ends then: the one before ends there. */
static int64_t begin_of(const struct zone *zone, enum period_kind kind, int64_t until_ms)
{
    struct period before;

    period_at(zone, kind, until_ms - (kind == PERIOD_DAY ? DAY_MS * 17 / 16 : DAY_MS * 63 / 2),
              &before);
    return before.until_ms < until_ms ? before.until_ms : until_ms - DAY_MS;
}

/* What will be spent at the period's end if it goes on as so far; -1: it is too early to say. */
static int64_t projected(const struct near_order *order, const struct budget_claim *claim,
                         const struct budget_view *view, int64_t spent)
{
    const struct zone *zone = order->shared->config->settings.zone;
    int64_t begin_ms = begin_of(zone, claim->kind, view->until_ms);
    double gone = (double)(order->wall_ms - begin_ms) / (double)(view->until_ms - begin_ms);

    return gone < TOLD_FROM || gone > 1 ? -1 : (int64_t)((double)spent / gone);
}

static void consider_budget(struct near_order *order, const struct budget_claim *claim,
                            const struct budget_view *view, const struct budget_record *record)
{
    struct buffer json = buffer_in(&order->job->arena);
    struct text name = claim->account, of = text_split(&name, '/');
    int64_t spent = budget_claim_spent(view, record);
    int64_t then = projected(order, claim, view, spent);
    double share = (double)(spent + view->held) / (double)claim->limit;
    size_t at;

    if (share * 100 < (double)order->percent && then <= claim->limit)
        return;
    at = place_of(order, share);
    if (at == order->limit)
        return;
    buffer_put_byte(&json, '{');
    json_put_text(&json, "kind", TEXT("budget"));
    budget_claim_put(&json, &order->job->arena, claim, view, record);
    json_put_usd(&json, "projected_usd", then);
    put_token_name(&json, order, of, name);
    buffer_put_byte(&json, '}');
    insert(order, at, share, &json);
}

static void look_at_budgets(struct near_order *order)
{
    struct gateway *gateway = order->job->gateway;
    const struct settings *settings = &order->shared->config->settings;
    struct store_command *command = store_command_new(STORE_BUDGET_READ);
    struct budget_view views[BATCH];

    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, BATCH);
    command->order_count = order->claim_count;
    for (size_t i = 0; i < order->claim_count; i++) {
        budgets_view(gateway->budgets, &order->claims[i], settings->zone, settings->timezone,
                     order->wall_ms, &views[i]);
        command->orders[i].key = text_of(views[i].key);
    }
    store_wait(gateway->store, command);
    if (command->error.code != ERROR_NONE)
        order->job->error = command->error;
    for (size_t i = 0; i < order->claim_count; i++)
        consider_budget(order, &order->claims[i], &views[i], &command->orders[i].record);
    store_command_free(command);
    order->claim_count = 0;
    arena_release(&order->scratch);
}

static void take_budget(void *to, const struct budget_claim *claim)
{
    struct near_order *order = to;

    if (claim->limit == STORE_BUDGET_UNLIMITED || claim->limit == 0)
        return; /* nobody comes near to nothing */
    order->claims[order->claim_count] = *claim;
    order->claims[order->claim_count++].account = arena_copy(&order->scratch, claim->account);
    if (order->claim_count == BATCH)
        look_at_budgets(order);
}

/* --- limits --------------------------------------------------------------------------------------
 */

/* Whose limits they are. */
struct holder {
    enum policy_scope scope;
    struct text name;     /* of a token its id */
    struct text endpoint; /* of a token at one; or empty */
};

static uint32_t used_of(struct near_order *order, const struct policy *policy, uint32_t *out_s)
{
    struct rate_table *table = order->job->gateway->rates;
    const struct policy_row *row = policy_row(policy->kind);
    struct rate_verdict now;

    order->looks++;
    *out_s = 0;
    if (row->unit == POLICY_PLACES)
        return rate_inside(table, policy->key);
    now = rate_look(table, policy->key, policy->quota, row->window_ms, 1, order->now_ms);
    *out_s = now.reset_s;
    return now.remaining < policy->quota ? policy->quota - now.remaining : 0;
}

static void consider_policy(struct near_order *order, const struct holder *holder,
                            const struct policy *policy)
{
    struct buffer json = buffer_in(&order->job->arena);
    uint32_t reset_s, used = used_of(order, policy, &reset_s);
    double share = (double)used / policy->quota;
    struct text of;
    size_t at;

    if (share * 100 < (double)order->percent)
        return;
    at = place_of(order, share);
    if (at == order->limit)
        return;
    of =
        text_of(policy_scope_word(holder->scope == POLICY_PROJECT ? POLICY_PROJECT : POLICY_TOKEN));
    buffer_put_byte(&json, '{');
    json_put_text(&json, "kind", TEXT("limit"));
    json_put_text(&json, "of", of);
    json_put_text(&json, "name", holder->name);
    put_token_name(&json, order, of, holder->name);
    json_put_text_or_null(&json, "endpoint", holder->endpoint);
    json_put_text(&json, "policy", text_of(policy_row(policy->kind)->word));
    json_put_count(&json, "used", used);
    json_put_count(&json, "limit", policy->quota);
    json_put_name(&json, "percent");
    buffer_printf(&json, "%.1f", share * 100);
    json_put_count(&json, "whole_in_s", reset_s);
    buffer_put_byte(&json, '}');
    insert(order, at, share, &json);
}

static void look_at_limits(struct near_order *order, const struct call_limits *limits,
                           const struct holder *holder, struct text who, struct text what)
{
    struct policies policies = {.count = 0};

    policies_add(&policies, limits, holder->scope,
                 limit_key(policy_scope_word(holder->scope), who, what));
    for (size_t i = 0; i < policies.count; i++)
        consider_policy(order, holder, &policies.items[i]);
}

static void look_at_token(struct near_order *order, const struct token_record *token)
{
    const struct config *config = order->shared->config;
    struct holder holder = {.scope = POLICY_TOKEN, .name = token->id};

    look_at_limits(order, &token->limits, &holder, token->id, TEXT(""));
    holder.scope = POLICY_ENDPOINT;
    for (size_t i = 0; i < config->endpoint_count && order->looks < LOOKS_MOST; i++) {
        holder.endpoint = config->endpoints[i].slug;
        look_at_limits(order, &config->endpoints[i].limits, &holder, token->id, holder.endpoint);
    }
    for (size_t i = 0; i < config->alias_count && order->looks < LOOKS_MOST; i++) {
        holder.endpoint = config->aliases[i].slug;
        look_at_limits(order, &config->aliases[i].limits, &holder, token->id, holder.endpoint);
    }
}

static void look_at_all_limits(struct near_order *order)
{
    const struct config *config = order->shared->config;
    struct text after = {0};
    struct token_view view;

    for (size_t i = 0; i < config->project_count; i++) {
        const struct project *project = &config->projects[i];
        struct holder holder = {.scope = POLICY_PROJECT, .name = project->name};

        look_at_limits(order, &project->limits, &holder, project->id, TEXT(""));
    }
    for (; order->looks < LOOKS_MOST && token_table_next(order->job->gateway->tokens, after, &view);
         after = view.record->id)
        if (view.record->kind == TOKEN_CALL && view.used_ms > order->wall_ms - IN_USE_MS)
            look_at_token(order, view.record);
}

/* --- all of it -----------------------------------------------------------------------------------
 */

static void list(struct job *job)
{
    struct near_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    order->job = job;
    order->now_ms = clock_monotonic_ms();
    order->rows = ARENA_ARRAY(&job->arena, struct near_row, order->limit + 1);
    look_at_all_limits(order);
    budget_claims_each(order->shared->config, job->gateway->tokens, TEXT(""), TEXT(""), take_budget,
                       order);
    look_at_budgets(order);
    if (job->error.code != ERROR_NONE)
        return;
    buffer_put(&out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < order->count; i++) {
        if (i > 0)
            buffer_put_byte(&out, ',');
        buffer_put(&out, order->rows[i].json);
    }
    buffer_put_byte(&out, ']');
    json_put_count(&out, "total", order->near);
    json_put_flag(&out, "has_more", order->near > order->count);
    json_put_flag(&out, "complete", order->looks < LOOKS_MOST);
    buffer_put_byte(&out, '}');
    job->status = 200;
    job->body = buffer_text(&out);
}

void admin_list_near(struct request *request, struct text none)
{
    uint64_t percent = PERCENT, limit = PAGE;
    const struct query_param params[] = {
        {.name = "percent", .number = &percent, .least = 1, .greatest = 100},
        {.name = "limit", .number = &limit, .least = 1, .greatest = PAGE_MAX},
    };
    struct near_order *order;
    struct job *job;

    (void)none;
    if (!query_read(request, params, sizeof params / sizeof *params)) {
        request_refuse(request);
        return;
    }
    job = job_new(request, list);
    order = ARENA_NEW(&job->arena, struct near_order);
    *order = (struct near_order){.shared = request->lease->shared,
                                 .percent = percent,
                                 .limit = limit,
                                 .wall_ms = request->wall_ms};
    shared_config_hold(order->shared);
    arena_defer(&job->arena, let_go, order);
    job->order = order;
    job_start(job);
}
