/* Where calls can go: the templates of pinion.yaml, what their tokens cost, and the targets that
 * routing rules name. */
#include "config/load.h"
#include "config/value.h"
#include "provider/kind.h"

#include <math.h>

/* -- prices -- */

struct price_draft {
    uint32_t input, output, cached_input;
};

enum { USD_MAX = 1000000, PRICES_MAX = 1000, TEMPLATES_MAX = 1000 };

// clang-format off
static const struct key price_keys[] = {
    {.name = "input", .type = KEY_NUMBER, .required = true, FIELD(struct price_draft, input), .least = 0, .greatest = USD_MAX,
     .hint = "input: 0.4, in USD per million tokens",
     .about = "USD per million tokens of the prompt.",
     .example = "0.4"},
    {.name = "output", .type = KEY_NUMBER, .required = true, FIELD(struct price_draft, output), .least = 0, .greatest = USD_MAX,
     .hint = "output: 1.6, in USD per million tokens",
     .about = "USD per million tokens of the answer.",
     .example = "1.6"},
    {.name = "cached_input", .type = KEY_NUMBER, FIELD(struct price_draft, cached_input), .least = 0, .greatest = USD_MAX,
     .about = "USD per million tokens that the provider had in its cache.",
     .example = "0.1"},
};
// clang-format on
const struct keys price_table = KEYS_OF(price_keys);

static int64_t nano(const struct document *document, uint32_t cell)
{
    return llround(document_double(document_cell(document, cell)) * 1e9);
}

/* What is known of the model beside its price stays as it is. */
static void read_price(struct load *load, const struct document *document, uint32_t cell,
                       struct price_override *prices)
{
    struct text name = document_text(document, key_of(cell));
    size_t slash = text_find_byte(name, '/');
    struct reading reading = load_reading(load, document);
    const struct price *bundled;
    struct price_draft draft;
    struct price price = {0};
    struct diagnostic *it;

    if (slash == 0 || slash + 1 >= name.len) {
        it = diagnose(load->diagnostics, document, key_of(cell), DIAGNOSTIC_E0106,
                      "a price is listed under a provider and a model");
        diagnostic_hint(load->diagnostics, it,
                        "it is written \"openai/gpt-x\": {input: 0.4, output: 1.6}");
        return;
    }
    if (document_cell(document, cell)->type != CELL_OBJECT) {
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0103,
                      "a price must be a mapping");
        diagnostic_hint(load->diagnostics, it,
                        "it is written {input: 0.4, output: 1.6}, in USD per million tokens");
        return;
    }
    if (!keys_read(&reading, cell, key_of(cell), &price_table, &draft))
        return;
    bundled =
        price_find(price_table_bundled(), text_first(name, slash), text_after(name, slash + 1));
    if (bundled != NULL)
        price = *bundled;
    price.above_tokens = 0;
    price.base.input = price.base.cached_input = price.base.cache_write =
        nano(document, draft.input);
    price.base.output = nano(document, draft.output);
    if (draft.cached_input != CELL_NONE)
        price.base.cached_input = nano(document, draft.cached_input);
    prices[load->config->price_count++] = (struct price_override){name, price};
}

void load_prices(struct load *load, const struct document *document, uint32_t cell)
{
    uint32_t members = load_members(load, document, cell, PRICES_MAX);
    struct price_override *prices = ARENA_ARRAY(load->arena, struct price_override, members);

    load->config->prices = prices;
    for (uint32_t i = 0, at = cell + 1; i < members; i++, at = document_next(document, at + 1))
        read_price(load, document, at + 1, prices);
}

static const struct price *override_of(const struct config *config, struct text provider,
                                       struct text model)
{
    for (size_t i = 0; i < config->price_count; i++) {
        struct text rest = config->prices[i].name, first = text_split(&rest, '/');

        if (text_equal(first, provider) && text_equal(rest, model))
            return &config->prices[i].price;
    }
    return NULL;
}

const struct price *config_price(const struct config *config, const struct provider *provider,
                                 struct text model)
{
    struct text kind = text_of(provider->kind->name);
    const struct price *price = override_of(config, provider->name, model);

    if (price == NULL)
        price = override_of(config, kind, model);
    if (price != NULL)
        return price;
    if (provider->kind->habits.deployments) /* OpenAI's models at OpenAI's prices */
        kind = TEXT("openai");
    return price_find(price_table_bundled(), kind, kind_model(provider, model));
}

/* Once for each model, however many endpoints use it. */
static void warn_unpriced(struct load *load, const struct provider *provider, struct text model,
                          const struct document *document, uint32_t cell)
{
    struct unpriced *entry;
    struct text shown;
    struct diagnostic *it;

    for (const struct unpriced *seen = load->unpriced; seen != NULL; seen = seen->next)
        if (seen->provider == provider && text_equal(seen->model, model))
            return;
    entry = ARENA_NEW(load->arena, struct unpriced);
    *entry = (struct unpriced){load->unpriced, provider, model};
    load->unpriced = entry;
    shown = value_shown(load->diagnostics->arena, model);
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_W0501,
                  "the price of \"%.*s\" is not known, so its calls are logged without a cost",
                  TEXT_ARG(shown));
    diagnostic_hint(load->diagnostics, it,
                    "add to 'prices' in pinion.yaml: \"%.*s/%.*s\": {input: USD, output: USD}, per "
                    "million tokens",
                    TEXT_ARG(provider->name), TEXT_ARG(shown));
}

