#include "canary/watch.h"

#include "unit.h"

#include <math.h>

static const struct watch_rule five_percent = {
    .refusals = true, .refused_most = 0.05, .min_calls = 50, .window_ms = 600000};
static const struct watch_rule half_more = {
    .cost_ratio = 1.5, .min_calls = 50, .window_ms = 600000};

static struct watch_counts counted(uint64_t calls, uint64_t refused)
{
    return (struct watch_counts){.calls = calls, .refused = refused};
}

static enum canary_why judge(uint64_t calls, uint64_t refused, uint64_t rest, uint64_t rest_refused)
{
    const struct watch_counts counts[] = {counted(calls, refused), counted(rest, rest_refused)};

    return watch_judge(&five_percent, counts);
}

static bool near(double value, double expected)
{
    return fabs(value - expected) <= expected * 1e-9;
}

TEST(the_tails_are_those_of_the_books)
{
    EXPECT(near(watch_binomial_tail(3, 3, 0.5), 0.125));
    EXPECT(near(watch_binomial_tail(2, 3, 0.25), 10.0 / 64));
    EXPECT(near(watch_binomial_tail(10, 10, 0.1), 1e-10));
    EXPECT(watch_binomial_tail(0, 10, 0.1) >= 1);
    EXPECT(watch_binomial_tail(1, 10, 0) <= 0);
    EXPECT(watch_binomial_tail(10, 10, 1) >= 1);
    /* All 3 hits of 6 among 3 drawn: one of 20 ways. 3 or 4 of 4 hits of 8 among 4: 17 of 70. */
    EXPECT(near(watch_drawn_tail(3, 3, 3, 6), 1.0 / 20));
    EXPECT(near(watch_drawn_tail(3, 4, 4, 8), 17.0 / 70));
    EXPECT(watch_drawn_tail(1, 1, 1, 1) >= 1);
    EXPECT(watch_binomial_tail(600000, 1000000, 0.5) < 1e-300); /* many are no trouble */
    EXPECT(watch_drawn_tail(60000, 100000, 500000, 1000000) < 1e-300);
}

TEST(few_calls_say_nothing_however_bad_they_are)
{
    EXPECT_EQ(judge(49, 49, 1000, 0), CANARY_FINE);
    EXPECT_EQ(judge(50, 50, 1000, 0), CANARY_REFUSED);
}

TEST(a_rate_above_the_allowed_one_is_held_against_chance)
{
    EXPECT_EQ(judge(50, 5, 1000, 0), CANARY_FINE); /* 10 %, which 5 % are by chance in one of ten */
    EXPECT_EQ(judge(50, 10, 1000, 0), CANARY_FINE);
    EXPECT_EQ(judge(50, 13, 1000, 0), CANARY_REFUSED);
    EXPECT_EQ(judge(1000, 100, 1000, 0), CANARY_REFUSED); /* 10 % of many are */
    EXPECT_EQ(judge(1000, 50, 1000, 0), CANARY_FINE);     /* 5 % are allowed, whatever the rest */
}

TEST(where_the_rest_fares_as_badly_the_rule_is_not_at_fault)
{
    EXPECT_EQ(judge(200, 40, 1000, 200), CANARY_FINE);
    EXPECT_EQ(judge(200, 40, 1000, 60), CANARY_REFUSED);
    EXPECT_EQ(judge(200, 40, 0, 0), CANARY_REFUSED); /* without a rest the allowed rate decides */
    EXPECT_EQ(judge(200, 40, 49, 20), CANARY_REFUSED);
}

TEST(a_rule_that_allows_no_refusal_is_off_with_the_first_and_one_that_allows_all_never)
{
    struct watch_rule none = five_percent, all = five_percent;
    const struct watch_counts one[] = {counted(50, 1), counted(0, 0)};
    const struct watch_counts bad[] = {counted(50, 50), counted(0, 0)};

    none.refused_most = 0;
    all.refused_most = 1;
    EXPECT_EQ(watch_judge(&none, one), CANARY_REFUSED);
    EXPECT_EQ(watch_judge(&all, bad), CANARY_FINE);
}

