#include "gateway/notes.h"

#include "gateway/respond.h"

#include <stdio.h>

/* Models write faster than anybody wants to hear of it; and who hears nothing for long believes
 * that nothing happens. */
enum { TELL_MS = 250, SILENCE_MS = 5000 };

static bool wanted(const struct request *request)
{
    return request->body.notes && !request->gone;
}

static void put(struct request *request, struct text piece)
{
    size_t waiting = request->client->ops->write(request->client, piece);

    request->bytes_out += piece.len;
    request->notes.backed_up = waiting > HTTP_LOW_WATER;
}

static void tell(struct request *request, struct text sentence)
{
    struct notes *notes = &request->notes;
    struct loop *loop = request->worker->loop;
    struct buffer out = {0};

    notes->steps++;
    notes->told_ms = loop_now_ms(loop);
    loop_start_timer(loop, &request->ping, notes->told_ms + SILENCE_MS);
    if (notes->backed_up)
        return;
    request->surface->note(&request->body, notes->steps, sentence, &out);
    put(request, buffer_text(&out));
    buffer_release(&out);
}

static void tell_written(struct request *request)
{
    char sentence[64];

    snprintf(sentence, sizeof sentence, "the model has written %llu bytes",
             (unsigned long long)request->notes.bytes);
    tell(request, text_of(sentence));
}

static void silence(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, ping));

    if (request->notes.bytes > 0)
        tell_written(request);
    else
        tell(request, TEXT("the model has not written yet"));
}

static void begin(struct request *request)
{
    struct http_reply head = {.status = 200};

    if (request->notes.begun)
        return;
    request->notes.begun = true;
    respond_headers(request, TEXT("text/event-stream"), &head);
    request->client->ops->begin(request->client, &head);
    request->ping.fire = silence;
}

void notes_asked(struct request *request, const struct attempt *attempt)
{
    if (!wanted(request))
        return;
    begin(request);
    tell(request,
         attempt->number == 1
             ? arena_printf(&request->arena, "asking %.*s", TEXT_ARG(attempt->target->model))
             : arena_printf(&request->arena, "asking %.*s, attempt %d",
                            TEXT_ARG(attempt->target->model), attempt->number));
}

void notes_written(struct request *request, size_t bytes)
{
    if (!wanted(request) || bytes == 0)
        return;
    request->notes.bytes += bytes;
    if (request->notes.begun &&
        loop_now_ms(request->worker->loop) >= request->notes.told_ms + TELL_MS)
        tell_written(request);
}

void notes_drained(struct request *request)
{
    request->notes.backed_up = false;
}

void notes_end(struct request *request)
{
    struct buffer out = {0};

    begin(request);
    loop_stop_timer(request->worker->loop, &request->ping);
    request->surface->last(request->reply, &out);
    put(request, buffer_text(&out));
    buffer_release(&out);
    request->client->ops->end(request->client, false);
}
