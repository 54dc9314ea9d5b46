/* listen/fake.h
 * For the tests of this folder: a gateway that answers by the path of a request, counts what the
 * carrier tells it, and aborts when it is told something twice or too late; and a client that
 * speaks bytes. Every wait ends with what it waits for; the limit only ends a test that has failed.
 */
#pragma once
#include "base/check.h"
#include "base/clock.h"
#include "listen/parts.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 8000, PIECE_BYTES = 8192, BIG_BYTES = 8 << 20 };

/* -- the gateway ------------------------------------------------------------------------------ */

static struct {
    _Atomic int started, freed, gone, drained, workers;
    _Atomic size_t most_waiting, written;
    char *big;
} fake;

struct request {
    struct worker *worker;
    struct http_client *client;
    struct http_request http;
    struct loop_task step;
    struct loop_timer later;
    int left; /* pieces of a stream */
    bool endless, broken, told_gone;
    char about[512];
};

static bool fake_worker_open(struct worker *worker, struct gateway *gateway, unsigned index,
                             struct error *err)
{
    worker->gateway = gateway;
    worker->index = index;
    worker->loop = loop_open();
    fake.workers++;
    return worker->loop != NULL || error_set(err, ERROR_OVERLOADED, NULL, "no loop");
}

static void fake_worker_close(struct worker *worker)
{
    CHECK(worker->requests == NULL);
    loop_close(worker->loop);
    fake.workers--;
}

static void fake_reply(struct request *request, int status, struct text body, bool close)
{
    static const struct http_header headers[] = {
        {TEXT_INIT("content-type"), TEXT_INIT("text/plain")},
        {TEXT_INIT("x-evil"), TEXT_INIT("a\r\nx-injected: yes")},
    };
    const struct http_reply reply = {
        .status = status, .headers = headers, .header_count = 2, .body = body, .close = close};

    request->client->ops->reply(request->client, &reply);
}

static void fake_write(struct request *request, struct text piece)
{
    size_t waiting = request->client->ops->write(request->client, piece);

    if (waiting > fake.most_waiting)
        fake.most_waiting = waiting;
    fake.written += piece.len;
}

static void fake_pump(struct request *request)
{
    static char piece[PIECE_BYTES];

    for (;;) {
        size_t waiting =
            request->client->ops->write(request->client, (struct text){piece, sizeof piece});

        fake.written += sizeof piece;
        if (waiting > fake.most_waiting)
            fake.most_waiting = waiting;
        if (waiting > HTTP_HIGH_WATER)
            return;
    }
}

static void fake_step(struct loop_task *task)
{
    struct request *request = H2O_STRUCT_FROM_MEMBER(struct request, step, task);

    CHECK(!request->told_gone);
    if (request->endless) {
        fake_pump(request);
    } else if (request->left > 0) {
        char piece[32];
        int len = snprintf(piece, sizeof piece, "piece %d\n", request->left--);

        fake_write(request, (struct text){piece, (size_t)len});
        loop_defer(request->worker->loop, &request->step);
    } else {
        request->client->ops->end(request->client, request->broken);
    }
}

static void fake_later(struct loop_timer *timer)
{
    struct request *request = H2O_STRUCT_FROM_MEMBER(struct request, later, timer);

    CHECK(!request->told_gone);
    fake_reply(request, 200, TEXT("later"), false);
}

static void fake_begin(struct request *request, int pieces)
{
    static const struct http_header headers[] = {
        {TEXT_INIT("content-type"), TEXT_INIT("text/event-stream")}};
    const struct http_reply head = {.status = 200, .headers = headers, .header_count = 1};

    request->left = pieces;
    request->client->ops->begin(request->client, &head);
    loop_defer(request->worker->loop, &request->step);
}

static void fake_about(struct request *request)
{
    const struct http_request *http = &request->http;
    int len = snprintf(request->about, sizeof request->about, "%.*s %.*s %.*s %.*s %d %zu",
                       TEXT_ARG(http->method), TEXT_ARG(http->path), TEXT_ARG(http->query),
                       TEXT_ARG(http->peer), http->admin, http->header_count);

    fake_reply(request, 200, (struct text){request->about, (size_t)len}, false);
}

static void fake_answer(struct request *request)
{
    struct text path = request->http.path;

    if (text_equal(path, TEXT("/echo"))) {
        fake_reply(request, 200, request->http.body, false);
    } else if (text_equal(path, TEXT("/close"))) {
        fake_reply(request, 200, TEXT("bye"), true);
    } else if (text_equal(path, TEXT("/nothing"))) {
        fake_reply(request, 204, (struct text){0}, false);
    } else if (text_equal(path, TEXT("/big"))) {
        fake_reply(request, 200, (struct text){fake.big, BIG_BYTES}, false);
    } else if (text_equal(path, TEXT("/later"))) {
        loop_start_timer(request->worker->loop, &request->later,
                         loop_now_ms(request->worker->loop) + 20);
    } else if (text_equal(path, TEXT("/stream"))) {
        fake_begin(request, 3);
    } else if (text_equal(path, TEXT("/broken"))) {
        request->broken = true;
        fake_begin(request, 3);
    } else if (text_equal(path, TEXT("/endless"))) {
        request->endless = true;
        fake_begin(request, 0);
    } else if (text_equal(path, TEXT("/trickle"))) {
        fake_begin(request, 1);
        loop_undefer(request->worker->loop, &request->step);
        fake_write(request, TEXT("piece\n"));
    } else if (!text_equal(path, TEXT("/never"))) {
        fake_about(request);
    }
}

