/* One file of endpoints/. Its keys are read by table into a draft; then each part that needs more
 * than a look is made of its cell, every part even when another has failed. */
#include "config/limit_keys.h"
#include "config/load.h"

#include "config/value.h"

struct endpoint_draft {
    uint32_t shadow;
    struct endpoint endpoint;
    struct text provider, model;
    uint32_t system, template, params, allow, input, variables, output, routing, tests;
    uint32_t content, cache_scope;
    uint32_t stream, respond, on_full, then, failover, max_usd, hedge_after, budget, guardrails;
};

enum { DAY_MS = 86400000, STREAM_UNSAID = 3, REASKS_MAX = 5, USD_MAX = 1000 };

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
static const struct keys timeout_table = KEYS_OF(timeout_keys);

static const struct key limit_keys[] = {
    LIMIT_KEYS(struct endpoint_draft, endpoint.limits),
    {.name = "callers", .type = KEY_ELSEWHERE, .hint = "these limits are of each caller's token already: write limits: {per_minute: 60}"},
};
static const struct keys limit_table = KEYS_OF(limit_keys);

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
static const struct keys retry_table = KEYS_OF(retry_keys);

static const struct key hedge_keys[] = {
    {.name = "after", ANY_STRING, .required = true, FIELD(struct endpoint_draft, hedge_after), .hint = "after: p95, or after: 800ms",
     .about = "When the next target is asked as well while the first keeps silent: 'p95', of the target's own times, or a duration.",
     .example = "p95", .pattern = "^(p95|[0-9]+(ms|s|m|h|d))$"},
};
static const struct keys hedge_table = KEYS_OF(hedge_keys);

