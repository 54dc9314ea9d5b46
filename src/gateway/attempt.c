#include "gateway/attempt.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "gateway/admission.h"
#include "gateway/stages.h"
#include "gateway/tracing.h"

/* END_MS: how long a reply may go on behind the end mark of the stream in it. One that ends in time
 * leaves its connection to the next call. */
enum { REFUSAL_BYTES = 65536, END_MS = 100 };

static struct attempt *attempt_of(void *context)
{
    struct attempt *attempt = context;

    request_of(attempt->request);
    return attempt;
}

struct attempt *attempt_new(struct request *request, const struct target *target)
{
    struct attempt *attempt = ARENA_NEW(&request->arena, struct attempt), **link;

    attempt->request = request;
    attempt->target = target;
    attempt->cost_nano = -1;
    attempt->number = 1;
    for (link = &request->attempts; *link != NULL; link = &(*link)->next)
        attempt->number++;
    *link = attempt;
    return attempt;
}

/* --- its end
 * ----------------------------------------------------------------------------------------- */

/* Everything but telling the call. */
static void settle_down(struct attempt *attempt)
{
    attempt->ended_us = clock_monotonic_us();
    loop_stop_timer(attempt->request->worker->loop, &attempt->first_token);
    loop_stop_timer(attempt->request->worker->loop, &attempt->last_byte);
    admission_report(attempt);
}

static void drop_exchange(struct attempt *attempt)
{
    if (attempt->exchange == NULL)
        return;
    attempt->facts = exchange_facts(attempt->exchange);
    exchange_cancel(attempt->exchange);
    attempt->exchange = NULL;
}

void attempt_cancel(struct attempt *attempt)
{
    if (!attempt_goes_on(attempt))
        return;
    attempt->cancelled = true;
    drop_exchange(attempt);
    vectors_drop(attempt);
    settle_down(attempt);
}

void attempt_end(struct attempt *attempt, const struct failure *failure)
{
    attempt->failure = *failure;
    if (failure->kind != FAILURE_NONE && failure->status == 0)
        attempt->failure.status = attempt->status;
    drop_exchange(attempt);
    settle_down(attempt);
    call_ended(attempt);
}

void attempt_fail(struct attempt *attempt, const struct failure *failure)
{
    CHECK(failure->kind != FAILURE_NONE && failure->error.code != ERROR_NONE);
    attempt_end(attempt, failure);
}

static void first_token_late(struct loop_timer *timer)
{
    struct attempt *attempt = attempt_of((char *)timer - offsetof(struct attempt, first_token));
    struct failure failure = {0};

    failure_set(&failure, FAILURE_TIMEOUT, NULL,
                "provider '%.*s' had not begun to answer after %llu ms",
                TEXT_ARG(attempt->target->provider->name),
                (unsigned long long)attempt->request->endpoint->times.first_byte_ms);
    attempt_fail(attempt, &failure);
}

/* --- what comes in
 * ---------------------------------------------------------------------------------- */

static void take_head(void *context, const struct http_head *head)
{
    struct attempt *attempt = attempt_of(context);
    struct text fields = head->fields, name, value;

    attempt->status = head->status;
    attempt->streamed = head->status == 200 && attempt->chat.stream &&
                        framing_fits(attempt->target->dialect->framing, head->content_type);
    if (head->status == 200)
        return;
    while (http_head_next(&fields, &name, &value))
        retry_after_read(&attempt->hints, name, value);
}

static void note_first(struct attempt *attempt)
{
    const struct shared_config *shared = attempt->request->lease->shared;
    struct target_health *health = shared->health.targets[attempt->target->index];

    if (attempt->first_us != 0)
        return;
    attempt->first_us = clock_monotonic_us();
    if (attempt->status != 200)
        return;
    latency_note(&health->latency, attempt->first_us - attempt->started_us,
                 attempt->first_us / 1000);
    atomic_store_explicit(&health->answered_ms, attempt->first_us / 1000, memory_order_relaxed);
}

/* The model is at work once it thinks; there is something to show once it speaks or acts. */
static void note_step(struct attempt *attempt, const struct chat_event *event)
{
    bool content = event->type == CHAT_EVENT_TEXT || event->type == CHAT_EVENT_REFUSAL ||
                   event->type == CHAT_EVENT_CALL;

    if (content || event->type == CHAT_EVENT_REASONING)
        loop_stop_timer(attempt->request->worker->loop, &attempt->first_token);
    if (!content || attempt->begun)
        return;
    attempt->begun = true;
    call_began(attempt);
}

/* A call that its provider gave no id is given one, which its result will be known by. */
static void name_call(struct request *request, struct text *id)
{
    if (id->len == 0)
        *id = id_new(&request->arena, "call_", request->wall_ms);
}

