#include "limit/rate.h"

#include "limit/counter.h"
#include "unit.h"

#include <stdlib.h>

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, THREADS = 8 };

TEST(a_limit_passes_exactly_as_often_as_it_says)
{
    struct rate_table *table = rate_table_new(16);
    struct rate_verdict verdict;

    for (uint32_t i = 1; i <= 60; i++) {
        verdict = rate_take(table, 7, 60, MINUTE_MS, 5000);
        EXPECT(verdict.allowed);
        EXPECT_EQ(verdict.limit, 60);
        EXPECT_EQ(verdict.remaining, 60 - i);
        EXPECT_EQ(verdict.reset_s, i);
        EXPECT_EQ(verdict.retry_after_s, 0);
    }
    verdict = rate_take(table, 7, 60, MINUTE_MS, 5000);
    EXPECT(!verdict.allowed);
    EXPECT_EQ(verdict.remaining, 0);
    EXPECT_EQ(verdict.retry_after_s, 1);
    EXPECT_EQ(verdict.reset_s, 60);
    EXPECT(rate_take(table, 8, 60, MINUTE_MS, 5000).allowed); /* another key, another counter */
    rate_table_free(table);
}

/* The limits here have steps that are no whole milliseconds, too. */
TEST(a_limit_of_any_size_passes_exactly_that_many_at_once)
{
    static const uint32_t limits[] = {1, 2, 3, 7, 60, 61, 999, 1000, 12345, 59999, 60001, 245001};
    struct rate_table *table = rate_table_new(64);

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        uint32_t passed = 0;

        for (uint32_t call = 0; call < limits[i] + 5; call++)
            passed += rate_take(table, i, limits[i], MINUTE_MS, 1000).allowed;
        EXPECT_EQ(passed, limits[i]);
    }
    rate_table_free(table);
}

TEST(what_retry_after_says_is_true)
{
    struct rate_table *table = rate_table_new(16);
    uint64_t now_ms = 123456;
    struct rate_verdict refused;

    for (int i = 0; i < 3; i++)
        EXPECT(rate_take(table, 1, 3, HOUR_MS, now_ms).allowed);
    now_ms += 100;
    refused = rate_take(table, 1, 3, HOUR_MS, now_ms);
    EXPECT(!refused.allowed);
    EXPECT_EQ(refused.retry_after_s, 1200); /* 1,199.9 s, in whole ones */
    EXPECT(!rate_take(table, 1, 3, HOUR_MS, now_ms + 1199 * 1000).allowed);
    EXPECT(rate_take(table, 1, 3, HOUR_MS, now_ms + 1200 * 1000).allowed);
    EXPECT(!rate_take(table, 1, 3, HOUR_MS, now_ms + 1200 * 1000).allowed);
    rate_table_free(table);
}

TEST(a_refusal_costs_nothing)
{
    struct rate_table *table = rate_table_new(16);

    EXPECT(rate_take(table, 1, 1, 1000, 0).allowed);
    for (uint64_t ms = 0; ms < 1000; ms++)
        EXPECT(!rate_take(table, 1, 1, 1000, ms).allowed);
    EXPECT(rate_take(table, 1, 1, 1000, 1000).allowed);
    rate_table_free(table);
}

TEST(a_call_given_back_can_be_taken_again)
{
    struct rate_table *table = rate_table_new(16);
    struct rate_verdict taken;

    rate_take(table, 1, 2, MINUTE_MS, 10);
    taken = rate_take(table, 1, 2, MINUTE_MS, 10);
    EXPECT(taken.allowed);
    EXPECT(!rate_take(table, 1, 2, MINUTE_MS, 10).allowed);
    rate_correct(table, 1, MINUTE_MS, &taken, 0, 10);
    EXPECT(rate_take(table, 1, 2, MINUTE_MS, 10).allowed);
    EXPECT(!rate_take(table, 1, 2, MINUTE_MS, 10).allowed);
    rate_correct(table, 99, MINUTE_MS, &taken, 0, 10); /* a key nobody knows: nothing */
    EXPECT(!rate_take(table, 1, 2, MINUTE_MS, 10).allowed);
    rate_table_free(table);
}

