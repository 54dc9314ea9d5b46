/* schema/pattern_tree.h
 * Private to the patterns: what an ECMAScript pattern says, as a tree. */
#pragma once
#include "schema/pattern.h"
#include "schema/pattern_set.h"

enum { PATTERN_NESTING_MAX = 200, REPEAT_MAX = 65535 };
#define REPEAT_ENDLESS UINT32_MAX

enum pattern_form {
    FORM_SET,       /* one code point of a set */
    FORM_SEQUENCE,  /* children one after another */
    FORM_CHOICE,    /* one of the children, the first that fits */
    FORM_REPEAT,    /* the only child, least to most times */
    FORM_GROUP,     /* the only child, captured as `number` unless that is 0 */
    FORM_AHEAD,     /* what follows is (not, if `negated`) the child */
    FORM_BEHIND,    /* what precedes is (not, if `negated`) the child */
    FORM_REFERENCE, /* what group `number` captured, or nothing */
    FORM_START,
    FORM_END,
    FORM_BOUNDARY, /* of a word; none if `negated` */
};

struct pattern_node {
    enum pattern_form form;
    bool negated;
    bool lazy;
    uint32_t least, most;
    uint32_t number;
    struct code_set *set;
    struct pattern_node *first_child, *last_child, *next, *previous;
    uint64_t states; /* of an automaton, filled by who builds one */
};

/* Reads a pattern into a tree in the arena. Returns NULL with *out_problem when it is malformed;
 * `strict` also refuses what only annex B allows. *out_problem may be filled on success too. */
struct pattern_node *pattern_read(struct text source, bool strict, struct arena *arena,
                                  struct pattern_problem *out_problem);

/* Writes the tree in the syntax of the pattern library. */
struct text pattern_emit(const struct pattern_node *node, struct arena *arena);
