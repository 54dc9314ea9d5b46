/* demo/demo_maker.h
 * What walking a schema needs to know, shared by the files that make objects, arrays and the whole
 * instance. Private to the demo provider. */
#pragma once
#include "base/buffer.h"
#include "demo/demo_leaf.h"

enum {
    DEMO_NODES_MAX = 3000, /* values in one round */
    DEMO_NODES_RICH = 400, /* beyond it only what is required is given */
    DEMO_DEPTH_MAX = 40,
    DEMO_DEPTH_RICH = 5,
    DEMO_ITEMS_RICH = 3,
    DEMO_ITEMS_MAX = 1000,
    DEMO_PLACES_MAX = 256,
    DEMO_OMIT_AFTER = 2, /* attempts after which what is optional is left out */
};

/* A place in the instance that a violation named. */
struct demo_place {
    struct text pointer;
    unsigned attempts;
};

struct demo_maker {
    const struct document *document;
    uint32_t root;
    struct demo_source source;
    struct arena *arena;
    struct demo_leaf_cache *cache;
    struct demo_place places[DEMO_PLACES_MAX];
    size_t place_count;
    bool lean;
    size_t nodes, turn;                     /* of this round */
    uint32_t ancestors[DEMO_DEPTH_MAX + 1]; /* the first schema of each value we are inside of */
};

/* Where we are. */
struct demo_spot {
    struct text pointer;
    struct text name; /* of the property or of the array */
    size_t index;     /* in the array */
    unsigned depth;
};

/* Writes a value that satisfies the set; false, with nothing written, when none was found. `choice`
 * numbers the ways to make it: 0 is the first. */
bool demo_make(struct demo_maker *maker, const struct demo_set *set, const struct demo_spot *spot,
               unsigned choice, struct buffer *out);
/* As an object, or as an array; members and items that cannot be made are left out. */
bool demo_make_object(struct demo_maker *maker, const struct demo_set *set,
                      const struct demo_spot *spot, struct buffer *out);
bool demo_make_array(struct demo_maker *maker, const struct demo_set *set,
                     const struct demo_spot *spot, struct buffer *out);

/* How often violations have named a place. */
unsigned demo_attempts(const struct demo_maker *maker, struct text pointer);
/* Whether more than what is required is wanted here. */
bool demo_is_rich(const struct demo_maker *maker, const struct demo_spot *spot);
/* How often schemas of the set are already around us: a recursive one must end. */
size_t demo_times_inside(const struct demo_maker *maker, const struct demo_set *set,
                         unsigned depth);
struct demo_set demo_set_none(const struct demo_maker *maker);
/* The JSON Pointer of a member or item. */
struct text demo_child_pointer(const struct demo_maker *maker, struct text parent,
                               struct text step);
