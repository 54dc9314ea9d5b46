/* A state is a set of states of the nondeterministic automaton, or such a set and a node of the
 * alphabet, between the bytes of one code point: then the set moves on only with the last byte. */
#include "schema/pattern_cache.h"

#include "base/check.h"

/* Steps through the cache and emptying it has no point when few bytes pass in between. */
enum { FLUSHES_BEFORE_DOUBT = 3, BYTES_A_STATE = 8, POOL_A_STATE = 16 };

void cache_init(struct pattern_cache *cache, const struct nfa *nfa, uint32_t most,
                struct arena *arena)
{
    *cache = (struct pattern_cache){
        .nfa = nfa,
        .arena = arena,
        .columns = nfa->alphabet.byte_class_count + 1,
        .count = CACHE_FIRST,
        .most = most + CACHE_FIRST,
        .pool_most = most * POOL_A_STATE + 2 * nfa->count,
        .bucket_count = 16,
        .reached.states = ARENA_ARRAY(arena, uint32_t, nfa->count),
        .passing.states = ARENA_ARRAY(arena, uint32_t, nfa->count),
    };
    while (cache->bucket_count < most)
        cache->bucket_count *= 2;
    cache->buckets = ARENA_ARRAY(arena, uint32_t, cache->bucket_count);
    stepper_init(&cache->stepper, nfa, arena);
}

void cache_flush(struct pattern_cache *cache)
{
    memset(cache->buckets, 0, cache->bucket_count * sizeof *cache->buckets);
    cache->count = CACHE_FIRST;
    cache->pool_used = 0;
    cache->flushes++;
}

static uint32_t grown(uint32_t room, uint32_t most)
{
    room = room ? room * 2 : 16;
    return room < most ? room : most;
}

static void make_room(struct pattern_cache *cache)
{
    uint32_t room = grown(cache->room, cache->most);
    size_t row = cache->columns * sizeof *cache->next;

    if (cache->count < cache->room)
        return;
    cache->next = arena_grow(cache->arena, cache->next, cache->room * row, room * row);
    cache->states = arena_grow(cache->arena, cache->states, cache->room * sizeof *cache->states,
                               room * sizeof *cache->states);
    cache->room = room;
}

static void make_pool_room(struct pattern_cache *cache, uint32_t count)
{
    while (cache->pool_used + count > cache->pool_room) {
        uint32_t room = grown(cache->pool_room, cache->pool_most);

        cache->pool = arena_grow(cache->arena, cache->pool, cache->pool_room * sizeof *cache->pool,
                                 room * sizeof *cache->pool);
        cache->pool_room = room;
    }
}

static uint32_t hash_of(uint32_t hash, const uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hash = (hash ^ words[i] ^ hash >> 15) * 0x9E3779B1u;
    return hash ^ hash >> 16;
}

static uint32_t add(struct pattern_cache *cache, struct cache_state state)
{
    uint32_t *bucket = &cache->buckets[state.hash & (cache->bucket_count - 1)];

    make_room(cache);
    state.chain = *bucket;
    cache->states[cache->count] = state;
    memset(cache->next + (size_t)cache->count * cache->columns, 0xFF,
           cache->columns * sizeof *cache->next);
    *bucket = cache->count;
    return cache->count++;
}

uint32_t cache_find(struct pattern_cache *cache, const struct nfa_set *set)
{
    uint32_t hash = hash_of(set->past, set->states, set->count);
    uint32_t at = cache->buckets[hash & (cache->bucket_count - 1)];

    for (; at != 0; at = cache->states[at].chain) {
        const struct cache_state *state = &cache->states[at];

        if (state->hash == hash && state->node == 0 && state->count == set->count &&
            state->past == set->past &&
            memcmp(cache->pool + state->set, set->states, set->count * sizeof *set->states) == 0)
            return at;
    }
    if (cache->count == cache->most || set->count > cache->pool_most - cache->pool_used)
        return CACHE_UNKNOWN;
    make_pool_room(cache, set->count);
    memcpy(cache->pool + cache->pool_used, set->states, set->count * sizeof *set->states);
    cache->pool_used += set->count;
    return add(cache, (struct cache_state){.set = cache->pool_used - set->count,
                                           .count = set->count,
                                           .past = set->past,
                                           .hash = hash});
}

uint32_t cache_find_inside(struct pattern_cache *cache, uint32_t base, uint32_t node)
{
    uint32_t hash = hash_of(node, &base, 1);
    uint32_t at = cache->buckets[hash & (cache->bucket_count - 1)];

    for (; at != 0; at = cache->states[at].chain) {
        if (cache->states[at].base == base && cache->states[at].node == node)
            return at;
    }
    if (cache->count == cache->most)
        return CACHE_UNKNOWN;
    return add(cache, (struct cache_state){.base = base, .node = node, .hash = hash});
}

static uint32_t base_of(const struct pattern_cache *cache, uint32_t state)
{
    return cache->states[state].node ? cache->states[state].base : state;
}

struct nfa_set cache_set(const struct pattern_cache *cache, uint32_t state)
{
    const struct cache_state *base = &cache->states[base_of(cache, state)];

