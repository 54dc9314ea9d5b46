#include "unit.h"

#include "provider/retry_after.h"

#define NOW_MS INT64_C(1795680000000) /* Thu, 26 Nov 2026 08:00:00 GMT */

/* Lines of "name: value". */
static struct retry_after read_lines(const char *lines)
{
    struct retry_after after = {0};
    struct text rest = text_of(lines);

    while (rest.len > 0) {
        struct text value = text_split(&rest, '\n');
        struct text name = text_split(&value, ':');

        retry_after_read(&after, name, text_trim(value));
    }
    return after;
}

static uint64_t wait_ms(const char *lines)
{
    struct retry_after after = read_lines(lines);

    return retry_after_wait_ms(&after, NOW_MS);
}

TEST(a_reply_without_a_hint_has_none)
{
    EXPECT_EQ(wait_ms(""), 0);
    EXPECT_EQ(wait_ms("content-type: application/json\nx-request-id: 7\nretry-afters: 5"), 0);
}

TEST(retry_after_is_in_seconds)
{
    EXPECT_EQ(wait_ms("retry-after: 20"), 20000);
    EXPECT_EQ(wait_ms("Retry-After: 1.5"), 1500);
    EXPECT_EQ(wait_ms("RETRY-AFTER: 0.0004"), 1);
}

TEST(retry_after_may_be_an_http_date)
{
    EXPECT_EQ(wait_ms("retry-after: Thu, 26 Nov 2026 08:00:17 GMT"), 17000);
    EXPECT_EQ(wait_ms("retry-after: Thursday, 26-Nov-26 08:00:17 GMT"), 17000);
    EXPECT_EQ(wait_ms("retry-after: Thu Nov 26 08:00:17 2026"), 17000);
}

TEST(retry_after_ms_goes_first_wherever_it_stands)
{
    EXPECT_EQ(wait_ms("retry-after-ms: 1234\nretry-after: 2"), 1234);
    EXPECT_EQ(wait_ms("retry-after: 2\nretry-after-ms: 1234"), 1234);
    EXPECT_EQ(wait_ms("retry-after-ms: 0.5"), 1);
}

TEST(an_instant_is_measured_from_the_replys_own_date)
{
    EXPECT_EQ(wait_ms("date: Thu, 26 Nov 2026 09:30:00 GMT\n"
                      "retry-after: Thu, 26 Nov 2026 09:30:05 GMT"),
              5000);
    EXPECT_EQ(wait_ms("anthropic-ratelimit-tokens-reset: 2026-11-26T07:00:09Z\n"
                      "date: Thu, 26 Nov 2026 07:00:00 GMT"),
              9000);
    EXPECT_EQ(wait_ms("date: yesterday\nretry-after: Thu, 26 Nov 2026 08:00:05 GMT"), 5000);
}

TEST(resets_of_limits_are_go_durations)
{
    EXPECT_EQ(wait_ms("x-ratelimit-reset-requests: 120ms"), 120);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-requests: 1s"), 1000);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-tokens: 6m0s"), 360000);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-tokens: 1h1m1s"), 3661000);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-requests: 2m59.56s"), 179560);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-tokens: 7.66s"), 7660);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-tokens: 1.5h"), 5400000);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-tokens: 1500\xC2\xB5s"), 2);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-tokens: 900us"), 1);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-tokens: 2000001ns"), 3);
}

TEST(resets_of_limits_are_times_seconds_and_epochs)
{
    EXPECT_EQ(wait_ms("anthropic-ratelimit-requests-reset: 2026-11-26T08:00:30Z"), 30000);
    EXPECT_EQ(wait_ms("anthropic-ratelimit-input-tokens-reset: 2026-11-26T09:00:00+01:00"), 0);
    EXPECT_EQ(wait_ms("anthropic-ratelimit-output-tokens-reset: 2026-11-26T09:00:01+01:00"), 1000);
    EXPECT_EQ(wait_ms("X-RateLimit-Reset: 1795680012345"), 12345);
    EXPECT_EQ(wait_ms("X-RateLimit-Reset: 1795680012"), 12000);
    EXPECT_EQ(wait_ms("x-ratelimit-reset: 12"), 12000);
    EXPECT_EQ(wait_ms("x-ratelimit-reset: 0.25"), 250);
}

TEST(of_several_limits_those_that_are_used_up_count)
{
    EXPECT_EQ(wait_ms("x-ratelimit-remaining-requests: 14000\n"
                      "x-ratelimit-reset-requests: 1h\n"
                      "x-ratelimit-remaining-tokens: 0\n"
                      "x-ratelimit-reset-tokens: 7s"),
              7000);
    EXPECT_EQ(wait_ms("anthropic-ratelimit-output-tokens-remaining: 0\n"
                      "anthropic-ratelimit-output-tokens-reset: 2026-11-26T08:00:03Z\n"
                      "anthropic-ratelimit-tokens-remaining: 0\n"
                      "anthropic-ratelimit-tokens-reset: 2026-11-26T08:00:09Z\n"
                      "anthropic-ratelimit-input-tokens-remaining: 5\n"
                      "anthropic-ratelimit-input-tokens-reset: 2026-11-26T08:00:50Z"),
              9000);
}

