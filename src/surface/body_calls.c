/* Calls that a model made, as its caller tells them again, and what came of them. Providers take a
 * conversation only if every call has its result before anything else is said; so do we, and say
 * where it is not so. */
#include "surface/body_reader.h"

#include "base/buffer.h"
#include "document/json_write.h"

enum { CALL_ID_BYTES_MAX = 512 };

/* --- calls ---------------------------------------------------------------------------------------
 */

bool body_read_call_id(struct body_reader *reader, uint32_t object, const char *name,
                       uint32_t *out_at, struct text *out)
{
    if (body_string(reader, object, name, out_at, out) && out->len > 0 &&
        out->len <= CALL_ID_BYTES_MAX)
        return true;
    return body_refuse(reader, *out_at, ERROR_INVALID_REQUEST,
                       "the id of a call is a string of 1 to 512 bytes, as the answer gave it");
}

/* As the model wrote them, in a string; or as the answer's envelope has them, as a value. */
static bool read_arguments(struct body_reader *reader, uint32_t function, struct chat_part *out)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, function, TEXT("arguments"));
    struct buffer json = buffer_in(reader->arena);

    if (at == CELL_NONE)
        return true;
    if (document->cells[at].type == CELL_STRING) {
        out->text = document_text(document, at);
        return true;
    }
    if (document->cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'arguments' must be JSON in a string, or an object");
    json_put_cell(&json, document, at);
    out->text = buffer_text(&json);
    return true;
}

static bool check_call_members(struct body_reader *reader, uint32_t at, uint32_t function)
{
    static const char *const outer[] = {"id", "type", "function", NULL};
    static const char *const inner[] = {"name", "arguments", NULL};
    static const char *const flat[] = {"id", "type", "name", "arguments", NULL};

    if (function == at)
        return body_knows(reader, at, flat, "a call has 'id', 'name' and 'arguments'");
    return body_knows(reader, at, outer, "a call has 'id', 'type' and 'function'") &&
           body_knows(reader, function, inner, "'function' has 'name' and 'arguments'");
}

static bool read_call(struct body_reader *reader, uint32_t at, struct chat_part *out,
                      uint32_t *out_id_at)
{
    const struct document *document = &reader->body->document;
    uint32_t function, type, name_at;

    if (document->cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a call must be an object");
    function = document_member(document, at, TEXT("function"));
    if (function == CELL_NONE)
        function = at;
    type = document_member(document, at, TEXT("type"));
    if (document->cells[function].type != CELL_OBJECT ||
        (type != CELL_NONE && (document->cells[type].type != CELL_STRING ||
                               !text_equal(document_text(document, type), TEXT("function")))))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "a call is {\"id\", \"type\": \"function\", \"function\": {\"name\", "
                           "\"arguments\"}}");
    out->type = CHAT_CALL;
    if (!check_call_members(reader, at, function) ||
        !body_read_call_id(reader, at, "id", out_id_at, &out->id))
        return false;
    if (!body_string(reader, function, "name", &name_at, &out->name) ||
        !body_is_tool_name(out->name))
        return body_refuse(reader, name_at, ERROR_INVALID_REQUEST,
                           "a call needs the 'name' of its tool");
    return read_arguments(reader, function, out);
}

void body_calls_begin(struct body_reader *reader, size_t room, const char *wanted,
                      struct body_calls *calls)
{
    *calls = (struct body_calls){.items = ARENA_ARRAY(reader->arena, struct chat_part, room),
                                 .cells = ARENA_ARRAY(reader->arena, uint32_t, room),
                                 .answered = ARENA_ARRAY(reader->arena, bool, room),
                                 .wanted = wanted};
}

bool body_calls_add(struct body_reader *reader, const struct chat_part *call, uint32_t cell,
                    uint32_t id_at, struct body_calls *calls)
{
    if (calls->count == CHAT_TOOLS_MAX)
        return body_refuse(reader, cell, ERROR_INVALID_REQUEST,
                           "a message has at most 128 calls of tools");
    for (size_t i = 0; i < calls->count; i++)
        if (text_equal(calls->items[i].id, call->id))
            return body_refuse(reader, id_at, ERROR_INVALID_REQUEST,
                               "two calls of one message have the same id");
    calls->items[calls->count] = *call;
    calls->cells[calls->count++] = cell;
    calls->open++;
    return true;
}

bool body_read_calls(struct body_reader *reader, uint32_t at, struct body_calls *calls,
                     struct chat_message *out)
{
    const struct document *document = &reader->body->document;
    const struct cell *list = &document->cells[at];
    size_t said = out->text.len > 0, count = said;
    struct chat_part *parts;

    if (list->type != CELL_ARRAY || list->size > CHAT_TOOLS_MAX)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'tool_calls' must be a list of at most 128 calls");
    parts = ARENA_ARRAY(reader->arena, struct chat_part, said + list->size);
    body_calls_begin(reader, list->size,
                     "a message of the role 'tool' with its id as "
                     "'tool_call_id'",
                     calls);
    if (said)
        parts[0] = (struct chat_part){.type = CHAT_TEXT, .text = out->text};
    for (uint32_t call = at + 1; call < list->end; call = document_next(document, call)) {
        uint32_t id_at;

        if (!read_call(reader, call, &parts[count], &id_at) ||
            !body_calls_add(reader, &parts[count], call, id_at, calls))
            return false;
        count++;
    }
    out->parts = calls->count > 0 ? parts : NULL;
    out->part_count = calls->count > 0 ? count : 0;
    return true;
}

/* --- results -------------------------------------------------------------------------------------
 */

bool body_read_result(struct body_reader *reader, uint32_t at, const char *name,
                      struct body_calls *calls, struct chat_part *out)
{
    uint32_t id_at;

    if (!body_read_call_id(reader, at, name, &id_at, &out->id))
        return false;
    for (size_t i = 0; i < calls->count; i++) {
        if (!text_equal(calls->items[i].id, out->id))
            continue;
        if (calls->answered[i])
            return body_refuse(reader, id_at, ERROR_INVALID_REQUEST,
                               "the call has a result already");
        calls->answered[i] = true;
        calls->open--;
        out->type = CHAT_RESULT;
        out->name = calls->items[i].name;
        return true;
    }
    return body_refuse(reader, id_at, ERROR_INVALID_REQUEST,
                       "a result must answer a call of the assistant message in front of it");
}

bool body_calls_answered(struct body_reader *reader, const struct body_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        if (!calls->answered[i])
            return body_refuse(
                reader, calls->cells[i], ERROR_INVALID_REQUEST,
                arena_printf(reader->arena, "the call has no result: %s must follow", calls->wanted)
                    .at);
    return true;
}
