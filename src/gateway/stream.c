/* A streamed answer: a smaller table, run once per event of the provider. Whatever the dialect, the
 * client gets chat chunks in OpenAI's form. The head is held back until the first content, so that
 * a call that fails before it is an ordinary error. */
#include "base/check.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/fault.h"
#include "gateway/respond.h"
#include "gateway/stages.h"

enum { PING_MS = 15000 };

/* --- writing chunks
 * ---------------------------------------------------------------------------------- */

static void send(struct request *request, struct text piece)
{
    size_t waiting;

    request->bytes_out += piece.len;
    waiting = request->client->ops->write(request->client, piece);
    if (waiting > HTTP_HIGH_WATER && request->attempt.exchange != NULL &&
        !request->attempt.paused) {
        request->attempt.paused = true;
        exchange_pause(request->attempt.exchange);
    }
}

static void open_chunk(struct request *request, struct buffer *out)
{
    buffer_put(out, TEXT("data: {\"id\":\"chatcmpl-"));
    json_put_escaped(out, request->id);
    buffer_put(out, TEXT("\",\"object\":\"chat.completion.chunk\",\"created\":"));
    buffer_put_i64(out, request->wall_ms / 1000);
    buffer_put(out, TEXT(",\"model\":"));
    json_put_string(out,
                    request->gather.model.len > 0 ? request->gather.model : request->target->model);
}

static void put_delta(struct request *request, struct text role, struct text name,
                      struct text value, enum chat_finish finish)
{
    struct buffer out = {0};

    open_chunk(request, &out);
    buffer_put(&out, TEXT(",\"choices\":[{\"index\":0,\"delta\":{"));
    if (role.len > 0)
        buffer_put(&out, TEXT("\"role\":\"assistant\",\"content\":\"\""));
    if (name.len > 0) {
        json_put_string(&out, name);
        buffer_put_byte(&out, ':');
        json_put_string(&out, value);
    }
    buffer_put(&out, TEXT("},\"finish_reason\":"));
    if (finish == CHAT_FINISH_NONE)
        buffer_put(&out, TEXT("null"));
    else
        json_put_string(&out, text_of(chat_finish_name(finish)));
    buffer_put(&out, TEXT("}]}\n\n"));
    send(request, buffer_text(&out));
    buffer_release(&out);
}

static void ping(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, ping));

    send(request, TEXT(": ping\n\n"));
    loop_start_timer(request->worker->loop, timer, loop_now_ms(request->worker->loop) + PING_MS);
}

bool stream_wanted(const struct request *request)
{
    return request->body.stream;
}

void stream_begin(struct request *request)
{
    struct http_reply head = {.status = 200};

    if (request->streaming)
        return;
    request->streaming = true;
    request->status = 200;
    respond_headers(request, TEXT("text/event-stream"), &head);
    request->client->ops->begin(request->client, &head);
    request->ping.fire = ping;
    loop_start_timer(request->worker->loop, &request->ping,
                     loop_now_ms(request->worker->loop) + PING_MS);
    put_delta(request, TEXT("assistant"), (struct text){0}, (struct text){0}, CHAT_FINISH_NONE);
}

/* --- the table
 * ---------------------------------------------------------------------------------------- */

/* Everything is kept: for the schema, the session and an estimate of what a cut answer cost. */
static enum verdict collect(struct request *request, const struct chat_event *event)
{
    gather_take(&request->gather, event);
    return NEXT;
}

static enum verdict emit(struct request *request, const struct chat_event *event)
{
    bool text = event->type == CHAT_EVENT_TEXT, refusal = event->type == CHAT_EVENT_REFUSAL;

    if (request->gone || !(text || refusal))
        return NEXT;
    stream_begin(request);
    put_delta(request, (struct text){0}, text ? TEXT("content") : TEXT("refusal"), event->text,
              CHAT_FINISH_NONE);
    return NEXT;
}

static enum verdict (*const steps[])(struct request *, const struct chat_event *) = {
    collect,
    emit,
};

enum verdict stream_event(struct request *request, const struct chat_event *event)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i](request, event) == FAIL)
            return FAIL;
    return NEXT;
}

/* --- the end
 * ------------------------------------------------------------------------------------------- */

static void put_usage(struct request *request)
{
    struct buffer out = {0};

    open_chunk(request, &out);
    buffer_put(&out, TEXT(",\"choices\":[],\"usage\":"));
    respond_put_usage(request, &out);
    buffer_put(&out, TEXT(",\"pinion\":"));
    respond_put_meta(request, &out);
    buffer_put(&out, TEXT("}\n\ndata: [DONE]\n\n"));
    send(request, buffer_text(&out));
    buffer_release(&out);
}

/* An error event and no [DONE]: nobody may take a cut answer for a whole one. */
static void put_error(struct request *request)
{
    struct buffer out = {0};

    buffer_put(&out, TEXT("data: "));
    fault_put_body(request, &out);
    buffer_put(&out, TEXT("\n\n"));
    send(request, buffer_text(&out));
    buffer_release(&out);
}

void stream_end(struct request *request)
{
    loop_stop_timer(request->worker->loop, &request->ping);
    if (request->error.code != ERROR_NONE) {
        put_error(request);
    } else {
        /* A provider that ignored `stream` answered whole: one chunk. */
        if (request->gather.content.len == 0 && request->answer.content.len > 0)
            put_delta(request, (struct text){0}, TEXT("content"), request->answer.content,
                      CHAT_FINISH_NONE);
        if (request->gather.refusal.len == 0 && request->answer.refusal.len > 0)
            put_delta(request, (struct text){0}, TEXT("refusal"), request->answer.refusal,
                      CHAT_FINISH_NONE);
        put_delta(request, (struct text){0}, (struct text){0}, (struct text){0},
                  request->answer.finish == CHAT_FINISH_NONE ? CHAT_FINISH_STOP
                                                             : request->answer.finish);
        put_usage(request);
    }
    request->client->ops->end(request->client, false);
}
