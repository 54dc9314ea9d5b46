#include "base/loop.h"
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the call-backs of a test did, in their order. */
static char trace[4096];
static size_t trace_len;

static void note(char what)
{
    EXPECT(trace_len + 1 < sizeof trace);
    trace[trace_len++] = what;
    trace[trace_len] = '\0';
}

static struct loop *fresh(void)
{
    struct loop *loop = loop_open();

    assert_non_null(loop);
    trace_len = 0;
    trace[0] = '\0';
    return loop;
}

struct end {
    struct loop_watch watch;
    struct loop *loop;
    char name;
    struct end *unwatches; /* on its first event */
    uint32_t events;
};

static void ready(struct loop_watch *watch, uint32_t events)
{
    struct end *end = (struct end *)watch;

    note(end->name);
    end->events = events;
    if (end->unwatches != NULL)
        loop_unwatch(end->loop, &end->unwatches->watch);
}

static void open_pair(struct end *end, struct loop *loop, char name, int *out_far)
{
    int fds[2];

    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    *end = (struct end){.watch.ready = ready, .loop = loop, .name = name};
    *out_far = fds[1];
    EXPECT(loop_watch(loop, &end->watch, fds[0], EPOLLIN));
}

static void close_pair(struct end *end, int far)
{
    loop_unwatch(end->loop, &end->watch);
    close(end->watch.fd);
    close(far);
}

TEST(a_readable_descriptor_is_told_and_a_silent_one_is_not)
{
    struct loop *loop = fresh();
    struct end a, b;
    int far_a, far_b;

    open_pair(&a, loop, 'a', &far_a);
    open_pair(&b, loop, 'b', &far_b);
    EXPECT_EQ(write(far_b, "x", 1), 1);
    loop_dispatch(loop);
    EXPECT_STR(trace, "b");
    EXPECT_EQ(b.events, EPOLLIN);
    close_pair(&a, far_a);
    close_pair(&b, far_b);
    loop_close(loop);
}

TEST(the_loop_is_itself_a_descriptor_that_another_epoll_can_watch)
{
    struct loop *loop = fresh();
    struct epoll_event event = {.events = EPOLLIN};
    int outer = epoll_create1(EPOLL_CLOEXEC);
    struct end a;
    int far;

    open_pair(&a, loop, 'a', &far);
    EXPECT_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, loop_fd(loop), &event), 0);
    EXPECT_EQ(epoll_wait(outer, &event, 1, 0), 0);
    EXPECT_EQ(write(far, "x", 1), 1);
    EXPECT_EQ(epoll_wait(outer, &event, 1, 0), 1);
    close_pair(&a, far);
    close(outer);
    loop_close(loop);
}

TEST(what_is_unwatched_in_a_turn_hears_nothing_more_in_it)
{
    struct loop *loop = fresh();
    struct end a, b;
    int far_a, far_b;

    open_pair(&a, loop, 'a', &far_a);
    open_pair(&b, loop, 'b', &far_b);
    a.unwatches = &b;
    b.unwatches = &a;
    EXPECT_EQ(write(far_a, "x", 1), 1);
    EXPECT_EQ(write(far_b, "x", 1), 1);
    loop_dispatch(loop); /* both are ready; whichever comes first takes the other one out */
    EXPECT_EQ(trace_len, 1);
    loop_dispatch(loop);
    EXPECT_EQ(trace_len, 2);
    EXPECT_EQ(trace[0], trace[1]);
    close_pair(&a, far_a);
    close_pair(&b, far_b);
    loop_close(loop);
}

struct closer {
    struct loop_watch watch;
    struct loop *loop;
    struct end *closes;
};

static void close_other(struct loop_watch *watch, uint32_t events)
{
    struct closer *closer = (struct closer *)watch;

    (void)events;
    note('x');
    if (closer->closes->watch.watched) {
        close(closer->closes->watch.fd);
        loop_forget(closer->loop, &closer->closes->watch);
    }
}

TEST(a_watch_whose_descriptor_was_closed_is_forgotten_with_its_collected_events)
{
    struct loop *loop = fresh();
    struct end other;
    struct closer closer = {.watch.ready = close_other, .loop = loop, .closes = &other};
    int pair[2], far;

    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    EXPECT(loop_watch(loop, &closer.watch, pair[0], EPOLLIN | EPOLLET));
    open_pair(&other, loop, 'o', &far);
    EXPECT_EQ(write(pair[1], "x", 1), 1);
    EXPECT_EQ(write(far, "x", 1), 1);
    loop_dispatch(loop);
    loop_dispatch(loop);
    EXPECT_STR(trace, "x");
    loop_unwatch(loop, &closer.watch);
    close(pair[0]);
    close(pair[1]);
    close(far);
    loop_close(loop);
}

