#include "provider/transport_test.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/syscall.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define OK      OK_HEAD "Content-Length: 2\r\n\r\n{}"

/* -- one call --------------------------------------------------------------------------------- */

static struct buffer heard;

static void hear(struct peer *peer, struct text request)
{
    buffer_put(&heard, request);
    peer_say(peer, TEXT(OK));
}

TEST(a_request_is_sent_as_it_is_and_its_reply_is_told)
{
    struct scene scene = {.server.respond = hear};
    struct call call = {0};
    char expected[256];

    heard = (struct buffer){0};
    scene_open(&scene);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(call.status, 200);
    EXPECT_STR(call.type, "application/json");
    EXPECT_TEXT(buffer_text(&call.body), "{}");
    EXPECT(!call.reused);
    snprintf(expected, sizeof expected,
             "POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAccept-Encoding: identity\r\n"
             "X-Test: 1\r\nContent-Length: 2\r\n\r\n{}",
             scene.server.port);
    EXPECT_TEXT(buffer_text(&heard), expected);
    call_release(&call);
    buffer_release(&heard);
    scene_close(&scene);
}

TEST(the_host_is_named_without_its_usual_port)
{
    /* Nobody listens there; what matters is that 80 is left out, which the head buffer shows only
     * to the wire. So the server's port is called 80 here, and the origin still leads to it. */
    struct scene scene = {.server.respond = hear};
    struct call call = {0};

    heard = (struct buffer){0};
    scene_open(&scene);
    scene.provider.port = 80;
    scene_call(&scene, &call);
    EXPECT(text_find(buffer_text(&heard), TEXT("Host: 127.0.0.1\r\n")) < heard.len);
    call_release(&call);
    buffer_release(&heard);
    scene_close(&scene);
}

static void respond_429(struct peer *peer, struct text request)
{
    (void)request;
    peer_say(peer,
             TEXT("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nslow"));
}

TEST(a_refusal_is_told_with_its_body_and_the_wait_it_asks_for)
{
    struct scene scene = {.server.respond = respond_429};
    struct call call = {0};

    scene_open(&scene);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(call.status, 429);
    EXPECT_EQ(call.retry_after_s, 7);
    EXPECT_TEXT(buffer_text(&call.body), "slow");
    call_release(&call);
    scene_close(&scene);
}

