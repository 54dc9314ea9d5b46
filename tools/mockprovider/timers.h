/* mockprovider/timers.h
 * What is due when, for one thread: a binary heap whose entries know their place, so that one that
 * is no longer wanted is taken out at once. A zeroed heap is empty. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    uint64_t due_ns;
    size_t place; /* counted from 1; 0: not in the heap */
};

struct timers {
    struct timer **items;
    size_t count;
    size_t room;
};

/* Keeps the timer until it is taken or removed. */
void timers_put(struct timers *timers, struct timer *timer, uint64_t due_ns);
/* Does nothing when it is not in the heap. */
void timers_remove(struct timers *timers, struct timer *timer);
/* The earliest that is due by now_ns, taken out; NULL: none is. */
struct timer *timers_take(struct timers *timers, uint64_t now_ns);
/* 0: nothing waits. */
uint64_t timers_next_ns(const struct timers *timers);
void timers_release(struct timers *timers);
