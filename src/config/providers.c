/* `providers` of pinion.yaml. A provider that was refused keeps its name, so that what refers to it
 * is not called unknown as well. */
#include "config/load.h"
#include "config/provider_url.h"
#include "config/tls_files.h"
#include "config/value.h"
#include "provider/kind.h"

struct provider_draft {
    uint32_t kind, api, base_url, key, ca_file, version, deployments;
    bool allow_http, allow_private;
    uint32_t connect_ms;
    struct breaker_rule breaker;
};

static const char *const api_words[] = {"responses", "chat", NULL};

#define ANY_STRING .type = KEY_CELL, .types = KEY_OF(CELL_STRING)
// clang-format off
static const struct key breaker_keys[] = {
    {.name = "faults_in_row", .type = KEY_COUNT, FIELD(struct provider_draft, breaker.faults_in_row), .greatest = 10000, .hint = "faults_in_row: 5; 0 is however many",
     .about = "So many failures in a row open the breaker; 0: however many.",
     .example = "5"},
    {.name = "faults_pct", .type = KEY_COUNT, FIELD(struct provider_draft, breaker.window_faults_pct), .greatest = 100, .hint = "faults_pct: 50, of at least 20 calls in 10 s; 0 is any share",
     .about = "Such a share of failures among at least 20 calls in 10 s opens it; 0: any share.",
     .example = "50"},
    {.name = "open", .type = KEY_DURATION, FIELD(struct provider_draft, breaker.open_ms), .least = 100, .greatest = 3600000, .hint = "open: 30s",
     .about = "How long nobody asks a provider whose breaker is open; it doubles with each failed trial.",
     .example = "30s"},
    {.name = "open_max", .type = KEY_DURATION, FIELD(struct provider_draft, breaker.open_max_ms), .least = 100, .greatest = 86400000, .hint = "open_max: 300s",
     .about = "What that doubles to at most.",
     .example = "300s"},
};
static const struct keys breaker_table = KEYS_OF(breaker_keys);

static const struct key provider_keys[] = {
    {.name = "kind", ANY_STRING, .required = true, FIELD(struct provider_draft, kind), .hint = "kind: openai",
     .about = "What the provider speaks, and with that where it is and how it is authenticated to.",
     .example = "openai", .names = kind_names},
    {.name = "api", ANY_STRING, FIELD(struct provider_draft, api), .hint = "api: responses",
     .about = "Which of OpenAI's APIs is spoken; without it, the one that each model takes.",
     .example = "responses", .words = api_words},
    {.name = "base_url", ANY_STRING, FIELD(struct provider_draft, base_url), .hint = "base_url: https://api.openai.com/v1",
     .about = "Where the provider is, when not at the usual place of its kind.",
     .example = "https://api.openai.com/v1"},
    {.name = "key", .type = KEY_CELL, .types = KEY_OF(CELL_STRING) | KEY_OF(CELL_ARRAY), .secret = true, FIELD(struct provider_draft, key), .hint = "key: \"${env:OPENAI_API_KEY}\"",
     .about = "The credential, or a list: what one key cannot do any more, the next does. It is named here, not written out.",
     .example = "\"${env:OPENAI_API_KEY}\"", .each_types = KEY_OF(CELL_STRING)},
    {.name = "ca_file", ANY_STRING, FIELD(struct provider_draft, ca_file), .hint = "ca_file: /etc/ssl/our-ca.pem",
     .about = "Certificates that are trusted instead of the system's authorities.",
     .example = "/etc/ssl/our-ca.pem"},
    {.name = "api_version", ANY_STRING, FIELD(struct provider_draft, version), .hint = "api_version: 2024-10-21",
     .about = "The version of Azure's API.",
     .example = "\"2024-10-21\""},
    {.name = "deployments", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct provider_draft, deployments), .hint = "deployments: {my-deployment: gpt-4.1-mini}",
     .about = "The model that each of Azure's deployments is.",
     .example = "{my-deployment: gpt-4.1-mini}", .each_types = KEY_OF(CELL_STRING)},
    {.name = "allow_http", .type = KEY_BOOLEAN, FIELD(struct provider_draft, allow_http),
     .about = "Speak to it without TLS.",
     .example = "false"},
    {.name = "allow_private", .type = KEY_BOOLEAN, FIELD(struct provider_draft, allow_private),
     .about = "Allow private and loopback addresses.",
     .example = "false"},
    {.name = "connect_timeout", .type = KEY_DURATION, FIELD(struct provider_draft, connect_ms), .least = 100, .greatest = 60000,
     .about = "How long a connection may take to open.",
     .example = "2s"},
    {.name = "breaker", .type = KEY_TABLE, .inside = &breaker_table, .hint = "breaker: {faults_in_row: 5, open: 30s}",
     .about = "When a failing provider is left alone for a while.",
     .example = "{faults_in_row: 5, open: 30s}"},
    {.name = "api_key", .type = KEY_ELSEWHERE, .meant = "key", .hint = "It is written key: \"${env:NAME}\"."},
    {.name = "keys", .type = KEY_ELSEWHERE, .meant = "key", .hint = "'key' takes a list: key: [\"${env:KEY_1}\", \"${env:KEY_2}\"]"},
    {.name = "url", .type = KEY_ELSEWHERE, .meant = "base_url"},
    {.name = "model", .type = KEY_ELSEWHERE, .hint = "the model belongs into the endpoint's file, or into an entry of 'templates'"},
};
// clang-format on
const struct keys provider_table = KEYS_OF(provider_keys);

