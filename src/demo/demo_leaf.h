/* demo/demo_leaf.h
 * A string, number, boolean or null that satisfies the schemas of one place, chosen from what the
 * caller's text offers. Private to the demo provider. */
#pragma once
#include "demo/demo_set.h"
#include "demo/demo_text.h"

#include "base/buffer.h"

struct demo_leaf_cache;
struct demo_leaf {
    const struct demo_source *source;
    struct text name; /* of the property, or of the array the value is in */
    size_t index;     /* its place in the array; 0 outside */
    unsigned skip;    /* passes over so many values that would do: another one is wanted */
    size_t *turn;     /* moves on with every sentence given out without a better reason */
    struct demo_leaf_cache *cache;
};

/* Remembers compiled checks by set. In the arena. */
struct demo_leaf_cache *demo_leaf_cache_new(struct arena *arena);

/* Writes a value of one of the `types` (bits by enum cell_type) as JSON; false when none that was
 * tried satisfies the set, and nothing is written. `lean` tries the shortest first. */
bool demo_leaf_put(const struct demo_leaf *leaf, const struct demo_set *set, unsigned types,
                   bool lean, struct buffer *out);
