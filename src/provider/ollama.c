/* Ollama's own API: what is asked for, and how. The conversation is ollama_messages.c, reading what
 * comes back ollama_read.c. A stream is lines of JSON, and it is what one gets unless told not to.
 */
#include "provider/ollama.h"

#include "document/json_write.h"
#include "provider/param.h"
#include "provider/wire.h"

/* --- options -----------------------------------------------------------------------------------
 */

enum {
    LEAST_CONTEXT = 4096, /* what every server has without being asked */
    MOST_CONTEXT = 262144,
    ANSWER_TOKENS = 1024, /* when nothing is said about its length */
    IMAGE_TOKENS = 1024
};

static int64_t message_tokens(const struct chat_message *message)
{
    int64_t tokens = 8 + chat_estimate_tokens(message->text);

    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];

        if (part->type == CHAT_IMAGE && part->data.len > 0)
            tokens += IMAGE_TOKENS;
        else if (part->type != CHAT_TEXT) /* those are in the message's */
            tokens += chat_estimate_tokens(part->text);
    }
    return tokens;
}

/* A server cuts the front of a prompt that is longer than its context. It is told not to, and given
 * a context that is surely enough: of few sizes, since it loads the model anew for each. 0: the
 * server's own will do. */
static int64_t context_of(const struct chat *chat, size_t tools_bytes, struct arena *arena)
{
    int64_t tokens = (int64_t)tools_bytes / 3, context = LEAST_CONTEXT;
    double wanted = ANSWER_TOKENS;

    for (size_t i = 0; i < chat->message_count; i++)
        tokens += message_tokens(&chat->messages[i]);
    tokens += tokens / 4; /* it is an estimate */
    param_number(chat, CHAT_PARAM_MAX_TOKENS, arena, &wanted);
    tokens += (int64_t)wanted;
    if (tokens <= LEAST_CONTEXT)
        return 0;
    while (context < tokens && context < MOST_CONTEXT)
        context *= 2;
    return context;
}

static void put_options(struct buffer *body, const struct chat *chat, size_t tools_bytes,
                        struct arena *arena)
{
    static const struct {
        enum chat_param param;
        const char *name;
    } rows[] = {
        {CHAT_PARAM_TEMPERATURE, "temperature"},
        {CHAT_PARAM_TOP_P, "top_p"},
        {CHAT_PARAM_MAX_TOKENS, "num_predict"},
        {CHAT_PARAM_SEED, "seed"},
        {CHAT_PARAM_PRESENCE_PENALTY, "presence_penalty"},
        {CHAT_PARAM_FREQUENCY_PENALTY, "frequency_penalty"},
    };
    struct text stops = param_stops(chat, true, arena);
    int64_t context = context_of(chat, tools_bytes, arena);
    struct buffer options = buffer_in(arena);

    buffer_put_byte(&options, '{');
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (chat->params.json[rows[i].param].len > 0) {
            json_put_name(&options, rows[i].name);
            buffer_put(&options, chat->params.json[rows[i].param]);
        }
    if (stops.len > 0) {
        json_put_name(&options, "stop");
        buffer_put(&options, stops);
    }
    if (context > 0) {
        json_put_name(&options, "num_ctx");
        buffer_put_i64(&options, context);
    }
    if (options.len == 1)
        return;
    buffer_put_byte(&options, '}');
    json_put_name(body, "options");
    buffer_put(body, buffer_text(&options));
}

/* --- thinking ----------------------------------------------------------------------------------
 */

/* Models that think by degrees, and cannot do without; others do or do not. */
static const char *const by_degrees[] = {"gpt-oss"};

static bool thinks_by_degrees(struct text model)
{
    for (size_t i = 0; i < sizeof by_degrees / sizeof *by_degrees; i++)
        if (text_starts(model, text_of(by_degrees[i])))
            return true;
    return false;
}

