/* A streamed answer: a smaller table, run once per event of the provider. Whatever its dialect, the
 * client gets the form of its surface. The head is held back until the first content, so that a
 * call that fails before it is an ordinary error. */
#include "base/check.h"
#include "base/clock.h"
#include "gateway/fault.h"
#include "gateway/respond.h"
#include "gateway/stages.h"
#include "gateway/under_way.h"

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

/* What the surface makes of what is said. */
static void send_piece(struct request *request, struct buffer *piece)
{
    if (piece->len > 0)
        send(request, buffer_text(piece));
    buffer_release(piece);
}

static void ping(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, ping));

    pass(request, request->surface->ping.len > 0 ? request->surface->ping : TEXT(": ping\n\n"));
    loop_start_timer(request->worker->loop, timer, loop_now_ms(request->worker->loop) + PING_MS);
}

bool stream_wanted(const struct request *request)
{
    return request->body.stream;
}

bool stream_answers(const struct request *request)
{
    return request->body.stream || request->streams_late;
}

static void begin_surface(struct request *request)
{
    const struct surface *surface = request->surface;
    const struct surface_said said = respond_said(request);
    struct buffer out = {0};

    if (surface->stream_bytes > 0)
        request->stream = arena_alloc(&request->arena, surface->stream_bytes);
    surface->begin(request->stream, &said, &out);
    send_piece(request, &out);
}

void stream_begin(struct request *request)
{
    struct http_reply head = {.status = 200};

    if (request->streaming)
        return;
    request->streaming = true;
    request->status = 200;
    under_way_stream(request);
    respond_headers(request, TEXT("text/event-stream"), &head);
    request->client->ops->begin(request->client, &head);
    request->ping.fire = ping;
    loop_start_timer(request->worker->loop, &request->ping,
                     loop_now_ms(request->worker->loop) + PING_MS);
    begin_surface(request);
}

/* --- steps
 * ----------------------------------------------------------------------------------------- */

static void put_event(struct request *request, const struct chat_event *event)
{
    const struct surface_said said = respond_said(request);
    struct buffer out = {0};

    stream_begin(request);
    request->surface->event(request->stream, &said, event, &out);
    send_piece(request, &out);
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
        *(event->type == CHAT_EVENT_TEXT ? &request->shown_bytes : &request->refusal_bytes) +=
            event->text.len;
        put_event(request, event);
        break;
    case CHAT_EVENT_CALL:
    case CHAT_EVENT_ARGUMENTS:
        put_event(request, event);
        break;
    default:
        break;
    }
}

/* --- the end
 * ------------------------------------------------------------------------------------------- */

static void put_good_end(struct request *request)
{
    const struct surface_said said = respond_said_whole(request);
    struct buffer out = {0};

    request->surface->end(request->stream, &said, &out);
    send_piece(request, &out);
}

/* An error event: nobody may take a cut answer for a whole one. */
static void put_error(struct request *request)
{
    const struct surface_fault fault = fault_said(request);
    struct buffer out = {0};

    request->surface->cut(request->stream, &fault, &out);
    send_piece(request, &out);
}

/* Whether the answer was sent on as it came. */
static bool was_streamed(const struct request *request)
{
    if (request->streams_late)
        return false;
    return request->winner != NULL ? request->winner->streamed
                                   : !request->share.known || request->share.shown;
}

static void put_text(struct request *request, enum chat_event_type type, struct text text)
{
    const struct chat_event event = {.type = type, .text = text};

    stream_event(request, &event);
}

/* The text as a whole: of an answer that was checked before any of it was sent, as it was found
 * fit.
 */
static void put_content(struct request *request)
{
    bool checked = request->streams_late && request->has_output;

    if (request->shown_bytes == 0)
        put_text(request, CHAT_EVENT_TEXT,
                 checked ? text_trim(request->output.source) : request->answer.content);
}

static void put_call(struct request *request, const struct chat_part *part, uint32_t number)
{
    const struct chat_event event = {.type = CHAT_EVENT_CALL,
                                     .call = number,
                                     .id = part->id,
                                     .name = part->name,
                                     .text = part->text};

    stream_event(request, &event);
}

/* A provider that ignored `stream` answered whole, and so does the cache, and an endpoint that is
 * not to stream: one chunk for each of its parts, in their order. A text that was looked at as a
 * whole is sent as such, where it begins. */
static void put_whole(struct request *request)
{
    const struct chat_answer *answer = &request->answer;
    bool joined = request->has_output || guarding_is_late(request);
    uint32_t calls = 0;

    if (was_streamed(request))
        return;
    for (size_t i = 0; i < answer->part_count; i++) {
        const struct chat_part *part = &answer->parts[i];

        if (part->type == CHAT_CALL)
            put_call(request, part, calls++);
        else if (part->type == CHAT_TEXT && joined)
            put_content(request);
        else if (part->type == CHAT_TEXT)
            put_text(request, CHAT_EVENT_TEXT, part->text);
    }
    put_content(request);
    put_text(request, CHAT_EVENT_REFUSAL, answer->refusal);
}

static void put_end(struct request *request)
{
    if (request->error.code != ERROR_NONE) {
        put_error(request);
    } else {
        put_whole(request);
        put_good_end(request);
    }
}

void stream_compose_end(struct request *request)
{
    if (stream_answers(request) && request->error.code == ERROR_NONE)
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