const struct price *load_price(struct load *load, const struct provider *provider,
                               struct text model, const struct document *document, uint32_t cell)
{
    const struct price *price = config_price(load->config, provider, model);

    if (price == NULL || price->base.input < 0 || price->base.output < 0)
        warn_unpriced(load, provider, model, document, cell);
    return price;
}

void load_target(struct load *load, struct target *target, const struct document *document,
                 uint32_t cell)
{
    target->dialect = kind_dialect(target->provider, target->model);
    target->price = load_price(load, target->provider, target->model, document, cell);
    target->index = load->config->target_count++;
}

/* -- templates -- */

struct template_draft {
    struct text provider, model;
    uint32_t params;
};

// clang-format off
static const struct key template_keys[] = {
    {.name = "provider", .type = KEY_TEXT, .required = true, FIELD(struct template_draft, provider), .hint = "provider: openai",
     .about = "A name from 'providers'.",
     .example = "openai"},
    {.name = "model", .type = KEY_TEXT, .required = true, FIELD(struct template_draft, model), .hint = "model: gpt-4.1-nano",
     .about = "The model, as the provider names it.",
     .example = "gpt-4.1-nano"},
    {.name = "params", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct template_draft, params), .hint = "params: {temperature: 0.2}",
     .about = "Parameters of the model, over those that the endpoint pins.",
     .example = "{temperature: 0.2}", .inside = &param_table},
    {.name = "system", .type = KEY_ELSEWHERE, .hint = "prompts belong into the endpoint's file; a template is a provider, a model and params"},
};
// clang-format on
const struct keys template_table = KEYS_OF(template_keys);

static void read_template(struct load *load, const struct document *document, uint32_t cell,
                          struct target_template *out)
{
    struct reading reading = load_reading(load, document);
    struct template_draft draft = {.params = CELL_NONE};
    const struct provider *provider;
    struct diagnostic *it;
    bool good;

    out->name = document_text(document, key_of(cell));
    if (document_cell(document, cell)->type != CELL_OBJECT) {
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0103,
                      "a provider template must be a mapping");
        diagnostic_hint(load->diagnostics, it,
                        "it is written NAME: {provider: openai, model: gpt-4.1-nano}");
        return;
    }
    good = keys_read(&reading, cell, key_of(cell), &template_table, &draft);
    good &= load_params(load, document, draft.params, &out->params);
    if (draft.provider.len == 0)
        return;
    provider = load_provider(load, draft.provider, document,
                             document_member(document, cell, TEXT("provider")));
    out->model = draft.model;
    out->provider = good ? provider : NULL;
}

void load_templates(struct load *load, const struct document *document, uint32_t cell)
{
    uint32_t members = load_members(load, document, cell, TEMPLATES_MAX);

    load->templates = ARENA_ARRAY(load->arena, struct target_template, members);
    for (uint32_t i = 0, at = cell + 1; i < members; i++, at = document_next(document, at + 1))
        read_template(load, document, at + 1, &load->templates[load->template_count++]);
}

static void unknown_template(struct load *load, struct text name, const struct document *document,
                             uint32_t cell)
{
    struct arena *arena = load->diagnostics->arena;
    bool full = diagnostics_full(load->diagnostics);
    struct text shown = value_shown(arena, name), near, list, *names;
    struct diagnostic *it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0503,
                                     "there is no provider template \"%.*s\"", TEXT_ARG(shown));

    if (full)
        return;
    names = ARENA_ARRAY(arena, struct text, load->template_count);
    for (size_t i = 0; i < load->template_count; i++)
        names[i] = load->templates[i].name;
    near = nearest_name(name, names, load->template_count);
    list = names_joined(arena, names, load->template_count);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else if (list.len > 0)
        diagnostic_hint(load->diagnostics, it, "'templates' in pinion.yaml has: %.*s",
                        TEXT_ARG(list));
    else
        diagnostic_hint(load->diagnostics, it,
                        "add it to pinion.yaml: templates: {%.*s: {provider: openai, model: "
                        "gpt-4.1-nano}}",
                        TEXT_ARG(shown));
}

const struct target_template *load_template(struct load *load, struct text name,
                                            const struct document *document, uint32_t cell)
{
    for (size_t i = 0; i < load->template_count; i++)
        if (text_equal(load->templates[i].name, name))
            return load->templates[i].provider != NULL ? &load->templates[i] : NULL;
    if (!load->settings_unusable)
        unknown_template(load, name, document, cell);
    return NULL;
}