static void put_think(struct buffer *body, const struct chat *chat, struct arena *arena)
{
    struct text effort = param_word(chat, CHAT_PARAM_REASONING_EFFORT, arena);
    bool none = text_equal(effort, TEXT("none"));

    if (effort.len == 0)
        return;
    json_put_name(body, "think");
    if (!thinks_by_degrees(chat->model))
        buffer_put(body, none ? TEXT("false") : TEXT("true"));
    else if (none || text_equal(effort, TEXT("minimal")) || text_equal(effort, TEXT("low")))
        buffer_put(body, TEXT("\"low\""));
    else if (text_equal(effort, TEXT("medium")))
        buffer_put(body, TEXT("\"medium\""));
    else
        buffer_put(body, TEXT("\"high\""));
}

/* --- tools -------------------------------------------------------------------------------------
 */

static bool offers_tools(const struct chat *chat)
{
    return chat->tool_count > 0 && chat->choice != CHAT_CHOICE_NONE;
}

/* There is no choice of tools: that of none is not to offer any, that of one to offer it alone. */
static void put_tools(struct buffer *body, const struct chat *chat)
{
    if (!offers_tools(chat))
        return;
    json_put_name(body, "tools");
    buffer_put_byte(body, '[');
    for (size_t i = 0; i < chat->tool_count; i++) {
        if (chat->choice == CHAT_CHOICE_NAMED &&
            !text_equal(chat->tools[i].name, chat->choice_name))
            continue;
        if (body->at[body->len - 1] != '[')
            buffer_put_byte(body, ',');
        wire_put_function(body, &chat->tools[i], false);
    }
    buffer_put_byte(body, ']');
}

/* --- the answer --------------------------------------------------------------------------------
 */

/* Models that run at ollama.com do not keep to a format. */
static bool in_the_cloud(const struct chat *chat, const struct provider *provider)
{
    return text_ends(chat->model, TEXT("-cloud")) || text_ends(chat->model, TEXT(":cloud")) ||
           text_equal_nocase(provider->host, TEXT("ollama.com"));
}

/* Beside tools a format would keep the model from calling them. */
static void put_format(struct buffer *body, const struct chat *chat)
{
    if (chat->output_schema == NULL || offers_tools(chat))
        return;
    json_put_name(body, "format");
    buffer_put(body, chat->output_strict.len > 0 ? chat->output_strict : TEXT("\"json\""));
}

static bool tells_schema(const struct chat *chat, const struct provider *provider)
{
    return chat->output_schema != NULL &&
           (offers_tools(chat) || chat->output_strict.len == 0 || in_the_cloud(chat, provider));
}

static void request(const struct chat *chat, const struct provider *provider, struct text key,
                    struct arena *arena, struct wire_request *out)
{
    struct buffer body = buffer_in(arena);
    size_t before;

    buffer_reserve(&body, wire_body_bytes(chat));
    buffer_put(&body, TEXT("{\"model\":"));
    json_put_string(&body, chat->model);
    buffer_put(&body, chat->stream ? TEXT(",\"stream\":true") : TEXT(",\"stream\":false"));
    /* A prompt beyond the context is an error, and an answer that reaches its end is cut there,
     * rather than that something is quietly forgotten. */
    buffer_put(&body, TEXT(",\"truncate\":false,\"shift\":false"));
    put_think(&body, chat, arena);
    before = body.len;
    put_tools(&body, chat);
    put_format(&body, chat);
    put_options(&body, chat, body.len - before, arena);
    ollama_put_messages(&body, chat, tells_schema(chat, provider), arena);
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = wire_path(provider, "/api/chat", arena),
        .headers = wire_headers(key, NULL, arena),
        .body = buffer_text(&body),
    };
}

const struct dialect dialect_ollama = {
    .name = "ollama",
    .framing = FRAMING_LINES,
    .stream_bytes = sizeof(struct ollama_stream),
    .request = request,
    .answer = ollama_answer,
    .event = ollama_event,
    .refusal = ollama_refusal,
    .embed_request = ollama_embed_request,
    .embed_answer = ollama_embed_answer,
};
