/* The library has read a whole request when the handler runs, and its own reading of the head is
 * not used: the raw head still stands at the front of the socket's input, and what the gateway sees
 * is what the guard read there. The library's idea of where the body ends must then be the guard's.
 */
#include "listen/handler.h"

#include "base/clock.h"
#include "listen/connection.h"
#include "listen/linger.h"
#include "listen/refusal.h"
#include "listen/reply.h"
#include "listen/status.h"

#include <stdint.h>
#include <stdlib.h>

/* Bytes that follow this request in the input. */
static size_t bytes_behind(const h2o_req_t *req, const h2o_buffer_t *input)
{
    return (size_t)(input->bytes + input->size - (req->entity.base + req->entity.len));
}

static bool agreed(const h2o_req_t *req, const struct head *head, const h2o_buffer_t *input)
{
    if (!head->has_length && !head->chunked)
        return req->entity.len == 0;
    if (head->has_length && req->entity.len != head->content_length)
        return false;
    return req->entity.base == input->bytes + head->bytes;
}

static bool check_body(const struct reply *reply, const h2o_buffer_t *input, struct error *err)
{
    const h2o_req_t *req = reply->req;
    const struct head *head = &reply->head;
    size_t most = reply->connection->thread->server->settings.max_body_bytes;

    if (!agreed(req, head, input))
        return error_set(err, ERROR_INVALID_REQUEST, NULL,
                         "the body is not where the head says that it is");
    if (req->entity.len > most)
        return error_set(err, ERROR_BODY_TOO_LARGE, NULL,
                         "the request body is larger than the %zu bytes that are taken", most);
    /* The library undoes chunks in place and leniently, so that nothing can be said any more about
     * how they were framed. Whoever sends more behind them might mean it to be something else. */
    if (head->chunked && bytes_behind(req, input) > 0)
        return error_set(err, ERROR_INVALID_REQUEST, "transfer-encoding",
                         "nothing must be sent behind a chunked body before its answer");
    return true;
}

static void start(struct reply *reply)
{
    struct connection *connection = reply->connection;
    struct worker_thread *thread = connection->thread;
    const struct head *head = &reply->head;
    const struct http_request http = {
        .method = head->method,
        .path = head->path,
        .query = head->query,
        .headers = head->headers,
        .header_count = head->header_count,
        .body = {reply->req->entity.base, reply->req->entity.len},
        .peer = text_of(connection->peer),
        .user = text_of(connection->user),
        .admin = connection->acceptor->listener->admin,
        .metrics = connection->acceptor->listener == &thread->server->listeners[METRICS],
        .local = connection->acceptor->listener->where.path.len > 0,
        .started_us = clock_monotonic_us(),
    };

    reply->request = thread->server->hooks->start(&thread->worker, &http, &reply->client);
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    struct connection *connection = connection_of(req);
    struct reply *reply = reply_new(connection, req);
    const h2o_buffer_t *input = connection->sock->input;
    struct error err = {0};

    (void)self;
    if (connection->left || connection->thread->stopping) {
        reply_abandon(reply);
        return 0;
    }
    if (!head_read(input->bytes, input->size, &reply->head, &err) ||
        !check_body(reply, input, &err)) {
        reply_refuse(reply, &err);
        return 0;
    }
    if (reply->head.chunked)
        req->http1_is_persistent = 0; /* for the reason given in check_body */
    start(reply);
    return 0;
}

/* -- the library's own errors ----------------------------------------------------------------- */

/* Takes the place of a plain text body. */
struct own_body {
    h2o_ostream_t stream;
    h2o_iovec_t body;
};

static void send_own_body(h2o_ostream_t *stream, h2o_req_t *req, h2o_iovec_t *pieces, size_t count,
                          h2o_send_state_t state)
{
    struct own_body *own = (struct own_body *)stream;

    (void)pieces;
    h2o_ostream_send_next(stream, req, &own->body, count > 0, state);
}

static void explain(const h2o_req_t *req, struct error *err)
{
    switch (req->res.status) {
    case 413:
        error_set(err, ERROR_BODY_TOO_LARGE, NULL,
                  "the request body is larger than the %zu bytes that are taken",
                  req->conn->ctx->globalconf->max_request_entity_size - 1);
        return;
    case 417:
        error_set(err, ERROR_INVALID_REQUEST, "expect", "only 'expect: 100-continue' is known");
        return;
    default:
        error_set(err, ERROR_INVALID_REQUEST, NULL,
                  "the body is not framed as 'content-length' or 'transfer-encoding: chunked' say");
        return;
    }
}

/* The library answers on its fallback path, which our handler never uses. */
static void rewrite_error(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    struct connection *connection = connection_of(req);
    struct own_body *own = (struct own_body *)h2o_add_ostream(req, sizeof *own, slot);
    struct arena arena = {0};
    struct error err = {0};
    struct refusal refusal;
    h2o_iovec_t request_id;

    (void)self;
    explain(req, &err);
    refusal = refusal_make(&arena, &err, req->res.status);
    refusal_note(connection->thread, &refusal, &err, (struct text){0}, (struct text){0});
    linger_prepare(connection);
    own->stream.do_send = send_own_body;
    own->body = h2o_strdup(&req->pool, refusal.body.at, refusal.body.len);
    req->res.reason = status_reason(req->res.status);
    req->res.content_length = own->body.len;
    req->res.headers = (h2o_headers_t){NULL, 0, 0};
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   H2O_STRLIT("application/json"));
    request_id = h2o_strdup(&req->pool, refusal.request_id.at, refusal.request_id.len);
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-request-id"), 0, NULL,
                          request_id.base, request_id.len);
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("request-id"), 0, NULL,
                          request_id.base, request_id.len);
    arena_release(&arena);
    h2o_setup_next_ostream(req, &own->stream.next);
}

/* -- configuration ---------------------------------------------------------------------------- */

void handler_configure(h2o_globalconf_t *config, const struct settings *settings)
{
    h2o_hostconf_t *host;
    h2o_handler_t *handler;
    h2o_filter_t *filter;
    uint64_t handshake_ms = settings->request_timeout_ms;

    h2o_config_init(config);
    config->server_name = h2o_iovec_init(H2O_STRLIT("pinion"));
    /* One more than is taken: the library refuses a chunked body of exactly its limit. */
    config->max_request_entity_size = (size_t)settings->max_body_bytes + 1;
    config->handshake_timeout = handshake_ms < 10000 ? handshake_ms : 10000;
    config->http1.req_timeout = settings->request_timeout_ms;
    /* Its HTTP/2 has no limits against floods, and a timer that would outlive a shutdown. */
    config->http1.upgrade_to_http2 = 0;
    config->http2.callbacks = (h2o_protocol_callbacks_t){NULL, NULL};
    /* Bodies stay in memory, where their number and size are bounded. */
    h2o_socket_buffer_mmap_settings.threshold = SIZE_MAX;
    host = h2o_config_register_host(config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    handler = h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof *handler);
    handler->on_req = on_request;
    filter = h2o_create_filter(&host->fallback_path, sizeof *filter);
    filter->on_setup_ostream = rewrite_error;
}
