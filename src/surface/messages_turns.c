/* The conversation of a call of Messages. Thoughts that a client sends back are passed over: it
 * never had any from here, and the gateway puts back itself what belongs to a call
 * (gateway/call_states.h). */
#include "surface/messages_turns.h"

#include "base/buffer.h"
#include "document/json_write.h"

bool turns_refuse(struct turns *turns, uint32_t at, const char *what)
{
    return body_refuse(turns->reader, at, ERROR_INVALID_REQUEST, what);
}

struct chat_message *turns_add(struct turns *turns, enum chat_role role)
{
    struct chat_message *message = &turns->messages[turns->count++];

    message->role = role;
    return message;
}

bool turns_end_calls(struct turns *turns)
{
    if (!body_calls_answered(turns->reader, &turns->calls))
        return false;
    turns->calls = (struct body_calls){0};
    return true;
}

bool turns_is_of_type(const struct document *document, uint32_t block, struct text type)
{
    uint32_t at = document->cells[block].type == CELL_OBJECT
                      ? document_member(document, block, TEXT("type"))
                      : CELL_NONE;

    return at != CELL_NONE && document->cells[at].type == CELL_STRING &&
           text_equal(document_text(document, at), type);
}

/* --- how many there are --------------------------------------------------------------------------
 */

static uint32_t results_in(const struct document *document, uint32_t content)
{
    uint32_t count = 0;

    if (content == CELL_NONE || document->cells[content].type != CELL_ARRAY)
        return 0;
    for (uint32_t block = content + 1; block < document->cells[content].end;
         block = document_next(document, block))
        count += turns_is_of_type(document, block, TEXT("tool_result"));
    return count;
}

/* At most: a message, and one for each result in it. */
static size_t messages_in(const struct document *document, uint32_t list)
{
    size_t count = 0;

    for (uint32_t at = list + 1; at < document->cells[list].end; at = document_next(document, at)) {
        uint32_t content = document->cells[at].type == CELL_OBJECT
                               ? document_member(document, at, TEXT("content"))
                               : CELL_NONE;

        count += 1 + results_in(document, content);
    }
    return count;
}

/* --- what the model said -------------------------------------------------------------------------
 */

static bool read_input(struct turns *turns, uint32_t block, struct chat_part *out)
{
    const struct document *document = &turns->reader->body->document;
    uint32_t at = document_member(document, block, TEXT("input"));
    struct buffer json = buffer_in(turns->reader->arena);

    if (at == CELL_NONE || document->cells[at].type == CELL_NULL)
        return true;
    if (document->cells[at].type == CELL_STRING) { /* as the model wrote what is no JSON */
        out->text = document_text(document, at);
        return true;
    }
    if (document->cells[at].type != CELL_OBJECT)
        return turns_refuse(turns, at, "the 'input' of a call must be an object");
    json_put_cell(&json, document, at);
    out->text = buffer_text(&json);
    return true;
}

static bool read_call(struct turns *turns, uint32_t block, struct chat_part *out)
{
    struct body_reader *reader = turns->reader;
    uint32_t id_at, name_at;

    if (!reader->endpoint->allow_tools)
        return body_refuse_tools(reader, block);
    out->type = CHAT_CALL;
    if (!body_read_call_id(reader, block, "id", &id_at, &out->id))
        return false;
    if (!body_string(reader, block, "name", &name_at, &out->name) || !body_is_tool_name(out->name))
        return turns_refuse(turns, name_at, "a call needs the 'name' of its tool");
    return read_input(turns, block, out) &&
           body_calls_add(reader, out, block, id_at, &turns->calls);
}

static bool is_thought(const struct document *document, uint32_t block)
{
    return turns_is_of_type(document, block, TEXT("thinking")) ||
           turns_is_of_type(document, block, TEXT("redacted_thinking"));
}

static bool read_blocks(struct turns *turns, uint32_t content, struct chat_message *out)
{
    const struct document *document = &turns->reader->body->document;
    uint32_t size = document->cells[content].size;
    struct chat_part *parts = ARENA_ARRAY(turns->reader->arena, struct chat_part, size);
    struct buffer joined = buffer_in(turns->reader->arena);
    size_t count = 0;

    body_calls_begin(turns->reader, size, "a block 'tool_result' with its id as 'tool_use_id'",
                     &turns->calls);
    for (uint32_t block = content + 1; block < document->cells[content].end;
         block = document_next(document, block)) {
        bool call = turns_is_of_type(document, block, TEXT("tool_use"));

        if (is_thought(document, block))
            continue;
        if (call ? !read_call(turns, block, &parts[count])
                 : !messages_read_block(turns->reader, block, false, &parts[count]))
            return false;
        if (!call)
            buffer_put(&joined, parts[count].text); /* as the answer's content was */
        count++;
    }
    out->text = buffer_text(&joined);
    out->parts = turns->calls.count > 0 ? parts : NULL;
    out->part_count = turns->calls.count > 0 ? count : 0;
    return true;
}

