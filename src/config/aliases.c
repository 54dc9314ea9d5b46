/* `aliases` of pinion.yaml: each is an endpoint whose prompt is its callers'. It has no file and no
 * history, and is not at a path of its own. */
#include "config/endpoint_draft.h"
#include "config/value.h"

#include <stdlib.h>

enum { ALIASES_MAX = 1000 };

/* One alias under way. */
struct alias {
    struct load *load;
    const struct document *document;
    uint32_t cell;
    struct endpoint_draft draft;
    struct endpoint *endpoint; /* that of the draft */
};

static bool refuse(struct alias *alias, uint32_t cell, enum diagnostic_code code, const char *what,
                   const char *hint)
{
    struct diagnostic *it =
        diagnose(alias->load->diagnostics, alias->document, cell, code, "%s", what);

    diagnostic_hint(alias->load->diagnostics, it, "%s", hint);
    return false;
}

/* --- its name ------------------------------------------------------------------------------------
 */

static bool name_free(struct alias *alias, uint32_t cell)
{
    const struct endpoint *same = config_endpoint(alias->load->config, alias->endpoint->slug);
    struct diagnostic *it;

    if (same == NULL)
        return true;
    it = diagnose(alias->load->diagnostics, alias->document, cell, DIAGNOSTIC_E0108,
                  "the alias \"%.*s\" has the slug of %.*s", TEXT_ARG(same->slug),
                  TEXT_ARG(same->file));
    diagnostic_hint(alias->load->diagnostics, it,
                    "give one of them another name: callers write either as 'model'");
    return false;
}

static bool read_name(struct alias *alias)
{
    uint32_t cell = key_of(alias->cell);
    struct text name = document_text(alias->document, cell);

    alias->endpoint->slug = name;
    if (slug_reserved(name))
        return refuse(alias, cell, DIAGNOSTIC_E0107, "the name of the alias is reserved",
                      "the gateway itself answers under that path; choose another name");
    if (!slug_valid(name))
        return refuse(alias, cell, DIAGNOSTIC_E0107, "the name of the alias is malformed",
                      "it is formed as a slug: 1 to 63 of a-z, 0-9 and '-', the first a letter or "
                      "digit");
    return name_free(alias, cell);
}

/* --- whom it asks --------------------------------------------------------------------------------
 */

/* "openai:gpt-4o-mini", at the cell where that stands. */
static bool read_model(struct alias *alias, uint32_t cell)
{
    struct target *target = &alias->endpoint->target;
    size_t colon = text_find_byte(alias->draft.model, ':');

    if (colon == 0 || colon + 1 >= alias->draft.model.len)
        return refuse(alias, cell, DIAGNOSTIC_E0106,
                      "an alias names a provider and one of its models",
                      "it is written openai:gpt-4o-mini, with a name from 'providers' before the "
                      "colon");
    target->model = text_after(alias->draft.model, colon + 1);
    target->provider =
        load_provider(alias->load, text_first(alias->draft.model, colon), alias->document, cell);
    if (target->provider == NULL)
        return false;
    load_target(alias->load, target, alias->document, cell);
    load_unsaid(alias->load, target, alias->document, alias->draft.params);
    return true;
}

/* --- the rest ------------------------------------------------------------------------------------
 */

/* Sent as it is written: there is no input that could be put in. */
static bool read_prompt(struct alias *alias)
{
    uint32_t cell = alias->draft.system;
    struct text *system = &alias->endpoint->system_source;

    if (!load_prompt(alias->load, alias->document, cell, "system",
                     "say what the model is to be and do", NULL, NULL, system))
        return false;
    return text_find(*system, TEXT("{{")) == system->len ||
           refuse(alias, cell, DIAGNOSTIC_E0303, "the 'system' of an alias has no tags",
                  "write the text itself; what is put in for {{name}}, and partials, belong to an "
                  "endpoint, in a file of endpoints/");
}

static bool read_budget(struct alias *alias)
{
    uint32_t cell = alias->draft.budget;

    return load_budget(alias->load, alias->document, cell, &alias->endpoint->budget) &&
           (cell == CELL_NONE ||
            load_budget_prices(alias->load, alias->document, key_of(cell), alias->endpoint));
}

