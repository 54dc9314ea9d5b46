/* Anthropic Messages: the conversation. The API has one place for the system's words, wants users
 * and assistants to take turns, beginning and (but for older models) ending with the user, the
 * results of tools in the one message behind their calls and first in it, and no empty text. */
#include "provider/anthropic.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/turn.h"
#include "provider/wire.h"

/* --- system ------------------------------------------------------------------------------------
 */

/* What cannot be said otherwise to this model. */
static void add_instructions(struct buffer *system, const struct chat *chat,
                             const struct anthropic_plan *plan)
{
    if (plan->output == OUTPUT_TOLD) {
        if (system->len > 0)
            buffer_put(system, TEXT("\n\n"));
        wire_put_instruction(system, chat);
    }
    if (plan->model->forced || chat->tool_count == 0)
        return;
    if (chat->choice == CHAT_CHOICE_REQUIRED)
        turn_put_paragraph(system, TEXT("Answer by calling one of the tools."));
    if (chat->choice == CHAT_CHOICE_NAMED) {
        turn_put_paragraph(system, TEXT("Answer by calling the tool "));
        buffer_put(system, chat->choice_name);
        buffer_put_byte(system, '.');
    }
}

void anthropic_put_system(struct buffer *body, const struct chat *chat,
                          const struct anthropic_plan *plan, struct arena *arena)
{
    struct buffer system = buffer_in(arena);

    turn_put_system(&system, chat);
    add_instructions(&system, chat, plan);
    if (system.len == 0)
        return;
    json_put_text(body, "system", buffer_text(&system));
}

/* --- blocks ------------------------------------------------------------------------------------
 */

static void begin_block(struct buffer *body, const char *type)
{
    if (body->at[body->len - 1] != '[')
        buffer_put_byte(body, ',');
    buffer_put(body, TEXT("{\"type\":"));
    json_put_string(body, text_of(type));
}

static void put_text(struct buffer *body, struct text text)
{
    if (text_trim(text).len == 0)
        return;
    begin_block(body, "text");
    json_put_text(body, "text", text);
    buffer_put_byte(body, '}');
}

static void put_image(struct buffer *body, const struct chat_part *part)
{
    begin_block(body, "image");
    if (part->data.len > 0) {
        buffer_put(body, TEXT(",\"source\":{\"type\":\"base64\""));
        json_put_text(body, "media_type", part->media_type);
        json_put_text(body, "data", part->data);
    } else {
        buffer_put(body, TEXT(",\"source\":{\"type\":\"url\""));
        json_put_text(body, "url", part->text);
    }
    buffer_put(body, TEXT("}}"));
}

/* Ids of other providers' calls may hold what is refused here. The same id becomes the same again,
 * and another one another. */
static void put_id(struct buffer *body, const char *name, struct text id)
{
    json_put_name(body, name);
    buffer_put_byte(body, '"');
    for (size_t i = 0; i < id.len; i++) {
        unsigned char byte = (unsigned char)id.at[i];

        if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
            (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '-')
            buffer_put_byte(body, id.at[i]);
        else
            buffer_printf(body, "_%02x", byte);
    }
    if (id.len == 0)
        buffer_put(body, TEXT("call"));
    buffer_put_byte(body, '"');
}

static void put_call(struct buffer *body, const struct chat_part *part, struct arena *arena)
{
    begin_block(body, "tool_use");
    put_id(body, "id", part->id);
    json_put_text(body, "name", part->name);
    json_put_name(body, "input");
    wire_put_arguments(body, part->text, arena);
    buffer_put_byte(body, '}');
}

static void put_result(struct buffer *body, const struct chat_part *part)
{
    begin_block(body, "tool_result");
    put_id(body, "tool_use_id", part->id);
    if (part->text.len > 0)
        json_put_text(body, "content", part->text);
    if (part->failed)
        buffer_put(body, TEXT(",\"is_error\":true"));
    buffer_put_byte(body, '}');
}

/* Thinking is sent back with its signature, or not at all. The state may have been with a client in
 * between, so it is read like anything foreign. */
