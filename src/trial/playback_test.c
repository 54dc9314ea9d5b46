/* A tape between a transport and its provider: what is played comes as from a connection, and what
 * was never recorded is told by what was expected. */
#include "trial/playback.h"

#include "document/json_read.h"
#include "provider/kind.h"
#include "transport/transport_test.h"
#include "trial/recorder.h"
#include "unit.h"

static struct {
    struct arena arena;
    struct loop *loop;
    struct transport *transport;
    struct provider provider;
    struct playback playback;
    struct recording recording;
    struct recorded items[2];
} on;

static const struct document *document_of(const char *json)
{
    struct document *document = ARENA_NEW(&on.arena, struct document);

    EXPECT(json_read(text_of(json), NULL, &on.arena, document, NULL, NULL));
    return document;
}

static void transport_of(struct tape *tape)
{
    on.loop = loop_open();
    on.transport = transport_open(on.loop, &(struct transport_options){.tape = tape});
    on.provider =
        (struct provider){.name = TEXT("openai"), .dialect = &dialect_openai, .path = TEXT("/v1")};
}

static void play_both(struct taped_reply first, struct taped_reply second)
{
    on.items[0] = (struct recorded){TEXT_INIT("openai"), TEXT_INIT("/chat"),
                                    document_of("{\"n\":1,\"m\":[\"a\",\"b\"]}"), 0, first};
    on.items[1] = on.items[0];
    on.items[1].reply = second;
    on.recording = (struct recording){TEXT_INIT("e"), TEXT_INIT("t"), on.items, 2};
    playback_init(&on.playback, &on.recording, &on.arena);
    transport_of(&on.playback.tape);
}

static void ask(struct call *call, const char *path, const char *body)
{
    struct wire_request wire = {.path = text_of(path), .body = text_of(body)};

    *call = (struct call){0};
    call_start(call, on.transport, &on.provider, &wire, (struct exchange_times){0});
    TURN_UNTIL(on.loop, call->done);
}

static void end(void)
{
    transport_close(on.transport);
    loop_close(on.loop);
    arena_release(&on.arena);
    memset(&on, 0, sizeof on);
}

TEST(the_same_request_gets_each_of_its_replies_once_in_their_order)
{
    static const struct text events[] = {TEXT_INIT("data: 1\n\n"), TEXT_INIT("data: 2\n\n")};
    struct taped_reply failing = {.sent = SENT_ALL};
    struct call call;

    error_set(&failing.failure, ERROR_UPSTREAM_TIMEOUT, NULL, "did not begin its answer");
    play_both(failing, (struct taped_reply){.status = 200,
                                            .content_type = TEXT_INIT("text/event-stream"),
                                            .pieces = events,
                                            .piece_count = 2,
                                            .sent = SENT_ALL});
    ask(&call, "/v1/chat", "{\"m\": [\"a\", \"b\"], \"n\": 1.0}"); /* equal as JSON is */
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TIMEOUT);
    EXPECT_STR(call.err.message, "provider 'openai' did not begin its answer");
    EXPECT_EQ(call.heads, 0);
    call_release(&call);
    ask(&call, "/v1/chat", "{\"n\":1,\"m\":[\"a\",\"b\"]}");
    EXPECT_EQ(call.err.code, ERROR_NONE);
    EXPECT_EQ(call.status, 200);
    EXPECT_STR(call.type, "text/event-stream");
    EXPECT_EQ(call.pieces, 2);
    EXPECT(!on.playback.missed);
    call_release(&call);
    ask(&call, "/v1/chat", "{\"n\":1,\"m\":[\"a\",\"b\"]}");
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_BLOCKED);
    EXPECT(on.playback.missed && !on.playback.differs);
    EXPECT_EQ(on.playback.play_count, 2);
    call_release(&call);
    end();
}

TEST(a_request_that_was_never_recorded_is_told_by_what_differs)
{
    const struct taped_reply reply = {.status = 200, .sent = SENT_ALL};
    struct call call;

    play_both(reply, reply);
    ask(&call, "/v1/chat", "{\"n\":1,\"m\":[\"a\",\"c\"]}");
    EXPECT(on.playback.differs);
    EXPECT_TEXT(on.playback.difference.pointer, "/m/1");
    EXPECT_TEXT(on.playback.difference.before, "\"b\"");
    EXPECT_TEXT(on.playback.difference.after, "\"c\"");
    call_release(&call);
    end();

    play_both(reply, reply);
    ask(&call, "/v1/other", "{\"n\":1,\"m\":[\"a\",\"b\"]}");
    EXPECT_TEXT(on.playback.difference.pointer, "(path)");
    EXPECT_TEXT(on.playback.difference.after, "/other");
    call_release(&call);
    end();
}

