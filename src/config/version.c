/* The version of an endpoint is the SHA-256 of everything that changes what it does, in one fixed
 * form: its own settings with their defaults filled in, the prompts, and of schemas and rules their
 * content rather than where they were written. Descriptions, tests, comments, prices and secrets
 * are no part of it. */
#include "config/load.h"
#include "provider/kind.h"

#include "base/buffer.h"
#include "document/json_write.h"

void version_put_target(struct buffer *out, const struct target *target)
{
    const struct provider *provider = target->provider;

    buffer_put_byte(out, '{');
    json_put_text(out, "provider", provider->name);
    json_put_text(out, "kind", text_of(provider->kind->name));
    json_put_text(out, "origin", provider->origin);
    json_put_text(out, "path", provider->path);
    json_put_text(out, "model", target->model);
    json_put_count(out, "on", target->on);
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        if (target->params.json[param].len > 0)
            json_put_text(out, chat_param_name(param), target->params.json[param]);
    buffer_put_byte(out, '}');
}

static void put_routing(struct buffer *out, const struct endpoint *endpoint,
                        const struct routing_use *routing)
{
    json_put_name(out, "rules");
    json_put_cell(out, routing->document, routing->at);
    json_put_name(out, "targets");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < endpoint->rules.count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        version_put_target(out, &endpoint->rule_targets[i]);
    }
    buffer_put_byte(out, ']');
}

static void put_failover(struct buffer *out, const struct endpoint *endpoint)
{
    json_put_name(out, "failover");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < endpoint->failover_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        version_put_target(out, &endpoint->failover[i]);
    }
    buffer_put_byte(out, ']');
}

static void put_policy(struct buffer *out, const struct endpoint *endpoint)
{
    json_put_count(out, "repair", endpoint->invalid.repair);
    json_put_count(out, "reask", endpoint->invalid.reask);
    json_put_count(out, "next", endpoint->invalid.next);
    json_put_count(out, "early", endpoint->invalid.early);
    json_put_count(out, "max_nano", (uint64_t)endpoint->invalid.max_nano);
    json_put_count(out, "retries", endpoint->retry.times);
    json_put_count(out, "after_send", endpoint->retry.after_send);
    json_put_count(out, "hedge", endpoint->hedge.on);
    json_put_count(out, "hedge_after", endpoint->hedge.after_ms);
}

/* What the prompts put in, by name; nothing where they put in nothing. */
static void put_partials(struct buffer *out, const char *name, const struct template *template)
{
    if (template->partial_count == 0)
        return;
    json_put_name(out, name);
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < template->partial_count; i++) {
        const struct partial *partial = template->partials[i];

        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, partial->name);
        buffer_put_byte(out, ':');
        json_put_string(out, partial->origin.text);
    }
    buffer_put_byte(out, '}');
}

static void put_numbers(struct buffer *out, const struct endpoint *endpoint)
{
    json_put_count(out, "allow_system", endpoint->allow_system);
    if (endpoint->kind != ENDPOINT_SLUG)
        json_put_count(out, "kind", endpoint->kind);
    if (endpoint->purpose != CHAT_PURPOSE_UNSAID)
        json_put_text(out, "purpose", text_of(chat_purpose_name(endpoint->purpose)));
    if (endpoint->allow_tools)
        json_put_count(out, "allow_tools", 1 + endpoint->allow_tool_choice);
    if (endpoint->allow_response_format)
        json_put_count(out, "allow_response_format", 1);
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        if (endpoint->allow[param])
            json_put_text(out, "allow", text_of(chat_param_name(param)));
    json_put_count(out, "stream", endpoint->stream);
    json_put_count(out, "respond", endpoint->respond_output);
    json_put_count(out, "ttl", endpoint->session.ttl_ms);
    json_put_count(out, "max_messages", endpoint->session.max_messages);
    json_put_count(out, "max_tokens", (uint64_t)endpoint->session.max_tokens);
    json_put_count(out, "on_full", endpoint->session.on_full);
    if (endpoint->session.ttl_ms > 0 && endpoint->session.max_waiting != SESSION_WAITING)
        json_put_count(out, "max_waiting", endpoint->session.max_waiting);
    if (endpoint->cache.said) {
        json_put_count(out, "cache_ttl", endpoint->cache.ttl_ms);
        json_put_count(out, "cache_max_ttl", endpoint->cache.max_ms);
        json_put_count(out, "cache_by_token", endpoint->cache.by_token);
    }
    json_put_count(out, "first_token", endpoint->times.first_byte_ms);
    if (endpoint->first_token_said)
        json_put_count(out, "first_token_said", 1);
    json_put_count(out, "idle", endpoint->times.idle_ms);
    json_put_count(out, "total", endpoint->times.total_ms);
    json_put_count(out, "per_minute", endpoint->limits.per_minute);
    json_put_count(out, "per_hour", endpoint->limits.per_hour);
    json_put_count(out, "concurrent", endpoint->limits.concurrent);
    if (endpoint->limits.tokens_per_minute > 0)
        json_put_count(out, "tokens_per_minute", endpoint->limits.tokens_per_minute);
}

