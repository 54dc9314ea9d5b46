/* `failover`: the targets that stand in for an endpoint's own, and when each does. */
#include "config/load.h"

#include "config/value.h"

struct failover_draft {
    struct place_draft place;
    uint32_t params, on;
};

#define CONDITIONS(X)                                                                              \
    X("error", ON_ERROR)                                                                           \
    X("timeout", ON_TIMEOUT)                                                                       \
    X("rate_limit", ON_RATE_LIMIT)                                                                 \
    X("invalid", ON_INVALID)                                                                       \
    X("context_length", ON_CONTEXT_LENGTH)
static const char *const on_words[] = {
#define X(word, on) word,
    CONDITIONS(X)
#undef X
        NULL};
static const enum failover_on on_bits[] = {
#define X(word, on) on,
    CONDITIONS(X)
#undef X
};

#define PLACE_HINT                                                                                 \
    "{provider: anthropic, model: claude-haiku-4-5}, {model: NAME} for another model of the "      \
    "endpoint's own provider, or {template: NAME}"

// clang-format off
static const struct key failover_keys[] = {
    {.name = "provider", .type = KEY_TEXT, FIELD(struct failover_draft, place.provider), .hint = "provider: anthropic, a name from 'providers' in pinion.yaml",
     .about = "A name from 'providers' in pinion.yaml; without it, the endpoint's own provider.",
     .example = "anthropic"},
    {.name = "model", .type = KEY_TEXT, FIELD(struct failover_draft, place.model), .hint = "model: claude-haiku-4-5, as the provider names it",
     .about = "The model, as the provider names it.",
     .example = "claude-haiku-4-5"},
    {.name = "template", .type = KEY_TEXT, FIELD(struct failover_draft, place.template), .hint = "template: cheap, a name from 'templates' in pinion.yaml",
     .about = "A name from 'templates' in pinion.yaml, instead of provider and model.",
     .example = "cheap"},
    {.name = "params", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct failover_draft, params), .hint = "params: {temperature: 0.2}",
     .about = "Parameters of the model, over those that the endpoint pins.",
     .example = "{temperature: 0.2}", .inside = &param_table},
    {.name = "on", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct failover_draft, on), .hint = "on: [error, timeout, rate_limit, invalid, context_length]",
     .about = "What the target before must have done: failed (error), been slow (timeout), been at its limit (rate_limit), answered what does not fit (invalid), or found the prompt too long (context_length).",
     .example = "[error, timeout, rate_limit]", .words = on_words, .items_least = 1},
    {.name = "when", .type = KEY_ELSEWHERE, .meant = "on"},
};
// clang-format on
const struct keys failover_table = KEYS_OF(failover_keys);

enum {
    CONDITION_COUNT = sizeof on_bits / sizeof *on_bits,
    ON_DEFAULT = ON_ERROR | ON_TIMEOUT | ON_RATE_LIMIT
};

const char *failover_on_at(size_t i, unsigned *out_bit)
{
    if (i >= CONDITION_COUNT)
        return NULL;
    *out_bit = on_bits[i];
    return on_words[i];
}

static bool read_condition(struct load *load, const struct document *document, uint32_t cell,
                           unsigned *on)
{
    struct arena *arena = load->diagnostics->arena;
    struct text words[CONDITION_COUNT], word, near, shown, list;
    struct diagnostic *it;

    word = document_cell(document, cell)->type == CELL_STRING ? document_text(document, cell)
                                                              : TEXT("");
    for (size_t i = 0; i < CONDITION_COUNT; i++) {
        words[i] = text_of(on_words[i]);
        if (text_equal(word, words[i])) {
            *on |= on_bits[i];
            return true;
        }
    }
    shown = value_shown(arena, word);
    list = names_joined(arena, words, CONDITION_COUNT);
    near = nearest_name(word, words, CONDITION_COUNT);
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0105,
                  "'on' lists when the target answers; \"%.*s\" is no such condition",
                  TEXT_ARG(shown));
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(load->diagnostics, it, "there are: %.*s", TEXT_ARG(list));
    return false;
}

static bool read_on(struct load *load, const struct document *document, uint32_t cell,
                    unsigned *out)
{
    bool good = true;
    struct diagnostic *it;

    *out = cell == CELL_NONE ? (unsigned)ON_DEFAULT : 0;
    if (cell == CELL_NONE)
        return true;
    for (uint32_t at = cell + 1; at < document_next(document, cell);
         at = document_next(document, at))
        good &= read_condition(load, document, at, out);
    if (document_cell(document, cell)->size > 0)
        return good;
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0106,
                  "a target with an empty 'on' would never answer");
    diagnostic_hint(load->diagnostics, it, "remove 'on', or write on: [error, timeout]");
    return false;
}

static bool no_mapping(struct load *load, const struct document *document, uint32_t cell)
{
    struct diagnostic *it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0101,
                                     "a failover target is described by a mapping");

    diagnostic_hint(load->diagnostics, it, "it is written %s", PLACE_HINT);
    return false;
}

/* The endpoint's own provider and params are what a target does not say. */
static bool read_target(struct load *load, const struct document *document, uint32_t cell,
                        const struct endpoint *endpoint, struct target *target)
{
    struct failover_draft draft = {.place = {.who = "a failover target", .form = PLACE_HINT},
                                   .params = CELL_NONE,
                                   .on = CELL_NONE};
    struct reading reading = load_reading(load, document);
    struct chat_params params = {0};
    bool good;

    if (document_cell(document, cell)->type != CELL_OBJECT)
        return no_mapping(load, document, cell);
    good = keys_read(&reading, cell, cell, &failover_table, &draft);
    good &= load_params(load, document, draft.params, &params);
    good &= read_on(load, document, draft.on, &target->on);
    good = load_place(load, document, cell, &draft.place, target) && good;
    target->params = load_params_over(&target->params, &params);
    if (!good)
        return false;
    load_target(load, target, document, cell);
    load_unsaid(load, target, document, draft.params);
    return load_use(load, document, cell, endpoint, target);
}

bool load_failover(struct load *load, const struct document *document, uint32_t cell,
                   struct endpoint *endpoint)
{
    uint32_t count = document_cell(document, cell)->size;
    struct target *targets;
    struct diagnostic *it;
    bool good = true;

    if (count > FAILOVER_MAX) {
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0104,
                      "'failover' has %u targets; at most %d are tried", count, FAILOVER_MAX);
        diagnostic_hint(load->diagnostics, it, "keep those that are likely to answer");
        return false;
    }
    targets = ARENA_ARRAY(load->arena, struct target, count);
    for (uint32_t at = cell + 1; at < document_next(document, cell);
         at = document_next(document, at)) {
        struct target *target = &targets[endpoint->failover_count++];

        *target = (struct target){.provider = endpoint->target.provider,
                                  .params = endpoint->target.params};
        good &= read_target(load, document, at, endpoint, target);
    }
    endpoint->failover = targets;
    return good;
}
