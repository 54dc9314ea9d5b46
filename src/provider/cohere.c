/* Cohere's chat, version 2: what is asked for, and how. It looks like Chat Completions and is not:
 * other names, narrower ranges, no choice of a tool by name, no JSON beside tools. What the
 * messages become is cohere_messages.c; reading an answer cohere_read.c, a stream cohere_stream.c,
 * a failure cohere_error.c. */
#include "provider/cohere.h"

#include "document/json_write.h"
#include "provider/param.h"
#include "provider/wire.h"
#include "schema/lower.h"

/* --- thinking ----------------------------------------------------------------------------------
 */

static const struct effort {
    struct text word;
    int budget; /* 0: the model's own */
} efforts[] = {
    {TEXT_INIT("minimal"), 1024}, {TEXT_INIT("low"), 1024}, {TEXT_INIT("medium"), 4096},
    {TEXT_INIT("high"), 16384},   {TEXT_INIT("xhigh"), 0},  {TEXT_INIT("max"), 0},
};

/* "command-a-reasoning-08-2025"; the others refuse to be told. */
static bool reasons(struct text model)
{
    return text_find(model, TEXT("reasoning")) < model.len;
}

/* What is thought counts as written: half of what may be written is left for the answer. */
static void put_thinking(struct buffer *body, const struct chat *chat, int64_t max_tokens,
                         struct arena *arena)
{
    struct text word = param_word(chat, CHAT_PARAM_REASONING_EFFORT, arena);
    int64_t budget;

    if (word.len == 0 || !reasons(chat->model))
        return;
    if (text_equal(word, TEXT("none"))) {
        buffer_put(body, TEXT(",\"thinking\":{\"type\":\"disabled\"}"));
        return;
    }
    for (size_t i = 0; i < sizeof efforts / sizeof *efforts; i++) {
        if (!text_equal(word, efforts[i].word))
            continue;
        budget = efforts[i].budget;
        if (max_tokens > 1 && (budget == 0 || budget > max_tokens / 2))
            budget = max_tokens / 2;
        buffer_put(body, TEXT(",\"thinking\":{\"type\":\"enabled\""));
        if (budget > 0)
            buffer_printf(body, ",\"token_budget\":%lld", (long long)budget);
        buffer_put_byte(body, '}');
    }
}

/* --- parameters --------------------------------------------------------------------------------
 */

/* The names here, and the ranges: what is outside is moved to the nearest that is taken. */
static const struct range_row {
    enum chat_param param;
    const char *name;
    double least, greatest;
    const char *least_json, *greatest_json;
} ranges[] = {
    {CHAT_PARAM_TEMPERATURE, "temperature", 0, 1, "0", "1"},
    {CHAT_PARAM_TOP_P, "p", 0.01, 0.99, "0.01", "0.99"},
    {CHAT_PARAM_FREQUENCY_PENALTY, "frequency_penalty", 0, 1, "0", "1"},
    {CHAT_PARAM_PRESENCE_PENALTY, "presence_penalty", 0, 1, "0", "1"},
};

static void put_params(struct buffer *body, const struct chat *chat, struct arena *arena)
{
    struct text stops = param_stops(chat, true, arena);
    int64_t max_tokens = param_max_tokens(chat, arena);
    double value;

    if (max_tokens > 0)
        buffer_printf(body, ",\"max_tokens\":%lld", (long long)max_tokens);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (!param_number(chat, ranges[i].param, arena, &value))
            continue;
        json_put_name(body, ranges[i].name);
        if (value < ranges[i].least)
            buffer_put(body, text_of(ranges[i].least_json));
        else if (value > ranges[i].greatest)
            buffer_put(body, text_of(ranges[i].greatest_json));
        else
            buffer_put(body, chat->params.json[ranges[i].param]);
    }
    if (chat->params.json[CHAT_PARAM_SEED].len > 0) {
        json_put_name(body, "seed");
        buffer_put(body, chat->params.json[CHAT_PARAM_SEED]);
    }
    if (stops.len > 0) {
        json_put_name(body, "stop_sequences");
        buffer_put(body, stops);
    }
    put_thinking(body, chat, max_tokens, arena);
}

/* --- tools -------------------------------------------------------------------------------------
 */

/* The tools that are offered: one that must be called alone. */
struct offer {
    const struct chat_tool *tools;
    size_t count;
};
static struct offer offer_of(const struct chat *chat)
{
    for (size_t i = 0; i < chat->tool_count && chat->choice == CHAT_CHOICE_NAMED; i++)
        if (text_equal(chat->tools[i].name, chat->choice_name))
            return (struct offer){&chat->tools[i], 1};
    return (struct offer){chat->tools, chat->tool_count};
}