static void expect_failure(struct text reply, bool ends, enum error_code code, const char *message)
{
    struct scene scene = {.server.reply = reply};
    struct transport_options options = {.head_bytes = 1000, .body_bytes = 100};
    struct call call = {0};

    scene_open_with(&scene, &options);
    scene_start(&scene, &call);
    if (ends) {
        TURN_UNTIL(scene.loop, scene.server.requests == 1);
        scene.server.peers->ends = true;
        if (scene.server.peers->watch.fd >= 0)
            peer_flush(scene.server.peers);
    }
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, code);
    EXPECT_STR(call.err.message, message);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    EXPECT_EQ(transport_counts(scene.transport).failed, 1);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_reply_that_is_wrong_fails_and_costs_its_connection)
{
    struct buffer long_head = {0};

    expect_failure(TEXT("SSH-2.0-OpenSSH_9.2\r\n"), false, ERROR_UPSTREAM_PROTOCOL,
                   "provider 'local' did not answer in HTTP/1.1");
    expect_failure(TEXT(OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nzip"), false,
                   ERROR_UPSTREAM_PROTOCOL,
                   "provider 'local' sent an encoded body although 'identity' was asked for");
    expect_failure(TEXT(OK_HEAD "Content-Length: 101\r\n\r\n"), false, ERROR_UPSTREAM_TOO_LARGE,
                   "provider 'local' sent a reply body longer than the 100 bytes that are allowed");
    expect_failure(TEXT(OK_HEAD "Content-Length: 9\r\n\r\nhalf"), true, ERROR_UPSTREAM_TRUNCATED,
                   "provider 'local' closed the connection in the middle of its reply");
    expect_failure(TEXT(""), true, ERROR_UPSTREAM_FAILED,
                   "provider 'local' closed the connection without a reply");
    buffer_put(&long_head, TEXT(OK_HEAD));
    for (int i = 0; i < 1000; i++)
        buffer_put_byte(&long_head, 'x');
    expect_failure(buffer_text(&long_head), false, ERROR_UPSTREAM_TOO_LARGE,
                   "provider 'local' sent a reply head that is too long");
    buffer_release(&long_head);
}

TEST(a_reply_may_end_with_its_connection)
{
    struct scene scene = {.server.reply = TEXT("HTTP/1.1 200 OK\r\n\r\nall of it")};
    struct call call = {0};

    scene_open(&scene);
    scene_start(&scene, &call);
    TURN_UNTIL(scene.loop, scene.server.requests == 1);
    scene.server.peers->ends = true;
    peer_flush(scene.server.peers);
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_TEXT(buffer_text(&call.body), "all of it");
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    call_release(&call);
    scene_close(&scene);
}

static size_t reset_after;

static void respond_and_reset(struct peer *peer, struct text request)
{
    (void)request;
    peer_say(peer, text_first(peer->server->reply, reset_after));
    peer->resets = true;
}

/* A reset may overtake what was sent before it, so a call may hear less than was sent; it must
 * never be told more, or that a reply is complete that is not. */
static void expect_reset(struct text reply, size_t head_len, bool by_length)
{
    for (reset_after = 0; reset_after < reply.len; reset_after++) {
        struct scene scene = {.server = {.respond = respond_and_reset, .reply = reply}};
        struct call call = {0};

        scene_open(&scene);
        scene_call(&scene, &call);
        EXPECT(call.err.code == ERROR_UPSTREAM_TRUNCATED || call.err.code == ERROR_UPSTREAM_FAILED);
        EXPECT(reset_after >= head_len || call.body.len == 0);
        EXPECT(!by_length || call.body.len <= reset_after);
        EXPECT_EQ(scene.server.requests, 1);
        EXPECT_EQ(transport_counts(scene.transport).open, 0);
        call_release(&call);
        scene_close(&scene);
    }
}

TEST(a_reset_at_any_byte_is_never_a_complete_reply)
{
#define LENGTH_HEAD "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"
#define CHUNK_HEAD  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CLOSE_HEAD  "HTTP/1.1 200 OK\r\n\r\n"
    expect_reset(TEXT(LENGTH_HEAD "hello, world"), sizeof LENGTH_HEAD - 1, true);
    expect_reset(TEXT(CHUNK_HEAD "5\r\nhello\r\n0\r\n\r\n"), sizeof CHUNK_HEAD - 1, true);
    expect_reset(TEXT(CLOSE_HEAD "hello"), sizeof CLOSE_HEAD - 1, true);
}

/* -- the moment of writing -------------------------------------------------------------------- */

static unsigned sends_to_fail, sends_failed;
static size_t send_bytes_max;

/* Takes the place of the C library's: a socket that fails just when it is written to cannot be had
 * by asking the kernel. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct iovec first = message->msg_iov[0];
    struct msghdr shorter = {.msg_iov = &first, .msg_iovlen = 1};

    if (sends_to_fail > 0) {
        sends_to_fail--;
        sends_failed++;
        errno = EPIPE;
        return -1;
    }
    if (send_bytes_max == 0)
        return syscall(SYS_sendmsg, fd, message, flags);
    if (first.iov_len == 0)
        first = message->msg_iov[1];
    if (first.iov_len > send_bytes_max)
        first.iov_len = send_bytes_max;
    return syscall(SYS_sendmsg, fd, &shorter, flags);
}

TEST(a_request_that_no_byte_of_was_taken_goes_out_again_once_on_a_new_connection)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};

    scene_open(&scene);
    scene_call(&scene, &call);
    call_release(&call);
    sends_failed = 0;
    sends_to_fail = 1;
    scene_call(&scene, &call);
    EXPECT_EQ(sends_failed, 1);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT(!call.reused);
    EXPECT_EQ(scene.server.connections, 2);
    EXPECT_EQ(scene.server.requests, 2);
    call_release(&call);

    sends_to_fail = 2; /* and on the new one, too */
    scene_call(&scene, &call);
    EXPECT_EQ(sends_failed, 3);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_FAILED);
    EXPECT_STR(call.err.message, "provider 'local' broke the connection without a reply");
    EXPECT_EQ(scene.server.requests, 2);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_request_taken_in_small_parts_arrives_whole)
{
    struct scene scene = {.server.respond = hear};
    struct call call = {0};

    heard = (struct buffer){0};
    send_bytes_max = 7;
    scene_open(&scene);
    scene.wire.body = TEXT("{\"many\": \"bytes, more than fit\"}");
    scene_call(&scene, &call);
    send_bytes_max = 0;
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT(text_ends(buffer_text(&heard), TEXT("\r\n\r\n{\"many\": \"bytes, more than fit\"}")));
    call_release(&call);
    buffer_release(&heard);
    scene_close(&scene);
}

