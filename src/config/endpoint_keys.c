/* The keys of a file of endpoints/: their types and bounds, and what people are told of them. */
#include "config/endpoint_draft.h"
#include "config/limit_keys.h"

enum { DAY_MS = 86400000, REASKS_MAX = 5, USD_MAX = 1000 };

static const char *const stream_words[] = {"off", "raw", "validated", NULL};
static const char *const respond_words[] = {"envelope", "output", NULL};
static const char *const then_words[] = {"reject", "next", NULL};
static const char *const content_words[] = {"none", "full", "redacted", NULL};
static const char *const scope_words[] = {"project", "token", NULL};
static const char *const on_full_words[] = {"slide", "reject", NULL};

#define ANY_STRING     .type = KEY_CELL, .types = KEY_OF(CELL_STRING)
#define PATH_OR(other) .type = KEY_CELL, .types = KEY_OF(CELL_STRING) | (other)
#define PARAM_HINT     .hint = "sampling parameters belong under 'params'"

// clang-format off
static const struct key session_keys[] = {
    {.name = "ttl", .type = KEY_DURATION, FIELD(struct endpoint_draft, endpoint.session.ttl_ms), .least = 1000, .greatest = 3650.0 * DAY_MS,
     .about = "How long a session waits for its next turn before it ends.",
     .example = "30m"},
    {.name = "max_messages", .type = KEY_COUNT, FIELD(struct endpoint_draft, endpoint.session.max_messages), .least = 2, .greatest = 10000,
     .about = "How many messages of a session are kept; each turn has two.",
     .example = "40"},
    {.name = "max_tokens", .type = KEY_COUNT, FIELD(struct endpoint_draft, endpoint.session.max_tokens), .least = 1, .greatest = 100000000, .hint = "max_tokens: 16000; without the key there is no limit",
     .about = "How many tokens of history go to the model, as estimated.",
     .example = "16000"},
    {.name = "on_full", .type = KEY_CHOICE, FIELD(struct endpoint_draft, on_full), .words = on_full_words,
     .about = "What happens when a session is full: 'slide' forgets its oldest turns, 'reject' answers 422 session_full.",
     .example = "slide"},
    {.name = "max_waiting", .type = KEY_COUNT, FIELD(struct endpoint_draft, endpoint.session.max_waiting), .least = 0, .greatest = 1000, .hint = "max_waiting: 8; with 0 a second turn is refused while one is under way",
     .about = "How many turns may wait while one of the same session is under way; others get 409 session_busy.",
     .example = "8"},
};
static const struct keys session_table = KEYS_OF(session_keys);

static const struct key timeout_keys[] = {
    {.name = "first_token", .type = KEY_DURATION, FIELD(struct endpoint_draft, endpoint.times.first_byte_ms), .least = 10, .greatest = DAY_MS,
     .about = "How long the model may take to begin its answer.",
     .example = "10s"},
    {.name = "idle", .type = KEY_DURATION, FIELD(struct endpoint_draft, endpoint.times.idle_ms), .least = 10, .greatest = DAY_MS,
     .about = "How long an answer that has begun may pause.",
     .example = "20s"},
    {.name = "total", .type = KEY_DURATION, FIELD(struct endpoint_draft, endpoint.times.total_ms), .least = 10, .greatest = DAY_MS,
     .about = "How long the whole call may take, failover included.",
     .example = "60s"},
};
const struct keys endpoint_timeout_table = KEYS_OF(timeout_keys);

static const struct key limit_keys[] = {
    LIMIT_KEYS(struct endpoint_draft, endpoint.limits),
    {.name = "callers", .type = KEY_ELSEWHERE, .hint = "these limits are of each caller's token already: write limits: {per_minute: 60}"},
};
const struct keys endpoint_limit_table = KEYS_OF(limit_keys);

static const struct key invalid_keys[] = {
    {.name = "repair", .type = KEY_BOOLEAN, FIELD(struct endpoint_draft, endpoint.invalid.repair),
     .about = "Mend obvious slips of JSON, such as a comma too many; never guess a value.",
     .example = "true"},
    {.name = "reask", .type = KEY_COUNT, FIELD(struct endpoint_draft, endpoint.invalid.reask), .greatest = REASKS_MAX, .hint = "reask: 1",
     .about = "How often the same model is told what was wrong and asked again.",
     .example = "1"},
    {.name = "then", .type = KEY_CHOICE, FIELD(struct endpoint_draft, then), .words = then_words, .hint = "then: next, or then: reject",
     .about = "When nothing helped: 'next' asks the next failover target that lists 'invalid', 'reject' answers 422.",
     .example = "next"},
    {.name = "early", .type = KEY_BOOLEAN, FIELD(struct endpoint_draft, endpoint.invalid.early),
     .about = "Read the answer as a stream, so that one that can no longer fit is cancelled at once.",
     .example = "true"},
    {.name = "max_usd", .type = KEY_NUMBER, FIELD(struct endpoint_draft, max_usd), .least = 0, .greatest = USD_MAX, .hint = "max_usd: 0.05, beyond which nothing more is tried",
     .about = "Once the attempts have cost so much, in USD, nothing more is tried.",
     .example = "0.05"},
};
static const struct keys invalid_table = KEYS_OF(invalid_keys);

