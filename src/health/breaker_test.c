#include "together.h"
#include "unit.h"

#include "health/breaker.h"

#include <pthread.h>
#include <stdbool.h>

static const struct breaker_rule *const rule = &breaker_rule_default;

enum { NO_JITTER = 0, MOST_JITTER = 0xFFFFFFFF };

/* One call from asking to its end, at one instant. */
static enum breaker_change call(struct breaker *breaker, enum breaker_verdict verdict,
                                uint64_t now_ms)
{
    struct breaker_pass pass = breaker_ask(breaker, rule, now_ms);

    EXPECT(pass.answer != BREAKER_WAIT);
    return breaker_report(breaker, rule, pass.ticket, verdict, now_ms, NO_JITTER);
}

static void open_it(struct breaker *breaker, uint64_t now_ms)
{
    for (int i = 0; i < 4; i++)
        EXPECT_EQ(call(breaker, BREAKER_FAULT, now_ms), BREAKER_SAME);
    EXPECT_EQ(call(breaker, BREAKER_FAULT, now_ms), BREAKER_OPENED);
}

static void expect_open_for(struct breaker *breaker, uint64_t now_ms, uint64_t wait_ms)
{
    struct breaker_pass pass = breaker_ask(breaker, rule, now_ms);

    EXPECT_EQ(pass.answer, BREAKER_WAIT);
    EXPECT_EQ(pass.wait_ms, wait_ms);
    EXPECT_EQ(breaker_state(breaker, now_ms), BREAKER_OPEN);
}

TEST(a_new_breaker_lets_calls_through)
{
    struct breaker breaker = {0};

    EXPECT_EQ(breaker_ask(&breaker, rule, 5).answer, BREAKER_CALL);
    EXPECT_EQ(breaker_state(&breaker, 5), BREAKER_CLOSED);
}

TEST(five_faults_in_a_row_open_it_for_half_a_minute)
{
    struct breaker breaker = {0};

    open_it(&breaker, 1000);
    expect_open_for(&breaker, 1000, 30000);
    expect_open_for(&breaker, 30999, 1);
    EXPECT_EQ(breaker_state(&breaker, 31000), BREAKER_HALF_OPEN);
}

TEST(a_success_between_faults_starts_the_row_anew)
{
    struct breaker breaker = {0};

    for (int i = 0; i < 4; i++)
        call(&breaker, BREAKER_FAULT, 1000);
    call(&breaker, BREAKER_OK, 1000);
    open_it(&breaker, 1000);
}

TEST(what_is_not_the_targets_fault_counts_neither_for_nor_against)
{
    struct breaker breaker = {0};

    for (int i = 0; i < 100; i++)
        EXPECT_EQ(call(&breaker, BREAKER_NEUTRAL, 1000), BREAKER_SAME);
    for (int i = 0; i < 4; i++)
        EXPECT_EQ(call(&breaker, BREAKER_FAULT, 1000), BREAKER_SAME);
    call(&breaker, BREAKER_NEUTRAL, 1000); /* does not end the row either */
    EXPECT_EQ(call(&breaker, BREAKER_FAULT, 1000), BREAKER_OPENED);
}

/* Successes and faults by turns, so that no row is long. */
static enum breaker_change alternate(struct breaker *breaker, int count, uint64_t now_ms)
{
    enum breaker_change last = BREAKER_SAME;

    for (int i = 0; i < count && last == BREAKER_SAME; i++)
        last = call(breaker, i % 2 == 0 ? BREAKER_FAULT : BREAKER_OK, now_ms);
    return last;
}

TEST(half_of_twenty_calls_in_the_window_open_it)
{
    struct breaker breaker = {0};

    EXPECT_EQ(alternate(&breaker, 10, 1000), BREAKER_SAME);
    EXPECT_EQ(alternate(&breaker, 9, 9000), BREAKER_SAME);
    EXPECT_EQ(call(&breaker, BREAKER_OK, 9999), BREAKER_OPENED);
}

