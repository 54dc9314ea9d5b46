/* Ollama's own API: the conversation. A message has one text, with images beside it; the arguments
 * of a call are an object. */
#include "provider/ollama.h"

#include "document/json_write.h"
#include "provider/wire.h"

/* Up to its content. */
static void open_message(struct buffer *body, enum chat_role role)
{
    if (body->at[body->len - 1] != '[')
        buffer_put_byte(body, ',');
    buffer_put_byte(body, '{');
    json_put_text(body, "role", text_of(chat_role_name(role)));
    json_put_name(body, "content");
}

static void begin_message(struct buffer *body, enum chat_role role, struct text content)
{
    open_message(body, role);
    json_put_string(body, content);
}

static void put_plain(struct buffer *body, enum chat_role role, struct text content)
{
    begin_message(body, role, content);
    buffer_put_byte(body, '}');
}

/* --- parts -------------------------------------------------------------------------------------
 */

/* Images come as data; of one that does not the model is told where it is. */
static struct text content_of(const struct chat_message *message, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, message->text);
    for (size_t i = 0; i < message->part_count; i++)
        if (message->parts[i].type == CHAT_IMAGE && message->parts[i].data.len == 0) {
            buffer_put(&out, out.len > 0 ? TEXT("\n[image: ") : TEXT("[image: "));
            buffer_put(&out, message->parts[i].text);
            buffer_put_byte(&out, ']');
        }
    return buffer_text(&out);
}

static void put_images(struct buffer *body, const struct chat_message *message)
{
    bool any = false;

    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (part->type != CHAT_IMAGE || part->data.len == 0)
            continue;
        buffer_put(body, any ? TEXT(",") : TEXT(",\"images\":["));
        json_put_string(body, part->data);
        any = true;
    }
    if (any)
        buffer_put_byte(body, ']');
}

/* What it thought itself; that of other providers' models is not sent. */
static void put_thinking(struct buffer *body, const struct chat_message *message,
                         struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < message->part_count; i++)
        if (message->parts[i].type == CHAT_REASONING && message->parts[i].state_of != NULL &&
            strcmp(message->parts[i].state_of, dialect_ollama.name) == 0)
            buffer_put(&out, message->parts[i].text);
    if (out.len > 0)
        json_put_text(body, "thinking", buffer_text(&out));
}

static void put_calls(struct buffer *body, const struct chat_message *message, struct arena *arena)
{
    size_t count = 0;

    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (part->type != CHAT_CALL)
            continue;
        buffer_put(body, count == 0 ? TEXT(",\"tool_calls\":[{") : TEXT(",{"));
        if (part->id.len > 0)
            json_put_text(body, "id", part->id);
        json_put_name(body, "function");
        buffer_printf(body, "{\"index\":%zu", count++);
        json_put_text(body, "name", part->name);
        json_put_name(body, "arguments");
        wire_put_arguments(body, part->text, arena);
        buffer_put(body, TEXT("}}"));
    }
    if (count > 0)
        buffer_put_byte(body, ']');
}

static void put_result(struct buffer *body, const struct chat_part *part)
{
    open_message(body, CHAT_TOOL);
    wire_put_result(body, part);
    json_put_text(body, "tool_name", part->name);
    if (part->id.len > 0)
        json_put_text(body, "tool_call_id", part->id);
    buffer_put_byte(body, '}');
}

/* --- messages ----------------------------------------------------------------------------------
 */

static void put_message(struct buffer *body, const struct chat_message *message,
                        struct arena *arena)
{
    if (message->role == CHAT_TOOL) {
        for (size_t i = 0; i < message->part_count; i++)
            if (message->parts[i].type == CHAT_RESULT)
                put_result(body, &message->parts[i]);
        return;
    }
    begin_message(body, message->role, content_of(message, arena));
    if (message->role == CHAT_USER)
        put_images(body, message);
    if (message->role == CHAT_ASSISTANT) {
        put_thinking(body, message, arena);
        put_calls(body, message, arena);
    }
    buffer_put_byte(body, '}');
}

static void put_schema(struct buffer *body, const struct chat *chat, struct arena *arena)
{
    struct buffer text = buffer_in(arena);

    wire_put_instruction(&text, chat);
    put_plain(body, CHAT_SYSTEM, buffer_text(&text));
}

void ollama_put_messages(struct buffer *body, const struct chat *chat, bool told,
                         struct arena *arena)
{
    json_put_name(body, "messages");
    buffer_put_byte(body, '[');
    if (told)
        put_schema(body, chat, arena);
    if (chat->tool_count > 0 && chat->choice == CHAT_CHOICE_REQUIRED)
        put_plain(body, CHAT_SYSTEM, TEXT("Answer by calling one of the tools."));
    if (chat->tool_count > 0 && chat->choice == CHAT_CHOICE_NAMED)
        put_plain(
            body, CHAT_SYSTEM,
            arena_printf(arena, "Answer by calling the tool %.*s.", TEXT_ARG(chat->choice_name)));
    for (size_t i = 0; i < chat->message_count; i++)
        put_message(body, &chat->messages[i], arena);
    buffer_put_byte(body, ']');
}
