/* The folders of tests/cases/config: each is a configuration, and expected.txt what is said of it
 * when it is loaded: the report, then the endpoints when there are any. A file `options` names
 * options, one a line: dev, offline, allow_missing_secrets. */
#include "case_folder.h"
#include "config/config.h"
#include "config/report.h"

#include <stdlib.h>
#include <unistd.h>

static void put_target(struct buffer *out, const struct target *target)
{
    buffer_printf(out, "%.*s (%s) %.*s", TEXT_ARG(target->provider->name), target->dialect->name,
                  TEXT_ARG(target->model));
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        if (target->params.json[param].len > 0)
            buffer_printf(out, " %s=%.*s", chat_param_name(param),
                          TEXT_ARG(target->params.json[param]));
    if (target->price == NULL)
        buffer_put(out, TEXT(" price=unknown"));
    else
        buffer_printf(out, " price=%lld/%lld/%lld", (long long)target->price->base.input,
                      (long long)target->price->base.output,
                      (long long)target->price->base.cached_input);
    buffer_put_byte(out, '\n');
}

static void put_policy(struct buffer *out, const struct endpoint *endpoint)
{
    const struct invalid_rule *invalid = &endpoint->invalid;

    buffer_printf(out, "  invalid=%s%s%s/%u/%lld retry=%u%s", invalid->repair ? "repair," : "",
                  invalid->early ? "early," : "", invalid->next ? "next" : "reject", invalid->reask,
                  (long long)invalid->max_nano, endpoint->retry.times,
                  endpoint->retry.after_send ? "/after_send" : "");
    if (endpoint->hedge.on)
        buffer_printf(out, " hedge=%llu", (unsigned long long)endpoint->hedge.after_ms);
    buffer_put_byte(out, '\n');
    for (size_t i = 0; i < endpoint->failover_count; i++) {
        buffer_printf(out, "  failover %u ", endpoint->failover[i].on);
        put_target(out, &endpoint->failover[i]);
    }
}

static void put_limit(struct buffer *out, const struct budget_rule *rule, enum period_kind kind)
{
    if (rule->limited[kind])
        buffer_printf(out, " %s=%lld", period_word(kind), (long long)rule->limits[kind]);
}

static void put_budget(struct buffer *out, const struct budget_rule *rule)
{
    if (!rule->limited[PERIOD_MONTH] && !rule->limited[PERIOD_DAY] && rule->request_tokens == 0)
        return;
    buffer_put(out, TEXT("  budget"));
    put_limit(out, rule, PERIOD_MONTH);
    put_limit(out, rule, PERIOD_DAY);
    if (rule->request_tokens > 0)
        buffer_printf(out, " request_tokens=%lld", (long long)rule->request_tokens);
    for (size_t i = 0; i < BUDGET_WARNINGS_MAX && rule->warn_at[i] > 0; i++)
        buffer_printf(out, " warn=%u", rule->warn_at[i]);
    buffer_put_byte(out, '\n');
}

static void put_limits(struct buffer *out, const struct call_limits *limits)
{
    buffer_printf(out, "limits=%u/%u/%u", limits->per_minute, limits->per_hour, limits->concurrent);
    if (limits->tokens_per_minute > 0)
        buffer_printf(out, "/tokens:%u", limits->tokens_per_minute);
}

static void put_guardrails(struct buffer *out, const struct guard_policy *policy)
{
    struct guard_policy none = {0};

    if (memcmp(policy, &none, sizeof none) == 0)
        return;
    buffer_put(out, TEXT("  guardrails="));
    guard_policy_put(out, policy);
    buffer_put_byte(out, '\n');
}

static void put_shadow(struct buffer *out, const struct shadow_rule *shadow)
{
    if (shadow == NULL)
        return;
    buffer_printf(out, "  shadow share=%u daily=%lld concurrent=%u ", shadow->share,
                  (long long)shadow->endpoint->budget.limits[PERIOD_DAY], shadow->max_concurrent);
    put_target(out, &shadow->endpoint->target);
    if (shadow->endpoint->candidate != NULL)
        buffer_printf(out, "    answered by %.*s\n", TEXT_ARG(shadow->endpoint->candidate->slug));
}

