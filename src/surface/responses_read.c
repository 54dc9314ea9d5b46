/* A call of Responses. What cannot be done is refused, what only concerns OpenAI's own service is
 * passed over, and so is what nobody knows: SDKs let their users add members. */
#include "surface/body_reader.h"
#include "surface/responses.h"

#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"

enum { METADATA_MAX = 16, WORD_SHOWN = 64 };

/* --- what is called ------------------------------------------------------------------------------
 */

/* A string member; empty where it is missing or null. False where it is something else. */
static bool optional_text(const struct document *document, uint32_t object, const char *name,
                          struct text *out)
{
    uint32_t at = document_member(document, object, text_of(name));

    *out = (struct text){0};
    if (at == CELL_NONE || document->cells[at].type == CELL_NULL)
        return true;
    if (document->cells[at].type != CELL_STRING)
        return false;
    *out = document_text(document, at);
    return true;
}

static bool same_endpoint(struct text model, struct text id)
{
    static const struct text prefix = TEXT_INIT("pinion:");

    return text_equal(model, id) ||
           (text_starts(model, prefix) && text_equal(text_after(model, prefix.len), id));
}

/* {"prompt": {"id": "summarize", "version": "7", "variables": {...}}}: a hosted prompt's id is a
 * slug here, and its version one of the endpoint. */
static bool name_prompt(const struct call_body *body, uint32_t prompt, struct surface_name *out,
                        struct error *err)
{
    const struct document *document = &body->document;
    struct text id, version, model;

    out->param = "/prompt/id";
    if (document->cells[prompt].type != CELL_OBJECT ||
        !optional_text(document, prompt, "id", &id) || id.len == 0 ||
        !optional_text(document, prompt, "version", &version)) {
        error_set(err, ERROR_INVALID_REQUEST, "/prompt",
                  "'prompt' is an object with an 'id' and optionally a 'version', both strings");
        error_hint(err, "the id of a prompt is the slug of an endpoint");
        return false;
    }
    if (!optional_text(document, 0, "model", &model) ||
        (model.len > 0 && !same_endpoint(model, id)))
        return error_set(err, ERROR_INVALID_REQUEST, "/model",
                         "'model' names something else than 'prompt' does; leave it out");
    out->name = id;
    out->version = version;
    return true;
}

bool responses_name(const struct call_body *body, struct surface_name *out, struct error *err)
{
    uint32_t prompt = document_member(&body->document, 0, TEXT("prompt"));

    if (prompt == CELL_NONE || document_cell(&body->document, prompt)->type == CELL_NULL)
        return surface_name_model(body, out, err);
    return name_prompt(body, prompt, out, err);
}

/* --- members -------------------------------------------------------------------------------------
 */

static struct responses_call *call_of(const struct body_reader *reader)
{
    return reader->body->own;
}

static bool is_type(const struct body_reader *reader, uint32_t at, enum cell_type type)
{
    return reader->body->document.cells[at].type == type;
}

static bool take_input(struct body_reader *reader, uint32_t at)
{
    call_of(reader)->input = at;
    return is_type(reader, at, CELL_STRING) || is_type(reader, at, CELL_ARRAY) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'input' must be a string or a list of items");
}

static bool take_instructions(struct body_reader *reader, uint32_t at)
{
    if (!is_type(reader, at, CELL_STRING))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'instructions' must be a string");
    if (document_text(&reader->body->document, at).len == 0)
        return true;
    call_of(reader)->instructions = at;
    if (reader->endpoint->allow_system)
        return true;
    body_refuse(reader, at, ERROR_ROLE_NOT_ALLOWED,
                "this endpoint has instructions of its own, and takes no others");
    error_hint(reader->err, "leave 'instructions' out; its author can allow them: allow: [system]");
    return false;
}

static bool take_previous(struct body_reader *reader, uint32_t at)
{
    if (!is_type(reader, at, CELL_STRING))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'previous_response_id' must be a string");
    call_of(reader)->previous = document_text(&reader->body->document, at);
    return true;
}

static bool take_boolean(struct body_reader *reader, uint32_t at, bool *out)
{
    if (!is_type(reader, at, CELL_BOOLEAN))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "it must be true or false");
    *out = reader->body->document.cells[at].boolean;
    return true;
}

static bool take_store(struct body_reader *reader, uint32_t at)
{
    return take_boolean(reader, at, &call_of(reader)->store);
}

static bool take_background(struct body_reader *reader, uint32_t at)
{
    bool wanted;

    if (!take_boolean(reader, at, &wanted))
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
    call_of(reader)->metadata = at;
    return true;
}

