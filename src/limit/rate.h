/* limit/rate.h
 * How often somebody may call, and how many tokens a minute: GCRA (the generic cell rate algorithm,
 * ITU-T I.371), one atomic word per counter, shared by all threads without a lock. At any instant
 * after a rest exactly `limit` calls pass, whatever the number of threads. No span shorter than the
 * window, wherever it begins, sees more than 2 x limit - 1, and that only when a whole burst was
 * saved up before it; from then on one call comes back every window / limit, so that in the long
 * run the limit is kept exactly, never exceeded. limit/rate.c proves it. Time is an argument
 * (monotonic).
 *
 * Where what is counted has a weight, tokens for example, the same holds for the sum of the
 * weights, with what rate.c says of weights above the limit and of weights that turn out to be
 * others. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate_table;
/* Room for at least `keys` different counters of each kind. Where it is taken, counters that have
 * been full again for a second are forgotten, which changes nothing for their keys; after that the
 * table grows, in 15 steps of its first size. Beyond those a new rate counter displaces the one
 * nearest to full, and rate_enter refuses. NULL when there is no memory. */
struct rate_table *rate_table_new(size_t keys);
void rate_table_free(struct rate_table *table);

struct rate_verdict {
    bool allowed;
    uint32_t limit;
    uint32_t remaining;
    uint32_t retry_after_s; /* when refused: whole seconds after which the same will pass */
    uint32_t reset_s;       /* until the limit is whole again */
    /* for rate_correct */
    uint64_t cost;
    uint64_t full_at_ns;
};
/* Takes `cost` (at least 1) out of `limit` per `window_ms` under the 64-bit key (a hash of whom and
 * what it is about, drawn with the process seed). More than the limit passes when nothing has been
 * taken of it, and what follows waits accordingly longer. A refusal costs nothing. */
struct rate_verdict rate_charge(struct rate_table *table, uint64_t key, uint32_t limit,
                                uint32_t window_ms, uint64_t cost, uint64_t now_ms);
/* One call. */
static inline struct rate_verdict rate_take(struct rate_table *table, uint64_t key, uint32_t limit,
                                            uint32_t window_ms, uint64_t now_ms)
{
    return rate_charge(table, key, limit, window_ms, 1, now_ms);
}
/* What rate_charge would say, with nothing taken; `remaining` and `reset_s` are those of now. */
struct rate_verdict rate_look(struct rate_table *table, uint64_t key, uint32_t limit,
                              uint32_t window_ms, uint64_t cost, uint64_t now_ms);
/* What the verdict took has turned out to be `used`; 0: the call was not made. Less is given back,
 * as far as it has not come back by itself; more is taken, even beyond the limit. Once per verdict,
 * with its key, limit and window. */
void rate_correct(struct rate_table *table, uint64_t key, uint32_t window_ms,
                  const struct rate_verdict *taken, uint64_t used, uint64_t now_ms);
/* Takes a place among `limit` at once, or returns false; rate_leave gives it back. Keys are apart
 * from those of rate_charge. */
bool rate_enter(struct rate_table *table, uint64_t key, uint32_t limit);
void rate_leave(struct rate_table *table, uint64_t key);
/* How many are there now. */
uint32_t rate_inside(struct rate_table *table, uint64_t key);
