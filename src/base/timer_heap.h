/* base/timer_heap.h
 * The timers of a loop, the one that is due first in front. Each knows its place, so that it can be
 * moved and taken out without a search. Zeroed it is empty and ready. */
#pragma once
#include "base/loop.h"

struct timer_slot {
    uint64_t due_ms; /* as in the timer, here for the sake of the cache */
    struct loop_timer *timer;
};
struct timer_heap {
    struct timer_slot *slots; /* slots[1] is due first; slots[0] is not used */
    size_t count, room;
};

/* Puts a timer in, or moves one that is in. */
void timer_heap_put(struct timer_heap *heap, struct loop_timer *timer, uint64_t due_ms);
/* Does nothing when it is not in. */
void timer_heap_take(struct timer_heap *heap, struct loop_timer *timer);
/* NULL when there is none. */
static inline struct loop_timer *timer_heap_first(const struct timer_heap *heap)
{
    return heap->count > 0 ? heap->slots[1].timer : NULL;
}
void timer_heap_release(struct timer_heap *heap);
