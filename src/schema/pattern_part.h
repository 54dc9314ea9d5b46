/* schema/pattern_part.h
 * Private to the automata: a pattern as parts that must all hold of a text, or must not. A
 * look-around whose place is known without trying becomes a part of its own: a look-ahead behind
 * `^` and a fixed number of code points, a look-behind at the end of the text. What is left of the
 * pattern is one more part. `^(?=.*\d)(?!.*\s).{8,}$` holds where `^.*\d` matches, `^.*\s` does
 * not, and `^.{8,}$` does. */
#pragma once
#include "schema/pattern_tree.h"

enum { PATTERN_PARTS_MAX = 32 };

struct pattern_part {
    struct pattern_node *tree; /* its sets and subtrees are those of the pattern */
    bool negated;
};
/* Takes a tree apart into out[PATTERN_PARTS_MAX] and returns how many there are; the first is never
 * negated. Look-around that stands elsewhere, or more of it than there is room for, stays in it. */
uint32_t pattern_part(struct pattern_node *tree, struct pattern_part *out, struct arena *arena);

/* What must come one after another in a pattern, as children of one node: groups that have no
 * alternatives are dissolved. */
struct pattern_node *pattern_flatten(const struct pattern_node *tree, struct arena *arena);

/* How many code points a node takes; look-around and references none. */
struct pattern_length {
    uint64_t least, most;
};
enum { PATTERN_LENGTH_MAX = 1 << 30 }; /* and more */
struct pattern_length pattern_length(const struct pattern_node *node);
