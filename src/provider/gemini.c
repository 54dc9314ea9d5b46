/* Gemini's generateContent: what is asked for, and how. The model is in the path, and a stream is
 * another method. What the messages and tools become is gemini_contents.c and gemini_tools.c;
 * reading what comes back gemini_read.c, a failure gemini_error.c. Fields that the API does not
 * know are refused by it. */
#include "provider/gemini.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/kind.h"
#include "provider/param.h"
#include "provider/wire.h"

#include <math.h>

/* --- thinking ----------------------------------------------------------------------------------
 */

static const struct effort {
    struct text word;
    int budget;        /* -1: the most; 0: the least */
    const char *level; /* NULL: the least */
} efforts[] = {
    {TEXT_INIT("none"), 0, NULL},       {TEXT_INIT("minimal"), 1024, NULL},
    {TEXT_INIT("low"), 1024, "low"},    {TEXT_INIT("medium"), 8192, "medium"},
    {TEXT_INIT("high"), 24576, "high"}, {TEXT_INIT("xhigh"), -1, "xhigh"},
    {TEXT_INIT("max"), -1, "xhigh"},
};

static const struct effort *effort_find(struct text word)
{
    for (size_t i = 0; i < sizeof efforts / sizeof *efforts; i++)
        if (text_equal(word, efforts[i].word))
            return &efforts[i];
    return NULL;
}

/* What is thought counts as written: half of what may be written is left for the answer. */
static int budget_of(const struct effort *effort, const struct gemini_model *model,
                     int64_t max_tokens)
{
    int64_t budget = effort->budget < 0 ? model->budget_most : effort->budget;

    if (max_tokens > 0 && budget > max_tokens / 2)
        budget = max_tokens / 2;
    if (budget < model->budget_least)
        budget = model->budget_least;
    return budget < model->budget_most ? (int)budget : model->budget_most;
}

static const char *level_of(const struct effort *effort, const struct gemini_model *model)
{
    if (effort->level == NULL)
        return model->level_least;
    return strcmp(effort->level, "xhigh") == 0 && !model->xhigh ? "high" : effort->level;
}

/* Who asks for thoughts is shown them. */
static void put_thinking(struct buffer *body, const struct chat *chat,
                         const struct gemini_model *model, int64_t max_tokens, struct arena *arena)
{
    struct text word = param_word(chat, CHAT_PARAM_REASONING_EFFORT, arena);
    const struct effort *effort = effort_find(word);

    if (effort == NULL || model->thinking == GEMINI_THINKS_AS_IT_LIKES)
        return;
    json_put_name(body, "thinkingConfig");
    if (model->thinking == GEMINI_THINKS_A_BUDGET)
        buffer_printf(body, "{\"thinkingBudget\":%d", budget_of(effort, model, max_tokens));
    else
        buffer_printf(body, "{\"thinkingLevel\":\"%s\"", level_of(effort, model));
    if (!text_equal(word, TEXT("none")))
        buffer_put(body, TEXT(",\"includeThoughts\":true"));
    buffer_put_byte(body, '}');
}

/* --- configuration -----------------------------------------------------------------------------
 */

/* A seed has 32 bits here; what has more becomes one of them, always the same. */
static void put_seed(struct buffer *body, const struct chat *chat, struct arena *arena)
{
    double seed;

    if (!param_number(chat, CHAT_PARAM_SEED, arena, &seed))
        return;
    json_put_name(body, "seed");
    buffer_put_i64(body, (int64_t)fmod(seed, (double)INT32_MAX + 1));
}

static void put_sampling(struct buffer *body, const struct chat *chat,
                         const struct gemini_model *model)
{
    static const struct {
        enum chat_param param;
        const char *name;
        bool penalty;
    } names[] = {
        {CHAT_PARAM_TEMPERATURE, "temperature", false},
        {CHAT_PARAM_TOP_P, "topP", false},
        {CHAT_PARAM_PRESENCE_PENALTY, "presencePenalty", true},
        {CHAT_PARAM_FREQUENCY_PENALTY, "frequencyPenalty", true},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text value = chat->params.json[names[i].param];

        if (value.len == 0 || (names[i].penalty && !model->penalties))
            continue;
        json_put_name(body, names[i].name);
        buffer_put(body, value);
    }
}

static void put_output(struct buffer *body, const struct chat *chat, const struct gemini_plan *plan)
{
    if (plan->output == GEMINI_SCHEMA || plan->output == GEMINI_JSON) {
        json_put_name(body, "responseMimeType");
        buffer_put(body, TEXT("\"application/json\""));
    }
    if (plan->output == GEMINI_SCHEMA) {
        json_put_name(body, plan->openapi ? "responseSchema" : "responseJsonSchema");
        buffer_put(body, chat->output_strict);
    }
}

void gemini_put_config(struct buffer *body, const struct chat *chat, const struct gemini_plan *plan,
                       struct arena *arena)
{
    int64_t max_tokens = param_max_tokens(chat, arena);
    struct text stops = param_stops(chat, true, arena);
    struct buffer config = buffer_in(arena);