static struct request *fake_start(struct worker *worker, const struct http_request *http,
                                  struct http_client *client)
{
    struct request *request = calloc(1, sizeof *request);

    CHECK(request != NULL);
    request->worker = worker;
    request->client = client;
    request->http = *http;
    request->step.run = fake_step;
    request->later.fire = fake_later;
    worker->request_count++;
    fake.started++;
    fake_answer(request);
    return request;
}

static void fake_drained(struct request *request)
{
    CHECK(!request->told_gone);
    fake.drained++;
    if (request->endless)
        fake_pump(request);
}

static void fake_gone(struct request *request)
{
    request->told_gone = true;
    fake.gone++;
    loop_undefer(request->worker->loop, &request->step);
    loop_stop_timer(request->worker->loop, &request->later);
}

static void fake_free(struct request *request)
{
    loop_undefer(request->worker->loop, &request->step);
    loop_stop_timer(request->worker->loop, &request->later);
    request->worker->request_count--;
    fake.freed++;
    free(request);
}

static const struct server_hooks fake_hooks = {fake_worker_open, fake_worker_close, fake_start,
                                               fake_drained,     fake_gone,         fake_free};

/* -- a server --------------------------------------------------------------------------------- */

static struct gateway fake_gateway;

static inline struct settings fake_settings(void)
{
    return (struct settings){
        .listen = {.text = TEXT("127.0.0.1:0"), .host = TEXT("127.0.0.1")},
        .workers = 2,
        .max_connections = 1000,
        .max_body_bytes = 65536,
        .request_timeout_ms = 5000,
        .write_stall_ms = 5000,
    };
}

static inline struct server *fake_serve(const struct settings *settings)
{
    struct error err = {0};
    struct server *server = server_open_with(&fake_hooks, &fake_gateway, settings, -1, &err);

    if (fake.big == NULL)
        fake.big = calloc(1, BIG_BYTES);
    fake.started = fake.freed = fake.gone = fake.drained = 0;
    fake.most_waiting = fake.written = 0;
    if (server == NULL)
        fail_msg("%s: %s", err.at, err.message);
    EXPECT(server_start(server, &err));
    EXPECT_EQ(fake.workers, (int)settings->workers);
    return server;
}

/* Every request that was started has been freed when the server is. */
static inline void fake_end(struct server *server)
{
    server_close(server);
    EXPECT_EQ(fake.workers, 0);
    EXPECT_EQ(fake.started, fake.freed);
}

/* -- a client --------------------------------------------------------------------------------- */

#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        uint64_t await_until_ms = clock_monotonic_ms() + PATIENCE_MS;                              \
        while (!(condition) && clock_monotonic_ms() < await_until_ms)                              \
            poll(NULL, 0, 1);                                                                      \
        EXPECT(condition);                                                                         \
    } while (0)

static inline int dial_with(struct server *server, int receive_bytes)
{
    struct text address = server_address(server);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    while (text_find_byte(address, ':') < address.len)
        address = text_after(address, text_find_byte(address, ':') + 1);
    to.sin_port = htons((uint16_t)strtoul(address.at, NULL, 10));
    if (receive_bytes > 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    EXPECT_EQ(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static inline int dial(struct server *server)
{
    return dial_with(server, 0);
}

static inline void say(int fd, struct text bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);

        if (sent <= 0)
            return; /* the server may have closed already; what it said is what counts */
        bytes = text_after(bytes, (size_t)sent);
    }
}
#define SAY(fd, literal) say(fd, TEXT(literal))

/* More bytes behind those of `heard`; false at the end of input or of patience. A reset is an end.
 */
static inline bool hear(int fd, struct buffer *heard)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    ssize_t got;

    if (poll(&readable, 1, PATIENCE_MS) != 1)
        fail_msg("nothing was heard in time; until then: %.*s", (int)heard->len, heard->at);
    got = recv(fd, buffer_reserve(heard, 65536), 65536, 0);
    if (got <= 0)
        return false;
    heard->len += (size_t)got;
    return true;
}

static inline bool heard(const struct buffer *all, const char *what)
{
    return text_find(buffer_text(all), text_of(what)) < all->len;
}

static inline size_t heard_times(const struct buffer *all, const char *what)
{
    struct text rest = buffer_text(all);
    size_t count = 0, at;

    while ((at = text_find(rest, text_of(what))) < rest.len) {
        rest = text_after(rest, at + strlen(what));
        count++;
    }
    return count;
}

static inline void hear_until(int fd, struct buffer *all, const char *what)
{
    while (!heard(all, what)) {
        if (!hear(fd, all))
            fail_msg("'%s' was not heard, but: %.*s", what, (int)all->len, all->at);
    }
}

static inline void hear_end(int fd, struct buffer *all)
{
    while (hear(fd, all))
        continue;
}

static inline bool heard_first(const struct buffer *all, const char *what)
{
    return text_starts(buffer_text(all), text_of(what));
}

/* One exchange on a connection of its own, up to the server's close. */
static inline struct buffer ask(struct server *server, struct text bytes)
{
    struct buffer all = {0};
    int fd = dial(server);

    say(fd, bytes);
    hear_end(fd, &all);
    buffer_put_byte(&all, '\0');
    all.len--;
    close(fd);
    return all;
}
