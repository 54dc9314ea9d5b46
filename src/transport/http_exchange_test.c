#include "transport/transport_test.h"

#include <sys/syscall.h>

/* -- one call --------------------------------------------------------------------------------- */

TEST(a_request_is_sent_as_it_is_and_its_reply_is_told)
{
    struct scene scene = {.server.respond = hear};
    struct call call = {0};
    char expected[256];

    scene_open(&scene);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(call.status, 200);
    EXPECT_STR(call.type, "application/json");
    EXPECT_TEXT(buffer_text(&call.body), "{}");
    EXPECT(!call.facts.reused);
    snprintf(expected, sizeof expected,
             "POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAccept-Encoding: identity\r\n"
             "X-Test: 1\r\nContent-Length: 2\r\n\r\n{}",
             scene.server.port);
    EXPECT_TEXT(buffer_text(&scene.server.heard), expected);
    call_release(&call);
    scene_close(&scene);
}

TEST(the_host_is_named_without_its_usual_port)
{
    /* Nobody listens there; what matters is that 80 is left out, which the head buffer shows only
     * to the wire. So the server's port is called 80 here, and the origin still leads to it. */
    struct scene scene = {.server.respond = hear};
    struct call call = {0};

    scene_open(&scene);
    scene.provider.port = 80;
    scene_call(&scene, &call);
    EXPECT(text_find(buffer_text(&scene.server.heard), TEXT("Host: 127.0.0.1\r\n")) <
           scene.server.heard.len);
    call_release(&call);
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
    EXPECT_TEXT(buffer_text(&call.fields), "retry-after:7\n");
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
    EXPECT(!call.facts.reused);
    EXPECT_EQ(scene.server.connections, 2);
    EXPECT_EQ(scene.server.requests, 2);
    call_release(&call);

    sends_to_fail = 2; /* and on the new one, too */
    scene_call(&scene, &call);
    EXPECT_EQ(sends_failed, 3);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_FAILED);
    EXPECT_STR(call.err.message, "provider 'local' broke the connection without a reply");
    EXPECT_EQ(call.facts.sent, SENT_NOTHING);
    EXPECT_EQ(scene.server.requests, 2);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_request_taken_in_small_parts_arrives_whole)
{
    struct scene scene = {.server.respond = hear};
    struct call call = {0};

    send_bytes_max = 7;
    scene_open(&scene);
    scene.wire.body = TEXT("{\"many\": \"bytes, more than fit\"}");
    scene_call(&scene, &call);
    send_bytes_max = 0;
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT(text_ends(buffer_text(&scene.server.heard),
                     TEXT("\r\n\r\n{\"many\": \"bytes, more than fit\"}")));
    call_release(&call);
    scene_close(&scene);
}

TEST(a_request_of_which_only_a_part_was_taken_is_told_apart)
{
    struct scene scene = {.server.deaf = true};
    struct buffer body = {0};
    struct call call = {0};

    scene_open(&scene);
    memset(buffer_reserve(&body, 32 * 1024 * 1024), 'x', 32 * 1024 * 1024);
    body.len = 32 * 1024 * 1024;
    scene.wire.body = buffer_text(&body);
    call_start(&call, scene.transport, &scene.provider, &scene.wire,
               (struct exchange_times){.first_byte_ms = 50});
    EXPECT_EQ(exchange_facts(call.exchange).sent, SENT_NOTHING);
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TIMEOUT);
    EXPECT_EQ(call.facts.sent, SENT_PART);
    EXPECT(!call.facts.replied && !call.facts.reused);
    call_release(&call);
    buffer_release(&body);
    scene_close(&scene);
}

TEST(a_reply_that_had_begun_is_told_apart)
{
    struct scene scene = {.server.reply = TEXT("H")};
    struct call call = {0};

    scene_open(&scene);
    scene_start(&scene, &call);
    TURN_UNTIL(scene.loop, exchange_facts(call.exchange).replied);
    scene.server.peers->ends = true;
    peer_flush(scene.server.peers);
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TRUNCATED);
    EXPECT_EQ(call.facts.sent, SENT_ALL);
    EXPECT(call.facts.replied);
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

    scene_open(&scene);
    for (size_t i = 0; i < MANY / 2; i++)
        buffer_put_byte(&body, (char)('a' + (i / 999 + i) % 26));
    scene.wire.body = buffer_text(&body);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT(text_ends(buffer_text(&scene.server.heard), buffer_text(&body)));
    EXPECT_EQ(transport_counts(scene.transport).idle, 1);
    call_release(&call);
    buffer_release(&body);
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
