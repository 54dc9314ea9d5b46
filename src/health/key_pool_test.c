#include "together.h"
#include "unit.h"

#include "health/key_pool.h"

#include <pthread.h>

static const struct key_pool_rule *const rule = &key_pool_rule_default;

static struct key_pick pick(struct key_pool *pool, uint64_t now_ms)
{
    return key_pool_pick(pool, rule, 0, now_ms);
}

/* As a call that was given the key without a trial would report. */
static enum key_change tell(struct key_pool *pool, uint32_t key, enum key_verdict verdict,
                            uint64_t hint_ms, uint64_t now_ms)
{
    return key_pool_report(pool, rule, (struct key_pick){.key = key}, verdict, hint_ms, now_ms);
}

/* How often each of the first four keys is picked in `picks` picks. */
static void expect_spread(struct key_pool *pool, uint64_t now_ms, int picks, int a, int b, int c,
                          int d)
{
    int counts[4] = {0};

    for (int i = 0; i < picks; i++) {
        struct key_pick got = pick(pool, now_ms);

        EXPECT_EQ(got.state, KEY_READY);
        EXPECT(!got.trial);
        counts[got.key]++;
    }
    EXPECT_EQ(counts[0], a);
    EXPECT_EQ(counts[1], b);
    EXPECT_EQ(counts[2], c);
    EXPECT_EQ(counts[3], d);
}

static void expect_none(struct key_pool *pool, uint64_t now_ms, uint32_t key, enum key_state state,
                        uint64_t wait_ms)
{
    struct key_pick got = pick(pool, now_ms);

    EXPECT_EQ(got.state, state);
    EXPECT_EQ(got.key, key);
    EXPECT_EQ(got.wait_ms, wait_ms);
}

TEST(calls_rotate_evenly_among_keys)
{
    struct key_pool pool = {.count = 4};

    expect_spread(&pool, 1000, 400, 100, 100, 100, 100);
}

TEST(the_share_of_a_key_that_rests_goes_evenly_to_the_others)
{
    struct key_pool pool = {.count = 4};

    tell(&pool, 1, KEY_LIMITED, 5000, 1000);
    expect_spread(&pool, 1000, 300, 100, 0, 100, 100);
    expect_spread(&pool, 6000, 400, 100, 100, 100, 100);
}

TEST(sixty_four_keys_are_all_used)
{
    struct key_pool pool = {.count = KEY_POOL_MAX};
    uint64_t seen = 0;

    for (int i = 0; i < KEY_POOL_MAX; i++)
        seen |= UINT64_C(1) << pick(&pool, 1000).key;
    EXPECT_EQ(seen, UINT64_MAX);
    EXPECT_EQ(key_pool_pick(&pool, rule, UINT64_MAX >> 1, 1000).key, 63);
}

TEST(a_key_that_was_tried_is_not_given_again)
{
    struct key_pool pool = {.count = 2};

    for (int i = 0; i < 5; i++)
        EXPECT_EQ(key_pool_pick(&pool, rule, 1, 1000).key, 1);
    EXPECT_EQ(key_pool_pick(&pool, rule, 3, 1000).wait_ms, UINT64_MAX);
    EXPECT(key_pool_pick(&pool, rule, 3, 1000).state != KEY_READY);
}

TEST(to_ask_whether_a_key_is_ready_takes_no_turn_and_no_trial)
{
    struct key_pool pool = {.count = 2};

    tell(&pool, 0, KEY_DENIED, 0, 1000);
    EXPECT(key_pool_ready(&pool, 0, 1000));
    EXPECT(!key_pool_ready(&pool, 2, 1000));
    EXPECT(!key_pool_ready(&pool, 3, 3601000));
    for (int i = 0; i < 3; i++)
        EXPECT(key_pool_ready(&pool, 2, 3601000));
    EXPECT(pick(&pool, 3601000).trial);
}

TEST(a_limited_key_rests_for_as_long_as_the_hint_says)
{
    struct key_pool pool = {.count = 1};

    EXPECT_EQ(tell(&pool, 0, KEY_LIMITED, 7000, 1000), KEY_SAME);
    EXPECT_EQ(key_pool_state(&pool, 0, 1000), KEY_COOLING);
    EXPECT_EQ(key_pool_rest_ms(&pool, 0, 1000), 7000);
    expect_none(&pool, 1000, 0, KEY_COOLING, 7000);
    expect_none(&pool, 7999, 0, KEY_COOLING, 1);
    EXPECT_EQ(pick(&pool, 8000).state, KEY_READY);
    EXPECT_EQ(key_pool_state(&pool, 0, 8000), KEY_READY);
    EXPECT_EQ(key_pool_rest_ms(&pool, 0, 8000), 0);
}