/* -- kept connections ------------------------------------------------------------------------- */

TEST(a_connection_is_used_again)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct transport_counts counts;

    scene_open(&scene);
    for (int i = 0; i < 5; i++) {
        struct call call = {0};

        scene_call(&scene, &call);
        EXPECT_EQ(call.err.code, ERROR_NONE);
        EXPECT_EQ(call.reused, i > 0);
        call_release(&call);
    }
    EXPECT_EQ(scene.server.connections, 1);
    EXPECT_EQ(scene.server.requests, 5);
    counts = transport_counts(scene.transport);
    EXPECT_EQ(counts.started, 5);
    EXPECT_EQ(counts.reused, 4);
    EXPECT_EQ(counts.connected, 1);
    EXPECT_EQ(counts.open, 1);
    EXPECT_EQ(counts.idle, 1);
    scene_close(&scene);
}

static void expect_not_reused(struct text reply)
{
    struct scene scene = {.server.reply = reply};

    scene_open(&scene);
    for (int i = 0; i < 2; i++) {
        struct call call = {0};

        scene_call(&scene, &call);
        EXPECT_EQ(call.err.code, ERROR_NONE);
        EXPECT_TEXT(buffer_text(&call.body), "{}");
        call_release(&call);
    }
    EXPECT_EQ(scene.server.connections, 2);
    EXPECT_EQ(scene.server.requests, 2);
    scene_close(&scene);
}

TEST(a_connection_that_is_in_doubt_is_not_used_again)
{
    expect_not_reused(TEXT(OK_HEAD "Connection: close\r\nContent-Length: 2\r\n\r\n{}"));
    expect_not_reused(TEXT("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
    expect_not_reused(TEXT(OK "surplus"));
    expect_not_reused(TEXT(OK OK));
    expect_not_reused(TEXT(OK_HEAD "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"));
}

TEST(credentials_trust_files_and_leaves_never_share_a_connection)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct provider others[3];

    scene_open(&scene);
    for (int i = 0; i < 3; i++)
        others[i] = scene.provider;
    others[1].key = TEXT("sk-other");
    others[2].ca_file = TEXT("/no/such/file"); /* not read for plain HTTP */
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            struct call call = {0};

            scene.provider = others[i];
            scene_call(&scene, &call);
            EXPECT_EQ(call.err.code, ERROR_NONE);
            EXPECT_EQ(call.reused, round > 0);
            call_release(&call);
        }
    }
    EXPECT_EQ(scene.server.connections, 3);
    scene_close(&scene);
}

TEST(a_provider_read_anew_from_the_configuration_finds_its_connections)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct provider first, second;
    char origin[64];

    scene_open(&scene);
    first = scene.provider;
    memcpy(origin, scene.origin, sizeof origin);
    for (int i = 0; i < 2; i++) {
        struct call call = {0};

        scene_call(&scene, &call);
        EXPECT_EQ(call.reused, i > 0);
        call_release(&call);
        second = first;
        second.origin = text_of(origin);
        scene.provider = second;
    }
    scene_close(&scene);
}

TEST(an_idle_connection_that_the_provider_closes_is_let_go)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};

    scene_open(&scene);
    scene_call(&scene, &call);
    EXPECT_EQ(transport_counts(scene.transport).idle, 1);
    peer_close(scene.server.peers);
    TURN_UNTIL(scene.loop, transport_counts(scene.transport).idle == 0);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    call_release(&call);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(scene.server.connections, 2);
    call_release(&call);
    scene_close(&scene);
}

