#include "gateway/budget_gauges.h"

#include "budget/budgets.h"

struct gauge {
    struct text slug;
    struct budget_claim claim;
    struct budget_view view;
};
struct gauges {
    struct gateway *gateway;
    const struct config *config;
    int64_t wall_ms;
    struct arena arena;
    struct gauge *items;
    size_t count, most;
};

static void add(struct gauges *gauges, const struct endpoint *endpoint, enum period_kind kind)
{
    const struct settings *settings = &gauges->config->settings;
    struct gauge *gauge = &gauges->items[gauges->count++];

    *gauge = (struct gauge){
        .slug = endpoint->slug,
        .claim = {.account =
                      arena_printf(&gauges->arena, "endpoint/%.*s", TEXT_ARG(endpoint->slug)),
                  .kind = kind,
                  .limit = endpoint->budget.limits[kind]},
    };
    budgets_view(gauges->gateway->budgets, &gauge->claim, settings->zone, settings->timezone,
                 gauges->wall_ms, &gauge->view);
}

static void add_all(struct gauges *gauges, const struct endpoint *endpoints, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++)
            if (endpoints[i].budget.limited[kind] && gauges->count < gauges->most)
                add(gauges, &endpoints[i], (enum period_kind)kind);
}

/* In the order of the configuration. */
static void list(struct gauges *gauges)
{
    const struct config *config = gauges->config;
    size_t all = (config->endpoint_count + config->alias_count) * PERIOD_KIND_COUNT;

    gauges->most = metrics_series_max(gauges->gateway->metrics);
    if (gauges->most > all)
        gauges->most = all;
    gauges->items = ARENA_ARRAY(&gauges->arena, struct gauge, gauges->most + 1);
    add_all(gauges, config->endpoints, config->endpoint_count);
    add_all(gauges, config->aliases, config->alias_count);
}

/* Given, answered. */
static struct store_command *ask(struct gauges *gauges)
{
    struct store_command *command = store_command_new(STORE_BUDGET_READ);

    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, gauges->count + 1);
    command->order_count = gauges->count;
    for (size_t i = 0; i < gauges->count; i++)
        command->orders[i].key = arena_copy(&command->arena, text_of(gauges->items[i].view.key));
    if (gauges->count > 0)
        store_wait(gauges->gateway->store, command);
    return command;
}

/* False where it is not known. What memory says is newer than what the store has answered. */
static bool spent(const struct gauge *gauge, const struct store_command *answer, size_t i,
                  int64_t *out)
{
    const struct budget_order *order = &answer->orders[i];

    *out = gauge->view.known ? gauge->view.spent : order->record.settled + order->record.recovered;
    return gauge->view.known || answer->error.code == ERROR_NONE;
}

static void put(struct buffer *out, enum reading reading, const struct gauge *gauge, int64_t nano)
{
    const struct text labels[] = {gauge->slug, text_of(period_word(gauge->claim.kind))};

    reading_put_nano(out, reading, labels, nano);
}

void budget_gauges_put(struct gateway *gateway, const struct config *config, int64_t wall_ms,
                       enum metrics_form form, struct buffer *out)
{
    struct gauges gauges = {.gateway = gateway, .config = config, .wall_ms = wall_ms};
    struct store_command *answer;
    int64_t nano;

    list(&gauges);
    answer = ask(&gauges);
    reading_begin(out, form, READING_BUDGET_LIMIT);
    for (size_t i = 0; i < gauges.count; i++)
        put(out, READING_BUDGET_LIMIT, &gauges.items[i], gauges.items[i].claim.limit);
    reading_begin(out, form, READING_BUDGET_SPENT);
    for (size_t i = 0; i < gauges.count; i++)
        if (spent(&gauges.items[i], answer, i, &nano))
            put(out, READING_BUDGET_SPENT, &gauges.items[i], nano);
    store_command_free(answer);
    arena_release(&gauges.arena);
}