TEST(without_a_hint_it_rests_twice_as_long_each_time_up_to_a_minute)
{
    static const uint64_t rests_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    struct key_pool pool = {.count = 1};
    uint64_t now_ms = 1000;

    for (size_t i = 0; i < 8; i++) {
        tell(&pool, 0, KEY_LIMITED, 0, now_ms);
        expect_none(&pool, now_ms, 0, KEY_COOLING, rests_ms[i]);
        now_ms += rests_ms[i];
    }
    for (int i = 0; i < 100; i++, now_ms += 60000)
        tell(&pool, 0, KEY_LIMITED, 0, now_ms);
    tell(&pool, 0, KEY_WORKED, 0, now_ms);
    tell(&pool, 0, KEY_LIMITED, 0, now_ms);
    expect_none(&pool, now_ms, 0, KEY_COOLING, 1000);
}

TEST(calls_that_run_into_one_limit_together_count_as_one)
{
    struct key_pool pool = {.count = 1};

    for (int i = 0; i < 10; i++)
        tell(&pool, 0, KEY_LIMITED, 0, 1000);
    expect_none(&pool, 1000, 0, KEY_COOLING, 1000);
    tell(&pool, 0, KEY_LIMITED, 9000, 1500); /* but the longest hint holds */
    tell(&pool, 0, KEY_LIMITED, 2000, 1500);
    expect_none(&pool, 1500, 0, KEY_COOLING, 9000);
}

TEST(a_success_that_ends_during_the_rest_does_not_end_it)
{
    struct key_pool pool = {.count = 1};

    tell(&pool, 0, KEY_LIMITED, 5000, 1000);
    tell(&pool, 0, KEY_WORKED, 0, 1100);
    expect_none(&pool, 1100, 0, KEY_COOLING, 4900);
    tell(&pool, 0, KEY_DENIED, 0, 1200);
    EXPECT_EQ(tell(&pool, 0, KEY_WORKED, 0, 1300), KEY_SAME);
    EXPECT_EQ(key_pool_state(&pool, 0, 1300), KEY_REFUSED);
}

TEST(a_hint_of_more_than_a_week_is_a_week)
{
    struct key_pool pool = {.count = 1};

    tell(&pool, 0, KEY_LIMITED, UINT64_MAX, 1000);
    expect_none(&pool, 1000, 0, KEY_COOLING, 604800000);
}

TEST(a_key_that_is_refused_raises_the_alarm_once)
{
    struct key_pool pool = {.count = 2};

    EXPECT_EQ(tell(&pool, 0, KEY_DENIED, 0, 1000), KEY_LOST);
    EXPECT_EQ(tell(&pool, 0, KEY_DENIED, 0, 1001), KEY_SAME);
    EXPECT_EQ(key_pool_state(&pool, 0, 1001), KEY_REFUSED);
    expect_spread(&pool, 1001, 100, 0, 100, 0, 0);
}

TEST(a_key_without_money_rests_long_and_a_limit_does_not_shorten_it)
{
    struct key_pool pool = {.count = 1};

    EXPECT_EQ(tell(&pool, 0, KEY_EXHAUSTED, 0, 1000), KEY_LOST);
    tell(&pool, 0, KEY_LIMITED, 1000, 1000);
    expect_none(&pool, 1000, 0, KEY_SPENT, 600000);
    tell(&pool, 0, KEY_EXHAUSTED, 86400000, 1000); /* a day's quota */
    expect_none(&pool, 1000, 0, KEY_SPENT, 86400000);
}

TEST(what_says_nothing_of_the_key_changes_nothing)
{
    struct key_pool pool = {.count = 1};

    EXPECT_EQ(tell(&pool, 0, KEY_UNTOLD, 5000, 1000), KEY_SAME);
    EXPECT_EQ(pick(&pool, 1000).state, KEY_READY);
    tell(&pool, 0, KEY_LIMITED, 5000, 1000);
    tell(&pool, 0, KEY_UNTOLD, 0, 1000);
    expect_none(&pool, 1000, 0, KEY_COOLING, 5000);
}

