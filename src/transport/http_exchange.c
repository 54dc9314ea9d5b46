/* One request and its reply on one connection. The request is written as far as the socket takes
 * it, mostly in one call; the reply is read into the transport's buffer and told from there. Only
 * what a pause leaves untold is copied.
 *
 * A kept connection may have been closed by the provider a moment ago. If that is seen before a
 * byte of the request was taken, the request goes out again on a new connection, once; after that
 * nobody can know whether it was heard, and it fails. */
#include "transport/exchange.h"

#include "base/check.h"
#include "base/clock.h"
#include "provider/retry_after.h"

enum {
    TURN_BYTES = 256 * 1024,  /* read for one exchange before others have their turn */
    TLS_TOGETHER = 16 * 1024, /* head and body in one record */
};

static void fail(struct exchange *exchange, enum error_code code, const char *message)
{
    struct error cause = {0};

    error_set(&cause, code, NULL, "%s", message);
    exchange_fail(exchange, &cause);
}

/* -- reading ---------------------------------------------------------------------------------- */

static void tell_head(struct exchange *exchange)
{
    const struct http_reply *reply = &exchange->http.reply;
    struct http_head head = {
        .status = reply->status,
        .content_type = text_of(reply->content_type),
        .fields = buffer_text(&reply->fields),
    };
    struct retry_after after = {0};

    if (reply->status >= 400) {
        retry_after_read_head(&after, &head);
        head.retry_after_s =
            (uint32_t)((retry_after_wait_ms(&after, clock_wall_ms()) + 999) / 1000);
    }
    exchange_tell_head(exchange, &head);
}

/* Tells what `input` holds. True when more can be read: neither ended nor paused. */
static bool tell(struct exchange *exchange, struct text *input)
{
    struct http_reply *reply = &exchange->http.reply;

    while (exchange_reads(exchange)) {
        struct error cause = {0};
        struct text piece;

        switch (http_reply_next(reply, input, &piece, &cause)) {
        case HTTP_MORE:
            return true;
        case HTTP_HEAD:
            tell_head(exchange);
            break;
        case HTTP_BODY:
            exchange_tell_body(exchange, piece);
            break;
        case HTTP_END:
            exchange_complete(exchange);
            break;
        case HTTP_FAILED:
            exchange_fail(exchange, &cause);
            break;
        }
    }
    return false;
}

static void read_closed(struct exchange *exchange)
{
    struct error cause = {0};

    if (http_reply_close(&exchange->http.reply, &cause))
        exchange_complete(exchange);
    else
        exchange_fail(exchange, &cause);
}

static void read_broken(struct exchange *exchange)
{
    if (exchange->http.reply.begun)
        fail(exchange, ERROR_UPSTREAM_TRUNCATED, "broke the connection in the middle of its reply");
    else
        fail(exchange, ERROR_UPSTREAM_FAILED, "broke the connection without a reply");
}

/* Keeps what a pause left untold; all that was held before has been told. */
static void hold(struct exchange *exchange, struct text rest)
{
    if (exchange->state == EXCHANGE_RUNNING)
        buffer_put(&exchange->http.held, rest);
}

static void read_on(struct exchange *exchange)
{
    struct http_call *call = &exchange->http;
    char *buffer = exchange->transport->buffer;
    size_t left = TURN_BYTES, count;

    while (left > 0) {
        struct connection *connection = call->connection;
        enum connection_result result = connection_read(connection, buffer, READ_BYTES, &count);
        struct text input = {buffer, count};
        bool drained = !connection->tls && !connection->hung && count < READ_BYTES;

        if (result == CONNECTION_END) {
            read_closed(exchange);
            return;
        }
        if (result == CONNECTION_BROKEN || (result == CONNECTION_AGAIN && call->deaf)) {
            read_broken(exchange);
            return;
        }
        if (result == CONNECTION_AGAIN)
            return;
        exchange->facts.replied = true;
        if (!tell(exchange, &input)) {
            hold(exchange, input);
            return;
        }
        if (drained) /* a shorter read than asked for: the next byte brings a new event */
            return;
        left -= count < left ? count : left;
    }
    exchange_yield(exchange);
}

/* Tells what is held and reads what there is, in this order. */
static void go_on(struct exchange *exchange)
{
    struct http_call *call = &exchange->http;
    struct text input = text_after(buffer_text(&call->held), call->held_told);
    bool more = tell(exchange, &input);

    if (exchange->state != EXCHANGE_RUNNING)
        return;
    call->held_told = call->held.len - input.len;
    if (!more)
        return;
    buffer_release(&call->held);
    call->held_told = 0;
    read_on(exchange);
}

static void resume(struct exchange *exchange)
{
    if (exchange->http.open)
        go_on(exchange);
}

/* -- writing ---------------------------------------------------------------------------------- */

static size_t request_bytes(const struct http_call *call)
{
    return call->head.len + call->body.len;
}

