/* schema/append.h
 * Private to compiling: arrays that grow in an arena, as three variables: items, count and room. */
#pragma once
#include "base/arena.h"

/* The place of one more element at the end, not zeroed. */
#define APPEND(arena, items, count, room)                                                          \
    (append_room((arena), (void **)&(items), (count), &(room), sizeof *(items)),                   \
     &(items)[(count)++])

static inline void append_room(struct arena *arena, void **items, size_t count, size_t *room,
                               size_t bytes)
{
    size_t more = *room ? *room * 2 : 16;

    if (count < *room)
        return;
    *items = arena_grow(arena, *items, *room * bytes, more * bytes);
    *room = more;
}