static void put_canaries(struct buffer *out, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < endpoint->canary_count; i++) {
        const struct canary_rule *canary = &endpoint->canaries[i];

        buffer_printf(out, "  watch \"%.*s\"", TEXT_ARG(endpoint->rules.items[canary->rule].name));
        if (canary->watch.refusals)
            buffer_printf(out, " 422=%g", canary->watch.refused_most);
        if (canary->watch.cost_ratio > 0)
            buffer_printf(out, " cost=%g", canary->watch.cost_ratio);
        buffer_printf(out, " calls=%llu window=%llu\n", (unsigned long long)canary->watch.min_calls,
                      (unsigned long long)canary->watch.window_ms);
    }
}

static void put_terms(struct buffer *out, const struct endpoint *endpoint)
{
    const struct deprecation *deprecated = &endpoint->deprecated;

    if (endpoint->purpose != CHAT_PURPOSE_UNSAID)
        buffer_printf(out, "  input_type=%s\n", chat_purpose_name(endpoint->purpose));
    for (size_t i = 0; i < endpoint->origins.count; i++)
        buffer_printf(out, "  origin=%.*s\n", TEXT_ARG(endpoint->origins.items[i]));
    if (deprecated->said)
        buffer_printf(out, "  deprecated=%lld/%lld successor=%.*s link=%.*s\n",
                      (long long)deprecated->since_ms,
                      (long long)(deprecated->sunset_ms == INT64_MAX ? -1 : deprecated->sunset_ms),
                      TEXT_ARG(deprecated->successor), TEXT_ARG(deprecated->link));
}

static void put_endpoint(struct buffer *out, const struct endpoint *endpoint)
{
    static const char *const streams[] = {"off", "raw", "validated"};

    buffer_printf(out, "%.*s %.12s\n  ", TEXT_ARG(endpoint->slug), endpoint->version.at);
    put_target(out, &endpoint->target);
    buffer_printf(out, "  input=%d output=%d template=%d stream=%s respond=%s tests=%zu\n",
                  endpoint->input != NULL, endpoint->output != NULL, endpoint->has_template,
                  streams[endpoint->stream], endpoint->respond_output ? "output" : "envelope",
                  endpoint->test_count);
    buffer_printf(out, "  times=%llu/%llu/%llu ", (unsigned long long)endpoint->times.first_byte_ms,
                  (unsigned long long)endpoint->times.idle_ms,
                  (unsigned long long)endpoint->times.total_ms);
    put_limits(out, &endpoint->limits);
    if (endpoint->session.ttl_ms > 0)
        buffer_printf(out, " session=%llu/%zu/%lld/%s/%zu",
                      (unsigned long long)endpoint->session.ttl_ms, endpoint->session.max_messages,
                      (long long)endpoint->session.max_tokens,
                      endpoint->session.on_full == SESSION_REJECT ? "reject" : "slide",
                      endpoint->session.max_waiting);
    if (endpoint->content.kept)
        buffer_printf(out, " content=%s%llu", endpoint->content.redacted ? "redacted/" : "",
                      (unsigned long long)endpoint->content.retention_ms);
    if (endpoint->cache.max_ms > 0)
        buffer_printf(out, " cache=%llu/%llu%s", (unsigned long long)endpoint->cache.ttl_ms,
                      (unsigned long long)endpoint->cache.max_ms,
                      endpoint->cache.by_token ? "/token" : "");
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++)
        if (endpoint->allow[param])
            buffer_printf(out, " allow=%s", chat_param_name(param));
    buffer_printf(out, "%s%s%s\n", endpoint->allow_system ? " allow=system" : "",
                  endpoint->allow_tools ? " allow=tools" : "",
                  endpoint->allow_tool_choice ? " allow=tool_choice" : "");
    for (size_t i = 0; i < endpoint->rules.count; i++) {
        buffer_printf(out, "  rule \"%.*s\" ", TEXT_ARG(endpoint->rules.items[i].name));
        put_target(out, &endpoint->rule_targets[i]);
        if (endpoint->rule_endpoints != NULL && endpoint->rule_endpoints[i] != NULL)
            buffer_printf(out, "    answered by %.*s\n",
                          TEXT_ARG(endpoint->rule_endpoints[i]->candidate->slug));
    }
    put_canaries(out, endpoint);
    put_shadow(out, endpoint->shadow);
    put_policy(out, endpoint);
    put_budget(out, &endpoint->budget);
    put_guardrails(out, &endpoint->guardrails);
    put_terms(out, endpoint);
}

