#include "store/rollup_parts.h"

enum { FIRST_ROOM = 64 };

/* What is counted, and what of a cell it is called after. */
static const struct {
    enum rollup_kind kind;
    enum rollup_name name;
    bool attempt, in_endpoint;
} names[] = {
    {ROLLUP_BY_ENDPOINT, ROLLUP_ENDPOINT, false, false},
    {ROLLUP_BY_TOKEN, ROLLUP_TOKEN, false, false},
    {ROLLUP_BY_PROJECT, ROLLUP_PROJECT, false, false},
    {ROLLUP_BY_STATUS, ROLLUP_STATUS, false, false},
    {ROLLUP_BY_SURFACE, ROLLUP_SURFACE, false, false},
    {ROLLUP_BY_TAG, ROLLUP_TAGS, false, false},
    {ROLLUP_BY_ENDPOINT_TOKEN, ROLLUP_TOKEN, false, true},
    {ROLLUP_BY_ENDPOINT_STATUS, ROLLUP_STATUS, false, true},
    {ROLLUP_BY_PROVIDER, ROLLUP_PROVIDER, true, false},
    {ROLLUP_BY_MODEL, ROLLUP_MODEL, true, false},
    {ROLLUP_BY_ENDPOINT_PROVIDER, ROLLUP_PROVIDER, true, true},
    {ROLLUP_BY_ENDPOINT_MODEL, ROLLUP_MODEL, true, true},
};

void rollup_parts_release(struct rollup_parts *parts)
{
    arena_release(&parts->arena);
    *parts = (struct rollup_parts){0};
}

/* --- by what it is
 * -------------------------------------------------------------------------------------------------
 */

static uint64_t hash_of(const struct rollup_part *part)
{
    uint64_t group = text_hash(part->group);

    return text_hash(part->name) ^ (group << 7 | group >> 57) ^
           ((uint64_t)part->minute * 0x9E3779B97F4A7C15 + (uint64_t)part->kind * 0x100000001B3);
}

static bool same(const struct rollup_part *one, const struct rollup_part *other)
{
    return one->minute == other->minute && one->kind == other->kind &&
           text_equal(one->name, other->name) && text_equal(one->group, other->group);
}

/* The place of such a part, or the free one that it would have. */
static uint32_t *place_of(const struct rollup_parts *parts, const struct rollup_part *part,
                          uint64_t hash)
{
    size_t mask = 2 * parts->room - 1, at = hash & mask;

    while (parts->places[at] != 0 && (parts->items[parts->places[at] - 1].hash != hash ||
                                      !same(&parts->items[parts->places[at] - 1], part)))
        at = (at + 1) & mask;
    return &parts->places[at];
}

static void make_room(struct rollup_parts *parts)
{
    size_t room = parts->room > 0 ? 2 * parts->room : FIRST_ROOM;

    if (parts->count < parts->room)
        return;
    parts->items = arena_grow(&parts->arena, parts->items, parts->room * sizeof *parts->items,
                              room * sizeof *parts->items);
    parts->room = room;
    parts->places = ARENA_ARRAY(&parts->arena, uint32_t, 2 * room);
    for (size_t i = 0; i < parts->count; i++)
        *place_of(parts, &parts->items[i], parts->items[i].hash) = (uint32_t)i + 1;
}

bool rollup_parts_have(const struct rollup_parts *parts, const struct rollup_part *part)
{
    return parts->count > 0 && *place_of(parts, part, hash_of(part)) != 0;
}

/* --- adding up
 * ------------------------------------------------------------------------------------------ */

/* Most names have one cell only where there are many of them, and then nothing is copied. */
void rollup_parts_add(struct rollup_parts *parts, const struct rollup_part *part,
                      const struct rollup_sums *sums)
{
    uint64_t hash = hash_of(part);
    struct rollup_part *item;
    uint32_t *place;

    make_room(parts);
    place = place_of(parts, part, hash);
    if (*place == 0) {
        item = &parts->items[parts->count++];
        *item = *part;
        item->sums = sums;
        item->own = NULL;
        item->hash = hash;
        *place = (uint32_t)parts->count;
        return;
    }
    item = &parts->items[*place - 1];
    if (item->own == NULL) {
        item->own = ARENA_NEW(&parts->arena, struct rollup_sums);
        *item->own = *item->sums;
        item->sums = item->own;
    }
    rollup_add(item->own, sums);
}

static void add_named(struct rollup_parts *parts, const struct rollup_cell *cell,
                      enum rollup_kind kind, struct text group, struct text name)
{
    const struct rollup_part part = {.minute = cell->minute,
                                     .day = cell->day,
                                     .kind = kind,
                                     .group = text_cut(group, ROLLUP_NAME_BYTES_MAX),
                                     .name = text_cut(name, ROLLUP_NAME_BYTES_MAX)};

    rollup_parts_add(parts, &part, &cell->sums);
}

static void add_tags(struct rollup_parts *parts, const struct rollup_cell *cell)
{
    struct text rest = cell->names[ROLLUP_TAGS];

    while (rest.len > 0) {
        struct text tag = text_split(&rest, '\n'), name = text_split(&tag, '=');

        if (name.len > 0)
            add_named(parts, cell, ROLLUP_BY_TAG, name, tag);
    }
}

void rollup_parts_add_cell(struct rollup_parts *parts, const struct rollup_cell *cell)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text name = cell->names[names[i].name], group = {0};

        if (names[i].in_endpoint)
            group = cell->names[ROLLUP_ENDPOINT];
        if (names[i].attempt != cell->attempt || name.len == 0 ||
            (names[i].in_endpoint && group.len == 0))
            continue;
        if (names[i].kind == ROLLUP_BY_TAG)
            add_tags(parts, cell);
        else
            add_named(parts, cell, names[i].kind, group, name);
    }
}
