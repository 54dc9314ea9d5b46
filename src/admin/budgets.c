/* Budgets, on the admin listener: how those that are configured stand now, and what was spent of
 * one in every period there was. What is in memory is as exact as can be; what is not, the store
 * says. */
#include "admin/admin.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/query.h"
#include "gateway/reserve.h"
#include "gateway/paths.h"

#include <stdlib.h>

enum { PAGE = 100, PAGE_MAX = 200 };

/* What a call is about, in its job's arena. */
struct budgets_order {
    struct shared_config *shared;
    struct text of, name, after;
    size_t limit;
    int64_t wall_ms;
    /* being made */
    struct budget_claim *claims; /* those that are listed */
    size_t count;
    bool more;
};

static void let_go(void *thing)
{
    shared_config_release(((struct budgets_order *)thing)->shared);
}

/* --- which there are
 * -------------------------------------------------------------------------------- */

/* "endpoint/summarize/daily": what an account is called for as long as it is configured, and the
 * order in which they are listed. */
static struct text id_of(struct arena *arena, const struct budget_claim *claim)
{
    return arena_printf(arena, "%.*s/%s", TEXT_ARG(claim->account), period_word(claim->kind));
}

/* Keeps the first of those behind `after`, in order: few are listed, and many may be configured. */
static void consider(struct job *job, const struct budget_claim *claim)
{
    struct budgets_order *order = job->order;
    struct text id = id_of(&job->arena, claim);
    size_t at = order->count;

    if (order->after.len > 0 && text_compare(id, order->after) <= 0)
        return;
    while (at > 0 && text_compare(id, id_of(&job->arena, &order->claims[at - 1])) < 0)
        at--;
    if (at == order->limit) {
        order->more = true;
        return;
    }
    order->more |= order->count == order->limit;
    if (order->count < order->limit)
        order->count++;
    memmove(order->claims + at + 1, order->claims + at,
            (order->count - at - 1) * sizeof *order->claims);
    order->claims[at] = *claim;
}

static bool wanted(const struct budgets_order *order, struct text of, struct text name)
{
    return (order->of.len == 0 || text_equal(order->of, of)) &&
           (order->name.len == 0 || text_equal(order->name, name));
}

static void consider_rule(struct job *job, struct text of, struct text name,
                          const struct budget_rule *rule, uint32_t markup, bool always)
{
    struct text account = of;

    if (!wanted(job->order, of, name))
        return;
    if (name.len > 0)
        account = arena_printf(&job->arena, "%.*s/%.*s", TEXT_ARG(of), TEXT_ARG(name));
    for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++)
        if (rule->limited[kind] || always)
            consider(job,
                     &(struct budget_claim){.account = account,
                                            .kind = (enum period_kind)kind,
                                            .limit = rule->limited[kind] ? rule->limits[kind]
                                                                         : STORE_BUDGET_UNLIMITED,
                                            .markup = markup});
}

/* Its tokens are charged as a project is. */
static uint32_t markup_of(const struct config *config, struct text project)
{
    const struct project *it = config_project(config, project);

    return it != NULL ? it->markup_bp : 0;
}

static void consider_tokens(struct job *job)
{
    const struct config *config = ((struct budgets_order *)job->order)->shared->config;
    struct text after = {0};
    struct token_view view;

    for (; token_table_next(job->gateway->tokens, after, &view); after = view.record->id) {
        struct budget_rule rule = reserve_token_rule(&view.record->budget);

        if (rule.limited[PERIOD_DAY] || rule.limited[PERIOD_MONTH])
            consider_rule(job, TEXT("token"), view.record->id, &rule,
                          markup_of(config, view.record->project), false);
    }
}

static void choose(struct job *job)
{
    struct budgets_order *order = job->order;
    const struct config *config = order->shared->config;

    order->claims = ARENA_ARRAY(&job->arena, struct budget_claim, order->limit + 1);
    consider_rule(job, TEXT(RESERVE_ORGANISATION), TEXT(""), &config->budget, 0, true);
    for (size_t i = 0; i < config->endpoint_count; i++)
        consider_rule(job, TEXT("endpoint"), config->endpoints[i].slug,
                      &config->endpoints[i].budget, 0, false);
    for (size_t i = 0; i < config->alias_count; i++)
        consider_rule(job, TEXT("endpoint"), config->aliases[i].slug, &config->aliases[i].budget, 0,
                      false);
    for (size_t i = 0; i < config->endpoint_count; i++)
        if (config->endpoints[i].shadow != NULL)
            consider_rule(job, TEXT("shadow"), config->endpoints[i].slug,
                          &config->endpoints[i].shadow->endpoint->budget, 0, false);
    for (size_t i = 0; i < config->project_count; i++)
        consider_rule(job, TEXT("project"), config->projects[i].name, &config->projects[i].budget,
                      config->projects[i].markup_bp, false);
    consider_tokens(job);
}

/* --- how they stand
 * --------------------------------------------------------------------------------- */

static void put_limit(struct buffer *out, int64_t limit, int64_t committed)
{
    if (limit == STORE_BUDGET_UNLIMITED) {
        buffer_put(out, TEXT(",\"limit_usd\":null,\"remaining_usd\":null,\"percent\":null"));
        return;
    }
    json_put_usd(out, "limit_usd", limit);
    json_put_usd(out, "remaining_usd", limit > committed ? limit - committed : 0);
    json_put_name(out, "percent");
    buffer_printf(out, "%.1f", limit > 0 ? (double)committed * 100 / (double)limit : 100.0);
}