TEST(when_all_rest_the_soonest_is_named)
{
    struct key_pool pool = {.count = 3};

    tell(&pool, 0, KEY_DENIED, 0, 1000);
    tell(&pool, 1, KEY_LIMITED, 9000, 1000);
    tell(&pool, 2, KEY_LIMITED, 4000, 1000);
    expect_none(&pool, 2000, 2, KEY_COOLING, 3000);
    tell(&pool, 2, KEY_EXHAUSTED, 0, 2000);
    expect_none(&pool, 2000, 1, KEY_COOLING, 8000);
    tell(&pool, 1, KEY_DENIED, 0, 2000);
    expect_none(&pool, 2000, 2, KEY_SPENT, 600000);
}

TEST(after_its_long_rest_one_call_tries_a_key_before_others_may_use_it)
{
    struct key_pool pool = {.count = 2};
    struct key_pick trial;

    tell(&pool, 0, KEY_DENIED, 0, 1000);
    expect_spread(&pool, 3600999, 100, 0, 100, 0, 0);
    trial = pick(&pool, 3601000);
    EXPECT(trial.trial);
    EXPECT_EQ(trial.key, 0);
    EXPECT_EQ(trial.state, KEY_READY);
    expect_spread(&pool, 3601000, 100, 0, 100, 0, 0);
    EXPECT_EQ(key_pool_report(&pool, rule, trial, KEY_WORKED, 0, 3602000), KEY_BACK);
    expect_spread(&pool, 3602000, 100, 50, 50, 0, 0);
    EXPECT_EQ(tell(&pool, 0, KEY_DENIED, 0, 3603000), KEY_LOST); /* news again */
}

TEST(a_trial_that_fails_is_no_news_and_the_rest_begins_anew)
{
    struct key_pool pool = {.count = 1};

    tell(&pool, 0, KEY_DENIED, 0, 1000);
    EXPECT_EQ(key_pool_report(&pool, rule, pick(&pool, 3601000), KEY_DENIED, 0, 3605000), KEY_SAME);
    expect_none(&pool, 3605000, 0, KEY_REFUSED, 3600000);
}

TEST(a_trial_that_is_merely_limited_shows_that_the_key_is_good)
{
    struct key_pool pool = {.count = 1};

    tell(&pool, 0, KEY_EXHAUSTED, 0, 1000);
    EXPECT_EQ(key_pool_report(&pool, rule, pick(&pool, 601000), KEY_LIMITED, 0, 601000), KEY_BACK);
    expect_none(&pool, 601000, 0, KEY_COOLING, 1000);
}

TEST(a_trial_that_tells_nothing_is_made_again_by_the_next_call)
{
    struct key_pool pool = {.count = 1};

    tell(&pool, 0, KEY_DENIED, 0, 1000);
    key_pool_report(&pool, rule, pick(&pool, 3601000), KEY_UNTOLD, 0, 3601500);
    EXPECT(pick(&pool, 3601500).trial);
    EXPECT(!pick(&pool, 3601500).trial);
    EXPECT(pick(&pool, 3601500 + 3600000).trial); /* one that never reports is not waited for */
}

TEST(only_the_trial_brings_a_key_back_and_only_from_a_long_rest)
{
    struct key_pool pool = {.count = 1};
    struct key_pick late;

    tell(&pool, 0, KEY_DENIED, 0, 1000);
    EXPECT_EQ(tell(&pool, 0, KEY_WORKED, 0, 3601000), KEY_SAME); /* began before it was refused */
    EXPECT_EQ(key_pool_state(&pool, 0, 3601000), KEY_REFUSED);
    late = pick(&pool, 3601000);
    key_pool_report(&pool, rule, pick(&pool, 7201000), KEY_WORKED, 0, 7201000);
    tell(&pool, 0, KEY_LIMITED, 5000, 7201000);
    key_pool_report(&pool, rule, late, KEY_UNTOLD, 0, 7201000);
    key_pool_report(&pool, rule, late, KEY_WORKED, 0, 7201000);
    expect_none(&pool, 7201000, 0, KEY_COOLING, 5000);
}

/* ---- Threads ---- */

enum { THREADS = 8, ROUNDS = 300 };

