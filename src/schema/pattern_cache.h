/* schema/pattern_cache.h
 * Private to the automata: the deterministic states met so far, and how bytes lead from one to the
 * next. Belongs to one thread at a time. When it is full it is emptied; when that happens all the
 * time, states are no longer kept but passed through. Either way a byte costs at most work in
 * proportion to the states of the nondeterministic automaton. */
#pragma once
#include "schema/pattern_step.h"

enum { CACHE_DEAD, CACHE_SURE, CACHE_FIRST };
#define CACHE_UNKNOWN UINT32_MAX

struct cache_state {
    uint32_t set, count, past; /* where its set is in the pool; of a state inside a code point: */
    uint32_t base, node; /* the state before it, and the node of the alphabet, which is not 0 */
    uint32_t hash, chain;
};
struct pattern_cache {
    const struct nfa *nfa;
    struct arena *arena;
    struct nfa_stepper stepper;
    uint32_t columns; /* byte classes, then the end of the subject */
    uint32_t *next;   /* [state * columns + byte class] */
    struct cache_state *states;
    uint32_t count, room, most;
    uint32_t *pool;
    uint32_t pool_used, pool_room, pool_most;
    uint32_t *buckets; /* states by hash; 0 is empty */
    uint32_t bucket_count;
    struct nfa_set reached; /* by the last step */
    struct nfa_set passing; /* the set in place of a state while states are not kept */
    uint64_t flushes;
};

/* Of at most `most` states. The automaton and the arena are kept. */
void cache_init(struct pattern_cache *cache, const struct nfa *nfa, uint32_t most,
                struct arena *arena);
/* Forgets all states. */
void cache_flush(struct pattern_cache *cache);
/* The state of a set, or of being inside a code point; CACHE_UNKNOWN when there is no room. */
uint32_t cache_find(struct pattern_cache *cache, const struct nfa_set *set);
uint32_t cache_find_inside(struct pattern_cache *cache, uint32_t base, uint32_t node);
/* The set of a state; of one inside a code point, the set before it. */
struct nfa_set cache_set(const struct pattern_cache *cache, uint32_t state);
/* The state before the first byte. CACHE_UNKNOWN as above; never after a flush. */
uint32_t cache_start(struct pattern_cache *cache);
/* Finds and remembers where a column leads; CACHE_UNKNOWN as above. */
uint32_t cache_lead(struct pattern_cache *cache, uint32_t state, uint32_t column);

/* For a cache that may be flushed. The state before the first byte. */
uint32_t cache_first(struct pattern_cache *cache);
/* Goes on from *state by bytes until it is decided, and returns how
 * many were used. */
size_t cache_walk(struct pattern_cache *cache, uint32_t *state, struct text bytes);
bool cache_end(struct pattern_cache *cache, uint32_t state);
