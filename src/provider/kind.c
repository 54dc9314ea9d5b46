#include "provider/kind.h"

// clang-format off
static const struct provider_kind kinds[] = {
    {"openai", &dialect_openai, "https://api.openai.com/v1", "openai", "OPENAI_API_KEY",
     {.limit = "max_completion_tokens", .seed = "seed", .stream_options = true, .schemas = true}},
    {"groq", &dialect_openai, "https://api.groq.com/openai/v1", "groq", "GROQ_API_KEY",
     {.limit = "max_completion_tokens", .seed = "seed", .stream_options = true, .schemas = true}},
    {"deepseek", &dialect_openai, "https://api.deepseek.com/v1", NULL, "DEEPSEEK_API_KEY",
     {.limit = "max_tokens", .stream_options = true}},
    {"mistral", &dialect_openai, "https://api.mistral.ai/v1", "mistral", "MISTRAL_API_KEY",
     {.limit = "max_tokens", .seed = "random_seed", .schemas = true}},
    {"anthropic", &dialect_anthropic, "https://api.anthropic.com/v1", "anthropic", "ANTHROPIC_API_KEY",
     {.limit = "max_tokens", .stream_options = true}},
    {"ollama", &dialect_ollama, "http://localhost:11434", "ollama", NULL,
     {.limit = "max_tokens", .seed = "seed", .stream_options = true, .schemas = true}},
    {"compatible", &dialect_openai, NULL, "openai", NULL,
     {.limit = "max_tokens", .seed = "seed", .stream_options = true, .schemas = true}},
    {"demo", &dialect_demo, NULL, NULL, NULL, {.limit = "max_tokens", .seed = "seed", .stream_options = true, .schemas = true}},
};
// clang-format on
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };
_Static_assert(sizeof kinds / sizeof *kinds <= KINDS_MAX, "kind_names fills an array of KINDS_MAX");

const struct provider_kind *kind_find(struct text name)
{
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

/* The host of "https://host/path"; empty for one without TLS, which is nobody's in particular. */
static struct text host_of(const char *url)
{
    struct text rest = text_of(url);

    if (!text_starts(rest, TEXT("https://")))
        return (struct text){0};
    rest = text_after(rest, sizeof "https://" - 1);
    return text_split(&rest, '/');
}

const struct provider_kind *kind_of_host(struct text host)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].base_url != NULL && text_equal_nocase(host, host_of(kinds[i].base_url)))
            return &kinds[i];
    return NULL;
}

const struct dialect *kind_dialect(const struct provider_kind *kind, struct text model)
{
    (void)model;
    return kind->dialect;
}
