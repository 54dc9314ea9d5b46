/* OpenAI Chat Completions: building the request. Reading what comes back is openai_read.c, what a
 * failure means openai_error.c. */
#include "provider/openai.h"

#include "base/check.h"
#include "document/json_write.h"
#include "provider/kind.h"

/* The habits of the vendor whose host it is, whatever the provider's kind is called. */
static const struct host_habits *habits_of(const struct provider *provider)
{
    const struct provider_kind *vendor = kind_of_host(provider->host);

    if (vendor != NULL)
        return &vendor->habits;
    return &kind_find(TEXT("compatible"))->habits;
}

static void put_message(struct buffer *body, enum chat_role role, struct text text)
{
    if (body->at[body->len - 1] != '[')
        buffer_put_byte(body, ',');
    buffer_put(body, TEXT("{\"role\":\""));
    buffer_put(body, text_of(chat_role_name(role)));
    buffer_put(body, TEXT("\",\"content\":"));
    json_put_string(body, text);
    buffer_put_byte(body, '}');
}

/* For hosts that cannot be given the schema apart: the word JSON must occur there as well. */
static void put_schema_message(struct buffer *body, const struct chat *chat, struct arena *arena)
{
    struct buffer text = buffer_in(arena);

    buffer_put(&text, TEXT("Answer with JSON only, valid against this JSON Schema:\n"));
    json_put_cell(&text, chat->output_schema, chat->output_schema_at);
    put_message(body, CHAT_SYSTEM, buffer_text(&text));
}

static void put_messages(struct buffer *body, const struct chat *chat,
                         const struct host_habits *host, struct arena *arena)
{
    json_put_name(body, "messages");
    buffer_put_byte(body, '[');
    if (chat->output_schema != NULL && !host->schemas)
        put_schema_message(body, chat, arena);
    for (size_t i = 0; i < chat->message_count; i++)
        put_message(body, chat->messages[i].role, chat->messages[i].text);
    buffer_put_byte(body, ']');
}

/* The name a parameter has at this host for this model; NULL: it must not be sent. */
static const char *param_name(const struct chat *chat, const struct host_habits *host,
                              enum chat_param param)
{
    switch (param) {
    case CHAT_PARAM_MAX_TOKENS:
        return chat->reasoning_model ? "max_completion_tokens" : host->limit;
    case CHAT_PARAM_REASONING_EFFORT:
        return chat_param_name(param);
    case CHAT_PARAM_SEED:
        return chat->reasoning_model ? NULL : host->seed;
    default:
        return chat->reasoning_model ? NULL : chat_param_name(param);
    }
}

static void put_params(struct buffer *body, const struct chat *chat, const struct host_habits *host)
{
    for (int param = 0; param < CHAT_PARAM_COUNT; param++) {
        const char *name = param_name(chat, host, (enum chat_param)param);

        if (name == NULL || chat->params.json[param].len == 0)
            continue;
        json_put_name(body, name);
        buffer_put(body, chat->params.json[param]);
    }
}

static void put_response_format(struct buffer *body, const struct chat *chat,
                                const struct host_habits *host)
{
    if (chat->output_schema == NULL)
        return;
    json_put_name(body, "response_format");
    if (!host->schemas) {
        buffer_put(body, TEXT("{\"type\":\"json_object\"}"));
        return;
    }
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

static struct text headers(struct text key, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (key.len > 0) {
        /* Refused when it was loaded: it would end the header line. */
        CHECK(text_find_byte(key, '\r') == key.len);
        CHECK(text_find_byte(key, '\n') == key.len);
        buffer_put(&out, TEXT("Authorization: Bearer "));
        buffer_put(&out, key);
        buffer_put(&out, TEXT("\r\n"));
    }
    buffer_put(&out, TEXT("Content-Type: application/json\r\n"));
    return buffer_text(&out);
}

static size_t expected_bytes(const struct chat *chat)
{
    size_t bytes = 512;

    for (size_t i = 0; i < chat->message_count; i++)
        bytes += chat->messages[i].text.len + chat->messages[i].text.len / 16 + 48;
    return bytes;
}

void openai_request(const struct chat *chat, const struct provider *provider, struct text key,
                    struct arena *arena, struct wire_request *out)
{
    const struct host_habits *host = habits_of(provider);
    struct buffer body = buffer_in(arena);

    buffer_reserve(&body, expected_bytes(chat));
    buffer_put_byte(&body, '{');
    json_put_name(&body, "model");
    json_put_string(&body, chat->model);
    put_messages(&body, chat, host, arena);
    put_params(&body, chat, host);
    put_response_format(&body, chat, host);
    if (chat->stream)
        buffer_put(&body, TEXT(",\"stream\":true"));
    if (chat->stream && host->stream_options)
        buffer_put(&body, TEXT(",\"stream_options\":{\"include_usage\":true}"));
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = arena_printf(arena, "%.*s/chat/completions", TEXT_ARG(provider->path)),
        .headers = headers(key, arena),
        .body = buffer_text(&body),
    };
}

const struct dialect dialect_openai = {
    .name = "openai",
    .stream_bytes = sizeof(struct openai_stream),
    .request = openai_request,
    .answer = openai_answer,
    .event = openai_event,
    .refusal = openai_refusal,
};