static void put_row(struct buffer *out, struct arena *arena, const struct budget_claim *claim,
                    const struct budget_view *view, const struct budget_record *record)
{
    struct text name = claim->account, of = text_split(&name, '/');
    int64_t spent = view->known ? view->spent : record->settled + record->recovered;
    char when[CLOCK_RFC3339_BYTES];

    buffer_put_byte(out, '{');
    json_put_text(out, "id", id_of(arena, claim));
    json_put_text(out, "of", of);
    json_put_text(out, "name", name);
    json_put_text(out, "period", text_of(period_word(claim->kind)));
    json_put_usd(out, "spent_usd", spent);
    json_put_usd(out, "recovered_usd", record->recovered);
    json_put_usd(out, "reserved_usd", view->held);
    put_limit(out, claim->limit, spent + view->held);
    json_put_name(out, "markup_percent");
    buffer_printf(out, "%.2f", claim->markup / 100.0);
    json_put_text(out, "resets_at", clock_rfc3339(view->until_ms, when));
    buffer_put_byte(out, '}');
}

static struct store_command *read_records(struct job *job, struct budget_view *views)
{
    struct budgets_order *order = job->order;
    const struct settings *settings = &order->shared->config->settings;
    struct store_command *command = store_command_new(STORE_BUDGET_READ);

    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, order->count + 1);
    command->order_count = order->count;
    for (size_t i = 0; i < order->count; i++) {
        budgets_view(job->gateway->budgets, &order->claims[i], settings->zone, settings->timezone,
                     order->wall_ms, &views[i]);
        command->orders[i].key = text_of(views[i].key);
    }
    store_wait(job->gateway->store, command);
    job->error = command->error;
    return command;
}

static void list(struct job *job)
{
    struct budgets_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);
    struct store_command *records;
    struct budget_view *views;

    choose(job);
    views = ARENA_ARRAY(&job->arena, struct budget_view, order->count + 1);
    records = read_records(job, views);
    buffer_put(&out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < order->count; i++) {
        if (i > 0)
            buffer_put_byte(&out, ',');
        put_row(&out, &job->arena, &order->claims[i], &views[i], &records->orders[i].record);
    }
    buffer_put_byte(&out, ']');
    if (order->count > 0) {
        json_put_text(&out, "first_id", id_of(&job->arena, &order->claims[0]));
        json_put_text(&out, "last_id", id_of(&job->arena, &order->claims[order->count - 1]));
    }
    json_put_name(&out, "has_more");
    buffer_put(&out, order->more ? TEXT("true}") : TEXT("false}"));
    store_command_free(records);
    job->status = 200;
    job->body = buffer_text(&out);
}

/* --- what was spent before
 * -------------------------------------------------------------------------- */

static void history(struct job *job)
{
    struct budgets_order *order = job->order;
    struct store_command *command = store_command_new(STORE_BUDGET_LIST);
    struct buffer out = buffer_in(&job->arena);
    const struct budget_record *rows;

    command->prefix = order->name.len > 0 ? arena_printf(&job->arena, "%.*s/%.*s/",
                                                         TEXT_ARG(order->of), TEXT_ARG(order->name))
                                          : arena_printf(&job->arena, "%.*s/", TEXT_ARG(order->of));
    command->after = order->after;
    command->most = order->limit;
    store_wait(job->gateway->store, command);
    job->error = command->error;
    rows = command->budgets;
    buffer_put(&out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < command->budget_count; i++) {
        buffer_put(&out, i > 0 ? TEXT(",{") : TEXT("{"));
        json_put_text(&out, "id", rows[i].key);
        json_put_usd(&out, "spent_usd", rows[i].settled + rows[i].recovered);
        json_put_usd(&out, "recovered_usd", rows[i].recovered);
        json_put_usd(&out, "open_usd", rows[i].open > 0 ? rows[i].open : 0);
        buffer_put_byte(&out, '}');
    }
    buffer_put_byte(&out, ']');
    if (command->budget_count > 0) {
        json_put_text(&out, "first_id", rows[0].key);
        json_put_text(&out, "last_id", rows[command->budget_count - 1].key);
    }
    json_put_name(&out, "has_more");
    buffer_put(&out, command->more ? TEXT("true}") : TEXT("false}"));
    store_command_free(command);
    job->status = 200;
    job->body = buffer_text(&out);
}

/* --- both
 * ------------------------------------------------------------------------------------------- */

static void start(struct request *request, void (*run)(struct job *job), bool of_one)
{
    struct text of = {0}, name = {0}, after = {0};
    uint64_t limit = PAGE;
    const struct query_param params[] = {
        {.name = "of", .text = &of},
        {.name = "name", .text = &name},
        {.name = "after", .text = &after},
        {.name = "limit", .number = &limit, .least = 1, .greatest = PAGE_MAX},
    };
    struct budgets_order *order;
    struct job *job;

    if (query_read(request, params, sizeof params / sizeof *params) && of_one && of.len == 0)
        error_set(&request->error, ERROR_INVALID_REQUEST, "of",
                  "'of' says whose budget: organisation, endpoint, shadow, project or token");
    if (request->error.code != ERROR_NONE) {
        request_refuse(request);
        return;
    }
    job = job_new(request, run);
    order = ARENA_NEW(&job->arena, struct budgets_order);
    *order = (struct budgets_order){.shared = request->lease->shared,
                                    .of = arena_copy(&job->arena, of),
                                    .name = arena_copy(&job->arena, name),
                                    .after = arena_copy(&job->arena, after),
                                    .limit = (size_t)limit,
                                    .wall_ms = request->wall_ms};
    shared_config_hold(order->shared);
    arena_defer(&job->arena, let_go, order);
    job->order = order;
    job_start(job);
}

void admin_list_budgets(struct request *request, struct text none)
{
    (void)none;
    start(request, list, false);
}

void admin_budget_history(struct request *request, struct text none)
{
    (void)none;
    start(request, history, true);
}