TEST(looking_takes_nothing_and_says_what_taking_would)
{
    struct rate_table *table = rate_table_new(16);
    struct rate_verdict seen = rate_look(table, 1, 3, MINUTE_MS, 1, 10);

    EXPECT(seen.allowed);
    EXPECT_EQ(seen.remaining, 3);
    EXPECT_EQ(seen.reset_s, 0);
    for (int i = 0; i < 3; i++)
        EXPECT(rate_take(table, 1, 3, MINUTE_MS, 10).allowed);
    seen = rate_look(table, 1, 3, MINUTE_MS, 1, 10);
    EXPECT(!seen.allowed);
    EXPECT_EQ(seen.remaining, 0);
    EXPECT_EQ(seen.retry_after_s, 20);
    EXPECT_EQ(seen.reset_s, 60);
    rate_table_free(table);
}

/* --- weights --- */

TEST(weights_add_up_to_the_limit)
{
    struct rate_table *table = rate_table_new(16);
    struct rate_verdict verdict = rate_charge(table, 1, 1000, MINUTE_MS, 700, 10);

    EXPECT(verdict.allowed);
    EXPECT_EQ(verdict.remaining, 300);
    verdict = rate_charge(table, 1, 1000, MINUTE_MS, 301, 10);
    EXPECT(!verdict.allowed);
    EXPECT_EQ(verdict.remaining, 300);
    EXPECT_EQ(verdict.retry_after_s, 1); /* 60 ms, in whole seconds */
    EXPECT(rate_charge(table, 1, 1000, MINUTE_MS, 300, 10).allowed);
    verdict = rate_charge(table, 1, 1000, MINUTE_MS, 500, 10);
    EXPECT_EQ(verdict.retry_after_s, 30);
    EXPECT(!rate_charge(table, 1, 1000, MINUTE_MS, 500, 30009).allowed);
    EXPECT(rate_charge(table, 1, 1000, MINUTE_MS, 500, 30010).allowed);
    rate_table_free(table);
}

TEST(a_weight_above_the_limit_passes_when_nothing_is_taken_and_is_made_up_for)
{
    struct rate_table *table = rate_table_new(16);
    struct rate_verdict verdict;

    EXPECT(rate_charge(table, 1, 1000, MINUTE_MS, 1, 0).allowed);
    verdict = rate_charge(table, 1, 1000, MINUTE_MS, 2500, 0);
    EXPECT(!verdict.allowed);
    EXPECT_EQ(verdict.retry_after_s, 1);
    verdict = rate_charge(table, 1, 1000, MINUTE_MS, 2500, 1000);
    EXPECT(verdict.allowed);
    EXPECT_EQ(verdict.remaining, 0);
    EXPECT_EQ(verdict.reset_s, 150);
    EXPECT_EQ(rate_charge(table, 1, 1000, MINUTE_MS, 1, 1000).retry_after_s, 91); /* 90.06 s */
    EXPECT(!rate_charge(table, 1, 1000, MINUTE_MS, 1, 91000).allowed);
    EXPECT(rate_charge(table, 1, 1000, MINUTE_MS, 1, 92000).allowed);
    rate_table_free(table);
}

TEST(a_weight_that_was_less_is_given_back_and_one_that_was_more_is_taken)
{
    struct rate_table *table = rate_table_new(16);
    struct rate_verdict taken = rate_charge(table, 1, 1000, MINUTE_MS, 1000, 0);

    rate_correct(table, 1, MINUTE_MS, &taken, 400, 0);
    EXPECT_EQ(rate_look(table, 1, 1000, MINUTE_MS, 1, 0).remaining, 600);
    taken = rate_charge(table, 1, 1000, MINUTE_MS, 100, 0);
    rate_correct(table, 1, MINUTE_MS, &taken, 1100, 0); /* in all 1,500 of 1,000 */
    EXPECT_EQ(rate_look(table, 1, 1000, MINUTE_MS, 1, 0).remaining, 0);
    EXPECT(!rate_charge(table, 1, 1000, MINUTE_MS, 1, 30000).allowed);
    EXPECT(rate_charge(table, 1, 1000, MINUTE_MS, 1, 30060).allowed);
    taken = rate_charge(table, 2, 1000, MINUTE_MS, 10, 0);
    rate_correct(table, 3, MINUTE_MS, &taken, 510, 0); /* its counter was forgotten meanwhile */
    EXPECT_EQ(rate_look(table, 3, 1000, MINUTE_MS, 1, 0).remaining, 500);
    rate_table_free(table);
}

