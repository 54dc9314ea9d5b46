/* The keys of an alias that is more than a model, in `aliases` of pinion.yaml: those of an endpoint
 * that mean something where the prompt is the caller's. */
#include "config/endpoint_draft.h"

#define NOT_HERE                                                                                   \
    .type = KEY_ELSEWHERE,                                                                         \
    .hint = "an alias takes whatever conversation its callers send; what goes in and comes out "   \
            "is said of an endpoint, in a file of endpoints/"
#define PARAM_HINT .type = KEY_ELSEWHERE, .hint = "sampling parameters belong under 'params'"

/* As enum chat_purpose has them, from 1 on. */
static const char *const purpose_words[] = {"document", "query", "classification", "clustering",
                                            NULL};

// clang-format off
static const struct key alias_keys[] = {
    {.name = "model", .type = KEY_TEXT, .required = true, FIELD(struct endpoint_draft, model), .hint = "model: openai:gpt-4o-mini, a provider and a model of it",
     .about = "Who is asked: a name from 'providers', a colon, and the model as that provider names it.",
     .example = "openai:gpt-4o-mini", .pattern = "^[a-z0-9][a-z0-9_-]*:."},
    {.name = "description", .type = KEY_TEXT, FIELD(struct endpoint_draft, endpoint.description), .hint = "description: Quick and cheap.",
     .about = "What the alias is for, in a sentence.",
     .example = "Quick and cheap."},
    {.name = "system", .type = KEY_CELL, .types = KEY_OF(CELL_STRING), FIELD(struct endpoint_draft, system), .hint = "system: \"You are a careful editor.\"",
     .about = "The system prompt of calls that bring none of their own.",
     .example = "You are a careful editor.", .pattern = "\\S"},
    {.name = "params", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, params), .hint = "params: {temperature: 0.2, max_tokens: 800}",
     .about = "Parameters of the model where a caller does not set them.",
     .example = "{temperature: 0.2, max_tokens: 800}", .inside = &param_table},
    {.name = "timeout", .type = KEY_TABLE, .inside = &endpoint_timeout_table, .hint = "timeout: {first_token: 10s, idle: 20s, total: 60s}",
     .about = "How long the parts of a call may take.",
     .example = "{first_token: 10s, idle: 20s, total: 60s}"},
    {.name = "limits", .type = KEY_TABLE, .inside = &endpoint_limit_table, .hint = "limits: {per_minute: 60}",
     .about = "How much each token may ask of this alias.",
     .example = "{per_minute: 60, concurrent: 20}"},
    {.name = "failover", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct endpoint_draft, failover), .hint = "failover: [{provider: anthropic, model: claude-haiku-4-5, on: [error, timeout]}]",
     .about = "Targets that answer when the one before them does not.",
     .example = "[{provider: anthropic, model: claude-haiku-4-5, on: [error, timeout]}]", .each = &failover_table, .items_most = FAILOVER_MAX},
    {.name = "retry", .type = KEY_TABLE, .inside = &endpoint_retry_table, .hint = "retry: {times: 1}",
     .about = "When the same target is tried again.",
     .example = "{times: 1}"},
    {.name = "hedge", .type = KEY_TABLE, .inside = &endpoint_hedge_table, .hint = "hedge: {after: p95}",
     .about = "Ask a second target when the first is slow; the first answer wins.",
     .example = "{after: p95}"},
    {.name = "budget", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, budget), .hint = "budget: {monthly_usd: 50, daily_usd: 5, request_tokens: 8000}",
     .about = "What the alias may spend. Beyond it calls are refused with 422, before the model is asked.",
     .example = "{monthly_usd: 50, daily_usd: 5}", .inside = &budget_table},
    {.name = "cache", .type = KEY_TABLE, .inside = &endpoint_cache_table, .hint = "cache: {ttl: 1h}",
     .about = "Answers are kept for the next call that is the same.",
     .example = "{ttl: 1h}"},
    {.name = "guardrails", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT) | KEY_OF(CELL_STRING), FIELD(struct endpoint_draft, guardrails), .hint = "guardrails: {pii: mask, secrets: block}",
     .about = "What is looked for in prompts and answers; what the alias does not say is as for its callers' projects and for all.",
     .example = "{pii: mask, secrets: block}", .words = guard_off_words, .inside = &guard_table},
    {.name = "input_type", .type = KEY_CHOICE, FIELD(struct endpoint_draft, input_type), .words = purpose_words, .hint = "input_type: document for texts that are searched, input_type: query for those they are searched with",
     .about = "What texts are embedded for, with models that make other vectors of what is searched than of what it is searched with (Cohere's and Gemini's).",
     .example = "query"},
    {.name = "log", .type = KEY_TABLE, .inside = &endpoint_log_table, .hint = "log: {content: full, retention: 24h}",
     .about = "What is kept of calls beside their figures.",
     .example = "{content: full, retention: 24h}"},
    {.name = "origins", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct endpoint_draft, origins), .hint = "origins: [https://app.example.com]; with [] none may",
     .about = "Which web pages may call the alias from a browser, by their origins; without the key, those that pinion.yaml lists for all.",
     .example = "[https://app.example.com, \"http://localhost:*\"]", .each_types = KEY_OF(CELL_STRING)},
    {.name = "provider", .type = KEY_ELSEWHERE, .hint = "the provider stands before the model: model: openai:gpt-4o-mini"},
    {.name = "system_prompt", .type = KEY_ELSEWHERE, .meant = "system"},
    {.name = "slug", .type = KEY_ELSEWHERE, .hint = "an alias is named by its key: aliases: {fast: {model: openai:gpt-4o-mini}}"},
    {.name = "name", .type = KEY_ELSEWHERE, .hint = "an alias is named by its key: aliases: {fast: {model: openai:gpt-4o-mini}}"},
    {.name = "allow", .type = KEY_ELSEWHERE, .hint = "callers of an alias may set everything; an endpoint, in a file of endpoints/, pins what they may not"},
    {.name = "template", NOT_HERE},
    {.name = "input_schema", NOT_HERE},
    {.name = "variables", NOT_HERE},
    {.name = "output_schema", NOT_HERE},
    {.name = "on_invalid_output", NOT_HERE},
    {.name = "respond", NOT_HERE},
    {.name = "session", NOT_HERE},
    {.name = "stream", .type = KEY_ELSEWHERE, .hint = "an alias is always streamed as it comes, to callers who ask for that"},
    {.name = "routing", .type = KEY_ELSEWHERE, .hint = "rules belong to an endpoint, in a file of endpoints/; an alias can have 'failover'"},
    {.name = "shadow", NOT_HERE},
    {.name = "mcp", NOT_HERE},
    {.name = "tests", NOT_HERE},
    {.name = "temperature", PARAM_HINT},
    {.name = "top_p", PARAM_HINT},
    {.name = "max_tokens", PARAM_HINT},
    {.name = "seed", PARAM_HINT},
    {.name = "stop", PARAM_HINT},
    {.name = "reasoning_effort", PARAM_HINT},
};
// clang-format on
const struct keys alias_table = KEYS_OF(alias_keys);
