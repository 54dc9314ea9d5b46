/* OpenAI Chat Completions: what requests are made of. */
#include "document/json_write.h"
#include "provider/openai.h"
#include "provider/wire.h"
#include "schema/lower.h"

static void put_comma(struct buffer *body)
{
    if (body->at[body->len - 1] != '[')
        buffer_put_byte(body, ',');
}

/* --- messages
 * ---------------------------------------------------------------------------------------- */

struct text openai_instruction(const struct chat *chat, struct arena *arena)
{
    struct buffer text = buffer_in(arena);

    wire_put_instruction(&text, chat);
    return buffer_text(&text);
}

static size_t count_parts(const struct chat_message *message, enum chat_part_type type)
{
    size_t count = 0;

    for (size_t i = 0; i < message->part_count; i++)
        count += message->parts[i].type == type;
    return count;
}

size_t openai_call_count(const struct chat_message *message)
{
    return count_parts(message, CHAT_CALL);
}

static void put_image(struct buffer *body, const struct chat_part *image)
{
    buffer_put(body, TEXT("{\"type\":\"image_url\",\"image_url\":{\"url\":"));
    wire_put_image_url(body, image);
    if (image->detail.len > 0)
        json_put_text(body, "detail", image->detail);
    buffer_put(body, TEXT("}}"));
}

/* A list of parts only where it is needed: not every host takes one. */
void openai_put_content(struct buffer *body, const struct chat_message *message)
{
    if (count_parts(message, CHAT_IMAGE) == 0) {
        json_put_string(body, message->text);
        return;
    }
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
        buffer_put(body, TEXT("{\"type\":\"text\""));
        json_put_text(body, "text", part->text);
        buffer_put_byte(body, '}');
    }
    buffer_put_byte(body, ']');
}

void openai_put_calls(struct buffer *body, const struct chat_message *message)
{
    json_put_name(body, "tool_calls");
    buffer_put_byte(body, '[');
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *call = &message->parts[i];

        if (call->type != CHAT_CALL)
            continue;
        put_comma(body);
        buffer_put_byte(body, '{');
        json_put_text(body, "id", call->id);
        buffer_put(body, TEXT(",\"type\":\"function\",\"function\":{"));
        json_put_text(body, "name", call->name);
        json_put_text(body, "arguments", call->text.len > 0 ? call->text : TEXT("{}"));
        buffer_put(body, TEXT("}}"));
    }
    buffer_put_byte(body, ']');
}

static bool is_ours(const struct chat_part *part)
{
    return part->state_of == NULL || strcmp(part->state_of, dialect_openai.name) == 0;
}

/* Empty where nothing is known of them: once there were calls the member must be there. */
static void put_thoughts(struct buffer *body, const struct chat_message *message, const char *name)
{
    json_put_name(body, name);
    buffer_put_byte(body, '"');
    for (size_t i = 0; i < message->part_count; i++)
        if (message->parts[i].type == CHAT_REASONING && is_ours(&message->parts[i]))
            json_put_escaped(body, message->parts[i].text);
    buffer_put_byte(body, '"');
}

/* The states of a message are pieces of one list, as the host wrote it. */
static void put_details(struct buffer *body, const struct chat_message *message, const char *name)
{
    bool first = true;

    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (!is_ours(part) || part->state.len <= 2 || part->state.at[0] != '[')
            continue;
        if (first)
            json_put_name(body, name);
        buffer_put_byte(body, first ? '[' : ',');
        buffer_put(body, (struct text){part->state.at + 1, part->state.len - 2});
        first = false;
    }
    if (!first)
        buffer_put_byte(body, ']');
}

static void put_assistant(struct buffer *body, const struct chat_message *message,
                          const char *thoughts)
{
    bool calls = openai_call_count(message) > 0;

    json_put_name(body, "content");
    if (calls && message->text.len == 0)
        buffer_put(body, TEXT("null"));
    else
        json_put_string(body, message->text);
    if (thoughts != NULL && strcmp(thoughts, "reasoning_details") == 0)
        put_details(body, message, thoughts);
    else if (thoughts != NULL)
        put_thoughts(body, message, thoughts);
    if (calls)
        openai_put_calls(body, message);
}

