#include "config/callable.h"

#include "auth/token_grant.h"
#include "provider/kind.h"

enum { MODEL_CHARS_MAX = 256, SHOWN_CHARS = 96 };

bool callable_refuse(struct text name, struct error *err)
{
    return error_set(err, ERROR_MODEL_NOT_FOUND, "model",
                     "the model '%.*s' does not exist or this token may not use it",
                     TEXT_ARG(text_first(name, SHOWN_CHARS)));
}

/* `format` shows the name once. */
#define REFUSE(err, at, format, name)                                                              \
    error_set((err), ERROR_INVALID_REQUEST, (at), format, TEXT_ARG(text_first((name), SHOWN_CHARS)))

/* --- whose model ---------------------------------------------------------------------------------
 */

static const struct provider_kind *kind_meant(const struct provider *provider)
{
    return provider->stands_for != NULL ? provider->stands_for : provider->kind;
}

enum which { NONE, ONE, SEVERAL };

/* By its name, else by its kind. */
static enum which find_provider(const struct config *config, struct text name, size_t *out_place)
{
    const struct provider_kind *kind = kind_find(name);
    size_t count = 0;

    for (size_t i = 0; i < config->provider_count; i++)
        if (text_equal(config->providers[i].name, name)) {
            *out_place = i;
            return ONE;
        }
    for (size_t i = 0; kind != NULL && i < config->provider_count; i++)
        if (kind_meant(&config->providers[i]) == kind) {
            *out_place = i;
            count++;
        }
    return count == 0 ? NONE : count == 1 ? ONE : SEVERAL;
}

