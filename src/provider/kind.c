#include "provider/kind.h"

#include "provider/openai_model.h"

#include <strings.h>

// clang-format off
static const struct provider_kind kinds[] = {
    {"openai", &dialect_openai, "https://api.openai.com/v1", "openai", "OPENAI_API_KEY",
     {.limit = "max_completion_tokens", .seed = "seed", .stream_options = true, .schemas = true,
      .loose_schemas = true, .strict_tools = true, .base64_vectors = true, .token_texts = true}},
    {"azure", &dialect_openai, NULL, "azure", "AZURE_OPENAI_API_KEY",
     {.limit = "max_completion_tokens", .seed = "seed", .key_header = "api-key", .stream_options = true,
      .schemas = true, .loose_schemas = true, .strict_tools = true, .base64_vectors = true, .token_texts = true, .deployments = true}},
    {"groq", &dialect_openai, "https://api.groq.com/openai/v1", "groq", "GROQ_API_KEY",
     {.limit = "max_completion_tokens", .seed = "seed", .stream_options = true, .schemas = true,
      .schemas_alone = true}},
    {"deepseek", &dialect_openai, "https://api.deepseek.com/v1", NULL, "DEEPSEEK_API_KEY",
     {.limit = "max_tokens", .thoughts = "reasoning_content", .effort = EFFORT_THINKING,
      .stream_options = true}},
    {"together", &dialect_openai, "https://api.together.ai/v1", "openai", "TOGETHER_API_KEY",
     {.limit = "max_tokens", .seed = "seed", .effort = EFFORT_ENABLED, .stream_options = true,
      .schemas = true}},
    {"openrouter", &dialect_openai, "https://openrouter.ai/api/v1", "openai", "OPENROUTER_API_KEY",
     {.limit = "max_tokens", .seed = "seed", .thoughts = "reasoning_details", .effort = EFFORT_OBJECT, .stream_options = true,
      .schemas = true, .loose_schemas = true, .strict_tools = true}},
    {"vllm", &dialect_openai, NULL, "vllm", NULL,
     {.limit = "max_tokens", .seed = "seed", .thoughts = "reasoning_content", .effort = EFFORT_TEMPLATE,
      .stream_options = true, .schemas = true, .base64_vectors = true, .token_texts = true}},
    {"llamacpp", &dialect_openai, NULL, "llamacpp", NULL,
     {.limit = "max_tokens", .seed = "seed", .thoughts = "reasoning_content", .effort = EFFORT_TEMPLATE,
      .stream_options = true, .schemas = true, .base64_vectors = true, .token_texts = true}},
    {"mistral", &dialect_mistral, "https://api.mistral.ai/v1", "mistral", "MISTRAL_API_KEY",
     {.limit = "max_tokens", .seed = "random_seed", .schemas = true, .loose_schemas = true}},
    {"anthropic", &dialect_anthropic, "https://api.anthropic.com/v1", "anthropic", "ANTHROPIC_API_KEY",
     {.limit = "max_tokens", .stream_options = true}},
    {"gemini", &dialect_gemini, "https://generativelanguage.googleapis.com/v1beta", "gemini", "GEMINI_API_KEY",
     {.limit = "max_tokens", .stream_options = true, .schemas = true, .loose_schemas = true}},
    {"gemini-openapi", &dialect_gemini, NULL, "gemini-openapi", "GEMINI_API_KEY",
     {.limit = "max_tokens", .stream_options = true, .schemas = true, .loose_schemas = true}},
    {"cohere", &dialect_cohere, "https://api.cohere.com/v2", "cohere", "COHERE_API_KEY",
     {.limit = "max_tokens", .seed = "seed", .stream_options = true, .schemas = true}},
    {"ollama", &dialect_ollama, "http://localhost:11434", "ollama", NULL,
     {.limit = "max_tokens", .seed = "seed", .stream_options = true, .schemas = true}},
    {"compatible", &dialect_openai, NULL, "openai", NULL,
     {.limit = "max_tokens", .seed = "seed", .stream_options = true, .schemas = true, .loose_schemas = true,
      .strict_tools = true}},
    {"demo", &dialect_demo, NULL, NULL, NULL,
     {.limit = "max_tokens", .seed = "seed", .stream_options = true, .schemas = true, .loose_schemas = true}},
};
// clang-format on
/* Where a vendor is as well; what starts with '.' is any host below it. */
static const struct {
    struct text host;
    const char *kind;
} other_hosts[] = {
    {TEXT_INIT("api.together.xyz"), "together"},
    {TEXT_INIT(".openai.azure.com"), "azure"},
    {TEXT_INIT(".services.ai.azure.com"), "azure"},
    {TEXT_INIT(".cognitiveservices.azure.com"), "azure"},
};

