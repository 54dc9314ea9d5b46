/* Providers that misbehave, and environments that would lead calls elsewhere. docs/faults.md says
 * which test, here and elsewhere, is about which fault. */
#include "transport/transport_test.h"

/* -- slow ------------------------------------------------------------------------------------- */

/* Says its reply a byte at a time. */
static struct drip {
    struct loop_timer timer; /* first */
    struct peer *peer;
    struct text left;
} drip;

enum { DRIP_MS = 2 };

static void drip_on(struct loop_timer *timer)
{
    struct loop *loop = drip.peer->server->loop;

    if (drip.peer->watch.fd < 0)
        return;
    peer_say(drip.peer, text_first(drip.left, 1));
    drip.left = text_after(drip.left, 1);
    peer_flush(drip.peer);
    if (drip.left.len > 0)
        loop_start_timer(loop, timer, loop_now_ms(loop) + DRIP_MS);
}

static void respond_in_drips(struct peer *peer, struct text request)
{
    (void)request;
    drip = (struct drip){.timer.fire = drip_on, .peer = peer, .left = peer->server->reply};
    loop_start_timer(peer->server->loop, &drip.timer, loop_now_ms(peer->server->loop) + DRIP_MS);
}

static void expect_drip(struct text reply, struct exchange_times times, const char *message)
{
    struct scene scene = {.server = {.respond = respond_in_drips, .reply = reply}};
    struct call call = {0};

    scene_open(&scene);
    call_start(&call, scene.transport, &scene.provider, &scene.wire, times);
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, message[0] != '\0' ? ERROR_UPSTREAM_TIMEOUT : ERROR_NONE);
    EXPECT_STR(call.err.message, message);
    EXPECT(message[0] == '\0' || transport_counts(scene.transport).open == 0);
    loop_stop_timer(scene.loop, &drip.timer);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_reply_that_drips_is_bounded_by_each_of_the_three_times)
{
    static const char long_body[4096] = OK_HEAD "Content-Length: 4000\r\n\r\n";
    const struct text body = {long_body, sizeof long_body};
    const struct text head =
        TEXT(OK_HEAD "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");

    expect_drip(body,
                (struct exchange_times){.first_byte_ms = 9999, .idle_ms = 999, .total_ms = 300},
                "provider 'local' did not finish its answer within 300 ms");
    expect_drip(head,
                (struct exchange_times){.first_byte_ms = 60, .idle_ms = 999, .total_ms = 9999},
                "provider 'local' did not begin its answer within 60 ms");
    expect_drip(TEXT(OK_HEAD "Content-Length: 2\r\n\r\n{"),
                (struct exchange_times){.first_byte_ms = 9999, .idle_ms = 60, .total_ms = 9999},
                "provider 'local' fell silent in the middle of its answer for 60 ms");
    expect_drip(TEXT(OK), (struct exchange_times){9999, 9999, 9999}, "");
}

/* -- too much --------------------------------------------------------------------------------- */

#define CHUNKED_HEAD OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define X64          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

enum { LIMIT = 256 * 1024 };

/* A provider that says `reply` and then `more` without end is left at the limit; what it could send
 * on top is what the sockets in between hold. */
static void expect_cut(struct text reply, struct text more, enum error_code code,
                       const char *message, size_t told)
{
    struct transport_options options = {.body_bytes = LIMIT};
    struct scene scene = {.server = {.reply = reply, .more = more}};
    struct call call = {0};

    scene_open_with(&scene, &options);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, code);
    EXPECT_STR(call.err.message, message);
    EXPECT(call.body.len <= told);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    TURN_UNTIL(scene.loop, scene.server.peers->watch.fd < 0);
    EXPECT(scene.server.more_sent < 16 * 1024 * 1024);
    EXPECT_EQ(scene.server.requests, 1);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_stream_without_end_is_cut_at_the_body_limit)
{
    static const char message[] =
        "provider 'local' sent a reply body longer than the 262144 bytes that are allowed";

    expect_cut(TEXT(CHUNKED_HEAD), TEXT("40\r\n" X64 "\r\n"), ERROR_UPSTREAM_TOO_LARGE, message,
               LIMIT);
    expect_cut(TEXT(OK_HEAD "\r\n"), TEXT("data: {\"delta\": \"for ever\"}\n\n"),
               ERROR_UPSTREAM_TOO_LARGE, message, LIMIT);
    expect_cut(TEXT(OK_HEAD "Content-Length: 1073741824\r\n\r\n"), TEXT(X64),
               ERROR_UPSTREAM_TOO_LARGE, message, 0);
    expect_cut(TEXT(CHUNKED_HEAD "40000000\r\n"), TEXT(X64), ERROR_UPSTREAM_TOO_LARGE, message, 0);
}

