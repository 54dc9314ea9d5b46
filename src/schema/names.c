/* Tables of an author's names, at most half full. A few seeds are tried for one by which no two
 * names meet. */
#include "schema/fast.h"

enum { SEEDS_TRIED = 32, SMALL_TABLE = 256, HASHED_MAX = 4096 };

/* Fills the places; returns how many names did not get the first place they asked for. */
static uint32_t fill(uint32_t *places, uint32_t mask, uint64_t seed, const struct slot *slots,
                     uint32_t count)
{
    uint32_t displaced = 0;

    memset(places, 0, ((size_t)mask + 1) * sizeof *places);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (uint32_t)name_hash(slots[i].name, seed) & mask;

        displaced += places[at] != 0;
        while (places[at] != 0)
            at = (at + 1) & mask;
        places[at] = i + 1;
    }
    return displaced;
}

void name_table_init(struct name_table *table, const struct slot *slots, uint32_t count,
                     struct arena *arena)
{
    uint64_t seed = 0x8CB92BA72F3D8DD7u, best = seed;
    uint32_t mask = 3, least = UINT32_MAX;
    uint32_t *places;

    *table = (struct name_table){0};
    if (count == 0)
        return;
    while (mask < count * 2)
        mask = mask * 2 + 1;
    places = ARENA_ARRAY(arena, uint32_t, (size_t)mask + 1);
    for (int i = 0; i < SEEDS_TRIED && least > 0 && (count <= SMALL_TABLE || i == 0); i++) {
        uint32_t displaced = fill(places, mask, seed, slots, count);

        if (displaced < least) {
            least = displaced;
            best = seed;
        }
        seed = seed * 6364136223846793005u + 1442695040888963407u;
    }
    fill(places, mask, best, slots, count);
    *table = (struct name_table){places, mask, best};
}

struct known_name known_name_of(struct text name)
{
    struct cell cell = {.type = CELL_STRING, .flags = CELL_ASCII, .size = (uint32_t)name.len};

    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.at[i] >= 0x80)
            cell.flags = 0;
    }
    cell.text = name.at;
    cell_hash_name(&cell);
    return (struct known_name){
        .word = name_word_of(&cell),
        .at = name.at,
        .head = name_head(name.at, name.len),
        .tail = name_tail(name.at, name.len),
        .len = (uint32_t)name.len,
        .node = NODE_NONE,
    };
}

static struct text known_text(const struct known_name *name)
{
    return (struct text){name->at, name->len};
}

static uint32_t fill_set(struct name_set *set, uint32_t *places)
{
    uint32_t displaced = 0;

    memset(places, 0, ((size_t)set->mask + 1) * sizeof *places);
    for (uint32_t i = 0; i < set->count; i++) {
        struct cell cell = {.type = CELL_STRING, .size = set->names[i].len};
        uint32_t at;

        cell.text = set->names[i].at;
        at = name_set_place(set, &cell);
        displaced += places[at] != 0;
        while (places[at] != 0)
            at = (at + 1) & set->mask;
        places[at] = i + 1;
    }
    return displaced;
}

void name_set_init(struct name_set *set, struct arena *arena)
{
    uint32_t factor = 0x9E3779B1u, best = factor, least = UINT32_MAX;
    uint32_t *places;

    set->mask = 3;
    while (set->mask < set->count * 2)
        set->mask = set->mask * 2 + 1;
    set->wide = set->count > HASHED_MAX;
    places = ARENA_ARRAY(arena, uint32_t, (size_t)set->mask + 1);
    for (int i = 0; i < SEEDS_TRIED && least > 0 && (set->count <= SMALL_TABLE || i == 0); i++) {
        uint32_t displaced;

        set->factor = factor;
        displaced = fill_set(set, places);
        if (displaced < least) {
            least = displaced;
            best = factor;
        }
        factor = factor * 747796405u + 2891336453u;
    }
    set->factor = best;
    fill_set(set, places);
    set->filter = 0;
    for (uint32_t i = 0; i < set->count; i++)
        set->filter |= UINT64_C(1) << (name_hash16(known_text(&set->names[i])) & 63);
    set->places = places;
}