struct crowd {
    struct key_pool pool;
    pthread_barrier_t start;
    _Atomic uint64_t now_ms;
    _Atomic int picked[4], lost, back, trials, out, wrong;
    _Atomic uint64_t hints;
};

static void *pick_many(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < 3000; i++)
        crowd->picked[key_pool_pick(&crowd->pool, rule, 0, 1000).key]++;
    return NULL;
}

TEST(threads_share_one_rotation)
{
    struct crowd crowd = {.pool.count = 4};

    tell(&crowd.pool, 2, KEY_DENIED, 0, 1000);
    run_together(THREADS, &crowd.start, pick_many, &crowd);
    EXPECT_EQ(crowd.picked[0], THREADS * 1000);
    EXPECT_EQ(crowd.picked[1], THREADS * 1000);
    EXPECT_EQ(crowd.picked[2], 0);
    EXPECT_EQ(crowd.picked[3], THREADS * 1000);
}

/* Everybody hears that the key is refused; an hour later everybody asks, and one may try it. */
static void *refuse_and_try(void *pointer)
{
    struct crowd *crowd = pointer;

    for (int i = 0; i < ROUNDS; i++) {
        uint64_t now_ms = crowd->now_ms;
        struct key_pick got;

        pthread_barrier_wait(&crowd->start);
        crowd->lost += tell(&crowd->pool, 0, KEY_DENIED, 0, now_ms) == KEY_LOST;
        if (pthread_barrier_wait(&crowd->start) == PTHREAD_BARRIER_SERIAL_THREAD)
            crowd->now_ms = now_ms += 3600000;
        pthread_barrier_wait(&crowd->start);
        now_ms = crowd->now_ms;
        got = key_pool_pick(&crowd->pool, rule, 0, now_ms);
        crowd->trials += got.trial;
        crowd->wrong += !got.trial && (got.state != KEY_REFUSED || got.wait_ms != 3600000);
        pthread_barrier_wait(&crowd->start);
        if (got.trial)
            crowd->back +=
                key_pool_report(&crowd->pool, rule, got, KEY_WORKED, 0, now_ms) == KEY_BACK;
        pthread_barrier_wait(&crowd->start);
    }
    return NULL;
}

TEST(one_thread_alone_hears_of_a_loss_and_gets_the_trial)
{
    struct crowd crowd = {.pool.count = 1, .now_ms = 1000};

    run_together(THREADS, &crowd.start, refuse_and_try, &crowd);
    EXPECT_EQ(crowd.lost, ROUNDS);
    EXPECT_EQ(crowd.trials, ROUNDS);
    EXPECT_EQ(crowd.back, ROUNDS);
    EXPECT_EQ(crowd.wrong, 0);
}

/* Gives every trial back at once, so that the key is always due for another. */
static void *try_often(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < 20000; i++) {
        struct key_pick got = key_pool_pick(&crowd->pool, rule, 0, 3601000);

        crowd->wrong += !got.trial && (got.state != KEY_REFUSED || got.wait_ms != 3600000);
        if (!got.trial)
            continue;
        crowd->wrong += ++crowd->out != 1;
        crowd->trials++;
        crowd->out--;
        key_pool_report(&crowd->pool, rule, got, KEY_UNTOLD, 0, 3601000);
    }
    return NULL;
}

TEST(threads_never_have_two_trials_of_a_key_out)
{
    struct crowd crowd = {.pool.count = 1};

    tell(&crowd.pool, 0, KEY_DENIED, 0, 1000);
    run_together(THREADS, &crowd.start, try_often, &crowd);
    EXPECT_EQ(crowd.wrong, 0);
    EXPECT(crowd.trials >= 100);
}

/* The longest hint so far must hold after every report. */
static void *hint_often(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < 20000; i++) {
        uint64_t hint_ms = ++crowd->hints;

        tell(&crowd->pool, 0, KEY_LIMITED, hint_ms, 1000);
        crowd->wrong += key_pool_pick(&crowd->pool, rule, 0, 1000).wait_ms < hint_ms;
    }
    return NULL;
}

TEST(no_report_of_any_thread_is_lost)
{
    struct crowd crowd = {.pool.count = 1};

    run_together(THREADS, &crowd.start, hint_often, &crowd);
    EXPECT_EQ(crowd.wrong, 0);
    expect_none(&crowd.pool, 1000, 0, KEY_COOLING, THREADS * 20000);
}