/* There is one switch for all, so all must be fit for it. */
static bool strictly(const struct offer *offer)
{
    const struct lower_dialect *subset = lower_dialect_find(TEXT("cohere"));

    for (size_t i = 0; i < offer->count; i++) {
        const struct chat_tool *tool = &offer->tools[i];

        if (!tool->strict || tool->parameters == NULL ||
            !lower_dialect_takes(subset, tool->parameters, tool->parameters_at, NULL))
            return false;
    }
    return true;
}

static void put_tools(struct buffer *body, const struct chat *chat, const struct cohere_plan *plan)
{
    struct offer offer = offer_of(chat);

    if (!plan->tools)
        return;
    json_put_name(body, "tools");
    buffer_put_byte(body, '[');
    for (size_t i = 0; i < offer.count; i++) {
        if (i > 0)
            buffer_put_byte(body, ',');
        wire_put_function(body, &offer.tools[i], false);
    }
    buffer_put_byte(body, ']');
    if (strictly(&offer))
        buffer_put(body, TEXT(",\"strict_tools\":true"));
    if (chat->choice == CHAT_CHOICE_REQUIRED || chat->choice == CHAT_CHOICE_NAMED)
        buffer_put(body, TEXT(",\"tool_choice\":\"REQUIRED\""));
    else if (chat->choice == CHAT_CHOICE_NONE)
        buffer_put(body, TEXT(",\"tool_choice\":\"NONE\""));
}

/* --- the answer --------------------------------------------------------------------------------
 */

static bool wants_object(const struct chat *chat)
{
    uint32_t type = document_member(chat->output_schema, chat->output_schema_at, TEXT("type"));

    return type != CELL_NONE && document_cell(chat->output_schema, type)->type == CELL_STRING &&
           text_equal(document_text(chat->output_schema, type), TEXT("object"));
}

/* JSON mode makes objects only, and not beside tools. */
static enum cohere_output output_of(const struct chat *chat, const struct cohere_plan *plan)
{
    if (chat->output_schema == NULL)
        return COHERE_FREE;
    if (plan->tools)
        return COHERE_TOLD;
    if (chat->output_strict.len > 0)
        return COHERE_SCHEMA;
    return wants_object(chat) ? COHERE_JSON : COHERE_TOLD;
}

static void put_output(struct buffer *body, const struct chat *chat, const struct cohere_plan *plan)
{
    if (plan->output == COHERE_SCHEMA) {
        buffer_put(body, TEXT(",\"response_format\":{\"type\":\"json_object\",\"json_schema\":"));
        buffer_put(body, chat->output_strict);
        buffer_put_byte(body, '}');
    } else if (plan->output == COHERE_JSON) {
        buffer_put(body, TEXT(",\"response_format\":{\"type\":\"json_object\"}"));
    }
}

/* --- the request -------------------------------------------------------------------------------
 */

struct text cohere_path(const struct provider *provider, const char *path, struct arena *arena)
{
    struct provider at = *provider;

    if (at.path.len == 0)
        at.path = TEXT("/v2");
    return wire_path(&at, path, arena);
}

static void request(const struct chat *chat, const struct provider *provider, struct text key,
                    struct arena *arena, struct wire_request *out)
{
    struct cohere_plan plan = {
        /* Tools that must not be called only stand in the way of a schema. */
        .tools = chat->tool_count > 0 &&
                 !(chat->choice == CHAT_CHOICE_NONE && chat->output_schema != NULL),
    };
    struct buffer body = buffer_in(arena);

    plan.output = output_of(chat, &plan);
    buffer_reserve(&body, wire_body_bytes(chat));
    buffer_put(&body, TEXT("{\"model\":"));
    json_put_string(&body, chat->model);
    buffer_put(&body, chat->stream ? TEXT(",\"stream\":true") : TEXT(",\"stream\":false"));
    cohere_put_messages(&body, chat, &plan, arena);
    put_tools(&body, chat, &plan);
    put_params(&body, chat, arena);
    put_output(&body, chat, &plan);
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = cohere_path(provider, "/chat", arena),
        .headers = wire_headers(key, NULL, arena),
        .body = buffer_text(&body),
    };
}

const struct dialect dialect_cohere = {
    .name = "cohere",
    .stream_bytes = sizeof(struct cohere_stream),
    .request = request,
    .answer = cohere_answer,
    .event = cohere_event,
    .refusal = cohere_refusal,
    .embed_request = cohere_embed_request,
    .embed_answer = cohere_embed_answer,
    .embed_most = 96,
};
