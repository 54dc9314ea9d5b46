#include "provider/openai_model.h"

#define BIT(effort) (1u << EFFORT_##effort)
#define LOW_TO_HIGH (BIT(LOW) | BIT(MEDIUM) | BIT(HIGH))

/* The first that fits counts, so the longer prefix comes first. */
// clang-format off
static const struct openai_model models[] = {
    {NULL, "gpt-3.5", .efforts = 0},
    {NULL, "gpt-4", .efforts = 0},
    {NULL, "chatgpt", .efforts = 0},
    {NULL, "o1-pro", .efforts = LOW_TO_HIGH, .reasoning = true, .many_calls = true, .responses_only = true},
    {NULL, "o3-pro", .efforts = LOW_TO_HIGH, .reasoning = true, .many_calls = true, .responses_only = true},
    {NULL, "o1", .efforts = LOW_TO_HIGH, .reasoning = true, .many_calls = true},
    {NULL, "o3", .efforts = LOW_TO_HIGH, .reasoning = true, .many_calls = true},
    {NULL, "o4", .efforts = LOW_TO_HIGH, .reasoning = true, .many_calls = true},
    {NULL, "gpt-5-chat", .efforts = 0},
    {NULL, "gpt-5-pro", .efforts = BIT(HIGH), .reasoning = true, .responses_only = true},
    {NULL, "gpt-5.2-pro", .efforts = BIT(MEDIUM) | BIT(HIGH) | BIT(XHIGH), .reasoning = true, .responses_only = true},
    {NULL, "gpt-5.4-pro", .efforts = BIT(MEDIUM) | BIT(HIGH) | BIT(XHIGH), .reasoning = true, .responses_only = true},
    {NULL, "gpt-5.5-pro", .efforts = BIT(MEDIUM) | BIT(HIGH) | BIT(XHIGH), .reasoning = true, .responses_only = true},
    {NULL, "gpt-5-codex", .efforts = LOW_TO_HIGH, .reasoning = true, .responses_only = true},
    {NULL, "gpt-5.1-codex-max", .efforts = LOW_TO_HIGH | BIT(XHIGH), .reasoning = true, .responses_only = true},
    {NULL, "gpt-5.1-codex", .efforts = LOW_TO_HIGH, .reasoning = true, .responses_only = true},
    {NULL, "gpt-5.2-codex", .efforts = LOW_TO_HIGH | BIT(XHIGH), .reasoning = true, .responses_only = true},
    {NULL, "gpt-5.3-codex", .efforts = LOW_TO_HIGH | BIT(XHIGH), .reasoning = true, .responses_only = true},
    {NULL, "gpt-5.1", .efforts = BIT(NONE) | LOW_TO_HIGH, .reasoning = true, .samples_at_none = true},
    {NULL, "gpt-5.6", .efforts = BIT(NONE) | LOW_TO_HIGH | BIT(XHIGH) | BIT(MAX), .reasoning = true, .samples_at_none = true,
     .tools_at_none = true},
    {NULL, "gpt-5.", .efforts = BIT(NONE) | LOW_TO_HIGH | BIT(XHIGH), .reasoning = true, .samples_at_none = true},
    {NULL, "gpt-5", .efforts = BIT(MINIMAL) | LOW_TO_HIGH, .reasoning = true},
    {NULL, "gpt-6", .efforts = BIT(NONE) | LOW_TO_HIGH | BIT(XHIGH) | BIT(MAX), .reasoning = true, .samples_at_none = true},
    {"groq", "openai/gpt-oss", .efforts = LOW_TO_HIGH},
    {"groq", "qwen/qwen3", .efforts = BIT(NONE) | BIT(DEFAULT), .no_schemas = true, .also = "\"reasoning_format\":\"parsed\""},
    {"groq", "", .no_schemas = true},
    {"deepseek", "deepseek-chat", .efforts = 0},
    {"deepseek", "deepseek-reasoner", .efforts = 0},
    {"deepseek", "", .efforts = BIT(NONE) | BIT(LOW) | BIT(HIGH) | BIT(MAX)},
    {"together", "", .efforts = BIT(NONE) | LOW_TO_HIGH},
    {"openrouter", "", .efforts = BIT(NONE) | BIT(MINIMAL) | LOW_TO_HIGH | BIT(XHIGH)},
    {"vllm", "", .efforts = BIT(NONE) | LOW_TO_HIGH},
    {"llamacpp", "", .efforts = BIT(NONE) | LOW_TO_HIGH},
};
// clang-format on

static const char *const words[EFFORT_COUNT] = {"none", "minimal", "low", "medium",
                                                "high", "xhigh",   "max", "default"};

static bool has_openai_models(const struct provider_kind *kind)
{
    struct text name = text_of(kind->name);

    return text_equal(name, TEXT("openai")) || text_equal(name, TEXT("azure")) ||
           text_equal(name, TEXT("compatible"));
}

const struct openai_model *openai_model_find(const struct provider_kind *kind, struct text model)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const struct openai_model *row = &models[i];
        bool there = row->kind == NULL ? has_openai_models(kind)
                                       : text_equal(text_of(kind->name), text_of(row->kind));

        if (there && text_starts(model, text_of(row->prefix)))
            return row;
    }
    return NULL;
}

/* The place of a word that is written as a JSON string; EFFORT_COUNT when it has none. */
static unsigned place_of(struct text asked)
{
    struct text word = asked.len >= 2 ? (struct text){asked.at + 1, asked.len - 2} : asked;
    unsigned place = 0;

    while (place < EFFORT_COUNT && !text_equal(word, text_of(words[place])))
        place++;
    return place;
}

const char *openai_effort(const struct openai_model *model, struct text asked)
{
    unsigned place = place_of(asked);

    for (unsigned at = place; at > EFFORT_NONE; at--)
        if ((model->efforts >> at & 1) != 0)
            return words[at];
    for (unsigned at = place; at < EFFORT_COUNT; at++)
        if ((model->efforts >> at & 1) != 0)
            return words[at];
    return NULL;
}
