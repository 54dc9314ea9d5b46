/* Rules that have another endpoint answer: a candidate, tried on a share of the calls. What callers
 * see stays that of the endpoint they have called (its schemas, streams, sessions, limits, budget);
 * what the model is asked, and which model, is the candidate's. */
#include "config/load.h"

#include "base/check.h"
#include "config/value.h"

struct endpoint_use {
    struct endpoint_use *next;
    const struct document *document; /* of the rules */
    uint32_t at;                     /* cell of the slug there */
    const struct document *own;      /* of the endpoint */
    uint32_t budget;                 /* cell there, or CELL_NONE */
    const uint64_t *endpoint;        /* its `number`, which no other has */
    size_t rule;
    struct text slug; /* of the one that is used */
};

void load_uses_endpoints(struct load *load, const struct document *document,
                         const struct routing_use *routing, uint32_t budget,
                         const struct endpoint *endpoint)
{
    for (size_t i = 0; i < routing->rules.count && !load->options->alone; i++) {
        const struct route_use *rule = &routing->rules.items[i].use;
        struct endpoint_use *use;

        if (rule->endpoint.len == 0)
            continue;
        use = ARENA_NEW(load->arena, struct endpoint_use);
        *use = (struct endpoint_use){
            .next = load->uses,
            .document = routing->document,
            .at = document_member(routing->document, rule->at, TEXT("endpoint")),
            .own = document,
            .budget = budget,
            .endpoint = endpoint->number,
            .rule = i,
            .slug = rule->endpoint};
        load->uses = use;
    }
}

static void refuse_unknown(struct load *load, const struct endpoint_use *use)
{
    const struct config *config = load->config;
    struct arena *arena = load->diagnostics->arena;
    struct text *names = ARENA_ARRAY(arena, struct text, config->endpoint_count), near;
    struct diagnostic *it =
        diagnose(load->diagnostics, use->document, use->at, DIAGNOSTIC_E0406,
                 "there is no endpoint \"%.*s\"", TEXT_ARG(value_shown(arena, use->slug)));

    for (size_t i = 0; i < config->endpoint_count; i++)
        names[i] = config->endpoints[i].slug;
    near = nearest_name(use->slug, names, config->endpoint_count);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(load->diagnostics, it,
                        "name one of endpoints/ that answers in place of this one");
}

static bool refuse_itself(struct load *load, const struct endpoint_use *use)
{
    struct diagnostic *it =
        diagnose(load->diagnostics, use->document, use->at, DIAGNOSTIC_E0406,
                 "endpoint \"%.*s\" cannot answer in place of itself", TEXT_ARG(use->slug));

    diagnostic_hint(load->diagnostics, it,
                    "copy its file under another slug, without 'routing', and name that");
    return false;
}

static bool refuse_schema(struct load *load, const struct endpoint_use *use,
                          const struct endpoint *own, const char *what, const char *key)
{
    struct diagnostic *it =
        diagnose(load->diagnostics, use->document, use->at, DIAGNOSTIC_E0406,
                 "endpoint \"%.*s\" %s than \"%.*s\", in whose place it would answer",
                 TEXT_ARG(use->slug), what, TEXT_ARG(own->slug));

    diagnostic_hint(load->diagnostics, it, "both need the same %s", key);
    return false;
}

/* Callers are promised the schemas of the endpoint that they call. */
static bool fits(struct load *load, const struct endpoint_use *use, const struct endpoint *own,
                 const struct endpoint *other)
{
    if (own == other)
        return refuse_itself(load, use);
    if (!text_equal(own->input_digest, other->input_digest))
        return refuse_schema(load, use, own, "takes another input", "input_schema");
    return text_equal(own->output_digest, other->output_digest) ||
           refuse_schema(load, use, own, "gives another output", "output_schema");
}

static const struct endpoint *make(struct load *load, const struct endpoint *own,
                                   const struct endpoint *other, const struct target *target)
{
    struct endpoint *made = ARENA_NEW(load->arena, struct endpoint);

    *made = *own;
    made->candidate = other;
    made->target = *target;
    made->system = other->system;
    made->template = other->template;
    made->has_template = other->has_template;
    made->output = other->output;
    made->output_document = other->output_document;
    made->output_at = other->output_at;
    made->output_tokens = other->output_tokens;
    made->invalid = other->invalid;
    made->failover = other->failover;
    made->failover_count = other->failover_count;
    made->retry = other->retry;
    made->hedge = other->hedge;
    made->times = other->times;
    made->first_token_said = other->first_token_said;
    return made;
}

/* A rule that is watched is another one when what it tries is. */
static void add_to_digest(struct canary_rule *canary, const struct endpoint *other)
{
    unsigned char both[CANARY_DIGEST_BYTES + HISTORY_HASH_CHARS];

    if (other->version.len != HISTORY_HASH_CHARS)
        return;
    memcpy(both, canary->digest, CANARY_DIGEST_BYTES);
    memcpy(both + CANARY_DIGEST_BYTES, other->version.at, HISTORY_HASH_CHARS);
    CHECK(EVP_Digest(both, sizeof both, canary->digest, NULL, EVP_sha256(), NULL) == 1);
}

static void watch(struct load *load, const struct endpoint_use *use, const struct endpoint *own,
                  const struct endpoint *other)
{
    for (size_t i = 0; i < own->canary_count; i++) {
        struct canary_rule *canary = (struct canary_rule *)(uintptr_t)&own->canaries[i];

        if (canary->rule != use->rule)
            continue;
        add_to_digest(canary, other);
        load_canary_price(load, use->document, &own->rules.items[use->rule], canary, &other->target,
                          other);
    }
}

static void resolve(struct load *load, const struct endpoint_use *use, struct endpoint *own)
{
    const struct endpoint *other = config_endpoint(load->config, use->slug);
    struct target *target;
    uint32_t index;

    if (other == NULL) {
        refuse_unknown(load, use);
        return;
    }
    if (!fits(load, use, own, other) || other->target.provider == NULL)
        return;
    target = (struct target *)(uintptr_t)&own->rule_targets[use->rule];
    index = target->index;
    *target = other->target;
    target->index = index;
    own->rule_endpoints[use->rule] = make(load, own, other, target);
    watch(load, use, own, other);
    if (use->budget != CELL_NONE)
        load_budget_prices(load, use->own, key_of(use->budget), own->rule_endpoints[use->rule]);
}

static struct endpoint *find(struct endpoint *endpoints, size_t count, const uint64_t *number)
{
    for (size_t i = 0; i < count; i++)
        if (endpoints[i].number == number)
            return &endpoints[i];
    return NULL; /* a pinned version has taken its place */
}

void load_candidates(struct load *load, struct endpoint *endpoints, size_t count)
{
    for (const struct endpoint_use *use = load->uses; use != NULL; use = use->next) {
        struct endpoint *own = find(endpoints, count, use->endpoint);
        size_t known = load->diagnostics->count;

        if (own == NULL || own->rules.count == 0)
            continue;
        if (own->rule_endpoints == NULL)
            own->rule_endpoints =
                ARENA_ARRAY(load->arena, const struct endpoint *, own->rules.count);
        resolve(load, use, own);
        if (own->pinned)
            load_name_version(load->diagnostics, known, own->slug, *own->number);
    }
}
