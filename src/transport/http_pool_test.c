#include "transport/transport_test.h"

TEST(a_connection_is_used_again)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct transport_counts counts;

    scene_open(&scene);
    for (int i = 0; i < 5; i++) {
        struct call call = {0};

        scene_call(&scene, &call);
        EXPECT_EQ(call.err.code, ERROR_NONE);
        EXPECT_EQ(call.facts.reused, i > 0);
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
    const struct text other = TEXT_INIT("sk-other");
    struct provider others[3];

    scene_open(&scene);
    for (int i = 0; i < 3; i++)
        others[i] = scene.provider;
    others[1].keys = &other;
    others[2].ca_file = TEXT("/no/such/file"); /* not read for plain HTTP */
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            struct call call = {0};

            scene.provider = others[i];
            scene_call(&scene, &call);
            EXPECT_EQ(call.err.code, ERROR_NONE);
            EXPECT_EQ(call.facts.reused, round > 0);
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
        EXPECT_EQ(call.facts.reused, i > 0);
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
    EXPECT(!call.facts.reused);
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
    /* It is for the caller to decide, by what is known. */
    EXPECT(call.facts.reused && !call.facts.replied);
    EXPECT_EQ(call.facts.sent, SENT_ALL);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_call_beyond_the_connections_that_may_be_made_at_once_takes_what_another_gives_back)
{
    enum { CALLS = 200 };
    struct transport_options options = {.dials_at_once = 1};
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call *calls = calloc(CALLS, sizeof *calls);
    unsigned reused = 0;

    CHECK(calls != NULL);
    scene_open_with(&scene, &options);
    for (int i = 0; i < CALLS; i++)
        scene_start(&scene, &calls[i]);
    for (int i = 0; i < CALLS; i++) {
        TURN_UNTIL(scene.loop, calls[i].done);
        EXPECT_EQ(calls[i].err.code, ERROR_NONE);
        EXPECT_TEXT(buffer_text(&calls[i].body), "{}");
        reused += calls[i].facts.reused;
        call_release(&calls[i]);
    }
    EXPECT(scene.server.connections < CALLS);
    EXPECT_EQ(scene.server.connections + reused, CALLS);
    EXPECT_EQ(transport_counts(scene.transport).reused, reused);
    EXPECT_EQ(scene.server.requests, CALLS);
    free(calls);
    scene_close(&scene);
}

TEST(a_call_that_waits_for_a_connection_can_be_cancelled_or_run_out_of_time)
{
    struct transport_options options = {.dials_at_once = 1};
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call calls[5] = {0}, late = {0};

    scene_open_with(&scene, &options);
    for (int i = 0; i < 5; i++)
        scene_start(&scene, &calls[i]);
    loop_turn(scene.loop, 0);
    EXPECT_EQ(transport_counts(scene.transport).open, 1);
    call_cancel(&calls[1]); /* in front, in the middle, and at the end of those that wait */
    call_cancel(&calls[3]);
    call_cancel(&calls[4]);
    call_start(&late, scene.transport, &scene.provider, &scene.wire,
               (struct exchange_times){.total_ms = 1});
    TURN_UNTIL(scene.loop, calls[0].done && calls[2].done && late.done);
    EXPECT_EQ(calls[0].err.code, ERROR_NONE);
    EXPECT_EQ(calls[2].err.code, ERROR_NONE);
    EXPECT(late.err.code == ERROR_NONE || late.err.code == ERROR_UPSTREAM_TIMEOUT);
    EXPECT_EQ(transport_counts(scene.transport).cancelled, 3);
    EXPECT_EQ(transport_counts(scene.transport).open, transport_counts(scene.transport).idle);
    for (int i = 0; i < 5; i++)
        call_release(&calls[i]);
    call_release(&late);
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
