/* The whole pipeline over an in-memory client, the built-in provider and a real store: a client may
 * leave at every place where a request waits, and each request has exactly one line. */
#include "gateway/pipeline_test.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\n")},
    {"endpoints/chat.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nstream: raw\nlimits: {concurrent: 1}\n")},
    {"endpoints/talk.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nsession: {ttl: 30m}\nstream: raw\n")},
    {"endpoints/asked.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\ninput_schema: {type: object, properties: "
               "{list: {type: array, items: {minLength: 1, maxLength: 3}}}}\n")},
    {"endpoints/told.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\noutput_schema: {type: array, minItems: 200, "
               "items: {type: string, minLength: 1, maxLength: 3}}\n")},
};
enum { FILES = sizeof files / sizeof *files, CHECK_STEPS = 100 };

static void open_all(void)
{
    open_with(files, FILES, CHECK_STEPS);
}

/* --- the tests -----------------------------------------------------------------------------------
 */

TEST(a_call_is_answered_once_and_gives_back_its_place)
{
    open_all();
    for (int i = 0; i < 2; i++) { /* `concurrent: 1` */
        struct request *request = ask("/chat", "{\"message\": \"hi\"}");

        expect_silence();
        finish(request);
        EXPECT_EQ(on.client.status, 200);
        EXPECT_EQ(on.client.replies, 1);
        EXPECT_EQ(on.client.begins, 0);
        request_free(request);
    }
    close_all(2);
}

TEST(an_input_that_cannot_be_checked_within_limits_is_no_violation)
{
    struct buffer body = {0};
    struct request *request;

    open_all();
    buffer_put(&body, TEXT("{\"list\": [\"a\""));
    for (int i = 0; i < 2 * CHECK_STEPS; i++)
        buffer_put(&body, TEXT(", \"a\""));
    buffer_put(&body, TEXT("]}"));
    buffer_put_byte(&body, '\0');
    request = ask("/asked", body.at);
    finish(request);
    EXPECT_EQ(on.client.status, 500);
    EXPECT(answer_has("\"internal_error\""));
    EXPECT(!answer_has("violations"));
    request_free(request);
    request = ask("/asked", "{\"list\": [\"abcd\"]}");
    finish(request);
    EXPECT_EQ(on.client.status, 422);
    request_free(request);
    buffer_release(&body);
    close_all(2);
}

TEST(the_journal_names_the_schema_of_a_check_that_was_given_up)
{
    struct request *request;

    open_all();
    request = ask("/told", "{\"message\": \"hi\"}");
    finish(request);
    EXPECT_EQ(on.client.status, 500);
    request_free(request);
    close_all_saying(1, "schema 'endpoints/told.yaml#/output_schema'");
}

TEST(a_client_that_leaves_during_the_call_hears_nothing_and_has_its_line)
{
    struct request *request;

    open_all();
    request = ask("/chat", "{\"message\": \"hi\"}");
    EXPECT_EQ(request->at, STAGE_CALL);
    EXPECT(request->waiting);
    request_gone(request);
    request_gone(request);
    EXPECT(request->finished);
    EXPECT_EQ(request->status, 499);
    EXPECT_EQ(transport_counts(on.worker.transport).cancelled, 1);
    request_drained(request);
    request_free(request);
    loop_turn(on.worker.loop, 0);
    expect_silence();
    close_all(1);
}

TEST(a_carrier_may_free_a_request_at_once)
{
    open_all();
    request_free(ask("/chat", "{\"message\": \"hi\"}"));
    request_free(ask("/chat", "{\"message\": 1}"));
    request_free(ask("/talk", "{\"message\": \"hi\"}"));
    request_free(NULL);
    close_all(3);
}

TEST(a_client_may_leave_while_the_store_reads_or_writes_its_session)
{
    struct request *request;
    char body[128];

    open_all();
    request = ask("/talk", "{\"message\": \"hi\"}");
    finish(request);
    EXPECT_EQ(on.client.status, 200);
    snprintf(body, sizeof body, "{\"message\": \"hi\", \"session_id\": \"%.*s\"}",
             TEXT_ARG(buffer_text(&on.client.session)));
    request_free(request);

    request = ask("/talk", body);
    EXPECT(request->at == STAGE_RECALL && request->waiting);
    request_free(request);
    expect_silence();

    request = ask("/talk", body);
    turn_until(request, STAGE_REMEMBER);
    request_gone(request);
    EXPECT_EQ(request->status, 499);
    EXPECT(request->settled); /* the answer was bought */
    request_free(request);
    expect_silence();
    while (on.worker.commands > 0) /* the turn is stored all the same, and answered to nobody */
        loop_turn(on.worker.loop, 10);
    expect_silence();

    request = ask("/talk", body);
    finish(request);
    EXPECT_EQ(on.client.status, 200);
    request_free(request);
    close_all(4);
}

TEST(a_stream_pauses_for_a_client_that_does_not_read_and_goes_on_when_it_does)
{
    struct request *request;
    size_t sent;

    open_all();
    on.client.backlog = HTTP_HIGH_WATER + 1;
    request = ask("/chat", "{\"message\": \"one two three four five six\", \"stream\": true}");
    for (int i = 0; i < 2000 && !(request->winner != NULL && request->winner->paused); i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(request->winner->paused && request->streaming);
    for (int i = 0; i < 5; i++)
        loop_turn(on.worker.loop, 0);
    sent = on.client.body.len;
    for (int i = 0; i < 5; i++)
        loop_turn(on.worker.loop, 0);
    EXPECT_EQ(on.client.body.len, sent);
    EXPECT(!request->finished);
    on.client.backlog = 0;
    request_drained(request);
    finish(request);
    EXPECT_EQ(on.client.begins, 1);
    EXPECT_EQ(on.client.ends, 1);
    EXPECT(!on.client.broken);
    EXPECT(text_ends(buffer_text(&on.client.body), TEXT("data: [DONE]\n\n")));
    request_drained(request);
    request_free(request);
    close_all(1);
}

TEST(a_client_may_leave_a_paused_stream)
{
    struct request *request;

    open_all();
    on.client.backlog = HTTP_HIGH_WATER + 1;
    request = ask("/chat", "{\"message\": \"one two three\", \"stream\": true}");
    for (int i = 0; i < 2000 && !(request->winner != NULL && request->winner->paused); i++)
        loop_turn(on.worker.loop, 10);
    request_free(request);
    EXPECT_EQ(on.client.ends, 0);
    close_all(1);
}
