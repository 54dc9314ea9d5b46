/* The names of all open objects lie one behind the other, and those of an object go when it closes.
 * Few names of one object are told apart by a bit each; where there are many they are also in one
 * hash table for all levels. What is added last goes first, so taking a name out of the table is
 * freeing its place: no later name was put behind it. The hash is seeded. */
#include "document/json_push_internal.h"

#include "base/check.h"
#include "document/names.h"

#include <stdlib.h>

enum { PLACES_FIRST = 256 };

static struct text name_at(const struct json_push *push, uint32_t index)
{
    const struct push_name *name = &push->names[index];

    return (struct text){push->name_bytes.at + name->at, name->len};
}

static uint64_t name_bit(struct text name)
{
    unsigned mix = (unsigned)name.len * 7u;

    if (name.len > 0)
        mix += (unsigned char)name.at[0] * 5u + (unsigned char)name.at[name.len / 2] * 3u +
               (unsigned char)name.at[name.len - 1];
    return UINT64_C(1) << (mix & 63);
}

/* The free place where a name belongs, or that of an equal one from index `from` on. */
static uint32_t find_place(const struct json_push *push, struct text name, uint32_t hash,
                           uint32_t from)
{
    uint32_t at = hash & push->name_mask;

    for (; push->name_places[at] != 0; at = (at + 1) & push->name_mask) {
        uint32_t index = push->name_places[at] - 1;

        if (index >= from && push->names[index].hash == hash &&
            text_equal(name_at(push, index), name))
            break;
    }
    return at;
}

/* The place behind all others of that hash, for a name that is known to be new. */
static void put_place(struct json_push *push, uint32_t index)
{
    uint32_t at = push->names[index].hash & push->name_mask;

    while (push->name_places[at] != 0)
        at = (at + 1) & push->name_mask;
    push->name_places[at] = index + 1;
}

/* A table at least twice as large as the names there are, with those of all hashed levels. */
static void grow_places(struct json_push *push)
{
    uint32_t places = push->name_places ? (push->name_mask + 1) * 2 : PLACES_FIRST;

    free(push->name_places);
    push->name_places = calloc(places, sizeof *push->name_places);
    CHECK(push->name_places != NULL);
    push->name_mask = places - 1;
    for (uint32_t i = 0; i < push->depth; i++) {
        uint32_t end = i + 1 < push->depth ? push->levels[i + 1].names_from : push->name_count;

        for (uint32_t at = push->levels[i].names_from; push->levels[i].hashed && at < end; at++)
            put_place(push, at);
    }
}

static void hash_level(struct json_push *push, struct json_level *level)
{
    for (uint32_t at = level->names_from; at < push->name_count; at++)
        push->names[at].hash = (uint32_t)text_hash(name_at(push, at));
    level->hashed = true;
    while (push->name_places == NULL || push->name_mask < push->name_count * 2)
        grow_places(push);
    for (uint32_t at = level->names_from; at < push->name_count; at++) {
        uint32_t place = find_place(push, name_at(push, at), push->names[at].hash, at);

        push->name_places[place] = at + 1;
    }
}

static bool among_few(const struct json_push *push, const struct json_level *level,
                      struct text name)
{
    for (uint32_t at = level->names_from; at < push->name_count; at++) {
        if (text_equal(name_at(push, at), name))
            return true;
    }
    return false;
}

static void put_name(struct json_push *push, struct text name, uint32_t hash)
{
    if (push->name_count == push->name_room) {
        push->name_room = push->name_room ? push->name_room * 2 : 64;
        push->names = realloc(push->names, push->name_room * sizeof *push->names);
        CHECK(push->names != NULL);
    }
    push->names[push->name_count++] =
        (struct push_name){.at = push->name_bytes.len, .len = (uint32_t)name.len, .hash = hash};
    buffer_put(&push->name_bytes, name);
}

bool push_name_add(struct json_push *push, struct text name)
{
    struct json_level *level = &push->levels[push->depth - 1];
    uint64_t bit = name_bit(name);
    uint32_t place, hash;

    if (push->limits.allow_duplicate_names)
        return true;
    if (!level->hashed) {
        if ((level->name_bits & bit) != 0 && among_few(push, level, name))
            return false;
        level->name_bits |= bit;
        put_name(push, name, 0);
        if (push->name_count - level->names_from > NAMES_FEW)
            hash_level(push, level);
        return true;
    }
    if (push->name_mask < (push->name_count + 1) * 2)
        grow_places(push);
    hash = (uint32_t)text_hash(name);
    place = find_place(push, name, hash, level->names_from);
    if (push->name_places[place] != 0)
        return false;
    put_name(push, name, hash);
    push->name_places[place] = push->name_count;
    return true;
}

void push_names_drop(struct json_push *push, const struct json_level *level)
{
    if (push->name_count == level->names_from)
        return;
    for (uint32_t at = push->name_count; level->hashed && at > level->names_from; at--) {
        uint32_t place = push->names[at - 1].hash & push->name_mask;

        while (push->name_places[place] != at)
            place = (place + 1) & push->name_mask;
        push->name_places[place] = 0;
    }
    push->name_bytes.len = push->names[level->names_from].at;
    push->name_count = level->names_from;
}
