#include "config/callable.h"

#include "provider/kind.h"

enum { MODEL_CHARS_MAX = 256, SHOWN_CHARS = 96 };

void callable_refuse(struct text name, struct error *err)
{
    error_set(err, ERROR_MODEL_NOT_FOUND, "model",
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

    if (!is_name(model)) {
        callable_refuse(model, err);
        return false;
    }
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

/* What a header says as well has to be the same. */
static bool agrees(const struct config *config, const struct callable *found, struct text name,
                   struct text header, struct error *err)
{
    const struct provider *provider = found->endpoint->target.provider;
    size_t place;

    if (header.len == 0 ||
        (find_provider(config, header, &place) == ONE && &config->providers[place] == provider))
        return true;
    return REFUSE(err, "X-AI-Provider",
                  "X-AI-Provider names another provider than the model '%.*s' is of", name);
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

/* "openai:gpt-4o-mini"; but models of some have a colon in their own names: "llama3.2:3b". */
static bool find_prefixed(const struct config *config, struct text name, struct text header,
                          struct arena *arena, struct callable *out, struct error *err)
{
    size_t colon = text_find_byte(name, ':'), place, known = find_known(config, name, 0);
    struct text prefix = text_first(name, colon);

    switch (find_provider(config, prefix, &place)) {
    case ONE:
        return give_model(config, place, text_after(name, colon + 1), arena, out, err) &&
               agrees(config, out, name, header, err);
    case SEVERAL:
        REFUSE(err, "model", "there are several providers of the kind '%.*s'", prefix);
        error_hint(err, "write the name that one of them has in the configuration");
        return false;
    case NONE:
        break;
    }
    if (header.len > 0)
        return find_at_header(config, name, header, arena, out, err);
    if (is_model(config, known, name))
        return give_model(config, config->models[known].provider, name, arena, out, err);
    REFUSE(err, "model", "there is no provider '%.*s'", prefix);
    error_hint(err, "a model is named as provider:model, or by itself where it is known");
    return false;
}

bool callable_find(const struct config *config, struct text name, struct text provider,
                   struct arena *arena, struct callable *out, struct error *err)
{
    const struct text own = TEXT("pinion:");
    bool says_own = text_starts(name, own);
    size_t known;

    *out = (struct callable){0};
    if (find_own(config, says_own ? text_after(name, own.len) : name, out))
        return agrees(config, out, name, provider, err);
    if (!says_own && text_find_byte(name, ':') < name.len)
        return find_prefixed(config, name, provider, arena, out, err);
    if (!says_own && provider.len > 0)
        return find_at_header(config, name, provider, arena, out, err);
    known = find_known(config, name, 0);
    if (!says_own && is_model(config, known, name))
        return give_model(config, config->models[known].provider, name, arena, out, err);
    callable_refuse(name, err);
    return false;
}
