/* Anthropic Messages: what is asked for, and how. What the messages and tools become is
 * anthropic_messages.c and anthropic_tools.c; reading an answer anthropic_read.c, a stream
 * anthropic_stream.c, a failure anthropic_error.c. Fields that the API does not know are refused by
 * it, so what it has no word for (seed, penalties) is left out. */
#include "provider/anthropic.h"

#include "document/json_write.h"
#include "provider/param.h"
#include "provider/wire.h"

enum { DEFAULT_MAX_TOKENS = 4096, LEAST_BUDGET = 1024 };

static struct text model_on_the_wire(struct text model, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, model);
    for (size_t i = 0; i < out.len && text_starts(model, TEXT("claude-")); i++)
        if (out.at[i] == '.')
            out.at[i] = '-';
    return buffer_text(&out);
}

/* --- thinking ----------------------------------------------------------------------------------
 */

static const struct effort {
    struct text word;
    const char *effort; /* as adaptive models are told */
    int64_t budget;     /* as older ones are */
} efforts[] = {
    {TEXT_INIT("minimal"), "low", 1024},   {TEXT_INIT("low"), "low", 1024},
    {TEXT_INIT("medium"), "medium", 4096}, {TEXT_INIT("high"), "high", 16384},
    {TEXT_INIT("xhigh"), "xhigh", 32768},  {TEXT_INIT("max"), "max", 65536},
};

static const struct effort *effort_find(struct text word)
{
    for (size_t i = 0; i < sizeof efforts / sizeof *efforts; i++)
        if (text_equal(word, efforts[i].word))
            return &efforts[i];
    return NULL;
}

static bool thought_before(const struct chat_message *message)
{
    return message->part_count > 0 && message->parts[0].type == CHAT_REASONING &&
           message->parts[0].state_of != NULL &&
           strcmp(message->parts[0].state_of, dialect_anthropic.name) == 0;
}

/* Whether the model may be given a budget: it can then not be told which tool to call, and in the
 * middle of a round of calls it must have thought before the first. */
static bool budget_possible(const struct chat *chat)
{
    size_t at = chat->message_count;

    if (chat->choice == CHAT_CHOICE_REQUIRED || chat->choice == CHAT_CHOICE_NAMED)
        return false;
    while (at > 0 && chat->messages[at - 1].role == CHAT_TOOL)
        at--;
    return at == chat->message_count || at == 0 || thought_before(&chat->messages[at - 1]);
}

/* The budget comes on top of what may be written, as far as the model can write so much. */
static void plan_budget(const struct chat *chat, int64_t budget, struct anthropic_plan *plan)
{
    int64_t text = plan->max_tokens;

    plan->max_tokens += budget;
    if (chat->max_output > 0 && plan->max_tokens > chat->max_output) {
        plan->max_tokens = chat->max_output;
        if (text > plan->max_tokens / 2)
            text = plan->max_tokens / 2;
        budget = plan->max_tokens - text;
    }
    plan->budget = budget;
}

static void plan_thinking(const struct chat *chat, struct arena *arena, struct anthropic_plan *plan)
{
    struct text word = param_word(chat, CHAT_PARAM_REASONING_EFFORT, arena);
    const struct effort *effort = effort_find(word);
    enum anthropic_thinking thinking = plan->model->thinking;

    if (text_equal(word, TEXT("none"))) {
        plan->disabled = thinking == THINKING_DEFAULT;
        plan->quiet = thinking == THINKING_ALWAYS;
        plan->effort = plan->quiet ? "low" : NULL;
        return;
    }
    if (effort == NULL || thinking == THINKING_NONE)
        return;
    if (thinking != THINKING_BUDGET)
        plan->effort =
            plan->model->xhigh || strcmp(effort->effort, "xhigh") != 0 ? effort->effort : "high";
    else if (budget_possible(chat) &&
             (chat->max_output == 0 || chat->max_output >= 2 * LEAST_BUDGET))
        plan_budget(chat, effort->budget, plan);
}

static void put_thinking(struct buffer *body, const struct anthropic_plan *plan)
{
    if (plan->disabled)
        buffer_put(body, TEXT(",\"thinking\":{\"type\":\"disabled\"}"));
    else if (plan->budget > 0)
        buffer_printf(body, ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":%lld}",
                      (long long)plan->budget);
    else if (plan->effort != NULL && !plan->quiet)
        buffer_put(body, TEXT(",\"thinking\":{\"type\":\"adaptive\"}"));
}

/* --- the answer --------------------------------------------------------------------------------
 */

static int64_t max_tokens_of(const struct chat *chat, struct arena *arena)
{
    int64_t wanted = param_max_tokens(chat, arena);

    if (wanted > 0)
        return wanted;
    return chat->max_output > 0 ? chat->max_output : DEFAULT_MAX_TOKENS;
}

