/* Who joins, over the whole pipeline: the test itself leads, so that it says what is heard when. */
#include "cache/answer.h"
#include "gateway/pipeline_test.h"
#include "gateway/share.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\ncache: {disk: 0B}\n")},
    {"endpoints/kept.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\ncache: {ttl: 1h}\nstream: raw\n")},
    {"endpoints/short.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\ncache: {ttl: 1h}\n"
               "timeout: {first_token: 500ms, idle: 500ms, total: 500ms}\n")},
};
#define PLAIN    "{\"message\": \"hi\"}"
#define STREAMED "{\"message\": \"hi\", \"stream\": true}"

static struct {
    struct seat *seat;
    struct cache_key key;
    unsigned told;
} lead;

static void note(void *context)
{
    (void)context;
    lead.told++;
}

static void open_all(void)
{
    open_with(files, sizeof files / sizeof *files, 0);
}

/* The test makes the call that the next request of the endpoint would make. */
static void take_lead_of(const char *path)
{
    struct request *request = ask(path, PLAIN);
    const struct seat_asker asker = {.loop = on.worker.loop, .told = note};
    struct kept_answer *kept;

    finish(request);
    EXPECT_EQ(request->share.result, SHARE_MISS);
    lead.key = request->share.key;
    request_free(request);
    EXPECT_EQ(answers_purge(on.gateway.answers, TEXT(""), TEXT("")), 1);
    EXPECT_EQ(answers_ask(on.gateway.answers, &lead.key, 0, 0, &asker, &kept, &lead.seat),
              ANSWERS_LEADS);
}

static void take_lead(void)
{
    take_lead_of("/kept");
}

static void say(const char *text)
{
    const struct chat_event event = {.type = CHAT_EVENT_TEXT, .text = text_of(text)};
    struct buffer step = {0};

    step_write(&step, &event);
    seat_say(lead.seat, 0, buffer_text(&step));
    buffer_release(&step);
}

static void land(const char *text)
{
    const struct chat_answer answer = {.content = text_of(text), .finish = CHAT_FINISH_STOP};
    struct buffer bytes = {0};
    struct kept_answer *kept;

    answer_write(&bytes, &answer);
    kept = kept_answer_new(
        &(struct kept_answer){.key = lead.key, .expires_ms = 1, .bytes = buffer_text(&bytes)});
    answers_land(on.gateway.answers, lead.seat, kept, 0, false, 0);
    kept_answer_release(kept);
    buffer_release(&bytes);
}

/* The test has found an answer that is so old, as of when `request` came. */
static void land_found(const struct request *request, const char *text, int64_t age_ms)
{
    const struct chat_answer answer = {.content = text_of(text), .finish = CHAT_FINISH_STOP};
    struct buffer bytes = {0};
    struct kept_answer *kept;

    answer_write(&bytes, &answer);
    kept = kept_answer_new(&(struct kept_answer){.key = lead.key,
                                                 .stored_ms = request->wall_ms - age_ms,
                                                 .expires_ms = request->wall_ms + 7200000,
                                                 .bytes = buffer_text(&bytes)});
    answers_land_found(on.gateway.answers, lead.seat, kept, request->wall_ms);
    kept_answer_release(kept);
    buffer_release(&bytes);
}

static void let_go(void)
{
    answers_leave(on.gateway.answers, lead.seat);
    memset(&lead, 0, sizeof lead);
}

static struct request *join_at(const char *path, const char *body)
{
    struct request *request = ask(path, body);

    EXPECT(request->at == STAGE_CACHE && request->waiting);
    EXPECT_EQ(request->share.result, SHARE_JOINED);
    return request;
}

static struct request *join(const char *body)
{
    return join_at("/kept", body);
}

TEST(who_has_joined_gets_the_answer_and_pays_nothing)
{
    struct request *request;

    open_all();
    take_lead();
    request = join(PLAIN);
    land("At nine.");
    finish(request);
    EXPECT_EQ(on.client.status, 200);
    EXPECT(answer_has("\"content\":\"At nine.\""));
    EXPECT(answer_has("\"cached\":true"));
    EXPECT_EQ(request->cost_nano, 0);
    EXPECT_EQ(request->calls, 0);
    request_free(request);
    let_go();
    close_all_saying(1, "\"cache\":\"joined\"");
}

TEST(who_has_joined_gets_an_answer_that_was_found_if_it_is_young_enough)
{
    struct request *request;

    open_all();
    take_lead();
    request = join(PLAIN);
    land_found(request, "At nine.", 3600000);
    finish(request);
    EXPECT(answer_has("\"content\":\"At nine.\""));
    EXPECT_EQ(request->calls, 0);
    request_free(request);
    let_go();
    close_all_saying(1, "\"cache\":\"joined\"");
}

TEST(of_those_for_whom_what_was_found_is_too_old_one_makes_the_call_for_all)
{
    struct request *first, *second;

    open_all();
    take_lead();
    first = join(PLAIN);
    second = join(PLAIN);
    land_found(first->wall_ms < second->wall_ms ? first : second, "At nine.", 3600001);
    finish(first);
    EXPECT_EQ(on.client.status, 200);
    EXPECT(!answer_has("At nine."));
    EXPECT_EQ(first->calls, 1);
    EXPECT_EQ(first->share.result, SHARE_MISS);
    finish(second);
    EXPECT(!answer_has("At nine."));
    EXPECT_EQ(second->calls, 0);
    EXPECT_EQ(second->share.result, SHARE_JOINED);
    request_free(first);
    request_free(second);
    let_go();
    close_all_saying(2, "\"cache\":\"miss\"");
}