enum { CONNECT_MS = 2000, PROVIDERS_MAX = 1000 };

static bool name_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool alphanumeric = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');

        if (!alphanumeric && (i == 0 || (byte != '-' && byte != '_')))
            return false;
    }
    return name.len > 0 && name.len <= 63;
}

static bool read_kind(struct load *load, const struct document *document, uint32_t cell,
                      struct provider *provider)
{
    struct text kind = document_text(document, cell), near, list, names[KINDS_MAX];
    struct text shown = value_shown(load->diagnostics->arena, kind);
    size_t count = kind_names(names);
    struct diagnostic *it;

    provider->kind = kind_find(kind);
    if (provider->kind != NULL) {
        provider->dialect = provider->kind->dialect;
        return true;
    }
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0105,
                  "there is no provider of the kind \"%.*s\"", TEXT_ARG(shown));
    near = nearest_name(kind, names, count);
    list = names_joined(load->diagnostics->arena, names, count);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(load->diagnostics, it,
                        "there are: %.*s; any other host that speaks OpenAI's Chat Completions is "
                        "kind: compatible, with its own base_url",
                        TEXT_ARG(list));
    return false;
}

/* Which of the APIs of hosts that have several: else each model's own. */
static bool read_api(struct load *load, const struct document *document, uint32_t cell,
                     struct provider *provider)
{
    enum { API_COUNT = sizeof api_words / sizeof *api_words - 1 };
    struct text words[API_COUNT], api, near;
    struct diagnostic *it;

    if (cell == CELL_NONE)
        return true;
    api = document_text(document, cell);
    if (provider->kind->dialect != &dialect_openai) {
        it = diagnose(load->diagnostics, document, key_of(cell), DIAGNOSTIC_E0102,
                      "'api' belongs to providers that speak OpenAI's APIs, which the kind %s does "
                      "not",
                      provider->kind->name);
        diagnostic_hint(load->diagnostics, it, "remove it");
        return false;
    }
    if (text_equal(api, TEXT("responses")))
        provider->api = &dialect_responses;
    else if (text_equal(api, TEXT("chat")))
        provider->api = &dialect_openai;
    if (provider->api != NULL)
        return true;
    for (size_t i = 0; i < API_COUNT; i++)
        words[i] = text_of(api_words[i]);
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0105,
                  "'api' must be one of: responses, chat; found \"%.*s\"",
                  TEXT_ARG(value_shown(load->diagnostics->arena, api)));
    near = nearest_name(api, words, API_COUNT);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(load->diagnostics, it,
                        "without 'api' each model is spoken to in the one that it takes");
    return false;
}

