#include "gateway/health.h"

#include "unit.h"

enum { MINUTE_MS = 60000 };

static void fail_at(struct target_health *target, uint64_t now_ms)
{
    const struct breaker_rule *rule = &breaker_rule_default;

    for (uint32_t i = 0; i < rule->faults_in_row; i++) {
        struct breaker_pass pass = breaker_ask(&target->breaker, rule, now_ms);

        EXPECT(pass.answer == BREAKER_CALL);
        breaker_report(&target->breaker, rule, pass.ticket, BREAKER_FAULT, now_ms, 0);
    }
}

TEST(a_target_is_down_while_its_breaker_is_open_and_degraded_until_it_answers)
{
    const struct breaker_rule *rule = &breaker_rule_default;
    struct target_health target = {0};
    struct breaker_pass probe;

    EXPECT_EQ(target_health_state(&target, 1000), ROUTE_UP);
    fail_at(&target, 1000);
    EXPECT_EQ(target_health_state(&target, 1000), ROUTE_DOWN);
    EXPECT_EQ(target_health_state(&target, 1000 + rule->open_ms), ROUTE_DEGRADED);
    probe = breaker_ask(&target.breaker, rule, 1000 + rule->open_ms);
    EXPECT(probe.answer == BREAKER_PROBE);
    breaker_report(&target.breaker, rule, probe.ticket, BREAKER_OK, 1000 + rule->open_ms, 0);
    EXPECT_EQ(target_health_state(&target, 1000 + rule->open_ms), ROUTE_UP);
}

TEST(a_target_that_asks_to_be_left_alone_is_degraded_until_then)
{
    struct target_health target = {.rests_until_ms = 5000};

    EXPECT_EQ(target_health_state(&target, 4999), ROUTE_DEGRADED);
    EXPECT_EQ(target_health_state(&target, 5000), ROUTE_UP);
}

/* A target that nobody has called says nothing for its provider. */
TEST(a_provider_is_down_when_nothing_of_it_answers)
{
    struct target_health one = {0}, other = {0}, *targets[] = {&one, &other};
    struct provider_targets of[] = {{targets, 2}};
    const struct health_table table = {.of_providers = of, .provider_count = 1};

    EXPECT_EQ(provider_health_state(&table, 0, 1000), ROUTE_UP);
    fail_at(&one, 1000);
    EXPECT_EQ(provider_health_state(&table, 0, 1000), ROUTE_DOWN);
    other.answered_ms = 900;
    EXPECT_EQ(provider_health_state(&table, 0, 1000), ROUTE_DEGRADED);
    other.rests_until_ms = 2000;
    EXPECT_EQ(provider_health_state(&table, 0, 1000), ROUTE_DOWN);
    fail_at(&other, 1000);
    EXPECT_EQ(provider_health_state(&table, 0, 1000), ROUTE_DOWN);
    /* Both may be tried again by then. */
    EXPECT_EQ(provider_health_state(&table, 0, 1000 + MINUTE_MS), ROUTE_DEGRADED);
}

TEST(how_long_a_target_takes_is_known_after_enough_calls_and_kept_for_a_second)
{
    static struct target_health target;
    int64_t ms = -5;

    for (int i = 0; i < TARGET_CALLS_MIN - 1; i++)
        latency_note(&target.latency, 100000, 500);
    EXPECT(!target_p95_ms(&target, 500, &ms));
    latency_note(&target.latency, 100000, 500);
    EXPECT(!target_p95_ms(&target, 900, &ms));
    EXPECT(target_p95_ms(&target, 1000, &ms));
    EXPECT(ms >= 97 && ms <= 104); /* a histogram: 1/32 off at most */
    for (int i = 0; i < 100; i++)
        latency_note(&target.latency, 400000, 1100);
    EXPECT(target_p95_ms(&target, 1900, &ms) && ms <= 104);
    EXPECT(target_p95_ms(&target, 2000, &ms) && ms >= 387);
    EXPECT(!target_p95_ms(&target, 500 + 2 * MINUTE_MS, &ms));
}
