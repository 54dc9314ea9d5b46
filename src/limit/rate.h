/* limit/rate.h
 * How often a token may call an endpoint: GCRA (the generic cell rate algorithm, ITU-T I.371), one
 * atomic word per token, endpoint and window, shared by all threads without a lock. At any instant
 * after a rest exactly `limit` calls pass, whatever the number of threads. No span shorter than the
 * window, wherever it begins, sees more than 2 x limit - 1, and that only when a whole burst was
 * saved up before it; from then on one call comes back every window / limit, so that in the long
 * run the limit is kept exactly, never exceeded. limit/rate.c proves it. Time is an argument
 * (monotonic). */
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
    uint32_t retry_after_s; /* when refused: whole seconds after which one call will pass */
    uint32_t reset_s;       /* until the limit is whole again */
};
/* Takes one call out of `limit` per `window_ms` under the 64-bit key (a hash of token, endpoint and
 * window drawn with the process seed). A refusal costs nothing. */
struct rate_verdict rate_take(struct rate_table *table, uint64_t key, uint32_t limit,
                              uint32_t window_ms, uint64_t now_ms);
/* Gives one call back that the same limit and window allowed (a later one refused it). */
void rate_give_back(struct rate_table *table, uint64_t key, uint32_t limit, uint32_t window_ms);
/* Takes a place among `limit` at once, or returns false; rate_leave gives it back. Keys are apart
 * from those of rate_take. */
bool rate_enter(struct rate_table *table, uint64_t key, uint32_t limit);
void rate_leave(struct rate_table *table, uint64_t key);