static bool read_key(struct load *load, const struct document *document, uint32_t mark,
                     const struct provider_draft *draft, struct provider *provider,
                     bool *out_missing)
{
    bool excused = load->options->dev || load->options->allow_missing_secrets;
    bool required = draft->base_url == CELL_NONE && provider->kind->key_variable != NULL;
    struct diagnostic *it;

    if (draft->key == CELL_NONE) {
        if (!required)
            return true;
        *out_missing = true;
        if (load->options->offline)
            return true;
        it = diagnose(load->diagnostics, document, mark,
                      excused ? DIAGNOSTIC_W0602 : DIAGNOSTIC_E0101,
                      "the required key 'key' is missing: %.*s answers nobody without",
                      TEXT_ARG(provider->host));
        if (load->options->dev)
            diagnostic_hint(load->diagnostics, it,
                            "with --dev a provider without its key answers by the built-in demo "
                            "instead");
        else
            diagnostic_hint(load->diagnostics, it, "add key: \"${env:%s}\"",
                            provider->kind->key_variable);
        return excused;
    }
    return load_provider_keys(load, document, draft->key, required, provider, out_missing);
}

static bool read_anchors(struct load *load, const struct document *document,
                         const struct provider_draft *draft, struct provider *provider,
                         bool *out_missing)
{
    struct text path;

    if (draft->ca_file == CELL_NONE)
        return true;
    if (!load_secret(load, document, draft->ca_file, &path, out_missing))
        return false;
    if (*out_missing)
        return true;
    if (!tls_anchors_check(load, document, draft->ca_file, path))
        return false;
    provider->ca_file = path.at[0] == '/' || text_equal(load->config->folder, TEXT("."))
                            ? path
                            : arena_printf(load->arena, "%.*s/%.*s", TEXT_ARG(load->config->folder),
                                           TEXT_ARG(path));
    return true;
}

static struct provider demo_named(struct text name, const struct provider_kind *stands_for)
{
    return (struct provider){
        .name = name,
        .kind = kind_find(TEXT("demo")),
        .dialect = &dialect_demo,
        .stands_for = stands_for,
        .breaker = breaker_rule_default,
    };
}

static bool read_remote(struct load *load, const struct document *document, uint32_t mark,
                        const struct provider_draft *draft, struct provider *provider)
{
    const struct url_place place = {draft->base_url, draft->allow_http, draft->allow_private};
    bool url_missing = false, key_missing = false, file_missing = false, good;

    good = load_provider_url(load, document, mark, &place, provider, &url_missing);
    good &= read_key(load, document, mark, draft, provider, &key_missing);
    good &= read_anchors(load, document, draft, provider, &file_missing);
    good &= load_deployments(load, document, draft->version, draft->deployments, provider);
    if (good && load->options->dev &&
        (url_missing || key_missing || file_missing || load->options->offline))
        *provider = demo_named(provider->name, provider->kind);
    return good;
}

/* Whatever is wrong with them: what may be a credential that was written out is not shown. */
static void mask_secrets(struct load *load, const struct document *document, uint32_t cell)
{
    static const char *const names[] = {"key", "keys",  "api_key", "apikey",   "base_url",
                                        "url", "token", "secret",  "password", "authorization"};

    if (document_cell(document, cell)->type != CELL_OBJECT) {
        load_mask(load, document, cell);
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t value = document_member(document, cell, text_of(names[i]));
        bool url = text_ends(text_of(names[i]), TEXT("url"));

        if (value == CELL_NONE)
            continue;
        if (url && (document_cell(document, value)->type != CELL_STRING ||
                    text_find_byte(document_text(document, value), '@') ==
                        document_cell(document, value)->size))
            continue;
        load_mask(load, document, value);
    }
}

static bool read_provider(struct load *load, const struct document *document, uint32_t cell,
                          struct provider *provider)
{
    struct provider_draft draft = {.connect_ms = CONNECT_MS, .breaker = breaker_rule_default};
    struct reading reading = load_reading(load, document);
    bool good = keys_read(&reading, cell, key_of(cell), &provider_table, &draft);

