/* A revocation that cuts: of what a token has under way nothing is sent any more, wherever it
 * waits. */
#include "gateway/cut.h"
#include "gateway/pipeline_test.h"
#include "session/turns.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\n")},
    {"endpoints/talk.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nsession: {ttl: 30m}\nstream: raw\n")},
};

static void expect_cut(struct request *request)
{
    token_cut(&on.gateway, on.token_id);
    loop_turn(on.worker.loop, 1000);
    EXPECT_EQ(request->error.code, ERROR_REVOKED_TOKEN);
    let_writer_go();
    finish(request);
    EXPECT_EQ(request->calls, 0);
    EXPECT_EQ(request->status, 401);
    EXPECT_EQ(on.client.replies, 1);
    EXPECT(answer_has("\"revoked_token\""));
    request_free(request);
}

TEST(what_has_not_been_sent_yet_is_not_sent)
{
    static const enum stage_id waits[] = {STAGE_IDEMPOTENCY, STAGE_CLAIM};

    open_with(files, 2, 0);
    on.key = "k";
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        struct request *request;

        hold_writer(); /* else the call may be sent before it is cut */
        request = ask("/talk", "{\"message\": \"hi\"}");
        turn_until(request, waits[i]);
        expect_cut(request);
    }
    EXPECT_EQ(turns_count(on.gateway.turns), 0);
    close_all_saying(2, "\"code\":\"revoked_token\"");
}

TEST(a_turn_that_waits_for_another_is_not_begun)
{
    struct request *first, *second;
    struct text body;

    open_with(files, 2, 0);
    first = ask("/talk", "{\"message\": \"hi\", \"stream\": true}");
    turn_until(first, STAGE_CALL);
    body = arena_printf(&on.arena, "{\"message\": \"hi\", \"session_id\": \"%.*s\"}",
                        TEXT_ARG(first->session_id));
    second = ask("/talk", body.at);
    EXPECT(second->waiting && second->at == STAGE_RECALL);
    token_cut(&on.gateway, on.token_id);
    finish(second);
    EXPECT_EQ(second->status, 401);
    EXPECT_EQ(second->calls, 0);
    finish(first);
    request_free(second);
    request_free(first);
    EXPECT_EQ(turns_count(on.gateway.turns), 0);
    close_all_saying(2, "\"code\":\"revoked_token\"");
}

TEST(an_answer_that_is_there_is_let_out)
{
    struct request *request;

    open_with(files, 2, 0);
    request = ask("/talk", "{\"message\": \"hi\"}");
    turn_until(request, STAGE_REMEMBER);
    token_cut(&on.gateway, on.token_id);
    finish(request);
    EXPECT_EQ(request->status, 200);
    request_free(request);
    close_all(1);
}
