/* schema/plain.h
 * Private to the plain program and to those that put what it finds into words. */
#pragma once
#include "schema/fast.h"
#include "schema/marks.h"

/* One step of the way through a schema: a keyword, and which of its subschemas. Steps live on the C
 * stack of the walk; what is found keeps its own copy, shared with what is found near it. */
struct step {
    struct step *up;
    enum keyword keyword;
    struct text name; /* of a member; its `at` is NULL when there is none */
    uint32_t index;   /* UINT32_MAX: none */
    const struct kept_step *kept;
};
struct kept_step {
    const struct kept_step *up;
    enum keyword keyword;
    struct text name;
    uint32_t index;
};

/* What is known of the members of an object, for the keywords that ask. */
struct member_slots {
    size_t at;           /* on run->member_nodes: what `properties` has for each, or NODE_NONE */
    uint64_t required;   /* bits of the required names that are there; see struct slot */
    uint32_t undeclared; /* how many members `properties` does not have */
};

/* The value a node is run on. */
struct visit {
    uint32_t node;
    uint32_t at;
    uint32_t depth;            /* in the document, from the value that is checked */
    bool is_name;              /* it is the name of a member (`propertyNames`) */
    uint32_t owner;            /* node whose keyword about undeclared members led here, + 1; or 0 */
    struct member_slots slots; /* see plain_slots */
    struct marks *marks;       /* what is evaluated is marked here; NULL: nobody asks */
    struct step *path;
};

enum finding_sort {
    FINDING_PLAIN,   /* the keyword does not hold */
    FINDING_MISSING, /* `name` is missing; of dependencies, a is which one */
    FINDING_TYPES,   /* no alternative admits the type */
    FINDING_TAG,     /* the tag is none of those known */
    FINDING_NONE,    /* no alternative fits */
    FINDING_SEVERAL, /* b alternatives fit; a has a bit for each of the first 64 that do */
    FINDING_FEW,     /* only a items fit `contains` */
    FINDING_MANY,    /* likewise, too many */
};
struct finding {
    enum finding_sort sort;
    enum keyword keyword;
    uint32_t cell;
    uint32_t depth;
    bool is_name;
    uint32_t owner; /* as in struct visit */
    const struct instruction *instruction;
    const struct kept_step *path;
    struct text name;
    uint64_t a, b;
    uint32_t tried; /* alternatives, of which this is the closest; 0: none */
    size_t order;
};

enum { FINDINGS_SPENT_MAX = 20000 }; /* of all lists of one explanation */
struct listing {
    struct finding *items;
    size_t count, room;
    size_t *spent;
};
static inline bool listing_is_full(const struct listing *listing)
{
    return listing->count >= VIOLATIONS_COUNTED;
}

/* A keyword that says something about a value: `key` is its cell in the schema. */
struct annotation {
    const struct kept_step *path;
    uint32_t key;
    uint32_t at;
};
enum { ANNOTATIONS_MAX = 100000 };
struct annotations {
    struct annotation *items;
    size_t count, room;
};
/* annotate.c: adds those of a node to run->annotations. */
void annotate(struct run *run, const struct node *node, const struct visit *visit);

/* A copy of the way in the arena of the run. */
const struct kept_step *step_keep(struct run *run, struct step *step);

/* Runs the plain program of a node on what the visit says, which is its own from now on. With
 * run->listing, tells everything that does not hold; without it, stops at the first. */
bool plain_node(struct run *run, uint32_t node, struct visit *visit);
/* Adds to run->listing; NULL when it is full or the run has been given up. */
struct finding *listing_add(struct run *run, const struct finding *finding);
/* Adds to run->listing, if there is one, what is known from where the walk is: the caller fills
 * `sort`, its operands, and `cell` or `keyword` where they are not the visited ones. Returns false.
 */
bool plain_tell(struct run *run, const struct instruction *instruction, const struct visit *visit,
                const struct finding *finding);
/* As plain_node for an alternative at the same value, without telling. */
bool plain_try(struct run *run, uint32_t node, struct visit visit);

