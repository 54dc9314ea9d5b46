/* A call of Responses. What cannot be done is refused, what only concerns OpenAI's own service is
 * passed over, and so is what nobody knows: SDKs let their users add members. */
#include "surface/responses.h"

enum { METADATA_MAX = 16 };

/* --- members -------------------------------------------------------------------------------------
 */

static bool take_input(struct body_reader *reader, uint32_t at)
{
    responses_call_of(reader)->input = at;
    return responses_is(reader, at, CELL_STRING) || responses_is(reader, at, CELL_ARRAY) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'input' must be a string or a list of items");
}

static bool take_instructions(struct body_reader *reader, uint32_t at)
{
    if (!responses_is(reader, at, CELL_STRING))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'instructions' must be a string");
    if (document_text(&reader->body->document, at).len == 0)
        return true;
    responses_call_of(reader)->instructions = at;
    if (reader->endpoint->allow_system)
        return true;
    body_refuse(reader, at, ERROR_ROLE_NOT_ALLOWED,
                "this endpoint has instructions of its own, and takes no others");
    error_hint(reader->err, "leave 'instructions' out; its author can allow them: allow: [system]");
    return false;
}

static bool take_previous(struct body_reader *reader, uint32_t at)
{
    if (!responses_is(reader, at, CELL_STRING))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'previous_response_id' must be a string");
    responses_call_of(reader)->previous = document_text(&reader->body->document, at);
    return true;
}

bool responses_take_boolean(struct body_reader *reader, uint32_t at, bool *out)
{
    if (!responses_is(reader, at, CELL_BOOLEAN))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "it must be true or false");
    *out = reader->body->document.cells[at].boolean;
    return true;
}

static bool take_store(struct body_reader *reader, uint32_t at)
{
    return responses_take_boolean(reader, at, &responses_call_of(reader)->store);
}

static bool take_background(struct body_reader *reader, uint32_t at)
{
    bool wanted;

    if (!responses_take_boolean(reader, at, &wanted))
        return false;
    if (!wanted)
        return true;
    body_refuse(reader, at, ERROR_INVALID_REQUEST,
                "calls are not made in the background on this gateway");
    error_hint(reader->err, "leave 'background' out; for long answers, send \"stream\": true");
    return false;
}

static bool take_conversation(struct body_reader *reader, uint32_t at)
{
    body_refuse(reader, at, ERROR_INVALID_REQUEST,
                "there are no conversations to refer to on this gateway");
    error_hint(reader->err, "go on from a response with 'previous_response_id'");
    return false;
}

/* Up to 16 pairs of strings, which are only given back. */
static bool take_metadata(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    const struct cell *cell = &document->cells[at];

    if (cell->type != CELL_OBJECT || cell->size > METADATA_MAX)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'metadata' must be an object with at most 16 members");
    for (uint32_t key = at + 1; key < cell->end; key = document_next(document, key + 1))
        if (document->cells[key + 1].type != CELL_STRING)
            return body_refuse(reader, key + 1, ERROR_INVALID_REQUEST,
                               "what 'metadata' holds are strings");
    responses_call_of(reader)->metadata = at;
    return true;
}

static bool take_truncation(struct body_reader *reader, uint32_t at)
{
    struct text word = responses_is(reader, at, CELL_STRING)
                           ? document_text(&reader->body->document, at)
                           : (struct text){0};

    return text_equal(word, TEXT("auto")) || text_equal(word, TEXT("disabled")) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'truncation' must be \"auto\" or \"disabled\"");
}

/* --- parameters ----------------------------------------------------------------------------------
 */

static bool take_limit(struct body_reader *reader, uint32_t at)
{
    responses_call_of(reader)->max_output_tokens = at;
    return body_set_param(reader, CHAT_PARAM_MAX_TOKENS, at);
}

static bool take_temperature(struct body_reader *reader, uint32_t at)
{
    responses_call_of(reader)->temperature = at;
    return body_set_param(reader, CHAT_PARAM_TEMPERATURE, at);
}

static bool take_top_p(struct body_reader *reader, uint32_t at)
{
    responses_call_of(reader)->top_p = at;
    return body_set_param(reader, CHAT_PARAM_TOP_P, at);
}