/* Nothing where nothing is said. */
static void put_terms(struct buffer *out, const struct endpoint *endpoint)
{
    const struct deprecation *deprecated = &endpoint->deprecated;

    for (size_t i = 0; i < endpoint->origins.count; i++)
        json_put_text(out, "origin", endpoint->origins.items[i]);
    if (!deprecated->said)
        return;
    json_put_count(out, "deprecated_since", (uint64_t)deprecated->since_ms);
    json_put_count(out, "sunset", (uint64_t)deprecated->sunset_ms);
    json_put_text(out, "successor", deprecated->successor);
    json_put_text(out, "deprecated_link", deprecated->link);
}

/* As far as it does not depend on who calls. */
static void put_guardrails(struct buffer *out, const struct load *load,
                           const struct endpoint *endpoint)
{
    struct guard_policy policy =
        guard_policy_merge(&load->config->guardrails, &endpoint->guardrails);

    if (!guard_policy_on(&policy, GUARD_INPUT) && !guard_policy_on(&policy, GUARD_OUTPUT))
        return;
    json_put_name(out, "guardrails");
    guard_policy_put(out, &policy);
}

static void put_shadow(struct buffer *out, const struct shadow_rule *shadow)
{
    if (shadow->candidate.len > 0) {
        json_put_text(out, "shadow_endpoint", shadow->candidate);
    } else {
        json_put_name(out, "shadow");
        version_put_target(out, &shadow->endpoint->target);
    }
    json_put_count(out, "shadow_share", shadow->share);
    json_put_count(out, "shadow_daily", (uint64_t)shadow->endpoint->budget.limits[PERIOD_DAY]);
    json_put_count(out, "shadow_concurrent", shadow->max_concurrent);
}

void endpoint_version(struct load *load, struct endpoint *endpoint,
                      const struct endpoint_parts *parts)
{
    struct buffer out = {0};

    buffer_put_byte(&out, '{');
    json_put_text(&out, "slug", endpoint->slug);
    json_put_name(&out, "target");
    version_put_target(&out, &endpoint->target);
    json_put_text(&out, "system", parts->system);
    if (endpoint->has_template)
        json_put_text(&out, "template", parts->template);
    put_partials(&out, "system_partials", &endpoint->system);
    put_partials(&out, "template_partials", &endpoint->template);
    json_put_text(&out, "input_schema", parts->input_digest);
    if (endpoint->variables != NULL) /* they take what the same schema alone would refuse */
        json_put_count(&out, "variables", 1);
    json_put_text(&out, "output_schema", parts->output_digest);
    put_numbers(&out, endpoint);
    put_policy(&out, endpoint);
    put_terms(&out, endpoint);
    put_guardrails(&out, load, endpoint);
    if (endpoint->failover_count > 0)
        put_failover(&out, endpoint);
    if (parts->routing != NULL)
        put_routing(&out, endpoint, parts->routing);
    if (endpoint->shadow != NULL)
        put_shadow(&out, endpoint->shadow);
    buffer_put_byte(&out, '}');
    endpoint->version = load_sha256(load->arena, buffer_text(&out));
    buffer_release(&out);
}
