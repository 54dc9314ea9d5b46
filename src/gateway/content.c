/* What was said in a request, as one object. What a caller or a model has said goes through
 * guardrails on its way here, as it does on its way to the other. */
#include "gateway/content_writing.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/stages.h"

void content_put_text(struct writing *to, const char *name, struct text text)
{
    struct text shown = text_cut(text, to->left);

    to->cut = to->cut || shown.len < text.len;
    to->left -= shown.len;
    json_put_text(to->out, name, shown);
}

static void put_word(struct writing *to, const char *name, struct text word)
{
    if (word.len > 0)
        content_put_text(to, name, word);
}

/* What was said. */
static void put_said(struct writing *to, const char *name, struct text text)
{
    content_put_text(to, name, content_look_through(to, text, false));
}

static void put_part(struct writing *to, const struct chat_part *part)
{
    static const char *const types[CHAT_PART_TYPE_COUNT] = {
        [CHAT_TEXT] = "text",     [CHAT_IMAGE] = "image",         [CHAT_CALL] = "tool_call",
        [CHAT_RESULT] = "result", [CHAT_REASONING] = "reasoning",
    };

    buffer_put_byte(to->out, '{');
    content_put_text(to, "type", text_of(types[part->type]));
    put_word(to, "id", part->id);
    put_word(to, "name", part->name);
    put_word(to, "media_type", part->media_type);
    if (part->type == CHAT_IMAGE)
        put_word(to, "url", part->text);
    else if (part->text.len > 0)
        put_said(to, part->type == CHAT_CALL ? "arguments" : "text", part->text);
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
        content_put_text(to, "role", text_of(chat_role_name(message->role)));
        if (message->parts != NULL)
            put_parts(to, message->parts, message->part_count);
        else
            put_said(to, "content", sent_text(to, message, i));
        buffer_put_byte(to->out, '}');
    }
    buffer_put_byte(to->out, ']');
}

void content_put_messages(const struct chat *chat, struct buffer *out)
{
    put_messages(&(struct writing){.out = out, .left = SIZE_MAX}, chat);
}

/* The attempt that was answered, or else the last one; NULL: there was none. */
static const struct attempt *telling(const struct request *request)
{
    const struct attempt *last = request->attempts;

    if (request->winner != NULL)
        return request->winner;
    while (last != NULL && last->next != NULL)
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

/* What guardrails do not let out is not kept; what they restore is kept as the provider had it. */
static void put_answer(struct writing *to, const struct chat_answer *answer, struct text content)
{
    bool json = to->request->endpoint->output != NULL;

    json_put_name(to->out, "answer");
    buffer_put_byte(to->out, '{');
    put_said(to, "content", guarding_stored(to->request, content, json));
    if (answer->refusal.len > 0)
        put_said(to, "refusal", guarding_stored(to->request, answer->refusal, false));
    if (answer->vector_count > 0) {
        json_put_count(to->out, "vectors", answer->vector_count);
        json_put_count(to->out, "dimensions", answer->dimensions);
    }
    if (says_more(answer))
        put_parts(to, guarding_stored_parts(to->request, answer), answer->part_count);
    buffer_put_byte(to->out, '}');
}

/* A stream that broke off is kept as far as it came. */
static void put_answer_of(struct writing *to, const struct attempt *attempt)
{
    const struct chat_answer *answer = &attempt->answer;

    put_answer(to, answer,
               answer->content.len > 0 ? answer->content : buffer_text(&attempt->gather.content));
}

/* A number or a string by itself is JSON, too. */
static struct text input_text(struct writing *to, struct text text)
{
    if (to->redacting != NULL && !content_begins_json(text))
        guard_text(to->redacting, text, true, (struct text){0}, &text);
    return content_look_through(to, text, false);
}

/* As the template read it, after guardrails. One that is no JSON any more, because of what was
 * redacted or cut, is a string. */
static void put_input(struct writing *to)
{
    const struct call_body *body = &to->request->body;
    struct buffer written = buffer_in(&to->request->arena);
    struct document document;
    struct text text;

    if (body->input == NULL)
        return;
    json_put_cell(&written, body->input, body->input_at);
    text = input_text(to, buffer_text(&written));
    if (text.len > INPUT_BYTES_MAX ||
        !json_read(text, NULL, &to->request->arena, &document, NULL, NULL)) {
        to->left = INPUT_BYTES_MAX;
        content_put_text(to, "input", text);
        return;
    }
    json_put_name(to->out, "input");
    buffer_put(to->out, text);
}

/* With the values that rules have seen in what the caller wrote. */
static void put_routing(struct writing *to)
{
    struct text routing = explain_kept(to->request, true);

    if (routing.len == 0)
        return;
    json_put_name(to->out, "routing");
    buffer_put(to->out, content_look_through(to, routing, false));
}

/* Where in the input or the answer what was wrong is, for each violation of the row: its names may
 * be the caller's or the model's. */
static void put_violations(struct writing *to)
{
    const struct violations *violations = to->request->violations;

    if (violations == NULL || violations->listed == 0)
        return;
    json_put_name(to->out, "violations");
    for (size_t i = 0; i < violations->listed && i < CONTENT_VIOLATIONS_MAX; i++) {
        buffer_put_byte(to->out, i == 0 ? '[' : ',');
        buffer_put_byte(to->out, '{');
        put_said(to, "instance_path", violations->items[i].instance_path);
        put_said(to, "message", violations->items[i].message);
        buffer_put_byte(to->out, '}');
    }
    buffer_put_byte(to->out, ']');
}

/* What was asked and answered without a provider: nothing yet, or by the cache. */
static void put_unsent(struct writing *to)
{
    struct request *request = to->request;

    if (request->times.stage_began_us[STAGE_CACHE] > 0)
        put_messages(to, &request->chat);
    to->left = CONTENT_BYTES_MAX;
    if (request->share.known)
        put_answer(to, guarding_given(request), guarding_given(request)->content);
}

static void put_all(struct writing *to)
{
    const struct attempt *attempt = telling(to->request);

    put_input(to);
    put_violations(to);
    put_routing(to);
    to->left = CONTENT_BYTES_MAX;
    if (attempt == NULL) {
        put_unsent(to);
        return;
    }
    put_messages(to, &attempt->chat);
    to->left = CONTENT_BYTES_MAX;
    put_answer_of(to, attempt);
    content_put_exchanges(to);
}

bool content_is_kept(const struct request *request)
{
    return request->endpoint != NULL && request->endpoint->content.kept &&
           request->times.stage_began_us[STAGE_CHECK_INPUT] > 0;
}

struct text content_json(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);
    struct guard_masks masks = {.arena = &request->arena};
    struct guard redacting = {
        .policy = &guard_policy_redacting, .masks = &masks, .arena = &request->arena, .keep = true};
    struct writing to = {.request = request,
                         .out = &out,
                         .redacting = request->endpoint->content.redacted ? &redacting : NULL,
                         .left = CONTENT_BYTES_MAX};

    buffer_put_byte(&out, '{');
    put_all(&to);
    if (to.cut) {
        json_put_name(&out, "cut");
        buffer_put(&out, TEXT("true"));
    }
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}
