#include "config/resolved.h"

#include "base/clock.h"
#include "config/value.h"
#include "document/json_write.h"
#include "provider/kind.h"
#include "route/draw.h"
#include "schema/schema.h"

static void put_some_text(struct buffer *out, const char *name, struct text text)
{
    if (text.len > 0)
        json_put_text(out, name, text);
}

static void put_limit(struct buffer *out, const char *name, uint64_t value)
{
    if (value > 0)
        json_put_count(out, name, value);
}

static void put_duration(struct buffer *out, const char *name, uint64_t ms)
{
    struct arena arena = {0};

    json_put_text(out, name, duration_text(&arena, ms));
    arena_release(&arena);
}

static void put_size(struct buffer *out, const char *name, uint64_t bytes)
{
    struct arena arena = {0};

    json_put_text(out, name, size_text(&arena, bytes));
    arena_release(&arena);
}

static void put_usd(struct buffer *out, const char *name, int64_t nano)
{
    json_put_name(out, name);
    buffer_printf(out, "%.9g", (double)nano / 1e9);
}

static void begin(struct buffer *out, const char *name, char bracket)
{
    json_put_name(out, name);
    buffer_put_byte(out, bracket);
}

/* A comma before every item but the first. */
static void next_item(struct buffer *out)
{
    if (out->at[out->len - 1] != '[')
        buffer_put_byte(out, ',');
}

static void put_call_limits(struct buffer *out, const struct call_limits *limits)
{
    begin(out, "limits", '{');
    put_limit(out, "per_minute", limits->per_minute);
    put_limit(out, "per_hour", limits->per_hour);
    put_limit(out, "tokens_per_minute", limits->tokens_per_minute);
    put_limit(out, "concurrent", limits->concurrent);
    buffer_put_byte(out, '}');
}

static void put_budget(struct buffer *out, const struct budget_rule *budget)
{
    if (!budget->limited[PERIOD_MONTH] && !budget->limited[PERIOD_DAY] &&
        budget->request_tokens == 0)
        return;
    begin(out, "budget", '{');
    if (budget->limited[PERIOD_MONTH])
        put_usd(out, "monthly_usd", budget->limits[PERIOD_MONTH]);
    if (budget->limited[PERIOD_DAY])
        put_usd(out, "daily_usd", budget->limits[PERIOD_DAY]);
    put_limit(out, "request_tokens", (uint64_t)budget->request_tokens);
    begin(out, "warn_at", '[');
    for (size_t i = 0; i < BUDGET_WARNINGS_MAX && budget->warn_at[i] > 0; i++) {
        next_item(out);
        buffer_put_u64(out, budget->warn_at[i]);
    }
    buffer_put(out, TEXT("]}"));
}

/* -- the process -- */

static void put_origins(struct buffer *out, const struct origins *origins)
{
    begin(out, "origins", '[');
    for (size_t i = 0; i < origins->count; i++) {
        next_item(out);
        json_put_string(out, origins->items[i]);
    }
    buffer_put_byte(out, ']');
}

static void put_mcp(struct buffer *out, const struct settings *settings)
{
    begin(out, "mcp", '{');
    put_origins(out, &settings->mcp_origins);
    put_some_text(out, "instructions", settings->mcp_instructions);
    buffer_put_byte(out, '}');
}

static void put_settings(struct buffer *out, const struct settings *settings)
{
    json_put_text(out, "listen", settings->listen.text);
    json_put_text(out, "admin", settings->admin.text);
    json_put_text(out, "store", settings->store);
    put_some_text(out, "backups", settings->backups);
    put_some_text(out, "public_url", settings->public_url);
    put_mcp(out, settings);
    if (settings->mount_count > 0) {
        begin(out, "mounts", '[');
        for (size_t i = 0; i < settings->mount_count; i++) {
            next_item(out);
            json_put_string(out, settings->mounts[i]);
        }
        buffer_put_byte(out, ']');
    }
    json_put_text(out, "on_revoke", settings->cut_on_revoke ? TEXT("cut") : TEXT("finish"));
    json_put_count(out, "workers", settings->workers);
    json_put_text(out, "timezone", settings->timezone.len > 0 ? settings->timezone : TEXT("UTC"));
    begin(out, "limits", '{');
    json_put_count(out, "connections", settings->max_connections);
    put_size(out, "body", settings->max_body_bytes);
    put_duration(out, "request_timeout", settings->request_timeout_ms);
    put_duration(out, "write_stall", settings->write_stall_ms);
    put_duration(out, "drain", settings->drain_ms);
    buffer_put_byte(out, '}');
    begin(out, "log", '{');
    put_duration(out, "retention", settings->log_retention_ms);
    put_size(out, "max_bytes", settings->log_bytes_max);
    buffer_put_byte(out, '}');
}

