/* Budgets, on the admin listener: how those that are configured stand now, and what was spent of
 * one in every period there was. What is in memory is as exact as can be; what is not, the store
 * says. */
#include "admin/admin.h"
#include "admin/budget_claims.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/query.h"

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

/* Keeps the first of those behind `after`, in order: few are listed, and many may be configured. */
static void consider(void *to, const struct budget_claim *claim)
{
    struct job *job = to;
    struct budgets_order *order = job->order;
    struct text id = budget_claim_id(&job->arena, claim);
    size_t at = order->count;

    if (order->after.len > 0 && text_compare(id, order->after) <= 0)
        return;
    while (at > 0 && text_compare(id, budget_claim_id(&job->arena, &order->claims[at - 1])) < 0)
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
    order->claims[at].account = arena_copy(&job->arena, claim->account);
}

static void choose(struct job *job)
{
    struct budgets_order *order = job->order;

    order->claims = ARENA_ARRAY(&job->arena, struct budget_claim, order->limit + 1);
    budget_claims_each(order->shared->config, job->gateway->tokens, order->of, order->name,
                       consider, job);
}

/* --- how they stand
 * --------------------------------------------------------------------------------- */

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
        buffer_put_byte(&out, '{');
        budget_claim_put(&out, &job->arena, &order->claims[i], &views[i],
                         &records->orders[i].record);
        buffer_put_byte(&out, '}');
    }
    buffer_put_byte(&out, ']');
    if (order->count > 0) {
        json_put_text(&out, "first_id", budget_claim_id(&job->arena, &order->claims[0]));
        json_put_text(&out, "last_id",
                      budget_claim_id(&job->arena, &order->claims[order->count - 1]));
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
