/* Tables over names that were chosen to meet: how far they stand from where they are looked for. */
#include "schema/fast.h"

#include "unit.h"

#include <stdio.h>

enum { NAMES = 3000, NAME_BYTES = 32, PROBES_MANY = 64 };

/* Names that differ only where the quick hash of a cell does not look. */
static void put_alike(char (*names)[NAME_BYTES + 1], struct slot *slots)
{
    for (unsigned i = 0; i < NAMES; i++) {
        snprintf(names[i], sizeof names[i], "same head%014usame tail", i);
        slots[i] = (struct slot){.name = text_of(names[i])};
    }
}

/* Names whose name_hash is the same by every seed: what the second word of the middle is made of
 * takes back what the first one did. */
static void put_colliding(char (*names)[NAME_BYTES + 1], struct slot *slots)
{
    const uint64_t multiplier = 0xC2B2AE3D27D4EB4Fu, head = name_word("headhead", 8);

    for (uint64_t i = 0; i < NAMES; i++) {
        uint64_t first = i, second = (head ^ first) * multiplier;

        memcpy(names[i], "headhead", 8);
        memcpy(names[i] + 8, &first, 8);
        memcpy(names[i] + 16, &second, 8);
        memcpy(names[i] + 24, "tailtail", 9);
        slots[i] = (struct slot){.name = {names[i], NAME_BYTES}};
    }
}

static void expect_near(const struct name_table *table, const struct slot *slots)
{
    for (uint32_t i = 0; i < NAMES; i++) {
        uint32_t at = name_table_place(table, slots[i].name), probes = 0;

        EXPECT_EQ(name_table_find(table, slots, slots[i].name), i);
        for (; table->places[at] != i + 1; at = (at + 1) & table->mask)
            probes++;
        EXPECT(probes < PROBES_MANY);
    }
}

static void expect_near_in_set(const struct name_set *set)
{
    for (uint32_t i = 0; i < NAMES; i++) {
        struct cell cell = {.type = CELL_STRING, .size = set->names[i].len};
        uint32_t at, probes = 0;

        cell.text = set->names[i].at;
        at = name_set_place(set, &cell);
        EXPECT(name_set_find(set, &cell) == &set->names[i]);
        for (; set->places[at] != i + 1; at = (at + 1) & set->mask)
            probes++;
        EXPECT(probes < PROBES_MANY);
    }
}

static struct name_set set_of(const struct slot *slots, struct arena *arena)
{
    struct name_set set = {.names = ARENA_ARRAY(arena, struct known_name, NAMES), .count = NAMES};

    for (uint32_t i = 0; i < NAMES; i++)
        set.names[i] = known_name_of(slots[i].name);
    name_set_init(&set, arena);
    return set;
}

TEST(names_that_share_a_hash_are_found_by_the_secret_one)
{
    static char names[NAMES][NAME_BYTES + 1];
    struct slot *slots;
    struct arena arena = {0};
    struct name_table table;
    struct name_set set;

    slots = ARENA_ARRAY(&arena, struct slot, NAMES);
    put_alike(names, slots);
    EXPECT_EQ(name_hash16(slots[0].name), name_hash16(slots[1].name));
    set = set_of(slots, &arena);
    expect_near_in_set(&set);
    put_colliding(names, slots);
    EXPECT_EQ(name_hash(slots[0].name, 7), name_hash(slots[1].name, 7));
    name_table_init(&table, slots, NAMES, &arena);
    EXPECT(table.keyed);
    expect_near(&table, slots);
    set = set_of(slots, &arena);
    expect_near_in_set(&set);
    arena_release(&arena);
}

TEST(a_name_that_stands_twice_takes_one_place)
{
    struct arena arena = {0};
    struct slot *slots = ARENA_ARRAY(&arena, struct slot, NAMES);
    struct name_table table;
    uint32_t taken = 0;

    for (uint32_t i = 0; i < NAMES; i++)
        slots[i].name = TEXT("again");
    name_table_init(&table, slots, NAMES, &arena);
    for (uint32_t at = 0; at <= table.mask; at++)
        taken += table.places[at] != 0;
    EXPECT_EQ(taken, 1);
    EXPECT(!table.keyed);
    EXPECT_EQ(name_table_find(&table, slots, TEXT("again")), 0);
    arena_release(&arena);
}
