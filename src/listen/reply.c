/* A whole answer is one send. A stream has two buffers that change places: the gateway writes into
 * `waiting` while `moving` is on its way. Writes are flushed by a task at the end of the turn: what
 * arrives in one turn leaves in one chunk, and no send, which may end and free everything at once,
 * happens inside a call of the gateway.
 *
 * Streams are framed here and not by the library's filter, which can neither send a head alone nor
 * end without a last chunk when a stream was cut (RFC 9112 section 7.1: such a message is seen to
 * be incomplete). */
#include "listen/reply.h"

#include "base/check.h"
#include "listen/linger.h"
#include "listen/refusal.h"
#include "listen/status.h"

#include <stdio.h>
#include <sys/socket.h>

enum { REPLY_MAGIC = 0x5265706c };

static struct reply *reply_of(struct http_client *client)
{
    struct reply *reply = (struct reply *)client;

    CHECK(reply->magic == REPLY_MAGIC);
    return reply;
}

static struct worker_thread *thread_of(const struct reply *reply)
{
    return reply->connection->thread;
}

/* The library's request ends: after the answer, or because the connection does. */
static void dispose(void *data)
{
    struct reply *reply = data;
    const struct server_hooks *hooks = thread_of(reply)->server->hooks;

    loop_undefer(thread_of(reply)->worker.loop, &reply->flush);
    reply->connection->current = NULL;
    if (reply->request != NULL) {
        if (reply->state != REPLY_ENDED && !reply->gone) {
            reply->gone = true;
            hooks->gone(reply->request);
        }
        hooks->free(reply->request);
    }
    buffer_release(&reply->waiting);
    buffer_release(&reply->moving);
    reply->magic = 0;
}

/* -- the head --------------------------------------------------------------------------------- */

/* A header that could end the head or start another one is our own mistake with somebody else's
 * bytes: it is left out. */
