/* A call of Chat Completions. What cannot be done is refused, what only concerns OpenAI's own
 * service is passed over, and so is what nobody knows: SDKs let their users add members. */
#include "surface/chat.h"

#include "surface/body_reader.h"

bool surface_name_model(const struct call_body *body, struct surface_name *out, struct error *err)
{
    uint32_t at = document_member(&body->document, 0, TEXT("model"));

    out->param = "/model";
    out->model = true;
    if (at == CELL_NONE || document_cell(&body->document, at)->type != CELL_STRING ||
        document_text(&body->document, at).len == 0) {
        error_set(err, ERROR_INVALID_REQUEST, out->param, "the body does not name the model");
        error_hint(err, "send {\"model\": \"SLUG\", ...}; GET /v1/models lists what there is");
        return false;
    }
    out->name = document_text(&body->document, at);
    return true;
}

/* --- members -------------------------------------------------------------------------------------
 */

static bool take_stream_options(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    struct chat_wishes *wishes = reader->body->own;
    uint32_t usage;

    if (document->cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'stream_options' must be an object");
    usage = document_member(document, at, TEXT("include_usage"));
    if (usage == CELL_NONE || document->cells[usage].type == CELL_NULL)
        return true;
    if (document->cells[usage].type != CELL_BOOLEAN)
        return body_refuse(reader, usage, ERROR_INVALID_REQUEST,
                           "'include_usage' must be true or false");
    wishes->usage = document->cells[usage].boolean;
    return true;
}

static bool take_limit(struct body_reader *reader, uint32_t at)
{
    return body_set_param(reader, CHAT_PARAM_MAX_TOKENS, at);
}

/* {"type": "json_schema", "json_schema": {"name", "schema", "strict"}} */
static bool take_response_format(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    struct text type = {0};
    uint32_t type_at, holder, schema;

    if (document->cells[at].type != CELL_OBJECT ||
        !body_string(reader, at, "type", &type_at, &type))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'response_format' must be an object with a 'type'");
    if (text_equal(type, TEXT("text")))
        return true;
    if (text_equal(type, TEXT("json_object")))
        return body_take_any_object(reader, at);
    if (!text_equal(type, TEXT("json_schema")))
        return body_refuse(reader, type_at, ERROR_INVALID_REQUEST,
                           "'type' must be \"text\", \"json_object\" or \"json_schema\"");
    holder = document_member(document, at, TEXT("json_schema"));
    if (holder == CELL_NONE || document->cells[holder].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'response_format' needs a 'json_schema' with 'name' and 'schema'");
    schema = document_member(document, holder, TEXT("schema"));
    return schema == CELL_NONE ? body_take_any_object(reader, holder)
                               : body_take_schema(reader, schema);
}

/* One answer is what is bought, checked and paid for. */
static bool take_count(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    return (cell->type == CELL_INTEGER && document_double(cell) == 1) ||
           body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED, "'n' can only be 1");
}

static bool take_off(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    return (cell->type == CELL_BOOLEAN && !cell->boolean) ||
           ((cell->type == CELL_OBJECT || cell->type == CELL_ARRAY) && cell->size == 0) ||
           body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                       "this gateway does not offer it on this surface; leave it out");
}

static bool take_modalities(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;

    return (document->cells[at].type == CELL_ARRAY && document->cells[at].size == 1 &&
            document->cells[at + 1].type == CELL_STRING &&
            text_equal(document_text(document, at + 1), TEXT("text"))) ||
           body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                       "answers are text; 'modalities' can only be [\"text\"]");
}

static bool take_functions(struct body_reader *reader, uint32_t at)
{
    body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                "the old form of tools is not offered on this surface");
    error_hint(reader->err, "send 'tools' and 'tool_choice'");
    return false;
}

static const struct chat_member {
    const char *name;
    bool (*take)(struct body_reader *reader, uint32_t at);
} members[] = {
    {"messages", body_take_messages},
    {"tools", body_take_tools},
    {"tool_choice", body_take_tool_choice},
    {"parallel_tool_calls", body_take_parallel_calls},
    {"response_format", take_response_format},
    {"stream_options", take_stream_options},
    {"max_completion_tokens", take_limit},
    {"n", take_count},
    {"logprobs", take_off},
    {"top_logprobs", take_off},
    {"logit_bias", take_off},
    {"prediction", take_off},
    {"audio", take_off},
    {"web_search_options", take_off},
    {"modalities", take_modalities},
    {"functions", take_functions},
    {"function_call", take_functions},
};

/* The gateway's own members that go with those. */
static bool is_control(struct text name)
{
    static const char *const names[] = {"stream", "session", "session_id", "metadata"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, text_of(names[i])))
            return true;
    return false;
}

static bool take_member(struct body_reader *reader, uint32_t key)
{
    struct text name = document_text(&reader->body->document, key);
    bool taken;

    if (reader->body->document.cells[key + 1].type == CELL_NULL)
        return true;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (text_equal(name, text_of(members[i].name)))
            return members[i].take(reader, key + 1);
    if (is_control(name))
        return body_take_control(reader, key, &taken);
    return body_take_param(reader, key, &taken);
}

bool chat_read(struct body_reader *reader)
{
    const struct document *document = &reader->body->document;

    reader->lenient = true;
    reader->body->own = ARENA_NEW(reader->arena, struct chat_wishes);
    if (document_member(document, 0, TEXT("messages")) == CELL_NONE)
        return error_set(reader->err, ERROR_INVALID_REQUEST, "/messages",
                         "the body has no 'messages'");
    for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1))
        if (!take_member(reader, key))
            return false;
    return true;
}
