/* What the counters learn of a request. */
#include "gateway/stages.h"
#include "journal/metrics.h"

#include <stdio.h>

static void count_tokens(struct request *request, const struct attempt *attempt)
{
    struct metrics_shard *metrics = request->worker->metrics;
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
    if (attempt->cost_nano > 0)
        metric_add(metrics, METRIC_COST, cost, (uint64_t)attempt->cost_nano);
}

struct text attempt_result(const struct attempt *attempt)
{
    if (attempt->failure.kind != FAILURE_NONE)
        return text_of(failure_row(attempt->failure.kind)->word);
    return attempt->cancelled ? TEXT("cancelled") : TEXT("");
}

void count_attempt(struct request *request, const struct attempt *attempt)
{
    struct metrics_shard *metrics = request->worker->metrics;
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
}

void count_request(struct request *request, uint64_t duration_us, uint64_t overhead_us)
{
    struct metrics_shard *metrics = request->worker->metrics;
    struct text slug = request->endpoint != NULL ? request->endpoint->slug : TEXT("");
    struct text word = text_of(error_row(request->error.code)->word);
    char status[12];
    struct text requests[] = {slug, {status, 0}, word};
    const struct text durations[] = {slug, request->error.code == ERROR_NONE ? TEXT("ok")
                                                                             : TEXT("error")};
    const struct text render[] = {TEXT("render")}, store[] = {TEXT("store")};
    const struct text validate[] = {TEXT("validate")};
    const struct text cache[] = {slug, share_word(request->share.result)};
    struct text retried = http_header(&request->http, TEXT("x-stainless-retry-count"));

    requests[1].len = (size_t)snprintf(status, sizeof status, "%d", request->status);
    metric_add(metrics, METRIC_REQUESTS, requests, 1);
    metric_observe_us(metrics, METRIC_REQUEST_DURATION, durations, duration_us);
    metric_observe_us(metrics, METRIC_OVERHEAD, &slug, overhead_us);
    if (request->times.render_us > 0)
        metric_observe_us(metrics, METRIC_STAGE_DURATION, render, request->times.render_us);
    if (request->times.validate_us > 0)
        metric_observe_us(metrics, METRIC_STAGE_DURATION, validate, request->times.validate_us);
    if (request->times.store_us > 0)
        metric_observe_us(metrics, METRIC_STAGE_DURATION, store, request->times.store_us);
    if (request->share.result != SHARE_NONE)
        metric_add(metrics, METRIC_CACHE, cache, 1);
    if (retried.len > 0 && !text_equal(retried, TEXT("0")))
        metric_add(metrics, METRIC_CLIENT_RETRIES, &slug, 1);
}
