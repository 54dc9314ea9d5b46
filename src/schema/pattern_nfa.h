/* schema/pattern_nfa.h
 * Private to the automata: a pattern as a nondeterministic automaton over code points, after
 * Thompson. Whether it matches is all that is wanted, so groups and laziness leave no trace. Parts
 * of the pattern that must all hold, or must not, are automata beside each other. */
#pragma once
#include "schema/pattern_alphabet.h"
#include "schema/pattern_part.h"

enum nfa_kind {
    NFA_SET,   /* takes a code point of set `other` */
    NFA_SPLIT, /* goes on at `next` and at `other` */
    NFA_START, /* these take nothing */
    NFA_END,
    NFA_BOUNDARY,
    NFA_INSIDE, /* no boundary */
    NFA_ACCEPT
};
struct nfa_state {
    enum nfa_kind kind;
    uint32_t next, other;
};
/* States from `accept`, which is its only one of that kind, up to `end`. */
struct nfa_part {
    uint32_t accept, end, start;
    bool negated;
    bool restarts; /* a match may begin behind the first byte */
};
struct nfa {
    struct nfa_state *states;
    uint32_t count;
    struct nfa_part parts[PATTERN_PARTS_MAX]; /* in the order of their states */
    uint32_t part_count;
    struct alphabet alphabet;
};
enum nfa_outcome {
    NFA_BUILT,
    NFA_IMPOSSIBLE, /* there is a back-reference, or look-around that is no part of its own */
    NFA_TOO_LARGE
};
/* Builds the automaton of a tree in the arena, of at most `most` states. */
enum nfa_outcome nfa_init(struct nfa *nfa, struct pattern_node *tree, uint32_t most,
                          struct arena *arena);
