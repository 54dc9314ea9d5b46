/* Open addressing with linear probing, at most half full. Small objects need no table: a word with
 * one bit per name, chosen by length and outer bytes, tells most names apart, and only a name whose
 * bit is taken is compared with those before it. */
#include "document/names.h"

#include "base/check.h"

void names_init(struct names *names, struct arena *arena, uint32_t members)
{
    uint64_t slots = 64;

    while (slots < (uint64_t)members * 2)
        slots *= 2;
    CHECK(slots <= UINT32_MAX);
    names->slots = ARENA_ARRAY(arena, struct name_slot, slots);
    names->mask = (uint32_t)(slots - 1);
}

/* The slot that holds `name`, or the free one where it belongs. */
static struct name_slot *find_slot(const struct names *names, const struct cell *cells,
                                   struct text name, uint32_t hash)
{
    for (uint32_t at = hash & names->mask;; at = (at + 1) & names->mask) {
        struct name_slot *slot = &names->slots[at];

        if (slot->key == 0)
            return slot;
        if (slot->hash == hash && text_equal(cell_text(&cells[slot->key]), name))
            return slot;
    }
}

uint32_t names_add(struct names *names, const struct cell *cells, uint32_t key)
{
    struct text name = cell_text(&cells[key]);
    uint32_t hash = (uint32_t)text_hash(name);
    struct name_slot *slot = find_slot(names, cells, name, hash);

    if (slot->key != 0)
        return slot->key;
    *slot = (struct name_slot){key, hash};
    return CELL_NONE;
}

uint32_t names_find(const struct names *names, const struct cell *cells, struct text name)
{
    struct name_slot *slot = find_slot(names, cells, name, (uint32_t)text_hash(name));

    return slot->key != 0 ? slot->key : CELL_NONE;
}

static uint32_t duplicate_of_many(const struct cell *cells, uint32_t object)
{
    struct arena scratch = {0};
    struct names names;
    uint32_t key = object + 1;

    names_init(&names, &scratch, cells[object].size);
    while (key < cells[object].end && names_add(&names, cells, key) == CELL_NONE)
        key = cells_next(cells, key + 1);
    arena_release(&scratch);
    return key < cells[object].end ? key : CELL_NONE;
}

static uint64_t name_bit(struct text name)
{
    unsigned mix;

    if (name.len == 0)
        return 1;
    mix = (unsigned)name.len * 7u + (unsigned char)name.at[0] * 5u +
          (unsigned char)name.at[name.len / 2] * 3u + (unsigned char)name.at[name.len - 1];
    return (uint64_t)1 << (mix & 63);
}

static bool name_before(const struct cell *cells, uint32_t object, uint32_t key)
{
    struct text name = cell_text(&cells[key]);

    for (uint32_t at = object + 1; at < key; at = cells_next(cells, at + 1)) {
        if (text_equal(cell_text(&cells[at]), name))
            return true;
    }
    return false;
}

uint32_t names_duplicate(const struct cell *cells, uint32_t object)
{
    uint64_t seen = 0;

    if (cells[object].size > NAMES_FEW)
        return duplicate_of_many(cells, object);
    for (uint32_t key = object + 1; key < cells[object].end; key = cells_next(cells, key + 1)) {
        uint64_t bit = name_bit(cell_text(&cells[key]));

        if ((seen & bit) && name_before(cells, object, key))
            return key;
        seen |= bit;
    }
    return CELL_NONE;
}
