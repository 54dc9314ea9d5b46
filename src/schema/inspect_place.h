/* schema/inspect_place.h
 * Private to the schema: a place is a set of nodes that all apply, or may apply, to one value. */
#pragma once
#include "schema/program.h"

enum { PLACE_NODES = 256 };
/* What a place is declared with: its nodes need not be zeroed. */
#define PLACE_UNSET __attribute__((uninitialized))

struct schema_place {
    const struct schema *schema;
    uint32_t nodes[PLACE_NODES];
    size_t count;
    bool too_large; /* some nodes are missing: what is not found may still be there */
    bool anything;  /* nothing is said about the value: whatever is looked for may be there */
};

/* The place of one node. */
void place_begin(struct schema_place *place, const struct schema *schema, uint32_t node);
/* Adds what applies to the same value: only for certain (`$ref`, `allOf`), or perhaps. */
void place_widen(struct schema_place *place, bool certain);
/* The node of a keyword with one schema, or NODE_NONE. */
uint32_t place_operand(const struct schema *schema, uint32_t node, enum keyword keyword);
bool place_rejects_all(const struct schema *schema, uint32_t node);
/* inspect_values.c: 1 << enum cell_type for each type that it does not reject by itself. */
unsigned node_types(const struct node *node);
