/* `watch` of a routing rule: what its calls may not do worse than those that it lets pass. */
#include "config/load.h"

#include "base/check.h"
#include "config/value.h"
#include "document/json_write.h"

#include <openssl/evp.h>

struct watch_draft {
    uint32_t max_422_pct, max_cost_ratio;
    uint64_t min_calls, window_ms;
};

enum {
    RATIO_MAX = 1000,
    CALLS_UNSAID = 50,
    CALLS_LEAST = 10,
    CALLS_MAX = 1000000,
    MINUTE_MS = 60000,
    WINDOW_UNSAID_MS = 10 * MINUTE_MS,
    WINDOW_MAX_MS = 7 * 24 * 60 * MINUTE_MS,
};

// clang-format off
static const struct key watch_keys[] = {
    {.name = "max_422_pct", .type = KEY_NUMBER, FIELD(struct watch_draft, max_422_pct), .least = 0, .greatest = 100,
     .hint = "max_422_pct: 5, in percent of the rule's calls",
     .about = "The greatest part of the rule's calls, in percent, that may be answered with a 422 because the output does not fit its schema.",
     .example = "5"},
    {.name = "max_cost_ratio", .type = KEY_NUMBER, FIELD(struct watch_draft, max_cost_ratio), .least = 0.1, .greatest = RATIO_MAX,
     .hint = "max_cost_ratio: 1.5, of the cost of a call that the rule lets pass",
     .about = "How many times as much as a call that the rule lets pass one of its own may cost, on average.",
     .example = "1.5"},
    {.name = "min_calls", .type = KEY_COUNT, FIELD(struct watch_draft, min_calls), .least = CALLS_LEAST, .greatest = CALLS_MAX,
     .hint = "min_calls: 50",
     .about = "Of fewer calls in the window nothing is concluded; 50 where it is not said.",
     .example = "50"},
    {.name = "window", .type = KEY_DURATION, FIELD(struct watch_draft, window_ms), .least = MINUTE_MS, .greatest = WINDOW_MAX_MS,
     .hint = "window: 10m",
     .about = "How long ago a call may have ended that still counts; 10m where it is not said.",
     .example = "10m"},
    {.name = "max_422", .type = KEY_ELSEWHERE, .meant = "max_422_pct"},
    {.name = "percent", .type = KEY_ELSEWHERE, .hint = "the share of the calls that a rule takes belongs under 'when'"},
};
// clang-format on
const struct keys watch_table = KEYS_OF(watch_keys);

/* -- a file's rules -- */

static bool malformed(struct load *load, const struct document *document, uint32_t at,
                      enum diagnostic_code code, const char *what)
{
    struct diagnostic *it = diagnose(load->diagnostics, document, at, code, "%s", what);

    diagnostic_hint(load->diagnostics, it,
                    "it is written watch: {max_422_pct: 5}, or {max_cost_ratio: 1.5}, or both");
    return false;
}

static bool read_watch(struct load *load, const struct document *document, uint32_t at,
                       struct watch_rule *out)
{
    struct watch_draft draft = {.min_calls = CALLS_UNSAID, .window_ms = WINDOW_UNSAID_MS};
    struct reading reading = load_reading(load, document);

    if (document_cell(document, at)->type != CELL_OBJECT)
        return malformed(load, document, at, DIAGNOSTIC_E0103,
                         "'watch' says in a mapping what the rule's calls may not do");
    if (!keys_read(&reading, at, key_of(at), &watch_table, &draft))
        return false;
    if (draft.max_422_pct == CELL_NONE && draft.max_cost_ratio == CELL_NONE)
        return malformed(load, document, at, DIAGNOSTIC_E0101,
                         "'watch' does not say what the rule's calls may not do");
    out->min_calls = draft.min_calls;
    out->window_ms = draft.window_ms;
    out->refusals = draft.max_422_pct != CELL_NONE;
    if (out->refusals)
        out->refused_most = document_double(document_cell(document, draft.max_422_pct)) / 100;
    if (draft.max_cost_ratio != CELL_NONE)
        out->cost_ratio = document_double(document_cell(document, draft.max_cost_ratio));
    return true;
}

/* A rule that takes every call lets none pass. */
static void warn_alone(struct load *load, const struct document *document,
                       const struct route_rule *rule, const struct watch_rule *watch)
{
    struct diagnostic *it;

    if (rule->when != NULL || watch->cost_ratio <= 0)
        return;
    it = diagnose(
        load->diagnostics, document, document_member(document, rule->watch, TEXT("max_cost_ratio")),
        DIAGNOSTIC_W0403,
        "rule '%.*s' takes every call, so that there are no others to compare the cost with",
        TEXT_ARG(rule->name));
    diagnostic_hint(load->diagnostics, it, "give it a share of the calls: when: {percent: 5}");
}

