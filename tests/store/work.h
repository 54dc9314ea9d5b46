/* What the rigs have the store do, and how they tell afterwards whether it did.
 *
 * A work is a kind of durable thing of which there are many. Each of them counts: a step, one
 * command, takes it from one value to the next, and reading it gives the value it has reached, or
 * says what about it is impossible. So whatever happened, what was acknowledged is there when the
 * value is at least the last one acknowledged, and nothing was made up when it is no more than what
 * was under way. */
#pragma once
#include "store/store.h"

enum { WORK_WHY_CHARS = 200 };

struct work {
    const char *name;
    uint64_t most;       /* how far one of them is to go */
    bool of_one_process; /* what one has begun, no other can go on with */
    bool of_several;     /* records of its own for each value: where one is hidden by damage, an
                            earlier value is read */
    /* Gives the command for the step from `value`; loop, done and context are not filled in. */
    struct store_command *(*step)(uint64_t seed, unsigned index, uint64_t value);
    /* Gives the value that is stored, 0 for a thing that is not there; false, and why. */
    bool (*read)(struct store *store, uint64_t seed, unsigned index, uint64_t *out_value,
                 char why[WORK_WHY_CHARS]);
};
extern const struct work works[];
extern const unsigned work_count;

/* What a server does with a store before it serves: counts as spent what a dead process had open.
 */
void work_recover(struct store *store);
/* A number that looks random and is always the same for the same one. */
uint64_t work_mix(uint64_t value);
