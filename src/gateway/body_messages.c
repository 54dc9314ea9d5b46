/* Messages: one string, or a conversation whose last message is the input. */
#include "gateway/body_reader.h"

#include "base/buffer.h"
#include "document/json_read.h"

enum { MESSAGES_MAX = 1000 };

static const struct document *document_of_text(struct arena *arena, struct text text)
{
    struct document *document = ARENA_NEW(arena, struct document);
    struct cell *cell = ARENA_NEW(arena, struct cell);

    *cell = (struct cell){.type = CELL_STRING, .size = (uint32_t)text.len, .text = text.at};
    *document = (struct document){.cells = cell, .count = 1, .source = text};
    return document;
}

/* A message is JSON when it is JSON, else a string; only where a schema says what is expected. */
static void input_of_message(struct body_reader *reader, struct text message)
{
    struct call_body *body = reader->body;
    struct document *parsed = ARENA_NEW(reader->arena, struct document);
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX};

    body->caller_text = message;
    body->input = document_of_text(reader->arena, message);
    body->input_at = 0;
    if (reader->endpoint->input != NULL &&
        json_read(message, &limits, reader->arena, parsed, NULL, NULL)) {
        body->input_as_text = body->input;
        body->input = parsed;
    }
}

/* A content is a string, or a list of text parts that are joined. */
static bool read_content(struct body_reader *reader, uint32_t at, struct text *out)
{
    const struct document *document = &reader->body->document;
    struct buffer joined = buffer_in(reader->arena);

    if (document->cells[at].type == CELL_STRING) {
        *out = document_text(document, at);
        return true;
    }
    if (document->cells[at].type != CELL_ARRAY)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'content' must be a string or a list of text parts");
    for (uint32_t part = at + 1; part < document->cells[at].end;
         part = document_next(document, part)) {
        uint32_t type = document_member(document, part, TEXT("type"));
        uint32_t text = document_member(document, part, TEXT("text"));

        if (type == CELL_NONE || document->cells[type].type != CELL_STRING ||
            !text_equal(document_text(document, type), TEXT("text")) || text == CELL_NONE ||
            document->cells[text].type != CELL_STRING)
            return body_refuse(
                reader, part, ERROR_INVALID_REQUEST,
                "only parts of the form {\"type\": \"text\", \"text\": \"...\"} are taken");
        buffer_put(&joined, document_text(document, text));
    }
    *out = buffer_text(&joined);
    return true;
}

static bool check_members(struct body_reader *reader, uint32_t at, uint32_t role, uint32_t content)
{
    const struct document *document = &reader->body->document;

    for (uint32_t key = at + 1; key < document->cells[at].end;
         key = document_next(document, key + 1))
        if (key + 1 != role && key + 1 != content &&
            !text_equal(document_text(document, key), TEXT("name")))
            return body_refuse(reader, key, ERROR_UNKNOWN_FIELD,
                               "a message has 'role', 'content' and optionally 'name'");
    if (role == CELL_NONE || document->cells[role].type != CELL_STRING)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a message needs a 'role'");
    if (content == CELL_NONE)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a message needs a 'content'");
    return true;
}

static bool read_message(struct body_reader *reader, uint32_t at, struct chat_message *out)
{
    const struct document *document = &reader->body->document;
    uint32_t role = document_member(document, at, TEXT("role"));
    uint32_t content = document_member(document, at, TEXT("content"));
    struct text name;

    if (document->cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "a message must be an object with 'role' and 'content'");
    if (!check_members(reader, at, role, content))
        return false;
    name = document_text(document, role);
    if (text_equal(name, TEXT("developer")))
        name = TEXT("system");
    if (!chat_role_parse(name, &out->role) || out->role == CHAT_TOOL ||
        (out->role == CHAT_SYSTEM && !reader->endpoint->allow_system))
        return body_refuse(reader, role, ERROR_ROLE_NOT_ALLOWED,
                           reader->endpoint->allow_system
                               ? "this endpoint takes messages of the roles 'system', "
                                 "'developer', 'user' and 'assistant' only"
                               : "this endpoint takes messages of the roles 'user' and "
                                 "'assistant' only");
    return read_content(reader, content, &out->text);
}

bool body_take_message(struct body_reader *reader, uint32_t at)
{
    if (reader->body->document.cells[at].type != CELL_STRING)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'message' must be a string");
    input_of_message(reader, document_text(&reader->body->document, at));
    return true;
}

bool body_take_messages(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    uint32_t count = document->cells[at].size, index = 0;
    struct chat_message *messages;

    if (document->cells[at].type != CELL_ARRAY || count == 0 || count > MESSAGES_MAX)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'messages' must be a list of 1 to 1000 messages");
    messages = ARENA_ARRAY(reader->arena, struct chat_message, count);
    for (uint32_t message = at + 1; message < document->cells[at].end;
         message = document_next(document, message))
        if (!read_message(reader, message, &messages[index++]))
            return false;
    if (messages[count - 1].role != CHAT_USER)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "the last message must have the role 'user'");
    reader->body->earlier = messages;
    reader->body->earlier_count = count - 1;
    input_of_message(reader, messages[count - 1].text);
    return true;
}
