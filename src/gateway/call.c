/* The call to the provider: starts an exchange, gathers its reply (whole, or event by event), and
 * turns whatever went wrong into the request's error. */
#include "base/check.h"
#include "base/clock.h"
#include "gateway/stages.h"

enum { REFUSAL_BYTES = 65536 };

static const struct dialect *dialect_of(const struct request *request)
{
    return request->target->dialect;
}

static void finish(struct request *request)
{
    struct attempt *attempt = &request->attempt;

    attempt->exchange = NULL;
    request->times.upstream_us += request_waited_us(request);
    pipeline_resume(request);
}

/* --- what comes in
 * ---------------------------------------------------------------------------------- */

static void take_head(void *context, const struct http_head *head)
{
    struct request *request = request_of(context);

    request->attempt.status = head->status;
    request->attempt.retry_after_s = head->retry_after_s;
    request->attempt.streamed = head->status == 200 && request->chat.stream &&
                                framing_fits(dialect_of(request)->framing, head->content_type);
}

static void fail_call(struct request *request)
{
    CHECK(request->error.code != ERROR_NONE);
    exchange_cancel(request->attempt.exchange);
    finish(request);
}

/* Events are many and most are small: each is read into memory of its own, and only what outlives
 * it is kept. */
static bool take_event(struct request *request, const struct wire_event *event)
{
    struct arena scratch = {0};
    struct chat_events steps = {0};
    struct failure failure = {0};
    bool good;

    if (request->gather.done)
        return true; /* whatever follows the provider's own end mark is none of ours */
    good = dialect_of(request)->event(request->attempt.memory, event, &request->arena, &scratch,
                                      &steps, &failure);
    for (size_t i = 0; i < steps.count && request->error.code == ERROR_NONE; i++)
        if (stream_event(request, &steps.items[i]) == FAIL)
            break;
    if (!good && request->error.code == ERROR_NONE)
        request->error = failure.error;
    arena_release(&scratch);
    return request->error.code == ERROR_NONE;
}

static void take_stream_piece(struct request *request, struct text piece)
{
    struct wire_event event;
    struct error err = {0};

    while (framing_next(&request->attempt.reader, &piece, &event, &err)) {
        if (!take_event(request, &event)) {
            fail_call(request);
            return;
        }
    }
    if (framing_failed(&request->attempt.reader)) {
        request->error = err;
        fail_call(request);
    }
}

static void take_body(void *context, struct text piece)
{
    struct request *request = request_of(context);
    struct attempt *attempt = &request->attempt;

    if (request->times.first_token_us == 0)
        request->times.first_token_us = clock_monotonic_us() - attempt->started_us;
    if (attempt->streamed)
        take_stream_piece(request, piece);
    else if (attempt->status == 200)
        buffer_put(&attempt->body, piece);
    else if (attempt->body.len < REFUSAL_BYTES)
        buffer_put(&attempt->body, text_first(piece, REFUSAL_BYTES - attempt->body.len));
}

/* --- how it ends
 * ------------------------------------------------------------------------------------- */

static void end_stream(struct request *request)
{
    struct wire_event event;

    if (framing_finish(&request->attempt.reader, &event) && !take_event(request, &event))
        return;
    if (request->gather.finish == CHAT_FINISH_NONE) {
        error_set(&request->error, ERROR_UPSTREAM_TRUNCATED, NULL,
                  "provider '%.*s' ended its stream without finishing the answer",
                  TEXT_ARG(request->target->provider->name));
        return;
    }
    gather_answer(&request->gather, &request->answer);
    request->answered = true;
}

static void end_reply(struct request *request)
{
    struct attempt *attempt = &request->attempt;
    struct text body = buffer_text(&attempt->body);
    struct failure failure = {0};

    if (attempt->streamed) {
        end_stream(request);
        return;
    }
    if (attempt->status != 200) {
        const struct wire_refusal refusal = {attempt->status, body,
                                             attempt->retry_after_s * (uint64_t)1000};

        dialect_of(request)->refusal(&refusal, &request->arena, &failure);
    } else {
        request->answered =
            dialect_of(request)->answer(body, &request->arena, &request->answer, &failure);
    }
    if (failure.kind != FAILURE_NONE)
        request->error = failure.error;
}

static void take_end(void *context, const struct error *err, const struct exchange_facts *facts)
{
    struct request *request = request_of(context);

    (void)facts;

    request->attempt.exchange = NULL; /* no longer to be paused or cancelled */
    if (err->code != ERROR_NONE &&
        !(request->attempt.streamed && request->gather.finish != CHAT_FINISH_NONE))
        request->error = *err;
    else
        end_reply(request);
    finish(request);
}

static const struct exchange_events events = {take_head, take_body, take_end};

enum verdict stage_call(struct request *request)
{
    const struct provider *provider = request->target->provider;
    struct text key = provider->key_count > 0 ? provider->keys[0] : TEXT("");
    struct attempt *attempt = &request->attempt;
    struct exchange_options options = {
        .provider = provider,
        .key = key,
        .chat = &request->chat,
        .wire = &attempt->wire,
        .times = request->endpoint->times,
        .events = &events,
        .context = request,
    };

    request->target->dialect->request(&request->chat, provider, key, &request->arena,
                                      &attempt->wire);
    attempt->body = buffer_in(&request->arena);
    framing_init(&attempt->reader, request->target->dialect->framing, &request->arena);
    attempt->memory = arena_alloc(&request->arena, request->target->dialect->stream_bytes);
    request->gather = (struct chat_gather){.arena = &request->arena};
    attempt->started_us = clock_monotonic_us();
    request->attempts++;
    request_waits(request);
    attempt->exchange = exchange_start(request->worker->transport, &options);
    return WAIT;
}

void call_cancel(struct request *request)
{
    if (request->attempt.exchange == NULL)
        return;
    exchange_cancel(request->attempt.exchange);
    request->attempt.exchange = NULL;
    request->times.upstream_us += request_waited_us(request);
}

void call_resume(struct request *request)
{
    if (request->attempt.exchange == NULL || !request->attempt.paused)
        return;
    request->attempt.paused = false;
    exchange_resume(request->attempt.exchange);
}