static enum anthropic_output output_of(const struct chat *chat, const struct anthropic_plan *plan)
{
    if (chat->output_schema == NULL)
        return OUTPUT_FREE;
    if (chat->output_strict.len > 0 && plan->model->format)
        return OUTPUT_FORMAT;
    if (plan->model->forced && plan->budget == 0 && chat->tool_count == 0 &&
        (chat->output_strict.len > 0 ||
         anthropic_tool_takes(chat->output_schema, chat->output_schema_at)))
        return OUTPUT_TOOL;
    return OUTPUT_TOLD;
}

static void put_output(struct buffer *body, const struct chat *chat,
                       const struct anthropic_plan *plan)
{
    if (plan->effort == NULL && plan->output != OUTPUT_FORMAT)
        return;
    buffer_put(body, TEXT(",\"output_config\":{"));
    if (plan->effort != NULL)
        json_put_text(body, "effort", text_of(plan->effort));
    if (plan->output == OUTPUT_FORMAT) {
        json_put_name(body, "format");
        buffer_put(body, TEXT("{\"type\":\"json_schema\",\"schema\":"));
        buffer_put(body, chat->output_strict);
        buffer_put_byte(body, '}');
    }
    buffer_put_byte(body, '}');
}

/* --- sampling ----------------------------------------------------------------------------------
 */

/* While it thinks a model takes none but its own. */
static void put_sampling(struct buffer *body, const struct chat *chat,
                         const struct anthropic_plan *plan, struct arena *arena)
{
    bool thinks = plan->budget > 0 || plan->effort != NULL;
    double temperature;
    bool has_temperature = param_number(chat, CHAT_PARAM_TEMPERATURE, arena, &temperature);

    if (plan->model->sampling == SAMPLING_NONE || thinks)
        return;
    if (has_temperature) {
        json_put_name(body, "temperature");
        /* Elsewhere it goes up to 2. */
        buffer_put(body, temperature > 1 ? TEXT("1") : chat->params.json[CHAT_PARAM_TEMPERATURE]);
    }
    if (chat->params.json[CHAT_PARAM_TOP_P].len > 0 &&
        (plan->model->sampling == SAMPLING_ANY || !has_temperature)) {
        json_put_name(body, "top_p");
        buffer_put(body, chat->params.json[CHAT_PARAM_TOP_P]);
    }
}

/* --- the request -------------------------------------------------------------------------------
 */

void anthropic_plan(const struct chat *chat, struct arena *arena, struct anthropic_plan *out)
{
    *out = (struct anthropic_plan){
        .model = anthropic_model_find(chat->model),
        .max_tokens = max_tokens_of(chat, arena),
    };
    plan_thinking(chat, arena, out);
    out->output = output_of(chat, out);
}

static struct text headers(struct text key, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    wire_put_header(&out, "x-api-key", "", key);
    /* The newest version has no sampling; the models that have it still take it with this one. */
    wire_put_header(&out, "anthropic-version", "", TEXT("2023-06-01"));
    wire_put_header(&out, "Content-Type", "", TEXT("application/json"));
    return buffer_text(&out);
}

static void request(const struct chat *chat, const struct provider *provider, struct text key,
                    struct arena *arena, struct wire_request *out)
{
    struct buffer body = buffer_in(arena);
    struct text stops = param_stops(chat, false, arena);
    struct anthropic_plan plan;
    /* The vendor's own tools take a base URL without the version. */
    const char *path = provider->path.len > 0 ? "/messages" : "/v1/messages";

    anthropic_plan(chat, arena, &plan);
    buffer_reserve(&body, wire_body_bytes(chat));
    buffer_put(&body, TEXT("{\"model\":"));
    json_put_string(&body, model_on_the_wire(chat->model, arena));
    buffer_printf(&body, ",\"max_tokens\":%lld", (long long)plan.max_tokens);
    put_thinking(&body, &plan);
    put_output(&body, chat, &plan);
    put_sampling(&body, chat, &plan, arena);
    if (stops.len > 0) {
        json_put_name(&body, "stop_sequences");
        buffer_put(&body, stops);
    }
    anthropic_put_tools(&body, chat, &plan);
    anthropic_put_system(&body, chat, &plan, arena);
    anthropic_put_messages(&body, chat, &plan, arena);
    if (chat->stream)
        buffer_put(&body, TEXT(",\"stream\":true"));
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = wire_path(provider, path, arena),
        .headers = headers(key, arena),
        .body = buffer_text(&body),
    };
}

const struct dialect dialect_anthropic = {
    .name = "anthropic",
    .unsaid = 1u << CHAT_PARAM_SEED | 1u << CHAT_PARAM_PRESENCE_PENALTY |
              1u << CHAT_PARAM_FREQUENCY_PENALTY,
    .stream_bytes = sizeof(struct anthropic_stream),
    .request = request,
    .answer = anthropic_answer,
    .event = anthropic_event,
    .refusal = anthropic_refusal,
};