TEST(what_has_come_back_by_itself_is_not_given_back_again)
{
    struct rate_table *table = rate_table_new(16);
    struct rate_verdict first = rate_charge(table, 1, 1000, MINUTE_MS, 1000, 0);

    EXPECT(rate_charge(table, 1, 1000, MINUTE_MS, 1000, 60000).allowed);
    rate_correct(table, 1, MINUTE_MS, &first, 0, 60001);
    EXPECT_EQ(rate_look(table, 1, 1000, MINUTE_MS, 1, 60001).remaining, 0);
    rate_table_free(table);
}

TEST(the_greatest_weights_are_no_overflow)
{
    struct rate_table *table = rate_table_new(16);
    struct rate_verdict taken = rate_charge(table, 1, 1, HOUR_MS, UINT64_MAX, 1);

    EXPECT(taken.allowed);
    for (int i = 0; i < 3; i++) {
        rate_correct(table, 1, HOUR_MS, &taken, UINT64_MAX, 1);
        taken.cost = 1;
    }
    EXPECT(!rate_charge(table, 1, 1, HOUR_MS, 1, (uint64_t)365 * 24 * HOUR_MS).allowed);
    rate_table_free(table);
}

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

/* Every span of one window's length is looked at, by the instants of the calls that passed. */
TEST(no_window_sees_twice_the_limit_and_the_long_run_keeps_it)
{
    enum { CALLS = 20000 };
    static uint64_t passed_ms[CALLS];

    for (uint32_t limit = 1; limit < 20; limit += 3) {
        struct rate_table *table = rate_table_new(1);
        uint64_t now_ms = 0;
        size_t count = 0, first = 0;

        seed = limit;
        for (int i = 0; i < CALLS; i++) {
            now_ms += draw(50) == 0 ? draw(3000) : draw(20);
            if (rate_take(table, 1, limit, 1000, now_ms).allowed)
                passed_ms[count++] = now_ms;
        }
        for (size_t i = 0; i < count; i++) {
            while (passed_ms[i] - passed_ms[first] >= 1000)
                first++;
            EXPECT(i - first + 1 <= 2 * limit - 1);
        }
        EXPECT(count <= limit + now_ms * limit / 1000);
        rate_table_free(table);
    }
}

/* Estimates far from what comes of them, corrected after calls of any length: what was really used
 * keeps to the limit in the long run. */
TEST(corrected_weights_keep_to_the_limit_in_the_long_run)
{
    enum { CALLS = 20000, OPEN = 16, LIMIT = 500 };
    struct {
        struct rate_verdict taken;
        uint64_t used, ends_ms;
    } open[OPEN] = {0};
    struct rate_table *table = rate_table_new(1);
    uint64_t now_ms = 0, used = 0, most = 0;

    seed = 5;
    for (int i = 0; i < CALLS; i++) {
        size_t at = (size_t)draw(OPEN);

        now_ms += draw(30);
        if (open[at].ends_ms > now_ms)
            continue;
        if (open[at].ends_ms > 0)
            rate_correct(table, 1, 1000, &open[at].taken, open[at].used, now_ms);
        open[at].ends_ms = 0;
        open[at].taken = rate_charge(table, 1, LIMIT, 1000, 1 + draw(300), now_ms);
        if (!open[at].taken.allowed)
            continue;
        open[at].used = draw(2) == 0 ? draw(30) : draw(600);
        open[at].ends_ms = now_ms + 1 + draw(2000);
        used += open[at].used;
        most = open[at].used > most ? open[at].used : most;
    }
    EXPECT(used > now_ms * LIMIT / 1000 / 2); /* it was of use, too */
    EXPECT(used <= now_ms * LIMIT / 1000 + LIMIT + OPEN * most);
    rate_table_free(table);
}