    buffer_put_byte(&config, '{');
    if (max_tokens > 0) {
        json_put_name(&config, "maxOutputTokens");
        buffer_put_i64(&config, max_tokens);
    }
    put_sampling(&config, chat, plan->model);
    put_seed(&config, chat, arena);
    if (stops.len > 0) {
        json_put_name(&config, "stopSequences");
        buffer_put(&config, stops);
    }
    put_output(&config, chat, plan);
    put_thinking(&config, chat, plan->model, max_tokens, arena);
    buffer_put_byte(&config, '}');
    if (config.len == 2)
        return;
    json_put_name(body, "generationConfig");
    buffer_put(body, buffer_text(&config));
}

/* --- where to ----------------------------------------------------------------------------------
 */

struct text gemini_model_on_the_wire(struct text model)
{
    static const struct {
        struct text name, wire;
    } others[] = {
        {TEXT_INIT("gemini-3-flash"), TEXT_INIT("gemini-3-flash-preview")},
        {TEXT_INIT("gemini-3-pro"), TEXT_INIT("gemini-3-pro-preview")},
    };

    if (text_starts(model, TEXT("models/"))) /* as the list of models has it */
        model = text_after(model, sizeof "models/" - 1);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (text_equal(model, others[i].name))
            return others[i].wire;
    return model;
}

struct text gemini_path(const struct provider *provider, struct text model, const char *method,
                        const char *query, struct arena *arena)
{
    struct buffer path = buffer_in(arena);
    bool tuned = text_starts(model, TEXT("tunedModels/"));

    buffer_put(&path, provider->path.len > 0 ? provider->path : TEXT("/v1beta"));
    buffer_put(&path, tuned ? TEXT("/tunedModels/") : TEXT("/models/"));
    wire_put_segment(&path, tuned ? text_after(model, sizeof "tunedModels/" - 1)
                                  : gemini_model_on_the_wire(model));
    buffer_printf(&path, ":%s", method);
    if (query[0] != '\0')
        buffer_printf(&path, "?%s", query);
    if (provider->query.len > 0)
        buffer_printf(&path, "%s%.*s", query[0] != '\0' ? "&" : "?", TEXT_ARG(provider->query));
    return buffer_text(&path);
}

/* Vertex takes access tokens. */
static bool is_vertex(struct text host)
{
    static const struct text domain = TEXT_INIT("aiplatform.googleapis.com");

    return host.len >= domain.len &&
           text_equal_nocase(text_after(host, host.len - domain.len), domain);
}

struct text gemini_headers(const struct provider *provider, struct text key, struct arena *arena)
{
    return wire_headers(key, is_vertex(provider->host) ? NULL : "x-goog-api-key", arena);
}

/* --- the request -------------------------------------------------------------------------------
 */

/* Older models do no JSON with tools beside it, newer ones not when one must be called. */
static enum gemini_output output_of(const struct chat *chat, const struct gemini_plan *plan)
{
    bool free_choice = chat->choice == CHAT_CHOICE_UNSAID || chat->choice == CHAT_CHOICE_AUTO;

    if (chat->output_schema == NULL)
        return GEMINI_FREE;
    if (!plan->model->json || (plan->tools && !(plan->model->json_beside_tools && free_choice)))
        return GEMINI_TOLD;
    return chat->output_strict.len > 0 ? GEMINI_SCHEMA : GEMINI_JSON;
}

static struct gemini_plan plan_of(const struct chat *chat, const struct provider *provider)
{
    const char *lower = provider->kind->lower;
    struct gemini_plan plan = {
        .model = gemini_model_find(gemini_model_on_the_wire(chat->model)),
        .openapi = lower != NULL && strcmp(lower, "gemini-openapi") == 0,
        /* Tools that must not be called only stand in the way of a schema. */
        .tools = chat->tool_count > 0 &&
                 !(chat->choice == CHAT_CHOICE_NONE && chat->output_schema != NULL),
    };

    plan.output = output_of(chat, &plan);
    return plan;
}

static void request(const struct chat *chat, const struct provider *provider, struct text key,
                    struct arena *arena, struct wire_request *out)
{
    struct gemini_plan plan = plan_of(chat, provider);
    struct buffer body = buffer_in(arena);

    buffer_reserve(&body, wire_body_bytes(chat));
    buffer_put_byte(&body, '{');
    gemini_put_contents(&body, chat, &plan, arena);
    gemini_put_tools(&body, chat, &plan);
    gemini_put_config(&body, chat, &plan, arena);
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = gemini_path(provider, chat->model,
                            chat->stream ? "streamGenerateContent" : "generateContent",
                            chat->stream ? "alt=sse" : "", arena),
        .headers = gemini_headers(provider, key, arena),
        .body = buffer_text(&body),
    };
}

const struct dialect dialect_gemini = {
    .name = "gemini",
    .stream_bytes = sizeof(struct gemini_stream),
    .request = request,
    .answer = gemini_answer,
    .event = gemini_event,
    .refusal = gemini_refusal,
    .embed_request = gemini_embed_request,
    .embed_answer = gemini_embed_answer,
    .embed_most = 100,
};