TEST(less_than_half_does_not_open_it)
{
    struct breaker breaker = {0};

    call(&breaker, BREAKER_OK, 1000);
    call(&breaker, BREAKER_OK, 1000);
    for (int i = 0; i < 500; i++)
        EXPECT_EQ(alternate(&breaker, 2, 1000), BREAKER_SAME);
    call(&breaker, BREAKER_FAULT, 1000);
    EXPECT_EQ(call(&breaker, BREAKER_FAULT, 1000), BREAKER_OPENED);
}

TEST(faults_that_are_older_than_the_window_are_forgotten)
{
    struct breaker breaker = {0};

    EXPECT_EQ(alternate(&breaker, 19, 1000), BREAKER_SAME);
    EXPECT_EQ(alternate(&breaker, 19, 11000), BREAKER_SAME);
    EXPECT_EQ(alternate(&breaker, 19, 21500), BREAKER_SAME);
    EXPECT_EQ(alternate(&breaker, 1, 30900), BREAKER_OPENED);
}

TEST(a_quarter_of_a_million_calls_in_a_tenth_of_the_window_do_not_overflow_it)
{
    struct breaker breaker = {0};
    struct breaker_pass pass = breaker_ask(&breaker, rule, 1000);

    for (int i = 0; i < 300000; i++)
        breaker_report(&breaker, rule, pass.ticket, i % 3 == 0 ? BREAKER_FAULT : BREAKER_OK, 1000,
                       NO_JITTER);
    EXPECT_EQ(breaker_state(&breaker, 1000), BREAKER_CLOSED);
    EXPECT_EQ(alternate(&breaker, 1, 2000), BREAKER_SAME);
}

TEST(jitter_shortens_an_open_period_by_up_to_a_quarter)
{
    struct breaker breaker = {0};

    for (int i = 0; i < 5; i++)
        breaker_report(&breaker, rule, 0, BREAKER_FAULT, 1000, MOST_JITTER);
    expect_open_for(&breaker, 1000, 22501);
}

TEST(half_open_lets_exactly_one_probe_through)
{
    struct breaker breaker = {0};

    open_it(&breaker, 1000);
    EXPECT_EQ(breaker_ask(&breaker, rule, 31000).answer, BREAKER_PROBE);
    for (int i = 0; i < 3; i++) {
        struct breaker_pass pass = breaker_ask(&breaker, rule, 31000);

        EXPECT_EQ(pass.answer, BREAKER_WAIT);
        EXPECT_EQ(pass.wait_ms, 1000);
    }
    EXPECT_EQ(breaker_state(&breaker, 31000), BREAKER_HALF_OPEN);
}

TEST(a_probe_that_succeeds_closes_it_with_a_clean_slate)
{
    struct breaker breaker = {0};

    open_it(&breaker, 1000);
    EXPECT_EQ(call(&breaker, BREAKER_OK, 31000), BREAKER_CLOSED_AGAIN);
    EXPECT_EQ(breaker_state(&breaker, 31000), BREAKER_CLOSED);
    open_it(&breaker, 500000); /* five are needed again */
}

TEST(probes_that_fail_double_the_open_period_up_to_five_minutes)
{
    static const uint64_t periods_ms[] = {60000, 120000, 240000, 300000, 300000};
    struct breaker breaker = {0};
    uint64_t now_ms = 31000;

    open_it(&breaker, 1000);
    for (size_t i = 0; i < 5; i++) {
        EXPECT_EQ(call(&breaker, BREAKER_FAULT, now_ms), BREAKER_OPENED);
        expect_open_for(&breaker, now_ms, periods_ms[i]);
        now_ms += periods_ms[i];
    }
    for (int i = 0; i < 100; i++, now_ms += 300000) {
        EXPECT_EQ(call(&breaker, BREAKER_FAULT, now_ms), BREAKER_OPENED);
        expect_open_for(&breaker, now_ms, 300000);
    }
}