TEST(who_has_joined_waits_no_longer_than_its_endpoint_allows)
{
    struct request *request;

    open_all();
    take_lead_of("/short");
    request = join_at("/short", PLAIN);
    finish(request);
    EXPECT_EQ(on.client.status, 504);
    EXPECT(answer_has("the call that this one had joined was not answered within 500 ms"));
    EXPECT_EQ(seat_others(lead.seat), 0);
    request_free(request);
    let_go();
    close_all_saying(1, "upstream_timeout");
}

TEST(a_client_that_takes_no_more_for_now_hears_the_rest_when_it_does)
{
    struct request *request;

    open_all();
    take_lead();
    on.client.backlog = HTTP_HIGH_WATER + 1;
    request = join(STREAMED);
    say("At "), say("nine"), say(".");
    loop_dispatch(on.worker.loop);
    EXPECT(answer_has("\"At \""));
    EXPECT(!answer_has("nine"));
    land("At nine.");
    loop_dispatch(on.worker.loop);
    EXPECT(!request->finished);
    on.client.backlog = 0;
    request_drained(request);
    finish(request);
    EXPECT(answer_has("\"nine\""));
    EXPECT(answer_has("[DONE]"));
    EXPECT_EQ(on.client.ends, 1);
    request_free(request);
    let_go();
    close_all(2);
}

TEST(a_client_that_leaves_leaves_the_others_alone)
{
    struct request *request;

    open_all();
    take_lead();
    request = join(STREAMED);
    EXPECT_EQ(seat_others(lead.seat), 1);
    say("At ");
    loop_dispatch(on.worker.loop);
    request_gone(request);
    EXPECT(request->finished);
    EXPECT_EQ(seat_others(lead.seat), 0);
    request_free(request);
    let_go();
    close_all_saying(1, "\"status\":499");
}

TEST(what_has_begun_and_breaks_off_is_an_error_in_the_stream)
{
    const struct error error = {.code = ERROR_UPSTREAM_TRUNCATED, .message = "cut"};
    struct request *request;

    open_all();
    take_lead();
    request = join(STREAMED);
    say("At ");
    loop_dispatch(on.worker.loop);
    answers_fail(on.gateway.answers, lead.seat, &error, FLIGHT_PROVIDER, TEXT(""));
    finish(request);
    EXPECT(answer_has("\"At \""));
    EXPECT(answer_has("\"code\":\"upstream_truncated\""));
    EXPECT(!answer_has("[DONE]"));
    request_free(request);
    let_go();
    close_all(2);
}

TEST(who_takes_over_makes_the_call_and_is_answered_as_ever)
{
    const struct error error = {.code = ERROR_MONTHLY_BUDGET_EXCEEDED, .message = "spent"};
    struct request *request;

    open_all();
    take_lead();
    request = join(PLAIN);
    answers_fail(on.gateway.answers, lead.seat, &error, FLIGHT_OWN, TEXT(""));
    finish(request);
    EXPECT_EQ(on.client.status, 200);
    EXPECT_EQ(request->share.result, SHARE_MISS);
    EXPECT_EQ(request->calls, 1);
    EXPECT_EQ(answers_stats(on.gateway.answers).entries, 1);
    request_free(request);
    let_go();
    close_all(2);
}

TEST(a_call_that_others_wait_for_outlives_its_client_and_its_carrier)
{
    struct seat_asker waits = {.told = note};
    struct kept_answer *kept;
    struct request *request;
    struct seat_view view;
    struct seat *seat;

    open_all();
    request = ask("/kept", PLAIN);
    turn_until(request, STAGE_CALL);
    waits.loop = on.worker.loop;
    EXPECT_EQ(answers_ask(on.gateway.answers, &request->share.key, 0, 0, &waits, &kept, &seat),
              ANSWERS_JOINED);
    request_gone(request);
    request_free(request);
    EXPECT(on.worker.requests == request);
    while (on.worker.requests != NULL)
        loop_turn(on.worker.loop, 10);
    seat_look(seat, &view);
    EXPECT_EQ(view.state, SEAT_ANSWERED);
    answers_leave(on.gateway.answers, seat);
    close_all_saying(1, "\"status\":499");
}

TEST(a_worker_that_closes_ends_calls_whose_clients_have_left)
{
    struct loop *elsewhere = loop_open();
    const struct seat_asker waits = {.loop = elsewhere, .told = note};
    struct seat_view view;
    struct kept_answer *kept;
    struct request *request;
    struct seat *seat;

    open_all();
    request = ask("/kept", PLAIN);
    turn_until(request, STAGE_CALL);
    EXPECT_EQ(answers_ask(on.gateway.answers, &request->share.key, 0, 0, &waits, &kept, &seat),
              ANSWERS_JOINED);
    request_gone(request);
    request_free(request);
    share_close(&on.worker);
    EXPECT(on.worker.requests == NULL);
    seat_look(seat, &view);
    EXPECT_EQ(view.state, SEAT_LEADS);
    answers_leave(on.gateway.answers, seat);
    loop_dispatch(elsewhere);
    loop_close(elsewhere);
    close_all_saying(1, "shutting_down");
}
