/* A client is a skeleton, clients/client.*, with the endpoint's own types in it. */
#include "catalog/client.h"

#include "base/check.h"
#include "catalog/assets.h"
#include "catalog/catalog.h"
#include "catalog/client_parts.h"
#include "catalog/naming.h"
#include "catalog/payload.h"
#include "catalog/skeleton.h"
#include "config/version_name.h"
#include "document/json_pretty.h"
#include "document/json_read.h"
#include "document/json_write.h"

struct writing {
    const struct endpoint *endpoint;
    enum client_language language;
    struct text origin, example;
    struct arena *arena;
    bool bare; /* the answer is the output alone, but where it calls tools */
};

static struct text quoted(struct writing *w, struct text text)
{
    struct buffer out = buffer_in(w->arena);

    json_put_string(&out, text);
    return buffer_text(&out);
}

static struct text version_of(struct writing *w)
{
    const struct endpoint *endpoint = w->endpoint;

    return *endpoint->number > 0
               ? arena_printf(w->arena, "%llu", (unsigned long long)*endpoint->number)
               : text_first(endpoint->version, VERSION_HASH_CHARS_MIN);
}

/* In Python it stands in a string. */
static struct text about_of(struct writing *w)
{
    struct text about = contract_line(w->endpoint->description, w->arena);
    struct buffer escaped = buffer_in(w->arena);

    if (w->endpoint->deprecated.said) {
        struct buffer whole = buffer_in(w->arena);

        buffer_put(&whole, about);
        buffer_put(&whole, w->language == CLIENT_TS ? TEXT(" @deprecated ") : TEXT(" "));
        catalog_put_deprecation(w->endpoint, &whole);
        about = buffer_text(&whole);
    }
    if (w->language == CLIENT_PYTHON) {
        json_put_escaped(&escaped, about);
        about = buffer_text(&escaped);
    }
    return about.len > 0
               ? about
               : arena_printf(w->arena, "The endpoint %.*s.", TEXT_ARG(w->endpoint->slug));
}

static struct text types_of(struct writing *w)
{
    struct buffer out = buffer_in(w->arena);
    struct contract contract;

    if (!contract_read(w->endpoint, w->arena, &contract))
        return w->language == CLIENT_TS
                   ? TEXT("export type Input = unknown;\n\nexport type Output = unknown;\n")
                   : TEXT("Input: TypeAlias = Any\n\nOutput: TypeAlias = Any\n\n");
    if (w->language == CLIENT_TS)
        client_put_types_ts(&contract, w->arena, &out);
    else
        client_put_types_python(&contract, w->arena, &out);
    return text_trim(buffer_text(&out)).len > 0 ? buffer_text(&out) : (struct text){0};
}

/* --- parameters that callers may set --- */

static const struct {
    const char *ts, *camel;
} params[CHAT_PARAM_COUNT] = {
    [CHAT_PARAM_TEMPERATURE] = {"number", "temperature"},
    [CHAT_PARAM_TOP_P] = {"number", "topP"},
    [CHAT_PARAM_MAX_TOKENS] = {"number", "maxTokens"},
    [CHAT_PARAM_SEED] = {"number", "seed"},
    [CHAT_PARAM_PRESENCE_PENALTY] = {"number", "presencePenalty"},
    [CHAT_PARAM_FREQUENCY_PENALTY] = {"number", "frequencyPenalty"},
    [CHAT_PARAM_STOP] = {"string | string[]", "stop"},
    [CHAT_PARAM_REASONING_EFFORT] = {"string", "reasoningEffort"},
};

static bool takes(const struct writing *w, int param)
{
    return w->endpoint->allow != NULL && w->endpoint->allow[param];
}

static struct text param_options(struct writing *w)
{
    struct buffer out = buffer_in(w->arena);

    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (takes(w, param))
            buffer_printf(&out, "  %s?: %s;\n", params[param].camel, params[param].ts);
    return buffer_text(&out);
}

static struct text param_members(struct writing *w)
{
    struct buffer out = buffer_in(w->arena);

    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (takes(w, param))
            buffer_printf(&out, "      %s: options.%s,\n", chat_param_name((enum chat_param)param),
                          params[param].camel);
    return buffer_text(&out);
}

static void put_field(struct buffer *out, const char *name, bool quotes)
{
    buffer_printf(out, quotes ? "\"%s\", " : "%s, ", name);
}

/* What may stand beside the input, as a list for Python. */
static struct text fields_of(struct writing *w, bool quotes)
{
    const struct endpoint *endpoint = w->endpoint;
    struct buffer out = buffer_in(w->arena);

    put_field(&out, "metadata", quotes);
    if (endpoint->session.ttl_ms > 0) {
        put_field(&out, "session_id", quotes);
        put_field(&out, "session", quotes);
    }
    if (endpoint->allow_tools) {
        put_field(&out, "tools", quotes);
        put_field(&out, "parallel_tool_calls", quotes);
    }
    if (endpoint->allow_tool_choice)
        put_field(&out, "tool_choice", quotes);
    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (takes(w, param))
            put_field(&out, chat_param_name((enum chat_param)param), quotes);
    return quotes ? text_trim(buffer_text(&out)) : text_first(buffer_text(&out), out.len - 2);
}