TEST(a_watch_may_take_itself_out_and_be_freed_at_the_end_of_the_turn)
{
    struct loop *loop = fresh();
    struct end *a = malloc(sizeof *a);
    int far;

    assert_non_null(a);
    open_pair(a, loop, 'a', &far);
    a->unwatches = a;
    EXPECT_EQ(write(far, "x", 1), 1);
    loop_dispatch(loop);
    close(a->watch.fd);
    close(far);
    loop_free_later(loop, a);
    loop_dispatch(loop);
    EXPECT_STR(trace, "a");
    loop_close(loop);
}

TEST(an_edge_is_told_once_until_it_is_watched_anew)
{
    struct loop *loop = fresh();
    struct end a;
    int far;

    open_pair(&a, loop, 'a', &far);
    loop_rewatch(loop, &a.watch, EPOLLIN | EPOLLET);
    EXPECT_EQ(write(far, "x", 1), 1);
    loop_dispatch(loop);
    loop_dispatch(loop);
    EXPECT_STR(trace, "a");
    loop_rewatch(loop, &a.watch, EPOLLIN | EPOLLET);
    loop_dispatch(loop);
    EXPECT_STR(trace, "aa");
    close_pair(&a, far);
    loop_close(loop);
}

TEST(a_regular_file_cannot_be_watched)
{
    struct loop *loop = fresh();
    struct loop_watch watch = {.ready = ready};
    FILE *file = tmpfile();

    assert_non_null(file);
    EXPECT(!loop_watch(loop, &watch, fileno(file), EPOLLIN));
    EXPECT(!watch.watched);
    loop_unwatch(loop, &watch);
    fclose(file);
    loop_close(loop);
}

struct alarm {
    struct loop_timer timer;
    struct loop *loop;
    char name;
    unsigned again; /* so many times more, at once */
    struct alarm *stops;
};

static void fire(struct loop_timer *timer)
{
    struct alarm *alarm = (struct alarm *)timer;

    note(alarm->name);
    EXPECT_EQ(timer->place, 0);
    if (alarm->stops != NULL)
        loop_stop_timer(alarm->loop, &alarm->stops->timer);
    if (alarm->again > 0) {
        alarm->again--;
        loop_start_timer(alarm->loop, timer, 1);
    }
}

TEST(timers_fire_in_the_order_of_their_time)
{
    struct loop *loop = fresh();
    struct alarm alarms[26];

    for (int i = 0; i < 26; i++) {
        int place = i * 7 % 26; /* 7 and 26 share no factor: every one once, in no order */

        alarms[place] = (struct alarm){{.fire = fire}, loop, (char)('a' + place), 0, NULL};
        loop_start_timer(loop, &alarms[place].timer, (uint64_t)place + 1);
    }
    loop_dispatch(loop);
    EXPECT_STR(trace, "abcdefghijklmnopqrstuvwxyz");
    loop_close(loop);
}

TEST(a_timer_can_be_moved_and_stopped)
{
    struct loop *loop = fresh();
    struct alarm a = {{.fire = fire}, loop, 'a', 0, NULL};
    struct alarm b = {{.fire = fire}, loop, 'b', 0, NULL};
    struct alarm c = {{.fire = fire}, loop, 'c', 0, NULL};

    loop_start_timer(loop, &a.timer, 1);
    loop_start_timer(loop, &b.timer, 2);
    loop_start_timer(loop, &c.timer, 3);
    loop_start_timer(loop, &a.timer, 4); /* later */
    loop_start_timer(loop, &c.timer, 1); /* earlier */
    loop_stop_timer(loop, &b.timer);
    loop_stop_timer(loop, &b.timer);
    loop_dispatch(loop);
    EXPECT_STR(trace, "ca");
    loop_close(loop);
}

TEST(a_timer_that_another_one_stops_does_not_fire)
{
    struct loop *loop = fresh();
    struct alarm b = {{.fire = fire}, loop, 'b', 0, NULL};
    struct alarm a = {{.fire = fire}, loop, 'a', 0, &b};

    loop_start_timer(loop, &a.timer, 1);
    loop_start_timer(loop, &b.timer, 2);
    loop_dispatch(loop);
    EXPECT_STR(trace, "a");
    loop_close(loop);
}

TEST(a_timer_that_starts_itself_again_at_once_does_not_hold_the_turn)
{
    struct loop *loop = fresh();
    struct alarm a = {{.fire = fire}, loop, 'a', 3, NULL};

    loop_start_timer(loop, &a.timer, 1);
    loop_dispatch(loop);
    EXPECT_STR(trace, "a");
    EXPECT_EQ(loop_wait_ms(loop, 1000), 0);
    loop_dispatch(loop);
    EXPECT_STR(trace, "aa");
    loop_stop_timer(loop, &a.timer);
    loop_close(loop);
}