static void build(struct exchange *exchange, struct text host_head)
{
    const struct wire_request *wire = exchange->options.wire;
    struct buffer *head = &exchange->http.head;

    CHECK(wire->path.len > 0 && wire->path.at[0] == '/');
    head->len = 0;
    buffer_put(head, wire->method.len > 0 ? wire->method : TEXT("POST"));
    buffer_put_byte(head, ' ');
    buffer_put(head, wire->path);
    buffer_put(head, TEXT(" HTTP/1.1\r\n"));
    buffer_put(head, host_head);
    buffer_put(head, wire->headers);
    buffer_put(head, exchange->options.trace);
    buffer_put(head, TEXT("Content-Length: "));
    buffer_put_u64(head, wire->body.len);
    buffer_put(head, TEXT("\r\n\r\n"));
    exchange->http.body = wire->body;
    if (exchange->options.provider->https && request_bytes(&exchange->http) <= TLS_TOGETHER) {
        buffer_put(head, wire->body);
        exchange->http.body = (struct text){0};
    }
}

static void dial(struct exchange *exchange, bool fresh);

/* The connection does not take the request. Not a byte was sent on a kept one: it was stale. Else
 * an answer may have come before the end (RFC 9112 section 9.5), so what there is is read. */
static void write_failed(struct exchange *exchange)
{
    struct http_call *call = &exchange->http;

    if (exchange->facts.reused && exchange->facts.sent == SENT_NOTHING &&
        !exchange->facts.replied) {
        pool_drop(call->connection);
        call->connection = NULL;
        call->open = false;
        exchange->facts.reused = false;
        exchange->transport->counts.reused--;
        dial(exchange, true);
        return;
    }
    call->deaf = true;
    if (exchange_reads(exchange))
        go_on(exchange);
}

/* What is known of the request's way once writing has been tried. Before it says that it took
 * something, TLS may have sent the first of several records; a part of one means nothing to whoever
 * gets it. */
static void note_sent(struct exchange *exchange)
{
    const struct http_call *call = &exchange->http;

    if (call->sent == request_bytes(call))
        exchange->facts.sent = SENT_ALL;
    else if (call->sent > 0 || (call->connection->tls && call->head.len > TLS_TOGETHER))
        exchange->facts.sent = SENT_PART;
}

static void write_on(struct exchange *exchange)
{
    struct http_call *call = &exchange->http;
    enum connection_result result;
    size_t count;

    while (!call->deaf && call->sent < request_bytes(call)) {
        struct text head = text_after(buffer_text(&call->head), call->sent);
        struct text body =
            text_after(call->body, call->sent > call->head.len ? call->sent - call->head.len : 0);

        result = connection_write(call->connection, head, body, &count);
        call->sent += count;
        note_sent(exchange);
        if (result == CONNECTION_AGAIN)
            return;
        if (result != CONNECTION_OK) {
            write_failed(exchange);
            return;
        }
    }
}

/* -- the connection --------------------------------------------------------------------------- */

static void note_reuse(struct exchange *exchange)
{
    exchange->facts.reused = true;
    exchange->transport->counts.reused++;
}

static void note_connected(struct exchange *exchange, struct connection *connection)
{
    struct transport *transport = exchange->transport;

    pool_connected(connection);
    exchange->facts.connect_ms = (uint32_t)(loop_now_ms(transport->loop) - exchange->http.dial_ms);
    transport->counts.connected++;
}

static void dialled(struct connection *connection, const struct error *err)
{
    struct exchange *exchange = connection->owner;

    if (err->code != ERROR_NONE) {
        exchange_fail(exchange, err);
        return;
    }
    if (connection->kept)
        note_reuse(exchange);
    else
        note_connected(exchange, connection);
    exchange->http.connection = connection;
    exchange->http.open = true;
    write_on(exchange);
}

static void ready(struct connection *connection, bool readable, bool writable)
{
    struct exchange *exchange = connection->owner;

    if (writable)
        write_on(exchange);
    /* Writing may have ended it, or put it on another connection. */
    if (readable && exchange_reads(exchange) && exchange->http.connection == connection)
        go_on(exchange);
}

static const struct connection_events events = {dialled, ready};

static void dial(struct exchange *exchange, bool fresh)
{
    const struct provider *provider = exchange->options.provider;
    struct pool *pool = pool_find(exchange->transport->pools, provider, exchange->options.key);
    struct error cause = {0};

    exchange->http.dial_ms = loop_now_ms(exchange->transport->loop);
    exchange->http.connection = pool_dial(pool, provider, fresh, &events, exchange, &cause);
    if (exchange->http.connection == NULL)
        exchange_fail(exchange, &cause);
}

static void begin(struct exchange *exchange)
{
    struct transport *transport = exchange->transport;
    struct pool *pool =
        pool_find(transport->pools, exchange->options.provider, exchange->options.key);
    struct http_call *call = &exchange->http;

    call->reply.head_bytes_max = transport->options.head_bytes;
    call->reply.body_bytes_max = exchange->options.body_bytes > 0 ? exchange->options.body_bytes
                                                                  : transport->options.body_bytes;
    build(exchange, pool_head(pool));
    call->connection = pool_take(pool, &events, exchange);
    if (call->connection == NULL) {
        dial(exchange, false);
        return;
    }
    call->open = true;
    note_reuse(exchange);
    write_on(exchange);
}

static void release(struct exchange *exchange, bool complete)
{
    struct http_call *call = &exchange->http;

    if (call->connection == NULL)
        return;
    if (complete && !call->deaf && call->sent == request_bytes(call) &&
        http_reply_reusable(&call->reply))
        pool_park(call->connection, call->reply.keep_alive_s);
    else
        pool_drop(call->connection);
    call->connection = NULL;
}

const struct exchange_way http_way = {begin, resume, release};