TEST(tokens_left_may_be_too_few_but_a_request_left_is_enough)
{
    EXPECT_EQ(wait_ms("x-ratelimit-remaining-requests: 3\n"
                      "x-ratelimit-reset-requests: 1h\n"
                      "x-ratelimit-remaining-tokens: 500\n"
                      "x-ratelimit-reset-tokens: 7s"),
              7000);
    EXPECT_EQ(wait_ms("x-ratelimit-reset-requests: 9s\nx-ratelimit-reset-tokens: 7s"), 9000);
    EXPECT_EQ(wait_ms("x-ratelimit-remaining: 3\nx-ratelimit-reset: 7"), 0);
}

TEST(what_retry_after_says_goes_before_resets)
{
    EXPECT_EQ(wait_ms("x-ratelimit-reset-requests: 1h\nretry-after: 3"), 3000);
}

TEST(a_duration_in_the_body_goes_between_retry_after_and_resets)
{
    struct retry_after after = read_lines("x-ratelimit-reset-requests: 1h");

    retry_after_read_body(&after, TEXT("17s"));
    EXPECT_EQ(retry_after_wait_ms(&after, NOW_MS), 17000);
    retry_after_read(&after, TEXT("retry-after"), TEXT("4"));
    EXPECT_EQ(retry_after_wait_ms(&after, NOW_MS), 4000);
    after = (struct retry_after){0};
    retry_after_read_body(&after, TEXT("0.5s"));
    EXPECT_EQ(retry_after_wait_ms(&after, NOW_MS), 500);
    after = (struct retry_after){0};
    retry_after_read_body(&after, TEXT("soon"));
    EXPECT_EQ(retry_after_wait_ms(&after, NOW_MS), 0);
}

TEST(absurd_values_are_ignored_and_the_next_hint_counts)
{
    static const char *const absurd[] = {
        "",
        "0",
        "-5",
        "+5",
        "1e3",
        "5 ",
        "5s",
        "0x10",
        "nan",
        "Infinity",
        "604801",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "Thu, 26 Nov 2026 08:00:00 GMT",
        "Thu, 26 Nov 2020 08:00:00 GMT",
        "Thu, 26 Nov 2099 08:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    };

    for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++) {
        struct retry_after after = read_lines("x-ratelimit-reset-tokens: 2s");

        retry_after_read(&after, TEXT("retry-after"), text_of(absurd[i]));
        EXPECT_EQ(retry_after_wait_ms(&after, NOW_MS), 2000);
    }
    EXPECT_EQ(wait_ms("retry-after: 604800"), RETRY_AFTER_MAX_MS);
}

TEST(absurd_resets_are_ignored)
{
    static const char *const absurd[] = {
        "",
        "s",
        "1",
        "5",
        "1m1",
        "1d",
        "-1s",
        "1 s",
        ".s",
        "1.2.3s",
        "99999999h",
        "18446744073709551615h",
        "18446744073709551616ns",
        "604801s",
        "999999999",
        "1000000000",
        "18446744073709551615",
        "2026-11-26T07:59:59Z",
        "2026-13-26T08:00:10Z",
        "9999-12-31T23:59:59Z",
    };

    for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++) {
        struct retry_after after = {0};
        bool plain = strlen(absurd[i]) == 1 && absurd[i][0] != 's';

        retry_after_read(&after, TEXT("x-ratelimit-reset-tokens"), text_of(absurd[i]));
        EXPECT_EQ(retry_after_wait_ms(&after, NOW_MS), plain ? (absurd[i][0] - '0') * 1000 : 0);
    }
}

TEST(of_repeated_fields_the_more_careful_counts)
{
    EXPECT_EQ(wait_ms("retry-after: 3\nretry-after: 9\nretry-after: 5"), 9000);
    EXPECT_EQ(wait_ms("retry-after: 3\nretry-after: Thu, 26 Nov 2026 08:00:07 GMT"), 7000);
    EXPECT_EQ(wait_ms("retry-after: 9\nretry-after: Thu, 26 Nov 2026 08:00:07 GMT"), 9000);
    EXPECT_EQ(wait_ms("anthropic-ratelimit-tokens-reset: 2026-11-26T08:00:09Z\n"
                      "anthropic-ratelimit-tokens-reset: 2026-11-26T08:00:05Z"),
              9000);
    EXPECT_EQ(wait_ms("x-ratelimit-remaining: 0\nx-ratelimit-remaining: 3\nx-ratelimit-reset: 7"),
              7000);
}

TEST(a_whole_head_is_read_at_once)
{
    const struct http_head head = {
        .status = 429,
        .fields = TEXT_INIT("date:Thu, 26 Nov 2026 09:30:00 GMT\ncontent-type:text/html\n"
                            "retry-after:Thu, 26 Nov 2026 09:30:05 GMT\nx-should-retry:true\n"),
    };
    struct retry_after after = {0};

    retry_after_read_head(&after, &head);
    EXPECT_EQ(retry_after_wait_ms(&after, NOW_MS), 5000);
    EXPECT_EQ(retry_after_advice(&after), RETRY_ADVICE_YES);
}

static enum retry_advice advice(const char *lines)
{
    struct retry_after after = read_lines(lines);

    return retry_after_advice(&after);
}

TEST(x_should_retry_is_advice)
{
    EXPECT_EQ(advice("retry-after: 3"), RETRY_ADVICE_NONE);
    EXPECT_EQ(advice("x-should-retry: true"), RETRY_ADVICE_YES);
    EXPECT_EQ(advice("X-Should-Retry: False"), RETRY_ADVICE_NO);
    EXPECT_EQ(advice("x-should-retry: maybe"), RETRY_ADVICE_NONE);
    EXPECT_EQ(advice("x-should-retry: true\nx-should-retry: false"), RETRY_ADVICE_NO);
}
