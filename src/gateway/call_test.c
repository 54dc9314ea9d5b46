/* The call over scripted providers: what one failure means for the next attempt, for the others
 * that run beside it, and for those that come after it. */
#include "gateway/cut.h"
#include "gateway/pipeline_test.h"
#include "gateway/reserve.h"
#include "transport/transport_test.h"

static struct {
    struct server servers[2]; /* of the providers `first` and `second` */
    const char *script[2][4]; /* what each says to its next requests; NULL: nothing */
    struct peer *last[2];     /* who asked last */
    struct loop_timer late;
    const char *settings; /* more of pinion.yaml; NULL: none */
} up;

enum { FIRST, SECOND };

#define REPLY(status, more, body_len, body)                                                        \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\n" more "Content-Length: " body_len   \
    "\r\n\r\n" body
#define ANSWER(content, len)                                                                       \
    REPLY("200 OK", "", len,                                                                       \
          "{\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","    \
          "\"message\":{\"role\":\"assistant\",\"content\":\"" content "\"}}]}")
#define GOOD ANSWER("7", "114")
/* Of a million tokens, as its provider counts. */
#define DEAR                                                                                       \
    REPLY(                                                                                         \
        "200 OK", "", "193",                                                                       \
        "{\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","      \
        "\"message\":{\"role\":\"assistant\",\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":1," \
        "\"completion_tokens\":1000000,\"total_tokens\":1000001}}")
#define BAD     ANSWER("x", "114")
#define LIMITED REPLY("429 Too Many Requests", "Retry-After: 20\r\n", "2", "{}")
#define FULL    REPLY("503 Unavailable", "Retry-After: 20\r\n", "2", "{}")
#define BROKEN  REPLY("500 Broken", "", "2", "{}")

static void follow_script(struct peer *peer, struct text request)
{
    size_t who = peer->server == &up.servers[SECOND];
    const char *reply = up.script[who][peer->server->requests - 1];

    (void)request;
    up.last[who] = peer;
    if (reply != NULL)
        peer_say(peer, text_of(reply));
}

static void open_script(const char *endpoint)
{
    int fds[2] = {listen_anywhere(&up.servers[FIRST].port),
                  listen_anywhere(&up.servers[SECOND].port)};
    struct arena arena = {0};
    const struct memory_file files[] = {
        {"pinion.yaml",
         arena_printf(&arena,
                      "workers: 1\nproviders:\n"
                      "  first: {kind: compatible, base_url: \"http://127.0.0.1:%u\", key: [a, b], "
                      "allow_http: true, allow_private: true, breaker: {faults_in_row: 3, open: "
                      "5s}}\n"
                      "  second: {kind: compatible, base_url: \"http://127.0.0.1:%u\", key: c, "
                      "allow_http: true, allow_private: true, breaker: {faults_in_row: 3, open: "
                      "30s}}\n%s",
                      up.servers[FIRST].port, up.servers[SECOND].port,
                      up.settings != NULL ? up.settings : "")},
        {"endpoints/it.yaml",
         arena_printf(&arena, "provider: first\nmodel: m\nsystem: s\n%s", endpoint)},
    };

    signal(SIGPIPE, SIG_IGN);
    open_with(files, 2, 0);
    for (size_t i = 0; i < 2; i++) {
        up.servers[i].watch.ready = on_accept;
        up.servers[i].loop = on.worker.loop;
        up.servers[i].respond = follow_script;
        EXPECT(loop_watch(on.worker.loop, &up.servers[i].watch, fds[i], EPOLLIN));
    }
    arena_release(&arena);
}

#define SCRIPT(who, ...)                                                                           \
    memcpy(up.script[who], ((const char *[4]){__VA_ARGS__}), sizeof up.script[who])

static void close_script(size_t lines)
{
    loop_turn(on.worker.loop, 0);
    server_close(&up.servers[FIRST]);
    server_close(&up.servers[SECOND]);
    close_all(lines);
    memset(&up, 0, sizeof up);
}

#define BOTH "failover: [{provider: second, model: m, on: [error, timeout, rate_limit]}]\n"

static struct request *ask_it(void)
{
    return ask("/it", "{\"message\": \"hi\"}");
}

static void end_with(struct request *request, int status)
{
    finish(request);
    if (on.client.status != status)
        fail_msg("%d: %.*s", on.client.status, TEXT_ARG(buffer_text(&on.client.body)));
    request_free(request);
}

static void expect_asked(unsigned first, unsigned second)
{
    EXPECT_EQ(up.servers[FIRST].requests, first);
    EXPECT_EQ(up.servers[SECOND].requests, second);
}

static struct target_health *health(size_t target)
{
    return on.worker.lease->shared->health.targets[target];
}

