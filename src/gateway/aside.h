/* gateway/aside.h
 * Work that would keep a worker's loop from its other calls for long. It is done in one of a few
 * threads, in the order in which it came, and comes back to the loop as a task. It touches nothing
 * but what it owns: whoever ordered it may leave meanwhile, and the task runs all the same. */
#pragma once
#include "base/loop.h"

struct aside;
struct gateway;

struct aside_work {
    struct loop_task done;                /* first: its `run` is called in the loop's thread */
    void (*run)(struct aside_work *work); /* in another */
    struct loop *loop;
    struct aside_work *next;
};

struct aside *aside_new(void); /* never NULL */
/* No work is under way (gateway_jobs_wait). NULL does nothing. */
void aside_free(struct aside *aside);
/* Has it done. A worker waits for what it ordered before its loop is closed (worker_close). */
void aside_start(struct gateway *gateway, struct aside_work *work);
