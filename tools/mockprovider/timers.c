/* The item at i is due no later than those at 2i+1 and 2i+2. */
#include "timers.h"

#include <stdio.h>
#include <stdlib.h>

static void set(struct timers *timers, size_t i, struct timer *timer)
{
    timers->items[i] = timer;
    timer->place = i + 1;
}

static void rise(struct timers *timers, size_t i, struct timer *timer)
{
    while (i > 0 && timers->items[(i - 1) / 2]->due_ns > timer->due_ns) {
        set(timers, i, timers->items[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    set(timers, i, timer);
}

static void sink(struct timers *timers, size_t i, struct timer *timer)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child + 1 < timers->count &&
            timers->items[child + 1]->due_ns < timers->items[child]->due_ns)
            child++;
        if (child >= timers->count || timers->items[child]->due_ns >= timer->due_ns)
            break;
        set(timers, i, timers->items[child]);
        i = child;
    }
    set(timers, i, timer);
}

void timers_put(struct timers *timers, struct timer *timer, uint64_t due_ns)
{
    if (timers->count == timers->room) {
        timers->room = timers->room ? timers->room * 2 : 64;
        timers->items = realloc(timers->items, timers->room * sizeof timers->items[0]);
        if (timers->items == NULL) {
            fputs("mockprovider: memory: there is none left\n", stderr);
            abort();
        }
    }
    timer->due_ns = due_ns;
    timers->count++;
    rise(timers, timers->count - 1, timer);
}

void timers_remove(struct timers *timers, struct timer *timer)
{
    size_t i = timer->place - 1;
    struct timer *last;

    if (timer->place == 0)
        return;
    timer->place = 0;
    last = timers->items[--timers->count];
    if (last == timer)
        return;
    if (i > 0 && timers->items[(i - 1) / 2]->due_ns > last->due_ns)
        rise(timers, i, last);
    else
        sink(timers, i, last);
}

struct timer *timers_take(struct timers *timers, uint64_t now_ns)
{
    struct timer *first = timers->count > 0 ? timers->items[0] : NULL;

    if (first == NULL || first->due_ns > now_ns)
        return NULL;
    timers_remove(timers, first);
    return first;
}

uint64_t timers_next_ns(const struct timers *timers)
{
    return timers->count > 0 ? timers->items[0]->due_ns : 0;
}

void timers_release(struct timers *timers)
{
    free(timers->items);
    *timers = (struct timers){0};
}
