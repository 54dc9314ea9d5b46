/* A binary heap in an array, the children of place n at 2n and 2n + 1. */
#include "base/timer_heap.h"

#include "base/check.h"

#include <stdlib.h>

static void place(struct timer_heap *heap, size_t at, struct timer_slot slot)
{
    heap->slots[at] = slot;
    slot.timer->place = at;
}

/* Moves the slot, which stands nowhere now, from `at` to where it belongs. */
static void settle(struct timer_heap *heap, size_t at, struct timer_slot slot)
{
    size_t child;

    while (at > 1 && heap->slots[at / 2].due_ms > slot.due_ms) {
        place(heap, at, heap->slots[at / 2]);
        at /= 2;
    }
    while ((child = at * 2) <= heap->count) {
        if (child < heap->count && heap->slots[child + 1].due_ms < heap->slots[child].due_ms)
            child++;
        if (heap->slots[child].due_ms >= slot.due_ms)
            break;
        place(heap, at, heap->slots[child]);
        at = child;
    }
    place(heap, at, slot);
}

static void grow(struct timer_heap *heap)
{
    size_t room = heap->room ? heap->room * 2 : 64;

    heap->slots = reallocarray(heap->slots, room, sizeof *heap->slots);
    CHECK(heap->slots != NULL);
    heap->room = room;
}

void timer_heap_put(struct timer_heap *heap, struct loop_timer *timer, uint64_t due_ms)
{
    timer->due_ms = due_ms;
    if (timer->place == 0) {
        if (heap->count + 2 > heap->room)
            grow(heap);
        timer->place = ++heap->count;
    }
    settle(heap, timer->place, (struct timer_slot){due_ms, timer});
}

void timer_heap_take(struct timer_heap *heap, struct loop_timer *timer)
{
    size_t at = timer->place;
    struct timer_slot last;

    if (at == 0)
        return;
    CHECK(at <= heap->count && heap->slots[at].timer == timer);
    timer->place = 0;
    last = heap->slots[heap->count--];
    if (last.timer != timer)
        settle(heap, at, last);
}

void timer_heap_release(struct timer_heap *heap)
{
    free(heap->slots);
    *heap = (struct timer_heap){0};
}
