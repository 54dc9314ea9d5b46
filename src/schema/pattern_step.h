/* schema/pattern_step.h
 * Private to the automata: sets of states of the nondeterministic automaton, and how a code point
 * leads from one to the next. */
#pragma once
#include "schema/pattern_nfa.h"

/* The states a search may be in: those that take a code point, and assertions that need to know
 * what comes next. Of a part that matches whatever follows, only the state that accepts is there; a
 * part without states never matches. In order, so that equal sets are equal bytes. */
struct nfa_set {
    uint32_t *states; /* room for all of the automaton */
    uint32_t count;
    uint32_t past; /* what assertions need to know of what came before; 0 without assertions */
};
enum nfa_step {
    STEP_DEAD, /* a part that must match never will, or one that must not does */
    STEP_SURE, /* nothing is left that could change the verdict */
    STEP_ON
};
struct nfa_stepper {
    const struct nfa *nfa;
    uint32_t *mark; /* of each state: the round it was last met in */
    uint32_t round;
    uint32_t *stack;
    struct nfa_set resolved;
    uint64_t visits; /* of states, since it was made: the work done */
};

/* The automaton is kept; memory comes from the arena. */
void stepper_init(struct nfa_stepper *stepper, const struct nfa *nfa, struct arena *arena);
/* Before the first code point. */
enum nfa_step stepper_start(struct nfa_stepper *stepper, struct nfa_set *out);
/* Over a code point of this class; *out is not *from. */
enum nfa_step stepper_step(struct nfa_stepper *stepper, const struct nfa_set *from, uint32_t class,
                           struct nfa_set *out);
/* Whether the subject matches when it ends here. */
bool stepper_end(struct nfa_stepper *stepper, const struct nfa_set *from);
