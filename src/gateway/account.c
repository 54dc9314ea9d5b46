/* What the request cost, and what is written down about it. */
#include "base/clock.h"
#include "gateway/respond.h"
#include "gateway/stages.h"
#include "journal/journal.h"
#include "journal/metrics.h"

#include <stdio.h>

/* --- settle
 * ----------------------------------------------------------------------------------------- */

/* What an answer that its provider has not counted is likely to have cost. */
static struct chat_usage estimate(const struct attempt *attempt)
{
    struct text content = attempt->answer.content.len > 0 ? attempt->answer.content
                                                          : buffer_text(&attempt->gather.content);
    struct chat_usage usage = {
        .prompt_tokens = chat_estimate_tools(attempt->chat.tools, attempt->chat.tool_count),
        .completion_tokens = chat_estimate_tokens(content),
    };

    for (size_t i = 0; i < attempt->chat.message_count; i++)
        usage.prompt_tokens += chat_estimate_message(&attempt->chat.messages[i]);
    if (attempt->answer.parts != NULL)
        usage.completion_tokens =
            chat_estimate_parts(attempt->answer.parts, attempt->answer.part_count);
    return usage;
}

/* Whether tokens were bought: an answer came, in full or in part, or it was us who ended a call
 * that the provider was at work on. One that was refused or failed without content is not charged.
 */
static bool bought(const struct attempt *attempt)
{
    return attempt->answered || attempt->gather.part_count > 0 || attempt->gather.has_usage ||
           (attempt->cancelled && attempt->facts.sent != SENT_NOTHING);
}

static void settle_attempt(struct attempt *attempt)
{
    struct chat_usage *usage = &attempt->answer.usage;

    if (attempt->settled || !bought(attempt))
        return;
    if (!attempt->answered)
        *usage = attempt->gather.usage;
    if (!usage->reported)
        *usage = estimate(attempt);
    attempt->settled = true;
    attempt->cost_nano =
        attempt->target->price != NULL ? price_cost_nano(attempt->target->price, usage) : -1;
}

static void add_usage(struct chat_usage *sum, const struct chat_usage *usage)
{
    sum->prompt_tokens += usage->prompt_tokens;
    sum->completion_tokens += usage->completion_tokens;
    sum->cached_tokens += usage->cached_tokens;
    sum->cache_write_tokens += usage->cache_write_tokens;
    sum->reasoning_tokens += usage->reasoning_tokens;
    sum->free_prompt_tokens += usage->free_prompt_tokens;
    sum->free_completion_tokens += usage->free_completion_tokens;
    sum->reported &= usage->reported;
}

int64_t account_spent(struct request *request)
{
    int64_t spent = 0;

    for (struct attempt *attempt = request->attempts; attempt != NULL; attempt = attempt->next) {
        settle_attempt(attempt);
        if (!attempt->settled)
            continue;
        if (attempt->cost_nano < 0)
            return -1;
        spent += attempt->cost_nano;
    }
    return spent;
}

enum verdict stage_settle(struct request *request)
{
    int64_t spent = account_spent(request);

    request->usage = (struct chat_usage){.reported = true};
    for (struct attempt *attempt = request->attempts; attempt != NULL; attempt = attempt->next) {
        settle_attempt(attempt); /* also those behind one whose price is not known */
        if (!attempt->settled)
            continue;
        request->settled = true;
        add_usage(&request->usage, &attempt->answer.usage);
    }
    if (request->settled)
        request->cost_nano = spent;
    meter_correct(request);
    return NEXT;
}

/* --- journal
 * ---------------------------------------------------------------------------------------- */

static void count_tokens(struct request *request, const struct attempt *attempt)
{
    struct metrics_shard *metrics = request->worker->metrics;
    const struct chat_usage *usage = &attempt->answer.usage;
    struct text provider = attempt->target->provider->name, model = attempt->target->model;
    struct text slug = request->endpoint->slug;
    const struct text cost[] = {slug, provider, model};
    const struct text input[] = {slug, provider, model, TEXT("input")};
    const struct text output[] = {slug, provider, model, TEXT("output")};

    metric_add(metrics, METRIC_TOKENS, input, (uint64_t)usage->prompt_tokens);
    metric_add(metrics, METRIC_TOKENS, output, (uint64_t)usage->completion_tokens);
    if (usage->cached_tokens > 0)
        metric_add(metrics, METRIC_CACHED_TOKENS, cost, (uint64_t)usage->cached_tokens);
    if (usage->reasoning_tokens > 0)
        metric_add(metrics, METRIC_REASONING_TOKENS, cost, (uint64_t)usage->reasoning_tokens);
    if (attempt->cost_nano > 0)
        metric_add(metrics, METRIC_COST, cost, (uint64_t)attempt->cost_nano);
}

static void count_attempt(struct request *request, const struct attempt *attempt)
{
    struct metrics_shard *metrics = request->worker->metrics;
    struct text provider = attempt->target->provider->name, model = attempt->target->model;
    struct text result = attempt->failure.kind != FAILURE_NONE
                             ? text_of(failure_row(attempt->failure.kind)->word)
                         : attempt->cancelled ? TEXT("cancelled")
                                              : TEXT("ok");
    const struct text labels[] = {request->endpoint->slug, provider, model, result};
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

/* From when its call was sent to the first byte of the answer that counted. */
static uint64_t first_token_us(const struct request *request)
{
    const struct attempt *winner = request->winner;

    return winner != NULL && winner->first_us > 0 ? winner->first_us - winner->started_us : 0;
}

static void write_line(struct request *request, uint64_t duration_us, uint64_t overhead_us)
{
    const struct chat_usage *usage = &request->usage;
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
        .attempts = request->calls,
        .stream = request->streaming,
        .usage_known = request->settled,
        .usage_reported = usage->reported,
        .input_tokens = usage->prompt_tokens,
        .output_tokens = usage->completion_tokens,
        .cached_tokens = usage->cached_tokens,
        .reasoning_tokens = usage->reasoning_tokens,
        .cost_nano = request->cost_nano,
        .finish_reason = text_of(chat_finish_name(request->answer.finish)),
        .first_token_us = first_token_us(request),
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
    if (request->token != NULL)
        entry.token_id = request->token->id;
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
    uint64_t waited_us =
        request->times.upstream_us + request->times.store_us + request->times.turn_us;
    uint64_t overhead_us = duration_us > waited_us ? duration_us - waited_us : 0;

    request->status = error_row(request->error.code)->status;
    respond_prepare(request);
    count_request(request, duration_us, overhead_us);
    for (const struct attempt *attempt = request->attempts; attempt != NULL;
         attempt = attempt->next)
        count_attempt(request, attempt);
    write_line(request, duration_us, overhead_us);
    return NEXT;
}
