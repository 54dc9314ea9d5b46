/* `budget`, of an endpoint, a project or the whole organisation; and what a budget needs in order
 * to be exact: the price of every model that may be called, and an end to every answer. */
#include "config/load.h"

#include "config/value.h"

#include <math.h>

struct budget_draft {
    uint32_t limits[PERIOD_KIND_COUNT], warn_at;
    int64_t request_tokens;
};

enum { USD_MAX = 1000000, TOKENS_MAX = 100000000 };

#define USD                                                                                        \
    .type = KEY_CELL, .types = KEY_OF(CELL_INTEGER) | KEY_OF(CELL_NUMBER) | KEY_OF(CELL_NULL)

// clang-format off
static const struct key budget_keys[] = {
    {.name = "monthly_usd", USD, FIELD(struct budget_draft, limits[PERIOD_MONTH]), .hint = "monthly_usd: 50; null, or without the key, there is no limit",
     .about = "USD in a calendar month; null: no limit.",
     .example = "50"},
    {.name = "daily_usd", USD, FIELD(struct budget_draft, limits[PERIOD_DAY]), .hint = "daily_usd: 5; null, or without the key, there is no limit",
     .about = "USD in a day; null: no limit.",
     .example = "5"},
    {.name = "request_tokens", .type = KEY_COUNT, FIELD(struct budget_draft, request_tokens), .least = 1, .greatest = TOKENS_MAX, .hint = "request_tokens: 8000, of the prompt and the longest answer together",
     .about = "Tokens of one call: its prompt and its longest answer together.",
     .example = "8000"},
    {.name = "warn_at", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct budget_draft, warn_at), .hint = "warn_at: [50, 80, 95], in percent",
     .about = "At which percentages a warning is logged.",
     .example = "[50, 80, 95]", .each_types = KEY_OF(CELL_INTEGER), .items_most = BUDGET_WARNINGS_MAX},
    {.name = "monthly", .type = KEY_ELSEWHERE, .meant = "monthly_usd"},
    {.name = "daily", .type = KEY_ELSEWHERE, .meant = "daily_usd"},
    {.name = "tokens_per_minute", .type = KEY_ELSEWHERE, .hint = "how often something may happen belongs under 'limits'"},
};
// clang-format on
const struct keys budget_table = KEYS_OF(budget_keys);

static const uint8_t warnings_unsaid[BUDGET_WARNINGS_MAX] = {80, 100};

static bool malformed(struct load *load, const struct document *document, uint32_t cell,
                      enum diagnostic_code code, const char *what, const char *hint)
{
    struct diagnostic *it = diagnose(load->diagnostics, document, cell, code, "%s", what);

    diagnostic_hint(load->diagnostics, it, "%s", hint);
    return false;
}

static bool read_limit(struct load *load, const struct document *document, uint32_t cell,
                       enum period_kind kind, struct budget_rule *out)
{
    double usd;

    if (cell == CELL_NONE || document_cell(document, cell)->type == CELL_NULL)
        return true;
    usd = document_double(document_cell(document, cell));
    if (!(usd >= 0 && usd <= USD_MAX))
        return malformed(load, document, cell, DIAGNOSTIC_E0104,
                         "a budget is between 0 and 1000000 USD", "write null for no limit");
    out->limited[kind] = true;
    out->limits[kind] = llround(usd * 1e9);
    return true;
}

static bool read_warnings(struct load *load, const struct document *document, uint32_t cell,
                          struct budget_rule *out)
{
    const char *const what = "'warn_at' lists at most 4 percentages from 1 to 100, each greater "
                             "than the one before";
    const char *const hint = "write warn_at: [50, 80, 95]; an empty list warns of nothing";
    const struct cell *list;
    size_t count = 0;

    if (cell == CELL_NONE) {
        memcpy(out->warn_at, warnings_unsaid, sizeof out->warn_at);
        return true;
    }
    list = document_cell(document, cell);
    if (list->size > BUDGET_WARNINGS_MAX)
        return malformed(load, document, cell, DIAGNOSTIC_E0104, what, hint);
    for (uint32_t i = cell + 1; i < list->end; i = document_next(document, i)) {
        const struct cell *item = document_cell(document, i);
        int64_t percent = item->type == CELL_INTEGER ? item->integer : 0;

        if (percent < 1 || percent > 100 || (count > 0 && percent <= out->warn_at[count - 1]))
            return malformed(load, document, i, DIAGNOSTIC_E0104, what, hint);
        out->warn_at[count++] = (uint8_t)percent;
    }
    return true;
}

bool load_budget(struct load *load, const struct document *document, uint32_t cell,
                 struct budget_rule *out)
{
    struct reading reading = load_reading(load, document);
    struct budget_draft draft = {.warn_at = CELL_NONE};
    bool good;

    *out = (struct budget_rule){0};
    for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++)
        draft.limits[kind] = CELL_NONE;
    if (cell == CELL_NONE)
        return true;
    good = keys_read(&reading, cell, key_of(cell), &budget_table, &draft);
    out->request_tokens = draft.request_tokens;
    for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++)
        good &= read_limit(load, document, draft.limits[kind], (enum period_kind)kind, out);
    return read_warnings(load, document, draft.warn_at, out) && good;
}

/* --- what a budget needs
 * ---------------------------------------------------------------------------- */