static void put_message(struct buffer *body, const struct chat_message *message,
                        const char *thoughts)
{
    put_comma(body);
    buffer_put_byte(body, '{');
    json_put_text(body, "role", text_of(chat_role_name(message->role)));
    if (message->role == CHAT_ASSISTANT) {
        put_assistant(body, message, thoughts);
    } else if (message->role == CHAT_TOOL && message->part_count > 0) {
        json_put_text(body, "tool_call_id", message->parts[0].id);
        json_put_name(body, "content");
        wire_put_result(body, &message->parts[0]);
    } else {
        json_put_name(body, "content");
        openai_put_content(body, message);
    }
    buffer_put_byte(body, '}');
}

/* Into the system message that is there: not every model takes a second one. */
static void put_instructed(struct buffer *body, const struct chat_message *system,
                           struct text instruction)
{
    put_comma(body);
    buffer_put(body, TEXT("{\"role\":\"system\",\"content\":\""));
    if (system != NULL) {
        json_put_escaped(body, system->text);
        buffer_put(body, TEXT("\\n\\n"));
    }
    json_put_escaped(body, instruction);
    buffer_put(body, TEXT("\"}"));
}

void openai_put_messages(struct buffer *body, const struct chat *chat, const char *thoughts,
                         struct text instruction)
{
    const struct chat_message *messages = chat->messages;
    size_t at = 0, calls = 0;

    for (size_t i = 0; i < chat->message_count; i++)
        calls += openai_call_count(&messages[i]);
    json_put_name(body, "messages");
    buffer_put_byte(body, '[');
    if (instruction.len > 0) {
        at = chat->message_count > 0 && messages[0].role == CHAT_SYSTEM ? 1 : 0;
        put_instructed(body, at == 1 ? messages : NULL, instruction);
    }
    for (; at < chat->message_count; at++)
        put_message(body, &messages[at], calls > 0 ? thoughts : NULL);
    buffer_put_byte(body, ']');
}

/* --- tools
 * ------------------------------------------------------------------------------------------- */

static bool takes_strict(const struct chat_tool *tool, const char *strict)
{
    const struct lower_dialect *dialect = strict ? lower_dialect_find(text_of(strict)) : NULL;

    return tool->strict && tool->parameters != NULL && dialect != NULL &&
           lower_dialect_takes(dialect, tool->parameters, tool->parameters_at, NULL);
}

static void put_choice(struct buffer *body, const struct chat *chat, const char *required)
{
    switch (chat->choice) {
    case CHAT_CHOICE_UNSAID:
        return;
    case CHAT_CHOICE_NAMED:
        buffer_put(body, TEXT(",\"tool_choice\":{\"type\":\"function\",\"function\":{"));
        json_put_text(body, "name", chat->choice_name);
        buffer_put(body, TEXT("}}"));
        return;
    case CHAT_CHOICE_AUTO:
        json_put_text(body, "tool_choice", TEXT("auto"));
        return;
    case CHAT_CHOICE_NONE:
        json_put_text(body, "tool_choice", TEXT("none"));
        return;
    case CHAT_CHOICE_REQUIRED:
        json_put_text(body, "tool_choice", text_of(required));
        return;
    }
}

void openai_put_tools(struct buffer *body, const struct chat *chat, const char *strict,
                      const char *required)
{
    if (chat->tool_count == 0)
        return; /* a choice among none is refused */
    json_put_name(body, "tools");
    buffer_put_byte(body, '[');
    for (size_t i = 0; i < chat->tool_count; i++) {
        put_comma(body);
        wire_put_function(body, &chat->tools[i], takes_strict(&chat->tools[i], strict));
    }
    buffer_put_byte(body, ']');
    put_choice(body, chat, required);
}

/* --- the rest
 * ---------------------------------------------------------------------------------------- */

void openai_put_schema(struct buffer *body, const struct chat *chat)
{
    json_put_name(body, "response_format");
    buffer_put(body, TEXT("{\"type\":\"json_schema\",\"json_schema\":{\"name\":"));
    json_put_string(body, chat->output_name);
    /* What is not strict is a hint, and the answer is validated here in any case. */
    if (chat->output_strict.len > 0) {
        buffer_put(body, TEXT(",\"strict\":true,\"schema\":"));
        buffer_put(body, chat->output_strict);
    } else {
        buffer_put(body, TEXT(",\"strict\":false,\"schema\":"));
        json_put_cell(body, chat->output_schema, chat->output_schema_at);
    }
    buffer_put(body, TEXT("}}"));
}