/* All of it, also when a part has failed. */
static bool read_parts(struct alias *alias, uint32_t model)
{
    struct load *load = alias->load;
    const struct document *document = alias->document;
    struct endpoint *endpoint = alias->endpoint;
    bool good = load_params(load, document, alias->draft.params, &endpoint->target.params);

    if (alias->draft.model.len > 0)
        good &= read_model(alias, model);
    good &= read_prompt(alias);
    good &= load_content(load, document, alias->cell, (enum content_word)alias->draft.content,
                         &endpoint->content);
    endpoint->cache.by_token = alias->draft.cache_scope == 1;
    if (alias->draft.input_type != INPUT_TYPE_UNSAID)
        endpoint->purpose = (enum chat_purpose)(alias->draft.input_type + 1);
    good &= load_cache(load, document, alias->cell, endpoint);
    good &= load_times(load, document, alias->cell, endpoint);
    good &= load_hedge(load, document, alias->draft.hedge_after, &endpoint->hedge);
    good &= load_guardrails(load, document, alias->draft.guardrails, &endpoint->guardrails);
    if (alias->draft.origins != CELL_NONE)
        good &= load_origins(load, document, alias->draft.origins, &endpoint->origins);
    if (alias->draft.failover != CELL_NONE && endpoint->target.provider != NULL)
        good &= load_failover(load, document, alias->draft.failover, endpoint);
    return good && read_budget(alias);
}

/* `fast: openai:gpt-4o-mini`, or a mapping; gives the cell where the model is named. */
static bool read_keys(struct alias *alias, uint32_t *out_model)
{
    struct reading reading = load_reading(alias->load, alias->document);

    *out_model = alias->cell;
    switch (document_cell(alias->document, alias->cell)->type) {
    case CELL_STRING:
        alias->draft.model = document_text(alias->document, alias->cell);
        return true;
    case CELL_OBJECT:
        *out_model = document_member(alias->document, alias->cell, TEXT("model"));
        return keys_read(&reading, alias->cell, key_of(alias->cell), &alias_table, &alias->draft);
    default:
        return refuse(alias, alias->cell, DIAGNOSTIC_E0103,
                      "an alias is the name of a model, or a mapping",
                      "it is written fast: openai:gpt-4o-mini, or fast: {model: "
                      "openai:gpt-4o-mini, params: {temperature: 0.2}}");
    }
}

static bool read_alias(struct load *load, uint32_t cell, struct endpoint *out)
{
    struct alias alias = {
        .load = load,
        .document = load->settings,
        .cell = cell,
        .draft = {.system = CELL_NONE,
                  .params = CELL_NONE,
                  .failover = CELL_NONE,
                  .budget = CELL_NONE,
                  .guardrails = CELL_NONE,
                  .origins = CELL_NONE,
                  .input_type = INPUT_TYPE_UNSAID,
                  .hedge_after = CELL_NONE},
    };
    struct endpoint_parts parts = {0};
    uint32_t model;
    bool good;

    alias.endpoint = &alias.draft.endpoint;
    *alias.endpoint = endpoint_unsaid(load, TEXT("pinion.yaml"));
    alias.endpoint->kind = ENDPOINT_ALIAS;
    alias.endpoint->session = (struct session_rule){0};
    alias.endpoint->stream = STREAM_RAW;
    load_allow_all(load, alias.endpoint);
    good = read_name(&alias);
    good = read_keys(&alias, &model) && good;
    if (!read_parts(&alias, model) || !good)
        return false;
    load_limits_unsaid(load, &alias.endpoint->limits);
    parts.system = alias.endpoint->system_source;
    endpoint_version(load, alias.endpoint, &parts);
    *out = *alias.endpoint;
    return true;
}

static int by_slug(const void *a, const void *b)
{
    return text_compare(((const struct endpoint *)a)->slug, ((const struct endpoint *)b)->slug);
}

void load_aliases(struct load *load)
{
    const struct document *document = load->settings;
    uint32_t members = load_members(load, document, load->aliases, ALIASES_MAX);
    struct endpoint *aliases = ARENA_ARRAY(load->arena, struct endpoint, members);
    size_t count = 0;

    if (load->options->alone) /* only one endpoint is wanted */
        return;
    for (uint32_t i = 0, at = load->aliases + 1; i < members;
         i++, at = document_next(document, at + 1))
        count += read_alias(load, at + 1, &aliases[count]);
    if (count > 0)
        qsort(aliases, count, sizeof *aliases, by_slug);
    load->config->aliases = aliases;
    load->config->alias_count = count;
}
