/* transport/transport_test.h
 * For the transport's tests: a provider on 127.0.0.1 that lives in the same loop and does what a
 * test's `respond` tells it, and a call that remembers what it was told. */
#pragma once
#include "base/check.h"
#include "base/clock.h"
#include "transport/transport.h"
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    struct loop_watch watch; /* first */
    struct server *server;
    struct peer *next;
    struct buffer in, out;
    size_t sent;
    unsigned requests; /* on this connection */
    bool saw_end;      /* the other side has closed */
    bool ends, resets; /* once all is sent */
};

struct server {
    struct loop_watch watch; /* first */
    struct loop *loop;
    uint16_t port;
    void (*respond)(struct peer *peer, struct text request);
    struct text reply; /* for respond_reply */
    struct text more;  /* said over and over behind a reply, as long as anybody reads */
    uint64_t more_sent;
    bool early; /* respond to the head, do not wait for the body */
    bool deaf;  /* accepts, and does not read */
    unsigned connections, requests, ended;
    struct peer *peers;
    struct buffer heard;
};

static inline void peer_close(struct peer *peer)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (peer->watch.fd < 0)
        return;
    if (peer->resets)
        setsockopt(peer->watch.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    loop_unwatch(peer->server->loop, &peer->watch);
    close(peer->watch.fd);
    peer->watch.fd = -1;
    buffer_release(&peer->in);
    buffer_release(&peer->out);
}

/* Whether there is more to say behind what was sent. */
static inline bool peer_go_on(struct peer *peer)
{
    if (peer->server->more.len == 0 || peer->requests == 0)
        return false;
    peer->server->more_sent += peer->out.len;
    peer->out.len = peer->sent = 0;
    buffer_put(&peer->out, peer->server->more);
    return true;
}

static inline void peer_flush(struct peer *peer)
{
    ssize_t count = 1;

    while ((peer->sent < peer->out.len || peer_go_on(peer)) && count > 0) {
        count = send(peer->watch.fd, peer->out.at + peer->sent, peer->out.len - peer->sent,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0)
            peer->sent += (size_t)count;
    }
    if (count < 0 && errno != EAGAIN) {
        peer_close(peer);
        return;
    }
    if (peer->sent == peer->out.len && (peer->ends || peer->resets)) {
        peer_close(peer);
        return;
    }
    loop_rewatch(peer->server->loop, &peer->watch,
                 (peer->server->deaf ? 0 : (uint32_t)EPOLLIN) |
                     (peer->sent < peer->out.len ? (uint32_t)EPOLLOUT : 0));
}

static inline void peer_say(struct peer *peer, struct text text)
{
    buffer_put(&peer->out, text);
}

/* The bytes of the first whole request in `in`, 0 when there is none. */
static inline size_t request_len(struct peer *peer)
{
    struct text in = buffer_text(&peer->in);
    size_t head = text_find(in, TEXT("\r\n\r\n")) + 4;
    struct text rest = in, length;
    uint64_t body = 0;

    if (head > in.len)
        return 0;
    rest = text_after(in, text_find(in, TEXT("Content-Length: ")) + 16);
    length = text_split(&rest, '\r');
    CHECK(text_to_u64(length, &body));
    if (peer->server->early)
        return in.len;
    return in.len >= head + body ? head + (size_t)body : 0;
}

static inline void on_peer(struct loop_watch *watch, uint32_t events)
{
    struct peer *peer = (struct peer *)watch;
    ssize_t count = -1;
    size_t len;

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        count = recv(watch->fd, buffer_reserve(&peer->in, 65536), 65536, MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN)) {
            peer->saw_end = true;
            peer->server->ended++;
            peer_close(peer);
            return;
        }
        if (count > 0)
            peer->in.len += (size_t)count;
    }
    while (peer->watch.fd >= 0 && (len = request_len(peer)) > 0) {
        peer->requests++;
        peer->server->requests++;
        peer->server->respond(peer, text_first(buffer_text(&peer->in), len));
        buffer_consume(&peer->in, len);
    }
    if (peer->watch.fd >= 0)
        peer_flush(peer);
}

