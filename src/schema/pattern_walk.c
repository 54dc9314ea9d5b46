/* Along a table a walk is a number. Along an automaton that is built while it is used, caches come
 * and go between two pieces, so the walk keeps the set of states itself. */
#include "schema/pattern_own.h"

#include "base/check.h"

/* Where a walk is, apart from any cache. */
struct pattern_place {
    struct nfa_set set;
    uint32_t room; /* of the set */
    uint32_t node; /* of the alphabet: inside a code point */
    struct pattern_place *next;
};

/* The first of those that are free and large enough. */
static struct pattern_place *take_place(struct pattern_scratch *scratch, uint32_t room)
{
    struct pattern_place **link = &scratch->places, *place;

    while (*link != NULL && (*link)->room < room)
        link = &(*link)->next;
    place = *link;
    if (place != NULL) {
        *link = place->next;
        return place;
    }
    place = ARENA_NEW(scratch->arena, struct pattern_place);
    place->set.states = ARENA_ARRAY(scratch->arena, uint32_t, room);
    place->room = room;
    return place;
}

static void leave_place(struct pattern_walk *walk)
{
    if (walk->place == NULL)
        return;
    walk->place->next = walk->scratch->places;
    walk->scratch->places = walk->place;
    walk->place = NULL;
}

static enum pattern_progress table_progress(const struct pattern_table *table, uint32_t state)
{
    return state == 0 ? PATTERN_DEAD : state == table->columns ? PATTERN_SURE : PATTERN_ALIVE;
}

/* Remembers a state of a cache that is about to be given back. */
static enum pattern_progress save(struct pattern_walk *walk, const struct pattern_cache *cache,
                                  uint32_t state)
{
    struct pattern_place *place = walk->place;

    walk->state = state < CACHE_FIRST ? state : CACHE_FIRST;
    if (state >= CACHE_FIRST) {
        struct nfa_set set = cache_set(cache, state);

        memcpy(place->set.states, set.states, set.count * sizeof *set.states);
        place->set.count = set.count;
        place->set.past = set.past;
        place->node = cache->states[state].node;
        return PATTERN_ALIVE;
    }
    leave_place(walk);
    return state == CACHE_DEAD ? PATTERN_DEAD : PATTERN_SURE;
}

static uint32_t find_again(struct pattern_cache *cache, const struct pattern_place *place)
{
    uint32_t state = cache_find(cache, &place->set);

    if (state != CACHE_UNKNOWN && place->node != 0)
        state = cache_find_inside(cache, state, place->node);
    return state;
}

static uint32_t restore(struct pattern_cache *cache, const struct pattern_place *place)
{
    uint32_t state = find_again(cache, place);

    if (state == CACHE_UNKNOWN) {
        cache_flush(cache);
        state = find_again(cache, place);
    }
    CHECK(state != CACHE_UNKNOWN);
    return state;
}

enum pattern_progress pattern_walk_start(struct pattern_walk *walk, const struct pattern *pattern,
                                         struct pattern_scratch *scratch)
{
    struct pattern_cache *cache;
    enum pattern_progress progress;

    CHECK(pattern_is_automaton(pattern));
    *walk = (struct pattern_walk){.pattern = pattern, .scratch = scratch};
    if (pattern->lazy == NULL) {
        walk->state = pattern->table.start;
        return table_progress(&pattern->table, walk->state);
    }
    walk->place = take_place(scratch, lazy_nfa(pattern->lazy)->count);
    cache = lazy_borrow(pattern->lazy);
    progress = save(walk, cache, cache_first(cache));
    lazy_return(pattern->lazy, cache);
    return progress;
}

/* As long as four bytes decide nothing there is no need to look at each. */
static enum pattern_progress feed_table(struct pattern_walk *walk, struct text piece,
                                        size_t *out_decided)
{
    const struct pattern_table *table = &walk->pattern->table;
    uint32_t state = walk->state, ahead;
    size_t used = 0;

    for (; piece.len - used >= 4; used += 4, state = ahead) {
        ahead = table_step_four(table, state, piece.at + used);
        if (table_decided(table, ahead))
            break;
    }
    while (used < piece.len && !table_decided(table, state))
        state = table_step(table, state, piece.at[used++]);
    walk->state = state;
    *out_decided = used;
    return table_progress(table, state);
}

enum pattern_progress pattern_walk_feed(struct pattern_walk *walk, struct text piece,
                                        size_t *out_decided)
{
    struct pattern_lazy *lazy = walk->pattern->lazy;
    struct pattern_cache *cache;
    enum pattern_progress progress;
    uint64_t visits;
    uint32_t state;

    if (lazy == NULL)
        return feed_table(walk, piece, out_decided);
    *out_decided = 0;
    if (walk->state < CACHE_FIRST)
        return walk->state == CACHE_DEAD ? PATTERN_DEAD : PATTERN_SURE;
    cache = lazy_borrow(lazy);
    visits = cache->stepper.visits;
    state = restore(cache, walk->place);
    *out_decided = cache_walk(cache, &state, piece);
    walk->scratch->steps += cache->stepper.visits - visits;
    progress = save(walk, cache, state);
    lazy_return(lazy, cache);
    return progress;
}

bool pattern_walk_end(struct pattern_walk *walk)
{
    struct pattern_lazy *lazy = walk->pattern->lazy;
    struct pattern_cache *cache;
    bool matches;

    if (lazy == NULL)
        return table_end(&walk->pattern->table, walk->state);
    if (walk->state < CACHE_FIRST)
        return walk->state == CACHE_SURE;
    cache = lazy_borrow(lazy);
    matches = cache_end(cache, restore(cache, walk->place));
    lazy_return(lazy, cache);
    leave_place(walk);
    return matches;
}

bool pattern_walk_copyable(const struct pattern *pattern)
{
    return pattern->lazy == NULL;
}