/* Names that others give to the same. */
static const struct {
    const char *other, *name;
} other_names[] = {{"google", "gemini"}};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };
_Static_assert(sizeof kinds / sizeof *kinds <= KINDS_MAX, "kind_names fills an array of KINDS_MAX");

const struct provider_kind *kind_find(struct text name)
{
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (text_equal(name, text_of(other_names[i].other)))
            name = text_of(other_names[i].name);
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (text_equal(name, text_of(kinds[i].name)))
            return &kinds[i];
    return NULL;
}

size_t kind_names(struct text *out_names)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        out_names[i] = text_of(kinds[i].name);
    return KIND_COUNT;
}

/* Whether it is the host of "https://host/path". One without TLS is nobody's in particular. */
static bool is_host_of(struct text host, const char *url)
{
    static const char scheme[] = "https://";
    const char *own = url + sizeof scheme - 1;

    if (strncmp(url, scheme, sizeof scheme - 1) != 0 || host.len == 0)
        return false;
    return strncasecmp(own, host.at, host.len) == 0 &&
           (own[host.len] == '/' || own[host.len] == '\0');
}

/* Whether `host` is `at`, or below it where that starts with a dot. */
static bool host_is(struct text host, struct text at)
{
    if (at.at[0] == '.' && host.len > at.len)
        host = text_after(host, host.len - at.len);
    return text_equal_nocase(host, at);
}

const struct provider_kind *kind_of_host(struct text host)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].base_url != NULL && is_host_of(host, kinds[i].base_url))
            return &kinds[i];
    for (size_t i = 0; i < sizeof other_hosts / sizeof *other_hosts; i++)
        if (host_is(host, other_hosts[i].host))
            return kind_find(text_of(other_hosts[i].kind));
    return NULL;
}

const struct provider_kind *kind_at(const struct provider *provider)
{
    const struct provider_kind *vendor = kind_of_host(provider->host);

    if (vendor != NULL && vendor->habits.limit != NULL) /* it speaks Chat Completions there */
        return vendor;
    if (provider->kind->habits.limit == NULL ||
        text_equal(text_of(provider->kind->name), TEXT("openai")))
        return kind_find(TEXT("compatible"));
    return provider->kind;
}

const struct dialect *kind_dialect(const struct provider *provider, struct text model)
{
    const struct provider_kind *kind = provider->kind;
    const struct openai_model *row;

    if (provider->api != NULL)
        return provider->api;
    if (!text_equal(text_of(kind->name), TEXT("openai")) && !kind->habits.deployments)
        return kind->dialect;
    row = openai_model_find(kind, kind_model(provider, model));
    return row != NULL && row->responses_only ? &dialect_responses : kind->dialect;
}

struct text kind_model(const struct provider *provider, struct text model)
{
    for (size_t i = 0; i < provider->deployment_count; i++)
        if (text_equal(provider->deployments[i].name, model))
            return provider->deployments[i].model;
    return model;
}

bool kind_embeds(const struct provider *provider, const struct dialect *dialect, bool token_texts)
{
    return dialect->embed_request != NULL &&
           (!token_texts || kind_at(provider)->habits.token_texts);
}

const char *kind_dialect_name(struct text name)
{
    if (text_equal(name, text_of(dialect_responses.name)))
        return dialect_responses.name;
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (text_equal(name, text_of(kinds[i].dialect->name)))
            return kinds[i].dialect->name;
    return NULL;
}
