/* Where a provider is: written, or the usual place of its kind. What is looked at is the value that
 * a secret gives, which no message repeats. */
#include "config/provider_url.h"

#include "config/base_url.h"
#include "config/value.h"
#include "provider/kind.h"

bool load_provider_fault(struct load *load, const struct document *document, uint32_t cell,
                         const char *what, const char *hint)
{
    struct diagnostic *it =
        diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0502, "%s", what);

    diagnostic_hint(load->diagnostics, it, "%s", hint);
    return false;
}

bool load_provider_value_fault(struct load *load, const struct document *document, uint32_t cell,
                               const char *what, const char *hint)
{
    struct arena *arena = load->diagnostics->arena;
    struct text named = load_secret_named(document, cell);

    if (named.len == 0)
        return load_provider_fault(load, document, cell, what, hint);
    named = value_shown(arena, named);
    return load_provider_fault(
        load, document, cell, what,
        arena_printf(arena, "the value of %.*s is at fault: %s", TEXT_ARG(named), hint).at);
}

/* What of an address needs a word of consent. */
static bool check_consent(struct load *load, const struct document *document, uint32_t cell,
                          const struct url_place *place, const struct base_url *url,
                          const char *subject)
{
    struct arena *arena = load->diagnostics->arena;
    bool private = url->kind == ADDRESS_PRIVATE && !place->allow_private;
    bool clear = !url->https && !place->allow_http;

    if (private)
        load_provider_fault(
            load, document, cell,
            arena_printf(arena, "%s leads to a private or loopback address", subject).at,
            "if that is meant, add allow_private: true to this provider");
    if (clear)
        load_provider_fault(
            load, document, cell,
            arena_printf(arena, "%s uses http, which sends prompts and keys in the clear", subject)
                .at,
            place->cell != CELL_NONE
                ? "use https, or add allow_http: true to this provider"
                : "add allow_http: true to this provider, or a base_url that starts with https://");
    return !private && !clear;
}

static bool check_url(struct load *load, const struct document *document, uint32_t mark,
                      const struct url_place *place, const struct provider *provider,
                      const struct base_url *url)
{
    bool written = place->cell != CELL_NONE;
    const char *standard = provider->kind->base_url;
    const char *subject = "'base_url'", *hint = "name the host of the provider itself";
    struct arena *arena = load->diagnostics->arena;

    if (url->kind == ADDRESS_NEVER && standard != NULL)
        hint = arena_printf(arena,
                            "name the host of the provider itself, or remove 'base_url': without "
                            "it the kind %s is at %s",
                            provider->kind->name, standard)
                   .at;
    if (url->kind == ADDRESS_NEVER)
        return load_provider_value_fault(
            load, document, place->cell,
            "'base_url' leads to a metadata service, which is never called", hint);
    if (!written)
        subject = arena_printf(arena, "%s, where the kind %s is without 'base_url',", standard,
                               provider->kind->name)
                      .at;
    return check_consent(load, document, written ? place->cell : mark, place, url, subject);
}

static bool no_url(struct load *load, const struct document *document, uint32_t mark,
                   const struct provider_kind *kind)
{
    struct diagnostic *it = diagnose(
        load->diagnostics, document, mark, DIAGNOSTIC_E0101,
        "the required key 'base_url' is missing: a provider of the kind %s can be anywhere",
        kind->name);

    diagnostic_hint(load->diagnostics, it, "add base_url: %s",
                    text_equal(text_of(kind->name), TEXT("azure"))
                        ? "https://NAME.openai.azure.com/openai/v1"
                        : "https://host/v1, with the host that it is at");
    return false;
}

bool load_provider_url(struct load *load, const struct document *document, uint32_t mark,
                       const struct url_place *place, struct provider *provider, bool *out_missing)
{
    const char *standard = provider->kind->base_url;
    struct text written = text_of(standard != NULL ? standard : "");
    struct base_url_fault fault;
    struct base_url url;

    if (standard == NULL && place->cell == CELL_NONE)
        return no_url(load, document, mark, provider->kind);
    if (place->cell != CELL_NONE &&
        !load_secret(load, document, place->cell, &written, out_missing))
        return false;
    if (*out_missing)
        return true;
    if (!base_url_parse(written, &url, &fault))
        return load_provider_value_fault(
            load, document, place->cell,
            arena_printf(load->diagnostics->arena, "'base_url' is malformed: %s", fault.why).at,
            fault.hint);
    provider->https = url.https;
    provider->host = url.host;
    provider->port = url.port;
    provider->path = url.path;
    provider->origin = arena_printf(load->arena, "%s://%.*s:%u", url.https ? "https" : "http",
                                    TEXT_ARG(url.host), url.port);
    return check_url(load, document, mark, place, provider, &url);
}
