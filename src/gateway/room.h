/* gateway/room.h
 * Says in the log that the store runs out of room, before anything is refused for it: when it, or
 * its disk, first is as full as each of a few steps. */
#pragma once
#include "base/log.h"
#include "store/store.h"

enum { ROOM_LOOK_EVERY_MS = 60000 };

/* Zeroed: nothing was said yet. */
struct room {
    uint64_t look_at_ms;            /* monotonic */
    unsigned store_step, disk_step; /* percent that was said; 0: none */
};
/* Looks, at most every ROOM_LOOK_EVERY_MS; `folder` is the store's. Reads the disk's statistics, so
 * not in a worker's thread. */
void room_look(struct room *room, const struct store *store, struct text folder, struct log *log,
               uint64_t now_ms);
/* What is to be said of something so full: the step it has newly reached, or 0. What falls 5 below
 * a step is said again when it comes back. */
unsigned room_step(unsigned *said, unsigned percent);