static bool take_truncation(struct body_reader *reader, uint32_t at)
{
    struct text word = is_type(reader, at, CELL_STRING) ? document_text(&reader->body->document, at)
                                                        : (struct text){0};

    return text_equal(word, TEXT("auto")) || text_equal(word, TEXT("disabled")) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'truncation' must be \"auto\" or \"disabled\"");
}

/* --- parameters ----------------------------------------------------------------------------------
 */

static bool take_limit(struct body_reader *reader, uint32_t at)
{
    call_of(reader)->max_output_tokens = at;
    return body_set_param(reader, CHAT_PARAM_MAX_TOKENS, at);
}

static bool take_temperature(struct body_reader *reader, uint32_t at)
{
    call_of(reader)->temperature = at;
    return body_set_param(reader, CHAT_PARAM_TEMPERATURE, at);
}

static bool take_top_p(struct body_reader *reader, uint32_t at)
{
    call_of(reader)->top_p = at;
    return body_set_param(reader, CHAT_PARAM_TOP_P, at);
}

static bool take_reasoning(struct body_reader *reader, uint32_t at)
{
    uint32_t effort;

    if (!is_type(reader, at, CELL_OBJECT))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'reasoning' must be an object");
    effort = document_member(&reader->body->document, at, TEXT("effort"));
    if (effort == CELL_NONE || is_type(reader, effort, CELL_NULL))
        return true;
    call_of(reader)->effort = effort;
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

    if (!is_type(reader, at, CELL_OBJECT))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'text' must be an object");
    format = document_member(document, at, TEXT("format"));
    if (format == CELL_NONE || is_type(reader, format, CELL_NULL))
        return true;
    if (!body_string(reader, format, "type", &type_at, &type))
        return body_refuse(reader, format, ERROR_INVALID_REQUEST, "'format' needs a 'type'");
    call_of(reader)->format = format;
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

/* --- tools ---------------------------------------------------------------------------------------
 */

/* Tools that OpenAI's own service has: nobody else would find them. */
static bool are_functions(struct body_reader *reader, uint32_t list)
{
    const struct document *document = &reader->body->document;

    for (uint32_t tool = list + 1; tool < document->cells[list].end;
         tool = document_next(document, tool)) {
        struct text type;
        uint32_t at;

        if (!body_string(reader, tool, "type", &at, &type) || text_equal(type, TEXT("function")))
            continue;
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           arena_printf(reader->arena,
                                        "tools of the type '%.*s' are not offered by this "
                                        "gateway; there is \"function\"",
                                        TEXT_ARG(text_first(type, WORD_SHOWN)))
                               .at);
    }
    return true;
}

static bool take_tools(struct body_reader *reader, uint32_t at)
{
    if (is_type(reader, at, CELL_ARRAY) && reader->body->document.cells[at].size == 0)
        return true;
    if (is_type(reader, at, CELL_ARRAY) && !are_functions(reader, at))
        return false;
    return body_take_tools(reader, at);
}

static bool take_parallel(struct body_reader *reader, uint32_t at)
{
    bool parallel;

    call_of(reader)->parallel = at;
    return take_boolean(reader, at, &parallel) &&
           (parallel || !reader->endpoint->allow_tools || body_take_parallel_calls(reader, at));
}

/* Once the tools are known. */
static bool take_choice_later(struct body_reader *reader, uint32_t at)
{
    call_of(reader)->tool_choice = at;
    return true;
}

static bool is_allowed(const struct document *document, uint32_t list, struct text name)
{
    for (uint32_t tool = list + 1; tool < document->cells[list].end;
         tool = document_next(document, tool)) {
        uint32_t at = document_member(document, tool, TEXT("name"));

        if (at != CELL_NONE && document->cells[at].type == CELL_STRING &&
            text_equal(document_text(document, at), name))
            return true;
    }
    return false;
}

/* {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "x"}]}: the
 * others are as if they were not there. */