TEST(a_thousand_timers_started_moved_and_stopped_at_random_stay_in_order)
{
    enum { COUNT = 1000 };
    struct loop *loop = fresh();
    struct alarm *alarms = calloc(COUNT, sizeof *alarms);
    uint32_t seed = 20260101;
    size_t running = 0;

    assert_non_null(alarms);
    for (size_t i = 0; i < COUNT * 20; i++) {
        struct alarm *alarm = &alarms[(seed = seed * 1664525u + 1013904223u) / 7 % COUNT];

        alarm->timer.fire = fire;
        if (seed >> 30 == 0)
            loop_stop_timer(loop, &alarm->timer);
        else
            loop_start_timer(loop, &alarm->timer, UINT64_MAX - (seed >> 8) % 5000);
    }
    for (size_t i = 0; i < COUNT; i++)
        running += alarms[i].timer.place != 0;
    EXPECT(running > 0);
    /* Whatever stands first in the heap must be the earliest of those that still run. */
    while (running-- > 0) {
        struct alarm *first = NULL;
        uint64_t least = UINT64_MAX;

        for (size_t i = 0; i < COUNT; i++) {
            if (alarms[i].timer.place == 1)
                first = &alarms[i];
            if (alarms[i].timer.place != 0 && alarms[i].timer.due_ms < least)
                least = alarms[i].timer.due_ms;
        }
        assert_non_null(first);
        EXPECT_EQ(first->timer.due_ms, least);
        loop_stop_timer(loop, &first->timer);
    }
    free(alarms);
    loop_close(loop);
}

TEST(the_wait_is_bounded_by_the_limit_and_by_the_next_timer)
{
    struct loop *loop = fresh();
    struct alarm a = {{.fire = fire}, loop, 'a', 0, NULL};

    EXPECT_EQ(loop_wait_ms(loop, 700), 700);
    loop_start_timer(loop, &a.timer, loop_now_ms(loop) + 3600000);
    EXPECT_EQ(loop_wait_ms(loop, 700), 700);
    EXPECT(loop_wait_ms(loop, UINT64_MAX) <= 3600000);
    EXPECT(loop_wait_ms(loop, UINT64_MAX) > 3000000);
    loop_start_timer(loop, &a.timer, 1);
    EXPECT_EQ(loop_wait_ms(loop, 700), 0);
    loop_stop_timer(loop, &a.timer);
    loop_close(loop);
}

struct chore {
    struct loop_task task;
    struct loop *loop;
    char name;
    struct chore *defers, *undefers;
};

static void work(struct loop_task *task)
{
    struct chore *chore = (struct chore *)task;

    note(chore->name);
    if (chore->defers != NULL)
        loop_defer(chore->loop, &chore->defers->task);
    if (chore->undefers != NULL)
        loop_undefer(chore->loop, &chore->undefers->task);
}

TEST(deferred_tasks_run_in_order_and_once)
{
    struct loop *loop = fresh();
    struct chore a = {{.run = work}, loop, 'a', NULL, NULL};
    struct chore b = {{.run = work}, loop, 'b', NULL, NULL};

    loop_defer(loop, &a.task);
    loop_defer(loop, &b.task);
    loop_defer(loop, &a.task);
    EXPECT_EQ(loop_wait_ms(loop, 1000), 0);
    loop_dispatch(loop);
    EXPECT_STR(trace, "ab");
    EXPECT_EQ(loop_wait_ms(loop, 1000), 1000);
    loop_close(loop);
}

TEST(what_a_deferred_task_defers_waits_for_the_next_turn)
{
    struct loop *loop = fresh();
    struct chore a = {{.run = work}, loop, 'a', NULL, NULL};

    a.defers = &a;
    loop_defer(loop, &a.task);
    loop_dispatch(loop);
    EXPECT_STR(trace, "a");
    a.defers = NULL;
    loop_dispatch(loop);
    EXPECT_STR(trace, "aa");
    loop_close(loop);
}

TEST(a_deferred_task_can_be_taken_back_from_everywhere_in_the_list)
{
    struct loop *loop = fresh();
    struct chore chores[4];

    for (int without = 0; without < 4; without++) {
        char expected[5] = "abcd";

        for (int i = 0; i < 4; i++) {
            chores[i] = (struct chore){{.run = work}, loop, (char)('a' + i), NULL, NULL};
            loop_defer(loop, &chores[i].task);
        }
        loop_undefer(loop, &chores[without].task);
        loop_undefer(loop, &chores[without].task);
        memmove(expected + without, expected + without + 1, 4 - (size_t)without);
        trace_len = 0;
        loop_dispatch(loop);
        EXPECT_STR(trace, expected);
    }
    loop_close(loop);
}