TEST(a_target_that_flaps_is_left_alone_for_longer_each_time)
{
    struct breaker breaker = {0};

    open_it(&breaker, 1000);
    call(&breaker, BREAKER_OK, 31000);
    open_it(&breaker, 60999); /* a moment before it was closed for as long as it was open */
    expect_open_for(&breaker, 60999, 60000);
    call(&breaker, BREAKER_OK, 121000);
    open_it(&breaker, 181000);
    expect_open_for(&breaker, 181000, 30000);
}

TEST(a_probe_that_ends_without_a_verdict_is_released_at_once)
{
    struct breaker breaker = {0};

    open_it(&breaker, 1000);
    EXPECT_EQ(call(&breaker, BREAKER_NEUTRAL, 31000), BREAKER_SAME);
    EXPECT_EQ(breaker_ask(&breaker, rule, 31000).answer, BREAKER_PROBE);
}

TEST(a_probe_that_never_reports_is_given_up)
{
    struct breaker breaker = {0};
    struct breaker_pass lost, next;

    open_it(&breaker, 1000);
    lost = breaker_ask(&breaker, rule, 31000);
    EXPECT_EQ(breaker_ask(&breaker, rule, 150999).answer, BREAKER_WAIT);
    next = breaker_ask(&breaker, rule, 151000);
    EXPECT_EQ(next.answer, BREAKER_PROBE);
    EXPECT_EQ(breaker_report(&breaker, rule, lost.ticket, BREAKER_OK, 151000, NO_JITTER),
              BREAKER_SAME);
    EXPECT_EQ(breaker_state(&breaker, 151000), BREAKER_HALF_OPEN);
    EXPECT_EQ(breaker_report(&breaker, rule, next.ticket, BREAKER_OK, 151000, NO_JITTER),
              BREAKER_CLOSED_AGAIN);
}

TEST(calls_that_began_before_it_opened_change_nothing_when_they_end)
{
    struct breaker breaker = {0};
    struct breaker_pass early = breaker_ask(&breaker, rule, 1000);

    open_it(&breaker, 1000);
    breaker_report(&breaker, rule, early.ticket, BREAKER_OK, 2000, NO_JITTER);
    expect_open_for(&breaker, 2000, 29000);
    breaker_report(&breaker, rule, early.ticket, BREAKER_FAULT, 2000, NO_JITTER);
    expect_open_for(&breaker, 2000, 29000);
    call(&breaker, BREAKER_OK, 31000);
    for (int i = 0; i < 10; i++) /* nor after it closed */
        breaker_report(&breaker, rule, early.ticket, BREAKER_FAULT, 32000, NO_JITTER);
    EXPECT_EQ(breaker_state(&breaker, 32000), BREAKER_CLOSED);
}

TEST(each_way_of_opening_can_be_turned_off)
{
    struct breaker breaker = {0};
    struct breaker_rule never = breaker_rule_default;

    never.faults_in_row = 0;
    never.window_faults_pct = 0;
    for (int i = 0; i < 100; i++)
        breaker_report(&breaker, &never, 0, BREAKER_FAULT, 1000, NO_JITTER);
    never.window_faults_pct = 50;
    never.window_ms = 0;
    for (int i = 0; i < 100; i++)
        breaker_report(&breaker, &never, 0, BREAKER_FAULT, 1000, NO_JITTER);
    EXPECT_EQ(breaker_state(&breaker, 1000), BREAKER_CLOSED);
}

/* ---- Threads ---- */

enum { THREADS = 8, ROUNDS = 20000 };

struct crowd {
    struct breaker breaker;
    pthread_barrier_t start;
    _Atomic uint64_t now_ms;
    _Atomic int out, wrong, probes, opened, closed;
};

/* Gives every probe back at once, so that the place is always free for another: whoever has it must
 * have it alone. */