TEST(a_steady_caller_at_its_limit_is_never_refused)
{
    struct rate_table *table = rate_table_new(1);

    for (uint64_t i = 0; i < 100000; i++)
        EXPECT(rate_take(table, 1, 60, MINUTE_MS, i * 1000).allowed);
    rate_table_free(table);
}

TEST(a_limit_lowered_at_run_time_is_kept_and_says_when)
{
    struct rate_table *table = rate_table_new(1);
    struct rate_verdict refused;

    for (int i = 0; i < 60; i++)
        rate_take(table, 1, 60, MINUTE_MS, 0);
    refused = rate_take(table, 1, 2, MINUTE_MS, 0);
    EXPECT(!refused.allowed);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(refused.retry_after_s, 30);
    EXPECT(rate_take(table, 1, 2, MINUTE_MS, 30000).allowed);
    rate_table_free(table);
}

TEST(counters_that_are_full_again_make_room)
{
    struct rate_table *table = rate_table_new(8);

    for (uint64_t round = 0; round < 1000; round++)
        for (uint64_t key = 0; key < 8; key++)
            EXPECT(rate_take(table, round * 8 + key, 1, 1000, round * 10000).allowed);
    EXPECT(counters_segments((struct counters *)table) <= 2); /* rates are its first member */
    rate_table_free(table);
}

TEST(a_full_table_grows_and_forgets_nobody)
{
    struct rate_table *table = rate_table_new(8);

    for (uint64_t key = 0; key < 100; key++)
        EXPECT(rate_take(table, key, 1, MINUTE_MS, 0).allowed);
    for (uint64_t key = 0; key < 100; key++)
        EXPECT(!rate_take(table, key, 1, MINUTE_MS, 0).allowed);
    rate_table_free(table);
}

TEST(a_table_at_its_bound_refuses_no_new_key)
{
    struct rate_table *table = rate_table_new(1);

    for (uint64_t key = 0; key < 5000; key++)
        EXPECT(rate_take(table, key, 1, MINUTE_MS, 0).allowed);
    EXPECT_EQ(counters_segments((struct counters *)table), COUNTER_STEPS_MAX);
    rate_table_free(table);
}

TEST(as_many_are_inside_as_the_limit_says)
{
    struct rate_table *table = rate_table_new(4);

    EXPECT(rate_enter(table, 0, 2));
    EXPECT(rate_enter(table, 0, 2));
    EXPECT(!rate_enter(table, 0, 2));
    EXPECT(rate_enter(table, 1, 1));
    EXPECT_EQ(rate_inside(table, 0), 2);
    rate_leave(table, 0);
    EXPECT(rate_enter(table, 0, 2));
    rate_leave(table, 0);
    rate_leave(table, 0);
    rate_leave(table, 1);
    rate_table_free(table);
}

TEST(nobody_inside_is_forgotten_and_empty_places_make_room)
{
    struct rate_table *table = rate_table_new(4);

    EXPECT(rate_enter(table, 1, 1));
    for (uint64_t key = 100; key < 10000; key++) {
        EXPECT(rate_enter(table, key, 1));
        rate_leave(table, key);
    }
    EXPECT(!rate_enter(table, 1, 1));
    rate_leave(table, 1);
    EXPECT(rate_enter(table, 1, 1));
    rate_table_free(table);
}

/* ---- Threads ---- */

struct crowd {
    struct rate_table *table;
    pthread_barrier_t start;
    _Atomic uint32_t passed[64], tried[64];
    _Atomic uint32_t inside[4], most_inside[4];
    uint32_t limit;
    _Atomic uint64_t now_ms;
};
struct member {
    struct crowd *crowd;
    uint64_t seed;
};

