/* The last stage: the envelope with the answer, the bare output, the end of a stream, or an error.
 */
#include "gateway/respond.h"

#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/deprecation.h"
#include "gateway/fault.h"
#include "gateway/headers.h"
#include "gateway/limit_headers.h"
#include "gateway/pages.h"
#include "gateway/stages.h"

#include <stdio.h>

/* Authors' names in a header: what is not printable ASCII is percent-encoded. */
static struct text header_safe(struct request *request, struct text value)
{
    struct buffer out = buffer_in(&request->arena);
    bool plain = true;

    for (size_t i = 0; i < value.len; i++)
        plain = plain && value.at[i] >= ' ' && value.at[i] < 0x7F;
    if (plain)
        return value;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.at[i];

        if (byte >= ' ' && byte < 0x7F && byte != '%')
            buffer_put_byte(&out, (char)byte);
        else
            buffer_printf(&out, "%%%02X", byte);
    }
    return buffer_text(&out);
}

/* Every answer has these: no formatting by pattern. */
static void put_ms(struct buffer *out, const char *name, uint64_t us)
{
    if (out->len > 0)
        buffer_put(out, TEXT(", "));
    buffer_put(out, text_of(name));
    buffer_put(out, TEXT(";dur="));
    buffer_put_u64(out, us / 1000);
    buffer_put_byte(out, '.');
    for (uint64_t digit = 100; digit > 0; digit /= 10)
        buffer_put_byte(out, (char)('0' + us % 1000 / digit % 10));
}

static struct text server_timing(struct request *request)
{
    const struct request_times *times = &request->times;
    struct buffer out = buffer_in(&request->arena);

    buffer_reserve(&out, 128);
    put_ms(&out, "pinion", clock_monotonic_us() - request->http.started_us);
    put_ms(&out, "render", times->render_us);
    put_ms(&out, "upstream", times->upstream_us);
    put_ms(&out, "validate", times->validate_in_us + times->validate_out_us);
    return buffer_text(&out);
}

/* Its number; where that is not known, the beginning of its hash. */
static struct text shown_version(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    struct buffer out = buffer_in(&request->arena);

    if (*endpoint->number == 0)
        return text_first(endpoint->version, VERSION_SHOWN);
    buffer_put_u64(&out, *endpoint->number);
    return buffer_text(&out);
}

static void add_call(struct request *request, struct headers *headers)
{
    const struct endpoint *endpoint = request->endpoint;

    headers_add(headers, "pinion-endpoint", endpoint->slug);
    headers_add(headers, "pinion-version", shown_version(request));
    headers_add(headers, "pinion-route", header_safe(request, request->rule_name));
    /* Of a call that failed, only a session that exists: a new one was not stored. */
    if (request->sessioned && (request->error.code == ERROR_NONE || request->history_known))
        headers_add(headers, "pinion-session-id", request->session_id);
    headers_add(headers, "x-cache", share_word(request->share.result));
    limit_headers_add(request, headers);
    if (request->calls == 0)
        return;
    headers_add(headers, "pinion-provider", header_safe(request, request->target->provider->name));
    headers_add(headers, "pinion-model", header_safe(request, request->target->model));
    headers_add(headers, "pinion-attempts", arena_printf(&request->arena, "%d", request->calls));
    if (request->settled && request->cost_nano >= 0 && !request->streaming) {
        struct buffer cost = buffer_in(&request->arena);

        json_put_nano(&cost, request->cost_nano);
        headers_add(headers, "pinion-cost-usd", buffer_text(&cost));
    }
}

/* What others are told as well, in the words of the surface's clients. */
static void add_surface(struct request *request, struct headers *headers)
{
    const struct surface_head *head = request->surface->head;
    struct buffer took = buffer_in(&request->arena);

    if (head == NULL)
        return;
    if (head->id != NULL)
        headers_add(headers, head->id, request->id);
    if (head->took_ms == NULL)
        return;
    buffer_put_u64(&took, (clock_monotonic_us() - request->http.started_us) / 1000);
    headers_add(headers, head->took_ms, buffer_text(&took));
}

void respond_headers(struct request *request, struct text content_type, struct http_reply *reply)
{
    struct headers *headers = ARENA_NEW(&request->arena, struct headers);

    headers_add(headers, "content-type", content_type);
    headers_add(headers, "cache-control", TEXT("no-store"));
    headers_add(headers, "x-request-id", request->id);
    if (request->endpoint != NULL && request->error.code != ERROR_SCOPE_DENIED)
        add_call(request, headers); /* who may not call it is told nothing of it */
    headers_add(headers, "server-timing", server_timing(request));
    deprecation_add(request, headers);
    pages_add(request, headers);
    add_surface(request, headers);
    if (request->streaming || request->notes.begun)
        headers_add(headers, "x-accel-buffering", TEXT("no"));
    reply->headers = headers->items;
    reply->header_count = headers->count;
}

/* Of a whole answer. */
static int respond_status(const struct request *request)
{
    return request->error.code != ERROR_NONE ? fault_status(request) : request->status;
}

