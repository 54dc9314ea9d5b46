/* Messages: one string, or a conversation. Its last user message is the input; behind that only a
 * turn of tools may stand: the model's calls and their results, as often as the model calls. */
#include "surface/body_reader.h"

#include "base/buffer.h"
#include "document/json_read.h"

/* A message is JSON when it is JSON, else a string; only where a schema says what is expected. */
void body_take_input(struct body_reader *reader, struct text message)
{
    struct call_body *body = reader->body;
    struct document *parsed = ARENA_NEW(reader->arena, struct document);
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX};

    body->caller_text = message;
    body->input = document_of_text(message, (struct text){0}, reader->arena);
    body->input_at = 0;
    if (reader->endpoint->input != NULL &&
        json_read(message, &limits, reader->arena, parsed, NULL, NULL)) {
        body->input_as_text = body->input;
        body->input = parsed;
    }
}

/* --- one message ---------------------------------------------------------------------------------
 */

static bool read_role(struct body_reader *reader, uint32_t at, struct chat_message *out)
{
    const struct endpoint *endpoint = reader->endpoint;
    struct text name;
    uint32_t role;

    if (!body_string(reader, at, "role", &role, &name))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a message needs a 'role'");
    if (text_equal(name, TEXT("developer")))
        name = TEXT("system");
    if (chat_role_parse(name, &out->role) && (out->role != CHAT_TOOL || endpoint->allow_tools) &&
        (out->role != CHAT_SYSTEM || endpoint->allow_system))
        return true;
    return body_refuse(
        reader, role, ERROR_ROLE_NOT_ALLOWED,
        arena_printf(reader->arena, "this endpoint takes messages of the roles %s'user'%s only",
                     endpoint->allow_system ? "'system', 'developer', " : "",
                     endpoint->allow_tools ? ", 'assistant' and 'tool'" : " and 'assistant'")
            .at);
}

static bool check_members(struct body_reader *reader, uint32_t at, enum chat_role role)
{
    static const char *const plain[] = {"role", "content", "name", NULL};
    static const char *const assistant[] = {"role", "content", "name", "tool_calls", NULL};
    static const char *const tool[] = {"role", "content", "name", "tool_call_id", NULL};

    if (role == CHAT_TOOL)
        return body_knows(reader, at, tool, "a result has 'role', 'content' and 'tool_call_id'");
    if (role == CHAT_ASSISTANT && reader->endpoint->allow_tools)
        return body_knows(reader, at, assistant,
                          "a message has 'role', 'content' and optionally 'name' and 'tool_calls'");
    return body_knows(reader, at, plain, "a message has 'role', 'content' and optionally 'name'");
}

static bool read_result(struct body_reader *reader, uint32_t at, struct body_calls *calls,
                        struct chat_message *out)
{
    struct chat_part *part = ARENA_NEW(reader->arena, struct chat_part);

    part->text = out->text;
    out->parts = part;
    out->part_count = 1;
    return body_read_result(reader, at, "tool_call_id", calls, part);
}

static bool read_message(struct body_reader *reader, uint32_t at, struct body_calls *calls,
                         struct chat_message *out)
{
    const struct document *document = &reader->body->document;
    uint32_t content = document_member(document, at, TEXT("content")), tool_calls;

    if (document->cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "a message must be an object with 'role' and 'content'");
    if (!read_role(reader, at, out) || !check_members(reader, at, out->role))
        return false;
    tool_calls = document_member(document, at, TEXT("tool_calls"));
    if (reader->lenient && tool_calls != CELL_NONE &&
        (out->role != CHAT_ASSISTANT || document->cells[tool_calls].type == CELL_NULL))
        tool_calls = CELL_NONE;
    if (tool_calls != CELL_NONE && !reader->endpoint->allow_tools)
        return body_refuse(reader, tool_calls, ERROR_PARAMETER_NOT_ALLOWED,
                           "this endpoint takes no tools");
    if (content != CELL_NONE && document->cells[content].type == CELL_NULL &&
        tool_calls != CELL_NONE)
        content = CELL_NONE;
    if (content == CELL_NONE && tool_calls == CELL_NONE)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a message needs a 'content'");
    if (content != CELL_NONE && !body_read_content(reader, content, out))
        return false;
    if (out->role == CHAT_TOOL)
        return read_result(reader, at, calls, out);
    if (!body_calls_answered(reader, calls))
        return false;
    *calls = (struct body_calls){0};
    if (tool_calls == CELL_NONE)
        return true;
    return body_read_calls(reader, tool_calls, calls, out) &&
           (content != CELL_NONE || out->part_count > 0 ||
            body_refuse(reader, at, ERROR_INVALID_REQUEST, "the message says nothing"));
}

/* --- the forms -----------------------------------------------------------------------------------
 */

bool body_take_message(struct body_reader *reader, uint32_t at)
{
    if (reader->body->document.cells[at].type != CELL_STRING)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'message' must be a string");
    body_take_input(reader, document_text(&reader->body->document, at));
    return true;
}

bool body_split_at_input(struct body_reader *reader, uint32_t at,
                         const struct chat_message *messages, size_t count)
{
    struct call_body *body = reader->body;
    enum chat_role last = messages[count - 1].role;
    bool begun = last == CHAT_ASSISTANT && reader->endpoint->kind != ENDPOINT_SLUG;
    size_t input = count;

    if (last != CHAT_USER && last != CHAT_TOOL && !begun) /* an answer that the model is to end */
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           reader->endpoint->allow_tools
                               ? "the last message must have the role 'user' or 'tool'"
                               : "the last message must have the role 'user'");
    while (input > 0 && messages[input - 1].role != CHAT_USER)
        input--;
    if (input == 0)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "there must be a message of the role 'user'");
    body->earlier = messages;
    body->earlier_count = input - 1;
    body->later = messages + input;
    body->later_count = count - input;
    body->parts = messages[input - 1].parts;
    body->part_count = messages[input - 1].part_count;
    body_take_input(reader, messages[input - 1].text);
    return true;
}

bool body_take_messages(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    uint32_t count = document->cells[at].size, index = 0;
    struct body_calls calls = {0};
    struct chat_message *messages;

    if (document->cells[at].type != CELL_ARRAY || count == 0 || count > BODY_MESSAGES_MAX)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'messages' must be a list of 1 to 1000 messages");
    messages = ARENA_ARRAY(reader->arena, struct chat_message, count);
    for (uint32_t message = at + 1; message < document->cells[at].end;
         message = document_next(document, message))
        if (!read_message(reader, message, &calls, &messages[index++]))
            return false;
    return body_calls_answered(reader, &calls) && body_split_at_input(reader, at, messages, count);
}