static void name_calls(struct request *request, struct chat_answer *answer)
{
    struct chat_part *parts = ARENA_ARRAY(&request->arena, struct chat_part, answer->part_count);

    for (size_t i = 0; i < answer->part_count; i++) {
        parts[i] = answer->parts[i];
        if (parts[i].type == CHAT_CALL)
            name_call(request, &parts[i].id);
    }
    if (answer->parts != NULL)
        answer->parts = parts;
}

static bool end_stream(struct attempt *attempt, struct failure *failure);

static void last_byte_late(struct loop_timer *timer)
{
    struct attempt *attempt = attempt_of((char *)timer - offsetof(struct attempt, last_byte));
    struct failure failure = {0};

    drop_exchange(attempt);
    if (end_stream(attempt, &failure))
        attempt_end(attempt, &failure);
}

/* The end mark of the stream has come: nothing behind it is waited for but the reply's own end. */
static void await_end(struct attempt *attempt)
{
    struct loop *loop = attempt->request->worker->loop;

    attempt->last_byte.fire = last_byte_late;
    loop_start_timer(loop, &attempt->last_byte, loop_now_ms(loop) + END_MS);
}

/* Events are many and most are small: each is read into memory of its own, and only what outlives
 * it is kept. False when the attempt is over. */
static bool take_event(struct attempt *attempt, const struct wire_event *event)
{
    struct request *request = attempt->request;
    struct arena scratch = {0};
    struct chat_events steps = {0};
    struct failure failure = {0};
    bool good, goes_on = true;

    if (attempt->gather.done)
        return true; /* whatever follows the provider's own end mark is none of ours */
    good = attempt->target->dialect->event(attempt->memory, event, &request->arena, &scratch,
                                           &steps, &failure);
    for (size_t i = 0; i < steps.count && goes_on; i++) {
        if (steps.items[i].type == CHAT_EVENT_CALL)
            name_call(request, &steps.items[i].id);
        note_step(attempt, &steps.items[i]);
        gather_take(&attempt->gather, &steps.items[i]);
        goes_on = call_step(attempt, &steps.items[i]);
    }
    arena_release(&scratch);
    if (goes_on && attempt->gather.done && attempt->exchange != NULL)
        await_end(attempt);
    if (goes_on && !good)
        attempt_fail(attempt, &failure);
    return goes_on && good;
}

static void take_stream_piece(struct attempt *attempt, struct text piece)
{
    struct wire_event event;
    struct failure failure;
    struct error err = {0};

    while (framing_next(&attempt->reader, &piece, &event, &err))
        if (!take_event(attempt, &event))
            return;
    if (!framing_failed(&attempt->reader))
        return;
    failure_of_error(&err, &failure);
    attempt_fail(attempt, &failure);
}

static void take_body(void *context, struct text piece)
{
    struct attempt *attempt = attempt_of(context);

    note_first(attempt);
    attempt->received_bytes += piece.len;
    if (attempt->streamed && attempt->keeps_stream && attempt->raw.len < CONTENT_STREAM_BYTES)
        buffer_put(&attempt->raw, text_first(piece, CONTENT_STREAM_BYTES - attempt->raw.len));
    if (attempt->streamed)
        take_stream_piece(attempt, piece);
    else if (attempt->status == 200)
        buffer_put(&attempt->body, piece);
    else if (attempt->body.len < REFUSAL_BYTES)
        buffer_put(&attempt->body, text_first(piece, REFUSAL_BYTES - attempt->body.len));
}

/* False when the attempt is over already. An event without its end is looked at where it may say
 * why the answer ended; where that is known, it is what a cut has left of one. */
static bool end_stream(struct attempt *attempt, struct failure *failure)
{
    struct wire_event event;

    if (attempt->gather.finish == CHAT_FINISH_NONE && framing_finish(&attempt->reader, &event) &&
        !take_event(attempt, &event))
        return false;
    attempt->answered = attempt->gather.finish != CHAT_FINISH_NONE;
    if (attempt->answered)
        gather_answer(&attempt->gather, &attempt->answer);
    else
        failure_set(failure, FAILURE_CUT, NULL,
                    "provider '%.*s' ended its stream without finishing the answer",
                    TEXT_ARG(attempt->target->provider->name));
    return true;
}

static void end_refusal(struct attempt *attempt, struct failure *failure)
{
    struct wire_refusal refusal = {
        .status = attempt->status,
        .body = buffer_text(&attempt->body),
        .retry_after_ms = retry_after_wait_ms(&attempt->hints, clock_wall_ms()),
    };

    attempt->target->dialect->refusal(&refusal, &attempt->request->arena, failure);
}