struct http_reply respond_head(struct request *request)
{
    struct http_reply head = {.status = request->streaming ? 200 : respond_status(request)};
    struct text type = request->streaming                  ? TEXT("text/event-stream")
                       : request->error.code != ERROR_NONE ? fault_content_type(request)
                                                           : TEXT("application/json");

    respond_headers(request, type, &head);
    return head;
}

/* That the output is not quite as the model wrote it, and what was changed. */
static void put_repairs(const struct request *request, struct buffer *out)
{
    json_put_name(out, "repaired");
    buffer_put(out, TEXT("true"));
    json_put_name(out, "repairs");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < request->edit_count; i++) {
        buffer_printf(out, "%s{\"edit\":\"%s\",\"byte\":%zu}", i > 0 ? "," : "",
                      json_edit_name(request->edits[i].kind), request->edits[i].offset);
    }
    buffer_put_byte(out, ']');
}

void respond_put_meta(const struct request *request, struct buffer *out)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "request_id", request->id);
    json_put_text(out, "endpoint", request->endpoint->slug);
    json_put_name(out, "version");
    if (*request->endpoint->number > 0)
        buffer_put_u64(out, *request->endpoint->number);
    else
        buffer_put(out, TEXT("null"));
    json_put_text(out, "version_hash", request->endpoint->version);
    if (request->endpoint->candidate != NULL)
        json_put_text(out, "candidate", request->endpoint->candidate->slug);
    json_put_text(out, "route", request->rule_name);
    json_put_text(out, "provider", request->target->provider->name);
    json_put_name(out, "attempts");
    buffer_put_i64(out, request->calls);
    json_put_flag(out, "cached", request->share.known);
    if (request->repaired)
        put_repairs(request, out);
    if (request->sessioned)
        json_put_text(out, "session_id", request->session_id);
    json_put_name(out, "cost_usd");
    if (request->cost_nano < 0) {
        buffer_put(out, TEXT("null"));
    } else {
        buffer_put_byte(out, '"');
        json_put_nano(out, request->cost_nano);
        buffer_put_byte(out, '"');
    }
    explain_put_member(request, out);
    buffer_put_byte(out, '}');
}

/* The model that answers: as its provider says, or is to say. */
static struct text answering(const struct request *request)
{
    struct text model = request->answer.model;

    if (model.len == 0)
        model =
            request->winner != NULL ? request->winner->gather.model : request->share.heard.model;
    return model.len > 0 ? model : request->target->model;
}

struct surface_said respond_said(struct request *request)
{
    return (struct surface_said){
        .id = request->id,
        .wall_ms = request->wall_ms,
        .model = answering(request),
        .endpoint = request->endpoint,
        .body = &request->body,
        .session_id = request->sessioned ? request->session_id : (struct text){0},
        .usage = &request->usage,
        .output = request->has_output ? &request->output : NULL,
        .bare = request->return_output,
        .asked = request->user_text,
        .late = guarding_is_late(request),
        .arena = &request->arena,
        .chat = &request->chat,
    };
}

struct surface_said respond_said_whole(struct request *request)
{
    struct surface_said said = respond_said(request);
    struct buffer meta = buffer_in(&request->arena);

    respond_put_meta(request, &meta);
    said.meta = buffer_text(&meta);
    said.answer = &request->answer;
    if (request->answer.vector_count > 0 && !request->share.known) {
        said.written = request->winner->vectors.written;
        said.written_count = request->winner->vectors.written_count;
    }
    return said;
}

static struct text whole_answer(struct request *request)
{
    const struct surface_said said = respond_said_whole(request);
    struct buffer out = buffer_in(&request->arena);

    request->surface->answer(&said, &out);
    return buffer_text(&out);
}

void respond_prepare(struct request *request)
{
    const struct idempotency_record *known = request->idempotency.known;
    bool failed = request->error.code != ERROR_NONE;

    if (known != NULL) {
        request->status = known->status;
        request->bytes_out = known->body.len;
        return;
    }
    if (request->gone || request->streaming || (stream_answers(request) && !failed))
        return;
    if (failed)
        request->reply = fault_body(request);
    else
        request->reply = whole_answer(request);
    request->bytes_out = request->reply.len;
}

enum verdict stage_respond(struct request *request)
{
    struct http_reply reply = {.status = 200};

    limit_leave(request);
    if (request->gone)
        return NEXT;
    if (request->idempotency.known != NULL) {
        idempotency_replay(request);
        return NEXT;
    }
    if (stream_answers(request) && request->error.code == ERROR_NONE)
        stream_begin(request);
    if (request->streaming) {
        stream_end(request);
    } else if (request->notes.begun || (request->body.notes && respond_status(request) == 200)) {
        notes_end(request);
    } else if (request->error.code != ERROR_NONE) {
        fault_reply(request);
    } else {
        respond_headers(request, TEXT("application/json"), &reply);
        reply.body = request->reply;
        request->client->ops->reply(request->client, &reply);
    }
    return NEXT;
}