static inline void on_accept(struct loop_watch *watch, uint32_t events)
{
    struct server *server = (struct server *)watch;
    int fd;

    (void)events;
    while ((fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct peer *peer = calloc(1, sizeof *peer);

        CHECK(peer != NULL);
        peer->watch.ready = on_peer;
        peer->server = server;
        peer->next = server->peers;
        server->peers = peer;
        server->connections++;
        CHECK(loop_watch(server->loop, &peer->watch, fd, server->deaf ? 0 : EPOLLIN));
    }
}

static inline void respond_reply(struct peer *peer, struct text request)
{
    (void)request;
    peer_say(peer, peer->server->reply);
}

static inline int listen_anywhere(uint16_t *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
          listen(fd, 1024) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    *out_port = ntohs(address.sin_port);
    return fd;
}

static inline void server_open(struct server *server, struct loop *loop)
{
    int fd = listen_anywhere(&server->port);

    server->watch.ready = on_accept;
    server->loop = loop;
    if (server->respond == NULL)
        server->respond = respond_reply;
    CHECK(loop_watch(loop, &server->watch, fd, EPOLLIN));
}

static inline void server_close(struct server *server)
{
    struct peer *peer;

    if (server->watch.watched) {
        loop_unwatch(server->loop, &server->watch);
        close(server->watch.fd);
    }
    buffer_release(&server->heard);
    while ((peer = server->peers) != NULL) {
        server->peers = peer->next;
        peer_close(peer);
        loop_free_later(server->loop, peer);
    }
}

/* A call and what it was told. */
struct call {
    struct transport *transport;
    struct exchange *exchange;
    int status;
    char type[64];
    uint32_t retry_after_s;
    struct buffer fields, body;
    unsigned heads, pieces;
    bool done;
    struct exchange_facts facts; /* once done */
    bool inside;                 /* one of our functions is on the stack: nothing may be told */
    struct error err;
    void (*on_body)(struct call *call); /* may be NULL */
};

static inline void call_head(void *context, const struct http_head *head)
{
    struct call *call = context;

    CHECK(!call->inside && !call->done && call->heads++ == 0);
    call->status = head->status;
    snprintf(call->type, sizeof call->type, "%.*s", TEXT_ARG(head->content_type));
    call->retry_after_s = head->retry_after_s;
    buffer_put(&call->fields, head->fields);
}

static inline void call_body(void *context, struct text piece)
{
    struct call *call = context;

    CHECK(!call->inside && !call->done && call->heads == 1 && piece.len > 0);
    call->pieces++;
    buffer_put(&call->body, piece);
    if (call->on_body != NULL)
        call->on_body(call);
}

static inline void call_done(void *context, const struct error *err,
                             const struct exchange_facts *facts)
{
    struct call *call = context;

    CHECK(!call->inside && !call->done);
    call->done = true;
    call->err = *err;
    call->facts = *facts;
    call->exchange = NULL;
}

static const struct exchange_events call_events = {call_head, call_body, call_done};

static inline void call_start(struct call *call, struct transport *transport,
                              const struct provider *provider, const struct wire_request *wire,
                              struct exchange_times times)
{
    struct exchange_options options = {.provider = provider,
                                       .key =
                                           provider->key_count > 0 ? provider->keys[0] : TEXT(""),
                                       .wire = wire,
                                       .times = times,
                                       .events = &call_events,
                                       .context = call};

    call->transport = transport;
    call->inside = true;
    call->exchange = exchange_start(transport, &options);
    call->inside = false;
}

static inline void call_cancel(struct call *call)
{
    call->inside = true;
    exchange_cancel(call->exchange);
    call->inside = false;
    call->exchange = NULL;
}

static inline void call_resume(struct call *call)
{
    call->inside = true;
    exchange_resume(call->exchange);
    call->inside = false;
}

static inline void call_release(struct call *call)
{
    buffer_release(&call->fields);
    buffer_release(&call->body);
    *call = (struct call){0};
}

enum { PATIENCE_MS = 20000 };

/* Turns until the condition holds; a condition that never does fails the test. */
#define TURN_UNTIL(loop, condition)                                                                \
    do {                                                                                           \
        uint64_t limit_ms = clock_monotonic_ms() + PATIENCE_MS;                                    \
        while (!(condition) && clock_monotonic_ms() < limit_ms)                                    \
            loop_turn((loop), 100);                                                                \
        EXPECT(condition);                                                                         \
    } while (0)

/* Everything of one test. */
struct scene {
    struct loop *loop;
    struct transport *transport;
    struct server server;
    char origin[64];
    struct text key;
    struct provider provider;
    struct wire_request wire;
};

static inline void scene_open_with(struct scene *scene, const struct transport_options *options)
{
    static const struct dialect remote = {.name = "test"};

    signal(SIGPIPE, SIG_IGN);
    scene->loop = loop_open();
    CHECK(scene->loop != NULL);
    scene->transport = transport_open(scene->loop, options);
    server_open(&scene->server, scene->loop);
    snprintf(scene->origin, sizeof scene->origin, "http://127.0.0.1:%u", scene->server.port);
    scene->key = TEXT("sk-secret");
    scene->provider = (struct provider){.name = TEXT("local"),
                                        .dialect = &remote,
                                        .host = TEXT("127.0.0.1"),
                                        .port = scene->server.port,
                                        .keys = &scene->key,
                                        .key_count = 1,
                                        .allow_private = true,
                                        .origin = text_of(scene->origin)};
    scene->wire = (struct wire_request){
        .path = TEXT("/v1/chat"), .headers = TEXT("X-Test: 1\r\n"), .body = TEXT("{}")};
}

static inline void scene_open(struct scene *scene)
{
    scene_open_with(scene, &(struct transport_options){0});
}

static inline void scene_close(struct scene *scene)
{
    server_close(&scene->server);
    transport_close(scene->transport);
    loop_close(scene->loop);
}

static inline void scene_start(struct scene *scene, struct call *call)
{
    call_start(call, scene->transport, &scene->provider, &scene->wire,
               (struct exchange_times){.total_ms = PATIENCE_MS});
}

/* Starts a call and turns until it is done. */
static inline void scene_call(struct scene *scene, struct call *call)
{
    scene_start(scene, call);
    TURN_UNTIL(scene->loop, call->done);
}

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define OK      OK_HEAD "Content-Length: 2\r\n\r\n{}"

/* Answers OK, and remembers what was asked in `heard` of the server. */
static inline void hear(struct peer *peer, struct text request)
{
    buffer_put(&peer->server->heard, request);
    peer_say(peer, TEXT(OK));
}

static inline void pause_now(struct call *call)
{
    exchange_pause(call->exchange);
}
