/* One epoll descriptor, one eventfd for posted tasks, a heap of timers, two lists of tasks.
 *
 * A turn collects events once, then calls back. What a call-back unwatches is struck out of the
 * events still to come, so nobody is called after loop_unwatch; deferred tasks and timers that a
 * turn adds to while it runs them wait for the next turn, so a turn always ends. */
#include "base/loop.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/timer_heap.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 256 };

/* A list that can be added to at the end and taken from anywhere. */
struct task_list {
    struct loop_task *first;
    struct loop_task **end; /* the last pointer of the list; NULL when the list was never used */
};

struct loop {
    int epoll_fd;
    bool dispatching;
    bool woken; /* wake was called and no turn has begun since */
    uint64_t now_ms;
    void (*wake)(void *context);
    void *wake_context;

    struct epoll_event events[EVENTS_PER_TURN];
    int event_at, event_count;
    size_t watch_count;

    struct timer_heap timers;

    struct task_list deferred; /* for the end of this turn */
    struct task_list ending;   /* those of this turn, being run */

    struct loop_watch post_watch; /* the eventfd */
    bool posts_waiting;
    pthread_mutex_t post_lock; /* of what follows, and of the fields of every posted task */
    struct loop_task *posted;
    struct loop_task **posted_end;

    void **garbage;
    size_t garbage_count, garbage_room;
};

static void note_posts(struct loop_watch *watch, uint32_t events)
{
    struct loop *loop = (struct loop *)((char *)watch - offsetof(struct loop, post_watch));
    uint64_t count;

    (void)events;
    if (read(watch->fd, &count, sizeof count) == (ssize_t)sizeof count)
        loop->posts_waiting = true;
}

struct loop *loop_open(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    int event_fd;

    CHECK(loop != NULL);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll_fd < 0 || event_fd < 0) {
        if (loop->epoll_fd >= 0)
            close(loop->epoll_fd);
        if (event_fd >= 0)
            close(event_fd);
        free(loop);
        return NULL;
    }
    CHECK(pthread_mutex_init(&loop->post_lock, NULL) == 0);
    loop->posted_end = &loop->posted;
    loop->deferred.end = &loop->deferred.first;
    loop->ending.end = &loop->ending.first;
    loop->post_watch.ready = note_posts;
    CHECK(loop_watch(loop, &loop->post_watch, event_fd, EPOLLIN));
    return loop;
}

static void free_garbage(struct loop *loop)
{
    for (size_t i = 0; i < loop->garbage_count; i++)
        free(loop->garbage[i]);
    loop->garbage_count = 0;
}

void loop_close(struct loop *loop)
{
    int event_fd;

    if (loop == NULL)
        return;
    event_fd = loop->post_watch.fd;
    CHECK(!loop->dispatching);
    loop_unwatch(loop, &loop->post_watch);
    CHECK(loop->watch_count == 0 && loop->timers.count == 0 && loop->deferred.first == NULL);
    close(event_fd);
    close(loop->epoll_fd);
    pthread_mutex_destroy(&loop->post_lock);
    free_garbage(loop);
    free(loop->garbage);
    timer_heap_release(&loop->timers);
    free(loop);
}

int loop_fd(const struct loop *loop)
{
    return loop->epoll_fd;
}

uint64_t loop_now_ms(const struct loop *loop)
{
    /* Between turns the time of the last one may be long past: a server loop slept since. */
    return loop->dispatching ? loop->now_ms : clock_monotonic_ms();
}

uint64_t loop_wait_ms(const struct loop *loop, uint64_t limit_ms)
{
    const struct loop_timer *first = timer_heap_first(&loop->timers);
    uint64_t now_ms, wait_ms;

    if (loop->deferred.first != NULL)
        return 0;
    if (first == NULL)
        return limit_ms;
    now_ms = clock_monotonic_ms();
    wait_ms = first->due_ms > now_ms ? first->due_ms - now_ms : 0;
    return wait_ms < limit_ms ? wait_ms : limit_ms;
}

void loop_on_wake(struct loop *loop, void (*wake)(void *context), void *context)
{
    loop->wake = wake;
    loop->wake_context = context;
}

static void wake(struct loop *loop)
{
    if (loop->dispatching || loop->woken || loop->wake == NULL)
        return;
    loop->woken = true;
    loop->wake(loop->wake_context);
}

/* -- descriptors ------------------------------------------------------------------------------ */

bool loop_watch(struct loop *loop, struct loop_watch *watch, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    CHECK(!watch->watched && watch->ready != NULL);
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        CHECK(errno == EPERM);
        return false;
    }
    watch->fd = fd;
    watch->watched = true;
    loop->watch_count++;
    return true;
}

void loop_rewatch(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    CHECK(watch->watched);
    CHECK(epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) == 0);
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    if (!watch->watched)
        return;
    CHECK(epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL) == 0);
    loop_forget(loop, watch);
}

void loop_forget(struct loop *loop, struct loop_watch *watch)
{
    if (!watch->watched)
        return;
    watch->watched = false;
    loop->watch_count--;
    for (int i = loop->event_at; i < loop->event_count; i++) {
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
    }
}

static void run_watches(struct loop *loop)
{
    while (loop->event_at < loop->event_count) {
        struct epoll_event *event = &loop->events[loop->event_at++];
        struct loop_watch *watch = event->data.ptr;

        if (watch != NULL)
            watch->ready(watch, event->events);
    }
    loop->event_at = loop->event_count = 0;
}

