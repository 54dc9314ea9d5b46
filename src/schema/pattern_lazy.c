#include "schema/pattern_lazy.h"

#include "base/check.h"

#include <stdatomic.h>

enum {
    CACHE_ENTRIES = 16384, /* of a table */
    CACHE_STATES_MIN = 16, /* however wide a row is */
    CACHE_STATES_MAX = 1024,
    IDLE_BYTES_MAX = 32 << 20,
};

/* A cache in memory of its own. */
struct lazy_cache {
    struct pattern_cache cache; /* the first, so that one is found from the other */
    struct arena memory;
    size_t idle_bytes; /* counted while it is idle */
};
struct pattern_lazy {
    struct nfa nfa;
    struct arena memory;
    _Atomic(struct lazy_cache *) idle;
};

static atomic_size_t idle_bytes_total;

static struct lazy_cache *cache_new(const struct nfa *nfa)
{
    struct arena memory = {0};
    struct lazy_cache *fresh = ARENA_NEW(&memory, struct lazy_cache);
    uint32_t states = CACHE_ENTRIES / (nfa->alphabet.byte_class_count + 1);

    if (states < CACHE_STATES_MIN)
        states = CACHE_STATES_MIN;
    if (states > CACHE_STATES_MAX)
        states = CACHE_STATES_MAX;
    fresh->memory = memory;
    cache_init(&fresh->cache, nfa, states, &fresh->memory);
    return fresh;
}

static void cache_free(struct lazy_cache *cache)
{
    struct arena memory;

    if (cache == NULL)
        return;
    memory = cache->memory; /* which holds the cache itself */
    arena_release(&memory);
}

static void release(void *thing)
{
    struct pattern_lazy *lazy = thing;
    struct lazy_cache *idle = atomic_exchange(&lazy->idle, NULL);

    if (idle != NULL)
        atomic_fetch_sub(&idle_bytes_total, idle->idle_bytes);
    cache_free(idle);
    arena_release(&lazy->memory);
}

struct pattern_lazy *lazy_new(struct nfa nfa, struct arena *memory, struct arena *arena)
{
    struct pattern_lazy *lazy = ARENA_NEW(arena, struct pattern_lazy);

    lazy->nfa = nfa;
    lazy->memory = *memory;
    *memory = (struct arena){0};
    arena_defer(arena, release, lazy);
    return lazy;
}

const struct nfa *lazy_nfa(const struct pattern_lazy *lazy)
{
    return &lazy->nfa;
}

struct pattern_cache *lazy_borrow(struct pattern_lazy *lazy)
{
    struct lazy_cache *cache = atomic_exchange(&lazy->idle, NULL);

    if (cache == NULL)
        return &cache_new(&lazy->nfa)->cache;
    atomic_fetch_sub(&idle_bytes_total, cache->idle_bytes);
    return &cache->cache;
}

void lazy_return(struct pattern_lazy *lazy, struct pattern_cache *cache)
{
    struct lazy_cache *ours = (struct lazy_cache *)cache;

    ours->idle_bytes = ours->memory.total_bytes;
    if (atomic_fetch_add(&idle_bytes_total, ours->idle_bytes) + ours->idle_bytes <= IDLE_BYTES_MAX)
        ours = atomic_exchange(&lazy->idle, ours);
    if (ours != NULL)
        atomic_fetch_sub(&idle_bytes_total, ours->idle_bytes);
    cache_free(ours);
}
