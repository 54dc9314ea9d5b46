/* A call of Messages. What cannot be done is refused, what only concerns Anthropic's own service is
 * passed over (caching, tiers, regions, betas), and so is what nobody knows. */
#include "surface/messages.h"

#include "surface/body_reader.h"

/* --- members -------------------------------------------------------------------------------------
 */

/* No SDK calls without it, so it is no wish where the endpoint's own holds. */
static bool take_limit(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (body_allows_param(reader, TEXT("max_tokens")))
        return body_set_param(reader, CHAT_PARAM_MAX_TOKENS, at);
    return (cell->type == CELL_INTEGER && document_double(cell) >= 1) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'max_tokens' must be an integer of at least 1");
}

static bool take_temperature(struct body_reader *reader, uint32_t at)
{
    return body_set_param(reader, CHAT_PARAM_TEMPERATURE, at);
}

static bool take_top_p(struct body_reader *reader, uint32_t at)
{
    return body_set_param(reader, CHAT_PARAM_TOP_P, at);
}

static bool take_stops(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (cell->type != CELL_ARRAY)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'stop_sequences' must be a list of at most 4 strings");
    return cell->size == 0 || body_set_param(reader, CHAT_PARAM_STOP, at);
}

static bool take_top_k(struct body_reader *reader, uint32_t at)
{
    body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                "'top_k' is not offered: most models behind this gateway have none");
    error_hint(reader->err, "leave it out, or send 'top_p'");
    return false;
}

static bool take_servers(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    return (cell->type == CELL_ARRAY && cell->size == 0) ||
           body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                       "this gateway connects models to no MCP servers; leave 'mcp_servers' out");
}

/* SDKs know by the code to go on without. */
static bool take_thread(struct body_reader *reader, uint32_t at)
{
    body_refuse(reader, at, ERROR_THREAD_UNSUPPORTED,
                "conversations are not held for clients of this surface");
    error_hint(reader->err, "send the whole conversation in 'messages', without 'thread'");
    return false;
}

/* --- the form of the answer ----------------------------------------------------------------------
 */

/* {"type": "json_schema", "schema": {...}} */
static bool take_format(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    struct text type = {0};
    uint32_t type_at, schema;

    if (document->cells[at].type != CELL_OBJECT ||
        !body_string(reader, at, "type", &type_at, &type) ||
        !text_equal(type, TEXT("json_schema")) ||
        (schema = document_member(document, at, TEXT("schema"))) == CELL_NONE)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "the format of an answer is {\"type\": \"json_schema\", \"schema\": "
                           "{...}}");
    return body_take_schema(reader, schema);
}

/* The member of an object, unless it is null; CELL_NONE: there is none. */
static uint32_t member(const struct body_reader *reader, uint32_t object, const char *name)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, object, text_of(name));

    return at != CELL_NONE && document->cells[at].type == CELL_NULL ? CELL_NONE : at;
}

static bool take_output(struct body_reader *reader, uint32_t at)
{
    uint32_t format;

    if (reader->body->document.cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'output_config' must be an object");
    format = member(reader, at, "format");
    return format == CELL_NONE || take_format(reader, format);
}

/* --- how much it thinks --------------------------------------------------------------------------
 */

static const struct {
    int64_t below; /* tokens of a budget */
    struct text word;
} budgets[] = {
    {4096, TEXT_INIT("\"low\"")},
    {16384, TEXT_INIT("\"medium\"")},
    {INT64_MAX, TEXT_INIT("\"high\"")},
};

static bool take_budget(struct body_reader *reader, uint32_t thinking)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, thinking, TEXT("budget_tokens"));
    size_t i = 0;

    if (at == CELL_NONE || document->cells[at].type != CELL_INTEGER ||
        document->cells[at].integer < 1024)
        return body_refuse(reader, at != CELL_NONE ? at : thinking, ERROR_INVALID_REQUEST,
                           "'budget_tokens' must be an integer of at least 1024");
    while (document->cells[at].integer >= budgets[i].below && budgets[i].below != INT64_MAX)
        i++;
    return body_put_param(reader, CHAT_PARAM_REASONING_EFFORT, at, budgets[i].word);
}

/* Not to think is a wish only where thinking can be wished for. */
static bool take_thinking(struct body_reader *reader, uint32_t at)
{
    struct text type = {0};
    uint32_t type_at;

    if (reader->body->document.cells[at].type != CELL_OBJECT ||
        !body_string(reader, at, "type", &type_at, &type))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'thinking' must be an object with a 'type'");
    if (text_equal(type, TEXT("enabled")))
        return take_budget(reader, at);
    if (text_equal(type, TEXT("disabled")))
        return !body_allows_param(reader, TEXT("reasoning_effort")) ||
               body_put_param(reader, CHAT_PARAM_REASONING_EFFORT, at, TEXT("\"none\""));
    return text_equal(type, TEXT("adaptive")) || text_equal(type, TEXT("between_tools")) ||
           body_refuse(reader, type_at, ERROR_INVALID_REQUEST,
                       "'type' must be \"enabled\", \"adaptive\", \"between_tools\" or "
                       "\"disabled\"");
}

/* `thinking`, and before it `output_config.effort`, which says the same more exactly unless there
 * is to be none. */
