#include "config/resolved.h"

#include "base/clock.h"
#include "config/resolved_parts.h"
#include "document/json_write.h"
#include "route/draw.h"
#include "schema/schema.h"

static void put_price(struct buffer *out, const struct price *price)
{
    if (price == NULL || price->base.input < 0 || price->base.output < 0)
        return;
    resolved_begin(out, "price", '{');
    resolved_put_usd(out, "input", price->base.input);
    resolved_put_usd(out, "output", price->base.output);
    if (price->base.cached_input >= 0)
        resolved_put_usd(out, "cached_input", price->base.cached_input);
    buffer_put_byte(out, '}');
}

/* Where a call goes; its price is in USD per million tokens. */
static void put_target(struct buffer *out, const struct target *target)
{
    json_put_text(out, "provider", target->provider->name);
    json_put_text(out, "model", target->model);
    json_put_text(out, "api", text_of(target->dialect->name));
    resolved_begin(out, "params", '{');
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        if (target->params.json[param].len > 0) {
            json_put_name(out, chat_param_name(param));
            buffer_put(out, target->params.json[param]);
        }
    buffer_put_byte(out, '}');
    put_price(out, target->price);
}

static void put_on(struct buffer *out, unsigned on)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {{"error", ON_ERROR},
                 {"timeout", ON_TIMEOUT},
                 {"rate_limit", ON_RATE_LIMIT},
                 {"invalid", ON_INVALID},
                 {"context_length", ON_CONTEXT_LENGTH}};

    resolved_begin(out, "on", '[');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (on & words[i].bit) {
            resolved_next_item(out);
            json_put_string(out, text_of(words[i].word));
        }
    buffer_put_byte(out, ']');
}

static void put_schema(struct buffer *out, const char *name, const struct schema *schema)
{
    struct buffer source = {0};
    struct text rest;

    if (schema == NULL)
        return;
    schema_put_source(schema, &source);
    rest = buffer_text(&source);
    json_put_name(out, name);
    buffer_put(out, text_split(&rest, '\n')); /* the further lines are those it refers to */
    buffer_release(&source);
}

static void put_allow(struct buffer *out, const struct endpoint *endpoint)
{
    resolved_begin(out, "allow", '[');
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        if (endpoint->allow[param]) {
            resolved_next_item(out);
            json_put_string(out, text_of(chat_param_name(param)));
        }
    if (endpoint->allow_system) {
        resolved_next_item(out);
        json_put_string(out, TEXT("system"));
    }
    if (endpoint->allow_tools) {
        resolved_next_item(out);
        json_put_string(out, TEXT("tools"));
    }
    if (endpoint->allow_tool_choice) {
        resolved_next_item(out);
        json_put_string(out, TEXT("tool_choice"));
    }
    if (endpoint->allow_response_format) {
        resolved_next_item(out);
        json_put_string(out, TEXT("response_format"));
    }
    buffer_put_byte(out, ']');
}

static void put_ways(struct buffer *out, const struct endpoint *endpoint)
{
    resolved_begin(out, "routing", '[');
    for (size_t i = 0; i < endpoint->rules.count; i++) {
        resolved_next_item(out);
        buffer_put_byte(out, '{');
        json_put_text(out, "name", endpoint->rules.items[i].name);
        resolved_begin(out, "use", '{');
        if (endpoint->rule_endpoints != NULL && endpoint->rule_endpoints[i] != NULL)
            json_put_text(out, "endpoint", endpoint->rule_endpoints[i]->candidate->slug);
        put_target(out, &endpoint->rule_targets[i]);
        buffer_put(out, TEXT("}}"));
    }
    buffer_put_byte(out, ']');
    resolved_begin(out, "failover", '[');
    for (size_t i = 0; i < endpoint->failover_count; i++) {
        resolved_next_item(out);
        buffer_put_byte(out, '{');
        put_target(out, &endpoint->failover[i]);
        put_on(out, endpoint->failover[i].on);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, ']');
}

static void put_tool(struct buffer *out, const struct endpoint *endpoint)
{
    if (endpoint->tool.hidden) {
        json_put_flag(out, "mcp", false);
        return;
    }
    resolved_begin(out, "mcp", '{');
    json_put_text(out, "name", config_tool_name(endpoint));
    resolved_put_text(out, "title", endpoint->tool.title);
    resolved_put_text(out, "description", endpoint->tool.description);
    buffer_put_byte(out, '}');
}

static void put_shadow(struct buffer *out, const struct shadow_rule *shadow)
{
    if (shadow == NULL)
        return;
    resolved_begin(out, "shadow", '{');
    resolved_put_text(out, "endpoint", shadow->candidate);
    put_target(out, &shadow->endpoint->target);
    json_put_name(out, "percent");
    buffer_printf(out, "%.6g", shadow->share * 100.0 / ROUTE_DRAWS);
    resolved_put_usd(out, "daily_usd", shadow->endpoint->budget.limits[PERIOD_DAY]);
    json_put_count(out, "max_concurrent", shadow->max_concurrent);
    buffer_put_byte(out, '}');
}