    return (struct nfa_set){cache->pool + base->set, base->count, base->past};
}

static uint32_t find_reached(struct pattern_cache *cache, enum nfa_step step)
{
    switch (step) {
    case STEP_DEAD:
        return CACHE_DEAD;
    case STEP_SURE:
        return CACHE_SURE;
    case STEP_ON:
        break;
    }
    return cache_find(cache, &cache->reached);
}

uint32_t cache_start(struct pattern_cache *cache)
{
    return find_reached(cache, stepper_start(&cache->stepper, &cache->reached));
}

static uint32_t lead_by_byte(struct pattern_cache *cache, uint32_t state, uint8_t byte)
{
    struct nfa_set from = cache_set(cache, state);
    uint32_t target = alphabet_step(&cache->nfa->alphabet, cache->states[state].node, byte);

    if (target == ALPHABET_STAY)
        return state;
    if ((target & ALPHABET_CLASS) == 0)
        return cache_find_inside(cache, base_of(cache, state), target);
    return find_reached(
        cache, stepper_step(&cache->stepper, &from, target & ~ALPHABET_CLASS, &cache->reached));
}

uint32_t cache_lead(struct pattern_cache *cache, uint32_t state, uint32_t column)
{
    const struct alphabet *alphabet = &cache->nfa->alphabet;
    uint32_t target;

    if (column < alphabet->byte_class_count)
        target = lead_by_byte(cache, state, alphabet->byte_of[column]);
    else
        target = cache_end(cache, state) ? CACHE_SURE : CACHE_DEAD;
    cache->next[(size_t)state * cache->columns + column] = target;
    return target;
}

bool cache_end(struct pattern_cache *cache, uint32_t state)
{
    struct nfa_set set;

    if (state < CACHE_FIRST || cache->states[state].node != 0)
        return state == CACHE_SURE;
    set = cache_set(cache, state);
    return stepper_end(&cache->stepper, &set);
}

static void copy_set(struct nfa_set *to, struct nfa_set from)
{
    memcpy(to->states, from.states, from.count * sizeof *from.states);
    to->count = from.count;
    to->past = from.past;
}

uint32_t cache_first(struct pattern_cache *cache)
{
    uint32_t start = cache_start(cache);

    if (start == CACHE_UNKNOWN) {
        cache_flush(cache);
        start = cache_start(cache);
    }
    CHECK(start != CACHE_UNKNOWN);
    return start;
}

/* The cache is full: empties it and goes where it could not. */
static uint32_t lead_anew(struct pattern_cache *cache, uint32_t state, uint8_t byte)
{
    uint32_t node = cache->states[state].node, again;

    copy_set(&cache->passing, cache_set(cache, state));
    cache_flush(cache);
    again = cache_find(cache, &cache->passing);
    if (node != 0)
        again = cache_find_inside(cache, again, node);
    again = cache_lead(cache, again, cache->nfa->alphabet.byte_class[byte]);
    CHECK(again != CACHE_UNKNOWN); /* a cache has room for a few states at least */
    return again;
}

/* Without keeping states: a set, and at the end its state. */
static size_t pass_through(struct pattern_cache *cache, uint32_t *state, struct text bytes)
{
    struct nfa_set *from = &cache->passing, *to = &cache->reached, *kept;
    uint32_t node = cache->states[*state].node;
    size_t used = 0;

    copy_set(from, cache_set(cache, *state));
    while (used < bytes.len) {
        uint32_t target = alphabet_step(&cache->nfa->alphabet, node, (uint8_t)bytes.at[used++]);
        enum nfa_step step;

        if (target == ALPHABET_STAY)
            continue;
        node = target & ALPHABET_CLASS ? 0 : target;
        if (node != 0)
            continue;
        step = stepper_step(&cache->stepper, from, target & ~ALPHABET_CLASS, to);
        if (step != STEP_ON) {
            *state = step == STEP_DEAD ? CACHE_DEAD : CACHE_SURE;
            return used;
        }
        kept = from;
        from = to;
        to = kept;
    }
    cache_flush(cache);
    *state = cache_find(cache, from);
    if (node != 0)
        *state = cache_find_inside(cache, *state, node);
    return used;
}

size_t cache_walk(struct pattern_cache *cache, uint32_t *state, struct text bytes)
{
    const uint8_t *byte_class = cache->nfa->alphabet.byte_class;
    uint64_t flushes = cache->flushes;
    size_t used = 0, flushed_at = 0;

    while (used < bytes.len && *state >= CACHE_FIRST) {
        uint8_t byte = (uint8_t)bytes.at[used];
        uint32_t next = cache->next[(size_t)*state * cache->columns + byte_class[byte]];

        if (next == CACHE_UNKNOWN)
            next = cache_lead(cache, *state, byte_class[byte]);
        if (next == CACHE_UNKNOWN) {
            if (cache->flushes - flushes >= FLUSHES_BEFORE_DOUBT &&
                used - flushed_at < (size_t)cache->count * BYTES_A_STATE)
                return used + pass_through(cache, state, text_after(bytes, used));
            next = lead_anew(cache, *state, byte);
            flushed_at = used;
        }
        *state = next;
        used++;
    }
    return used;
}