TEST(an_idle_connection_on_which_the_provider_speaks_is_let_go)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};

    scene_open(&scene);
    scene_call(&scene, &call);
    peer_say(scene.server.peers, TEXT("HTTP/1.1 408 Timeout\r\n\r\n"));
    peer_flush(scene.server.peers);
    TURN_UNTIL(scene.loop, transport_counts(scene.transport).idle == 0);
    TURN_UNTIL(scene.loop, scene.server.ended == 1);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_connection_closed_in_the_very_turn_of_its_next_request_is_not_used)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};

    scene_open(&scene);
    scene_call(&scene, &call);
    call_release(&call);
    peer_close(scene.server.peers); /* the transport has had no turn to hear of it */
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT(!call.reused);
    EXPECT_EQ(scene.server.requests, 2);
    call_release(&call);
    scene_close(&scene);
}

static void die_on_second(struct peer *peer, struct text request)
{
    (void)request;
    if (peer->requests == 1)
        peer_say(peer, TEXT(OK));
    else
        peer->ends = true;
}

TEST(a_request_that_a_kept_connection_has_swallowed_is_not_sent_again)
{
    struct scene scene = {.server.respond = die_on_second};
    struct call call = {0};

    scene_open(&scene);
    scene_call(&scene, &call);
    call_release(&call);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_FAILED);
    EXPECT_EQ(scene.server.requests, 2);
    EXPECT_EQ(scene.server.connections, 1);
    call_release(&call);
    scene_close(&scene);
}

TEST(idle_connections_are_kept_up_to_a_number_and_for_a_time)
{
    struct transport_options options = {.idle_per_pool = 3, .idle_ms = 30};
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call calls[8] = {0};

    scene_open_with(&scene, &options);
    for (int i = 0; i < 8; i++)
        scene_start(&scene, &calls[i]);
    for (int i = 0; i < 8; i++)
        TURN_UNTIL(scene.loop, calls[i].done);
    EXPECT_EQ(scene.server.connections, 8);
    EXPECT(transport_counts(scene.transport).idle <= 3);
    TURN_UNTIL(scene.loop, scene.server.ended == 8); /* by idle_ms */
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    for (int i = 0; i < 8; i++) {
        EXPECT_EQ(calls[i].err.code, ERROR_NONE);
        call_release(&calls[i]);
    }
    scene_close(&scene);
}

TEST(a_connection_is_not_kept_beyond_its_age)
{
    struct transport_options options = {.age_ms = 1};
    struct scene scene = {.server.reply = TEXT(OK)};

    scene_open_with(&scene, &options);
    for (unsigned i = 1; i <= 3; i++) {
        struct call call = {0};
        uint64_t now_ms = clock_monotonic_ms();

        scene_call(&scene, &call);
        EXPECT_EQ(call.err.code, ERROR_NONE);
        TURN_UNTIL(scene.loop, clock_monotonic_ms() > now_ms + 2);
        EXPECT_EQ(scene.server.connections, i);
        call_release(&call);
    }
    scene_close(&scene);
}

TEST(a_provider_that_keeps_connections_shorter_is_believed)
{
    struct scene scene = {.server.reply =
                              TEXT(OK_HEAD "Keep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\n{}")};
    struct call call = {0};

    scene_open(&scene);
    scene_call(&scene, &call);
    TURN_UNTIL(scene.loop, transport_counts(scene.transport).idle == 0);
    TURN_UNTIL(scene.loop, scene.server.ended == 1);
    call_release(&call);
    scene_close(&scene);
}

/* -- flow ------------------------------------------------------------------------------------- */

enum { MANY = 16 * 1024 * 1024 };