static void put_invalid(struct buffer *out, const struct invalid_rule *invalid)
{
    resolved_begin(out, "on_invalid_output", '{');
    json_put_flag(out, "repair", invalid->repair);
    json_put_count(out, "reask", invalid->reask);
    json_put_text(out, "then", invalid->next ? TEXT("next") : TEXT("reject"));
    json_put_flag(out, "early", invalid->early);
    if (invalid->max_nano > 0)
        resolved_put_usd(out, "max_usd", invalid->max_nano);
    buffer_put_byte(out, '}');
}

static void put_policies(struct buffer *out, const struct endpoint *endpoint)
{
    resolved_begin(out, "timeout", '{');
    resolved_put_duration(out, "first_token", endpoint->times.first_byte_ms);
    resolved_put_duration(out, "idle", endpoint->times.idle_ms);
    resolved_put_duration(out, "total", endpoint->times.total_ms);
    buffer_put_byte(out, '}');
    resolved_begin(out, "retry", '{');
    json_put_count(out, "times", endpoint->retry.times);
    json_put_flag(out, "after_send", endpoint->retry.after_send);
    buffer_put_byte(out, '}');
    if (endpoint->output != NULL)
        put_invalid(out, &endpoint->invalid);
    if (endpoint->session.ttl_ms > 0) {
        resolved_begin(out, "session", '{');
        resolved_put_duration(out, "ttl", endpoint->session.ttl_ms);
        json_put_count(out, "max_messages", endpoint->session.max_messages);
        resolved_put_limit(out, "max_tokens", (uint64_t)endpoint->session.max_tokens);
        json_put_text(out, "on_full",
                      endpoint->session.on_full == SESSION_REJECT ? TEXT("reject") : TEXT("slide"));
        buffer_put_byte(out, '}');
    }
    resolved_put_limits(out, &endpoint->limits);
    resolved_put_budget(out, &endpoint->budget);
}

static void put_time(struct buffer *out, const char *name, int64_t wall_ms)
{
    char time[CLOCK_RFC3339_BYTES];

    json_put_text(out, name, clock_rfc3339(wall_ms, time));
}

static void put_deprecated(struct buffer *out, const struct deprecation *deprecated)
{
    if (!deprecated->said)
        return;
    resolved_begin(out, "deprecated", '{');
    put_time(out, "since", deprecated->since_ms);
    if (deprecated->sunset_ms != INT64_MAX)
        put_time(out, "sunset", deprecated->sunset_ms);
    resolved_put_text(out, "successor", deprecated->successor);
    resolved_put_text(out, "link", deprecated->link);
    buffer_put_byte(out, '}');
}

static void put_endpoint(struct buffer *out, const struct endpoint *endpoint)
{
    static const char *const streams[] = {"off", "raw", "validated"};

    json_put_string(out, endpoint->slug);
    buffer_put(out, TEXT(":{"));
    json_put_text(out, "file", endpoint->file);
    json_put_text(out, "version", text_first(endpoint->version, 12));
    resolved_put_text(out, "description", endpoint->description);
    put_tool(out, endpoint);
    put_target(out, &endpoint->target);
    json_put_text(out, "system", endpoint->system_source);
    if (endpoint->has_template)
        json_put_text(out, "template", endpoint->template_source);
    put_schema(out, "input_schema", endpoint->input);
    put_schema(out, "output_schema", endpoint->output);
    put_allow(out, endpoint);
    json_put_text(out, "stream", text_of(streams[endpoint->stream]));
    json_put_text(out, "respond", endpoint->respond_output ? TEXT("output") : TEXT("envelope"));
    put_ways(out, endpoint);
    put_shadow(out, endpoint->shadow);
    put_deprecated(out, &endpoint->deprecated);
    if (endpoint->origins.count > 0)
        resolved_put_origins(out, &endpoint->origins);
    put_policies(out, endpoint);
    buffer_put_byte(out, '}');
}

static void put_aliases(struct buffer *out, const struct config *config)
{
    resolved_begin(out, "aliases", '{');
    for (size_t i = 0; i < config->alias_count; i++) {
        const struct endpoint *alias = &config->aliases[i];

        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        json_put_string(out, alias->slug);
        buffer_put(out, TEXT(":{"));
        json_put_text(out, "version", text_first(alias->version, 12));
        resolved_put_text(out, "description", alias->description);
        put_target(out, &alias->target);
        resolved_put_text(out, "system", alias->system_source);
        resolved_put_text(out, "input_type", text_of(chat_purpose_name(alias->purpose)));
        put_ways(out, alias);
        put_policies(out, alias);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, '}');
}

void resolved_write(const struct config *config, struct buffer *out)
{
    buffer_put_byte(out, '{');
    resolved_put_process(out, config);
    resolved_begin(out, "endpoints", '{');
    for (size_t i = 0; i < config->endpoint_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        put_endpoint(out, &config->endpoints[i]);
    }
    buffer_put_byte(out, '}');
    if (config->alias_count > 0)
        put_aliases(out, config);
    buffer_put_byte(out, '}');
}
