/* schema/lower_form.h
 * Private to lowering: a schema as a graph of forms, in the terms that all dialects share, and the
 * steps from the compiled schema to a dialect's text in their order:
 *   lower_place.c  which nodes apply to a value together
 *   lower_leaf.c   what they say of scalars; lower_object.c of members; lower_array.c of items
 *   lower_words.c  what is dropped, in plain words
 *   lower_graph.c  what can never hold, recursion, what a dialect demands of objects
 *   lower_write.c  the text; lower_write_leaf.c what is no union */
#pragma once
#include "base/buffer.h"
#include "schema/lower_dialect.h"
#include "schema/run.h"

enum {
    FORMS_MAX = 20000,
    FORM_NODES_MAX = 256,    /* that apply to one value together */
    ALTERNATIVES_MAX = 1000, /* of one union */
    BRANCHES_MAX = 64,       /* of alternatives multiplied by those inside them */
    MEMBERS_MAX = 100000,    /* of all forms */
    WALK_MAX = 500,          /* forms within one another: bounds our own recursion */
    DROPS_MAX = 500,         /* listed */
    NOTES_BYTES = 1000,
    WORDS_BYTES = 200, /* of the schema, quoted in a note */
};

struct lower_form;
struct lower_member {
    struct text name;
    struct lower_form *form;
    bool required;      /* by the author */
    bool made_required; /* for the dialect */
    bool absent_null;   /* then, null stands for its absence */
};

/* What a value may be. It admits at least what the nodes of its place admit together. */
struct lower_form {
    const uint32_t *nodes; /* the place; none: anything */
    const bool *inherited; /* of each node, whether the alternatives around have it too */
    uint32_t node_count;
    uint32_t branches; /* alternatives multiplied so far */
    uint8_t kinds;
    bool listed; /* only these values, cells of the schema's document */
    const uint32_t *values;
    uint32_t value_count;
    const struct instruction **kept; /* bounds, pattern and the like that the dialect takes */
    uint32_t kept_count;
    struct lower_form **prefix; /* the first items; and all others, NULL: anything */
    uint32_t prefix_count;
    struct lower_form *rest_items;
    struct lower_form *any_item; /* what stands for all where places cannot be told apart */
    struct lower_member *members;
    uint32_t member_count;
    struct lower_form *rest; /* other members; NULL: anything */
    uint32_t rest_cell;      /* the keyword that says so, or CELL_NONE */
    bool is_union;           /* nothing but alternatives */
    struct lower_form **alternatives;
    uint32_t alternative_count;
    uint32_t description, title; /* cells, or CELL_NONE */
    struct text notes;
    bool apart;       /* belongs to no place */
    bool never;       /* no value satisfies it */
    bool loose;       /* stands for a form that cannot be written once more inside itself */
    bool admits_null; /* the author's schema does */
    bool on_way, seen;
    bool recursive;
    uint32_t uses;
    struct text definition; /* its name in $defs; empty: written in place */
};

struct lowering {
    const struct schema *schema;
    const struct lower_dialect *dialect;
    struct arena *arena;
    struct arena *scratch;
    struct lower_form **forms;
    size_t form_count, form_room;
    uint32_t *places; /* hash table: index of a form + 1 */
    size_t place_mask;
    size_t member_total;
    uint64_t steps_left; /* for values that are checked while lowering */
    struct pattern_scratch patterns;
    bool *dropped; /* by cell */
    struct lower_drop *drops;
    size_t drop_count, drop_room;
    bool writes_nulls;
    struct text reason; /* why it cannot be expressed; empty: it can, so far */
    uint32_t reason_cell;
};

/* Notes why the schema cannot be expressed, the first time; false. `form` may be NULL. */
bool lower_fail(struct lowering *it, const struct lower_form *form, const char *reason);

/* lower_place.c */
struct place {
    uint32_t nodes[FORM_NODES_MAX];
    bool inherited[FORM_NODES_MAX];
    uint32_t count;
    bool too_large;
};
void place_add(const struct schema *schema, struct place *place, uint32_t node, bool inherited);
/* The form of the values that satisfy all nodes of the place; made, to be filled later, when it is
 * new. NULL when there are too many. */
struct lower_form *place_form(struct lowering *it, struct place *place, uint32_t branches);
/* A form that belongs to no place; NULL when there are too many. */
struct lower_form *lower_form_new(struct lowering *it);
/* The first union of the form's place that none of its alternatives was chosen for; NULL when there
 * is none, or when there are too many. */
const struct instruction *place_union(const struct lowering *it, const struct lower_form *form,
                                      bool *out_too_many);
/* Whether the value at a cell satisfies all nodes of the form's place; `otherwise` when that costs
 * too much. */
bool place_holds(struct lowering *it, const struct lower_form *form,
                 const struct document *document, uint32_t at, bool otherwise);

/* Calls `visit` for every instruction of every node of the place. */
#define FOR_EACH_INSTRUCTION(it, form, variable)                                                   \
    for (uint32_t node_##variable = 0; node_##variable < (form)->node_count; node_##variable++)    \
        for (const struct instruction *                                                            \
                 variable = (it)->schema->nodes[(form)->nodes[node_##variable]].plain,             \
                *end_##variable =                                                                  \
                    variable + (it)->schema->nodes[(form)->nodes[node_##variable]].plain_count;    \
             variable < end_##variable; variable++)

/* Fills what a form says of its values. */
void lower_fill(struct lowering *it, struct lower_form *form);
void lower_fill_members(struct lowering *it, struct lower_form *form);
void lower_fill_items(struct lowering *it, struct lower_form *form);

/* lower_words.c. Notes that the dialect cannot say an instruction: the note goes into the form's
 * description. */
void lower_drop(struct lowering *it, struct lower_form *form, const struct instruction *what);
/* The same with words of its own; empty: only listed, not put into the description. */
void lower_drop_saying(struct lowering *it, struct lower_form *form, uint32_t cell, bool implied,
                       struct text says, bool described);

/* lower_graph.c. Makes the graph one that the dialect takes, from the root; false when that cannot
 * be. Returns the root, which may be another form now. */
struct lower_form *lower_settle(struct lowering *it, struct lower_form *root);

/* lower_write.c */
bool lower_write(struct lowering *it, struct lower_form *root, struct buffer *out);
