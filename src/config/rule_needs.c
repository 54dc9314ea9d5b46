/* What routing conditions need of the endpoint and of pinion.yaml: a rule that could never mean
 * what it says is refused, and never skipped. What is wrong with a file whatever the endpoint is
 * told once; what is wrong with one endpoint is told of that one. */
#include "config/load.h"
#include "config/value.h"

enum { HEADERS_MAX = 64 };
#define SECRET_HEADER_HINT                                                                         \
    "such a header proves who somebody is; tell callers apart by their token: when: {caller: "     \
    "{project: NAME}}, {caller: {name: NAME}} or {caller: {tags: {KEY: VALUE}}}"

/* -- pinion.yaml: headers that rules may look at -- */

static bool read_header(struct load *load, const struct document *document, uint32_t at,
                        struct text *out)
{
    bool string = document_cell(document, at)->type == CELL_STRING;
    struct reading reading = load_reading(load, document);
    struct text shown;
    struct diagnostic *it;

    *out = (struct text){0};
    if (string)
        *out = route_header_name(load->arena, document_text(document, at));
    if (route_header_valid(*out) && !route_header_secret(*out))
        return true;
    if (!route_header_valid(*out)) {
        it = diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0106,
                      "'routing_headers' lists names of request headers; found %.*s",
                      TEXT_ARG(found_text(&reading, at, false)));
        diagnostic_hint(load->diagnostics, it, "write routing_headers: [x-tier, x-region]");
        return false;
    }
    shown = value_shown(load->diagnostics->arena, *out);
    it = diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0405,
                  "rules cannot be allowed to look at the header \"%.*s\"", TEXT_ARG(shown));
    diagnostic_hint(load->diagnostics, it, SECRET_HEADER_HINT);
    return false;
}

void load_routing_headers(struct load *load, const struct document *document, uint32_t cell)
{
    struct settings *settings = &load->config->settings;
    uint32_t count = load_members(load, document, cell, HEADERS_MAX);
    struct text *headers = ARENA_ARRAY(load->arena, struct text, count);

    settings->routing_headers = headers;
    for (uint32_t i = 0, at = cell + 1; i < count; i++, at = document_next(document, at))
        settings->routing_header_count +=
            read_header(load, document, at, &headers[settings->routing_header_count]);
}

/* -- whatever the endpoint -- */

static bool check_header(struct load *load, const struct document *document,
                         const struct route_need *need)
{
    const struct settings *settings = &load->config->settings;
    struct arena *arena = load->diagnostics->arena;
    struct text shown, list;
    struct diagnostic *it;

    for (size_t i = 0; i < settings->routing_header_count; i++)
        if (text_equal(settings->routing_headers[i], need->name))
            return true;
    shown = value_shown(arena, need->name);
    it = diagnose(load->diagnostics, document, need->at, DIAGNOSTIC_E0405,
                  "rules may not look at the header \"%.*s\"", TEXT_ARG(shown));
    list = names_joined(arena, settings->routing_headers, settings->routing_header_count);
    if (route_header_secret(need->name))
        diagnostic_hint(load->diagnostics, it, SECRET_HEADER_HINT);
    else
        diagnostic_hint(load->diagnostics, it,
                        "allow it in pinion.yaml: routing_headers: [%.*s%s%.*s]", TEXT_ARG(list),
                        list.len > 0 ? ", " : "", TEXT_ARG(shown));
    return false;
}

static bool check_project(struct load *load, const struct document *document,
                          const struct route_need *need)
{
    struct arena *arena = load->diagnostics->arena;
    const struct config *config = load->config;
    struct text *names, near, list, shown;
    struct diagnostic *it;

    if (config_project(config, need->name) != NULL)
        return true;
    shown = value_shown(arena, need->name);
    it = diagnose(load->diagnostics, document, need->at, DIAGNOSTIC_E0802,
                  "there is no project \"%.*s\"", TEXT_ARG(shown));
    if (diagnostics_full(load->diagnostics))
        return false;
    names = ARENA_ARRAY(arena, struct text, config->project_count);
    for (size_t i = 0; i < config->project_count; i++)
        names[i] = config->projects[i].name;
    near = nearest_name(need->name, names, config->project_count);
    list = names_joined(arena, names, config->project_count);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(load->diagnostics, it,
                        "the projects are: %.*s; 'projects' in pinion.yaml "
                        "lists them",
                        TEXT_ARG(list));
    return false;
}

/* That somebody calls the target is known only when all endpoints are. */
static void note_target(struct load *load, const struct document *document,
                        const struct route_need *need)
{
    struct watched_use *use = ARENA_NEW(load->arena, struct watched_use);

    *use = (struct watched_use){load->watched, document, need};
    load->watched = use;
}

static bool check_anywhere(struct load *load, const struct document *document,
                           const struct route_need *need)
{
    switch (need->kind) {
    case ROUTE_NEEDS_HEADER:
        return load->settings_unusable || check_header(load, document, need);
    case ROUTE_NEEDS_PROJECT:
        return load->settings_unusable || check_project(load, document, need);
    case ROUTE_NEEDS_TARGET:
        note_target(load, document, need);
        return load_provider(load, need->name, document, need->at) != NULL;
    case ROUTE_NEEDS_PROVIDER:
        return load_provider(load, need->name, document, need->at) != NULL;
    default:
        return true;
    }
}

