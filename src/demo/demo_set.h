/* demo/demo_set.h
 * The schemas that one value must satisfy together: what is found at a place after following $ref
 * and allOf and choosing branches. Private to the demo provider. */
#pragma once
#include "document/document.h"

enum { DEMO_SET_MAX = 32 };
struct demo_set {
    const struct document *document;
    uint32_t root;             /* of the whole schema: where "#" leads */
    uint32_t at[DEMO_SET_MAX]; /* object cells; more than fit are left out */
    size_t count;
    bool never; /* one of them is false */
};

/* Adds the schema at a cell and what belongs to it: the target of $ref, all of allOf, one branch
 * each of anyOf and oneOf, `if` with `then`, or `else`. *choice numbers the ways to choose: each
 * decision takes its share and leaves the rest. `lean` prefers branches that are null or scalar,
 * otherwise null comes last. */
void demo_set_add(struct demo_set *set, uint32_t schema, unsigned *choice, bool lean);

/* The keyword's value in the first schema from number *from on that has it, and moves *from behind
 * it; CELL_NONE when none has. */
uint32_t demo_set_next(const struct demo_set *set, const char *keyword, size_t *from);
/* Whether any of them has the keyword. */
bool demo_set_has(const struct demo_set *set, const char *keyword);
/* The strictest bound: the greatest (or least) number the keyword has in any of them; `otherwise`
 * when none has. */
double demo_set_greatest(const struct demo_set *set, const char *keyword, double otherwise);
double demo_set_least(const struct demo_set *set, const char *keyword, double otherwise);

/* The types a value may have, as bits by enum cell_type (CELL_NUMBER includes integers); all bits
 * when nothing says. */
enum { DEMO_TYPES_ALL = (1 << CELL_TYPE_COUNT) - 1 };
unsigned demo_set_types(const struct demo_set *set);