static void run_threads(struct crowd *crowd, void *(*run)(void *member))
{
    pthread_t threads[THREADS];
    struct member members[THREADS];

    pthread_barrier_init(&crowd->start, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        members[i] = (struct member){crowd, i + 1};
        assert_int_equal(pthread_create(&threads[i], NULL, run, &members[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&crowd->start);
}

static void *take_many(void *pointer)
{
    struct member *member = pointer;
    struct crowd *crowd = member->crowd;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < 125; i++)
        crowd->passed[0] += rate_take(crowd->table, 42, crowd->limit, MINUTE_MS, 77).allowed;
    return NULL;
}

TEST(of_a_thousand_calls_at_once_exactly_the_limit_passes)
{
    for (uint32_t round = 0; round < 50; round++) {
        struct crowd crowd = {.table = rate_table_new(1), .limit = 1 + round * 19};

        run_threads(&crowd, take_many);
        EXPECT_EQ(crowd.passed[0], crowd.limit < 1000 ? crowd.limit : 1000);
        rate_table_free(crowd.table);
    }
}

/* Each takes 3 and finds that it was 1: at the end the limit is used up by ones. */
static void *take_and_correct(void *pointer)
{
    struct member *member = pointer;
    struct crowd *crowd = member->crowd;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < 2000; i++) {
        struct rate_verdict taken = rate_charge(crowd->table, 42, crowd->limit, MINUTE_MS, 3, 77);

        crowd->passed[0] += taken.allowed;
        if (taken.allowed)
            rate_correct(crowd->table, 42, MINUTE_MS, &taken, 1, 77);
    }
    return NULL;
}

TEST(corrections_of_many_threads_lose_nothing)
{
    struct crowd crowd = {.table = rate_table_new(1), .limit = 10000};
    uint32_t left;

    run_threads(&crowd, take_and_correct);
    left = rate_look(crowd.table, 42, crowd.limit, MINUTE_MS, 1, 77).remaining;
    EXPECT_EQ(crowd.passed[0] + left, crowd.limit);
    EXPECT(left < 3 * THREADS);
    rate_table_free(crowd.table);
}

static unsigned member_draw(struct member *member, unsigned below)
{
    member->seed = member->seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(member->seed >> 33) % below;
}

static void *take_of_many_keys(void *pointer)
{
    struct member *member = pointer;
    struct crowd *crowd = member->crowd;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < 400; i++) {
        unsigned key = member_draw(member, 64);

        crowd->tried[key]++;
        crowd->passed[key] += rate_take(crowd->table, crowd->now_ms / 10000 * 16 + key,
                                        crowd->limit, 1000, crowd->now_ms)
                                  .allowed;
    }
    return NULL;
}

/* Each round the counters of the last are idle, a quarter of the keys is new and there is no room
 * for all, so that threads displace counters that others are about to take from. */
TEST(counters_stay_exact_while_others_are_displaced)
{
    struct crowd crowd = {.table = rate_table_new(1), .limit = 5};

    for (uint64_t round = 1; round <= 200; round++) {
        crowd.now_ms = round * 10000;
        for (size_t key = 0; key < 64; key++)
            crowd.passed[key] = crowd.tried[key] = 0;
        run_threads(&crowd, take_of_many_keys);
        for (size_t key = 0; key < 64; key++)
            EXPECT_EQ(crowd.passed[key], crowd.tried[key] < 5 ? crowd.tried[key] : 5);
    }
    rate_table_free(crowd.table);
}

static void *enter_and_leave(void *pointer)
{
    struct member *member = pointer;
    struct crowd *crowd = member->crowd;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < 5000; i++) {
        unsigned key = member_draw(member, 4);
        uint64_t passer_by = 1000 + member_draw(member, 500); /* displaces empty places */
        bool entered = rate_enter(crowd->table, passer_by, 1000);
        uint32_t inside;

        if (rate_enter(crowd->table, key, 3)) {
            inside = ++crowd->inside[key];
            if (inside > crowd->most_inside[key])
                crowd->most_inside[key] = inside;
            crowd->inside[key]--;
            rate_leave(crowd->table, key);
        }
        if (entered)
            rate_leave(crowd->table, passer_by);
    }
    return NULL;
}

TEST(threads_are_never_more_inside_than_the_limit)
{
    struct crowd crowd = {.table = rate_table_new(1)};

    run_threads(&crowd, enter_and_leave);
    for (size_t key = 0; key < 4; key++)
        EXPECT(crowd.most_inside[key] <= 3);
    rate_table_free(crowd.table);
}
