/* What an endpoint is where nothing is said of it, whether it has a file, is an alias or the name
 * of a model; and its prompts, which all of them may have. */
#include "config/load.h"

static const struct endpoint unsaid = {
    .session = {.ttl_ms = 30 * 60000, .max_messages = 40, .max_waiting = SESSION_WAITING},
    .times = {.first_byte_ms = 10000, .idle_ms = 20000, .total_ms = 60000},
    .retry = {.times = 1},
    .invalid = {.early = true},
};

struct endpoint endpoint_unsaid(struct load *load, struct text file)
{
    struct endpoint endpoint = unsaid;

    endpoint.file = file;
    endpoint.origins = load->config->settings.origins;
    endpoint.number = ARENA_NEW(load->arena, uint64_t);
    return endpoint;
}

void load_limits_unsaid(const struct load *load, struct call_limits *limits)
{
    const struct call_limits *all = &load->config->settings.caller_limits;

    if (limits->per_minute == 0)
        limits->per_minute = all->per_minute;
    if (limits->per_hour == 0)
        limits->per_hour = all->per_hour;
    if (limits->tokens_per_minute == 0)
        limits->tokens_per_minute = all->tokens_per_minute;
    if (limits->concurrent == 0)
        limits->concurrent = all->concurrent;
}

void load_allow_all(struct load *load, struct endpoint *endpoint)
{
    bool *params = ARENA_ARRAY(load->arena, bool, CHAT_PARAM_COUNT);

    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        params[param] = true;
    endpoint->allow = params;
    endpoint->allow_system = endpoint->allow_tools = endpoint->allow_tool_choice = true;
    endpoint->allow_response_format = true;
}

bool load_prompt(struct load *load, const struct document *document, uint32_t cell,
                 const char *name, const char *hint, const struct template_use *use,
                 struct template *out, struct text *out_text)
{
    struct diagnostic *it;

    if (cell == CELL_NONE)
        return true;
    *out_text = document_text(document, cell);
    if (text_trim(*out_text).len > 0)
        return use == NULL ||
               template_compile(document, cell, use, load->arena, load->diagnostics, out);
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0106, "'%s' must not be empty",
                  name);
    diagnostic_hint(load->diagnostics, it, "%s", hint);
    return false;
}