/* The default one only where it says something. */
static void put_project(struct buffer *out, const struct project *project)
{
    if (text_equal(project->name, TEXT("default")) && project->limits.per_minute == 0)
        return;
    buffer_printf(out, "project %.*s %.*s ", TEXT_ARG(project->name), TEXT_ARG(project->id));
    put_limits(out, &project->limits);
    buffer_printf(out, " markup=%u\n", project->markup_bp);
    put_budget(out, &project->budget);
    put_guardrails(out, &project->guardrails);
}

static void put_telemetry(struct buffer *out, const struct telemetry_settings *it)
{
    if (it->endpoint.len > 0)
        buffer_printf(out, "telemetry=%.*s timeout=%u interval=%u %s %s ratio=%g %s%s%s%s\n",
                      TEXT_ARG(it->endpoint), it->timeout_ms, it->interval_ms,
                      telemetry_words(TELEMETRY_COMPRESSION)[it->compression],
                      telemetry_words(TELEMETRY_SAMPLER)[it->sampler], it->ratio,
                      telemetry_words(TELEMETRY_TEMPORALITY)[it->temporality],
                      it->no_traces ? " no-traces" : "", it->no_metrics ? " no-metrics" : "",
                      it->latest ? " latest" : "");
    for (size_t i = 0; i < it->header_count; i++)
        buffer_printf(out, "telemetry_header %.*s: %.*s\n", TEXT_ARG(it->headers[i].name),
                      TEXT_ARG(it->headers[i].value));
    for (size_t i = 0; i < it->resource_count; i++)
        buffer_printf(out, "telemetry_resource %.*s=%.*s\n", TEXT_ARG(it->resource[i].name),
                      TEXT_ARG(it->resource[i].value));
    if (it->unpropagated)
        buffer_printf(out, "telemetry_unpropagated\n");
}

static void put_config(struct buffer *out, const struct config *config)
{
    const struct settings *settings = &config->settings;

    buffer_printf(out,
                  "listen=%.*s admin=%.*s store=%.*s workers=%u connections=%u body=%u "
                  "request_timeout=%u write_stall=%u drain=%u\n",
                  TEXT_ARG(settings->listen.text), TEXT_ARG(settings->admin.text),
                  TEXT_ARG(settings->store), settings->workers, settings->max_connections,
                  settings->max_body_bytes, settings->request_timeout_ms, settings->write_stall_ms,
                  settings->drain_ms);
    if (settings->audit_keep_ms > 0)
        buffer_printf(out, "audit_keep=%llu\n", (unsigned long long)settings->audit_keep_ms);
    if (settings->session_retention_ms > 0)
        buffer_printf(out, "session_retention=%llu\n",
                      (unsigned long long)settings->session_retention_ms);
    if (settings->log_retention_ms != UINT64_C(7) * 86400000 ||
        settings->log_bytes_max != UINT64_C(1) << 30)
        buffer_printf(out, "log_retention=%llu log_bytes=%llu\n",
                      (unsigned long long)settings->log_retention_ms,
                      (unsigned long long)settings->log_bytes_max);
    if (settings->response_ttl_ms != 86400000 || settings->response_bytes_max != UINT64_C(1) << 30)
        buffer_printf(out, "response_ttl=%llu response_bytes=%llu\n",
                      (unsigned long long)settings->response_ttl_ms,
                      (unsigned long long)settings->response_bytes_max);
    if (settings->timezone.len > 0)
        buffer_printf(out, "timezone=%.*s\n", TEXT_ARG(settings->timezone));
    put_budget(out, &config->budget);
    put_guardrails(out, &config->guardrails);
    if (settings->dashboard.text.len > 0)
        buffer_printf(out, "dashboard=%.*s\n", TEXT_ARG(settings->dashboard.text));
    if (settings->metrics.text.len > 0)
        buffer_printf(out, "metrics=%.*s\n", TEXT_ARG(settings->metrics.text));
    put_telemetry(out, &settings->telemetry);
    for (size_t i = 0; i < settings->admin_host_count; i++)
        buffer_printf(out, "admin_host=%.*s\n", TEXT_ARG(settings->admin_hosts[i]));
    if (settings->public_url.len > 0 || settings->cut_on_revoke)
        buffer_printf(out, "public_url=%.*s on_revoke=%s\n", TEXT_ARG(settings->public_url),
                      settings->cut_on_revoke ? "cut" : "finish");
    for (size_t i = 0; i < config->project_count; i++)
        put_project(out, &config->projects[i]);
    for (size_t i = 0; i < config->endpoint_count; i++)
        put_endpoint(out, &config->endpoints[i]);
    for (size_t i = 0; i < config->alias_count; i++) {
        buffer_put(out, TEXT("alias "));
        put_endpoint(out, &config->aliases[i]);
        if (config->aliases[i].system_source.len > 0)
            buffer_printf(out, "  system \"%.*s\"\n", TEXT_ARG(config->aliases[i].system_source));
    }
    for (size_t i = 0; i < settings->mount_count; i++)
        buffer_printf(out, "mount %.*s\n", TEXT_ARG(settings->mounts[i]));
    for (size_t i = 0; i < config->webhook_count; i++)
        buffer_printf(out, "webhook %.*s %.*s secrets=%zu events=%x private=%d missing=%d\n",
                      TEXT_ARG(config->webhooks[i].name), TEXT_ARG(config->webhooks[i].shown),
                      config->webhooks[i].secret_count, config->webhooks[i].events,
                      config->webhooks[i].allow_private, config->webhooks[i].missing);
}