static bool take_reasoning(struct body_reader *reader, uint32_t at)
{
    uint32_t effort;

    if (!responses_is(reader, at, CELL_OBJECT))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'reasoning' must be an object");
    effort = document_member(&reader->body->document, at, TEXT("effort"));
    if (effort == CELL_NONE || responses_is(reader, effort, CELL_NULL))
        return true;
    responses_call_of(reader)->effort = effort;
    return body_set_param(reader, CHAT_PARAM_REASONING_EFFORT, effort);
}

static bool take_top_logprobs(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    return (cell->type == CELL_INTEGER && cell->integer == 0) ||
           body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                       "this gateway does not offer it on this surface; leave it out");
}

/* {"format": {"type": "json_schema", "name", "schema", "strict"}}, flat, unlike in chats. */
static bool take_text(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    uint32_t format, type_at, schema;
    struct text type;

    if (!responses_is(reader, at, CELL_OBJECT))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'text' must be an object");
    format = document_member(document, at, TEXT("format"));
    if (format == CELL_NONE || responses_is(reader, format, CELL_NULL))
        return true;
    if (!body_string(reader, format, "type", &type_at, &type))
        return body_refuse(reader, format, ERROR_INVALID_REQUEST, "'format' needs a 'type'");
    responses_call_of(reader)->format = format;
    if (text_equal(type, TEXT("text")))
        return true;
    if (text_equal(type, TEXT("json_object")))
        return body_take_any_object(reader, format);
    schema = document_member(document, format, TEXT("schema"));
    if (!text_equal(type, TEXT("json_schema")))
        return body_refuse(reader, type_at, ERROR_INVALID_REQUEST,
                           "'type' must be \"text\", \"json_object\" or \"json_schema\"");
    return schema == CELL_NONE
               ? body_refuse(reader, format, ERROR_INVALID_REQUEST, "'format' needs a 'schema'")
               : body_take_schema(reader, schema);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static const struct responses_member {
    const char *name;
    bool (*take)(struct body_reader *reader, uint32_t at);
} members[] = {
    {"input", take_input},
    {"instructions", take_instructions},
    {"previous_response_id", take_previous},
    {"prompt", responses_take_prompt},
    {"store", take_store},
    {"tools", responses_take_tools},
    {"tool_choice", responses_take_choice_later},
    {"parallel_tool_calls", responses_take_parallel},
    {"text", take_text},
    {"max_output_tokens", take_limit},
    {"temperature", take_temperature},
    {"top_p", take_top_p},
    {"reasoning", take_reasoning},
    {"metadata", take_metadata},
    {"truncation", take_truncation},
    {"background", take_background},
    {"conversation", take_conversation},
    {"top_logprobs", take_top_logprobs},
};

static bool take_member(struct body_reader *reader, uint32_t key)
{
    static const char *const controls[] = {"stream", "session", "session_id"};
    struct text name = document_text(&reader->body->document, key);
    bool taken;

    if (responses_is(reader, key + 1, CELL_NULL))
        return true;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (text_equal(name, text_of(members[i].name)))
            return members[i].take(reader, key + 1);
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (text_equal(name, text_of(controls[i])))
            return body_take_control(reader, key, &taken);
    return true;
}

static struct responses_call *begin_call(struct body_reader *reader)
{
    struct responses_call *call = ARENA_NEW(reader->arena, struct responses_call);

    *call = (struct responses_call){
        .store = true,
        .input = CELL_NONE,
        .instructions = CELL_NONE,
        .prompt = CELL_NONE,
        .variables = CELL_NONE,
        .tool_choice = CELL_NONE,
        .format = CELL_NONE,
        .metadata = CELL_NONE,
        .parallel = CELL_NONE,
        .temperature = CELL_NONE,
        .top_p = CELL_NONE,
        .max_output_tokens = CELL_NONE,
        .effort = CELL_NONE,
    };
    return call;
}

bool responses_read(struct body_reader *reader)
{
    const struct document *document = &reader->body->document;
    struct responses_call *call = begin_call(reader);

    reader->lenient = true;
    reader->body->own = call;
    reader->body->told_at = "/input";
    for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1))
        if (!take_member(reader, key))
            return false;
    responses_take_variables(reader);
    return responses_take_choice(reader) && responses_take_items(reader, call);
}
