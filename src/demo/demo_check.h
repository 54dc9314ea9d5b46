/* demo/demo_check.h
 * Checks for single scalar values, compiled once per set of schemas. Private to the demo provider.
 */
#pragma once
#include "demo/demo_set.h"
#include "schema/schema.h"

struct demo_check {
    struct demo_set set;
    const struct schema *schema; /* NULL: nothing to check */
    bool no_token;               /* none of the words of the text passes */
};
struct demo_leaf_cache;

/* The check for values of the set: the schemas cut down to the keywords that concern scalars, so
 * that patterns and formats mean just what they mean for the whole answer. */
struct demo_check *demo_check_of(struct demo_leaf_cache *cache, const struct demo_set *set);
/* Counts one value of so many bytes that is tried; false when an answer has had more than its share
 * of time. */
bool demo_check_spend(struct demo_leaf_cache *cache, size_t bytes);
/* Whether a member's name matches the pattern at a cell (a key of patternProperties). */
bool demo_check_name(struct demo_leaf_cache *cache, const struct document *document,
                     uint32_t pattern, struct text name);