static void put_provider(struct buffer *out, const struct provider *provider)
{
    json_put_string(out, provider->name);
    buffer_put(out, TEXT(":{"));
    json_put_text(out, "kind", text_of(provider->kind->name));
    json_put_text(out, "api", text_of(provider->dialect->name));
    if (!provider->dialect->local) {
        struct arena arena = {0};

        json_put_text(
            out, "base_url",
            arena_printf(&arena, "%.*s%.*s", TEXT_ARG(provider->origin), TEXT_ARG(provider->path)));
        begin(out, "key", '[');
        for (size_t i = 0; i < provider->key_count; i++) {
            next_item(out);
            buffer_put(out, TEXT("\"***\""));
        }
        buffer_put_byte(out, ']');
        put_some_text(out, "ca_file", provider->ca_file);
        json_put_flag(out, "allow_private", provider->allow_private);
        put_duration(out, "connect_timeout", provider->connect_ms);
        arena_release(&arena);
    }
    buffer_put_byte(out, '}');
}

static void put_projects(struct buffer *out, const struct config *config)
{
    begin(out, "projects", '{');
    for (size_t i = 0; i < config->project_count; i++) {
        const struct project *project = &config->projects[i];

        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, project->name);
        buffer_put(out, TEXT(":{"));
        json_put_text(out, "id", project->id);
        put_call_limits(out, &project->limits);
        put_budget(out, &project->budget);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, '}');
}

/* -- endpoints -- */

static void put_price(struct buffer *out, const struct price *price)
{
    if (price == NULL || price->base.input < 0 || price->base.output < 0)
        return;
    begin(out, "price", '{');
    put_usd(out, "input", price->base.input);
    put_usd(out, "output", price->base.output);
    if (price->base.cached_input >= 0)
        put_usd(out, "cached_input", price->base.cached_input);
    buffer_put_byte(out, '}');
}

