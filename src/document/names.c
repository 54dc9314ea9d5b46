/* Open addressing with linear probing, at most half full. To find a name that is written twice,
 * small objects need no table: a word with one bit per name, chosen by its 16-bit hash, tells most
 * names apart, and only a name whose bit is taken is compared with those before it. Of a large
 * object only the names that share their 16-bit hash go into a table. */
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

static uint16_t hash16(const struct cell *key)
{
    return key->flags & CELL_HASHED ? key->hash : name_hash16(cell_text(key));
}

enum { HASHES = 65536 };

/* A bit for every hash. */
struct hash_set {
    uint64_t words[HASHES / 64];
};

/* Adds a hash; whether it was there. */
static bool hash_set_add(struct hash_set *set, uint16_t hash)
{
    uint64_t bit = (uint64_t)1 << (hash % 64), before = set->words[hash / 64];

    set->words[hash / 64] = before | bit;
    return (before & bit) != 0;
}

/* Puts those names into a table whose hash another one has. */
static uint32_t duplicate_among(const struct cell *cells, uint32_t object,
                                const struct hash_set *shared, uint32_t members)
{
    struct arena scratch = {0};
    struct names names;
    uint32_t found = CELL_NONE;

    names_init(&names, &scratch, members);
    for (uint32_t key = object + 1; key < cells[object].end && found == CELL_NONE;
         key = cells_next(cells, key + 1)) {
        uint16_t hash = hash16(&cells[key]);

        if ((shared->words[hash / 64] >> (hash % 64) & 1) &&
            names_add(&names, cells, key) != CELL_NONE)
            found = key;
    }
    arena_release(&scratch);
    return found;
}

static uint32_t duplicate_of_many(const struct cell *cells, uint32_t object)
{
    struct hash_set once = {0}, shared = {0};
    uint32_t members = 0;

    for (uint32_t key = object + 1; key < cells[object].end; key = cells_next(cells, key + 1)) {
        uint16_t hash = hash16(&cells[key]);

        if (hash_set_add(&once, hash))
            members += hash_set_add(&shared, hash) ? 1 : 2;
    }
    return members == 0 ? CELL_NONE : duplicate_among(cells, object, &shared, members);
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
        uint64_t bit = (uint64_t)1 << (hash16(&cells[key]) % 64);

        if ((seen & bit) && name_before(cells, object, key))
            return key;
        seen |= bit;
    }
    return CELL_NONE;
}
