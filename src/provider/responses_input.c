/* OpenAI Responses: messages as items of the input. A message of the assistant becomes as many
 * items as it has texts, calls and thoughts, in its order. */
#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/reply_json.h"
#include "provider/responses.h"
#include "provider/wire.h"

static void put_comma(struct buffer *body)
{
    if (body->at[body->len - 1] != '[')
        buffer_put_byte(body, ',');
}

/* --- reasoning that goes back
 * ------------------------------------------------------------------------ */

/* A list that has something in it. */
static uint32_t list_in(const struct document *document, uint32_t item, const char *name)
{
    uint32_t end, first = reply_items(document, item, name, &end);

    return first == CELL_NONE ? CELL_NONE : reply_member(document, item, name);
}

struct text responses_state(const struct document *document, uint32_t item, struct arena *arena)
{
    struct text sealed = reply_string(document, item, "encrypted_content");
    uint32_t summary = list_in(document, item, "summary");
    uint32_t content = list_in(document, item, "content"); /* of models with open weights */
    struct buffer out = buffer_in(arena);

    if (sealed.len == 0 && content == CELL_NONE)
        return (struct text){0};
    buffer_put_byte(&out, '{');
    json_put_text(&out, "id", reply_string(document, item, "id"));
    json_put_name(&out, "summary");
    if (summary != CELL_NONE)
        json_put_cell(&out, document, summary);
    else
        buffer_put(&out, TEXT("[]"));
    if (content != CELL_NONE) {
        json_put_name(&out, "content");
        json_put_cell(&out, document, content);
    }
    if (sealed.len > 0)
        json_put_text(&out, "encrypted_content", sealed);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

/* Only what a reasoning item can be is written: a state may have been with the caller. */
static bool put_state(struct buffer *body, struct text state, struct arena *arena)
{
    struct document document;

    if (!json_read(state, NULL, arena, &document, NULL, NULL) ||
        reply_string(&document, 0, "id").len == 0)
        return false;
    state = responses_state(&document, 0, arena);
    if (state.len == 0)
        return false;
    put_comma(body);
    buffer_put(body, TEXT("{\"type\":\"reasoning\","));
    buffer_put(body, text_after(state, 1));
    return true;
}

/* Whether the part is followed, in its message, by what it led to: alone it is refused. */
static bool is_followed(const struct chat_message *message, size_t at)
{
    while (++at < message->part_count)
        if (message->parts[at].type == CHAT_CALL ||
            (message->parts[at].type == CHAT_TEXT && message->parts[at].text.len > 0))
            return true;
    return false;
}

static void put_thought(struct buffer *body, const struct chat_message *message, size_t at,
                        struct arena *arena)
{
    const struct chat_part *part = &message->parts[at];

    if (part->state.len > 0 && part->state_of != NULL &&
        strcmp(part->state_of, dialect_responses.name) == 0 && is_followed(message, at))
        put_state(body, part->state, arena);
}

/* --- messages
 * ---------------------------------------------------------------------------------------- */

static void put_said(struct buffer *body, const char *role, struct text text)
{
    put_comma(body);
    buffer_put_byte(body, '{');
    json_put_text(body, "role", text_of(role));
    json_put_text(body, "content", text);
    buffer_put_byte(body, '}');
}

static void put_image(struct buffer *body, const struct chat_part *image)
{
    buffer_put(body, TEXT("{\"type\":\"input_image\",\"image_url\":"));
    wire_put_image_url(body, image);
    if (image->detail.len > 0)
        json_put_text(body, "detail", image->detail);
    buffer_put_byte(body, '}');
}

static bool has_images(const struct chat_message *message)
{
    for (size_t i = 0; i < message->part_count; i++)
        if (message->parts[i].type == CHAT_IMAGE)
            return true;
    return false;
}

static void put_seen(struct buffer *body, const struct chat_message *message)
{
    put_comma(body);
    buffer_put_byte(body, '{');
    json_put_text(body, "role", text_of(chat_role_name(message->role)));
    json_put_name(body, "content");
    buffer_put_byte(body, '[');
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (part->type != CHAT_IMAGE && part->type != CHAT_TEXT)
            continue;
        put_comma(body);
        if (part->type == CHAT_IMAGE) {
            put_image(body, part);
            continue;
        }
        buffer_put(body, TEXT("{\"type\":\"input_text\""));
        json_put_text(body, "text", part->text);
        buffer_put_byte(body, '}');
    }
    buffer_put(body, TEXT("]}"));
}

static void put_call(struct buffer *body, const struct chat_part *call)
{
    put_comma(body);
    buffer_put(body, TEXT("{\"type\":\"function_call\""));
    json_put_text(body, "call_id", call->id);
    json_put_text(body, "name", call->name);
    json_put_text(body, "arguments", call->text.len > 0 ? call->text : TEXT("{}"));
    buffer_put_byte(body, '}');
}

static void put_result(struct buffer *body, const struct chat_part *result)
{
    put_comma(body);
    buffer_put(body, TEXT("{\"type\":\"function_call_output\""));
    json_put_text(body, "call_id", result->id);
    json_put_name(body, "output");
    wire_put_result(body, result);
    buffer_put_byte(body, '}');
}

static void put_assistant(struct buffer *body, const struct chat_message *message,
                          struct arena *arena)
{
    if (message->parts == NULL)
        put_said(body, "assistant", message->text);
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (part->type == CHAT_TEXT && part->text.len > 0)
            put_said(body, "assistant", part->text);
        else if (part->type == CHAT_CALL)
            put_call(body, part);
        else if (part->type == CHAT_REASONING)
            put_thought(body, message, i, arena);
    }
}

static void put_message(struct buffer *body, const struct chat_message *message,
                        struct arena *arena)
{
    if (message->role == CHAT_ASSISTANT)
        put_assistant(body, message, arena);
    else if (message->role == CHAT_TOOL && message->part_count > 0)
        put_result(body, &message->parts[0]);
    else if (has_images(message))
        put_seen(body, message);
    else
        put_said(body, chat_role_name(message->role), message->text);
}

void responses_put_input(struct buffer *body, const struct chat *chat, struct text instruction,
                         struct arena *arena)
{
    size_t at = 0;

    /* There must be an input, be it the system's alone. */
    if (chat->message_count > 1 && chat->messages[0].role == CHAT_SYSTEM)
        json_put_text(body, "instructions", chat->messages[at++].text);
    json_put_name(body, "input");
    buffer_put_byte(body, '[');
    /* Not among the instructions: JSON mode wants the word in the input. */
    if (instruction.len > 0)
        put_said(body, "system", instruction);
    for (; at < chat->message_count; at++)
        put_message(body, &chat->messages[at], arena);
    buffer_put_byte(body, ']');
}