/* -- timers ----------------------------------------------------------------------------------- */

void loop_start_timer(struct loop *loop, struct loop_timer *timer, uint64_t due_ms)
{
    CHECK(timer->fire != NULL);
    timer_heap_put(&loop->timers, timer, due_ms);
    if (timer->place == 1)
        wake(loop);
}

void loop_stop_timer(struct loop *loop, struct loop_timer *timer)
{
    timer_heap_take(&loop->timers, timer);
}

static void run_timers(struct loop *loop)
{
    struct loop_timer *timer;

    /* No more than there are now, so that a timer that starts itself again cannot hold the turn. */
    for (size_t left = loop->timers.count; left > 0; left--) {
        timer = timer_heap_first(&loop->timers);
        if (timer == NULL || timer->due_ms > loop->now_ms)
            break;
        timer_heap_take(&loop->timers, timer);
        timer->fire(timer);
    }
}

/* -- tasks ------------------------------------------------------------------------------------ */

void loop_defer(struct loop *loop, struct loop_task *task)
{
    if (task->queued)
        return;
    CHECK(task->run != NULL);
    task->queued = true;
    task->next = NULL;
    task->link = loop->deferred.end;
    *task->link = task;
    loop->deferred.end = &task->next;
    wake(loop);
}

/* `list` is the one that the task is in. */
static void unlink_task(struct task_list *list, struct loop_task *task)
{
    *task->link = task->next;
    if (task->next != NULL)
        task->next->link = task->link;
    else
        list->end = task->link;
    task->next = NULL;
    task->link = NULL;
    task->queued = false;
}

void loop_undefer(struct loop *loop, struct loop_task *task)
{
    if (!task->queued)
        return;
    /* Only the last one of a list touches the list's end. */
    unlink_task(loop->ending.end == &task->next ? &loop->ending : &loop->deferred, task);
}

static void run_deferred(struct loop *loop)
{
    CHECK(loop->ending.first == NULL);
    if (loop->deferred.first == NULL)
        return;
    loop->ending = loop->deferred;
    loop->ending.first->link = &loop->ending.first;
    loop->deferred = (struct task_list){.end = &loop->deferred.first};
    while (loop->ending.first != NULL) {
        struct loop_task *task = loop->ending.first;

        unlink_task(&loop->ending, task);
        task->run(task);
    }
}

void loop_post(struct loop *loop, struct loop_task *task)
{
    static const uint64_t one = 1;
    bool first = false;

    pthread_mutex_lock(&loop->post_lock);
    if (!task->queued) {
        CHECK(task->run != NULL);
        first = loop->posted == NULL;
        task->queued = true;
        task->next = NULL;
        *loop->posted_end = task;
        loop->posted_end = &task->next;
    }
    /* Under the lock, so that the loop cannot have been closed by the task it just took. Only the
     * first of a list rings: whoever takes the list takes all that were added until then. */
    if (first)
        CHECK(write(loop->post_watch.fd, &one, sizeof one) == (ssize_t)sizeof one);
    pthread_mutex_unlock(&loop->post_lock);
}

static void run_posted(struct loop *loop)
{
    struct loop_task *task, *next;

    if (!loop->posts_waiting)
        return;
    loop->posts_waiting = false;
    pthread_mutex_lock(&loop->post_lock);
    task = loop->posted;
    loop->posted = NULL;
    loop->posted_end = &loop->posted;
    pthread_mutex_unlock(&loop->post_lock);
    for (; task != NULL; task = next) {
        /* From here it may be posted again, by another thread and even while it runs. */
        pthread_mutex_lock(&loop->post_lock);
        next = task->next;
        task->queued = false;
        pthread_mutex_unlock(&loop->post_lock);
        task->run(task);
    }
}

/* -- turns ------------------------------------------------------------------------------------ */

void loop_free_later(struct loop *loop, void *memory)
{
    if (memory == NULL)
        return;
    if (loop->garbage_count == loop->garbage_room) {
        size_t room = loop->garbage_room ? loop->garbage_room * 2 : 64;

        loop->garbage = reallocarray(loop->garbage, room, sizeof *loop->garbage);
        CHECK(loop->garbage != NULL);
        loop->garbage_room = room;
    }
    loop->garbage[loop->garbage_count++] = memory;
}

static void turn(struct loop *loop, int wait_ms)
{
    int count;

    CHECK(!loop->dispatching);
    count = epoll_wait(loop->epoll_fd, loop->events, EVENTS_PER_TURN, wait_ms);
    CHECK(count >= 0 || errno == EINTR);
    loop->dispatching = true;
    loop->woken = false;
    loop->now_ms = clock_monotonic_ms();
    loop->event_at = 0;
    loop->event_count = count > 0 ? count : 0;
    run_watches(loop);
    run_posted(loop);
    run_timers(loop);
    run_deferred(loop);
    free_garbage(loop);
    loop->dispatching = false;
}

void loop_dispatch(struct loop *loop)
{
    turn(loop, 0);
}

void loop_turn(struct loop *loop, uint64_t limit_ms)
{
    uint64_t wait_ms = loop_wait_ms(loop, limit_ms);

    turn(loop, wait_ms < INT_MAX ? (int)wait_ms : INT_MAX);
}
