/* All states are met through a cache that is large enough; those from which nothing matches, and
 * those from which everything does, become the two decided states. */
#include "schema/pattern_table.h"

#include "schema/pattern_cache.h"

struct building {
    struct pattern_cache cache;
    bool *alive; /* a match can still come */
    bool *open;  /* something that does not match can still come */
};

static bool find_states(struct pattern_cache *cache)
{
    for (uint32_t state = CACHE_FIRST; state < cache->count; state++) {
        for (uint32_t column = 0; column < cache->columns; column++) {
            if (cache_lead(cache, state, column) == CACHE_UNKNOWN)
                return false;
        }
    }
    return true;
}

/* The end of a text comes only between code points. */
static bool possible(const struct pattern_cache *cache, uint32_t state, uint32_t column)
{
    return column < cache->nfa->alphabet.byte_class_count || cache->states[state].node == 0;
}

/* Whether a state leads to one that is marked. */
static bool leads_to(const struct pattern_cache *cache, uint32_t state, const bool *marked)
{
    for (uint32_t column = 0; column < cache->columns; column++) {
        if (marked[cache->next[(size_t)state * cache->columns + column]] &&
            possible(cache, state, column))
            return true;
    }
    return false;
}

/* Marks all states that lead to a marked one in any number of steps. Later states are mostly
 * further along, so few rounds are needed. */
static void mark_before(const struct pattern_cache *cache, bool *marked)
{
    bool changed = true;

    while (changed) {
        changed = false;
        for (uint32_t state = cache->count; state-- > CACHE_FIRST;) {
            if (!marked[state] && leads_to(cache, state, marked))
                marked[state] = changed = true;
        }
    }
}

static void find_decided(struct building *it)
{
    it->alive = ARENA_ARRAY(it->cache.arena, bool, it->cache.count);
    it->open = ARENA_ARRAY(it->cache.arena, bool, it->cache.count);
    it->alive[CACHE_SURE] = true;
    it->open[CACHE_DEAD] = true;
    mark_before(&it->cache, it->alive);
    mark_before(&it->cache, it->open);
}

static uint32_t decide(const struct building *it, uint32_t state)
{
    return !it->alive[state] ? CACHE_DEAD : !it->open[state] ? CACHE_SURE : state;
}

static void write_row(struct pattern_table *table, const struct building *it, uint32_t from,
                      const uint32_t *row_of)
{
    for (uint32_t column = 0; column < table->columns; column++) {
        uint32_t to = it->cache.next[(size_t)from * table->columns + column];

        table->next[row_of[from] * table->columns + column] =
            (uint16_t)(row_of[decide(it, to)] * table->columns);
    }
}

static void write_table(struct pattern_table *out, const struct building *it, uint32_t start,
                        struct arena *arena)
{
    const struct pattern_cache *cache = &it->cache;
    uint32_t *row_of = ARENA_ARRAY(cache->arena, uint32_t, cache->count), rows = CACHE_FIRST;

    row_of[CACHE_SURE] = CACHE_SURE;
    for (uint32_t state = CACHE_FIRST; state < cache->count; state++) {
        if (decide(it, state) == state)
            row_of[state] = rows++;
    }
    out->columns = (uint16_t)cache->columns;
    out->next = ARENA_ARRAY(arena, uint16_t, (size_t)rows * cache->columns);
    for (uint32_t column = 0; column < cache->columns; column++)
        out->next[cache->columns + column] = out->columns;
    for (uint32_t state = CACHE_FIRST; state < cache->count; state++) {
        if (decide(it, state) == state)
            write_row(out, it, state, row_of);
    }
    out->start = (uint16_t)(row_of[decide(it, start)] * cache->columns);
    memcpy(out->byte_class, cache->nfa->alphabet.byte_class, sizeof out->byte_class);
}

bool table_build(struct pattern_table *out, const struct nfa *nfa, uint32_t most,
                 struct arena *arena)
{
    struct arena scratch = {0};
    struct building it;
    uint32_t start;
    bool whole;

    if (most > TABLE_ENTRIES_MAX)
        most = TABLE_ENTRIES_MAX;
    *out = (struct pattern_table){0};
    cache_init(&it.cache, nfa, most / (nfa->alphabet.byte_class_count + 1), &scratch);
    start = cache_start(&it.cache);
    whole = start != CACHE_UNKNOWN && find_states(&it.cache);
    if (whole) {
        find_decided(&it);
        write_table(out, &it, start, arena);
    }
    arena_release(&scratch);
    return whole;
}
