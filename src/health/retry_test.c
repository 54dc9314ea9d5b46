#include "together.h"
#include "unit.h"

#include "health/retry.h"

#include <pthread.h>

static const struct retry_pace *const pace = &retry_pace_default;

enum { LEAST = 0, HALF = 0x80000000, MOST = 0xFFFFFFFF };

TEST(waits_double_from_half_a_second_to_eight_and_are_anything_below)
{
    static const uint64_t most_ms[] = {500, 1000, 2000, 4000, 8000, 8000};

    for (unsigned i = 0; i < 6; i++) {
        EXPECT_EQ(retry_delay_ms(pace, i, LEAST), 0);
        EXPECT_EQ(retry_delay_ms(pace, i, HALF), most_ms[i] / 2);
        EXPECT_EQ(retry_delay_ms(pace, i, MOST), most_ms[i]);
    }
    EXPECT_EQ(retry_delay_ms(pace, 4000000000, MOST), 8000);
}

TEST(no_attempt_starts_with_less_than_200_ms_left)
{
    EXPECT(retry_in_time(pace, 1000, 0, 1200));
    EXPECT(!retry_in_time(pace, 1000, 0, 1199));
    EXPECT(retry_in_time(pace, 1000, 300, 1500));
    EXPECT(!retry_in_time(pace, 1000, 301, 1500));
    EXPECT(!retry_in_time(pace, 1000, 0, 900));
    EXPECT(!retry_in_time(pace, 1000, UINT64_MAX, UINT64_MAX));
}

static void expect_plan(struct retry_plan plan, enum retry_choice choice, uint64_t wait_ms)
{
    EXPECT_EQ(plan.choice, choice);
    EXPECT_EQ(plan.wait_ms, wait_ms);
}

TEST(without_a_hint_the_wait_is_the_jittered_one)
{
    expect_plan(retry_plan(pace, 0, 0, 1000, 60000, MOST), RETRY_HERE, 500);
    expect_plan(retry_plan(pace, 2, 0, 1000, 60000, HALF), RETRY_HERE, 1000);
}

TEST(a_hint_is_waited_for_in_full_and_a_little_longer)
{
    expect_plan(retry_plan(pace, 0, 4000, 1000, 60000, LEAST), RETRY_HERE, 4000);
    expect_plan(retry_plan(pace, 0, 4000, 1000, 60000, MOST), RETRY_HERE, 4500);
    expect_plan(retry_plan(pace, 0, 30000, 1000, 60000, MOST), RETRY_HERE, 31000);
    expect_plan(retry_plan(pace, 0, 1, 1000, 60000, MOST), RETRY_HERE, 1);
}

TEST(a_hint_of_more_than_a_minute_means_another_target)
{
    expect_plan(retry_plan(pace, 0, 60000, 0, 600000, LEAST), RETRY_HERE, 60000);
    expect_plan(retry_plan(pace, 0, 60001, 0, 600000, LEAST), RETRY_ELSEWHERE, 0);
}

TEST(a_wait_that_the_deadline_does_not_allow_means_another_target)
{
    expect_plan(retry_plan(pace, 0, 800, 1000, 2000, LEAST), RETRY_HERE, 800);
    expect_plan(retry_plan(pace, 0, 801, 1000, 2000, LEAST), RETRY_ELSEWHERE, 0);
    expect_plan(retry_plan(pace, 4, 0, 1000, 2000, MOST), RETRY_ELSEWHERE, 0);
}

TEST(close_to_the_deadline_nothing_starts_any_more)
{
    expect_plan(retry_plan(pace, 0, 0, 1000, 1199, LEAST), RETRY_TOO_LATE, 0);
    expect_plan(retry_plan(pace, 0, 70000, 1000, 1199, LEAST), RETRY_TOO_LATE, 0);
}

/* ---- The budget ---- */

static unsigned take_all(struct retry_budget *budget)
{
    unsigned taken = 0;

    while (retry_budget_take(budget, pace))
        taken++;
    return taken;
}

static void enter_many(struct retry_budget *budget, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        retry_budget_enter(budget, pace);
}

TEST(three_retries_at_once_are_always_allowed)
{
    struct retry_budget budget = {0};

    enter_many(&budget, 1);
    EXPECT_EQ(take_all(&budget), 3);
    enter_many(&budget, 18); /* 19 calls: 20 % is three still */
    EXPECT_EQ(take_all(&budget), 0);
}