static const struct key log_keys[] = {
    {.name = "content", .type = KEY_CHOICE, FIELD(struct endpoint_draft, content), .words = content_words, .hint = "content: redacted, content: full or content: none",
     .about = "What is kept of prompts and answers: 'none', 'full', or 'redacted', without personal data and credentials.",
     .example = "full"},
    {.name = "retention", .type = KEY_DURATION, FIELD(struct endpoint_draft, endpoint.content.retention_ms), .least = 60000, .greatest = 3650.0 * DAY_MS, .hint = "retention: 24h, not longer than that of 'log' in pinion.yaml",
     .about = "How long contents are kept; not longer than the log's own rows.",
     .example = "24h"},
};
static const struct keys log_table = KEYS_OF(log_keys);

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
static const struct keys cache_table = KEYS_OF(cache_keys);

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
    {.name = "timeout", .type = KEY_TABLE, .inside = &timeout_table, .hint = "timeout: {first_token: 10s, idle: 20s, total: 60s}",
     .about = "How long the parts of a call may take.",
     .example = "{first_token: 10s, idle: 20s, total: 60s}"},
    {.name = "limits", .type = KEY_TABLE, .inside = &limit_table, .hint = "limits: {per_minute: 60}",
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
    {.name = "retry", .type = KEY_TABLE, .inside = &retry_table, .hint = "retry: {times: 1}",
     .about = "When the same target is tried again.",
     .example = "{times: 1}"},
    {.name = "hedge", .type = KEY_TABLE, .inside = &hedge_table, .hint = "hedge: {after: p95}",
     .about = "Ask a second target when the first is slow; the first answer wins.",
     .example = "{after: p95}"},
    {.name = "budget", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, budget), .hint = "budget: {monthly_usd: 50, daily_usd: 5, request_tokens: 8000}",
     .about = "What the endpoint may spend. Beyond it calls are refused with 422, before the model is asked.",
     .example = "{monthly_usd: 50, daily_usd: 5, request_tokens: 8000}", .inside = &budget_table},
    {.name = "cache", .type = KEY_TABLE, .inside = &cache_table, .hint = "cache: {ttl: 1h}",
     .about = "Answers are kept for the next call that is the same; calls that are the same at the same time are made once.",
     .example = "{ttl: 1h}"},
    {.name = "guardrails", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT) | KEY_OF(CELL_STRING), FIELD(struct endpoint_draft, guardrails), .hint = "guardrails: {pii: mask, secrets: block}",
     .about = "What is looked for in prompts and answers; what the endpoint does not say is as for its callers' projects and for all.",
     .example = "{pii: mask, secrets: block}", .words = guard_off_words, .inside = &guard_table},
    {.name = "shadow", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct endpoint_draft, shadow), .hint = "shadow: {model: gpt-5-mini, percent: 10, daily_usd: 5}",
     .about = "Copies of answered calls go to another model, unseen by those who call, to see how that would have answered.",
     .example = "{model: gpt-5-mini, percent: 10, daily_usd: 5}", .inside = &shadow_table},
    {.name = "mcp", .type = KEY_LATER},
    {.name = "log", .type = KEY_TABLE, .inside = &log_table, .hint = "log: {content: full, retention: 24h}",
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

/* One endpoint under way. */
struct making {
    struct load *load;
    const struct document *document;
    struct endpoint_draft draft;
    struct endpoint *endpoint; /* that of the draft */
    struct endpoint_parts parts;
    struct schema_use output;
    bool input_refused, budget_refused;
    bool good;
};

static struct diagnostic *report(struct making *m, uint32_t cell, enum diagnostic_code code,
                                 const char *message)
{
    m->good = false;
    return diagnose(m->load->diagnostics, m->document, cell, code, "%s", message);
}

#define HINT(m, it, ...) diagnostic_hint((m)->load->diagnostics, (it), __VA_ARGS__)

/* A valid slug that looks like what was written. */
static struct text slug_near(struct arena *arena, struct text wrong)
{
    char *out = arena_bytes(arena, 63);
    size_t len = 0;

    for (size_t i = 0; i < wrong.len && len < 63; i++) {
        char byte =
            (char)(wrong.at[i] >= 'A' && wrong.at[i] <= 'Z' ? wrong.at[i] | 0x20 : wrong.at[i]);
        bool word = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');

        if (word)
            out[len++] = byte;
        else if (len > 0 && out[len - 1] != '-')
            out[len++] = '-';
    }
    while (len > 0 && out[len - 1] == '-')
        len--;
    return len > 0 ? (struct text){out, len} : TEXT("summarize");
}

static void make_slug(struct making *m, struct text path)
{
    uint32_t cell = document_member(m->document, 0, TEXT("slug"));
    struct text slug = m->endpoint->slug, shown;
    struct diagnostic *it;

    if (slug.len == 0) {
        if (cell != CELL_NONE)
            return; /* reported with its type */
        slug = text_after(path, strlen("endpoints/"));
        slug.len -= strlen(".yaml");
        m->endpoint->slug = slug;
    }
    if (slug_valid(slug))
        return;
    shown = value_shown(m->load->diagnostics->arena, slug);
    if (cell == CELL_NONE)
        it = diagnose_file(m->load->diagnostics, path, m->document->source, (struct range){0},
                           DIAGNOSTIC_E0107, "the file's name gives the slug \"%.*s\", which is %s",
                           TEXT_ARG(shown), slug_reserved(slug) ? "reserved" : "malformed");
    else
        it = diagnose(m->load->diagnostics, m->document, cell, DIAGNOSTIC_E0107,
                      "the slug \"%.*s\" is %s", TEXT_ARG(shown),
                      slug_reserved(slug) ? "reserved" : "malformed");
    m->good = false;
    if (slug_reserved(slug))
        HINT(m, it, "the gateway itself answers under that path; choose another slug");
    else
        HINT(m, it,
             "a slug has 1 to 63 of a-z, 0-9 and '-', and starts with a letter or digit: %.*s%s",
             TEXT_ARG(slug_near(m->load->diagnostics->arena, slug)),
             cell == CELL_NONE ? "; rename the file or add 'slug'" : "");
}

static void make_target(struct making *m)
{
    struct target *target = &m->endpoint->target;

    m->good &= load_params(m->load, m->document, m->draft.params, &target->params);
    target->model = m->draft.model;
    if (m->draft.provider.len == 0)
        return;
    target->provider = load_provider(m->load, m->draft.provider, m->document,
                                     document_member(m->document, 0, TEXT("provider")));
    m->good &= target->provider != NULL;
    if (target->provider == NULL || target->model.len == 0)
        return;
    load_target(m->load, target, m->document, document_member(m->document, 0, TEXT("model")));
    load_unsaid(m->load, target, m->document, m->draft.params);
}

static void refuse_both(struct making *m)
{
    uint32_t schema = key_of(m->draft.input), variables = key_of(m->draft.variables);
    uint32_t later = schema > variables ? schema : variables;
    uint32_t first = schema > variables ? variables : schema;
    struct diagnostic *it = diagnose(m->load->diagnostics, m->document, later, DIAGNOSTIC_E0109,
                                     "'variables' and 'input_schema' both say what callers may "
                                     "send; the other one is on line %u",
                                     document_range(m->document, first).start.line);

    HINT(m, it, "remove one of them");
    m->input_refused = true;
}

static void make_schemas(struct making *m)
{
    struct schema_use input = {0}, output = {0};

    if (m->draft.input != CELL_NONE && m->draft.variables != CELL_NONE) {
        refuse_both(m);
    } else if (m->draft.input != CELL_NONE) {
        m->input_refused = !load_schema(m->load, m->document, m->draft.input, &input);
    } else if (m->draft.variables != CELL_NONE) {
        m->input_refused = !load_variables(m->load, m->document, m->draft.variables, &input,
                                           &m->endpoint->variables);
    }
    m->good &= !m->input_refused;
    if (m->draft.output != CELL_NONE)
        m->good &= load_schema(m->load, m->document, m->draft.output, &output);
    m->endpoint->input = input.schema;
    m->endpoint->output = output.schema;
    m->endpoint->output_document = output.schema != NULL ? output.document : NULL;
    m->endpoint->output_at = output.at;
    if (output.schema != NULL)
        m->endpoint->output_tokens = chat_estimate_tokens(output.document->source);
    m->output = output;
    m->parts.input_digest = input.digest;
    m->parts.output_digest = output.digest;
    m->parts.input = input;
    m->parts.output = output;
    m->endpoint->input_digest = input.digest;
    m->endpoint->output_digest = output.digest;
}

static void make_prompt(struct making *m, uint32_t cell, const char *name, const char *hint,
                        struct template *out, struct text *out_text)
{
    const struct template_use use = {.input = m->endpoint->input,
                                     .partials = &m->load->partials,
                                     .variables = m->endpoint->variables != NULL,
                                     .file = m->endpoint->file};

    if (cell == CELL_NONE)
        return;
    *out_text = document_text(m->document, cell);
    if (text_trim(*out_text).len == 0) {
        struct diagnostic *it = diagnose(m->load->diagnostics, m->document, cell, DIAGNOSTIC_E0106,
                                         "'%s' must not be empty", name);

        m->good = false;
        HINT(m, it, "%s", hint);
        return;
    }
    /* Which variables there are is not known when the schema that says so is broken. */
    if (!m->input_refused)
        m->good &=
            template_compile(m->document, cell, &use, m->load->arena, m->load->diagnostics, out);
}

static void make_prompts(struct making *m)
{
    make_prompt(m, m->draft.system, "system", "say what the model is to be and do",
                &m->endpoint->system, &m->parts.system);
    make_prompt(m, m->draft.template, "template",
                "remove 'template' to send the caller's input as it is", &m->endpoint->template,
                &m->parts.template);
    m->endpoint->has_template = m->draft.template != CELL_NONE;
    m->endpoint->system_source = m->parts.system;
    m->endpoint->template_source = m->parts.template;
}

static void make_allow(struct making *m)
{
    m->good &= load_allow(m->load, m->document, m->draft.allow, m->endpoint);
}

static void make_form(struct making *m)
{
    uint32_t cell = document_member(m->document, 0, TEXT("stream"));
    struct diagnostic *it;

    if (m->draft.stream == STREAM_VALIDATED && m->draft.output == CELL_NONE) {
        it = report(m, cell, DIAGNOSTIC_E0101,
                    "'stream: validated' checks each token against the output schema, but the "
                    "required key 'output_schema' is missing");
        HINT(m, it, "add output_schema, or write stream: raw");
    }
    if (m->draft.stream == STREAM_UNSAID)
        m->endpoint->stream = m->draft.output != CELL_NONE ? STREAM_OFF : STREAM_RAW;
    else
        m->endpoint->stream = (enum stream_mode)m->draft.stream;
    m->endpoint->respond_output = m->draft.respond == 1;
    if (m->endpoint->respond_output && m->draft.output == CELL_NONE) {
        it = report(m, document_member(m->document, 0, TEXT("respond")), DIAGNOSTIC_E0101,
                    "'respond: output' answers with the checked output, but the required key "
                    "'output_schema' is missing");
        HINT(m, it, "add output_schema, or remove 'respond'");
    }
}

/* `on_invalid_output` and `hedge`, as far as a table of keys does not say it. */
static void make_policy(struct making *m)
{
    m->endpoint->invalid.next = m->draft.then == 1;
    m->good &= load_invalid(m->load, m->document, m->draft.max_usd, m->endpoint);
    m->good &= load_hedge(m->load, m->document, m->draft.hedge_after, &m->endpoint->hedge);
}

static void make_failover(struct making *m)
{
    if (m->draft.failover != CELL_NONE)
        m->good &= load_failover(m->load, m->document, m->draft.failover, m->endpoint);
}

static void make_budget(struct making *m)
{
    if (m->draft.budget == CELL_NONE)
        return;
    m->budget_refused = !load_budget(m->load, m->document, m->draft.budget, &m->endpoint->budget);
    if (m->budget_refused)
        m->good = false;
    else if (m->good)
        m->good = load_budget_prices(m->load, m->document, key_of(m->draft.budget), m->endpoint);
}

static void make_guardrails(struct making *m)
{
    m->good &= load_guardrails(m->load, m->document, m->draft.guardrails, &m->endpoint->guardrails);
}

static void make_log(struct making *m)
{
    m->good &= load_content(m->load, m->document, (enum content_word)m->draft.content,
                            &m->endpoint->content);
}

static void make_cache(struct making *m)
{
    m->endpoint->cache.by_token = m->draft.cache_scope == 1;
    m->good &= load_cache(m->load, m->document, m->endpoint);
}

static void make_session(struct making *m)
{
    if (document_member(m->document, 0, TEXT("session")) == CELL_NONE)
        m->endpoint->session = (struct session_rule){0};
    else
        m->endpoint->session.on_full = m->draft.on_full == 1 ? SESSION_REJECT : SESSION_SLIDE;
    m->endpoint->session.retention_ms = m->load->config->settings.session_retention_ms;
}

/* What the file does not say is as for all endpoints. */
static void make_limits(struct making *m)
{
    const struct call_limits *all = &m->load->config->settings.caller_limits;
    struct call_limits *limits = &m->endpoint->limits;

    if (limits->per_minute == 0)
        limits->per_minute = all->per_minute;
    if (limits->per_hour == 0)
        limits->per_hour = all->per_hour;
    if (limits->tokens_per_minute == 0)
        limits->tokens_per_minute = all->tokens_per_minute;
    if (limits->concurrent == 0)
        limits->concurrent = all->concurrent;
}

static void make_routing(struct making *m)
{
    struct routing_use *routing = NULL;

    if (m->draft.routing == CELL_NONE)
        return;
    if (!load_routing(m->load, m->document, m->draft.routing, &routing) ||
        !load_rule_targets(m->load, routing, m->endpoint))
        m->good = false;
    m->parts.routing = routing;
}

/* Whether the endpoint, which is complete otherwise, fits its rules. */
static void make_needs(struct making *m)
{
    const struct needs_known known = {.input = !m->input_refused, .budget = !m->budget_refused};

    if (m->endpoint->rules.count > 0)
        m->good &= load_endpoint_needs(m->load, m->parts.routing, &known, m->endpoint);
    if (m->endpoint->rules.count > 0)
        m->good &=
            load_canaries(m->load, m->parts.routing,
                          m->draft.output == CELL_NONE || m->output.schema != NULL, m->endpoint);
}

static void make(struct making *m, struct text path)
{
    make_slug(m, path);
    make_target(m);
    make_schemas(m);
    make_prompts(m);
    make_allow(m);
    make_form(m);
    make_session(m);
    make_log(m);
    make_cache(m);
    make_limits(m);
    m->good &= load_times(m->load, m->document, m->endpoint);
    make_routing(m);
    make_failover(m);
    make_policy(m);
    make_budget(m);
    make_guardrails(m);
    make_needs(m);
    if (m->good && m->output.schema != NULL)
        load_lowered(m->load, &m->output, m->endpoint);
    if (m->draft.shadow != CELL_NONE && m->endpoint->target.provider != NULL)
        m->good &= load_shadow(m->load, m->document, m->draft.shadow, &m->output, m->endpoint);
    if (!m->input_refused)
        endpoint_tests_load(m->load, m->document, m->draft.tests, m->endpoint);
}

bool endpoint_load(struct load *load, struct text path, struct endpoint *out)
{
    struct document *document = ARENA_NEW(load->arena, struct document);
    struct making m = {.load = load, .document = document, .good = true};
    struct reading reading = load_reading(load, document);
    size_t errors = load->diagnostics->error_count;
    struct text bytes;

    m.endpoint = &m.draft.endpoint;
    m.draft.stream = STREAM_UNSAID;
    *m.endpoint = (struct endpoint){
        .file = path,
        .session = {.ttl_ms = 30 * 60000, .max_messages = 40, .max_waiting = SESSION_WAITING},
        .times = {.first_byte_ms = 10000, .idle_ms = 20000, .total_ms = 60000},
        .retry = {.times = 1},
        .invalid = {.early = true},
    };
    if (!load_bytes(load, path, NULL, 0, &bytes) || !load_yaml(load, path, bytes, false, document))
        return false;
    m.good &= keys_read(&reading, 0, 0, &endpoint_table, &m.draft);
    m.endpoint->number = ARENA_NEW(load->arena, uint64_t);
    make(&m, path);
    /* A version is that of a whole endpoint; one with errors will not be used. */
    if (m.good && load->diagnostics->error_count == errors) {
        endpoint_version(load, m.endpoint, &m.parts);
        load_sources(load, document, &m.parts, m.endpoint);
        load_shadow_version(m.endpoint);
    }
    if (m.good && m.parts.routing != NULL)
        load_uses_endpoints(load, document, m.parts.routing, m.draft.budget, m.endpoint);
    *out = *m.endpoint;
    return true;
}