static void respond_much(struct peer *peer, struct text request)
{
    (void)request;
    peer_say(peer, TEXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
    for (unsigned i = 0; i < MANY / 1024; i++) {
        char *at = buffer_reserve(&peer->out, 1100);
        int head = snprintf(at, 16, "400\r\n");

        memset(at + head, 'a' + (int)(i % 26), 1024);
        memcpy(at + head + 1024, "\r\n", 2);
        peer->out.len += (size_t)head + 1026;
    }
    peer_say(peer, TEXT("0\r\n\r\n"));
}

static void pause_now(struct call *call)
{
    exchange_pause(call->exchange);
}

static bool much_is_right(struct text body)
{
    for (size_t i = 0; i < body.len; i++) {
        if (body.at[i] != (char)('a' + (int)(i / 1024 % 26)))
            return false;
    }
    return body.len == MANY;
}

TEST(a_pause_holds_the_provider_back_and_a_resume_loses_nothing)
{
    struct transport_options options = {.body_bytes = 2 * MANY};
    struct scene scene = {.server.respond = respond_much};
    struct call call = {.on_body = pause_now};
    size_t told, sent = 1, before = 0;

    scene_open_with(&scene, &options);
    scene_start(&scene, &call);
    TURN_UNTIL(scene.loop, call.pieces == 1);
    told = call.body.len;
    while (sent != before) { /* until the sockets in between are full */
        before = sent;
        for (int i = 0; i < 20; i++)
            loop_turn(scene.loop, 1);
        sent = scene.server.peers->sent;
    }
    EXPECT(sent < MANY / 2);
    EXPECT_EQ(call.body.len, told);
    /* One piece at a time, through what was held and what comes after it. */
    for (unsigned pieces = 2; pieces < 300; pieces++) {
        call_resume(&call);
        TURN_UNTIL(scene.loop, call.pieces == pieces);
        loop_turn(scene.loop, 0);
        EXPECT_EQ(call.pieces, pieces);
    }
    call.on_body = NULL;
    call_resume(&call);
    call_resume(&call);
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT(much_is_right(buffer_text(&call.body)));
    EXPECT_EQ(transport_counts(scene.transport).idle, 1);
    call_release(&call);
    scene_close(&scene);
}

TEST(the_end_of_a_reply_waits_for_a_paused_call_even_if_the_provider_is_gone)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {.on_body = pause_now};

    scene_open(&scene);
    scene_start(&scene, &call);
    TURN_UNTIL(scene.loop, call.pieces == 1);
    peer_close(scene.server.peers);
    for (int i = 0; i < 20; i++)
        loop_turn(scene.loop, 1);
    EXPECT(!call.done);
    call_resume(&call);
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_large_request_is_written_as_the_provider_takes_it)
{
    struct scene scene = {.server.respond = hear};
    struct buffer body = {0};
    struct call call = {0};

    heard = (struct buffer){0};
    scene_open(&scene);
    for (size_t i = 0; i < MANY / 2; i++)
        buffer_put_byte(&body, (char)('a' + (i / 999 + i) % 26));
    scene.wire.body = buffer_text(&body);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT(text_ends(buffer_text(&heard), buffer_text(&body)));
    EXPECT_EQ(transport_counts(scene.transport).idle, 1);
    call_release(&call);
    buffer_release(&body);
    buffer_release(&heard);
    scene_close(&scene);
}

static void refuse_early(struct peer *peer, struct text request)
{
    (void)request;
    if (peer->requests == 1) {
        peer_say(peer, TEXT("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"));
        peer->ends = true;
    }
}

TEST(an_answer_before_the_end_of_the_request_is_used_and_ends_the_connection)
{
    struct scene scene = {.server = {.respond = refuse_early, .early = true}};
    struct buffer body = {0};
    struct call call = {0};

    scene_open(&scene);
    memset(buffer_reserve(&body, MANY), 'x', MANY);
    body.len = MANY;
    scene.wire.body = buffer_text(&body);
    scene_call(&scene, &call);
    /* The close of a socket with unread bytes is a reset, which may overtake the answer. */
    if (call.err.code == ERROR_NONE) {
        EXPECT_EQ(call.status, 413);
        EXPECT_TEXT(buffer_text(&call.body), "big");
    } else {
        EXPECT(call.err.code == ERROR_UPSTREAM_FAILED || call.err.code == ERROR_UPSTREAM_TRUNCATED);
    }
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    EXPECT_EQ(scene.server.connections, 1);
    call_release(&call);
    buffer_release(&body);
    scene_close(&scene);
}

/* -- cancelling ------------------------------------------------------------------------------- */

static void respond_never(struct peer *peer, struct text request)
{
    (void)peer;
    (void)request;
}

