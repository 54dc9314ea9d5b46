/* Of a resolved configuration, what is not an endpoint: the process, its providers and projects;
 * and the small parts that all of it is written of. */
#include "config/resolved_parts.h"

#include "config/value.h"
#include "document/json_write.h"
#include "provider/kind.h"

void resolved_put_text(struct buffer *out, const char *name, struct text text)
{
    if (text.len > 0)
        json_put_text(out, name, text);
}

void resolved_put_limit(struct buffer *out, const char *name, uint64_t value)
{
    if (value > 0)
        json_put_count(out, name, value);
}

void resolved_put_duration(struct buffer *out, const char *name, uint64_t ms)
{
    struct arena arena = {0};

    json_put_text(out, name, duration_text(&arena, ms));
    arena_release(&arena);
}

void resolved_put_size(struct buffer *out, const char *name, uint64_t bytes)
{
    struct arena arena = {0};

    json_put_text(out, name, size_text(&arena, bytes));
    arena_release(&arena);
}

void resolved_put_usd(struct buffer *out, const char *name, int64_t nano)
{
    json_put_name(out, name);
    buffer_printf(out, "%.9g", (double)nano / 1e9);
}

void resolved_begin(struct buffer *out, const char *name, char bracket)
{
    json_put_name(out, name);
    buffer_put_byte(out, bracket);
}

/* A comma before every item but the first. */
void resolved_next_item(struct buffer *out)
{
    if (out->at[out->len - 1] != '[')
        buffer_put_byte(out, ',');
}

void resolved_put_limits(struct buffer *out, const struct call_limits *limits)
{
    resolved_begin(out, "limits", '{');
    resolved_put_limit(out, "per_minute", limits->per_minute);
    resolved_put_limit(out, "per_hour", limits->per_hour);
    resolved_put_limit(out, "tokens_per_minute", limits->tokens_per_minute);
    resolved_put_limit(out, "concurrent", limits->concurrent);
    buffer_put_byte(out, '}');
}

void resolved_put_budget(struct buffer *out, const struct budget_rule *budget)
{
    if (!budget->limited[PERIOD_MONTH] && !budget->limited[PERIOD_DAY] &&
        budget->request_tokens == 0)
        return;
    resolved_begin(out, "budget", '{');
    if (budget->limited[PERIOD_MONTH])
        resolved_put_usd(out, "monthly_usd", budget->limits[PERIOD_MONTH]);
    if (budget->limited[PERIOD_DAY])
        resolved_put_usd(out, "daily_usd", budget->limits[PERIOD_DAY]);
    resolved_put_limit(out, "request_tokens", (uint64_t)budget->request_tokens);
    resolved_begin(out, "warn_at", '[');
    for (size_t i = 0; i < BUDGET_WARNINGS_MAX && budget->warn_at[i] > 0; i++) {
        resolved_next_item(out);
        buffer_put_u64(out, budget->warn_at[i]);
    }
    buffer_put(out, TEXT("]}"));
}

/* -- the process -- */

void resolved_put_origins(struct buffer *out, const struct origins *origins)
{
    resolved_begin(out, "origins", '[');
    for (size_t i = 0; i < origins->count; i++) {
        resolved_next_item(out);
        json_put_string(out, origins->items[i]);
    }
    buffer_put_byte(out, ']');
}

static void put_mcp(struct buffer *out, const struct settings *settings)
{
    resolved_begin(out, "mcp", '{');
    resolved_put_origins(out, &settings->mcp_origins);
    resolved_put_text(out, "instructions", settings->mcp_instructions);
    buffer_put_byte(out, '}');
}

static const char *const formats[] = {"auto", "json", "console"};
static const char *const levels[] = {"debug", "info", "warn", "error"};

static void put_telemetry(struct buffer *out, const struct telemetry_settings *telemetry)
{
    if (telemetry->endpoint.len == 0 && !telemetry->unpropagated)
        return;
    resolved_begin(out, "telemetry", '{');
    resolved_put_text(out, "endpoint", telemetry->endpoint);
    resolved_begin(out, "headers", '{');
    for (size_t i = 0; i < telemetry->header_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        json_put_string(out, telemetry->headers[i].name);
        buffer_put(out, TEXT(":\"***\""));
    }
    buffer_put_byte(out, '}');
    json_put_flag(out, "traces", !telemetry->no_traces);
    json_put_flag(out, "metrics", !telemetry->no_metrics);
    json_put_text(out, "sampler", text_of(telemetry_words(TELEMETRY_SAMPLER)[telemetry->sampler]));
    json_put_flag(out, "propagate", !telemetry->unpropagated);
    buffer_put_byte(out, '}');
}