/* Where a call goes; its price is in USD per million tokens. */
static void put_target(struct buffer *out, const struct target *target)
{
    json_put_text(out, "provider", target->provider->name);
    json_put_text(out, "model", target->model);
    json_put_text(out, "api", text_of(target->dialect->name));
    begin(out, "params", '{');
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

    begin(out, "on", '[');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (on & words[i].bit) {
            next_item(out);
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
    begin(out, "allow", '[');
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        if (endpoint->allow[param]) {
            next_item(out);
            json_put_string(out, text_of(chat_param_name(param)));
        }
    if (endpoint->allow_system) {
        next_item(out);
        json_put_string(out, TEXT("system"));
    }
    if (endpoint->allow_tools) {
        next_item(out);
        json_put_string(out, TEXT("tools"));
    }
    if (endpoint->allow_tool_choice) {
        next_item(out);
        json_put_string(out, TEXT("tool_choice"));
    }
    if (endpoint->allow_response_format) {
        next_item(out);
        json_put_string(out, TEXT("response_format"));
    }
    buffer_put_byte(out, ']');
}

static void put_ways(struct buffer *out, const struct endpoint *endpoint)
{
    begin(out, "routing", '[');
    for (size_t i = 0; i < endpoint->rules.count; i++) {
        next_item(out);
        buffer_put_byte(out, '{');
        json_put_text(out, "name", endpoint->rules.items[i].name);
        begin(out, "use", '{');
        if (endpoint->rule_endpoints != NULL && endpoint->rule_endpoints[i] != NULL)
            json_put_text(out, "endpoint", endpoint->rule_endpoints[i]->candidate->slug);
        put_target(out, &endpoint->rule_targets[i]);
        buffer_put(out, TEXT("}}"));
    }
    buffer_put_byte(out, ']');
    begin(out, "failover", '[');
    for (size_t i = 0; i < endpoint->failover_count; i++) {
        next_item(out);
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
    begin(out, "mcp", '{');
    json_put_text(out, "name", config_tool_name(endpoint));
    put_some_text(out, "title", endpoint->tool.title);
    put_some_text(out, "description", endpoint->tool.description);
    buffer_put_byte(out, '}');
}

static void put_shadow(struct buffer *out, const struct shadow_rule *shadow)
{
    if (shadow == NULL)
        return;
    begin(out, "shadow", '{');
    put_some_text(out, "endpoint", shadow->candidate);
    put_target(out, &shadow->endpoint->target);
    json_put_name(out, "percent");
    buffer_printf(out, "%.6g", shadow->share * 100.0 / ROUTE_DRAWS);
    put_usd(out, "daily_usd", shadow->endpoint->budget.limits[PERIOD_DAY]);
    json_put_count(out, "max_concurrent", shadow->max_concurrent);
    buffer_put_byte(out, '}');
}

static void put_invalid(struct buffer *out, const struct invalid_rule *invalid)
{
    begin(out, "on_invalid_output", '{');
    json_put_flag(out, "repair", invalid->repair);
    json_put_count(out, "reask", invalid->reask);
    json_put_text(out, "then", invalid->next ? TEXT("next") : TEXT("reject"));
    json_put_flag(out, "early", invalid->early);
    if (invalid->max_nano > 0)
        put_usd(out, "max_usd", invalid->max_nano);
    buffer_put_byte(out, '}');
}

static void put_policies(struct buffer *out, const struct endpoint *endpoint)
{
    begin(out, "timeout", '{');
    put_duration(out, "first_token", endpoint->times.first_byte_ms);
    put_duration(out, "idle", endpoint->times.idle_ms);
    put_duration(out, "total", endpoint->times.total_ms);
    buffer_put_byte(out, '}');
    begin(out, "retry", '{');
    json_put_count(out, "times", endpoint->retry.times);
    json_put_flag(out, "after_send", endpoint->retry.after_send);
    buffer_put_byte(out, '}');
    if (endpoint->output != NULL)
        put_invalid(out, &endpoint->invalid);
    if (endpoint->session.ttl_ms > 0) {
        begin(out, "session", '{');
        put_duration(out, "ttl", endpoint->session.ttl_ms);
        json_put_count(out, "max_messages", endpoint->session.max_messages);
        put_limit(out, "max_tokens", (uint64_t)endpoint->session.max_tokens);
        json_put_text(out, "on_full",
                      endpoint->session.on_full == SESSION_REJECT ? TEXT("reject") : TEXT("slide"));
        buffer_put_byte(out, '}');
    }
    put_call_limits(out, &endpoint->limits);
    put_budget(out, &endpoint->budget);
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
    begin(out, "deprecated", '{');
    put_time(out, "since", deprecated->since_ms);
    if (deprecated->sunset_ms != INT64_MAX)
        put_time(out, "sunset", deprecated->sunset_ms);
    put_some_text(out, "successor", deprecated->successor);
    put_some_text(out, "link", deprecated->link);
    buffer_put_byte(out, '}');
}

static void put_endpoint(struct buffer *out, const struct endpoint *endpoint)
{
    static const char *const streams[] = {"off", "raw", "validated"};

    json_put_string(out, endpoint->slug);
    buffer_put(out, TEXT(":{"));
    json_put_text(out, "file", endpoint->file);
    json_put_text(out, "version", text_first(endpoint->version, 12));
    put_some_text(out, "description", endpoint->description);
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
        put_origins(out, &endpoint->origins);
    put_policies(out, endpoint);
    buffer_put_byte(out, '}');
}

static void put_aliases(struct buffer *out, const struct config *config)
{
    begin(out, "aliases", '{');
    for (size_t i = 0; i < config->alias_count; i++) {
        const struct endpoint *alias = &config->aliases[i];

        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        json_put_string(out, alias->slug);
        buffer_put(out, TEXT(":{"));
        json_put_text(out, "version", text_first(alias->version, 12));
        put_some_text(out, "description", alias->description);
        put_target(out, &alias->target);
        put_some_text(out, "system", alias->system_source);
        put_ways(out, alias);
        put_policies(out, alias);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, '}');
}

void resolved_write(const struct config *config, struct buffer *out)
{
    buffer_put_byte(out, '{');
    put_settings(out, &config->settings);
    put_budget(out, &config->budget);
    begin(out, "providers", '{');
    for (size_t i = 0; i < config->provider_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        put_provider(out, &config->providers[i]);
    }
    buffer_put_byte(out, '}');
    put_projects(out, config);
    begin(out, "endpoints", '{');
    for (size_t i = 0; i < config->endpoint_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        put_endpoint(out, &config->endpoints[i]);
    }
    buffer_put_byte(out, '}');
    if (config->alias_count > 0)
        put_aliases(out, config);
    buffer_put_byte(out, '}');
}
