#include "gateway/content.h"

#include "document/json_read.h"
#include "document/json_write.h"

struct writing {
    struct request *request; /* NULL: nothing of a model's is in it */
    struct buffer *out;
    struct guard *redacting; /* NULL: texts are kept as they are */
    size_t left;             /* bytes of text that may still be written */
    bool cut;
};

static void put_text(struct writing *to, const char *name, struct text text)
{
    struct text shown = text_cut(text, to->left);

    to->cut = to->cut || shown.len < text.len;
    to->left -= shown.len;
    json_put_text(to->out, name, shown);
}

static void put_word(struct writing *to, const char *name, struct text word)
{
    if (word.len > 0)
        put_text(to, name, word);
}

/* What was said. */
static void put_said(struct writing *to, const char *name, struct text text, bool json)
{
    if (to->redacting != NULL)
        guard_text(to->redacting, text, json, (struct text){0}, &text);
    put_text(to, name, text);
}

static void put_part(struct writing *to, const struct chat_part *part)
{
    static const char *const types[CHAT_PART_TYPE_COUNT] = {
        [CHAT_TEXT] = "text",     [CHAT_IMAGE] = "image",         [CHAT_CALL] = "tool_call",
        [CHAT_RESULT] = "result", [CHAT_REASONING] = "reasoning",
    };

    buffer_put_byte(to->out, '{');
    put_text(to, "type", text_of(types[part->type]));
    put_word(to, "id", part->id);
    put_word(to, "name", part->name);
    put_word(to, "media_type", part->media_type);
    if (part->type == CHAT_IMAGE)
        put_word(to, "url", part->text);
    else if (part->text.len > 0)
        put_said(to, part->type == CHAT_CALL ? "arguments" : "text", part->text,
                 part->type == CHAT_CALL);
    put_word(to, "data", part->data);
    buffer_put_byte(to->out, '}');
}

static void put_parts(struct writing *to, const struct chat_part *parts, size_t count)
{
    json_put_name(to->out, "parts");
    buffer_put_byte(to->out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(to->out, ',');
        put_part(to, &parts[i]);
    }
    buffer_put_byte(to->out, ']');
}

/* What stands behind the conversation as it was rendered is an answer that was sent back to its
 * model, and what was wrong with it. */
static struct text sent_text(const struct writing *to, const struct chat_message *message,
                             size_t index)
{
    if (to->request == NULL || index < to->request->rendered_count)
        return message->text;
    return guarding_stored(to->request, message->text, message->role == CHAT_ASSISTANT);
}

static void put_messages(struct writing *to, const struct chat *chat)
{
    json_put_name(to->out, "messages");
    buffer_put_byte(to->out, '[');
    for (size_t i = 0; i < chat->message_count; i++) {
        const struct chat_message *message = &chat->messages[i];

        if (i > 0)
            buffer_put_byte(to->out, ',');
        buffer_put_byte(to->out, '{');
        put_text(to, "role", text_of(chat_role_name(message->role)));
        if (message->parts != NULL)
            put_parts(to, message->parts, message->part_count);
        else
            put_said(to, "content", sent_text(to, message, i), false);
        buffer_put_byte(to->out, '}');
    }
    buffer_put_byte(to->out, ']');
}

void content_put_messages(const struct chat *chat, struct buffer *out)
{
    put_messages(&(struct writing){.out = out, .left = SIZE_MAX}, chat);
}

/* The attempt that was answered, or else the last one. */
static const struct attempt *telling(const struct request *request)
{
    const struct attempt *last = request->attempts;

    if (request->winner != NULL)
        return request->winner;
    while (last->next != NULL)
        last = last->next;
    return last;
}

/* Whether there is anything in it but text. */
static bool says_more(const struct chat_answer *answer)
{
    for (size_t i = 0; answer->parts != NULL && i < answer->part_count; i++)
        if (answer->parts[i].type != CHAT_TEXT)
            return true;
    return false;
}

/* A stream that broke off is kept as far as it came. What guardrails do not let out is not kept
 * either; what they restore is kept as the provider had it. */
static void put_answer(struct writing *to, const struct attempt *attempt)
{
    bool json = to->request->endpoint->output != NULL;
    const struct chat_answer *answer = &attempt->answer;
    struct text content =
        answer->content.len > 0 ? answer->content : buffer_text(&attempt->gather.content);

    json_put_name(to->out, "answer");
    buffer_put_byte(to->out, '{');
    put_said(to, "content", guarding_stored(to->request, content, json), json);
    if (answer->refusal.len > 0)
        put_said(to, "refusal", guarding_stored(to->request, answer->refusal, false), false);
    if (answer->vector_count > 0) {
        json_put_count(to->out, "vectors", answer->vector_count);
        json_put_count(to->out, "dimensions", answer->dimensions);
    }
    if (says_more(answer))
        put_parts(to, guarding_stored_parts(to->request, answer), answer->part_count);
    buffer_put_byte(to->out, '}');
}

/* As the template read it, after guardrails. One that is no JSON any more, because of what was
 * redacted or cut, is a string. */
static void put_input(struct writing *to)
{
    const struct call_body *body = &to->request->body;
    struct buffer written = buffer_in(&to->request->arena);
    struct text text, name = {0};
    struct document document;

    if (body->input == NULL)
        return;
    json_put_cell(&written, body->input, body->input_at);
    text = buffer_text(&written);
    if (to->redacting != NULL)
        guard_text(to->redacting, text, true, name, &text);
    if (text.len > INPUT_BYTES_MAX ||
        !json_read(text, NULL, &to->request->arena, &document, NULL, NULL)) {
        to->left = INPUT_BYTES_MAX;
        put_text(to, "input", text);
        return;
    }
    json_put_name(to->out, "input");
    buffer_put(to->out, text);
}

/* With the values that rules have seen in what the caller wrote. */
static void put_routing(struct writing *to)
{
    struct text routing = explain_kept(to->request, true), name = {0};

    if (routing.len == 0)
        return;
    if (to->redacting != NULL)
        guard_text(to->redacting, routing, true, name, &routing);
    json_put_name(to->out, "routing");
    buffer_put(to->out, routing);
}

struct text content_json(struct request *request)
{
    const struct attempt *attempt = telling(request);
    struct buffer out = buffer_in(&request->arena);
    struct guard_masks masks = {.arena = &request->arena};
    struct guard redacting = {
        .policy = &guard_policy_redacting, .masks = &masks, .arena = &request->arena, .keep = true};
    struct writing to = {.request = request,
                         .out = &out,
                         .redacting = request->endpoint->content.redacted ? &redacting : NULL,
                         .left = CONTENT_BYTES_MAX};

    buffer_put_byte(&out, '{');
    put_input(&to);
    put_routing(&to);
    to.left = CONTENT_BYTES_MAX;
    put_messages(&to, &attempt->chat);
    to.left = CONTENT_BYTES_MAX;
    put_answer(&to, attempt);
    if (to.cut) {
        json_put_name(&out, "cut");
        buffer_put(&out, TEXT("true"));
    }
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}
