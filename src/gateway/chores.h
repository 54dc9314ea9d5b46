/* gateway/chores.h
 * What is to be done now and then, whether anybody calls or not. In the main thread, because chores
 * wait for the store and look at files. */
#pragma once
#include "gateway/gateway.h"
#include "gateway/room.h"

enum { CHORE_COUNT = 5 };

/* Zeroed: everything is due. */
struct chores {
    uint64_t due_ms[CHORE_COUNT]; /* monotonic */
    struct room room;
};
/* Does what is due, each chore a bounded part of it; gives the milliseconds until the next is. */
int chores_run(struct chores *chores, struct gateway *gateway);
