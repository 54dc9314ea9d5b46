/* Cohere: the conversation. What the model says beside its calls is a plan and no content; empty
 * messages are refused. */
#include "document/json_write.h"
#include "provider/cohere.h"
#include "provider/wire.h"

struct writing {
    struct buffer *body;
    bool said; /* somebody but the system */
};

static void begin_message(const struct writing *it, enum chat_role role)
{
    buffer_put(it->body, it->body->at[it->body->len - 1] != '[' ? TEXT(",") : TEXT(""));
    buffer_put(it->body, TEXT("{\"role\":"));
    json_put_string(it->body, text_of(chat_role_name(role)));
}

static void put_plain(struct writing *it, enum chat_role role, struct text text)
{
    if (text.len == 0)
        return;
    begin_message(it, role);
    json_put_text(it->body, "content", text);
    buffer_put_byte(it->body, '}');
    it->said |= role != CHAT_SYSTEM;
}

/* --- parts -------------------------------------------------------------------------------------
 */

static void begin_part(const struct writing *it)
{
    buffer_put(it->body, it->body->at[it->body->len - 1] != '[' ? TEXT(",") : TEXT(""));
}

static void put_text(const struct writing *it, struct text text)
{
    if (text.len == 0)
        return;
    begin_part(it);
    buffer_put(it->body, TEXT("{\"type\":\"text\",\"text\":"));
    json_put_string(it->body, text);
    buffer_put_byte(it->body, '}');
}

static void put_image(const struct writing *it, const struct chat_part *part)
{
    begin_part(it);
    buffer_put(it->body, TEXT("{\"type\":\"image_url\",\"image_url\":{\"url\":"));
    wire_put_image_url(it->body, part);
    if (part->detail.len > 0)
        json_put_text(it->body, "detail", part->detail);
    buffer_put(it->body, TEXT("}}"));
}

/* Only its own thoughts go back to a model. */
static bool is_own_thought(const struct chat_part *part)
{
    return part->type == CHAT_REASONING && part->text.len > 0 && part->state_of != NULL &&
           strcmp(part->state_of, dialect_cohere.name) == 0;
}

static void put_thought(const struct writing *it, const struct chat_part *part)
{
    begin_part(it);
    buffer_put(it->body, TEXT("{\"type\":\"thinking\",\"thinking\":"));
    json_put_string(it->body, part->text);
    buffer_put_byte(it->body, '}');
}

/* --- user --------------------------------------------------------------------------------------
 */

static void put_user(struct writing *it, const struct chat_message *message)
{
    size_t before = it->body->len, start;

    begin_message(it, CHAT_USER);
    buffer_put(it->body, TEXT(",\"content\":["));
    start = it->body->len;
    for (size_t i = 0; i < message->part_count; i++) {
        if (message->parts[i].type == CHAT_TEXT)
            put_text(it, message->parts[i].text);
        else if (message->parts[i].type == CHAT_IMAGE)
            put_image(it, &message->parts[i]);
    }
    if (it->body->len == start) {
        it->body->len = before;
        return;
    }
    buffer_put(it->body, TEXT("]}"));
    it->said = true;
}

/* --- assistant ---------------------------------------------------------------------------------
 */

static bool calls(const struct chat_message *message)
{
    for (size_t i = 0; i < message->part_count; i++)
        if (message->parts[i].type == CHAT_CALL)
            return true;
    return false;
}

/* An id must be there. */
static void put_id(const struct writing *it, const char *name, struct text id)
{
    json_put_text(it->body, name, id.len > 0 ? id : TEXT("call"));
}

static void put_calls(const struct writing *it, const struct chat_message *message)
{
    json_put_name(it->body, "tool_calls");
    buffer_put_byte(it->body, '[');
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (part->type != CHAT_CALL)
            continue;
        begin_part(it);
        buffer_put_byte(it->body, '{');
        put_id(it, "id", part->id);
        buffer_put(it->body, TEXT(",\"type\":\"function\",\"function\":{\"name\":"));
        json_put_string(it->body, part->name);
        json_put_text(it->body, "arguments",
                      text_trim(part->text).len > 0 ? part->text : TEXT("{}"));
        buffer_put(it->body, TEXT("}}"));
    }
    buffer_put_byte(it->body, ']');
}

/* Adds the member `content`, unless there is nothing in it. */
static void put_content(const struct writing *it, const struct chat_message *message, bool texts)
{
    size_t before = it->body->len, start;

    buffer_put(it->body, TEXT(",\"content\":["));
    start = it->body->len;
    for (size_t i = 0; i < message->part_count; i++) {
        if (is_own_thought(&message->parts[i]))
            put_thought(it, &message->parts[i]);
        else if (message->parts[i].type == CHAT_TEXT && texts)
            put_text(it, message->parts[i].text);
    }
    if (it->body->len == start)
        it->body->len = before;
    else
        buffer_put_byte(it->body, ']');
}

static void put_assistant(struct writing *it, const struct chat_message *message)
{
    size_t before = it->body->len, start;
    bool calling = calls(message);

    begin_message(it, CHAT_ASSISTANT);
    start = it->body->len;
    put_content(it, message, !calling);
    if (calling && message->text.len > 0)
        json_put_text(it->body, "tool_plan", message->text);
    if (calling)
        put_calls(it, message);
    if (it->body->len == start) {
        it->body->len = before;
        return;
    }
    buffer_put_byte(it->body, '}');
    it->said = true;
}

/* --- tools -------------------------------------------------------------------------------------
 */

static void put_results(struct writing *it, const struct chat_message *message)
{
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (part->type != CHAT_RESULT)
            continue;
        begin_message(it, CHAT_TOOL);
        put_id(it, "tool_call_id", part->id);
        json_put_name(it->body, "content");
        wire_put_result(it->body, part);
        buffer_put_byte(it->body, '}');
        it->said = true;
    }
}

/* --- all of it ---------------------------------------------------------------------------------
 */

/* What cannot be said otherwise. */
static void put_instructions(struct writing *it, const struct chat *chat,
                             const struct cohere_plan *plan, struct arena *arena)
{
    struct buffer text = buffer_in(arena);

    if (plan->output == COHERE_JSON || plan->output == COHERE_TOLD) {
        wire_put_instruction(&text, chat);
        put_plain(it, CHAT_SYSTEM, buffer_text(&text));
    }
    if (plan->tools && chat->one_call && chat->choice != CHAT_CHOICE_NONE)
        put_plain(it, CHAT_SYSTEM, TEXT("Call at most one tool at a time."));
}

void cohere_put_messages(struct buffer *body, const struct chat *chat,
                         const struct cohere_plan *plan, struct arena *arena)
{
    struct writing it = {.body = body};

    json_put_name(body, "messages");
    buffer_put_byte(body, '[');
    put_instructions(&it, chat, plan, arena);
    for (size_t i = 0; i < chat->message_count; i++) {
        const struct chat_message *message = &chat->messages[i];

        if (message->role == CHAT_TOOL)
            put_results(&it, message);
        else if (message->parts == NULL || message->role == CHAT_SYSTEM)
            put_plain(&it, message->role, message->text);
        else if (message->role == CHAT_ASSISTANT)
            put_assistant(&it, message);
        else
            put_user(&it, message);
    }
    if (!it.said)
        put_plain(&it, CHAT_USER, TEXT("Begin."));
    buffer_put_byte(body, ']');
}