static void *probe_often(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < ROUNDS; i++) {
        struct breaker_pass pass = breaker_ask(&crowd->breaker, rule, 31000);

        crowd->wrong += pass.answer == BREAKER_CALL;
        if (pass.answer != BREAKER_PROBE)
            continue;
        crowd->wrong += ++crowd->out != 1;
        crowd->probes++;
        crowd->out--;
        breaker_report(&crowd->breaker, rule, pass.ticket, BREAKER_NEUTRAL, 31000, NO_JITTER);
    }
    return NULL;
}

TEST(threads_never_have_two_probes_out)
{
    struct crowd crowd = {0};

    open_it(&crowd.breaker, 1000);
    run_together(THREADS, &crowd.start, probe_often, &crowd);
    EXPECT_EQ(crowd.wrong, 0);
    EXPECT(crowd.probes >= 100);
    EXPECT_EQ(breaker_ask(&crowd.breaker, rule, 31000).answer, BREAKER_PROBE);
}

static void *fail_together(void *pointer)
{
    struct crowd *crowd = pointer;

    for (int i = 0; i < 200; i++) {
        struct breaker_pass pass;

        pthread_barrier_wait(&crowd->start);
        pass = breaker_ask(&crowd->breaker, rule, crowd->now_ms);
        crowd->out += pass.answer == BREAKER_CALL;
        pthread_barrier_wait(&crowd->start);
        for (int j = 0; j < 10; j++)
            crowd->opened += breaker_report(&crowd->breaker, rule, pass.ticket, BREAKER_FAULT,
                                            crowd->now_ms, NO_JITTER) == BREAKER_OPENED;
        if (pthread_barrier_wait(&crowd->start) == PTHREAD_BARRIER_SERIAL_THREAD)
            crowd->now_ms += 400000;
        pthread_barrier_wait(&crowd->start);
        pass = breaker_ask(&crowd->breaker, rule, crowd->now_ms);
        if (pass.answer == BREAKER_PROBE) {
            crowd->probes++;
            crowd->closed += breaker_report(&crowd->breaker, rule, pass.ticket, BREAKER_OK,
                                            crowd->now_ms, NO_JITTER) == BREAKER_CLOSED_AGAIN;
        }
        pthread_barrier_wait(&crowd->start);
        if (pthread_barrier_wait(&crowd->start) == PTHREAD_BARRIER_SERIAL_THREAD)
            crowd->now_ms += 400000; /* so that the next opening is a first one again */
    }
    return NULL;
}

TEST(one_thread_alone_is_told_that_it_opened_and_that_it_closed)
{
    struct crowd crowd = {.now_ms = 1000};

    run_together(THREADS, &crowd.start, fail_together, &crowd);
    EXPECT_EQ(crowd.out, 200 * THREADS);
    EXPECT_EQ(crowd.opened, 200);
    EXPECT_EQ(crowd.probes, 200);
    EXPECT_EQ(crowd.closed, 200);
}

static void *fail_half(void *pointer)
{
    struct crowd *crowd = pointer;
    struct breaker_rule counting = breaker_rule_default;

    counting.faults_in_row = 0;
    counting.window_calls_min = THREADS * ROUNDS;
    pthread_barrier_wait(&crowd->start);
    for (uint64_t i = 0; i < ROUNDS; i++)
        crowd->opened +=
            breaker_report(&crowd->breaker, &counting, 0, i % 2 == 0 ? BREAKER_FAULT : BREAKER_OK,
                           1000 + i / 4, NO_JITTER) == BREAKER_OPENED;
    return NULL;
}

TEST(the_window_counts_every_report_of_every_thread)
{
    struct crowd crowd = {0};

    run_together(THREADS, &crowd.start, fail_half,
                 &crowd); /* opens at the very last report, or a count was lost */
    EXPECT_EQ(crowd.opened, 1);
}
