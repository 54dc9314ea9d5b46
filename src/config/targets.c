/* Where calls can go: the templates of pinion.yaml, and the targets that routing rules name. */
#include "config/load.h"
#include "config/value.h"
#include "provider/kind.h"

void load_target(struct load *load, struct target *target, const struct document *document,
                 uint32_t cell)
{
    target->dialect = kind_dialect(target->provider, target->model);
    target->price = load_price(load, target->provider, target->model, document, cell);
    target->index = load->config->target_count++;
}

static enum price_use use_of(const struct target *target)
{
    return target->price != NULL ? target->price->use : PRICE_USE_UNKNOWN;
}

bool load_use(struct load *load, const struct document *document, uint32_t cell,
              const struct endpoint *endpoint, const struct target *target)
{
    bool alias = endpoint->kind == ENDPOINT_ALIAS;
    enum price_use wanted = alias ? use_of(&endpoint->target) : PRICE_USE_CHAT;
    enum price_use use = use_of(target);
    struct diagnostic *it;

    if (use == wanted || use == PRICE_USE_UNKNOWN || wanted == PRICE_USE_UNKNOWN)
        return true;
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0505, "the model \"%.*s\" %s",
                  TEXT_ARG(target->model),
                  use == PRICE_USE_EMBEDDING ? "turns texts into vectors; it answers nothing"
                                             : "answers conversations; it makes no vectors");
    diagnostic_hint(load->diagnostics, it, "%s",
                    alias ? "all targets of an alias do what its 'model' does"
                          : "name a chat model; an embedding model is called at /v1/embeddings, by "
                            "an alias of pinion.yaml or by its own name");
    return false;
}

/* -- templates -- */

enum { TEMPLATES_MAX = 1000 };

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
    const struct document *document = routing->document;
    struct target *targets;
    bool good = true;

    if (routing->refused)
        return false;
    check_names(load, routing);
    if (routing->refused || endpoint->target.provider == NULL)
        return false;
    targets = ARENA_ARRAY(load->arena, struct target, routing->rules.count);
    for (size_t i = 0; i < routing->rules.count; i++) {
        const struct route_use *use = &routing->rules.items[i].use;

        targets[i] = rule_target(load, routing, use, &endpoint->target);
        if (use->endpoint.len == 0 && use_of(&targets[i]) != use_of(&endpoint->target))
            good &= load_use(load, document, member_or_whole(document, use->at, "model"), endpoint,
                             &targets[i]);
    }
    endpoint->rules = routing->rules;
    endpoint->rule_targets = targets;
    return good;
}