TEST(heads_lines_and_trailers_without_end_are_cut)
{
    static const char head[] = "provider 'local' sent a reply head that is too long";

    expect_cut(TEXT(OK_HEAD "X-Long: "), TEXT(X64), ERROR_UPSTREAM_TOO_LARGE, head, 0);
    expect_cut(TEXT("HTTP/1.1 200 "), TEXT(X64), ERROR_UPSTREAM_TOO_LARGE, head, 0);
    expect_cut(TEXT(OK_HEAD), TEXT("X-Many: 1\r\n"), ERROR_UPSTREAM_TOO_LARGE,
               "provider 'local' sent too many headers", 0);
    expect_cut(TEXT(CHUNKED_HEAD "1;"), TEXT(X64), ERROR_UPSTREAM_PROTOCOL,
               "provider 'local' sent a chunk size line that is too long", 0);
    expect_cut(TEXT(CHUNKED_HEAD "0\r\n"), TEXT("X-Trailer: " X64 "\r\n"), ERROR_UPSTREAM_TOO_LARGE,
               "provider 'local' sent trailers that are too long", 0);
}

TEST(interim_replies_without_end_are_cut)
{
    expect_cut(TEXT("HTTP/1.1 100 Continue\r\n\r\n"), TEXT("HTTP/1.1 103 Early Hints\r\n\r\n"),
               ERROR_UPSTREAM_PROTOCOL, "provider 'local' sent too many interim replies", 0);
}

/* -- ambiguous -------------------------------------------------------------------------------- */

static void expect_refused(struct text reply, const char *message)
{
    struct scene scene = {.server.reply = reply};

    scene_open(&scene);
    for (unsigned i = 1; i <= 2; i++) {
        struct call call = {0};

        scene_call(&scene, &call);
        EXPECT_EQ(call.err.code, ERROR_UPSTREAM_PROTOCOL);
        EXPECT_STR(call.err.message, message);
        EXPECT_EQ(call.body.len, 0);
        EXPECT_EQ(scene.server.connections, i);
        EXPECT_EQ(scene.server.requests, i);
        call_release(&call);
    }
    scene_close(&scene);
}

TEST(a_reply_that_could_be_read_in_two_ways_is_not_used_and_its_connection_neither)
{
    expect_refused(TEXT(OK_HEAD "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
                   "provider 'local' sent two different Content-Length headers");
    expect_refused(TEXT(OK_HEAD "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "2\r\n{}\r\n0\r\n\r\n"),
                   "provider 'local' sent both Content-Length and Transfer-Encoding");
    expect_refused(TEXT(OK_HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                   "provider 'local' sent a Transfer-Encoding other than 'chunked'");
    expect_refused(TEXT(OK_HEAD "Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}"),
                   "provider 'local' sent an encoded body although 'identity' was asked for");
    expect_refused(TEXT("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
                   "provider 'local' switched to another protocol unasked");
}

static void respond_once(struct peer *peer, struct text request)
{
    (void)request;
    if (peer->requests == 1)
        peer_say(peer, TEXT("HTTP/1.1 503 Later\r\nContent-Length: 4\r\n\r\nbusy"));
    peer->server->deaf = true; /* reads no more of the request, and stays */
}

TEST(an_answer_to_half_a_request_is_used_though_the_rest_is_never_taken)
{
    enum { MANY = 32 * 1024 * 1024 };
    struct scene scene = {.server = {.respond = respond_once, .early = true}};
    struct buffer body = {0};
    struct call call = {0};

    scene_open(&scene);
    memset(buffer_reserve(&body, MANY), 'x', MANY);
    body.len = MANY;
    scene.wire.body = buffer_text(&body);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(call.status, 503);
    EXPECT_TEXT(buffer_text(&call.body), "busy");
    EXPECT_EQ(call.facts.sent, SENT_PART);
    EXPECT(call.facts.replied);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    call_release(&call);
    buffer_release(&body);
    scene_close(&scene);
}

/* -- led elsewhere ---------------------------------------------------------------------------- */

TEST(a_redirect_is_told_and_not_followed)
{
    struct server elsewhere = {.reply = TEXT(OK)};
    struct scene scene = {0};
    struct call call = {0};
    char reply[256];

    scene_open(&scene);
    server_open(&elsewhere, scene.loop);
    snprintf(reply, sizeof reply,
             "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%u/\r\n"
             "Content-Length: 0\r\n\r\n",
             elsewhere.port);
    scene.server.reply = text_of(reply);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(call.status, 307);
    EXPECT_EQ(scene.server.requests, 1);
    for (int i = 0; i < 3; i++)
        loop_turn(scene.loop, 1);
    EXPECT_EQ(elsewhere.connections, 0);
    server_close(&elsewhere);
    call_release(&call);
    scene_close(&scene);
}

TEST(proxies_of_the_environment_are_not_used)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    struct server proxy = {.reply = TEXT(OK)};
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call plain = {0}, tls = {0};
    char url[64];

    scene_open(&scene);
    server_open(&proxy, scene.loop);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", proxy.port);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        setenv(names[i], url, 1);
    scene_call(&scene, &plain);
    EXPECT_EQ(plain.err.code, ERROR_NONE);
    EXPECT_EQ(scene.server.requests, 1);

    snprintf(scene.origin, sizeof scene.origin, "https://127.0.0.1:%u", scene.server.port);
    scene.provider.origin = text_of(scene.origin);
    scene.provider.https = true;
    scene.provider.connect_ms = 100; /* nobody does TLS there */
    scene_call(&scene, &tls);
    EXPECT(tls.err.code != ERROR_NONE);
    EXPECT_EQ(scene.server.connections, 2);
    EXPECT_EQ(proxy.connections, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    server_close(&proxy);
    call_release(&plain);
    call_release(&tls);
    scene_close(&scene);
}
