/* schema/pattern_set.h
 * Private to the patterns: sets of code points, as a class is written and as plain ranges. */
#pragma once
#include "base/arena.h"

enum { CODE_POINT_MAX = 0x10FFFF, SURROGATES_FIRST = 0xD800, SURROGATES_LAST = 0xDFFF };

struct code_range {
    uint32_t first, last;
};
/* A Unicode property as the pattern library calls it: "Lu", "sc:Greek", "Alphabetic". */
struct code_property {
    struct text name;
    bool negated;
    struct code_property *next;
};
struct code_set {
    struct code_range *ranges;
    size_t count, room;
    struct code_property *properties;
    bool negated;    /* of everything together */
    uint32_t number; /* given by who builds an automaton */
};
/* Ranges in order, apart from each other, without surrogates. */
struct code_ranges {
    const struct code_range *at;
    size_t count;
};

void code_set_add(struct code_set *set, struct arena *arena, uint32_t first, uint32_t last);
/* Adds ranges, which are in order, or everything else. */
void code_set_add_ranges(struct code_set *set, struct arena *arena, struct code_ranges ranges,
                         bool negated);
/* The classes \d \w \s, and with an upper-case letter their complements. */
void code_set_add_class(struct code_set *set, struct arena *arena, char letter);
/* Adds \p{expression} (or \P, negated); false when ECMAScript has no such property. */
bool code_set_add_property(struct code_set *set, struct arena *arena, struct text expression,
                           bool negated);
/* All of a set, in the arena. */
struct code_ranges code_set_ranges(const struct code_set *set, struct arena *arena);

/* The code points that have a property, by its library name; false when the library is too old to
 * have it. Found once in a process; they live on. Safe in many threads. */
bool property_find(struct text library_name, struct code_ranges *out);