/* -- targets beside the endpoint's own -- */

/* A template says where it leads by itself, and so does an endpoint. */
static bool refuse_both(struct load *load, const struct document *document, uint32_t cell,
                        const struct place_draft *draft)
{
    const char *whole = draft->endpoint.len > 0 ? "endpoint" : "template";
    const char *other = draft->model.len > 0      ? "model"
                        : draft->provider.len > 0 ? "provider"
                                                  : "template";
    struct diagnostic *it =
        diagnose(load->diagnostics, document,
                 key_of(document_member(document, cell, text_of(other))), DIAGNOSTIC_E0109,
                 "'%s' and '%s' exclude each other: %s %s has a provider and a model of its own",
                 whole, other, draft->endpoint.len > 0 ? "an" : "a", whole);

    diagnostic_hint(load->diagnostics, it, "remove one of them");
    return false;
}

static bool no_model(struct load *load, const struct document *document, uint32_t cell,
                     const struct place_draft *draft)
{
    struct diagnostic *it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0101,
                                     "%s needs a 'model'", draft->who);

    diagnostic_hint(load->diagnostics, it, "it is written %s", draft->form);
    return false;
}

bool load_place(struct load *load, const struct document *document, uint32_t cell,
                const struct place_draft *draft, struct target *target)
{
    const struct target_template *template;

    if (draft->endpoint.len > 0)
        return draft->template.len + draft->provider.len + draft->model.len == 0 ||
               refuse_both(load, document, cell, draft);
    if (draft->template.len > 0) {
        template = load_template(load, draft->template, document,
                                 document_member(document, cell, TEXT("template")));
        if (draft->provider.len + draft->model.len > 0)
            return refuse_both(load, document, cell, draft);
        if (template == NULL)
            return false;
        target->provider = template->provider;
        target->model = template->model;
        target->params = load_params_over(&target->params, &template->params);
        return true;
    }
    if (draft->model.len == 0)
        return no_model(load, document, cell, draft);
    target->model = draft->model;
    if (draft->provider.len > 0)
        target->provider = load_provider(load, draft->provider, document,
                                         document_member(document, cell, TEXT("provider")));
    return target->provider != NULL;
}

/* -- rules -- */

static uint32_t member_or_whole(const struct document *document, uint32_t object, const char *name)
{
    uint32_t cell = document_member(document, object, text_of(name));

    return cell == CELL_NONE ? object : cell;
}

/* Reports each unknown name once, although many endpoints may share the file. */
static void check_names(struct load *load, struct routing_use *routing)
{
    const struct document *document = routing->document;

    if (routing->named)
        return;
    routing->named = true;
    for (size_t i = 0; i < routing->rules.count; i++) {
        const struct route_use *use = &routing->rules.items[i].use;

        if (use->template.len > 0)
            routing->refused |=
                load_template(load, use->template, document,
                              member_or_whole(document, use->at, "template")) == NULL;
        if (use->provider.len > 0)
            routing->refused |=
                load_provider(load, use->provider, document,
                              member_or_whole(document, use->at, "provider")) == NULL;
    }
    routing->refused |= !load_needs(load, routing);
    routing->refused |= !load_watches(load, routing);
}

struct chat_params load_params_over(const struct chat_params *pinned,
                                    const struct chat_params *over)
{
    struct chat_params params = *pinned;

    for (size_t i = 0; i < CHAT_PARAM_COUNT; i++)
        if (over->json[i].len > 0)
            params.json[i] = over->json[i];
    return params;
}

static struct target rule_target(struct load *load, const struct routing_use *routing,
                                 const struct route_use *use, const struct target *own)
{
    const struct document *document = routing->document;
    struct target target = *own;

    if (use->endpoint.len > 0) { /* another, once all endpoints are there */
        target.index = load->config->target_count++;
        return target;
    }
    if (use->template.len > 0) {
        const struct target_template *template =
            load_template(load, use->template, document, use->at);

        target.provider = template->provider;
        target.model = template->model;
        target.params = load_params_over(&own->params, &template->params);
    }
    if (use->provider.len > 0)
        target.provider = load_provider(load, use->provider, document, use->at);
    if (use->model.len > 0)
        target.model = use->model;
    load_target(load, &target, document, member_or_whole(document, use->at, "model"));
    return target;
}

bool load_rule_targets(struct load *load, struct routing_use *routing, struct endpoint *endpoint)
{
    struct target *targets;

    if (routing->refused)
        return false;
    check_names(load, routing);
    if (routing->refused || endpoint->target.provider == NULL)
        return false;
    targets = ARENA_ARRAY(load->arena, struct target, routing->rules.count);
    for (size_t i = 0; i < routing->rules.count; i++)
        targets[i] = rule_target(load, routing, &routing->rules.items[i].use, &endpoint->target);
    endpoint->rules = routing->rules;
    endpoint->rule_targets = targets;
    return true;
}
