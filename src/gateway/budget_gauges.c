#include "gateway/budget_gauges.h"

#include "budget/budgets.h"
#include "document/json_write.h"
#include "journal/metrics.h"

struct gauge {
    struct text slug;
    struct budget_claim claim;
    struct budget_view view;
};
struct gauges {
    struct gauge *items;
    size_t count;
};

static void add(struct request *request, const struct endpoint *endpoint, enum period_kind kind,
                struct gauge *out)
{
    const struct settings *settings = &request->config->settings;

    *out = (struct gauge){
        .slug = endpoint->slug,
        .claim = {.account =
                      arena_printf(&request->arena, "endpoint/%.*s", TEXT_ARG(endpoint->slug)),
                  .kind = kind,
                  .limit = endpoint->budget.limits[kind]},
    };
    budgets_view(request->worker->gateway->budgets, &out->claim, settings->zone, settings->timezone,
                 request->wall_ms, &out->view);
}

static void add_all(struct request *request, const struct endpoint *endpoints, size_t count,
                    struct gauges *gauges)
{
    for (size_t i = 0; i < count; i++)
        for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++)
            if (endpoints[i].budget.limited[kind] && gauges->count < METRIC_SERIES_MAX)
                add(request, &endpoints[i], (enum period_kind)kind,
                    &gauges->items[gauges->count++]);
}

/* In the order of the configuration, so the same ones before and after the store was asked. */
static struct gauges list(struct request *request)
{
    const struct config *config = request->config;
    size_t most = (config->endpoint_count + config->alias_count) * PERIOD_KIND_COUNT;
    struct gauges gauges = {.items = ARENA_ARRAY(&request->arena, struct gauge, most + 1)};

    add_all(request, config->endpoints, config->endpoint_count, &gauges);
    add_all(request, config->aliases, config->alias_count, &gauges);
    return gauges;
}

struct store_command *budget_gauges_ask(struct request *request)
{
    struct gauges gauges = list(request);
    struct store_command *command;

    if (gauges.count == 0)
        return NULL;
    command = store_command_new(STORE_BUDGET_READ);
    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, gauges.count);
    command->order_count = gauges.count;
    for (size_t i = 0; i < gauges.count; i++)
        command->orders[i].key = arena_copy(&command->arena, text_of(gauges.items[i].view.key));
    return command;
}

/* False where it is not known. */
static bool spent(const struct gauge *gauge, const struct store_command *answer, size_t i,
                  int64_t *out)
{
    const struct budget_order *order = &answer->orders[i];
    bool same = text_equal(order->key, text_of(gauge->view.key)); /* the period has not ended */

    *out = gauge->view.known ? gauge->view.spent : order->record.settled + order->record.recovered;
    return gauge->view.known || (same && answer->error.code == ERROR_NONE);
}

static void put(struct buffer *out, const char *name, const struct gauge *gauge, int64_t nano)
{
    buffer_printf(out, "%s{endpoint=\"%.*s\",period=\"%s\"} ", name, TEXT_ARG(gauge->slug),
                  period_word(gauge->claim.kind));
    json_put_nano(out, nano);
    buffer_put_byte(out, '\n');
}

void budget_gauges_put(struct request *request, const struct store_command *answer,
                       struct buffer *out)
{
    struct gauges gauges = list(request);
    int64_t nano;

    buffer_put(out, TEXT("# HELP pinion_budget_limit_usd What may be spent in a period.\n"
                         "# TYPE pinion_budget_limit_usd gauge\n"));
    for (size_t i = 0; i < gauges.count; i++)
        put(out, "pinion_budget_limit_usd", &gauges.items[i], gauges.items[i].claim.limit);
    buffer_put(out, TEXT("# HELP pinion_budget_spent_usd What was spent in the period so far.\n"
                         "# TYPE pinion_budget_spent_usd gauge\n"));
    for (size_t i = 0; i < gauges.count; i++)
        if (spent(&gauges.items[i], answer, i, &nano))
            put(out, "pinion_budget_spent_usd", &gauges.items[i], nano);
}