/* As after many calls: one in twenty may be hedged. */
static void save_hedges(void)
{
    for (int i = 0; i < 40; i++) {
        retry_budget_enter(&on.gateway.retries, &retry_pace_default);
        retry_budget_leave(&on.gateway.retries);
    }
}

TEST(a_limited_key_rests_and_not_the_target_that_has_another)
{
    open_script(BOTH);
    SCRIPT(FIRST, LIMITED, GOOD, GOOD);
    end_with(ask_it(), 200);
    expect_asked(2, 0);
    end_with(ask_it(), 200);
    expect_asked(3, 0);
    close_script(2);
}

TEST(a_full_target_is_passed_over_however_many_keys_it_has)
{
    struct request *request;

    open_script(BOTH);
    SCRIPT(FIRST, FULL);
    SCRIPT(SECOND, GOOD, GOOD);
    end_with(ask_it(), 200);
    expect_asked(1, 1);
    request = ask_it();
    EXPECT_EQ(request->plan.calls, 2);
    end_with(request, 200);
    expect_asked(1, 2);
    close_script(2);
}

TEST(a_call_that_has_failed_is_not_hedged_any_more)
{
    struct request *request;

    open_script(BOTH "hedge: {after: 50s}\nretry: {times: 1}\n");
    SCRIPT(FIRST, BROKEN, GOOD);
    request = ask_it();
    EXPECT(request->hedge.place > 0);
    TURN_UNTIL(on.worker.loop, request->attempts->ended_us != 0);
    EXPECT(request->hedge.place == 0);
    end_with(request, 200);
    expect_asked(2, 0);
    close_script(1);
}

/* The first target answers once the second has been asked too. */
static void answer_at_last(struct peer *peer, struct text request)
{
    follow_script(peer, request);
    peer_say(up.last[FIRST], TEXT(BAD));
    peer_flush(up.last[FIRST]);
}

TEST(whoever_gave_the_wrong_answer_is_asked_again_hedged_or_not)
{
    struct request *request;

    open_script(BOTH "hedge: {after: 1ms}\noutput_schema: {type: integer}\n"
                     "on_invalid_output: {reask: 1, early: false}\n");
    save_hedges();
    SCRIPT(FIRST, NULL, GOOD);
    up.servers[SECOND].respond = answer_at_last;
    request = ask_it();
    end_with(request, 200);
    expect_asked(2, 1);
    close_script(1);
}

TEST(a_hedge_that_fails_leaves_the_call_that_goes_on_alone)
{
    struct request *request;

    open_script(BOTH "hedge: {after: 1ms}\nretry: {times: 1}\n");
    save_hedges();
    SCRIPT(SECOND, BROKEN);
    request = ask_it();
    TURN_UNTIL(on.worker.loop,
               request->attempts->next != NULL && request->attempts->next->ended_us != 0);
    EXPECT(request->target == request->attempts->target);
    EXPECT(!request->finished);
    peer_say(up.last[FIRST], TEXT(GOOD));
    peer_flush(up.last[FIRST]);
    end_with(request, 200);
    close_script(1);
}

#define PRICES "prices: {first/m: {input: 1, output: 1}, second/m: {input: 1, output: 1}}\n"
#define CHUNK(delta, more)                                                                         \
    "data: {\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" delta "}]" more     \
    "}\n\n"
#define USAGE(output)                                                                              \
    ",\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":" output ",\"total_tokens\":0}"

static void say_and_close(struct peer *peer, struct text request)
{
    follow_script(peer, request);
    peer->ends = true;
}

static void end_stream_at_last(struct peer *peer, struct text request)
{
    follow_script(peer, request);
    peer_say(up.last[FIRST],
             TEXT(CHUNK("{\"content\":\"7\"},\"finish_reason\":\"stop\"", USAGE("400")) //
                  "data: [DONE]\n\n"));
    up.last[FIRST]->ends = true;
    peer_flush(up.last[FIRST]);
}

TEST(a_call_is_charged_all_it_cost_though_it_had_told_of_some_when_it_was_hedged)
{
    struct request *request;

    up.settings = PRICES;
    open_script(BOTH "hedge: {after: 30ms}\n");
    save_hedges();
    SCRIPT(FIRST,
           "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" //
           CHUNK("{\"role\":\"assistant\"}", USAGE("1")));
    up.servers[SECOND].respond = end_stream_at_last;
    request = ask("/it", "{\"message\": \"hi\", \"stream\": true}");
    finish(request);
    EXPECT_EQ(request->attempts->cost_nano, 410000);
    EXPECT_EQ(request->usage.completion_tokens, 400);
    request_free(request);
    expect_asked(1, 1);
    close_script(1);
}