static void put_settings(struct buffer *out, const struct settings *settings)
{
    json_put_text(out, "listen", settings->listen.text);
    json_put_text(out, "admin", settings->admin.text);
    resolved_put_text(out, "dashboard", settings->dashboard.text);
    json_put_text(out, "store", settings->store);
    resolved_put_text(out, "backups", settings->backups);
    resolved_put_text(out, "public_url", settings->public_url);
    put_mcp(out, settings);
    if (settings->mount_count > 0) {
        resolved_begin(out, "mounts", '[');
        for (size_t i = 0; i < settings->mount_count; i++) {
            resolved_next_item(out);
            json_put_string(out, settings->mounts[i]);
        }
        buffer_put_byte(out, ']');
    }
    json_put_text(out, "on_revoke", settings->cut_on_revoke ? TEXT("cut") : TEXT("finish"));
    json_put_count(out, "workers", settings->workers);
    json_put_text(out, "timezone", settings->timezone.len > 0 ? settings->timezone : TEXT("UTC"));
    resolved_begin(out, "limits", '{');
    json_put_count(out, "connections", settings->max_connections);
    resolved_put_size(out, "body", settings->max_body_bytes);
    resolved_put_duration(out, "request_timeout", settings->request_timeout_ms);
    resolved_put_duration(out, "write_stall", settings->write_stall_ms);
    resolved_put_duration(out, "drain", settings->drain_ms);
    buffer_put_byte(out, '}');
    resolved_begin(out, "log", '{');
    resolved_put_text(out, "file", settings->log_file);
    json_put_text(out, "format", text_of(formats[settings->log_format]));
    json_put_text(out, "level", text_of(levels[settings->log_level]));
    resolved_put_duration(out, "retention", settings->log_retention_ms);
    resolved_put_size(out, "max_bytes", settings->log_bytes_max);
    buffer_put_byte(out, '}');
    resolved_begin(out, "metrics", '{');
    resolved_put_text(out, "listen", settings->metrics.text);
    json_put_count(out, "series", settings->metrics_series_max);
    json_put_flag(out, "per_token", settings->metrics_per_token);
    buffer_put_byte(out, '}');
    put_telemetry(out, &settings->telemetry);
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
        resolved_begin(out, "key", '[');
        for (size_t i = 0; i < provider->key_count; i++) {
            resolved_next_item(out);
            buffer_put(out, TEXT("\"***\""));
        }
        buffer_put_byte(out, ']');
        resolved_put_text(out, "ca_file", provider->ca_file);
        json_put_flag(out, "allow_private", provider->allow_private);
        resolved_put_duration(out, "connect_timeout", provider->connect_ms);
        arena_release(&arena);
    }
    buffer_put_byte(out, '}');
}

static void put_projects(struct buffer *out, const struct config *config)
{
    resolved_begin(out, "projects", '{');
    for (size_t i = 0; i < config->project_count; i++) {
        const struct project *project = &config->projects[i];

        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, project->name);
        buffer_put(out, TEXT(":{"));
        json_put_text(out, "id", project->id);
        resolved_put_limits(out, &project->limits);
        resolved_put_budget(out, &project->budget);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, '}');
}

static void put_webhook(struct buffer *out, const struct webhook *webhook)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "name", webhook->name);
    json_put_text(out, "url", webhook->shown);
    json_put_text(out, "secret", TEXT("***"));
    resolved_begin(out, "events", '[');
    for (int i = 0; i < WEBHOOK_EVENT_COUNT; i++)
        if ((webhook->events & 1u << i) != 0) {
            resolved_next_item(out);
            json_put_string(out, text_of(webhook_event_word(i)));
        }
    buffer_put_byte(out, ']');
    resolved_put_text(out, "ca_file", webhook->ca_file);
    json_put_flag(out, "allow_private", webhook->allow_private);
    buffer_put_byte(out, '}');
}

static void put_webhooks(struct buffer *out, const struct config *config)
{
    if (config->webhook_count == 0)
        return;
    resolved_begin(out, "webhooks", '[');
    for (size_t i = 0; i < config->webhook_count; i++) {
        resolved_next_item(out);
        put_webhook(out, &config->webhooks[i]);
    }
    buffer_put_byte(out, ']');
}

void resolved_put_process(struct buffer *out, const struct config *config)
{
    put_settings(out, &config->settings);
    resolved_put_budget(out, &config->budget);
    resolved_begin(out, "providers", '{');
    for (size_t i = 0; i < config->provider_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        put_provider(out, &config->providers[i]);
    }
    buffer_put_byte(out, '}');
    put_projects(out, config);
    put_webhooks(out, config);
}
