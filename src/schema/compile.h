/* schema/compile.h
 * Private to the compiler: its state, and the steps of a compilation in their order:
 *   outline.c    has the documents; walk.c finds the schemas in them, identifier.c what they are
 *                called
 *   reference.c  finds where references lead
 *   conform.c    checks the schemas against their meta-schemas
 *   node.c       makes nodes, one per schema and dynamic scope it is reached in
 *   fill.c       makes their plain programs
 *   operand.c    makes what the instructions of a plain program point to
 *   loop.c       refuses references that can never end, and puts the nodes in order
 *   fast.c       makes the fast program
 *   weigh.c      warns of schemas that may take too many steps */
#pragma once
#include "schema/program.h"
#include "schema/reference.h"

enum { SCOPES_MAX = 1000 };

/* Which schema the outermost resource that has a dynamic anchor gave to its name. */
struct binding {
    struct text name;
    uint32_t cell;
};
struct scope {
    struct binding *bindings;
    size_t count;
};

struct compiler {
    struct outline outline;
    const struct document *document;
    struct arena *arena;   /* of the schema */
    struct arena *scratch; /* of the compilation */
    struct diagnostics *diagnostics;
    const struct schema_options *options;

    struct target *targets;
    uint32_t *target_of; /* by cell of a reference: index into targets + 1 */
    size_t target_count, target_room;

    bool scoped; /* some reference depends on the dynamic scope */
    struct scope *scopes;
    size_t scope_count, scope_room;

    struct node *nodes;
    uint32_t *node_scope;
    size_t node_count, node_room;
    uint64_t *node_places; /* hash table: (cell, scope) to node + 1 */
    uint32_t *node_indexes;
    size_t node_mask;
    bool too_large;

    uint32_t *order; /* nodes, each after those it has in place */

    struct code *code;
    size_t code_count, code_room;
    struct object_rules *object_rules; /* those made, to be completed at the end */
    struct rest_items *rest_items;
    struct entries *entries;
};

/* What the scope binds a dynamic anchor to; false when nothing. */
bool scope_binds(const struct scope *scope, struct text name, uint32_t *out_cell);
/* The node of a schema that is reached in a scope; made, to be filled later, when it is new. */
uint32_t compile_node(struct compiler *compiler, uint32_t cell, uint32_t scope);

/* Makes the plain program of a node. */
void fill_node(struct compiler *compiler, uint32_t index);

/* operand.c. `scope` is that of the schema whose keyword it is. */
struct members *members_of(struct compiler *compiler, uint32_t schema, uint32_t scope);
struct choice *choice_of_array(struct compiler *compiler, uint32_t array);
struct choice *choice_of_value(struct compiler *compiler, uint32_t value);
struct alternatives *alternatives_of(struct compiler *compiler, uint32_t array, uint32_t scope);
struct dependencies *dependencies_of(struct compiler *compiler, uint32_t object, uint32_t scope);
struct containment *containment_of(struct compiler *compiler, uint32_t schema);
uint8_t types_of(const struct document *document, uint32_t value);
uint64_t count_of(const struct cell *cell);

/* Tells what the meta-schemas refuse and has not been told yet. */
void conform_to_metaschemas(struct compiler *compiler);
/* Calls `visit` for every node that looks at the same value as this one. */
void in_place_nodes(const struct node *node,
                    void (*visit)(void *context, uint32_t node, uint32_t cell), void *context);
/* Fills compiler->order; false, and told, when there is a loop. */
bool compile_order(struct compiler *compiler);

/* Fills the entries of all nodes, or stops when the time is up. */
void compile_fast(struct compiler *compiler);
/* Warns when few values are enough for a check to be given up. */
void warn_of_weight(struct compiler *compiler);
/* Finds by which member alternatives can be told apart, among those that admit objects. */
void find_tag(const struct compiler *compiler, struct alternatives *alternatives);