static void put_reasoning(struct buffer *body, const struct chat_part *part, struct arena *arena)
{
    struct document state;
    uint32_t signature, data;

    if (part->state_of == NULL || strcmp(part->state_of, dialect_anthropic.name) != 0 ||
        !json_read(part->state, NULL, arena, &state, NULL, NULL))
        return;
    signature = document_member(&state, 0, TEXT("signature"));
    data = document_member(&state, 0, TEXT("data"));
    if (signature != CELL_NONE && document_cell(&state, signature)->type == CELL_STRING) {
        begin_block(body, "thinking");
        json_put_text(body, "thinking", part->text);
        json_put_text(body, "signature", document_text(&state, signature));
        buffer_put_byte(body, '}');
    } else if (data != CELL_NONE && document_cell(&state, data)->type == CELL_STRING) {
        begin_block(body, "redacted_thinking");
        json_put_text(body, "data", document_text(&state, data));
        buffer_put_byte(body, '}');
    }
}

static void put_part(struct buffer *body, enum chat_role role, const struct chat_part *part,
                     struct arena *arena)
{
    bool assistant = role == CHAT_ASSISTANT;

    if (part->type == CHAT_TEXT)
        put_text(body, part->text);
    else if (part->type == CHAT_IMAGE && !assistant)
        put_image(body, part);
    else if (part->type == CHAT_CALL && assistant)
        put_call(body, part, arena);
    else if (part->type == CHAT_REASONING && assistant)
        put_reasoning(body, part, arena);
}

/* --- turns -------------------------------------------------------------------------------------
 */

static void put_blocks(struct buffer *body, const struct turn *turn, struct arena *arena)
{
    for (size_t i = 0; i < turn->count && !turn->assistant; i++)
        for (size_t at = 0; at < turn->messages[i].part_count; at++)
            if (turn->messages[i].parts[at].type == CHAT_RESULT)
                put_result(body, &turn->messages[i].parts[at]);
    for (size_t i = 0; i < turn->count; i++) {
        const struct chat_message *message = &turn->messages[i];

        if (message->role == CHAT_SYSTEM)
            continue;
        if (message->parts == NULL)
            put_text(body, message->text);
        for (size_t at = 0; at < message->part_count; at++)
            put_part(body, message->role, &message->parts[at], arena);
    }
}

static void begin_message(struct buffer *body, bool assistant)
{
    if (body->at[body->len - 1] != '[')
        buffer_put_byte(body, ',');
    buffer_put(body, assistant ? TEXT("{\"role\":\"assistant\",\"content\":")
                               : TEXT("{\"role\":\"user\",\"content\":"));
}

static void put_plain(struct buffer *body, bool assistant, struct text text)
{
    begin_message(body, assistant);
    json_put_string(body, text);
    buffer_put_byte(body, '}');
}

/* False when there is nothing in it, and nothing was written. */
static bool put_turn(struct buffer *body, const struct turn *turn, struct arena *arena)
{
    size_t before = body->len;

    if (turn->count == 1 && turn->messages->parts == NULL) {
        if (text_trim(turn->messages->text).len > 0)
            put_plain(body, turn->assistant, turn->messages->text);
        return body->len > before;
    }
    begin_message(body, turn->assistant);
    buffer_put_byte(body, '[');
    put_blocks(body, turn, arena);
    if (body->at[body->len - 1] == '[') {
        body->len = before;
        return false;
    }
    buffer_put(body, TEXT("]}"));
    return true;
}

/* Whether the model can go on with a text that ends the conversation: one that does not end in
 * white space, which is refused. */
static bool continues(const struct chat *chat, const struct anthropic_plan *plan)
{
    const struct chat_message *last = &chat->messages[chat->message_count - 1];
    bool thinks = plan->budget > 0 || plan->effort != NULL;

    return plan->model->prefill && !thinks && last->parts == NULL && last->text.len > 0 &&
           text_trim(text_after(last->text, last->text.len - 1)).len == 1 &&
           (plan->output == OUTPUT_FREE || plan->output == OUTPUT_TOLD);
}

void anthropic_put_messages(struct buffer *body, const struct chat *chat,
                            const struct anthropic_plan *plan, struct arena *arena)
{
    bool any = false, assistant = false;

    json_put_name(body, "messages");
    buffer_put_byte(body, '[');
    for (size_t at = 0; at < chat->message_count;) {
        struct turn turn = {.count = 1};

        if (chat->messages[at].role != CHAT_SYSTEM) {
            turn = turn_at(chat, at);
            if (!any && turn.assistant)
                put_plain(body, false, TEXT("Begin."));
            if (put_turn(body, &turn, arena))
                any = true, assistant = turn.assistant;
        }
        at += turn.count;
    }
    if (!any || (assistant && !continues(chat, plan)))
        put_plain(body, false, TEXT("Go on."));
    buffer_put_byte(body, ']');
}