static bool limits_money(const struct budget_rule *rule)
{
    return rule->limited[PERIOD_DAY] || rule->limited[PERIOD_MONTH];
}

static bool ends(const struct target *target)
{
    return target->price->max_output > 0 || target->price->base.output == 0 ||
           target->params.json[CHAT_PARAM_MAX_TOKENS].len > 0;
}

/* `of`: which endpoint or alias wants it. */
static bool price_target(struct load *load, const struct document *document, uint32_t cell,
                         const struct target *target, const struct endpoint *of)
{
    struct arena *arena = load->diagnostics->arena;
    struct text model = value_shown(arena, target->model), name = target->provider->name;
    const char *kind = of->kind == ENDPOINT_ALIAS ? "alias" : "endpoint";
    struct diagnostic *it;

    if (target->price != NULL && ends(target))
        return true;
    if (target->price == NULL)
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0504,
                      "a budget needs the price of every model, that of \"%.*s\" is not known "
                      "(%s '%.*s')",
                      TEXT_ARG(model), kind, TEXT_ARG(of->slug));
    else
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0504,
                      "a budget needs an end to every answer, that of \"%.*s\" has none (%s "
                      "'%.*s')",
                      TEXT_ARG(model), kind, TEXT_ARG(of->slug));
    if (target->price == NULL)
        diagnostic_hint(load->diagnostics, it,
                        "add to 'prices' in pinion.yaml: \"%.*s/%.*s\": {input: USD, output: USD}, "
                        "per million tokens",
                        TEXT_ARG(name), TEXT_ARG(model));
    else
        diagnostic_hint(load->diagnostics, it,
                        "pin params: {max_tokens: 800}, or whatever the longest answer is to be");
    return false;
}

static bool price_endpoint(struct load *load, const struct document *document, uint32_t cell,
                           const struct endpoint *endpoint)
{
    const struct endpoint *answers = endpoint->candidate != NULL ? endpoint->candidate : endpoint;
    bool good = true;

    if (endpoint->target.provider != NULL)
        good = price_target(load, document, cell, &endpoint->target, answers);
    for (size_t i = 0; i < endpoint->failover_count && good; i++)
        good = price_target(load, document, cell, &endpoint->failover[i], answers);
    for (size_t i = 0; i < endpoint->rules.count && good; i++)
        good = price_target(load, document, cell, &endpoint->rule_targets[i], endpoint);
    return good;
}

bool load_budget_prices(struct load *load, const struct document *document, uint32_t cell,
                        const struct endpoint *endpoint)
{
    return !limits_money(&endpoint->budget) || price_endpoint(load, document, cell, endpoint);
}

/* A budget over many endpoints: the first that does not fit is told of each. */
static void price_all(struct load *load, const struct document *document, uint32_t cell,
                      const struct budget_rule *rule)
{
    const struct config *config = load->config;

    for (size_t i = 0; i < config->endpoint_count && limits_money(rule); i++)
        if (!price_endpoint(load, document, cell, &config->endpoints[i]))
            return;
    for (size_t i = 0; i < config->alias_count && limits_money(rule); i++)
        if (!price_endpoint(load, document, cell, &config->aliases[i]))
            return;
}

void load_shared_budget_prices(struct load *load)
{
    for (const struct shared_budget *shared = load->budgets; shared != NULL; shared = shared->next)
        price_all(load, shared->document, shared->cell, &shared->rule);
}

bool load_shared_budget(struct load *load, const struct document *document, uint32_t cell,
                        struct budget_rule *out)
{
    struct shared_budget *shared;

    if (!load_budget(load, document, cell, out))
        return false;
    if (cell == CELL_NONE)
        return true;
    shared = ARENA_NEW(load->arena, struct shared_budget);
    *shared = (struct shared_budget){load->budgets, document, key_of(cell), *out};
    load->budgets = shared;
    return true;
}

void load_timezone(struct load *load, const struct document *document, struct text name)
{
    struct arena *arena = load->diagnostics->arena;
    struct settings *settings = &load->config->settings;
    struct text near, shown = value_shown(arena, name);
    struct diagnostic *it;

    if (name.len == 0)
        return;
    switch (zone_load(name, load->arena, &settings->zone)) {
    case ZONE_FOUND:
        settings->timezone = name;
        return;
    case ZONE_MALFORMED:
    case ZONE_UNKNOWN:
        it = diagnose(load->diagnostics, document, document_member(document, 0, TEXT("timezone")),
                      DIAGNOSTIC_E0105, "there is no time zone \"%.*s\"", TEXT_ARG(shown));
        near = zone_nearest(name, arena);
        diagnostic_hint(load->diagnostics, it,
                        near.len > 0 ? "did you mean \"%.*s\"?"
                                     : "write timezone: Europe/Berlin%.*s",
                        TEXT_ARG(near));
        return;
    case ZONE_NO_DATA:
    case ZONE_DAMAGED:
        it = diagnose(load->diagnostics, document, document_member(document, 0, TEXT("timezone")),
                      DIAGNOSTIC_E0105, "the time zone \"%.*s\" cannot be read from " ZONE_FOLDER,
                      TEXT_ARG(shown));
        diagnostic_hint(load->diagnostics, it, "install the package tzdata, or write UTC");
        return;
    }
}