bool load_needs(struct load *load, const struct routing_use *routing)
{
    bool good = true;

    for (size_t i = 0; i < routing->rules.need_count; i++)
        good = check_anywhere(load, routing->document, &routing->rules.needs[i]) && good;
    return good;
}

/* -- of one endpoint -- */

/* "'day' needs ..., and the endpoint "x" has none" */
static struct diagnostic *misfit(struct load *load, const struct document *document, uint32_t at,
                                 const struct endpoint *endpoint, const char *what)
{
    return diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0404,
                    "%s, and the endpoint \"%.*s\" has none", what, TEXT_ARG(endpoint->slug));
}

static bool check_budget(struct load *load, const struct document *document,
                         const struct route_need *need, const struct endpoint *endpoint)
{
    bool daily = need->kind == ROUTE_NEEDS_DAILY_BUDGET;
    struct diagnostic *it;

    if (endpoint->budget.limited[daily ? PERIOD_DAY : PERIOD_MONTH])
        return true;
    it = misfit(load, document, need->at, endpoint,
                daily ? "'daily_spend_pct' is a part of the endpoint's own daily budget"
                      : "'monthly_spend_pct' is a part of the endpoint's own monthly budget");
    diagnostic_hint(load->diagnostics, it, "add budget: {%s} to %.*s, or remove the condition",
                    daily ? "daily_usd: 5" : "monthly_usd: 50", TEXT_ARG(endpoint->file));
    return false;
}

static bool check_session(struct load *load, const struct document *document,
                          const struct route_need *need, const struct endpoint *endpoint)
{
    struct diagnostic *it;

    if (endpoint->session.ttl_ms > 0)
        return true;
    it = misfit(load, document, need->at, endpoint, "with 'sticky: session' each session draws");
    diagnostic_hint(load->diagnostics, it,
                    "add session: {ttl: 30m} to %.*s, or write sticky: caller",
                    TEXT_ARG(endpoint->file));
    return false;
}

/* What the condition watches, to be found among what is known at run time. */
static void watch(struct load *load, const struct document *document, const struct route_need *need,
                  const struct endpoint *endpoint, struct target *out)
{
    switch (need->kind) {
    case ROUTE_NEEDS_OWN:
        *out = endpoint->rule_targets[need->rule];
        break;
    case ROUTE_NEEDS_DEFAULT:
        *out = endpoint->target;
        break;
    case ROUTE_NEEDS_TARGET:
        out->index = load->config->target_count++;
        out->model = need->model;
        out->provider = load_provider(load, need->name, document, need->at);
        break;
    case ROUTE_NEEDS_PROVIDER:
        out->provider = load_provider(load, need->name, document, need->at);
        break;
    default:
        break;
    }
}

static bool check_here(struct load *load, const struct document *document,
                       const struct route_need *need, const struct endpoint *endpoint,
                       const struct needs_known *known)
{
    switch (need->kind) {
    case ROUTE_NEEDS_MONTHLY_BUDGET:
    case ROUTE_NEEDS_DAILY_BUDGET:
        return !known->budget || check_budget(load, document, need, endpoint);
    case ROUTE_NEEDS_SESSION:
        return check_session(load, document, need, endpoint);
    case ROUTE_NEEDS_INPUT:
        return !known->input || load_input_need(load, document, need, endpoint);
    default:
        return true;
    }
}

bool load_endpoint_needs(struct load *load, const struct routing_use *routing,
                         const struct needs_known *known, struct endpoint *endpoint)
{
    const struct route_rules *rules = &routing->rules;
    struct target *watched = ARENA_ARRAY(load->arena, struct target, rules->need_count);
    bool good = true;

    for (size_t i = 0; i < rules->need_count; i++) {
        good = check_here(load, routing->document, &rules->needs[i], endpoint, known) && good;
        watch(load, routing->document, &rules->needs[i], endpoint, &watched[i]);
    }
    endpoint->watched = watched;
    return good;
}

/* -- when all endpoints are known -- */

static bool calls(const struct endpoint *endpoint, const struct route_need *need)
{
    const struct target *targets[] = {&endpoint->target, endpoint->rule_targets,
                                      endpoint->failover};
    size_t counts[] = {1, endpoint->rules.count, endpoint->failover_count};

    for (size_t list = 0; list < 3; list++)
        for (size_t i = 0; i < counts[list]; i++)
            if (text_equal(targets[list][i].model, need->model) &&
                targets[list][i].provider != NULL &&
                text_equal(targets[list][i].provider->name, need->name))
                return true;
    return false;
}

static bool any_calls(const struct endpoint *endpoints, size_t count, const struct route_need *need)
{
    for (size_t i = 0; i < count; i++)
        if (calls(&endpoints[i], need))
            return true;
    return false;
}

void load_watched_used(struct load *load)
{
    const struct config *config = load->config;

    for (const struct watched_use *use = load->watched; use != NULL; use = use->next) {
        if (load->diagnostics->error_count > 0 ||
            any_calls(config->endpoints, config->endpoint_count, use->need) ||
            any_calls(config->aliases, config->alias_count, use->need))
            continue;
        diagnostic_hint(load->diagnostics,
                        diagnose(load->diagnostics, use->document, use->need->at, DIAGNOSTIC_W0402,
                                 "no endpoint calls the model \"%.*s\" of \"%.*s\", so that "
                                 "nothing is ever known of it",
                                 TEXT_ARG(use->need->model), TEXT_ARG(use->need->name)),
                        "a target is written provider:model, as in an endpoint's file");
    }
}
