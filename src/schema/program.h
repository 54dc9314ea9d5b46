/* schema/program.h
 * Private to the schema: what a schema is compiled to.
 *
 * Every pair of a subschema and a dynamic scope is a node. A node has two programs. The plain one
 * has an instruction per keyword in reading order; it can explain itself, and it is the reference
 * the fast one is tested against. The fast one, for the verdict only, is a run of code for each
 * kind of value, all of which must hold: so `type` costs nothing, and keywords that are about other
 * kinds are never visited. */
#pragma once
#include "schema/decimal.h"
#include "schema/format.h"
#include "schema/keyword.h"
#include "schema/pattern.h"
#include "schema/schema.h"

#define NODE_NONE UINT32_MAX

/* The two entries that are no place in the code. */
enum { ENTRY_REJECT, ENTRY_ACCEPT, ENTRY_FIRST };

enum {
    NODES_MAX = 110000, /* subschemas, once per dynamic scope they are reached in */
    IN_PLACE_MAX = 256, /* subschemas within one another that look at the same value */
    CHECK_STEPS_MAX = 100000000,
    EXPLAIN_STEPS_MAX = 10000000,
    CHECK_DEPTH_MAX = 3000, /* nodes running within one another */
};

/* What `properties`, `required` and the like say about one name. */
struct slot {
    struct text name;
    uint64_t required;  /* its bit, if there are at most 64 required names; else 0 */
    uint32_t node;      /* NODE_NONE: `properties` does not have it */
    uint32_t requested; /* its number in `required`, from 1; 0: not required */
};
struct known_name;
struct pattern_rule {
    const struct pattern *pattern;
    uint32_t node;
    uint32_t key; /* cell of the pattern */
};
/* A hash table of names; see names.c. */
struct name_table {
    const uint32_t *places; /* index + 1 of a slot; 0: none */
    uint32_t mask;
    bool keyed; /* the secret hash is used: by the other one the names are too close */
    uint64_t seed;
};
/* Everything a schema says about the members of an object, but for `unevaluatedProperties`. */
struct members {
    struct slot *slots;
    const struct known_name *known; /* the names of the slots, quick to compare */
    struct name_table table;
    const struct text *declared; /* the names in `properties`, once more, for who asks */
    uint32_t declared_count;
    struct text told; /* the same as messages list them, where `additional` may refuse others */
    struct pattern_rule *rules;
    uint32_t slot_count, rule_count;
    uint32_t additional, names; /* nodes or NODE_NONE */
    uint32_t required_count;
    uint64_t required;         /* all the bits */
    const uint32_t *requested; /* slots of the required names, in the order written */
};

/* `enum`, or `const` as one of one. */
struct choice {
    const uint32_t *cells; /* in the schema's document, of the values that are no strings */
    uint32_t cell_count;
    struct slot *slots; /* the strings */
    struct name_table table;
    uint32_t slot_count;
    uint8_t kinds;    /* of all values */
    struct text told; /* all values as messages list them; empty where that may be long */
};

struct dependency {
    struct text name;
    uint32_t key;
    uint32_t node;  /* NODE_NONE: names it is */
    uint32_t names; /* cell of the array */
};
struct dependencies {
    const struct dependency *items;
    uint32_t count;
};

struct containment {
    uint64_t least, most;
    uint32_t least_cell, most_cell; /* CELL_NONE where it is not written */
    bool marks;                     /* what it holds for is evaluated: since 2020-12 */
};

struct alternatives {
    const uint32_t *nodes;
    uint32_t count;
    /* When every alternative asks for an object with this string member: its value in each. */
    struct text tag;
    const struct text *tag_values; /* NULL: there is no such member */
    uint8_t tag_keyword;           /* how they say so: `const` or `enum` */
};

struct condition {
    uint32_t then_node, else_node;
};

/* One keyword of a plain program, in the words of 2020-12: the `items` and `additionalItems` of
 * older drafts run as `prefixItems` and `items`, `$recursiveRef` as `$dynamicRef`. */
struct instruction {
    uint8_t keyword; /* enum keyword; KEYWORD_NONE: the schema `false` */
    uint8_t shown;   /* enum keyword: as the author wrote it */
    uint8_t kinds;   /* values of other kinds hold */
    bool written;    /* `type` of draft-04: an integer has neither fraction nor exponent */
    uint32_t cell;   /* the keyword's value in the schema's document */
    uint32_t node;   /* the only subschema, of the keywords that have one */
    union {
        uint8_t types;  /* `type`: kinds admitted */
        uint64_t count; /* `minItems` and the like */
        struct bound bound;
        enum format format;
        const struct pattern *pattern;
        const struct choice *choice;
        struct members *members;
        const struct dependencies *dependencies;
        struct alternatives *alternatives; /* also `prefixItems` and `allOf` */
        const struct containment *containment;
        const struct condition *condition;
        uint8_t content; /* what is checked of a string's content */
        uint32_t first;  /* `items`: how many items are spoken for by `prefixItems` */
    };
};