TEST(beyond_that_retries_are_a_fifth_of_active_calls)
{
    struct retry_budget budget = {0};

    enter_many(&budget, 104);
    EXPECT_EQ(take_all(&budget), 20);
    retry_budget_enter(&budget, pace);
    EXPECT_EQ(take_all(&budget), 1);
}

TEST(a_retry_that_ends_makes_room_for_another)
{
    struct retry_budget budget = {0};

    enter_many(&budget, 100);
    take_all(&budget);
    retry_budget_give_back(&budget);
    EXPECT_EQ(take_all(&budget), 1);
}

TEST(calls_that_end_take_their_share_with_them)
{
    struct retry_budget budget = {0};

    enter_many(&budget, 100);
    EXPECT_EQ(take_all(&budget), 20);
    for (int i = 0; i < 50; i++)
        retry_budget_leave(&budget);
    for (int i = 0; i < 10; i++) {
        EXPECT(!retry_budget_take(&budget, pace));
        retry_budget_give_back(&budget);
    }
    EXPECT(!retry_budget_take(&budget, pace));
    retry_budget_give_back(&budget);
    EXPECT(retry_budget_take(&budget, pace));
}

TEST(one_call_in_twenty_may_be_hedged)
{
    struct retry_budget budget = {0};
    unsigned hedges = 0;

    for (unsigned calls = 1; calls <= 10000; calls++) {
        retry_budget_enter(&budget, pace);
        hedges += retry_budget_hedge(&budget);
        EXPECT_EQ(hedges, calls / 20);
        retry_budget_leave(&budget);
    }
}

TEST(hedges_that_were_not_needed_are_saved_up_to_a_bound)
{
    struct retry_budget budget = {0};
    unsigned hedges = 0;

    enter_many(&budget, 100000);
    while (retry_budget_hedge(&budget))
        hedges++;
    EXPECT_EQ(hedges, RETRY_HEDGES_SAVED_MAX);
}

TEST(hedging_can_be_turned_off)
{
    struct retry_budget budget = {0};
    struct retry_pace none = retry_pace_default;

    none.hedges_pct = 0;
    for (int i = 0; i < 1000; i++)
        retry_budget_enter(&budget, &none);
    EXPECT(!retry_budget_hedge(&budget));
}

/* ---- Threads ---- */

enum { THREADS = 8, CALLS = 500, ROUNDS = 5000 };

struct crowd {
    struct retry_budget budget;
    pthread_barrier_t start;
    _Atomic unsigned granted, hedged, active, too_many;
};

/* Everybody's calls are active and fail at once. */
static void *fail_together(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    enter_many(&crowd->budget, CALLS);
    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < CALLS; i++)
        crowd->granted += retry_budget_take(&crowd->budget, pace);
    return NULL;
}

TEST(of_calls_that_fail_at_once_exactly_a_fifth_is_retried_whatever_the_threads)
{
    struct crowd crowd = {0};

    run_together(THREADS, &crowd.start, fail_together, &crowd);
    EXPECT_EQ(crowd.granted, THREADS * CALLS / 5);
}

/* A hundred calls stay active; retries and further calls come and go. */
static void *come_and_go(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < ROUNDS; i++) {
        unsigned taken = 0;

        retry_budget_enter(&crowd->budget, pace);
        crowd->hedged += retry_budget_hedge(&crowd->budget);
        while (taken < 5 && retry_budget_take(&crowd->budget, pace)) {
            crowd->too_many += ++crowd->active > (100 + THREADS) / 5;
            taken++;
        }
        crowd->granted += taken;
        for (; taken > 0; taken--) {
            crowd->active--;
            retry_budget_give_back(&crowd->budget);
        }
        retry_budget_leave(&crowd->budget);
    }
    return NULL;
}

TEST(threads_never_have_more_than_the_share_of_retries_out_and_lose_none)
{
    struct crowd crowd = {0};

    enter_many(&crowd.budget, 100);
    run_together(THREADS, &crowd.start, come_and_go, &crowd);
    EXPECT_EQ(crowd.too_many, 0);
    EXPECT(crowd.granted >= 5);
    EXPECT_EQ(crowd.hedged, (100 + THREADS * ROUNDS) / 20);
    EXPECT_EQ(take_all(&crowd.budget), 20);
    for (int i = 0; i < 100; i++)
        retry_budget_leave(&crowd.budget);
    EXPECT_EQ(crowd.budget.word >> 36, 0);
}
