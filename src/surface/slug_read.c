/* A call of a slug, in its four forms: {"message"}, {"messages"}, {"input"} (or {"variables"}),
 * and, where the input schema's root is an object, the bare object. It is sorted by its member
 * names alone: first which form it has, then every remaining member is either a control field, a
 * parameter, or wrong. Nothing is ignored. Only in the bare object can a name mean two things;
 * there the input schema's own names win, and whoever needs both wraps the input: {"input": {...},
 * "stream": true}. */
#include "surface/slug.h"

#include "surface/body_reader.h"

/* --- what stands beside the payload --------------------------------------------------------------
 */

static bool unknown_field(struct body_reader *reader, uint32_t key)
{
    static const struct text payloads[] = {TEXT_INIT("message"), TEXT_INIT("messages"),
                                           TEXT_INIT("input"), TEXT_INIT("variables")};
    static const struct text known[] = {
        TEXT_INIT("message"),
        TEXT_INIT("messages"),
        TEXT_INIT("input"),
        TEXT_INIT("variables"),
        TEXT_INIT("stream"),
        TEXT_INIT("session"),
        TEXT_INIT("session_id"),
        TEXT_INIT("metadata"),
        TEXT_INIT("tools"),
        TEXT_INIT("tool_choice"),
        TEXT_INIT("parallel_tool_calls"),
    };
    struct text name = document_text(&reader->body->document, key);
    struct text nearest = nearest_name(name, known, sizeof known / sizeof *known);

    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++)
        if (text_equal(name, payloads[i]))
            return body_refuse(reader, key, ERROR_INVALID_REQUEST,
                               "only one of 'message', 'messages', 'input' and 'variables' can "
                               "be given");
    body_refuse(reader, key, ERROR_UNKNOWN_FIELD,
                "the body has a field that this endpoint does not know");
    if (nearest.len > 0)
        error_hint(reader->err, "did you mean '%.*s'?", TEXT_ARG(nearest));
    return false;
}

/* Takes every member but `payload`, which the form itself reads. */
static bool take_rest(struct body_reader *reader, uint32_t payload)
{
    const struct document *document = &reader->body->document;

    for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1)) {
        bool taken;

        if (key + 1 == payload)
            continue;
        if (!body_take_control(reader, key, &taken) ||
            (!taken && !body_take_param(reader, key, &taken)))
            return false;
        if (!taken)
            return unknown_field(reader, key);
    }
    return true;
}

/* --- the forms -----------------------------------------------------------------------------------
 */

/* In the bare object a parameter is one only where the endpoint allows it; elsewhere the schema
 * judges the name. */
static bool take_beside(struct body_reader *reader, uint32_t key, bool *out_taken)
{
    struct text name = document_text(&reader->body->document, key);

    *out_taken = false;
    if (body_declares(reader, name))
        return true;
    if (!body_take_control(reader, key, out_taken))
        return false;
    if (*out_taken || !body_allows_param(reader, name))
        return true;
    return body_take_param(reader, key, out_taken);
}

static bool read_bare(struct body_reader *reader)
{
    const struct document *document = &reader->body->document;
    struct body_copy copy = body_copy_of(reader, 0);

    for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1)) {
        bool taken;

        if (!take_beside(reader, key, &taken))
            return false;
        if (!taken)
            body_copy_keep(&copy, key);
    }
    body_copy_take(&copy, reader);
    return true;
}

static bool read_input(struct body_reader *reader, uint32_t at)
{
    reader->body->input = &reader->body->document;
    reader->body->input_at = at;
    reader->body->caller_text = body_words(&reader->body->document, at, reader->arena);
    return take_rest(reader, at);
}

static bool read_variables(struct body_reader *reader, uint32_t at)
{
    if (reader->body->document.cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'variables' must be an object; 'input' takes any value");
    return read_input(reader, at);
}

static uint32_t payload_of(const struct body_reader *reader, const char *name)
{
    if (body_declares(reader, text_of(name)))
        return CELL_NONE;
    return document_member(&reader->body->document, 0, text_of(name));
}

bool slug_read(struct body_reader *reader)
{
    const struct endpoint *endpoint = reader->endpoint;
    uint32_t at;

    if ((at = payload_of(reader, "messages")) != CELL_NONE)
        return take_rest(reader, at) && body_take_messages(reader, at);
    if ((at = payload_of(reader, "message")) != CELL_NONE)
        return body_take_message(reader, at) && take_rest(reader, at);
    if ((at = payload_of(reader, "input")) != CELL_NONE)
        return read_input(reader, at);
    if ((at = payload_of(reader, "variables")) != CELL_NONE)
        return read_variables(reader, at);
    if (endpoint->input != NULL && schema_root_is_object(endpoint->input))
        return read_bare(reader);
    error_set(reader->err, ERROR_INVALID_REQUEST, "", "the body says nothing to the endpoint");
    error_hint(reader->err,
               "send {\"message\": \"...\"}, {\"messages\": [...]} or {\"input\": ...}");
    return false;
}
