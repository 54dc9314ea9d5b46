/* render/variables.h
 * Typed variables: what the input of a template consists of, and how what a caller sent becomes
 * that. Only what is exact is taken over into another type, nothing is trimmed, rounded or guessed:
 *
 *   a string    for an integer, number or boolean, when it is one as JSON writes it
 *   an integer  or a number or a boolean for a string: as it was written
 *
 * and a variable that is absent gets its default. Anything else stays as it came, for the input
 * schema to refuse. */
#pragma once
#include "schema/schema.h"

enum variable_type {
    VARIABLE_STRING,
    VARIABLE_INTEGER,
    VARIABLE_NUMBER,
    VARIABLE_BOOLEAN,
    VARIABLE_LIST,
    VARIABLE_OBJECT
};
struct variable {
    struct text name; /* empty: of all items of a list */
    enum variable_type type;
    uint32_t fallback;             /* cell of its default; CELL_NONE: it has none */
    const struct variable *inside; /* the items of a list, one; the members of an object */
    size_t inside_count;
};
enum {
    VARIABLES_MAX = 64,      /* of one object */
    VARIABLES_DEPTH_MAX = 8, /* of lists and objects within one another */
};
struct variables {
    struct variable root;            /* an object */
    const struct document *defaults; /* where the cells of the defaults are */
};

/* The input as the variables have it: a document in the arena that borrows the texts of both, its
 * value at *out_at; or `input` itself, at `at`, when there is nothing to change. */
const struct document *variables_apply(const struct variables *variables,
                                       const struct document *input, uint32_t at,
                                       struct arena *arena, uint32_t *out_at);
/* What is wrong with a variable, in the words of whoever fills it in: "variable 'count' must be an
 * integer, found a string of 3 characters". In the arena, or the violation's. */
struct text variables_complaint(const struct violation *violation, struct arena *arena);
