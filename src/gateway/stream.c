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

/* As it is, whatever it is. */
static void pass(struct request *request, struct text piece)
{
    struct attempt *winner = request->winner;
    size_t waiting;

    request->bytes_out += piece.len;
    waiting = request->client->ops->write(request->client, piece);
    request->share.backed_up = waiting > HTTP_HIGH_WATER;
    if (waiting > HTTP_HIGH_WATER && !share_has_others(request) && winner != NULL &&
        winner->exchange != NULL && !winner->paused) {
        winner->paused = true;
        exchange_pause(winner->exchange);
    }
}

/* A part of the answer. */
static void send(struct request *request, struct text piece)
{
    idempotency_note(request, piece);
    if (request->held_back)
        buffer_put(&request->held, piece);
    else
        pass(request, piece);
}

static void open_chunk(struct request *request, struct buffer *out)
{
    struct text model =
        request->winner != NULL ? request->winner->gather.model : request->share.heard.model;

    if (model.len == 0)
        model = request->answer.model.len > 0 ? request->answer.model : request->target->model;
    buffer_put(out, TEXT("data: {\"id\":\"chatcmpl-"));
    json_put_escaped(out, request->id);
    buffer_put(out, TEXT("\",\"object\":\"chat.completion.chunk\",\"created\":"));
    buffer_put_i64(out, request->wall_ms / 1000);
    buffer_put(out, TEXT(",\"model\":"));
    json_put_string(out, model);
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

    pass(request, TEXT(": ping\n\n"));
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

/* --- steps
 * ----------------------------------------------------------------------------------------- */

/* A tool call, or a piece of its arguments: id and name come once, in front. */
static void put_call(struct request *request, const struct chat_event *event)
{
    struct buffer out = {0};

    open_chunk(request, &out);
    buffer_printf(&out, ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":%u",
                  event->call);
    if (event->type == CHAT_EVENT_CALL) {
        buffer_put(&out, TEXT(",\"id\":"));
        json_put_string(&out, event->id);
        buffer_put(&out, TEXT(",\"type\":\"function\""));
    }
    buffer_put(&out, TEXT(",\"function\":{"));
    if (event->type == CHAT_EVENT_CALL) {
        buffer_put(&out, TEXT("\"name\":"));
        json_put_string(&out, event->name);
        buffer_put_byte(&out, ',');
    }
    buffer_put(&out, TEXT("\"arguments\":"));
    json_put_string(&out, event->text);
    buffer_put(&out, TEXT("}}]},\"finish_reason\":null}]}\n\n"));
    send(request, buffer_text(&out));
    buffer_release(&out);
}

void stream_event(struct request *request, const struct chat_event *event)
{
    if (request->gone)
        return;
    switch (event->type) {
    case CHAT_EVENT_TEXT:
    case CHAT_EVENT_REFUSAL:
        if (event->text.len == 0)
            return;
        stream_begin(request);
        *(event->type == CHAT_EVENT_TEXT ? &request->shown_bytes : &request->refusal_bytes) +=
            event->text.len;
        put_delta(request, (struct text){0},
                  event->type == CHAT_EVENT_TEXT ? TEXT("content") : TEXT("refusal"), event->text,
                  CHAT_FINISH_NONE);
        break;
    case CHAT_EVENT_CALL:
    case CHAT_EVENT_ARGUMENTS:
        stream_begin(request);
        put_call(request, event);
        break;
    default:
        break;
    }
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

/* Whether the answer was sent on as it came. */
static bool was_streamed(const struct request *request)
{
    return request->winner != NULL ? request->winner->streamed
                                   : !request->share.known || request->share.shown;
}

/* A provider that ignored `stream` answered whole, and so does the cache: one chunk for each of its
 * parts. */
static void put_whole(struct request *request)
{
    const struct chat_answer *answer = &request->answer;
    struct chat_event event = {.type = CHAT_EVENT_TEXT, .text = answer->content};
    uint32_t calls = 0;

    if (was_streamed(request))
        return;
    stream_event(request, &event);
    event = (struct chat_event){.type = CHAT_EVENT_REFUSAL, .text = answer->refusal};
    stream_event(request, &event);
    for (size_t i = 0; i < answer->part_count; i++) {
        const struct chat_part *part = &answer->parts[i];

        if (part->type != CHAT_CALL)
            continue;
        event = (struct chat_event){.type = CHAT_EVENT_CALL,
                                    .call = calls++,
                                    .id = part->id,
                                    .name = part->name,
                                    .text = part->text};
        stream_event(request, &event);
    }
}

static void put_end(struct request *request)
{
    if (request->error.code != ERROR_NONE) {
        put_error(request);
    } else {
        put_whole(request);
        put_delta(request, (struct text){0}, (struct text){0}, (struct text){0},
                  request->answer.finish == CHAT_FINISH_NONE ? CHAT_FINISH_STOP
                                                             : request->answer.finish);
        put_usage(request);
    }
}

void stream_compose_end(struct request *request)
{
    if (stream_wanted(request) && request->error.code == ERROR_NONE)
        stream_begin(request);
    if (!request->streaming)
        return;
    request->held = buffer_in(&request->arena);
    request->held_back = true;
    put_end(request);
}

void stream_end(struct request *request)
{
    loop_stop_timer(request->worker->loop, &request->ping);
    if (request->held_back)
        pass(request, buffer_text(&request->held));
    else
        put_end(request);
    request->client->ops->end(request->client, false);
}