/* --- cost ----------------------------------------------------------------------------------------
 */

static void note(struct watch *watch, const struct watch_rule *rule, enum watch_side side,
                 unsigned calls, int64_t cost_nano, uint64_t now_ms)
{
    const struct watch_call call = {.cost_nano = cost_nano};

    for (unsigned i = 0; i < calls; i++)
        watch_note(watch, rule, side, &call, now_ms);
}

static enum canary_why look(const struct watch *watch, const struct watch_rule *rule,
                            uint64_t now_ms)
{
    struct watch_counts counts[WATCH_SIDES];

    watch_sum(watch, rule, now_ms, counts);
    return watch_judge(rule, counts);
}

TEST(a_call_that_costs_exactly_what_is_allowed_is_fine_and_one_that_costs_more_is_not)
{
    struct watch fine = {0}, dear = {0}, unknown = {0}, alone = {0};

    note(&fine, &half_more, WATCH_REST, 100, 1000000, 5);
    note(&fine, &half_more, WATCH_TAKEN, 100, 1500000, 5);
    EXPECT_EQ(look(&fine, &half_more, 5), CANARY_FINE);
    note(&dear, &half_more, WATCH_REST, 100, 1000000, 5);
    note(&dear, &half_more, WATCH_TAKEN, 49, 1500001, 5);
    EXPECT_EQ(look(&dear, &half_more, 5), CANARY_FINE);
    note(&dear, &half_more, WATCH_TAKEN, 1, 1500001, 5);
    EXPECT_EQ(look(&dear, &half_more, 5), CANARY_COST);
    note(&unknown, &half_more, WATCH_REST, 100, 1000000, 5);
    note(&unknown, &half_more, WATCH_TAKEN, 100, -1, 5);
    EXPECT_EQ(look(&unknown, &half_more, 5), CANARY_FINE);
    note(&alone, &half_more, WATCH_REST, 49, 1, 5);
    note(&alone, &half_more, WATCH_TAKEN, 100, 9000000, 5);
    EXPECT_EQ(look(&alone, &half_more, 5), CANARY_FINE);
}

TEST(one_dear_call_is_no_reason)
{
    struct watch watch = {0};

    note(&watch, &half_more, WATCH_REST, 1000, 1000000, 5);
    note(&watch, &half_more, WATCH_TAKEN, 99, 1000000, 5);
    note(&watch, &half_more, WATCH_TAKEN, 1, 1000000000, 5);
    EXPECT_EQ(look(&watch, &half_more, 5), CANARY_FINE);
}

TEST(a_rest_that_costs_nothing_says_nothing)
{
    struct watch watch = {0};

    note(&watch, &half_more, WATCH_REST, 100, 0, 5);
    note(&watch, &half_more, WATCH_TAKEN, 100, 1000000, 5);
    EXPECT_EQ(look(&watch, &half_more, 5), CANARY_FINE);
}

/* --- the window ----------------------------------------------------------------------------------
 */

TEST(what_is_older_than_the_window_is_forgotten_a_part_at_a_time)
{
    struct watch watch = {0};
    struct watch_counts counts[WATCH_SIDES];
    const uint64_t part = five_percent.window_ms / WATCH_SLOTS;

    for (uint64_t i = 0; i < WATCH_SLOTS; i++)
        note(&watch, &five_percent, WATCH_TAKEN, 2, 1, i * part);
    watch_sum(&watch, &five_percent, (WATCH_SLOTS - 1) * part, counts);
    EXPECT_EQ(counts[WATCH_TAKEN].calls, 2 * WATCH_SLOTS);
    watch_sum(&watch, &five_percent, WATCH_SLOTS * part, counts);
    EXPECT_EQ(counts[WATCH_TAKEN].calls, 2 * (WATCH_SLOTS - 1));
    note(&watch, &five_percent, WATCH_TAKEN, 1, 1, WATCH_SLOTS * part);
    note(&watch, &five_percent, WATCH_TAKEN, 1, 1, part / 2); /* a loop that is behind */
    watch_sum(&watch, &five_percent, WATCH_SLOTS * part, counts);
    EXPECT_EQ(counts[WATCH_TAKEN].calls, 2 * WATCH_SLOTS);
    watch_sum(&watch, &five_percent, 10 * WATCH_SLOTS * part, counts);
    EXPECT_EQ(counts[WATCH_TAKEN].calls, 0);
}

