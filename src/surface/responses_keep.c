/* What is kept of a call and its answer. The input is written anew from what the model was told, so
 * that what guardrails took out of it stays out; of an endpoint's prompt nothing is among it. */
#include "surface/responses.h"

#include "document/json_write.h"

#include <stdio.h>

struct listing {
    const struct call_body *body;
    struct buffer *out;
    uint32_t place;
};

static void open_item(struct listing *it, const char *prefix, const char *type)
{
    char place[16];

    snprintf(place, sizeof place, "in%u", it->place);
    if (it->place++ > 0)
        buffer_put_byte(it->out, ',');
    buffer_put(it->out, TEXT("{\"id\":\""));
    buffer_put(it->out, text_of(prefix));
    buffer_put_byte(it->out, '_');
    buffer_put(it->out, text_after(it->body->reply_id, strlen(RESPONSES_PREFIX)));
    buffer_put_byte(it->out, '_');
    buffer_put(it->out, text_of(place));
    buffer_put_byte(it->out, '"');
    json_put_text(it->out, "type", text_of(type));
    buffer_put(it->out, TEXT(",\"status\":\"completed\""));
}

static void put_image(const struct chat_part *image, struct buffer *out)
{
    buffer_put(out, TEXT("{\"type\":\"input_image\""));
    json_put_text(out, "detail", image->detail.len > 0 ? image->detail : TEXT("auto"));
    json_put_name(out, "image_url");
    buffer_put_byte(out, '"');
    if (image->data.len > 0) {
        buffer_put(out, TEXT("data:"));
        json_put_escaped(out, image->media_type);
        buffer_put(out, TEXT(";base64,"));
        buffer_put(out, image->data);
    } else {
        json_put_escaped(out, image->text);
    }
    buffer_put(out, TEXT("\"}"));
}

static void put_given(struct text text, struct buffer *out)
{
    buffer_put(out, TEXT("{\"type\":\"input_text\""));
    json_put_text(out, "text", text);
    buffer_put_byte(out, '}');
}

/* Of a user, or of whoever instructs the model. */
static void put_told(struct listing *it, const struct chat_message *message)
{
    open_item(it, "msg", "message");
    json_put_text(it->out, "role", text_of(chat_role_name(message->role)));
    buffer_put(it->out, TEXT(",\"content\":["));
    if (message->parts == NULL)
        put_given(message->text, it->out);
    for (size_t i = 0; i < message->part_count; i++) {
        if (i > 0)
            buffer_put_byte(it->out, ',');
        if (message->parts[i].type == CHAT_IMAGE)
            put_image(&message->parts[i], it->out);
        else
            put_given(message->parts[i].text, it->out);
    }
    buffer_put(it->out, TEXT("]}"));
}

static void put_said(struct listing *it, struct text text)
{
    open_item(it, "msg", "message");
    buffer_put(it->out, TEXT(",\"role\":\"assistant\",\"content\":["));
    responses_put_text_part(text, it->out);
    buffer_put(it->out, TEXT("]}"));
}

static void put_assistant(struct listing *it, const struct chat_message *message)
{
    if (message->parts == NULL)
        put_said(it, message->text);
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (part->type == CHAT_TEXT)
            put_said(it, part->text);
        if (part->type != CHAT_CALL)
            continue;
        open_item(it, "fc", "function_call");
        json_put_text(it->out, "call_id", part->id);
        json_put_text(it->out, "name", part->name);
        json_put_text(it->out, "arguments", part->text);
        buffer_put_byte(it->out, '}');
    }
}

static void put_result(struct listing *it, const struct chat_part *result)
{
    open_item(it, "fco", "function_call_output");
    json_put_text(it->out, "call_id", result->id);
    json_put_text(it->out, "output", result->text);
    buffer_put_byte(it->out, '}');
}

/* The n-th of all messages as the model was told it, guarded. */
static struct chat_message message_at(const struct call_body *body, size_t n)
{
    const struct responses_call *call = body->own;
    size_t behind = n - body->earlier_count;

    if (n < body->earlier_count)
        return body->earlier[n];
    if (call->prompted)
        return body->later[behind];
    if (behind > 0)
        return body->later[behind - 1];
    return (struct chat_message){.role = CHAT_USER,
                                 .text = body->caller_text,
                                 .parts = body->parts,
                                 .part_count = body->part_count};
}

static struct text input_of(const struct surface_said *said)
{
    const struct responses_call *call = said->body->own;
    struct buffer out = buffer_in(said->arena);
    struct listing it = {.body = said->body, .out = &out};

    buffer_put_byte(&out, '[');
    for (size_t i = call->first_new; i < call->message_count; i++) {
        struct chat_message message = message_at(said->body, i);

        if (message.role == CHAT_ASSISTANT)
            put_assistant(&it, &message);
        else if (message.role == CHAT_TOOL)
            put_result(&it, &message.parts[0]);
        else
            put_told(&it, &message);
    }
    buffer_put_byte(&out, ']');
    return buffer_text(&out);
}

/* Whether the input is the last new thing that a user said, and not of the prompt or before. */
static bool asked_now(const struct call_body *body)
{
    const struct responses_call *call = body->own;

    return !call->prompted && body->earlier_count >= call->first_new;
}

bool responses_keep(const struct surface_said *said, struct surface_kept *out)
{
    const struct responses_call *call = said->body->own;
    struct buffer body = buffer_in(said->arena);

    if (!call->store)
        return false;
    *out = (struct surface_kept){.previous = call->previous, .input = input_of(said)};
    if (asked_now(said->body) && !text_equal(said->asked, said->body->caller_text))
        out->asked = said->asked;
    responses_put_head(said, responses_status_of(said->answer), &body);
    out->output_at = body.len;
    responses_put_output(said, &body);
    out->output_bytes = body.len - out->output_at;
    responses_put_tail(said, &body);
    out->body = buffer_text(&body);
    return true;
}
