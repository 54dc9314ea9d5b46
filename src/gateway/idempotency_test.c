/* A client may leave wherever a call under an Idempotency-Key waits: what was sent is never sent
 * again, and what was not leaves its key unused. */
#include "gateway/pipeline_test.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\n")},
    {"endpoints/chat.yaml", TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nstream: raw\n")},
};
#define PLAIN    "{\"message\": \"hi\"}"
#define STREAMED "{\"message\": \"one two three\", \"stream\": true}"

static void open_all(void)
{
    open_with(files, sizeof files / sizeof *files, 0);
    on.key = "k";
}

/* Leaves at that stage, and waits until the store has done what it was asked. */
static void leave_at(enum stage_id stage, const char *body)
{
    struct request *request = ask("/chat", body);

    turn_until(request, stage);
    request_free(request);
    while (on.worker.commands > 0)
        loop_turn(on.worker.loop, 10);
}

static void expect_answer(const char *body, int status, const char *words)
{
    struct request *request = ask("/chat", body);

    finish(request);
    EXPECT_EQ(on.client.status, status);
    EXPECT(answer_has(words));
    request_free(request);
}

TEST(a_client_that_leaves_before_anything_is_sent_leaves_its_key_unused)
{
    open_all();
    leave_at(STAGE_IDEMPOTENCY, PLAIN);
    leave_at(STAGE_CLAIM, PLAIN);
    expect_answer(PLAIN, 200, "\"ok\":true");
    close_all(3);
}

TEST(a_client_that_leaves_during_the_call_makes_its_outcome_unknown)
{
    open_all();
    leave_at(STAGE_CALL, PLAIN);
    expect_answer(PLAIN, 409, "outcome_unknown");
    expect_answer(STREAMED, 422, "idempotency_key_reused");
    close_all(3);
}

TEST(an_answer_that_its_client_did_not_wait_for_is_kept)
{
    open_all();
    leave_at(STAGE_KEEP, PLAIN);
    expect_answer(PLAIN, 200, "\"ok\":true");
    on.key = "another";
    leave_at(STAGE_KEEP, STREAMED);
    expect_answer(STREAMED, 200, "data: [DONE]");
    close_all(4);
}

TEST(the_end_of_a_stream_waits_until_the_stream_is_kept)
{
    struct request *request;
    struct buffer first = {0};

    open_all();
    request = ask("/chat", STREAMED);
    turn_until(request, STAGE_KEEP);
    EXPECT_EQ(on.client.ends, 0);
    EXPECT(!answer_has("[DONE]"));
    finish(request);
    EXPECT_EQ(on.client.ends, 1);
    buffer_put(&first, buffer_text(&on.client.body));
    EXPECT(answer_has("[DONE]"));
    request_free(request);
    request = ask("/chat", STREAMED);
    finish(request);
    EXPECT(text_equal(buffer_text(&on.client.body), buffer_text(&first)));
    request_free(request);
    buffer_release(&first);
    close_all(2);
}

TEST(while_a_call_is_under_way_a_repeat_is_told_so)
{
    struct request *first;

    open_all();
    first = ask("/chat", PLAIN);
    turn_until(first, STAGE_CALL);
    expect_answer(PLAIN, 409, "idempotency_in_progress");
    request_free(first);
    close_all(2);
}