static void run_case(const char *folder, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct config_options options = {
        .dev = case_option(folder, arena, TEXT("dev")),
        .offline = case_option(folder, arena, TEXT("offline")),
        .allow_missing_secrets = case_option(folder, arena, TEXT("allow_missing_secrets"))};
    struct buffer out = buffer_in(arena);
    struct config *config;

    diagnostics->arena = arena;
    EXPECT_EQ(chdir(folder), 0); /* so that no message names the machine's own paths */
    config = config_load(TEXT("."), &options, diagnostics);
    EXPECT_EQ(config == NULL, diagnostics->error_count > 0);
    report_write(diagnostics, REPORT_HUMAN, false, &out);
    if (config != NULL)
        put_config(&out, config);
    config_free(config);
    case_settle(folder, "expected.txt", arena, buffer_text(&out));
    EXPECT(text_find(buffer_text(&out), TEXT("sk-secret")) == out.len);
}

TEST(each_folder_is_loaded_or_refused_as_expected)
{
    setenv("PINION_CASE_KEY", "sk-secret-from-the-environment", 1);
    setenv("PINION_CASE_EMPTY", "", 1);
    setenv("PINION_CASE_SPACE", "sk-secret with spaces", 1);
    setenv("PINION_CASE_HOST", "models.example", 1);
    setenv("PINION_CASE_URL", "https://me:sk-secret@models.example", 1);
    unsetenv("PINION_CASE_UNSET");
    EXPECT(case_walk("config", run_case) >= 60);
}

TEST(the_examples_of_this_repository_are_good)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    const struct config_options dev = {.dev = true};
    struct buffer report = buffer_in(&arena);
    struct config *config;

    unsetenv("OPENAI_API_KEY");
    unsetenv("ANTHROPIC_API_KEY");
    EXPECT_EQ(chdir(TESTS_DIR "/.."), 0);
    config = config_load(TEXT("."), &dev, &diagnostics);
    report_write(&diagnostics, REPORT_SHORT, false, &report);
    EXPECT_TEXT(buffer_text(&report),
                "pinion.yaml:34:10: warning: \"OPENAI_API_KEY\" is not set in the environment "
                "[W0602]\n"
                "pinion.yaml:39:10: warning: \"ANTHROPIC_API_KEY\" is not set in the environment "
                "[W0602]\n");
    EXPECT(config != NULL);
    EXPECT_EQ(config->endpoint_count, 9);
    for (size_t i = 0; i < config->endpoint_count; i++) {
        EXPECT(config->endpoints[i].target.provider->dialect == &dialect_demo);
        EXPECT(config->endpoints[i].test_count > 0);
        EXPECT(config->endpoints[i].description.len > 0);
    }
    config_free(config);
    arena_release(&arena);
}