/* The first that is not before that model, or that model of that provider. */
static size_t find_known(const struct config *config, struct text model, size_t provider)
{
    size_t low = 0, high = config->model_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct known_model *known = &config->models[middle];
        int order = text_compare(known->model, model);

        if (order < 0 || (order == 0 && known->provider < provider))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_model(const struct config *config, size_t place, struct text model)
{
    return place < config->model_count && text_equal(config->models[place].model, model);
}

/* One that can stand in a header, a path and a line of the log. */
static bool is_name(struct text model)
{
    for (size_t i = 0; i < model.len; i++)
        if (model.at[i] <= ' ' || model.at[i] > '~' || model.at[i] == '"' || model.at[i] == '\\')
            return false;
    return model.len > 0 && model.len <= MODEL_CHARS_MAX;
}

static bool give_model(const struct config *config, size_t provider, struct text model,
                       struct arena *arena, struct callable *out, struct error *err)
{
    size_t place = find_known(config, model, provider);
    struct endpoint *endpoint;

    if (!is_name(model))
        return callable_refuse(model, err);
    endpoint = ARENA_NEW(arena, struct endpoint);
    *endpoint = config->direct[provider];
    if (is_model(config, place, model) && config->models[place].provider == provider) {
        endpoint->slug = config->models[place].name;
        endpoint->target.model = config->models[place].model;
        endpoint->target.index = config->models[place].index;
    } else {
        endpoint->target.model = arena_copy(arena, model);
        endpoint->target.unlisted = true;
    }
    endpoint->target.dialect = kind_dialect(endpoint->target.provider, endpoint->target.model);
    endpoint->target.price =
        config_price(config, endpoint->target.provider, endpoint->target.model);
    out->endpoint = endpoint;
    return true;
}

/* --- what the name is of -------------------------------------------------------------------------
 */

/* Of an endpoint or an alias; false where there is none, with *err as it was. */
static bool find_own(const struct config *config, struct text name, struct callable *out)
{
    size_t at = text_find_byte(name, '@');
    struct text slug = text_first(name, at);

    out->endpoint = config_endpoint(config, slug);
    if (out->endpoint == NULL && at == name.len)
        out->endpoint = config_alias(config, slug);
    if (out->endpoint != NULL && at < name.len)
        out->version = text_after(name, at + 1);
    return out->endpoint != NULL;
}

/* In force, or in some version. */
static bool may_call(const struct token_record *token, const struct endpoint *endpoint)
{
    return callable_in_scope(token, endpoint) ||
           (endpoint->kind == ENDPOINT_SLUG &&
            token_scope_allows_version(token, endpoint->slug, 0));
}

/* What a header says as well has to be the same. Whoever may not call it is refused for that, and
 * not told by this whose model it is. */
static bool agrees(const struct config *config, const struct callable *found,
                   const struct callable_wish *wish, struct error *err)
{
    const struct provider *provider = found->endpoint->target.provider;
    size_t place;

    if (wish->provider.len == 0 || (wish->token != NULL && !may_call(wish->token, found->endpoint)))
        return true;
    return (find_provider(config, wish->provider, &place) == ONE &&
            &config->providers[place] == provider) ||
           REFUSE(err, "X-AI-Provider",
                  "X-AI-Provider names another provider than the model '%.*s' is of", wish->name);
}

static bool find_at_header(const struct config *config, struct text name, struct text header,
                           struct arena *arena, struct callable *out, struct error *err)
{
    size_t place;

    switch (find_provider(config, header, &place)) {
    case ONE:
        return give_model(config, place, name, arena, out, err);
    case SEVERAL:
        REFUSE(err, "X-AI-Provider", "there are several providers of the kind '%.*s'", header);
        error_hint(err, "send the name that one of them has in the configuration");
        return false;
    case NONE:
        break;
    }
    REFUSE(err, "X-AI-Provider", "there is no provider '%.*s'", header);
    error_hint(err, "leave out X-AI-Provider, or ask whoever runs the gateway for the provider");
    return false;
}

/* By its name alone, where anybody is known to have it. */
static bool find_bare(const struct config *config, const struct callable_wish *wish,
                      struct arena *arena, struct callable *out, struct error *err)
{
    size_t first = find_known(config, wish->name, 0), place = first;

    while (wish->token != NULL && is_model(config, place, wish->name) &&
           !token_scope_allows_model(
               wish->token, config->providers[config->models[place].provider].name, wish->name))
        place++;
    if (!is_model(config, place, wish->name))
        place = first;
    return is_model(config, place, wish->name)
               ? give_model(config, config->models[place].provider, wish->name, arena, out, err)
               : callable_refuse(wish->name, err);
}

/* "openai:gpt-4o-mini"; but models of some have a colon in their own names: "llama3.2:3b". */
static bool find_prefixed(const struct config *config, const struct callable_wish *wish,
                          struct arena *arena, struct callable *out, struct error *err)
{
    size_t colon = text_find_byte(wish->name, ':'), place;
    struct text prefix = text_first(wish->name, colon);

    switch (find_provider(config, prefix, &place)) {
    case ONE:
        return give_model(config, place, text_after(wish->name, colon + 1), arena, out, err) &&
               agrees(config, out, wish, err);
    case SEVERAL:
        REFUSE(err, "model", "there are several providers of the kind '%.*s'", prefix);
        error_hint(err, "write the name that one of them has in the configuration");
        return false;
    case NONE:
        break;
    }
    if (wish->provider.len > 0)
        return find_at_header(config, wish->name, wish->provider, arena, out, err);
    if (is_model(config, find_known(config, wish->name, 0), wish->name))
        return find_bare(config, wish, arena, out, err);
    REFUSE(err, "model", "there is no provider '%.*s'", prefix);
    error_hint(err, "a model is named as provider:model, or by itself where it is known");
    return false;
}

/* One gateway may be a provider of another. */
static bool has_provider(const struct config *config, struct text name)
{
    size_t place;

    return find_provider(config, name, &place) == ONE;
}

bool callable_find(const struct config *config, const struct callable_wish *wish,
                   struct arena *arena, struct callable *out, struct error *err)
{
    const struct text own = TEXT("pinion:");
    struct text name = wish->name, header = wish->provider;

    *out = (struct callable){0};
    if (text_starts(name, own) && find_own(config, text_after(name, own.len), out))
        return agrees(config, out, wish, err);
    if (text_starts(name, own) && !has_provider(config, text_first(name, own.len - 1)))
        return callable_refuse(name, err);
    if (find_own(config, name, out))
        return agrees(config, out, wish, err);
    if (text_find_byte(name, ':') < name.len)
        return find_prefixed(config, wish, arena, out, err);
    if (header.len > 0)
        return find_at_header(config, name, header, arena, out, err);
    return find_bare(config, wish, arena, out, err);
}

/* --- what a token may call -----------------------------------------------------------------------
 */

bool callable_in_scope(const struct token_record *token, const struct endpoint *endpoint)
{
    return endpoint->kind == ENDPOINT_DIRECT
               ? token_scope_allows_model(token, endpoint->target.provider->name,
                                          endpoint->target.model)
               : token_scope_allows(token, endpoint->slug);
}

static struct callable_row row_of(const struct endpoint *endpoint)
{
    return (struct callable_row){.name = endpoint->slug,
                                 .owner = TEXT("pinion"),
                                 .provider = endpoint->target.provider->name,
                                 .model = endpoint->target.model,
                                 .endpoint = endpoint};
}

bool callable_next(const struct config *config, size_t *place, struct callable_row *out)
{
    size_t at = (*place)++, aliases = config->endpoint_count;
    size_t models = aliases + config->alias_count;
    const struct known_model *known;

    if (at < models) {
        *out = row_of(at < aliases ? &config->endpoints[at] : &config->aliases[at - aliases]);
        return true;
    }
    if (at - models >= config->model_count)
        return false;
    known = &config->models[at - models];
    *out = (struct callable_row){.name = known->name,
                                 .owner = config->providers[known->provider].name,
                                 .provider = config->providers[known->provider].name,
                                 .model = known->model};
    return true;
}

bool callable_row_allowed(const struct token_record *token, const struct callable_row *row)
{
    return (row->endpoint != NULL ? token_scope_allows(token, row->name)
                                  : token_scope_allows_model(token, row->provider, row->model)) &&
           token_allows_model(token, row->provider, row->model);
}