TEST(a_whole_answer_that_is_cut_off_was_paid_for)
{
    struct request *request;

    up.settings = PRICES;
    open_script("retry: {times: 0}\n");
    SCRIPT(FIRST, REPLY("200 OK", "Connection: close\r\n", "999", "{\"choices\":[{\"message\":"));
    up.servers[FIRST].respond = say_and_close;
    request = ask_it();
    finish(request);
    EXPECT_EQ(request->attempts->failure.kind, FAILURE_CUT);
    EXPECT(request->cost_nano > 0);
    EXPECT(!request->usage.reported);
    request_free(request);
    close_script(1);
}

/* A call that came so long ago. */
static struct request *ask_late(uint64_t ago_ms)
{
    struct http_request http = {.method = TEXT("POST"),
                                .path = TEXT("/it"),
                                .headers = on.headers,
                                .header_count = 1,
                                .body = TEXT("{\"message\": \"hi\"}"),
                                .started_us = clock_monotonic_us() - ago_ms * 1000};

    on.headers[0] = (struct http_header){TEXT("authorization"), text_of(on.bearer)};
    buffer_release(&on.client.body);
    on.client = (struct memory_client){.client = {&ops}};
    return request_start(&on.worker, &http, &on.client.client);
}

TEST(a_target_is_not_blamed_for_the_time_that_others_took)
{
    open_script("timeout: {total: 1h}\n");
    for (int i = 0; i < 4; i++)
        end_with(ask_late(3600000 - 300), 504);
    expect_asked(4, 0);
    EXPECT_EQ(breaker_state(&health(0)->breaker, clock_monotonic_ms()), BREAKER_CLOSED);
    close_script(4);
}

TEST(no_provider_is_asked_when_the_time_is_over_before)
{
    open_script("timeout: {total: 1h}\n");
    end_with(ask_late(3600000 - 100), 503);
    EXPECT(answer_has("\"overloaded\""));
    expect_asked(0, 0);
    end_with(ask_late(3600000 + 100), 503);
    expect_asked(0, 0);
    close_script(2);
}

static void answer_now(struct loop_timer *timer)
{
    (void)timer;
    peer_say(up.last[FIRST], TEXT(GOOD));
    peer_flush(up.last[FIRST]);
}

static void answer_late(struct peer *peer, struct text request)
{
    follow_script(peer, request);
    up.late.fire = answer_now;
    loop_start_timer(on.worker.loop, &up.late, loop_now_ms(on.worker.loop) + 60);
}

TEST(a_whole_answer_has_until_the_end_unless_the_endpoint_says_when_it_must_begin)
{
    for (int said = 0; said < 2; said++) {
        struct endpoint *endpoint;

        open_script("");
        endpoint = (struct endpoint *)(uintptr_t)on.worker.lease->config->endpoints;
        endpoint->times.first_byte_ms = 20;
        endpoint->first_token_said = said == 1;
        up.servers[FIRST].respond = answer_late;
        end_with(ask_it(), said == 1 ? 504 : 200);
        loop_stop_timer(on.worker.loop, &up.late);
        close_script(1);
    }
}

static void open_breaker(size_t target)
{
    const struct breaker_rule *rule = &on.worker.lease->config->providers[target].breaker;

    for (int i = 0; i < 3; i++)
        breaker_report(&health(target)->breaker, rule, 0, BREAKER_FAULT, clock_monotonic_ms(), 0);
}

TEST(where_all_are_left_alone_the_caller_is_told_when_the_first_is_tried_again)
{
    open_script(BOTH);
    open_breaker(FIRST);
    open_breaker(SECOND);
    end_with(ask_it(), 503);
    EXPECT(answer_has("\"retry_after\":5"));
    expect_asked(0, 0);
    close_script(1);
}

TEST(a_call_that_is_cut_while_money_for_the_next_attempt_is_found_ends_once)
{
    struct request *request;

    up.settings = "prices: {first/m: {input: 100, output: 100}}\n";
    open_script("output_schema: {type: integer}\nparams: {max_tokens: 100}\n"
                "on_invalid_output: {reask: 1, early: false}\n");
    SCRIPT(FIRST, DEAR, GOOD);
    request = ask_it();
    turn_until(request, STAGE_CALL);
    hold_writer();
    /* the first lease is a few calls' worth, and not a hundred dollars */
    TURN_UNTIL(on.worker.loop, request->reserve != NULL);
    token_cut(&on.gateway, on.token_id);
    finish(request);
    EXPECT_EQ(on.client.status, 401);
    let_writer_go();
    while (on.worker.commands > 0)
        loop_turn(on.worker.loop, 10);
    EXPECT_EQ(on.client.replies, 1);
    expect_asked(1, 0);
    request_free(request);
    close_script(1);
}