TEST(a_cancelled_call_closes_its_connection_at_once)
{
    struct scene scene = {.server.respond = respond_never};
    struct call call = {0};

    scene_open(&scene);
    scene_start(&scene, &call);
    TURN_UNTIL(scene.loop, scene.server.requests == 1);
    call_cancel(&call);
    TURN_UNTIL(scene.loop, scene.server.ended == 1);
    EXPECT(!call.done);
    EXPECT_EQ(transport_counts(scene.transport).cancelled, 1);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    scene_close(&scene);
}

TEST(a_call_cancelled_in_the_turn_of_its_start_never_reaches_the_provider)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0}, other = {0};

    scene_open(&scene);
    scene_start(&scene, &call);
    call_cancel(&call);
    scene_call(&scene, &other);
    EXPECT_EQ(scene.server.connections, 1);
    EXPECT_EQ(scene.server.requests, 1);
    call_release(&other);
    scene_close(&scene);
}

TEST(a_call_can_be_cancelled_while_it_dials)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};

    scene_open(&scene);
    scene_start(&scene, &call);
    loop_turn(scene.loop, 0);
    EXPECT_EQ(transport_counts(scene.transport).open, 1);
    call_cancel(&call);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    scene_close(&scene);
}

static void cancel_now(struct call *call)
{
    exchange_cancel(call->exchange);
    call->exchange = NULL;
}

TEST(a_call_can_be_cancelled_from_inside_its_own_call_back)
{
    struct scene scene = {.server.respond = respond_much};
    struct call call = {.on_body = cancel_now};

    scene_open(&scene);
    scene_start(&scene, &call);
    TURN_UNTIL(scene.loop, scene.server.peers != NULL && scene.server.peers->watch.fd < 0);
    EXPECT_EQ(call.pieces, 1);
    EXPECT(!call.done);
    call_release(&call);
    scene_close(&scene);
}

/* -- time ------------------------------------------------------------------------------------- */

static void call_until_done(struct scene *scene, struct call *call, struct exchange_times times)
{
    call_start(call, scene->transport, &scene->provider, &scene->wire, times);
    TURN_UNTIL(scene->loop, call->done);
    EXPECT_EQ(call->err.code, ERROR_UPSTREAM_TIMEOUT);
    TURN_UNTIL(scene->loop, scene->server.ended == 1);
}

TEST(a_provider_that_does_not_begin_in_time_is_given_up)
{
    struct scene scene = {.server.respond = respond_never};
    struct call call = {0};

    scene_open(&scene);
    call_until_done(&scene, &call,
                    (struct exchange_times){.first_byte_ms = 20, .idle_ms = 1, .total_ms = 9999});
    EXPECT_STR(call.err.message, "provider 'local' did not begin its answer within 20 ms");
    call_release(&call);
    scene_close(&scene);
}

TEST(a_head_alone_is_no_beginning)
{
    struct scene scene = {.server.reply = TEXT(OK_HEAD "Content-Length: 2\r\n\r\n")};
    struct call call = {0};

    scene_open(&scene);
    call_until_done(&scene, &call, (struct exchange_times){.first_byte_ms = 20});
    EXPECT_STR(call.err.message, "provider 'local' did not begin its answer within 20 ms");
    EXPECT_EQ(call.status, 200);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_provider_that_falls_silent_is_given_up)
{
    struct scene scene = {.server.reply = TEXT(OK_HEAD "Content-Length: 9\r\n\r\nhalf")};
    struct call call = {0};

    scene_open(&scene);
    call_until_done(
        &scene, &call,
        (struct exchange_times){.first_byte_ms = 9999, .idle_ms = 20, .total_ms = 9999});
    EXPECT_STR(call.err.message,
               "provider 'local' fell silent in the middle of its answer for 20 ms");
    EXPECT_TEXT(buffer_text(&call.body), "half");
    call_release(&call);
    scene_close(&scene);
}

TEST(a_provider_that_does_not_finish_in_time_is_given_up)
{
    struct scene scene = {.server.reply = TEXT(OK_HEAD "Content-Length: 9\r\n\r\nhalf")};
    struct call call = {0};

    scene_open(&scene);
    call_until_done(&scene, &call, (struct exchange_times){.idle_ms = 9999, .total_ms = 20});
    EXPECT_STR(call.err.message, "provider 'local' did not finish its answer within 20 ms");
    call_release(&call);
    scene_close(&scene);
}