static bool read_assistant(struct turns *turns, uint32_t content)
{
    const struct document *document = &turns->reader->body->document;
    struct chat_message *message = turns_add(turns, CHAT_ASSISTANT);

    if (!turns_end_calls(turns))
        return false;
    if (document->cells[content].type != CELL_STRING)
        return read_blocks(turns, content, message);
    message->text = document_text(document, content);
    return true;
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static bool read_system(struct turns *turns, uint32_t at, uint32_t content)
{
    if (!turns->reader->endpoint->allow_system) {
        body_refuse(turns->reader, at, ERROR_ROLE_NOT_ALLOWED,
                    "this endpoint has a system prompt of its own, and takes none from callers");
        error_hint(turns->reader->err,
                   "leave it out; the endpoint's author can allow it: allow: [system]");
        return false;
    }
    return turns_end_calls(turns) &&
           messages_read_text(turns->reader, content, &turns_add(turns, CHAT_SYSTEM)->text);
}

static bool is_empty(const struct cell *cell)
{
    return cell->type == CELL_NULL ||
           ((cell->type == CELL_STRING || cell->type == CELL_ARRAY) && cell->size == 0);
}

static bool read_message(struct turns *turns, uint32_t at)
{
    const struct document *document = &turns->reader->body->document;
    uint32_t role_at, content;
    struct text role;

    if (document->cells[at].type != CELL_OBJECT)
        return turns_refuse(turns, at, "a message must be an object with 'role' and 'content'");
    if (!body_string(turns->reader, at, "role", &role_at, &role))
        return turns_refuse(turns, role_at, "a message needs a 'role'");
    content = document_member(document, at, TEXT("content"));
    if (content == CELL_NONE || (document->cells[content].type != CELL_STRING &&
                                 document->cells[content].type != CELL_ARRAY))
        return turns_refuse(turns, content == CELL_NONE ? at : content,
                            "a message needs a 'content': a string or a list of blocks");
    if (text_equal(role, TEXT("user")))
        return turns_read_user(turns, content);
    if (text_equal(role, TEXT("assistant")))
        return read_assistant(turns, content);
    if (text_equal(role, TEXT("system")))
        return read_system(turns, role_at, content);
    return body_refuse(turns->reader, role_at, ERROR_ROLE_NOT_ALLOWED,
                       "messages have the roles 'user' and 'assistant'");
}

/* An answer that is begun for the model is not what an endpoint is asked. */
static bool check_last(struct turns *turns, uint32_t at)
{
    return turns->messages[turns->count - 1].role != CHAT_ASSISTANT ||
           turns->reader->endpoint->kind != ENDPOINT_SLUG ||
           turns_refuse(
               turns, at,
               "the last message must have the role 'user': answers are not begun for the model");
}

/* What a tool shows is no input that a template or a schema knows of. */
static bool check_shown(struct turns *turns)
{
    const struct endpoint *endpoint = turns->reader->endpoint;

    return turns->shown_at == 0 || (!endpoint->has_template && endpoint->input == NULL) ||
           turns_refuse(turns, turns->shown_at,
                        "results are text where the endpoint has a template or an input schema");
}

bool messages_take_turns(struct body_reader *reader, uint32_t system, uint32_t at)
{
    const struct document *document = &reader->body->document;
    struct turns turns = {.reader = reader};
    size_t room;

    if (document->cells[at].type != CELL_ARRAY || document->cells[at].size == 0 ||
        (room = messages_in(document, at)) > BODY_MESSAGES_MAX)
        return turns_refuse(
            &turns, at,
            "'messages' must be a list of 1 to 1000 messages, with each result of a tool "
            "counted as one");
    turns.messages = ARENA_ARRAY(reader->arena, struct chat_message, room + 1);
    if (system != CELL_NONE && !is_empty(&document->cells[system]) &&
        !read_system(&turns, system, system))
        return false;
    for (uint32_t message = at + 1; message < document->cells[at].end;
         message = document_next(document, message))
        if (!read_message(&turns, message))
            return false;
    return body_calls_answered(reader, &turns.calls) && check_last(&turns, at) &&
           check_shown(&turns) && body_split_at_input(reader, at, turns.messages, turns.count);
}