bool load_watches(struct load *load, struct routing_use *routing)
{
    const struct document *document = routing->document;
    struct watch_rule *watches =
        ARENA_ARRAY(load->arena, struct watch_rule, routing->rules.count + 1);
    bool good = true;

    for (size_t i = 0; i < routing->rules.count; i++) {
        const struct route_rule *rule = &routing->rules.items[i];

        if (rule->watch == CELL_NONE)
            continue;
        good &= read_watch(load, document, rule->watch, &watches[i]);
        warn_alone(load, document, rule, &watches[i]);
    }
    routing->watches = watches;
    return good;
}

/* -- an endpoint's -- */

static bool has_price(const struct target *target)
{
    return target->price != NULL && target->price->base.input >= 0 &&
           target->price->base.output >= 0;
}

static bool unpriced(struct load *load, const struct document *document, uint32_t at,
                     const struct target *target, const struct endpoint *endpoint)
{
    struct text model = value_shown(load->diagnostics->arena, target->model);
    struct diagnostic *it =
        diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0404,
                 "costs of endpoint \"%.*s\" are to be compared, but the price of \"%.*s\" is not "
                 "known",
                 TEXT_ARG(endpoint->slug), TEXT_ARG(model));

    diagnostic_hint(load->diagnostics, it,
                    "add to 'prices' in pinion.yaml: \"%.*s/%.*s\": {input: USD, output: USD}, per "
                    "million tokens",
                    TEXT_ARG(target->provider->name), TEXT_ARG(model));
    return false;
}

bool load_canary_price(struct load *load, const struct document *document,
                       const struct route_rule *rule, const struct canary_rule *canary,
                       const struct target *target, const struct endpoint *endpoint)
{
    if (canary->watch.cost_ratio <= 0 || has_price(target))
        return true;
    return unpriced(load, document, document_member(document, rule->watch, TEXT("max_cost_ratio")),
                    target, endpoint);
}

/* Whether what is watched can happen at all. */
static bool check_fit(struct load *load, const struct document *document,
                      const struct route_rule *rule, const struct watch_rule *watch,
                      const struct target *target, const struct endpoint *endpoint,
                      bool output_known)
{
    uint32_t refusals = document_member(document, rule->watch, TEXT("max_422_pct"));
    uint32_t cost = document_member(document, rule->watch, TEXT("max_cost_ratio"));
    struct diagnostic *it;
    bool good = true;

    if (watch->refusals && output_known && endpoint->output == NULL) {
        it = diagnose(load->diagnostics, document, refusals, DIAGNOSTIC_E0404,
                      "no answer of endpoint \"%.*s\" can be refused: it has no output schema",
                      TEXT_ARG(endpoint->slug));
        diagnostic_hint(load->diagnostics, it, "add output_schema to %.*s, or remove max_422_pct",
                        TEXT_ARG(endpoint->file));
        good = false;
    }
    if (watch->cost_ratio > 0 && !has_price(target))
        good = unpriced(load, document, cost, target, endpoint);
    else if (watch->cost_ratio > 0 && !has_price(&endpoint->target))
        good = unpriced(load, document, cost, &endpoint->target, endpoint);
    return good;
}

/* The rule's content, and what its target was made of elsewhere: another one is another canary. */
static void digest_rule(const struct routing_use *routing, const struct route_rule *rule,
                        const struct target *target, unsigned char out[CANARY_DIGEST_BYTES])
{
    struct buffer content = {0};

    json_put_cell(&content, routing->document, rule->at);
    version_put_target(&content, target);
    CHECK(EVP_Digest(content.at, content.len, out, NULL, EVP_sha256(), NULL) == 1);
    buffer_release(&content);
}

bool load_canaries(struct load *load, const struct routing_use *routing, bool output_known,
                   struct endpoint *endpoint)
{
    struct canary_rule *canaries =
        ARENA_ARRAY(load->arena, struct canary_rule, endpoint->rules.count);
    bool good = true;

    for (size_t i = 0; i < endpoint->rules.count; i++) {
        const struct route_rule *rule = &endpoint->rules.items[i];
        struct canary_rule *canary = &canaries[endpoint->canary_count];

        if (rule->watch == CELL_NONE)
            continue;
        *canary = (struct canary_rule){
            .rule = i, .watch = routing->watches[i], .index = load->config->canary_count++};
        digest_rule(routing, rule, &endpoint->rule_targets[i], canary->digest);
        endpoint->canary_count++;
        good &= check_fit(load, routing->document, rule, &canary->watch, &endpoint->rule_targets[i],
                          endpoint, output_known);
    }
    endpoint->canaries = canaries;
    return good;
}
