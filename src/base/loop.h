/* base/loop.h
 * What one thread waits for, besides the server library's own sockets: foreign descriptors, timers,
 * tasks for the end of the turn, and messages from other threads. All of it hangs on one epoll
 * descriptor, so that a server loop can nest it as a single readable descriptor and call
 * loop_dispatch; on its own (tests, tools) loop_turn waits and dispatches.
 *
 * A loop belongs to one thread. Only loop_post may be called from others. Call-backs run inside
 * loop_dispatch only, never from inside the functions that register them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

/* Watches a descriptor that somebody else owns. Embed it; zero it before use. */
struct loop_watch {
    void (*ready)(struct loop_watch *watch, uint32_t events); /* EPOLL* bits */
    int fd;
    bool watched;
};
/* Fires once at or after due_ms (monotonic). Embed it; zero it before use. */
struct loop_timer {
    void (*fire)(struct loop_timer *timer);
    uint64_t due_ms;
    size_t place; /* in the heap, 1-based; 0: not running */
};
/* Runs once at the end of this turn (loop_defer) or in another thread's loop (loop_post). */
struct loop_task {
    void (*run)(struct loop_task *task);
    struct loop_task *next;
    struct loop_task **link; /* what points to a deferred one, so that it can be taken back */
    bool queued;
};

/* Gives a loop; NULL when the kernel refuses descriptors. */
struct loop *loop_open(void);
/* Nothing may be registered any more but for posted tasks, which are dropped. */
void loop_close(struct loop *loop);

/* Readable when there is something for loop_dispatch to do, timers apart. */
int loop_fd(const struct loop *loop);
/* How long a server loop may sleep before loop_dispatch must be called for a timer; at most
 * limit_ms, 0 when something is due or deferred. */
uint64_t loop_wait_ms(const struct loop *loop, uint64_t limit_ms);
/* Has `wake(context)` called when something was deferred or a timer was started while no dispatch
 * is running, so that a server loop can schedule a dispatch in this very turn. */
void loop_on_wake(struct loop *loop, void (*wake)(void *context), void *context);
/* Handles everything that is ready now, without waiting: descriptors, posted tasks, due timers,
 * then deferred tasks, and last the memory given to loop_free_later. */
void loop_dispatch(struct loop *loop);
/* Waits at most limit_ms for something to be ready, then dispatches: for threads without a server
 * loop. */
void loop_turn(struct loop *loop, uint64_t limit_ms);
/* The monotonic time this turn began, read once a turn; outside of any turn the time now. */
uint64_t loop_now_ms(const struct loop *loop);

/* `events` are EPOLL* bits, EPOLLET included where wanted. Failing is a CHECK but for descriptor
 * kinds epoll does not take, where it returns false. */
bool loop_watch(struct loop *loop, struct loop_watch *watch, int fd, uint32_t events);
void loop_rewatch(struct loop *loop, struct loop_watch *watch, uint32_t events);
/* After it, ready() is not called any more, even for events already collected in this turn; but the
 * memory that holds the watch must stay until the end of the turn: give it to loop_free_later. Must
 * come before the descriptor is closed. Does nothing when not watched. */
void loop_unwatch(struct loop *loop, struct loop_watch *watch);
/* As loop_unwatch, for a descriptor that is closed already, had no duplicates and so is known to
 * the kernel no more: for sockets that a library closes before it says so. */
void loop_forget(struct loop *loop, struct loop_watch *watch);

/* Starts the timer, or moves one that is running. */
void loop_start_timer(struct loop *loop, struct loop_timer *timer, uint64_t due_ms);
/* Does nothing when it is not running. */
void loop_stop_timer(struct loop *loop, struct loop_timer *timer);

/* Runs the task at the end of this turn (of the next one, if called outside of any). A task queued
 * twice runs once. */
void loop_defer(struct loop *loop, struct loop_task *task);
/* Takes a deferred task back; does nothing when it is not queued. Not for posted tasks. */
void loop_undefer(struct loop *loop, struct loop_task *task);
/* Runs the task in the loop's thread, from any thread; in the order of posting per thread. */
void loop_post(struct loop *loop, struct loop_task *task);
/* free(memory) at the end of the turn. */
void loop_free_later(struct loop *loop, void *memory);
