/* Tables of an author's names, at most half full. A few seeds are tried for one by which no two
 * names meet. Where names stand far from their places they were chosen to, and the secret hash is
 * used. */
#include "schema/fast.h"

enum { SEEDS_TRIED = 32, SMALL_TABLE = 256, HASHED_MAX = 4096, PROBES_MAX = 64 };

/* Fills the places, each name once; returns how many names did not get the first place they asked
 * for, UINT32_MAX when one is too far from it. */
static uint32_t fill(uint32_t *places, const struct name_table *table, const struct slot *slots,
                     uint32_t count)
{
    uint32_t displaced = 0;

    memset(places, 0, ((size_t)table->mask + 1) * sizeof *places);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = name_table_place(table, slots[i].name), probes = 0;

        while (places[at] != 0 && !text_equal(slots[places[at] - 1].name, slots[i].name)) {
            at = (at + 1) & table->mask;
            probes++;
        }
        if (probes > PROBES_MAX && !table->keyed)
            return UINT32_MAX;
        if (places[at] == 0)
            places[at] = i + 1;
        displaced += probes > 0;
    }
    return displaced;
}

void name_table_init(struct name_table *table, const struct slot *slots, uint32_t count,
                     struct arena *arena)
{
    uint64_t best = 0x8CB92BA72F3D8DD7u;
    uint32_t least = UINT32_MAX;
    uint32_t *places;

    *table = (struct name_table){.mask = 3, .seed = best};
    if (count == 0)
        return;
    while (table->mask < count * 2)
        table->mask = table->mask * 2 + 1;
    table->places = places = ARENA_ARRAY(arena, uint32_t, (size_t)table->mask + 1);
    for (int i = 0; i < SEEDS_TRIED && least > 0 && (count <= SMALL_TABLE || i == 0); i++) {
        uint32_t displaced = fill(places, table, slots, count);

        if (displaced < least) {
            least = displaced;
            best = table->seed;
        }
        table->seed = table->seed * 6364136223846793005u + 1442695040888963407u;
    }
    table->seed = best;
    table->keyed = least == UINT32_MAX;
    fill(places, table, slots, count);
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

static uint32_t fill_set(const struct name_set *set, uint32_t *places)
{
    uint32_t displaced = 0;

    memset(places, 0, ((size_t)set->mask + 1) * sizeof *places);
    for (uint32_t i = 0; i < set->count; i++) {
        struct cell cell = {.type = CELL_STRING, .size = set->names[i].len};
        uint32_t at, probes = 0;

        cell.text = set->names[i].at;
        at = name_set_place(set, &cell);
        while (places[at] != 0 && !name_is(&set->names[places[at] - 1], &cell)) {
            at = (at + 1) & set->mask;
            probes++;
        }
        if (probes > PROBES_MAX && !set->wide)
            return UINT32_MAX;
        if (places[at] == 0)
            places[at] = i + 1;
        displaced += probes > 0;
    }
    return displaced;
}

static void note_extremes(struct name_set *set)
{
    set->filter = set->longest = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        set->filter |= UINT64_C(1) << (name_hash16(known_text(&set->names[i])) & 63);
        if (set->names[i].len > set->longest)
            set->longest = set->names[i].len;
    }
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
    set->wide = set->wide || least == UINT32_MAX;
    fill_set(set, places);
    note_extremes(set);
    set->places = places;
}