static void take_end(void *context, const struct error *err, const struct exchange_facts *facts)
{
    struct attempt *attempt = attempt_of(context);
    struct arena *arena = &attempt->request->arena;
    struct failure failure = {0};

    attempt->exchange = NULL; /* no longer to be paused or cancelled */
    attempt->facts = *facts;
    if (err->code != ERROR_NONE &&
        !(attempt->streamed && attempt->gather.finish != CHAT_FINISH_NONE))
        failure_of_error(err, &failure);
    else if (attempt->status != 200)
        end_refusal(attempt, &failure);
    else if (attempt->streamed) {
        if (!end_stream(attempt, &failure))
            return;
    } else if (attempt->chat.embeds) {
        if (!vectors_end(attempt, &failure))
            return;
    } else {
        attempt->answered = attempt->target->dialect->answer(buffer_text(&attempt->body), arena,
                                                             &attempt->answer, &failure);
        name_calls(attempt->request, &attempt->answer);
    }
    attempt_end(attempt, &failure);
}

static const struct exchange_events events = {take_head, take_body, take_end};

/* --- its beginning
 * ---------------------------------------------------------------------------------- */

void attempt_address(const struct request *request, const struct target *target, struct chat *chat)
{
    *chat = request->chat;
    chat->model = target->model;
    chat->params = target->params;
    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (request->body.params.json[param].len > 0)
            chat->params.json[param] = request->body.params.json[param];
    chat->output_strict = output_strict(request, target);
    chat->stream = request->body.stream || request->body.notes || output_watched(request);
    chat->max_output = target->price != NULL ? target->price->max_output : 0;
    chat->reasoning_model = target->price != NULL && target->price->reasoning;
}

/* A whole answer comes all at once, when its last word is written: it has begun late only if the
 * endpoint says by when it must have, or when another target would be left no time to answer. */
static struct exchange_times times_of(struct attempt *attempt)
{
    const struct endpoint *endpoint = attempt->request->endpoint;
    struct exchange_times times = endpoint->times;
    uint64_t now_ms = loop_now_ms(attempt->request->worker->loop),
             deadline_ms = attempt->request->plan.deadline_ms;

    times.total_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 1;
    if (!attempt->chat.stream && !endpoint->first_token_said)
        times.first_byte_ms = plan_next_place(&attempt->request->plan, ON_TIMEOUT) != SIZE_MAX
                                  ? times.total_ms / 2
                                  : 0;
    attempt->hurried =
        times.total_ms <
        (times.first_byte_ms > 0 ? times.first_byte_ms : endpoint->times.total_ms) / 2;
    return times;
}

/* What is asked of the target, or the next part of it. */
static struct exchange_times send(struct attempt *attempt)
{
    struct request *request = attempt->request;
    const struct provider *provider = attempt->target->provider;
    struct exchange_options options = {
        .provider = provider,
        .key = provider->key_count > 0 ? provider->keys[attempt->key.key] : TEXT(""),
        .chat = &attempt->chat,
        .wire = &attempt->wire,
        .trace = tracing_headers(attempt),
        .times = times_of(attempt),
        .events = &events,
        .context = attempt,
    };

    if (attempt->chat.embeds) {
        vectors_ask(attempt, options.key);
        options.body_bytes = vectors_reply_bytes(attempt);
    } else {
        attempt->target->dialect->request(&attempt->chat, provider, options.key, &request->arena,
                                          &attempt->wire);
    }
    attempt->exchange = exchange_start(request->worker->transport, &options);
    return options.times;
}

void attempt_go_on(struct attempt *attempt)
{
    send(attempt);
}

void attempt_start(struct attempt *attempt)
{
    struct request *request = attempt->request;
    const struct dialect *dialect = attempt->target->dialect;
    struct loop *loop = request->worker->loop;
    struct exchange_times times;

    attempt_address(request, attempt->target, &attempt->chat);
    attempt->body = buffer_in(&request->arena);
    attempt->raw = buffer_in(&request->arena);
    attempt->keeps_stream = content_keeps_stream(request);
    framing_init(&attempt->reader, dialect->framing, &request->arena);
    attempt->memory = arena_alloc(&request->arena, dialect->stream_bytes);
    attempt->gather = (struct chat_gather){.arena = &request->arena};
    output_watch_open(attempt);
    attempt->started_us = clock_monotonic_us();
    attempt->sent_out = true;
    if (request->traced)
        trace_span_id(attempt->span_id);
    request->calls++;
    times = send(attempt);
    if (attempt->chat.stream && times.first_byte_ms > 0) {
        attempt->first_token.fire = first_token_late;
        loop_start_timer(loop, &attempt->first_token, loop_now_ms(loop) + times.first_byte_ms);
    }
}
