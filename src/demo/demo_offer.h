/* demo/demo_offer.h
 * One search for a scalar value: values are offered one after the other, best first; the first that
 * passes the check, and is not to be skipped, is taken. Private to the demo provider. */
#pragma once
#include "demo/demo_check.h"
#include "demo/demo_leaf.h"

/* One search for a value. */
struct demo_search {
    const struct demo_leaf *leaf;
    const struct demo_set *set;
    struct demo_check *check;
    struct arena scratch;
    struct buffer *out;
    unsigned skip;
    unsigned offers; /* left */
    size_t points_min, points_max;
};

/* Takes the value, given as JSON, if it passes and is not to be skipped. */
bool demo_offer(struct demo_search *search, struct text json);
bool demo_offer_string(struct demo_search *search, struct text text);
/* A member of the caller's own JSON with the same name. */
bool demo_offer_input(struct demo_search *search);
/* What the text, the name, the format and the pattern give. */
bool demo_offer_strings(struct demo_search *search, bool lean);
/* Whether a name has this part, whatever its case. */
bool demo_name_holds(struct text name, const char *part);