static bool take_reasoning(struct body_reader *reader)
{
    static const char *const words[] = {"low", "medium", "high", "xhigh", "max"};
    uint32_t thinking = member(reader, 0, "thinking"), config = member(reader, 0, "output_config");
    uint32_t effort = config != CELL_NONE ? member(reader, config, "effort") : CELL_NONE;
    const struct document *document = &reader->body->document;
    struct text *param = &reader->body->params.json[CHAT_PARAM_REASONING_EFFORT];

    if (thinking != CELL_NONE && !take_thinking(reader, thinking))
        return false;
    if (effort == CELL_NONE || text_equal(*param, TEXT("\"none\"")))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (document->cells[effort].type == CELL_STRING &&
            text_equal(document_text(document, effort), text_of(words[i])))
            return body_set_param(reader, CHAT_PARAM_REASONING_EFFORT, effort);
    return body_refuse(reader, effort, ERROR_INVALID_REQUEST,
                       "'effort' must be \"low\", \"medium\", \"high\", \"xhigh\" or \"max\"");
}

/* --- tools ---------------------------------------------------------------------------------------
 */

/* One that runs at Anthropic has a type of its own. */
static bool read_tool(struct body_reader *reader, uint32_t at, struct chat_tool *out)
{
    const struct document *document = &reader->body->document;
    uint32_t type;

    if (document->cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "a tool is {\"name\", \"description\", \"input_schema\"}");
    type = member(reader, at, "type");
    if (type != CELL_NONE && (document->cells[type].type != CELL_STRING ||
                              !text_equal(document_text(document, type), TEXT("custom"))))
        return body_refuse(reader, type, ERROR_INVALID_REQUEST,
                           "tools that the provider runs itself are not offered: a tool is "
                           "{\"name\", \"description\", \"input_schema\"}");
    return body_read_tool(reader, at, "input_schema", out);
}

static bool take_tools(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    return (cell->type == CELL_ARRAY && cell->size == 0) ||
           body_take_tool_list(reader, at, read_tool);
}

static bool read_choice(struct body_reader *reader, uint32_t at, struct text type)
{
    static const struct {
        const char *type;
        enum chat_choice choice;
    } rows[] = {
        {"auto", CHAT_CHOICE_AUTO},
        {"any", CHAT_CHOICE_REQUIRED},
        {"none", CHAT_CHOICE_NONE},
        {"tool", CHAT_CHOICE_NAMED},
    };
    struct call_body *body = reader->body;
    uint32_t name_at;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!text_equal(type, text_of(rows[i].type)))
            continue;
        body->choice = rows[i].choice;
        return body->choice != CHAT_CHOICE_NAMED ||
               body_string(reader, at, "name", &name_at, &body->choice_name) ||
               body_refuse(reader, name_at, ERROR_INVALID_REQUEST,
                           "the choice of a tool needs its 'name'");
    }
    return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'type' must be \"auto\", \"any\", \"tool\" or \"none\"");
}

/* What the model is free in anyway needs no leave. */
static bool take_choice(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    struct text type = {0};
    uint32_t type_at, single;

    if (document->cells[at].type != CELL_OBJECT ||
        !body_string(reader, at, "type", &type_at, &type))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'tool_choice' must be an object with a 'type'");
    if (!text_equal(type, TEXT("auto")) && !reader->endpoint->allow_tool_choice)
        return body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                           "callers of this endpoint do not choose what is called");
    single = member(reader, at, "disable_parallel_tool_use");
    if (single != CELL_NONE && document->cells[single].type != CELL_BOOLEAN)
        return body_refuse(reader, single, ERROR_INVALID_REQUEST,
                           "'disable_parallel_tool_use' must be true or false");
    reader->body->one_call = single != CELL_NONE && document->cells[single].boolean;
    reader->choice_at = at;
    return read_choice(reader, at, type);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static const struct messages_member {
    const char *name;
    bool (*take)(struct body_reader *reader,
                 uint32_t at); /* NULL: it is one of the gateway's own */
} members[] = {
    {"max_tokens", take_limit},
    {"temperature", take_temperature},
    {"top_p", take_top_p},
    {"top_k", take_top_k},
    {"stop_sequences", take_stops},
    {"tools", take_tools},
    {"tool_choice", take_choice},
    {"output_config", take_output},
    {"output_format", take_format},
    {"mcp_servers", take_servers},
    {"thread", take_thread},
    {"stream", NULL},
    {"metadata", NULL},
    {"session", NULL},
    {"session_id", NULL},
};

static bool take_member(struct body_reader *reader, uint32_t key)
{
    struct text name = document_text(&reader->body->document, key);
    bool taken;

    if (reader->body->document.cells[key + 1].type == CELL_NULL)
        return true;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (!text_equal(name, text_of(members[i].name)))
            continue;
        return members[i].take != NULL ? members[i].take(reader, key + 1)
                                       : body_take_control(reader, key, &taken);
    }
    return true;
}

bool messages_read(struct body_reader *reader)
{
    const struct document *document = &reader->body->document;
    uint32_t system = document_member(document, 0, TEXT("system"));
    uint32_t messages = document_member(document, 0, TEXT("messages"));

    reader->lenient = true;
    if (messages == CELL_NONE)
        return error_set(reader->err, ERROR_INVALID_REQUEST, "/messages",
                         "the body has no 'messages'");
    for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1))
        if (!take_member(reader, key))
            return false;
    return take_reasoning(reader) && messages_take_turns(reader, system, messages);
}