TEST(a_deferred_task_takes_back_one_of_the_same_turn)
{
    struct loop *loop = fresh();
    struct chore c = {{.run = work}, loop, 'c', NULL, NULL};
    struct chore b = {{.run = work}, loop, 'b', &c, NULL};
    struct chore a = {{.run = work}, loop, 'a', NULL, &c};

    loop_defer(loop, &a.task);
    loop_defer(loop, &b.task);
    loop_defer(loop, &c.task);
    loop_dispatch(loop);
    EXPECT_STR(trace, "ab"); /* c was last of the list, and is queued anew by b */
    a.undefers = NULL;
    loop_defer(loop, &a.task);
    loop_dispatch(loop);
    EXPECT_STR(trace, "abca");
    loop_close(loop);
}

static void count_wake(void *context)
{
    ++*(int *)context;
}

TEST(a_server_loop_is_woken_once_for_what_happens_between_turns)
{
    struct loop *loop = fresh();
    struct chore a = {{.run = work}, loop, 'a', NULL, NULL};
    struct chore b = {{.run = work}, loop, 'b', NULL, NULL};
    struct alarm timer = {{.fire = fire}, loop, 't', 0, NULL};
    int wakes = 0;

    loop_on_wake(loop, count_wake, &wakes);
    loop_defer(loop, &b.task);
    loop_defer(loop, &a.task);
    EXPECT_EQ(wakes, 1);
    a.defers = &b; /* inside of a turn: loop_wait_ms says so instead */
    loop_dispatch(loop);
    EXPECT_EQ(wakes, 1);
    EXPECT_EQ(loop_wait_ms(loop, 1000), 0);
    loop_dispatch(loop);
    loop_start_timer(loop, &timer.timer, 1);
    EXPECT_EQ(wakes, 2);
    loop_dispatch(loop);
    EXPECT_STR(trace, "babt");
    loop_close(loop);
}

struct posting {
    struct loop *loop;
    struct chore chores[1000];
};

static _Atomic unsigned posts_run;

static void count_post(struct loop_task *task)
{
    struct chore *chore = (struct chore *)task;

    /* In the order of posting: this one's forerunner has run. */
    if (chore->undefers != NULL)
        EXPECT_EQ(chore->undefers->name, 'x');
    chore->name = 'x';
    posts_run++;
}

static void *post_all(void *context)
{
    struct posting *posting = context;

    for (size_t i = 0; i < 1000; i++)
        loop_post(posting->loop, &posting->chores[i].task);
    return NULL;
}

TEST(what_other_threads_post_runs_once_each_and_in_their_order)
{
    struct loop *loop = fresh();
    struct posting *postings = calloc(4, sizeof *postings);
    pthread_t threads[4];

    assert_non_null(postings);
    posts_run = 0;
    for (size_t i = 0; i < 4; i++) {
        postings[i].loop = loop;
        for (size_t j = 0; j < 1000; j++)
            postings[i].chores[j] = (struct chore){
                {.run = count_post}, loop, '-', NULL, j ? &postings[i].chores[j - 1] : NULL};
        EXPECT_EQ(pthread_create(&threads[i], NULL, post_all, &postings[i]), 0);
    }
    while (posts_run < 4000)
        loop_turn(loop, 10000);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    EXPECT_EQ(posts_run, 4000);
    free(postings);
    loop_close(loop);
}

struct again {
    struct loop_task task;
    struct loop *loop;
};

static void *post_until_done(void *context)
{
    struct again *again = context;

    for (unsigned i = 0; i < 5000; i++)
        loop_post(again->loop, &again->task);
    return NULL;
}

static void count_again(struct loop_task *task)
{
    (void)task;
    posts_run++;
}

TEST(one_task_posted_again_and_again_by_two_threads_is_never_lost_at_the_end)
{
    struct loop *loop = fresh();
    struct again again = {.task.run = count_again, .loop = loop};
    pthread_t one, two;
    unsigned before;

    posts_run = 0;
    EXPECT_EQ(pthread_create(&one, NULL, post_until_done, &again), 0);
    EXPECT_EQ(pthread_create(&two, NULL, post_until_done, &again), 0);
    while (posts_run < 1)
        loop_turn(loop, 10000);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    loop_dispatch(loop);
    before = posts_run;
    loop_post(loop, &again.task);
    loop_dispatch(loop);
    EXPECT_EQ(posts_run, before + 1);
    loop_close(loop);
}

TEST(posted_tasks_are_dropped_when_the_loop_closes)
{
    struct loop *loop = fresh();
    struct chore a = {{.run = work}, loop, 'a', NULL, NULL};

    loop_post(loop, &a.task);
    loop_close(loop);
    EXPECT_STR(trace, "");
}

TEST(memory_given_back_outside_of_a_turn_is_freed_at_the_latest_with_the_loop)
{
    struct loop *loop = fresh();

    for (int i = 0; i < 200; i++)
        loop_free_later(loop, malloc(16));
    loop_free_later(loop, NULL);
    loop_close(loop);
}
