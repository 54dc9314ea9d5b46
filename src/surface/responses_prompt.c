/* A prompt that is kept at the service is an endpoint here: its id is a slug, its version one of
 * the endpoint, its variables are the input. */
#include "surface/responses.h"

#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"

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

/* --- its variables -------------------------------------------------------------------------------
 */

bool responses_take_prompt(struct body_reader *reader, uint32_t at)
{
    uint32_t variables = document_member(&reader->body->document, at, TEXT("variables"));

    responses_call_of(reader)->prompt = at;
    if (variables == CELL_NONE || responses_is(reader, variables, CELL_NULL))
        return true;
    responses_call_of(reader)->variables = variables;
    return responses_is(reader, variables, CELL_OBJECT) ||
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

static const struct document *no_variables(struct body_reader *reader)
{
    struct document *none = ARENA_NEW(reader->arena, struct document);

    CHECK(json_read(TEXT("{}"), NULL, reader->arena, none, NULL, NULL));
    return none;
}

/* The variables with their parts as texts; NULL: there are no parts. There were as many values in
 * the body, which may be longer, so that they are more than a text of this length may have. */
static const struct document *plain_variables(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX, .nodes = JSON_UNLIMITED};
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

/* A prompt by itself, of an endpoint that is told what goes in. */
static bool has_no_words(const struct body_reader *reader)
{
    const struct responses_call *call = responses_call_of(reader);

    return call->prompt != CELL_NONE && call->input == CELL_NONE && call->previous.len == 0 &&
           reader->endpoint->input != NULL;
}

void responses_take_variables(struct body_reader *reader)
{
    struct responses_call *call = responses_call_of(reader);
    struct call_body *body = reader->body;
    uint32_t at = call->variables;
    const struct document *plain;

    call->prompted = at != CELL_NONE || has_no_words(reader);
    if (!call->prompted)
        return;
    plain = at != CELL_NONE ? plain_variables(reader, at) : no_variables(reader);
    body->input = plain != NULL ? plain : &body->document;
    body->input_at = plain != NULL ? 0 : at;
    body->caller_text = body_words(body->input, body->input_at, reader->arena);
}