static bool fit_to_send(const struct http_header *header)
{
    for (size_t i = 0; i < header->value.len; i++) {
        unsigned char c = (unsigned char)header->value.at[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return header->name.len > 0;
}

static void put_head(struct reply *reply, const struct http_reply *head)
{
    h2o_req_t *req = reply->req;

    req->res.status = head->status;
    req->res.reason = status_reason(head->status);
    for (size_t i = 0; i < head->header_count; i++) {
        const struct http_header *header = &head->headers[i];

        if (fit_to_send(header))
            h2o_add_header_by_str(&req->pool, &req->res.headers, header->name.at, header->name.len,
                                  0, NULL, header->value.at, header->value.len);
    }
    if (head->close)
        req->http1_is_persistent = 0;
}

/* The request is not to be touched after it: the library may have freed all. */
static void send_out(struct reply *reply, h2o_iovec_t *pieces, size_t count, h2o_send_state_t state)
{
    reply->sending = true;
    if (!reply->started) {
        reply->started = true;
        h2o_start_response(reply->req, &reply->generator);
    }
    h2o_send(reply->req, pieces, count, state);
}

static void answer(struct http_client *client, const struct http_reply *whole)
{
    struct reply *reply = reply_of(client);
    h2o_iovec_t body = h2o_iovec_init(whole->body.at, whole->body.len);
    bool bodiless = whole->status == 204 || whole->status == 304;

    CHECK(reply->state == REPLY_OPEN);
    reply->state = REPLY_ENDED;
    if (reply->gone)
        return;
    put_head(reply, whole);
    reply->req->res.content_length = bodiless ? SIZE_MAX : whole->body.len;
    send_out(reply, &body, whole->body.len > 0 && !bodiless && !reply->mute, H2O_SEND_STATE_FINAL);
}

/* -- streams ---------------------------------------------------------------------------------- */

static void begin(struct http_client *client, const struct http_reply *head)
{
    struct reply *reply = reply_of(client);
    h2o_req_t *req = reply->req;

    CHECK(reply->state == REPLY_OPEN);
    reply->state = REPLY_STREAMING;
    if (reply->gone)
        return;
    put_head(reply, head);
    reply->chunked = req->version == 0x101;
    if (reply->chunked)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_TRANSFER_ENCODING, NULL,
                       H2O_STRLIT("chunked"));
    else
        req->http1_is_persistent = 0; /* the end of the connection is the end of the body */
    send_out(reply, NULL, 0, H2O_SEND_STATE_IN_PROGRESS);
}

static void flush_later(struct reply *reply)
{
    if (!reply->sending && !reply->gone)
        loop_defer(thread_of(reply)->worker.loop, &reply->flush);
}

static size_t write_piece(struct http_client *client, struct text piece)
{
    struct reply *reply = reply_of(client);
    size_t waiting;

    CHECK(reply->state == REPLY_STREAMING);
    if (reply->gone || reply->mute)
        return 0;
    buffer_put(&reply->waiting, piece);
    flush_later(reply);
    waiting = reply->waiting.len + reply->moving.len;
    if (waiting > HTTP_HIGH_WATER)
        reply->crowded = true;
    return waiting;
}

static void end_stream(struct http_client *client, bool broken)
{
    struct reply *reply = reply_of(client);

    CHECK(reply->state == REPLY_STREAMING);
    reply->state = REPLY_ENDED;
    reply->broken = broken;
    flush_later(reply);
}

/* Without chunks the end of a connection says that all has come: only a reset says otherwise. */
static void cut(struct reply *reply)
{
    struct linger reset = {.l_onoff = 1};

    if (!reply->chunked)
        setsockopt(reply->connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static void flush_now(struct reply *reply)
{
    bool last = reply->state == REPLY_ENDED;
    h2o_iovec_t pieces[4]; /* size line, bytes, its end, the last chunk */
    size_t count = 0;
    struct buffer moving = reply->waiting;

    if (reply->sending || (moving.len == 0 && !last))
        return;
    reply->waiting = reply->moving;
    reply->moving = moving;
    if (moving.len > 0 && reply->chunked) {
        int len = snprintf(reply->chunk_line, sizeof reply->chunk_line, "%zx\r\n", moving.len);

        pieces[count++] = h2o_iovec_init(reply->chunk_line, (size_t)len);
    }
    if (moving.len > 0)
        pieces[count++] = h2o_iovec_init(moving.at, moving.len);
    if (moving.len > 0 && reply->chunked)
        pieces[count++] = h2o_iovec_init(H2O_STRLIT("\r\n"));
    if (last && !reply->broken && reply->chunked && !reply->mute)
        pieces[count++] = h2o_iovec_init(H2O_STRLIT("0\r\n\r\n"));
    if (last && reply->broken)
        cut(reply);
    send_out(reply, pieces, count,
             !last           ? H2O_SEND_STATE_IN_PROGRESS
             : reply->broken ? H2O_SEND_STATE_ERROR
                             : H2O_SEND_STATE_FINAL);
}

static void run_flush(struct loop_task *task)
{
    flush_now(H2O_STRUCT_FROM_MEMBER(struct reply, flush, task));
}

/* The client has gone and nothing is in flight: what is sent now fails, and the library ends the
 * request and the connection. */
static void finish_gone(struct reply *reply)
{
    if (!reply->started) {
        reply->req->res.status = 499;
        reply->req->res.reason = status_reason(499);
        send_out(reply, NULL, 0, H2O_SEND_STATE_FINAL);
    } else {
        send_out(reply, NULL, 0, H2O_SEND_STATE_ERROR);
    }
}

/* A send has arrived in the kernel. */
static void proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    struct reply *reply = H2O_STRUCT_FROM_MEMBER(struct reply, generator, generator);

    (void)req;
    CHECK(reply->magic == REPLY_MAGIC && reply->sending);
    reply->sending = false;
    reply->moving.len = 0;
    if (reply->gone) {
        finish_gone(reply);
        return;
    }
    if (reply->crowded && reply->waiting.len < HTTP_LOW_WATER) {
        reply->crowded = false;
        if (reply->state == REPLY_STREAMING && reply->request != NULL)
            thread_of(reply)->server->hooks->drained(reply->request);
    }
    loop_undefer(thread_of(reply)->worker.loop, &reply->flush);
    flush_now(reply);
}

/* -- leaving ---------------------------------------------------------------------------------- */

void reply_abandon(struct reply *reply)
{
    if (reply->gone)
        return;
    reply->gone = true;
    if (reply->state != REPLY_ENDED && reply->request != NULL)
        thread_of(reply)->server->hooks->gone(reply->request);
    loop_undefer(thread_of(reply)->worker.loop, &reply->flush);
    shutdown(reply->connection->fd, SHUT_RDWR);
    reply->req->http1_is_persistent = 0;
    if (!reply->sending)
        finish_gone(reply);
}

void reply_client_left(struct reply *reply)
{
    if (reply->state == REPLY_ENDED)
        reply->req->http1_is_persistent = 0;
    else
        reply_abandon(reply);
}

/* -- the carrier's own ------------------------------------------------------------------------ */

struct reply *reply_new(struct connection *connection, h2o_req_t *req)
{
    static const struct http_client_ops ops = {answer, begin, write_piece, end_stream};
    struct reply *reply = h2o_mem_alloc_shared(&req->pool, sizeof *reply, dispose);

    memset(reply, 0, offsetof(struct reply, head));
    reply->client.ops = &ops;
    reply->magic = REPLY_MAGIC;
    reply->connection = connection;
    reply->req = req;
    reply->generator.proceed = proceed;
    reply->flush.run = run_flush;
    reply->mute = h2o_memis(req->input.method.base, req->input.method.len, H2O_STRLIT("HEAD"));
    CHECK(connection->current == NULL);
    connection->current = reply;
    return reply;
}

void reply_refuse(struct reply *reply, const struct error *err)
{
    struct arena arena = {0};
    struct refusal refusal = refusal_make(&arena, err, 0);
    h2o_iovec_t body = h2o_strdup(&reply->req->pool, refusal.body.at, refusal.body.len);
    h2o_iovec_t id = h2o_strdup(&reply->req->pool, refusal.request_id.at, refusal.request_id.len);
    const struct http_header headers[] = {
        {TEXT("content-type"), TEXT("application/json")},
        {TEXT("cache-control"), TEXT("no-store")},
        {TEXT("x-request-id"), {id.base, id.len}},
        {TEXT("request-id"), {id.base, id.len}}, /* whichever API's client it is */
    };
    const struct http_reply whole = {
        .status = refusal.status,
        .headers = headers,
        .header_count = sizeof headers / sizeof headers[0],
        .body = {body.base, body.len},
        .close = true,
    };

    refusal_note(thread_of(reply), &refusal, err, reply->head.method, reply->head.path);
    linger_prepare(reply->connection);
    answer(&reply->client, &whole);
    arena_release(&arena);
}
