/* limit/rate.h
 * How often a token may call an endpoint: GCRA (the generic cell rate algorithm, ITU-T I.371), one
 * atomic word per token, endpoint and window, shared by all threads without a lock. With `burst`
 * equal to the limit any window of the length sees at most 2 x limit - 1 in the worst alignment and
 * the long-run rate is exact; see limit/rate.c for why. Time is an argument (monotonic). */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate_table;
/* Room for at least `keys` different counters; a full table refuses nothing but evicts counters
 * that are full again, and grows past that in fixed steps under a mutex. NULL when there is no
 * memory. */
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
/* Gives one call back (an earlier window allowed it, a later one refused). */
void rate_give_back(struct rate_table *table, uint64_t key, uint32_t limit, uint32_t window_ms);
/* Takes a place among `limit` at once, or returns false; rate_leave gives it back. */
bool rate_enter(struct rate_table *table, uint64_t key, uint32_t limit);
void rate_leave(struct rate_table *table, uint64_t key);
