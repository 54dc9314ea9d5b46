/* What the request cost, and what is written down about it. */
#include "base/clock.h"
#include "gateway/respond.h"
#include "gateway/stages.h"
#include "journal/journal.h"
#include "journal/metrics.h"

#include <stdio.h>

/* --- settle
 * ----------------------------------------------------------------------------------------- */

static void estimate(struct request *request)
{
    struct chat_usage *usage = &request->answer.usage;
    struct text content = request->answer.content.len > 0 ? request->answer.content
                                                          : buffer_text(&request->gather.content);

    *usage = (struct chat_usage){0};
    for (size_t i = 0; i < request->chat.message_count; i++)
        usage->prompt_tokens += chat_estimate_tokens(request->chat.messages[i].text);
    usage->completion_tokens = chat_estimate_tokens(content);
}

/* Whether tokens were bought: an answer came, in full or in part, or the client left while the
 * provider was at work. A refused or failed call without content is not charged. */
static bool bought(const struct request *request)
{
    return request->answered || request->gather.part_count > 0 || request->answer.usage.reported ||
           (request->attempts > 0 && request->error.code == ERROR_CLIENT_CLOSED);
}

enum verdict stage_settle(struct request *request)
{
    if (!bought(request))
        return NEXT;
    if (!request->answer.usage.reported)
        estimate(request);
    request->settled = true;
    request->cost_nano = request->target->price != NULL
                             ? price_cost_nano(request->target->price, &request->answer.usage)
                             : -1;
    return NEXT;
}

/* --- journal
 * ---------------------------------------------------------------------------------------- */

static void count_call(struct request *request)
{
    struct metrics_shard *metrics = request->worker->metrics;
    const struct chat_usage *usage = &request->answer.usage;
    struct text provider = request->target->provider->name, model = request->target->model;
    struct text slug = request->endpoint->slug;
    struct text result =
        request->answered ? TEXT("ok") : text_of(error_row(request->error.code)->word);
    const struct text attempt[] = {slug, provider, model, result};
    const struct text target[] = {provider, model}, cost[] = {slug, provider, model};
    const struct text input[] = {slug, provider, model, TEXT("input")};
    const struct text output[] = {slug, provider, model, TEXT("output")};

    metric_add(metrics, METRIC_UPSTREAM_ATTEMPTS, attempt, 1);
    metric_observe_us(metrics, METRIC_UPSTREAM_DURATION, target, request->times.upstream_us);
    if (request->times.first_token_us > 0)
        metric_observe_us(metrics, METRIC_FIRST_TOKEN, target, request->times.first_token_us);
    if (!request->settled)
        return;
    metric_add(metrics, METRIC_TOKENS, input, (uint64_t)usage->prompt_tokens);
    metric_add(metrics, METRIC_TOKENS, output, (uint64_t)usage->completion_tokens);
    if (usage->cached_tokens > 0)
        metric_add(metrics, METRIC_CACHED_TOKENS, cost, (uint64_t)usage->cached_tokens);
    if (usage->reasoning_tokens > 0)
        metric_add(metrics, METRIC_REASONING_TOKENS, cost, (uint64_t)usage->reasoning_tokens);
    if (request->cost_nano > 0)
        metric_add(metrics, METRIC_COST, cost, (uint64_t)request->cost_nano);
}

static void count_request(struct request *request, uint64_t duration_us, uint64_t overhead_us)
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
    if (retried.len > 0 && !text_equal(retried, TEXT("0")))
        metric_add(metrics, METRIC_CLIENT_RETRIES, &slug, 1);
}

/* What is written down of an error: of a schema violation only the author's side of it, because the
 * message names members that the caller or the model made up. A check that was given up is the
 * schema's fault, which is named. */
static struct text error_shown(struct request *request)
{
    const struct violations *violations = request->violations;

    if (request->undecided != NULL)
        return arena_printf(&request->arena, "%s: schema '%.*s'", request->error.message,
                            TEXT_ARG(schema_name(request->undecided, &request->arena)));
    if (violations == NULL || violations->listed == 0)
        return text_of(request->error.message);
    return arena_printf(&request->arena, "%zu violation%s, the first of %.*s", violations->total,
                        violations->total == 1 ? "" : "s",
                        TEXT_ARG(violations->items[0].schema_path));
}

static void write_line(struct request *request, uint64_t duration_us, uint64_t overhead_us)
{
    const struct chat_usage *usage = &request->answer.usage;
    struct journal_entry entry = {
        .wall_ms = request->wall_ms,
        .request_id = request->id,
        .method = request->http.method,
        .path = request->http.path,
        .status = request->status,
        .code = text_of(error_row(request->error.code)->word),
        .error = error_shown(request),
        .surface = text_of(request->surface),
        .session_id = request->sessioned ? request->session_id : TEXT(""),
        .attempts = request->attempts,
        .stream = request->streaming,
        .usage_known = request->settled,
        .usage_reported = usage->reported,
        .input_tokens = usage->prompt_tokens,
        .output_tokens = usage->completion_tokens,
        .cached_tokens = usage->cached_tokens,
        .reasoning_tokens = usage->reasoning_tokens,
        .cost_nano = request->cost_nano,
        .finish_reason = text_of(chat_finish_name(request->answer.finish)),
        .first_token_us = request->times.first_token_us,
        .upstream_us = request->times.upstream_us,
        .overhead_us = overhead_us,
        .duration_us = duration_us,
        .bytes_in = request->http.body.len,
        .bytes_out = request->bytes_out,
    };

    if (request->endpoint != NULL) {
        entry.endpoint = request->endpoint->slug;
        entry.version = request->endpoint->version;
    }
    if (request->caller != NULL)
        entry.token_id = request->caller->record.id;
    if (request->target != NULL) {
        entry.rule = request->rule_name;
        entry.provider = request->target->provider->name;
        entry.model = request->target->model;
    }
    journal_write(request->worker->gateway->log, &entry);
}

enum verdict stage_journal(struct request *request)
{
    uint64_t duration_us = clock_monotonic_us() - request->http.started_us;
    uint64_t waited_us = request->times.upstream_us + request->times.store_us;
    uint64_t overhead_us = duration_us > waited_us ? duration_us - waited_us : 0;

    request->status = error_row(request->error.code)->status;
    respond_prepare(request);
    count_request(request, duration_us, overhead_us);
    if (request->attempts > 0)
        count_call(request);
    write_line(request, duration_us, overhead_us);
    return NEXT;
}