    if (draft.kind == CELL_NONE || !read_kind(load, document, draft.kind, provider))
        return false;
    if (text_equal(provider->name, TEXT("demo")) && !provider->dialect->local)
        return load_provider_fault(load, document, draft.kind,
                                   "the name 'demo' belongs to the built-in provider",
                                   "give this provider another name");
    provider->allow_private = draft.allow_private;
    provider->connect_ms = draft.connect_ms;
    provider->breaker = draft.breaker;
    if (provider->breaker.open_max_ms < provider->breaker.open_ms)
        provider->breaker.open_max_ms = provider->breaker.open_ms;
    good &= read_api(load, document, draft.api, provider);
    if (provider->dialect->local)
        return good;
    return read_remote(load, document, key_of(cell), &draft, provider) && good;
}

static bool read_named(struct load *load, const struct document *document, uint32_t cell,
                       struct provider *provider)
{
    provider->name = document_text(document, key_of(cell));
    mask_secrets(load, document, cell);
    if (!name_valid(provider->name))
        return load_provider_fault(load, document, key_of(cell),
                                   "the name of a provider has 1 to 63 of a-z, 0-9, '-' and '_'",
                                   "it is the name that endpoints write under 'provider'");
    if (document_cell(document, cell)->type != CELL_OBJECT)
        return load_provider_fault(
            load, document, cell, "a provider is described by a mapping",
            "it is written NAME: {kind: openai, key: \"${env:NAME_API_KEY}\"}");
    return read_provider(load, document, cell, provider);
}

void load_providers(struct load *load, const struct document *document, uint32_t cell)
{
    uint32_t members = load_members(load, document, cell, PROVIDERS_MAX);
    bool demo = false;

    load->providers = ARENA_ARRAY(load->arena, struct provider, members + 1);
    load->provider_refused = ARENA_ARRAY(load->arena, bool, members + 1);
    for (uint32_t i = 0, at = cell + 1; i < members; i++, at = document_next(document, at + 1)) {
        load->provider_refused[i] =
            !read_named(load, document, at + 1, &load->providers[load->provider_count++]);
        demo |= text_equal(document_text(document, at), TEXT("demo"));
    }
    if (!demo)
        load->providers[load->provider_count++] = demo_named(TEXT("demo"), NULL);
    load->config->providers = load->providers;
    load->config->provider_count = load->provider_count;
}

static void unknown_provider(struct load *load, struct text name, const struct document *document,
                             uint32_t cell)
{
    struct arena *arena = load->diagnostics->arena;
    bool full = diagnostics_full(load->diagnostics);
    struct text shown = value_shown(arena, name), near, list, *names;
    const struct provider_kind *kind;
    struct diagnostic *it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0501,
                                     "there is no provider \"%.*s\"", TEXT_ARG(shown));

    if (full)
        return;
    names = ARENA_ARRAY(arena, struct text, load->provider_count);
    for (size_t i = 0; i < load->provider_count; i++)
        names[i] = load->providers[i].name;
    near = nearest_name(name, names, load->provider_count);
    list = names_joined(arena, names, load->provider_count);
    kind = kind_find(name);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else if (kind != NULL && kind->key_variable != NULL && kind->base_url != NULL)
        diagnostic_hint(load->diagnostics, it,
                        "known here: %.*s; or add it to pinion.yaml: providers: {%.*s: {kind: %s, "
                        "key: \"${env:%s}\"}}",
                        TEXT_ARG(list), TEXT_ARG(shown), kind->name, kind->key_variable);
    else
        diagnostic_hint(load->diagnostics, it,
                        "known here: %.*s; others are defined in pinion.yaml, under 'providers'",
                        TEXT_ARG(list));
}

const struct provider *load_provider(struct load *load, struct text name,
                                     const struct document *document, uint32_t cell)
{
    for (size_t i = 0; i < load->provider_count; i++)
        if (text_equal(load->providers[i].name, name))
            return load->provider_refused[i] ? NULL : &load->providers[i];
    if (!load->settings_unusable)
        unknown_provider(load, name, document, cell);
    return NULL;
}
