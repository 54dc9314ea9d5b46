/* Rules and shadows that have another endpoint answer: a candidate, tried on a share of the calls
 * or on copies of them. What callers see stays that of the endpoint they have called (its schemas,
 * streams, sessions, limits, budget); what the model is asked, and which model, is the candidate's.
 */
#include "config/load.h"

#include "base/check.h"
#include "config/value.h"

struct endpoint_use {
    struct endpoint_use *next;
    const struct document *document; /* of the rules, or of the endpoint with the shadow */
    uint32_t at;                     /* cell of the slug there */
    const struct document *own;      /* of the endpoint */
    uint32_t budget;                 /* cell there of what limits the cost, or CELL_NONE */
    const uint64_t *endpoint;        /* its `number`, which no other has */
    size_t rule;                     /* or OF_SHADOW */
    struct text slug;                /* of the one that is used */
};

#define OF_SHADOW SIZE_MAX

static void note(struct load *load, struct endpoint_use noted)
{
    struct endpoint_use *use = ARENA_NEW(load->arena, struct endpoint_use);

    *use = noted;
    use->next = load->uses;
    load->uses = use;
}

void load_uses_endpoints(struct load *load, const struct document *document,
                         const struct routing_use *routing, uint32_t budget,
                         const struct endpoint *endpoint)
{
    for (size_t i = 0; i < routing->rules.count && !load->options->alone; i++) {
        const struct route_use *rule = &routing->rules.items[i].use;

        if (rule->endpoint.len > 0)
            note(load, (struct endpoint_use){
                           .document = routing->document,
                           .at = document_member(routing->document, rule->at, TEXT("endpoint")),
                           .own = document,
                           .budget = budget,
                           .endpoint = endpoint->number,
                           .rule = i,
                           .slug = rule->endpoint});
    }
}

void load_shadow_endpoint(struct load *load, const struct document *document, uint32_t cell,
                          struct endpoint *endpoint)
{
    struct text slug = endpoint->shadow->candidate;

    if (slug.len == 0)
        return;
    if (load->options->alone) { /* there is nothing to compare it with */
        endpoint->shadow = NULL;
        return;
    }
    note(load, (struct endpoint_use){.document = document,
                                     .at = document_member(document, cell, TEXT("endpoint")),
                                     .own = document,
                                     .budget = cell,
                                     .endpoint = endpoint->number,
                                     .rule = OF_SHADOW,
                                     .slug = slug});
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
                    "copy its file under another slug, without '%s', and name that",
                    use->rule == OF_SHADOW ? "shadow" : "routing");
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

/* What `own` is where the other answers: what is known at run time of the target that stands there
 * is known of the other's. */
static struct endpoint make(const struct endpoint *own, const struct endpoint *other,
                            const struct target *target)
{
    struct endpoint made = *own;

    made.candidate = other;
    made.target = other->target;
    made.target.index = target->index;
    made.system = other->system;
    made.template = other->template;
    made.has_template = other->has_template;
    made.output = other->output;
    made.output_document = other->output_document;
    made.output_at = other->output_at;
    made.output_tokens = other->output_tokens;
    made.invalid = other->invalid;
    made.failover = other->failover;
    made.failover_count = other->failover_count;
    made.retry = other->retry;
    made.hedge = other->hedge;
    made.times = other->times;
    made.first_token_said = other->first_token_said;
    return made;
}

/* What is seen of a rule that is watched, or of a shadow, is of another one when what it tries is
 * another. */
static void add_to_digest(unsigned char digest[CANARY_DIGEST_BYTES], const struct endpoint *other)
{
    unsigned char both[CANARY_DIGEST_BYTES + HISTORY_HASH_CHARS];

    if (other->version.len != HISTORY_HASH_CHARS)
        return;
    memcpy(both, digest, CANARY_DIGEST_BYTES);
    memcpy(both + CANARY_DIGEST_BYTES, other->version.at, HISTORY_HASH_CHARS);
    CHECK(EVP_Digest(both, sizeof both, digest, NULL, EVP_sha256(), NULL) == 1);
}

static void watch(struct load *load, const struct endpoint_use *use, const struct endpoint *own,
                  const struct endpoint *other)
{
    for (size_t i = 0; i < own->canary_count; i++) {
        struct canary_rule *canary = (struct canary_rule *)(uintptr_t)&own->canaries[i];

        if (canary->rule != use->rule)
            continue;
        add_to_digest(canary->digest, other);
        load_canary_price(load, use->document, &own->rules.items[use->rule], canary, &other->target,
                          other);
    }
}

/* Conditions on the rule's own target look at the one that it has now. */
static void look_at(const struct endpoint *own, size_t rule, const struct target *target)
{
    for (size_t i = 0; i < own->rules.need_count; i++)
        if (own->rules.needs[i].kind == ROUTE_NEEDS_OWN && own->rules.needs[i].rule == rule)
            *(struct target *)(uintptr_t)&own->watched[i] = *target;
}

static const struct endpoint *resolve_rule(struct load *load, const struct endpoint_use *use,
                                           struct endpoint *own, const struct endpoint *other)
{
    struct target *target = (struct target *)(uintptr_t)&own->rule_targets[use->rule];
    struct endpoint *made = ARENA_NEW(load->arena, struct endpoint);

    if (own->rule_endpoints == NULL)
        own->rule_endpoints = ARENA_ARRAY(load->arena, const struct endpoint *, own->rules.count);
    *made = make(own, other, target);
    *target = made->target;
    own->rule_endpoints[use->rule] = made;
    look_at(own, use->rule, target);
    watch(load, use, own, other);
    return made;
}

static const struct endpoint *resolve_shadow(const struct endpoint *own,
                                             const struct endpoint *other)
{
    struct shadow_rule *shadow = (struct shadow_rule *)(uintptr_t)own->shadow;
    struct endpoint *copy = (struct endpoint *)(uintptr_t)shadow->endpoint;
    struct endpoint made = make(own, other, &copy->target);

    load_shadow_made(&made, copy);
    add_to_digest(shadow->digest, other);
    return copy;
}

static void resolve(struct load *load, const struct endpoint_use *use, struct endpoint *own)
{
    const struct endpoint *other = config_endpoint(load->config, use->slug), *made;

    if (other == NULL) {
        refuse_unknown(load, use);
        return;
    }
    if (!fits(load, use, own, other) || other->target.provider == NULL)
        return;
    made =
        use->rule == OF_SHADOW ? resolve_shadow(own, other) : resolve_rule(load, use, own, other);
    if (use->budget != CELL_NONE)
        load_budget_prices(load, use->own, key_of(use->budget), made);
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

        if (own == NULL)
            continue;
        resolve(load, use, own);
        if (own->pinned)
            load_name_version(load->diagnostics, known, own->slug, *own->number);
    }
}
