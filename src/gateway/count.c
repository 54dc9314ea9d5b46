/* What the counters learn of a request. */
#include "gateway/measures.h"
#include "gateway/stages.h"
#include "journal/metrics.h"

#include <stdio.h>

static void count_tokens(struct request *request, const struct attempt *attempt)
{
    struct series_shard *metrics = request->worker->metrics;
    const struct chat_usage *usage = &attempt->answer.usage;
    struct text provider = attempt->target->provider->name, model = target_label(attempt->target);
    struct text slug = request->endpoint->slug;
    const struct text cost[] = {slug, provider, model};
    const struct text input[] = {slug, provider, model, TEXT("input")};
    const struct text output[] = {slug, provider, model, TEXT("output")};

    metric_add(metrics, METRIC_TOKENS, input, (uint64_t)usage->prompt_tokens);
    metric_add(metrics, METRIC_TOKENS, output, (uint64_t)usage->completion_tokens);
    if (usage->cached_tokens > 0)
        metric_add(metrics, METRIC_CACHED_TOKENS, cost, (uint64_t)usage->cached_tokens);
    if (usage->cache_write_tokens > 0)
        metric_add(metrics, METRIC_CACHE_WRITE_TOKENS, cost, (uint64_t)usage->cache_write_tokens);
    if (usage->reasoning_tokens > 0)
        metric_add(metrics, METRIC_REASONING_TOKENS, cost, (uint64_t)usage->reasoning_tokens);
    if (attempt->cost_nano <= 0)
        return;
    metric_add(metrics, METRIC_COST, cost, (uint64_t)attempt->cost_nano);
    if (request->config->settings.metrics_per_token && request->shadow == NULL)
        metric_add(metrics, METRIC_TOKEN_COST, &request->token->id, (uint64_t)attempt->cost_nano);
}

struct text attempt_result(const struct attempt *attempt)
{
    if (attempt->failure.kind != FAILURE_NONE)
        return text_of(failure_row(attempt->failure.kind)->word);
    return attempt->cancelled ? TEXT("cancelled") : TEXT("");
}

void count_attempt(struct request *request, const struct attempt *attempt)
{
    struct series_shard *metrics = request->worker->metrics;
    struct text provider = attempt->target->provider->name, model = target_label(attempt->target);
    struct text result = attempt_result(attempt);
    const struct text labels[] = {request->endpoint->slug, provider, model,
                                  result.len > 0 ? result : TEXT("ok")};
    const struct text target[] = {provider, model};

    metric_add(metrics, METRIC_UPSTREAM_ATTEMPTS, labels, 1);
    if (!attempt->sent_out)
        return;
    metric_observe_us(metrics, METRIC_UPSTREAM_DURATION, target,
                      attempt->ended_us - attempt->started_us);
    if (attempt->first_us > 0)
        metric_observe_us(metrics, METRIC_FIRST_TOKEN, target,
                          attempt->first_us - attempt->started_us);
    if (attempt->settled)
        count_tokens(request, attempt);
    if (request->worker->measures != NULL)
        measure_attempt(request->worker, attempt);
}

/* Those that it has been through. */
static void count_stages(struct series_shard *metrics, const struct request_times *times)
{
    const struct {
        struct text stage;
        uint64_t us;
    } rows[] = {
        {TEXT("auth"), times->auth_us},
        {TEXT("render"), times->render_us},
        {TEXT("route"), times->route_us},
        {TEXT("validate_in"), times->validate_in_us},
        {TEXT("validate_out"), times->validate_out_us},
        {TEXT("store"), times->store_us},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].us > 0)
            metric_observe_us(metrics, METRIC_STAGE_DURATION, &rows[i].stage, rows[i].us);
}

void count_request(struct request *request, uint64_t duration_us, uint64_t overhead_us)
{
    struct series_shard *metrics = request->worker->metrics;
    struct text slug = request->endpoint != NULL ? request->endpoint->slug : TEXT("");
    struct text word = text_of(error_row(request->error.code)->word);
    char status[12];
    struct text requests[] = {slug, {status, 0}, word};
    const struct text durations[] = {slug, request->error.code == ERROR_NONE ? TEXT("ok")
                                                                             : TEXT("error")};
    const struct text cache[] = {slug, share_word(request->share.result)};

    requests[1].len = (size_t)snprintf(status, sizeof status, "%d", request->status);
    metric_add(metrics, METRIC_REQUESTS, requests, 1);
    metric_observe_us(metrics, METRIC_REQUEST_DURATION, durations, duration_us);
    metric_observe_us(metrics, METRIC_OVERHEAD, &slug, overhead_us);
    count_stages(metrics, &request->times);
    if (request->share.result != SHARE_NONE)
        metric_add(metrics, METRIC_CACHE, cache, 1);
    if (request->worker->measures != NULL)
        measure_tool(request, duration_us);
}