TEST(a_call_under_playback_may_pause_and_be_cancelled)
{
    static const struct text events[] = {TEXT_INIT("a"), TEXT_INIT("b")};
    const struct taped_reply reply = {
        .status = 200, .pieces = events, .piece_count = 2, .sent = SENT_ALL};
    struct wire_request wire = {.path = TEXT("/v1/chat"),
                                .body = TEXT("{\"n\":1,\"m\":[\"a\",\"b\"]}")};
    struct call call = {.on_body = pause_now};

    play_both(reply, reply);
    call_start(&call, on.transport, &on.provider, &wire, (struct exchange_times){0});
    TURN_UNTIL(on.loop, call.pieces == 1);
    for (int i = 0; i < 5; i++)
        loop_turn(on.loop, 0);
    EXPECT_EQ(call.pieces, 1);
    call_resume(&call);
    TURN_UNTIL(on.loop, call.pieces == 2);
    call_cancel(&call);
    for (int i = 0; i < 5; i++)
        loop_turn(on.loop, 0);
    EXPECT(!call.done);
    call_release(&call);
    end();
}

TEST(a_reply_that_was_broken_off_ends_as_one_that_was_cut)
{
    static const struct text events[] = {TEXT_INIT("a")};
    const struct taped_reply reply = {
        .status = 200, .pieces = events, .piece_count = 1, .broken_off = true, .sent = SENT_ALL};
    struct call call;

    play_both(reply, reply);
    ask(&call, "/v1/chat", "{\"n\":1,\"m\":[\"a\",\"b\"]}");
    EXPECT_EQ(call.pieces, 1);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TRUNCATED);
    call_release(&call);
    end();
}

TEST(what_a_provider_says_is_kept_without_its_keys_and_only_what_matters_of_its_head)
{
    static const struct text keys[] = {TEXT_INIT("sk-secret-one"), TEXT_INIT("sk-secret-two")};
    static const struct text pieces[] = {TEXT_INIT("{\"error\":\"bad key sk-sec"),
                                         TEXT_INIT("ret-two\"}")};
    const struct provider provider = {.name = TEXT("openai"),
                                      .dialect = &dialect_openai,
                                      .path = TEXT("/v1"),
                                      .keys = keys,
                                      .key_count = 2};
    const struct wire_request wire = {.path = TEXT("/v1/chat"),
                                      .body = TEXT("{\"a\": 1}"),
                                      .headers = TEXT("Authorization: Bearer sk-secret-two\r\n")};
    const struct exchange_options asked = {.provider = &provider, .wire = &wire};
    const struct taped_reply reply = {
        .status = 401,
        .fields = TEXT("content-type:application/json\nset-cookie:x\nx-org:acme\nretry-after:7\n"),
        .pieces = pieces,
        .piece_count = 2};
    struct recorder recorder;
    struct buffer file = buffer_in(&on.arena);

    recorder_init(&recorder, &on.arena);
    EXPECT(recorder.tape.ops->play(&recorder.tape, &asked) == NULL);
    recorder.tape.ops->heard(&recorder.tape, &asked, &reply);
    EXPECT_EQ(recorder.count, 1);
    EXPECT_TEXT(recorder.items[0].path, "/chat");
    EXPECT_TEXT(recorder.items[0].reply.fields, "content-type:application/json\nretry-after:7\n");
    EXPECT_TEXT(recorder.items[0].reply.pieces[0], "{\"error\":\"bad key ***\"}");
    recording_write(&(struct recording){TEXT("e"), TEXT("t"), recorder.items, 1}, &file);
    EXPECT(text_find(buffer_text(&file), TEXT("sk-")) == file.len);
    EXPECT(text_find(buffer_text(&file), TEXT("uthorization")) == file.len);
    arena_release(&on.arena);
    memset(&on, 0, sizeof on);
}

TEST(a_key_is_starred_however_json_writes_it)
{
    static const struct text keys[] = {TEXT_INIT("sk/a\"b\\c+d")};
    static const struct text piece = TEXT_INIT(
        "{\"raw\":\"sk/a\\\"b\\\\c+d\",\"slashed\":\"sk\\/a\\\"b\\\\c+d, sk\\/a\\\"b\\\\c+d\"}");
    const struct provider provider = {
        .name = TEXT("openai"), .dialect = &dialect_openai, .keys = keys, .key_count = 1};
    const struct wire_request wire = {.path = TEXT("/chat"), .body = TEXT("{}")};
    const struct exchange_options asked = {.provider = &provider, .wire = &wire};
    const struct taped_reply reply = {.status = 401, .pieces = &piece, .piece_count = 1};
    struct recorder recorder;

    recorder_init(&recorder, &on.arena);
    recorder.tape.ops->heard(&recorder.tape, &asked, &reply);
    EXPECT_TEXT(recorder.items[0].reply.pieces[0], "{\"raw\":\"***\",\"slashed\":\"***, ***\"}");
    arena_release(&on.arena);
    memset(&on, 0, sizeof on);
}
