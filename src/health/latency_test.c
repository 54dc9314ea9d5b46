#include "together.h"
#include "unit.h"

#include "health/latency.h"

#include <pthread.h>

static void note_many(struct latency *latency, unsigned count, uint64_t took_us, uint64_t now_ms)
{
    for (unsigned i = 0; i < count; i++)
        latency_note(latency, took_us, now_ms);
}

/* Within the error that the header states. */
static void expect_about(const struct latency *latency, unsigned pct, uint64_t now_ms,
                         uint64_t expected_us)
{
    uint64_t got_us = 0;

    EXPECT(latency_quantile(latency, pct, 1, now_ms, &got_us));
    EXPECT(got_us * 32 >= expected_us * 31);
    EXPECT(got_us * 32 <= expected_us * 33);
}

TEST(nothing_is_known_of_a_target_that_was_not_called)
{
    static const struct latency latency;
    uint64_t us;

    EXPECT(!latency_quantile(&latency, 95, 0, 1000, &us));
}

TEST(a_quantile_is_within_a_thirtysecond_of_every_time)
{
    for (uint64_t us = LATENCY_MIN_US; us <= LATENCY_MAX_US; us += us / 100 + 1) {
        struct latency latency = {0};

        latency_note(&latency, us, 1000);
        expect_about(&latency, 50, 1000, us);
        expect_about(&latency, 99, 1000, us);
    }
}

TEST(times_beyond_the_range_are_taken_as_its_ends)
{
    struct latency latency = {0};

    latency_note(&latency, 0, 1000);
    latency_note(&latency, UINT64_MAX, 1000);
    expect_about(&latency, 50, 1000, LATENCY_MIN_US);
    expect_about(&latency, 51, 1000, LATENCY_MAX_US);
}

TEST(the_quantile_is_that_of_the_calls_whatever_their_order)
{
    struct latency latency = {0};

    for (uint64_t i = 0; i < 1000; i++) /* 10 ms, 20 ms, ... 10 s */
        latency_note(&latency, (i * 377 % 1000 + 1) * 10000, 1000);
    expect_about(&latency, 1, 1000, 100000);
    expect_about(&latency, 50, 1000, 5000000);
    expect_about(&latency, 95, 1000, 9500000);
    expect_about(&latency, 99, 1000, 9900000);
}

TEST(a_few_slow_calls_do_not_move_the_p95)
{
    struct latency latency = {0};

    note_many(&latency, 95, 200000, 1000);
    note_many(&latency, 5, 30000000, 1000);
    expect_about(&latency, 95, 1000, 200000);
    expect_about(&latency, 96, 1000, 30000000);
}

TEST(with_too_few_calls_there_is_no_quantile)
{
    struct latency latency = {0};
    uint64_t us;

    note_many(&latency, 19, 200000, 1000);
    EXPECT(!latency_quantile(&latency, 95, 20, 1000, &us));
    note_many(&latency, 1, 200000, 1000);
    EXPECT(latency_quantile(&latency, 95, 20, 1000, &us));
}

TEST(calls_are_forgotten_after_a_minute)
{
    struct latency latency = {0};
    uint64_t us;

    note_many(&latency, 100, 9000000, 10000);
    note_many(&latency, 10, 200000, 59999);
    expect_about(&latency, 95, 69999, 9000000);
    expect_about(&latency, 95, 70000, 200000);
    EXPECT(!latency_quantile(&latency, 95, 1, 110000, &us));
}

TEST(a_step_that_is_used_again_begins_empty)
{
    struct latency latency = {0};

    for (uint64_t minute = 0; minute < 5; minute++) {
        note_many(&latency, 100, 100000 << minute, minute * 60000);
        expect_about(&latency, 1, minute * 60000, 100000 << minute);
    }
}

TEST(a_thread_whose_clock_lags_spoils_nothing)
{
    struct latency latency = {0};

    note_many(&latency, 10, 200000, 60000);
    note_many(&latency, 10, 9000000, 59999); /* the step before is still there to count in */
    note_many(&latency, 10, 9000000, 1000);  /* long past: its step counts for 60 s by now */
    expect_about(&latency, 50, 60000, 200000);
    expect_about(&latency, 51, 60000, 9000000);
}

/* ---- Threads ---- */

enum { THREADS = 8, NOTES = 4000 };

struct crowd {
    struct latency latency;
    pthread_barrier_t start;
    _Atomic uint64_t now_ms;
    _Atomic unsigned wrong;
};

static void *note_in_one_step(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    note_many(&crowd->latency, NOTES, 200000, 15000);
    return NULL;
}

TEST(no_call_of_any_thread_is_lost_within_a_step)
{
    struct crowd crowd = {0};
    uint64_t us;

    latency_note(&crowd.latency, 200000, 15000); /* the step has begun */
    run_together(THREADS, &crowd.start, note_in_one_step, &crowd);
    EXPECT(latency_quantile(&crowd.latency, 95, THREADS * NOTES + 1, 15000, &us));
    EXPECT(!latency_quantile(&crowd.latency, 95, THREADS * NOTES + 2, 15000, &us));
}

/* The clock runs through the steps while all note one time and read. */
static void *note_and_read(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < NOTES; i++) {
        uint64_t now_ms = crowd->now_ms += 100, us;

        latency_note(&crowd->latency, 200000, now_ms);
        if (i % 16 == 0 && latency_quantile(&crowd->latency, 95, 1, now_ms, &us))
            crowd->wrong += us < 200000 * 31 / 32 || us > 200000 * 33 / 32;
    }
    return NULL;
}

TEST(threads_read_sane_quantiles_while_steps_turn_and_leave_none_unusable)
{
    struct crowd crowd = {0};
    uint64_t from_ms, us;

    run_together(THREADS, &crowd.start, note_and_read, &crowd);
    EXPECT_EQ(crowd.wrong, 0);
    from_ms = (crowd.now_ms / LATENCY_STEP_MS + 1) * LATENCY_STEP_MS;
    for (uint64_t i = 0; i < 600; i++)
        latency_note(&crowd.latency, 200000, from_ms + i * 100);
    EXPECT(latency_quantile(&crowd.latency, 95, 600, from_ms + 59999, &us));
    EXPECT(!latency_quantile(&crowd.latency, 95, 601, from_ms + 59999, &us));
}