static const struct key retry_keys[] = {
    {.name = "times", .type = KEY_COUNT, FIELD(struct endpoint_draft, endpoint.retry.times), .greatest = 5, .hint = "times: 1",
     .about = "How often one target is tried again after a failure that may pass.",
     .example = "1"},
    {.name = "after_send", .type = KEY_BOOLEAN, FIELD(struct endpoint_draft, endpoint.retry.after_send),
     .about = "Try again also when the provider may have received the request already, and may charge for it twice.",
     .example = "false"},
};
const struct keys endpoint_retry_table = KEYS_OF(retry_keys);

static const struct key hedge_keys[] = {
    {.name = "after", ANY_STRING, .required = true, FIELD(struct endpoint_draft, hedge_after), .hint = "after: p95, or after: 800ms",
     .about = "When the next target is asked as well while the first keeps silent: 'p95', of the target's own times, or a duration.",
     .example = "p95", .pattern = "^(p95|[0-9]+(ms|s|m|h|d))$"},
};
const struct keys endpoint_hedge_table = KEYS_OF(hedge_keys);

static const struct key log_keys[] = {
    {.name = "content", .type = KEY_CHOICE, FIELD(struct endpoint_draft, content), .words = content_words, .hint = "content: redacted, content: full or content: none",
     .about = "What is kept of prompts and answers: 'none', 'full', or 'redacted', without personal data and credentials.",
     .example = "full"},
    {.name = "retention", .type = KEY_DURATION, FIELD(struct endpoint_draft, endpoint.content.retention_ms), .least = 60000, .greatest = 3650.0 * DAY_MS, .hint = "retention: 24h, not longer than that of 'log' in pinion.yaml",
     .about = "How long contents are kept; not longer than the log's own rows.",
     .example = "24h"},
};
const struct keys endpoint_log_table = KEYS_OF(log_keys);

static const struct key cache_keys[] = {
    {.name = "ttl", .type = KEY_DURATION, FIELD(struct endpoint_draft, endpoint.cache.ttl_ms), .greatest = 365.0 * DAY_MS, .hint = "ttl: 1h; with 0s nothing is kept",
     .about = "How long an answer is kept. 0s: no answer is.",
     .example = "1h"},
    {.name = "max_ttl", .type = KEY_DURATION, FIELD(struct endpoint_draft, endpoint.cache.max_ms), .greatest = 365.0 * DAY_MS, .hint = "max_ttl: 24h; without the key callers may ask for what 'ttl' says, and for less",
     .about = "The most that a caller may ask for with X-Cache-TTL. Without 'ttl' beside it, only callers who ask are answered from the cache.",
     .example = "24h"},
    {.name = "scope", .type = KEY_CHOICE, FIELD(struct endpoint_draft, cache_scope), .words = scope_words, .hint = "scope: token, or scope: project",
     .about = "Whose calls an answer is for: those of the caller's 'project', or of its 'token' alone. It never gets out of the project.",
     .example = "token"},
};
const struct keys endpoint_cache_table = KEYS_OF(cache_keys);