/* --- noise, drawn the same every time ------------------------------------------------------------
 */

static uint64_t seed;
static double draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(draw() + 1e-300)) * cos(2 * acos(-1) * draw());
}

struct world {
    double share; /* of the calls that the rule takes */
    double refused[WATCH_SIDES];
    double cost_ratio, spread; /* of costs: of the rule's, and of their logarithms */
};

/* A day of a call a second, in which each one of the rule's is looked at; gives how many of the
 * rule's calls it took until it was switched off, or 0. */
static uint64_t live(const struct world *world, const struct watch_rule *rule, uint64_t day)
{
    struct watch watch = {0};
    uint64_t taken = 0;

    seed = day * 7919 + 1;
    for (uint64_t now_ms = 0; now_ms < 86400000; now_ms += 1000) {
        enum watch_side side = draw() < world->share ? WATCH_TAKEN : WATCH_REST;
        double ratio = side == WATCH_TAKEN ? world->cost_ratio : 1;
        const struct watch_call call = {.refused = draw() < world->refused[side],
                                        .cost_nano =
                                            (int64_t)(1e6 * ratio * exp(world->spread * normal()))};

        watch_note(&watch, rule, side, &call, now_ms);
        taken += side == WATCH_TAKEN;
        if (side == WATCH_TAKEN && look(&watch, rule, now_ms) != CANARY_FINE)
            return taken;
    }
    return 0;
}

static unsigned days_off(const struct world *world, const struct watch_rule *rule, unsigned days)
{
    unsigned off = 0;

    for (unsigned day = 1; day <= days; day++)
        off += live(world, rule, day) > 0;
    return off;
}

TEST(noise_switches_nothing_off_in_weeks_of_a_call_a_second)
{
    const struct watch_rule both = {.refusals = true,
                                    .refused_most = 0.05,
                                    .cost_ratio = 1.5,
                                    .min_calls = 50,
                                    .window_ms = 600000};
    const struct world fine = {0.2, {0.025, 0.025}, 1, 1};
    const struct world allowed = {0.2, {0.05, 0.01}, 1, 1}; /* just what is allowed */
    const struct world all_bad = {0.2, {0.1, 0.1}, 1, 1};   /* twice that, but the rest as well */
    const struct world mostly = {0.5, {0.025, 0.025}, 1, 1.5};

    EXPECT_EQ(days_off(&fine, &both, 5), 0);
    EXPECT_EQ(days_off(&allowed, &both, 5), 0);
    EXPECT_EQ(days_off(&all_bad, &both, 5), 0);
    EXPECT_EQ(days_off(&mostly, &both, 3), 0);
}

TEST(what_is_bad_is_off_within_a_few_hundred_of_its_calls)
{
    const struct world quarter = {0.2, {0.25, 0.01}, 1, 1}, tenth = {0.4, {0.12, 0.01}, 1, 1};
    const struct world dear = {0.2, {0, 0}, 3, 1};

    for (uint64_t day = 1; day <= 5; day++) {
        uint64_t calls = live(&quarter, &five_percent, day);

        EXPECT(calls >= 50 && calls < 120);
        calls = live(&tenth, &five_percent, day);
        EXPECT(calls >= 50 && calls < 1500);
        calls = live(&dear, &half_more, day);
        EXPECT(calls >= 50 && calls < 300);
    }
}