static bool take_allowed(struct body_reader *reader, uint32_t at)
{
    struct call_body *body = reader->body;
    struct chat_tool *kept = ARENA_ARRAY(reader->arena, struct chat_tool, body->tool_count);
    uint32_t list = document_member(&body->document, at, TEXT("tools")), mode_at;
    struct text mode;
    size_t count = 0;

    if (!reader->endpoint->allow_tool_choice)
        return body_take_tool_choice(reader, at);
    if (list == CELL_NONE || !is_type(reader, list, CELL_ARRAY) ||
        !body_string(reader, at, "mode", &mode_at, &mode) ||
        (!text_equal(mode, TEXT("auto")) && !text_equal(mode, TEXT("required"))))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "allowed tools are {\"type\": \"allowed_tools\", \"mode\": \"auto\" or "
                           "\"required\", \"tools\": [...]}");
    for (size_t i = 0; i < body->tool_count; i++)
        if (is_allowed(&body->document, list, body->tools[i].name))
            kept[count++] = body->tools[i];
    if (count == 0)
        return body_refuse(reader, list, ERROR_INVALID_REQUEST,
                           "'tool_choice' allows no tool that is among 'tools'");
    body->tools = kept;
    body->tool_count = count;
    body->choice = text_equal(mode, TEXT("auto")) ? CHAT_CHOICE_AUTO : CHAT_CHOICE_REQUIRED;
    return true;
}

static bool take_choice(struct body_reader *reader)
{
    uint32_t at = call_of(reader)->tool_choice, type_at;
    struct text word = {0};

    if (at == CELL_NONE)
        return true;
    if (is_type(reader, at, CELL_OBJECT) && body_string(reader, at, "type", &type_at, &word) &&
        text_equal(word, TEXT("allowed_tools")))
        return take_allowed(reader, at);
    if (is_type(reader, at, CELL_STRING))
        word = document_text(&reader->body->document, at);
    /* What holds anyway is no choice: SDKs say it unasked. */
    if (text_equal(word, TEXT("auto")) && !reader->endpoint->allow_tool_choice)
        return true;
    if (reader->body->tool_count == 0 &&
        (text_equal(word, TEXT("auto")) || text_equal(word, TEXT("none"))))
        return true;
    return body_take_tool_choice(reader, at);
}

/* --- the prompt ----------------------------------------------------------------------------------
 */

static bool take_prompt(struct body_reader *reader, uint32_t at)
{
    uint32_t variables = document_member(&reader->body->document, at, TEXT("variables"));

    call_of(reader)->prompt = at;
    if (variables == CELL_NONE || is_type(reader, variables, CELL_NULL))
        return true;
    call_of(reader)->variables = variables;
    return is_type(reader, variables, CELL_OBJECT) ||
           body_refuse(reader, variables, ERROR_INVALID_REQUEST, "'variables' must be an object");
}

/* {"type": "input_text", "text": "..."}: a variable as a part; its text. CELL_NONE: it is none. */
static uint32_t text_of_part(const struct document *document, uint32_t at)
{
    uint32_t type = document_member(document, at, TEXT("type"));
    uint32_t text = document_member(document, at, TEXT("text"));

    return type != CELL_NONE && document->cells[type].type == CELL_STRING &&
                   text_equal(document_text(document, type), TEXT("input_text")) &&
                   text != CELL_NONE && document->cells[text].type == CELL_STRING
               ? text
               : CELL_NONE;
}

/* The variables with their parts as texts; NULL: there are no parts. */
static const struct document *plain_variables(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX};
    struct document *plain = ARENA_NEW(reader->arena, struct document);
    struct buffer out = buffer_in(reader->arena);
    bool any = false;

    buffer_put_byte(&out, '{');
    for (uint32_t key = at + 1; key < document->cells[at].end;
         key = document_next(document, key + 1)) {
        uint32_t text = text_of_part(document, key + 1);

        any |= text != CELL_NONE;
        if (key > at + 1)
            buffer_put_byte(&out, ',');
        json_put_cell(&out, document, key);
        buffer_put_byte(&out, ':');
        json_put_cell(&out, document, text != CELL_NONE ? text : key + 1);
    }
    buffer_put_byte(&out, '}');
    if (!any)
        return NULL;
    CHECK(json_read(buffer_text(&out), &limits, reader->arena, plain, NULL, NULL));
    return plain;
}

static void take_variables(struct body_reader *reader)
{
    struct call_body *body = reader->body;
    uint32_t at = call_of(reader)->variables;
    const struct document *plain;

    if (at == CELL_NONE)
        return;
    plain = plain_variables(reader, at);
    body->input = plain != NULL ? plain : &body->document;
    body->input_at = plain != NULL ? 0 : at;
    body->caller_text = body_words(body->input, body->input_at, reader->arena);
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
    {"prompt", take_prompt},
    {"store", take_store},
    {"tools", take_tools},
    {"tool_choice", take_choice_later},
    {"parallel_tool_calls", take_parallel},
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

    if (is_type(reader, key + 1, CELL_NULL))
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
    take_variables(reader);
    return take_choice(reader) && responses_take_items(reader, call);
}