static const struct key endpoint_keys[] = {
    {.name = "slug", .type = KEY_TEXT, FIELD(struct endpoint_draft, endpoint.slug), .hint = "slug: summarize",
     .about = "The path under which callers reach the endpoint; without it, the file's name.",
     .example = "summarize", .pattern = "^[a-z0-9][a-z0-9-]{0,62}$"},
    {.name = "description", .type = KEY_TEXT, FIELD(struct endpoint_draft, endpoint.description), .hint = "description: Condenses an article.",
     .about = "What the endpoint does, in a sentence: for people, and for models that use it as a tool.",
     .example = "Condenses an article."},
    {.name = "provider", .type = KEY_TEXT, .required = true, FIELD(struct endpoint_draft, provider), .hint = "provider: openai, a name from 'providers' in pinion.yaml, or provider: demo, which is built in",
     .about = "Who is asked: a name from 'providers' in pinion.yaml.",
     .example = "openai"},
    {.name = "model", .type = KEY_TEXT, .required = true, FIELD(struct endpoint_draft, model), .hint = "model: gpt-4.1-mini, as the provider names it",
     .about = "The model, as the provider names it.",
     .example = "gpt-4.1-mini"},
    {.name = "system", ANY_STRING, .required = true, FIELD(struct endpoint_draft, system), .hint = "system: \"You are a careful editor.\", or whatever the model is to be and do",
     .about = "The system prompt: what the model is to be and do. {{name}} is replaced by that field of the input.",
     .example = "You are a careful editor. Write for {{audience}}.", .pattern = "\\S"},
    {.name = "template", ANY_STRING, FIELD(struct endpoint_draft, template), .hint = "template: \"Summarise this: {{text}}\"",
     .about = "The message that is made of the caller's input. Without it the input is sent as it is.",
     .example = "\"Summarise this in {{language}}: {{text}}\"", .pattern = "\\S"},
    {.name = "params", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, params), .hint = "params: {temperature: 0.2, max_tokens: 800}",
     .about = "Parameters of the model. They are pinned: a caller cannot change them unless 'allow' names them.",
     .example = "{temperature: 0.2, max_tokens: 800}", .inside = &param_table},
    {.name = "allow", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct endpoint_draft, allow), .hint = "allow: [temperature]",
     .about = "What callers may set themselves.",
     .example = "[temperature, max_tokens]", .words = allow_words},
    {.name = "input_schema", PATH_OR(KEY_OF(CELL_OBJECT) | KEY_OF(CELL_BOOLEAN)), FIELD(struct endpoint_draft, input), .hint = "input_schema: schemas/name.in.json, or is the schema itself, as in input_schema: {type: object}",
     .about = "What callers may send: the path of a JSON Schema, or the schema itself. Anything else is refused with 422, before it costs anything.",
     .example = "schemas/summarize.in.json"},
    {.name = "variables", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, variables), .hint = "variables: {audience: {type: string, max_length: 80}, tone: {enum: [warm, plain]}}",
     .about = "What callers may send, as typed variables: a shorter way to write an input schema, and values that are exactly one of another type become it. Instead of 'input_schema'.",
     .example = "{audience: {type: string, max_length: 80}, tone: {enum: [warm, plain]}}", .each = &variable_table, .each_types = KEY_OF(CELL_STRING)},
    {.name = "output_schema", PATH_OR(KEY_OF(CELL_OBJECT) | KEY_OF(CELL_BOOLEAN)), FIELD(struct endpoint_draft, output), .hint = "output_schema: schemas/name.out.json, or is the schema itself, as in output_schema: {type: object}",
     .about = "What the model's answer has to be: the path of a JSON Schema, or the schema itself.",
     .example = "schemas/summarize.out.json"},
    {.name = "stream", .type = KEY_CHOICE, FIELD(struct endpoint_draft, stream), .words = stream_words, .hint = "stream: validated",
     .about = "What a caller who asks for a stream gets: 'off' plain JSON, 'raw' the text as it comes, 'validated' the text as long as it can still fit the output schema.",
     .example = "validated"},
    {.name = "respond", .type = KEY_CHOICE, FIELD(struct endpoint_draft, respond), .words = respond_words, .hint = "respond: output",
     .about = "What an answer is: 'envelope' with usage and cost, or the bare 'output' alone.",
     .example = "output"},
    {.name = "session", .type = KEY_TABLE, .inside = &session_table, .hint = "session: {ttl: 30m, max_messages: 40}",
     .about = "Calls continue a conversation that the gateway keeps.",
     .example = "{ttl: 30m, max_messages: 40}"},
    {.name = "timeout", .type = KEY_TABLE, .inside = &endpoint_timeout_table, .hint = "timeout: {first_token: 10s, idle: 20s, total: 60s}",
     .about = "How long the parts of a call may take.",
     .example = "{first_token: 10s, idle: 20s, total: 60s}"},
    {.name = "limits", .type = KEY_TABLE, .inside = &endpoint_limit_table, .hint = "limits: {per_minute: 60}",
     .about = "How much each token may ask of this endpoint.",
     .example = "{per_minute: 60, concurrent: 20}"},
    {.name = "routing", PATH_OR(KEY_OF(CELL_ARRAY) | KEY_OF(CELL_OBJECT)), FIELD(struct endpoint_draft, routing), .hint = "routing: routing/name.yaml",
     .about = "Other models for some calls: the path of a file with rules, or the rules themselves. The first that matches wins.",
     .example = "routing/summarize.yaml", .shape = SHAPE_RULES},
    {.name = "tests", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct endpoint_draft, tests), .hint = "tests: a list of {name, input, assert}",
     .about = "What the author expects, for 'pinion test'.",
     .example = "[{name: an empty text is refused, input: {text: \"\"}, assert: [{type: status, value: 422}]}]", .each = &test_table},
    {.name = "failover", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct endpoint_draft, failover), .hint = "failover: [{provider: anthropic, model: claude-haiku-4-5, on: [error, timeout]}]",
     .about = "Targets that answer when the one before them does not.",
     .example = "[{provider: anthropic, model: claude-haiku-4-5, on: [error, timeout]}]", .each = &failover_table, .items_most = FAILOVER_MAX},
    {.name = "on_invalid_output", .type = KEY_TABLE, .inside = &invalid_table, .hint = "on_invalid_output: {repair: true, reask: 1, then: next}",
     .about = "What is done about an answer that does not fit the output schema.",
     .example = "{repair: true, reask: 1, then: next}"},
    {.name = "retry", .type = KEY_TABLE, .inside = &endpoint_retry_table, .hint = "retry: {times: 1}",
     .about = "When the same target is tried again.",
     .example = "{times: 1}"},
    {.name = "hedge", .type = KEY_TABLE, .inside = &endpoint_hedge_table, .hint = "hedge: {after: p95}",
     .about = "Ask a second target when the first is slow; the first answer wins.",
     .example = "{after: p95}"},
    {.name = "budget", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, budget), .hint = "budget: {monthly_usd: 50, daily_usd: 5, request_tokens: 8000}",
     .about = "What the endpoint may spend. Beyond it calls are refused with 422, before the model is asked.",
     .example = "{monthly_usd: 50, daily_usd: 5, request_tokens: 8000}", .inside = &budget_table},
    {.name = "cache", .type = KEY_TABLE, .inside = &endpoint_cache_table, .hint = "cache: {ttl: 1h}",
     .about = "Answers are kept for the next call that is the same; calls that are the same at the same time are made once.",
     .example = "{ttl: 1h}"},
    {.name = "guardrails", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT) | KEY_OF(CELL_STRING), FIELD(struct endpoint_draft, guardrails), .hint = "guardrails: {pii: mask, secrets: block}",
     .about = "What is looked for in prompts and answers; what the endpoint does not say is as for its callers' projects and for all.",
     .example = "{pii: mask, secrets: block}", .words = guard_off_words, .inside = &guard_table},
    {.name = "shadow", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, shadow), .hint = "shadow: {model: gpt-5-mini, percent: 10, daily_usd: 5}",
     .about = "Copies of answered calls go to another model or endpoint, unseen by those who call, to see how that would have answered.",
     .example = "{model: gpt-5-mini, percent: 10, daily_usd: 5}", .inside = &shadow_table},
    {.name = "origins", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct endpoint_draft, origins), .hint = "origins: [https://app.example.com]; with [] none may",
     .about = "Which web pages may call the endpoint from a browser, by their origins; without the key, those that pinion.yaml lists.",
     .example = "[https://app.example.com, \"http://localhost:*\"]", .each_types = KEY_OF(CELL_STRING)},
    {.name = "deprecated", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, deprecated), .hint = "deprecated: {since: 2026-11-01, sunset: 2027-01-31, successor: summarize-2}",
     .about = "That the endpoint should no longer be called, from when on it cannot be, and what takes its place; told to callers with each answer.",
     .example = "{since: 2026-11-01, sunset: 2027-01-31}", .inside = &deprecated_table},
    {.name = "mcp", .type = KEY_CELL, .types = KEY_OF(CELL_BOOLEAN) | KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, mcp), .hint = "mcp: false, or mcp: {title: Summarise a text}",
     .about = "Whether, and how, the endpoint is a tool for clients of the Model Context Protocol; without the key it is one.",
     .example = "{title: Summarise a text}", .inside = &tool_table},
    {.name = "log", .type = KEY_TABLE, .inside = &endpoint_log_table, .hint = "log: {content: full, retention: 24h}",
     .about = "What is kept of calls beside their figures.",
     .example = "{content: full, retention: 24h}"},
    {.name = "temperature", .type = KEY_ELSEWHERE, PARAM_HINT},
    {.name = "top_p", .type = KEY_ELSEWHERE, PARAM_HINT},
    {.name = "max_tokens", .type = KEY_ELSEWHERE, PARAM_HINT},
    {.name = "seed", .type = KEY_ELSEWHERE, PARAM_HINT},
    {.name = "stop", .type = KEY_ELSEWHERE, PARAM_HINT},
    {.name = "reasoning_effort", .type = KEY_ELSEWHERE, PARAM_HINT},
    {.name = "system_prompt", .type = KEY_ELSEWHERE, .meant = "system"},
    {.name = "prompt", .type = KEY_ELSEWHERE, .meant = "template", .hint = "What the model is to be and do belongs under 'system'."},
    {.name = "schema", .type = KEY_ELSEWHERE, .hint = "did you mean \"output_schema\" or \"input_schema\"?"},
    {.name = "name", .type = KEY_ELSEWHERE, .meant = "slug"},
    {.name = "rules", .type = KEY_ELSEWHERE, .hint = "rules belong under 'routing', or into a file that it names"},
};
// clang-format on
const struct keys endpoint_table = KEYS_OF(endpoint_keys);
