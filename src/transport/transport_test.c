#include "transport/transport_test.h"

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
    struct scene scene = {.server.reply = TEXT(OK)};
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

/* -- many ---------------------------------------------------------------------------------------
 */

TEST(hundreds_of_calls_at_once_are_all_answered_and_their_connections_kept)
{
    enum { CALLS = 300 };
    struct transport_options options = {.idle_per_pool = CALLS, .dials_at_once = CALLS};
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

static uint32_t dice_state;

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 1664525u + 1013904223u;
    return (dice_state >> 8) % sides;
}

static void respond_somehow(struct peer *peer, struct text request)
{
    static const struct text reply = TEXT_INIT(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n,\r\n0\r\n\r\n");

    (void)request;
    switch (dice(8)) {
    case 0:
        peer_say(peer, text_first(reply, dice((uint32_t)reply.len)));
        peer->resets = true;
        break;
    case 1:
        peer_say(peer, text_first(reply, dice((uint32_t)reply.len)));
        peer->ends = true;
        break;
    case 2:
        break; /* says nothing */
    case 3:
        peer_say(peer, TEXT("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"));
        memset(buffer_reserve(&peer->out, 300000), 'x', 300000);
        peer->out.len += 300000;
        break;
    case 4:
        peer_say(peer, reply);
        peer_say(peer, text_first(reply, dice(20)));
        break;
    default:
        peer_say(peer, reply);
    }
}

static void pause_or_cancel(struct call *call)
{
    switch (dice(10)) {
    case 0:
        exchange_cancel(call->exchange);
        call->exchange = NULL;
        break;
    case 1:
    case 2:
        exchange_pause(call->exchange);
        break;
    }
}

TEST(calls_paused_cut_and_cancelled_at_random_end_once_each_and_leave_nothing)
{
    enum { AT_ONCE = 60, CALLS = 6000 };
    const struct exchange_times short_times = {.first_byte_ms = 60, .idle_ms = 60, .total_ms = 200};
    const struct transport_options few_dials = {.dials_at_once = 2};
    struct scene scene = {.server.respond = respond_somehow};
    struct call *calls = calloc(AT_ONCE, sizeof *calls);
    struct transport_counts counts;
    uint64_t started = 0, done = 0, running = 1;

    CHECK(calls != NULL);
    dice_state = 20261120;
    scene_open_with(&scene, &few_dials);
    while (running > 0) {
        running = 0;
        for (int i = 0; i < AT_ONCE; i++) {
            struct call *call = &calls[i];

            done += call->done;
            if (call->exchange == NULL && started < CALLS) {
                call_release(call);
                call->on_body = pause_or_cancel;
                call_start(call, scene.transport, &scene.provider, &scene.wire, short_times);
                started++;
            } else if (call->exchange == NULL) {
                call_release(call);
            } else if (dice(400) == 0) {
                call_cancel(call);
                call_release(call);
            } else if (dice(3) == 0) {
                call_resume(call);
            }
            running += call->exchange != NULL;
        }
        loop_turn(scene.loop, 1);
    }
    counts = transport_counts(scene.transport);
    EXPECT_EQ(counts.started, CALLS);
    EXPECT_EQ(done + counts.cancelled, CALLS);
    EXPECT(counts.failed > 100 && counts.failed < done);
    EXPECT(counts.cancelled > 100 && counts.reused > 100);
    EXPECT_EQ(counts.open, counts.idle);
    free(calls);
    scene_close(&scene);
}
