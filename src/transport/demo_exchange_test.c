#include "demo/demo.h"
#include "transport/transport_test.h"

/* A chat, the demo provider, and what it says to the chat when asked directly. */
struct demo_scene {
    struct loop *loop;
    struct transport *transport;
    struct provider provider;
    struct chat_message message;
    struct chat chat;
    struct arena arena;
    const struct text *pieces;
    size_t count;
};

static void demo_open(struct demo_scene *scene, bool stream)
{
    static const struct dialect local = {.name = "demo", .local = true};

    *scene = (struct demo_scene){0};
    scene->loop = loop_open();
    CHECK(scene->loop != NULL);
    scene->transport = transport_open(scene->loop, &(struct transport_options){0});
    scene->provider = (struct provider){.name = TEXT("demo"), .dialect = &local};
    scene->message =
        (struct chat_message){.role = CHAT_USER, .text = TEXT("say a few words about rivers")};
    scene->chat = (struct chat){.model = TEXT("demo"),
                                .messages = &scene->message,
                                .message_count = 1,
                                .caller_text = scene->message.text,
                                .stream = stream};
    demo_reply(&scene->chat, &scene->arena, &scene->pieces, &scene->count);
}

static void demo_close(struct demo_scene *scene)
{
    transport_close(scene->transport);
    loop_close(scene->loop);
    arena_release(&scene->arena);
}

static void demo_start(struct demo_scene *scene, struct call *call)
{
    const struct exchange_options options = {.provider = &scene->provider,
                                             .chat = &scene->chat,
                                             .events = &call_events,
                                             .context = call};

    call->inside = true;
    call->exchange = exchange_start(scene->transport, &options);
    call->inside = false;
}

TEST(the_demo_provider_answers_like_a_remote_one)
{
    struct demo_scene scene;
    struct call call = {0};

    demo_open(&scene, false);
    EXPECT_EQ(scene.count, 1);
    demo_start(&scene, &call);
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(call.status, 200);
    EXPECT_STR(call.type, "application/json");
    EXPECT(text_equal(buffer_text(&call.body), scene.pieces[0]));
    call_release(&call);
    demo_close(&scene);
}

TEST(a_streamed_answer_comes_piece_by_piece_with_turns_in_between)
{
    struct demo_scene scene;
    struct call call = {0};
    unsigned before = 0;

    demo_open(&scene, true);
    EXPECT(scene.count > 3);
    demo_start(&scene, &call);
    while (!call.done) {
        loop_turn(scene.loop, 0);
        EXPECT(call.pieces <= before + 1);
        before = call.pieces;
    }
    EXPECT_STR(call.type, "text/event-stream");
    EXPECT_EQ(call.pieces, scene.count);
    EXPECT(text_ends(buffer_text(&call.body), TEXT("data: [DONE]\n\n")));
    call_release(&call);
    demo_close(&scene);
}

TEST(a_paused_demo_call_says_nothing_until_it_is_resumed)
{
    struct demo_scene scene;
    struct call call = {.on_body = pause_now};

    demo_open(&scene, true);
    demo_start(&scene, &call);
    for (unsigned pieces = 1; pieces <= scene.count; pieces++) {
        TURN_UNTIL(scene.loop, call.pieces == pieces);
        for (int i = 0; i < 5; i++)
            loop_turn(scene.loop, 0);
        EXPECT_EQ(call.pieces, pieces);
        EXPECT(!call.done);
        call_resume(&call);
    }
    TURN_UNTIL(scene.loop, call.done);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    call_release(&call);
    demo_close(&scene);
}

static void cancel_second(struct call *call)
{
    if (call->pieces == 2) {
        exchange_cancel(call->exchange);
        call->exchange = NULL;
    }
}

TEST(a_cancelled_demo_call_says_nothing_more)
{
    struct demo_scene scene;
    struct call call = {.on_body = cancel_second}, early = {0};

    demo_open(&scene, true);
    demo_start(&scene, &early);
    call_cancel(&early);
    demo_start(&scene, &call);
    for (int i = 0; i < 20; i++)
        loop_turn(scene.loop, 0);
    EXPECT_EQ(call.pieces, 2);
    EXPECT(!call.done);
    EXPECT_EQ(early.heads, 0);
    EXPECT_EQ(transport_counts(scene.transport).cancelled, 2);
    call_release(&call);
    demo_close(&scene);
}