TEST(time_spent_paused_is_not_the_providers_silence)
{
    struct scene scene = {.server.reply = TEXT(OK_HEAD "Content-Length: 9\r\n\r\nhalf")};
    struct call call = {.on_body = pause_now};
    uint64_t start_ms = clock_monotonic_ms();

    scene_open(&scene);
    call_start(&call, scene.transport, &scene.provider, &scene.wire,
               (struct exchange_times){.idle_ms = 10, .total_ms = 60});
    TURN_UNTIL(scene.loop, call.done);
    EXPECT(clock_monotonic_ms() >= start_ms + 60);
    EXPECT_STR(call.err.message, "provider 'local' did not finish its answer within 60 ms");
    call_release(&call);
    scene_close(&scene);
}

/* -- dialling --------------------------------------------------------------------------------- */

static const char *resolves_to; /* what every name under .test means; NULL: nothing */
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resolver_freed = PTHREAD_COND_INITIALIZER;
static bool resolver_stuck;

/* Takes the place of the C library's for this program, libcurl's resolver threads included. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    struct {
        struct addrinfo info;
        struct sockaddr_in address;
    } * answer;

    (void)hints;
    pthread_mutex_lock(&resolver_lock);
    while (resolver_stuck)
        pthread_cond_wait(&resolver_freed, &resolver_lock);
    pthread_mutex_unlock(&resolver_lock);
    if (resolves_to == NULL || !text_ends(text_of(host), TEXT(".test")))
        return EAI_NONAME;
    answer = calloc(1, sizeof *answer);
    CHECK(answer != NULL);
    answer->address.sin_family = AF_INET;
    answer->address.sin_port = htons((uint16_t)(service ? strtoul(service, NULL, 10) : 0));
    CHECK(inet_pton(AF_INET, resolves_to, &answer->address.sin_addr) == 1);
    answer->info = (struct addrinfo){.ai_family = AF_INET,
                                     .ai_socktype = SOCK_STREAM,
                                     .ai_protocol = IPPROTO_TCP,
                                     .ai_addrlen = sizeof answer->address,
                                     .ai_addr = (struct sockaddr *)&answer->address};
    *out = &answer->info;
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    free(info);
}

static void dial_name(struct scene *scene, struct call *call, const char *host)
{
    static char origin[64];

    snprintf(origin, sizeof origin, "http://%s:%u", host, scene->server.port);
    scene->provider.origin = text_of(origin);
    scene_call(scene, call);
}

static void expect_dial(const char *host, const char *address, bool allow_private,
                        enum error_code code, const char *message)
{
    bool metadata = address != NULL && strcmp(address, "169.254.169.254") == 0;
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};

    resolves_to = address;
    scene_open(&scene);
    scene.provider.allow_private = allow_private;
    dial_name(&scene, &call, host);
    EXPECT_EQ(call.err.code, code);
    EXPECT_STR(call.err.message, message);
    EXPECT_EQ(call.err.hint[0] != '\0',
              code == ERROR_UPSTREAM_BLOCKED && !allow_private && !metadata);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_name_is_resolved_and_its_answer_kept)
{
    struct scene scene = {.server.reply =
                              TEXT(OK_HEAD "Connection: close\r\nContent-Length: 2\r\n\r\n{}")};

    scene_open(&scene);
    for (int i = 0; i < 2; i++) {
        struct call call = {0};

        resolves_to = i == 0 ? "127.0.0.1" : NULL;
        dial_name(&scene, &call, "provider.test");
        EXPECT_EQ(call.err.code, ERROR_NONE);
        call_release(&call);
    }
    EXPECT_EQ(scene.server.connections, 2);
    scene_close(&scene);
}

TEST(a_name_that_does_not_resolve_is_said_to)
{
    expect_dial("provider.test", NULL, true, ERROR_UPSTREAM_DNS,
                "provider 'local' has a host name that does not resolve");
}

TEST(an_address_that_is_private_is_refused_when_it_is_connected_to)
{
    expect_dial("provider.test", "127.0.0.1", false, ERROR_UPSTREAM_BLOCKED,
                "provider 'local' leads to the address 127.0.0.1, where providers may not be");
    expect_dial("provider.test", "10.1.2.3", false, ERROR_UPSTREAM_BLOCKED,
                "provider 'local' leads to the address 10.1.2.3, where providers may not be");
    expect_dial("127.0.0.1", NULL, false, ERROR_UPSTREAM_BLOCKED,
                "provider 'local' leads to the address 127.0.0.1, where providers may not be");
    expect_dial("[::1]", NULL, false, ERROR_UPSTREAM_BLOCKED,
                "provider 'local' leads to the address ::1, where providers may not be");
}

TEST(the_metadata_service_is_refused_to_everybody)
{
    expect_dial(
        "provider.test", "169.254.169.254", true, ERROR_UPSTREAM_BLOCKED,
        "provider 'local' leads to the address 169.254.169.254, where providers may not be");
    expect_dial(
        "provider.test", "169.254.169.254", false, ERROR_UPSTREAM_BLOCKED,
        "provider 'local' leads to the address 169.254.169.254, where providers may not be");
}

TEST(a_port_where_nobody_listens_is_unreachable)
{
    struct scene scene = {0};
    struct call call = {0};

    scene_open(&scene);
    server_close(&scene.server);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_UNREACHABLE);
    EXPECT_STR(call.err.message, "provider 'local' could not be reached: Connection refused");
    call_release(&call);
    scene_close(&scene);
}

TEST(a_resolver_that_does_not_answer_stops_nobody_else)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call stuck = {0}, cancelled = {0}, other = {0};
    struct provider direct;
    uint64_t start_ms;

    resolver_stuck = true;
    scene_open(&scene);
    direct = scene.provider;
    start_ms = clock_monotonic_ms();
    scene.provider.connect_ms = 60;
    scene.provider.origin = TEXT("http://stuck.test:1");
    scene_start(&scene, &stuck);
    scene_start(&scene, &cancelled);
    loop_turn(scene.loop, 0);
    loop_turn(scene.loop, 0);
    call_cancel(&cancelled); /* must not wait for the thread */
    call_start(&other, scene.transport, &direct, &scene.wire, (struct exchange_times){0});
    TURN_UNTIL(scene.loop, other.done);
    EXPECT_EQ(other.err.code, ERROR_NONE);
    EXPECT(!stuck.done);
    TURN_UNTIL(scene.loop, stuck.done);
    EXPECT(clock_monotonic_ms() < start_ms + PATIENCE_MS / 2);
    EXPECT_EQ(stuck.err.code, ERROR_UPSTREAM_DNS);
    EXPECT_STR(stuck.err.message,
               "provider 'local' has a host name that was not resolved within 60 ms");
    call_release(&other);
    call_release(&stuck);
    scene_close(&scene);
    pthread_mutex_lock(&resolver_lock);
    resolver_stuck = false;
    pthread_cond_broadcast(&resolver_freed);
    pthread_mutex_unlock(&resolver_lock);
}

TEST(hundreds_of_calls_at_once_are_all_answered_and_their_connections_kept)
{
    enum { CALLS = 300 };
    struct transport_options options = {.idle_per_pool = CALLS};
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call *calls = calloc(CALLS, sizeof *calls);

    CHECK(calls != NULL);
    scene_open_with(&scene, &options);
    for (unsigned round = 0; round < 3; round++) {
        for (int i = 0; i < CALLS; i++)
            scene_start(&scene, &calls[i]);
        for (int i = 0; i < CALLS; i++) {
            TURN_UNTIL(scene.loop, calls[i].done);
            EXPECT_EQ(calls[i].err.code, ERROR_NONE);
            EXPECT_TEXT(buffer_text(&calls[i].body), "{}");
            call_release(&calls[i]);
        }
        EXPECT_EQ(scene.server.requests, CALLS * (round + 1));
        EXPECT_EQ(scene.server.connections, CALLS);
    }
    EXPECT_EQ(transport_counts(scene.transport).idle, CALLS);
    free(calls);
    scene_close(&scene);
}