static struct text options_of(struct writing *w)
{
    return arena_printf(w->arena, "request_id, idempotency_key, tags, %s%.*s",
                        w->endpoint->cache.max_ms > 0 ? "cache_ttl, " : "",
                        TEXT_ARG(fields_of(w, false)));
}

/* --- the script --- */

static struct text pretty(struct writing *w)
{
    struct buffer out = buffer_in(w->arena);
    struct document document;

    if (!json_read(w->example, NULL, w->arena, &document, NULL, NULL))
        return w->example;
    json_put_pretty(&out, &document, 0);
    return buffer_text(&out);
}

/* In apostrophes, for a shell. */
static struct text shell_quoted(struct writing *w, struct text text)
{
    struct buffer out = buffer_in(w->arena);

    buffer_put_byte(&out, '\'');
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '\'')
            buffer_put(&out, TEXT("'\\''"));
        else
            buffer_put_byte(&out, text.at[i]);
    buffer_put_byte(&out, '\'');
    return buffer_text(&out);
}

/* --- the whole --- */

static struct text source_of(enum client_language language)
{
    switch (language) {
    case CLIENT_TS:
        return asset_client_ts();
    case CLIENT_PYTHON:
        return asset_client_python();
    case CLIENT_CURL:
        return asset_client_curl();
    default:
        NEVER("a language that is none");
    }
}

static struct text answer_of(const struct writing *w)
{
    if (!w->bare)
        return TEXT("Answer");
    if (!w->endpoint->allow_tools)
        return TEXT("Output");
    return w->language == CLIENT_TS ? TEXT("Output | Answer") : TEXT("Union[Output, Answer]");
}

/* The input as a member of a body; where no name is free for it, its own members. */
static struct text payload_of(const struct writing *w)
{
    const char *name = payload_name(w->endpoint);

    if (w->language == CLIENT_PYTHON)
        return name != NULL ? arena_printf(w->arena, "\"%s\": input", name) : TEXT("**input");
    return name != NULL ? arena_printf(w->arena, "%s: input", name) : TEXT("...input");
}

static void fill(struct writing *w, struct buffer *out)
{
    const struct endpoint *endpoint = w->endpoint;
    bool ts = w->language == CLIENT_TS, curl = w->language == CLIENT_CURL;
    bool maybe = endpoint->allow_tools; /* who calls a tool gives no output */
    bool validated = endpoint->output != NULL && endpoint->stream == STREAM_VALIDATED && !maybe;
    const struct skeleton_word words[] = {
        {"slug", endpoint->slug},
        {"version", version_of(w)},
        {"Name", name_pascal(endpoint->slug, w->arena)},
        {"about", about_of(w)},
        {"origin", curl ? shell_quoted(w, w->origin) : quoted(w, w->origin)},
        {"types", curl ? (struct text){0} : types_of(w)},
        {"input", endpoint->input != NULL ? TEXT("Input")
                  : ts                    ? TEXT("string | Message[]")
                                          : TEXT("Union[str, List[Dict[str, Any]]]")},
        {"payload", payload_of(w)},
        {"answer", answer_of(w)},
        {"maybe", maybe ? TEXT("?") : TEXT("")},
        {"required", maybe ? TEXT("Union") : TEXT("Required")},
        {"params", param_options(w)},
        {"param_members", param_members(w)},
        {"fields", fields_of(w, true)},
        {"options", options_of(w)},
        {"body", curl ? pretty(w) : (struct text){0}},
    };
    const struct skeleton_flag flags[] = {
        {"envelope", !w->bare || endpoint->allow_tools},
        {"output", endpoint->output != NULL},
        {"tools", endpoint->allow_tools},
        {"tool_choice", endpoint->allow_tool_choice},
        {"cache", endpoint->cache.max_ms > 0},
        {"session", endpoint->session.ttl_ms > 0},
        {"stream", endpoint->stream != STREAM_OFF},
        {"validated", validated},
        {"unvalidated", !validated},
        {"schema", endpoint->input != NULL},
        {"text", endpoint->input == NULL},
    };
    const struct skeleton skeleton = {words, sizeof words / sizeof *words, flags,
                                      sizeof flags / sizeof *flags};

    skeleton_fill(&skeleton, source_of(w->language), out);
}

void client_write(const struct endpoint *endpoint, enum client_language language,
                  struct text origin, struct text example, struct arena *arena, struct buffer *out)
{
    struct writing w = {.endpoint = endpoint,
                        .language = language,
                        .origin = origin,
                        .example = example,
                        .arena = arena,
                        .bare = endpoint->output != NULL && endpoint->respond_output};

    fill(&w, out);
}