struct code; /* see fast.h */
struct entries;

struct node {
    uint32_t entry[KIND_COUNT];
    const struct instruction *plain;
    const struct members *members; /* what it says about them; NULL: nothing */
    uint32_t plain_count;
    uint32_t cell; /* of the schema */
    bool tracks;   /* has `unevaluatedProperties` or `unevaluatedItems` */
};

/* One document of those a schema was compiled from: its cells from `from` on are those of the whole
 * from `first` on. */
struct schema_part {
    const struct document *document;
    struct text uri; /* it was retrieved from */
    uint32_t from, first, count;
    uint32_t root; /* of the schema, among the cells of the whole */
};
struct schema_resource {
    struct text uri;
    uint32_t cell;
    struct dialect dialect; /* without the URI of its meta-schema */
};

struct schema {
    const struct document *document; /* the cells of all parts; of one only, it is that document */
    const struct schema_part *parts; /* by `first` */
    uint32_t part_count;
    const struct schema_resource *resources;
    uint32_t resource_count;
    uint32_t root; /* cell; node 0 is its */
    const struct node *nodes;
    uint32_t node_count;
    const struct code *code;
    const struct entries *entries; /* those of the nodes, packed */
    uint32_t code_count;
    uint64_t check_steps; /* of one check, at most */
    const struct text *root_names;
    size_t root_name_count;
};

/* part.c: the part that a cell of the whole belongs to, and its number there. */
const struct schema_part *schema_part_of(const struct schema_part *parts, size_t count,
                                         uint32_t cell);
uint32_t schema_part_cell(const struct schema_part *parts, size_t count, uint32_t cell);
/* The document that a cell of a compiled schema was read in, and its number there. */
const struct document *schema_origin(const struct schema *schema, uint32_t cell,
                                     uint32_t *out_cell);
/* The innermost resource that a cell of a compiled schema is in. */
const struct schema_resource *schema_resource_of(const struct schema *schema, uint32_t cell);
/* The absolute location of a cell of a compiled schema: the URI of its resource, '#' and a JSON
 * Pointer; in the arena. */
struct text schema_location(const struct schema *schema, uint32_t cell, struct arena *arena);

/* names.c: a table over the names of `count` slots. */
void name_table_init(struct name_table *table, const struct slot *slots, uint32_t count,
                     struct arena *arena);

static inline uint64_t name_word(const char *at, size_t bytes)
{
    uint64_t word = 0;

    memcpy(&word, at, bytes);
    return word;
}

/* The first eight bytes of a name, and the last eight; all of a shorter one, and 0. */
static inline uint64_t name_head(const char *at, size_t len)
{
    if (len >= 8)
        return name_word(at, 8);
    if (len >= 4)
        return name_word(at, 4) | name_word(at + len - 4, 4) << 32;
    if (len == 0)
        return 0;
    return (uint64_t)(unsigned char)at[0] | (uint64_t)(unsigned char)at[len / 2] << 8 |
           (uint64_t)(unsigned char)at[len - 1] << 16;
}
static inline uint64_t name_tail(const char *at, size_t len)
{
    return len >= 8 ? name_word(at + len - 8, 8) : 0;
}

/* Quick, but whoever writes a schema can choose names that share a hash: where they do, tables are
 * made by text_hash instead. */
static inline uint64_t name_hash(struct text name, uint64_t seed)
{
    uint64_t head = name_head(name.at, name.len), tail = name_tail(name.at, name.len), hash;

    for (size_t i = 8; i + 8 < name.len; i += 8)
        head = (head ^ name_word(name.at + i, 8)) * 0xC2B2AE3D27D4EB4Fu;
    hash = (head ^ seed) * 0x9E3779B97F4A7C15u + (tail ^ name.len) * 0xC2B2AE3D27D4EB4Fu;
    return hash >> 32;
}

static inline uint32_t name_table_place(const struct name_table *table, struct text name)
{
    return (uint32_t)(table->keyed ? text_hash(name) : name_hash(name, table->seed)) & table->mask;
}

/* Index of the slot of that name (the first of several), or UINT32_MAX. */
static inline uint32_t name_table_find(const struct name_table *table, const struct slot *slots,
                                       struct text name)
{
    uint32_t at;

    if (table->places == NULL)
        return UINT32_MAX;
    at = name_table_place(table, name);
    for (; table->places[at] != 0; at = (at + 1) & table->mask) {
        if (text_equal(slots[table->places[at] - 1].name, name))
            return table->places[at] - 1;
    }
    return UINT32_MAX;
}
