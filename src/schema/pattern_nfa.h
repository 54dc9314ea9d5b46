/* schema/pattern_nfa.h
 * Private to the automata: a pattern as a nondeterministic automaton over code points, after
 * Thompson. Whether it matches is all that is wanted, so groups and laziness leave no trace. */
#pragma once
#include "schema/pattern_alphabet.h"
#include "schema/pattern_tree.h"

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
struct nfa {
    struct nfa_state *states;
    uint32_t count, start;
    bool restarts; /* a match may begin behind the first byte */
    struct alphabet alphabet;
};
enum nfa_outcome {
    NFA_BUILT,
    NFA_IMPOSSIBLE, /* there is look-around or a back-reference */
    NFA_TOO_LARGE
};
/* Builds the automaton of a tree in the arena, of at most `most` states. */
enum nfa_outcome nfa_init(struct nfa *nfa, struct pattern_node *tree, uint32_t most,
                          struct arena *arena);
