/* One file of endpoints/. Its keys are read by table into a draft; then each part that needs more
 * than a look is made of its cell, every part even when another has failed. */
#include "config/endpoint_draft.h"
#include "config/value.h"

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
    m->good &= load_use(m->load, m->document, document_member(m->document, 0, TEXT("model")),
                        m->endpoint, target);
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
    m->endpoint->input_document = input.schema != NULL ? input.document : NULL;
    m->endpoint->input_at = input.at;
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

/* Which variables there are is not known when the schema that says so is broken. */
static void make_prompt(struct making *m, uint32_t cell, const char *name, const char *hint,
                        struct template *out, struct text *out_text)
{
    const struct template_use use = {.input = m->endpoint->input,
                                     .partials = &m->load->partials,
                                     .variables = m->endpoint->variables != NULL,
                                     .file = m->endpoint->file};

    m->good &= load_prompt(m->load, m->document, cell, name, hint, m->input_refused ? NULL : &use,
                           out, out_text);
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

static void make_tool(struct making *m)
{
    m->good &= load_tool(m->load, m->document, m->draft.mcp, &m->endpoint->tool);
}

/* Who may read its answers, and for how long there are any. */
static void make_terms(struct making *m)
{
    if (m->draft.origins != CELL_NONE)
        m->good &= load_origins(m->load, m->document, m->draft.origins, &m->endpoint->origins);
    m->good &= load_deprecated(m->load, m->document, m->draft.deprecated, m->endpoint->slug,
                               &m->endpoint->deprecated);
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
    m->good &= load_content(m->load, m->document, 0, (enum content_word)m->draft.content,
                            &m->endpoint->content);
}

static void make_cache(struct making *m)
{
    m->endpoint->cache.by_token = m->draft.cache_scope == 1;
    m->good &= load_cache(m->load, m->document, 0, m->endpoint);
}

static void make_session(struct making *m)
{
    if (document_member(m->document, 0, TEXT("session")) == CELL_NONE)
        m->endpoint->session = (struct session_rule){0};
    else
        m->endpoint->session.on_full = m->draft.on_full == 1 ? SESSION_REJECT : SESSION_SLIDE;
    m->endpoint->session.retention_ms = m->load->config->settings.session_retention_ms;
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
    make_tool(m);
    make_terms(m);
    make_form(m);
    make_session(m);
    make_log(m);
    make_cache(m);
    load_limits_unsaid(m->load, &m->endpoint->limits);
    m->good &= load_times(m->load, m->document, 0, m->endpoint);
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
    *m.endpoint = endpoint_unsaid(load, path);
    if (!load_bytes(load, path, NULL, 0, &bytes) || !load_yaml(load, path, bytes, false, document))
        return false;
    m.good &= keys_read(&reading, 0, 0, &endpoint_table, &m.draft);
    make(&m, path);
    /* A version is that of a whole endpoint; one with errors will not be used. */
    if (m.good && load->diagnostics->error_count == errors) {
        endpoint_version(load, m.endpoint, &m.parts);
        load_sources(load, document, &m.parts, m.endpoint);
        load_shadow_version(m.endpoint);
    }
    if (m.good && m.parts.routing != NULL)
        load_uses_endpoints(load, document, m.parts.routing, m.draft.budget, m.endpoint);
    if (m.good && m.draft.shadow != CELL_NONE)
        load_shadow_endpoint(load, document, m.draft.shadow, m.endpoint);
    *out = *m.endpoint;
    return true;
}
