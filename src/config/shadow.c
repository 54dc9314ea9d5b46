/* `shadow` of an endpoint: where copies of some of its calls go, unseen by those who call. The copy
 * is a call of the same endpoint, or of one that answers in its place, but for what is about its
 * caller or its path: it has one target, asks nobody else, and belongs to no session. */
#include "config/load.h"

#include "base/check.h"
#include "config/value.h"
#include "document/json_write.h"
#include "route/draw.h"

#include <math.h>
#include <openssl/evp.h>

struct shadow_draft {
    struct place_draft place;
    uint32_t percent, daily_usd;
    uint32_t max_concurrent;
};

enum { USD_MAX = 1000000, CONCURRENT_MAX = 100, CONCURRENT_UNSAID = 2 };

// clang-format off
static const struct key shadow_keys[] = {
    {.name = "provider", .type = KEY_TEXT, FIELD(struct shadow_draft, place.provider), .hint = "provider: anthropic, a name from 'providers' in pinion.yaml",
     .about = "A name from 'providers' in pinion.yaml; without it, the endpoint's own provider.",
     .example = "anthropic"},
    {.name = "model", .type = KEY_TEXT, FIELD(struct shadow_draft, place.model), .hint = "model: claude-haiku-4-5, as the provider names it",
     .about = "The model, as the provider names it.",
     .example = "claude-haiku-4-5"},
    {.name = "template", .type = KEY_TEXT, FIELD(struct shadow_draft, place.template), .hint = "template: cheap, a name from 'templates' in pinion.yaml",
     .about = "A name from 'templates' in pinion.yaml, instead of provider and model.",
     .example = "cheap"},
    {.name = "endpoint", .type = KEY_TEXT, FIELD(struct shadow_draft, place.endpoint), .hint = "endpoint: summarize-next, another one with the same schemas",
     .about = "The slug of another endpoint with the same schemas, whose prompts, model and params the copies have, instead of all of these.",
     .example = "summarize-next"},
    {.name = "percent", .type = KEY_NUMBER, .required = true, FIELD(struct shadow_draft, percent), .least = 0, .greatest = 100, .hint = "percent: 10",
     .about = "The part of the answered calls that a copy is made of.",
     .example = "10"},
    {.name = "daily_usd", .type = KEY_NUMBER, .required = true, FIELD(struct shadow_draft, daily_usd), .least = 0, .greatest = USD_MAX, .hint = "daily_usd: 5",
     .about = "USD that the copies may cost in a day; they count against the organisation's budget, too.",
     .example = "5"},
    {.name = "max_concurrent", .type = KEY_COUNT, FIELD(struct shadow_draft, max_concurrent), .least = 1, .greatest = CONCURRENT_MAX, .hint = "max_concurrent: 2",
     .about = "So many copies are under way at once, others are dropped; 2 where it is not said.",
     .example = "2"},
    {.name = "monthly_usd", .type = KEY_ELSEWHERE, .meant = "daily_usd"},
};
// clang-format on
const struct keys shadow_table = KEYS_OF(shadow_keys);

/* What is left of the endpoint for a copy. */
static struct endpoint copy_of(const struct endpoint *endpoint, int64_t daily_nano)
{
    struct endpoint copy = *endpoint;

    copy.rules = (struct route_rules){0};
    copy.rule_targets = copy.watched = copy.failover = NULL;
    copy.rule_endpoints = NULL;
    copy.canaries = NULL;
    copy.shadow = NULL;
    copy.failover_count = copy.canary_count = copy.test_count = 0;
    copy.hedge = (struct hedge_rule){0};
    copy.retry = (struct repeat_rule){0};
    copy.session = (struct session_rule){0};
    copy.cache = (struct cache_rule){0};
    copy.limits = (struct call_limits){0};
    copy.stream = STREAM_OFF;
    copy.invalid.next = false;
    copy.budget = (struct budget_rule){.request_tokens = endpoint->budget.request_tokens};
    copy.budget.limited[PERIOD_DAY] = true;
    copy.budget.limits[PERIOD_DAY] = daily_nano;
    return copy;
}

/* Of another endpoint there is more to say once it is known. */
static void digest_shadow(const struct document *document, uint32_t cell,
                          struct shadow_rule *shadow)
{
    struct buffer content = {0};

    json_put_cell(&content, document, cell);
    if (shadow->candidate.len == 0)
        version_put_target(&content, &shadow->endpoint->target);
    CHECK(EVP_Digest(content.at, content.len, shadow->digest, NULL, EVP_sha256(), NULL) == 1);
    buffer_release(&content);
}

bool load_shadow(struct load *load, const struct document *document, uint32_t cell,
                 const struct schema_use *output, struct endpoint *endpoint)
{
    struct shadow_draft draft = {.place = {.who = "a shadow",
                                           .form = "shadow: {model: gpt-5-mini, percent: 10, "
                                                   "daily_usd: 5}; for another prompt it has "
                                                   "endpoint: SLUG in place of the model"},
                                 .max_concurrent = CONCURRENT_UNSAID};
    struct reading reading = load_reading(load, document);
    struct shadow_rule *shadow = ARENA_NEW(load->arena, struct shadow_rule);
    struct endpoint *copy = ARENA_NEW(load->arena, struct endpoint);
    struct target target = endpoint->target;
    bool good = keys_read(&reading, cell, key_of(cell), &shadow_table, &draft);

    good = load_place(load, document, cell, &draft.place, &target) && good;
    if (!good)
        return false;
    if (draft.place.endpoint.len > 0)
        target.index = load->config->target_count++;
    else
        load_target(load, &target, document, cell);
    *copy =
        copy_of(endpoint, llround(document_double(document_cell(document, draft.daily_usd)) * 1e9));
    copy->target = target;
    if (output->schema != NULL)
        load_lowered(load, output, copy);
    *shadow = (struct shadow_rule){
        .endpoint = copy,
        .candidate = draft.place.endpoint,
        .share = (uint32_t)lround(document_double(document_cell(document, draft.percent)) *
                                  ROUTE_DRAWS / 100),
        .max_concurrent = draft.max_concurrent,
        .index = load->config->shadow_count++};
    digest_shadow(document, cell, shadow);
    endpoint->shadow = shadow;
    return shadow->candidate.len > 0 || load_budget_prices(load, document, key_of(cell), copy);
}

void load_shadow_made(const struct endpoint *made, struct endpoint *copy)
{
    *copy = copy_of(made, copy->budget.limits[PERIOD_DAY]);
}

void load_shadow_version(const struct endpoint *endpoint)
{
    struct endpoint *copy;

    if (endpoint->shadow == NULL)
        return;
    copy = (struct endpoint *)(uintptr_t)endpoint->shadow->endpoint; /* made a moment ago */
    copy->version = endpoint->version;
}
