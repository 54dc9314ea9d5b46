/* A schema that the caller brings along for the answer. It is checked here as an author's is at
 * load, within the limits for callers; what becomes of an answer that does not fit is the
 * endpoint's business. */
#include "surface/body_reader.h"

#include "document/json_read.h"
#include "document/json_write.h"

/* Whether there is anything to take; *out_good is what to return where there is not. Two of them
 * would have to be given back, and one only can hold. */
static bool is_wanted(struct body_reader *reader, uint32_t at, bool *out_good)
{
    *out_good = true;
    if (reader->endpoint->output != NULL)
        return false;
    if (reader->body->output_held != NULL) {
        *out_good = body_refuse(reader, at, ERROR_INVALID_REQUEST,
                                "the form of the answer is said twice; say it in one place");
        return false;
    }
    if (reader->endpoint->allow_response_format)
        return true;
    *out_good = body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                            "callers of this endpoint do not choose the form of its answers");
    error_hint(
        reader->err,
        "the endpoint's author can allow it (allow: [response_format]), or give the endpoint "
        "an output_schema");
    return false;
}

/* A schema's own error, with its place moved to where the schema stands in the body. */
bool body_refuse_schema(struct body_reader *reader, uint32_t at, const struct error *why)
{
    struct text pointer = document_pointer(&reader->body->document, at, reader->arena);
    const char *inside = why->at[0] == '/' ? why->at : "";

    error_set(reader->err, ERROR_INVALID_REQUEST,
              arena_printf(reader->arena, "%.*s%s", TEXT_ARG(pointer), inside).at, "%s",
              why->message);
    if (why->hint[0] != '\0')
        error_hint(reader->err, "%s", why->hint);
    return false;
}

bool body_take_schema(struct body_reader *reader, uint32_t at)
{
    struct call_body *body = reader->body;
    struct buffer source = buffer_in(reader->arena);
    struct error why = {0};
    bool good;

    if (!is_wanted(reader, at, &good))
        return good;
    if (body->document.cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "the schema of the answer must be a JSON Schema, an object");
    json_put_cell(&source, &body->document, at);
    body->output_held = schema_cache_take(reader->schemas, buffer_text(&source), &why);
    body->output_document = &body->document;
    body->output_at = at;
    return body->output_held != NULL || body_refuse_schema(reader, at, &why);
}

bool body_take_any_object(struct body_reader *reader, uint32_t at)
{
    static const struct text any = TEXT_INIT("{\"type\":\"object\"}");
    struct call_body *body = reader->body;
    struct document *document;
    struct error why = {0};
    bool good;

    if (!is_wanted(reader, at, &good))
        return good;
    document = ARENA_NEW(reader->arena, struct document);
    if (!json_read(any, NULL, reader->arena, document, NULL, reader->err))
        return false;
    body->output_held = schema_cache_take(reader->schemas, any, &why);
    body->output_document = document;
    body->output_at = 0;
    body->output_loose = true;
    return body->output_held != NULL || body_refuse_schema(reader, at, &why);
}