/* Whether the fast program is to be asked about a container inside another before it is explained.
 * What makes up most of its container is not worth asking about: most likely the fault is in there,
 * and so no cell is asked about more often than the logarithm of their number. */
static inline bool plain_asks(const struct run *run, uint32_t container, uint32_t at)
{
    const struct cell *cells = run->cells;

    return run->listing == NULL || cells[at].end - at <= (cells[container].end - container) / 2;
}
/* Whether the fast program accepts a value inside the visited one, or the name of a member. */
static inline bool plain_accepts(struct run *run, uint32_t node, const struct visit *from,
                                 uint32_t at)
{
    const struct cell *cell = &run->cells[at];
    uint32_t entry = run->entries[node].of[cell_kind(cell)];

    if (run->plain_only)
        return false;
    if (entry < ENTRY_FIRST)
        return entry == ENTRY_ACCEPT;
    if (cell->type < CELL_ARRAY)
        return run_scalar(run, &run->code[entry], cell) && run->undecided == DECIDED;
    return plain_asks(run, from->at, at) && run_entry(run, entry, at) && run->undecided == DECIDED;
}
/* The first item from `item` on that is not known to be accepted; `until` when all are. Pays. */
static inline uint32_t plain_pass(struct run *run, uint32_t node, const struct visit *from,
                                  uint32_t item, uint32_t until)
{
    uint32_t most = run->listing == NULL ? UINT32_MAX : (run->cells[from->at].end - from->at) / 2;

    if (run->plain_only) {
        spend(run, 1);
        return item;
    }
    return run_items(run, node, item, until, most);
}
/* Runs a node on such a value if it has not been accepted; `step` leads there from where the walk
 * is. */
bool plain_child(struct run *run, uint32_t node, const struct visit *from, uint32_t at,
                 bool is_name, struct step *step);
/* Runs a node on the same value. */
bool plain_here(struct run *run, uint32_t node, const struct visit *from, struct step *step);

/* Going on makes sense: everything holds so far, or everything wrong is to be told, of which there
 * is not more than is counted. */
static inline bool plain_goes_on(const struct run *run, bool holds)
{
    return run->undecided == DECIDED &&
           (holds || (run->listing != NULL && !listing_is_full(run->listing)));
}
static inline void plain_mark(struct run *run, const struct visit *visit, uint32_t index)
{
    if (visit->marks != NULL)
        marks_set(run, *visit->marks, index);
}

/* Puts on run->member_nodes what `properties` has for each member of an object, and pays for what
 * is done with them; the caller takes them off. */
struct member_slots plain_slots(struct run *run, const struct members *members, uint32_t object);
/* Whether the members are known to hold for a keyword about them by their names alone. */
static inline bool plain_is_settled(const struct instruction *it, const struct visit *visit)
{
    const struct members *members = it->members;

    if (it->keyword == KEYWORD_REQUIRED)
        return members->required_count <= 64 && visit->slots.required == members->required;
    return it->keyword == KEYWORD_ADDITIONAL_PROPERTIES && visit->slots.undeclared == 0;
}
/* The keywords about members, about items, and `anyOf` and `oneOf` (union.c). Most keywords do not
 * get here, and what runs them is not to pay for so large a frame. */
bool plain_object(struct run *run, const struct instruction *instruction, const struct visit *visit)
    __attribute__((noinline));
bool plain_array(struct run *run, const struct instruction *instruction, const struct visit *visit)
    __attribute__((noinline));
bool plain_union(struct run *run, const struct instruction *instruction, const struct visit *visit)
    __attribute__((noinline));

/* Sorts by place in the document and drops what is said about values refused for their type. */
void listing_settle(struct listing *listing);

/* describe.c: a finding as a violation, in the arena. `root` is the cell that was checked. */
void violation_of(const struct run *run, const struct finding *finding, uint32_t root,
                  struct violation *out);
/* The same for a check that was given up. */
struct violation violation_of_undecided(const struct run *run);
