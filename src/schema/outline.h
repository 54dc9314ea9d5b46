/* schema/outline.h
 * Where the schemas are: every place that is a schema, the resources that have an identifier of
 * their own, and the anchors. Made by a walk through a document that goes only where its dialect
 * says a schema is; what looks like `$id` inside `enum` or `default` names nothing.
 *
 * A compilation begins with one document. When a reference leads to another one of the set, that
 * becomes a further part: its cells are put behind those there are, so that one number goes on
 * being enough to name any place of any schema. */
#pragma once
#include "document/diagnostic.h"
#include "schema/keyword.h"
#include "schema/program.h"

enum {
    IDENTIFIERS_MAX = 2000, /* of either sort: resources, anchors */
    PART_CELLS_MAX = 1 << 28,
    METASCHEMA_CHAIN_MAX = 8,
};
#define RESOURCE_NONE UINT32_MAX

/* A schema identified by a URI, and everything in it up to the next such one. */
struct resource {
    struct text uri;       /* absolute if the author made it so; without fragment */
    struct text retrieved; /* where a part came from, if it has another name too */
    uint32_t cell;
    uint32_t parent; /* the resource around it; RESOURCE_NONE: it begins a part */
    struct dialect dialect;
};
struct anchor {
    struct text name; /* empty: `$recursiveAnchor` */
    uint32_t resource;
    uint32_t cell; /* of the schema */
    bool dynamic;
};
struct subschema {
    uint32_t cell;
    uint32_t resource;
    uint32_t nesting;
};

/* The members of one large object by name, so that many references into it stay cheap. */
struct member_index {
    uint32_t object;  /* its cell */
    uint32_t *places; /* hash table of key cells, 0 where free; NULL: nothing is indexed */
    uint32_t mask;
};
enum { MEMBER_INDEXES = 4, MEMBERS_SEARCHED = 64 };

/* What is wrong with a part that a reference led to is told to the author of the reference in one
 * sentence: whose file it is will be told all of it. */
struct elsewhere {
    struct diagnostics *diagnostics;
    uint32_t reference; /* cell of the first that led there */
    size_t walked;      /* diagnostics there were before meta-schemas were asked */
};

struct outline {
    struct document *document; /* the cells of all parts */
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct schema_options *options;
    const struct schema_limits *limits;
    uint64_t late_us; /* when the time is up; of this thread */
    unsigned ticks;
    struct schema_part *parts;
    size_t part_count, part_room, cell_room;
    struct elsewhere *elsewhere; /* by part; of the first nothing */
    size_t elsewhere_count, elsewhere_room;
    size_t source_bytes;    /* of all parts */
    uint32_t *subschema_of; /* by cell: index into subschemas + 1; 0: no schema is there */
    struct subschema *subschemas;
    size_t subschema_count, subschema_room;
    struct resource *resources;
    size_t resource_count, resource_room;
    struct anchor *anchors;
    size_t anchor_count, anchor_room;
    struct member_index indexes[MEMBER_INDEXES];
    size_t next_index; /* the one to be given up next */
    bool only_names;   /* what is wrong with keywords is nobody's question */
    bool too_large;    /* said once */
    bool late;         /* likewise */
};

/* Begins with the schema at `root`, retrieved from `uri`; tells the diagnostics what is wrong with
 * its keywords. Takes over `document`, an arena's copy of the one that is read. */
void outline_init(struct outline *outline, const struct document *document, uint32_t root,
                  struct text uri, const struct schema_options *options, struct arena *arena,
                  struct diagnostics *diagnostics);
struct set_schema;
/* The URIs that schemas within one of a set give themselves; in the arena. */
size_t outline_names(const struct set_schema *schema, const struct schema_set *set,
                     struct arena *arena, const struct text **out_names);
/* The resource of that URI, which becomes a part now if the set or the program has it and the
 * limits allow it; RESOURCE_NONE when there is none. `reference` is the cell that asks. */
uint32_t outline_reach(struct outline *outline, struct text uri, uint32_t reference);
/* Errors told so far, wherever. */
size_t outline_error_count(const struct outline *outline);
/* Tells of the parts that have errors, at the references that led to them. */
void outline_settle(struct outline *outline);
/* Whether compiling takes longer than it may; told once. Cheap enough to be asked all the time. */
bool outline_is_late(struct outline *outline);
/* Compiles a pattern within the limits; NULL when it is not usable. Takes a while, perhaps. */
const struct pattern *outline_pattern(struct outline *outline, uint32_t cell, struct arena *arena,
                                      struct pattern_problem *out_problem);
/* Walks a place that a reference showed to be a schema, inside `resource`; names nothing there. */
void outline_extend(struct outline *outline, uint32_t cell, uint32_t resource);
/* The schema at a cell, or NULL. */
const struct subschema *outline_at(const struct outline *outline, uint32_t cell);
/* What the words of the schema at a cell mean; there must be one. */
const struct dialect *outline_dialect(const struct outline *outline, uint32_t cell);
/* The value of a keyword of the schema at a cell, CELL_NONE when it has none or its dialect does
 * not know the keyword. */
uint32_t outline_value(const struct outline *outline, uint32_t schema, enum keyword keyword);
/* Whether the schema at a cell, of this dialect, is nothing but its `$ref`. */
bool outline_is_reference(const struct document *document, uint32_t schema,
                          const struct dialect *dialect);
/* The anchor of a resource, or NULL. */
const struct anchor *outline_anchor(const struct outline *outline, uint32_t resource,
                                    struct text name);

/* The dialect that a meta-schema's URI stands for; told about `cell` and false when it is unknown
 * or asks for what is not known here. */
bool outline_find_dialect(struct outline *outline, uint32_t cell, struct text uri,
                          struct dialect *out);

/* Tells what is wrong with one keyword's value: `keyword` must have a row. */
void keyword_examine(struct outline *outline, enum keyword keyword, uint32_t key, uint32_t value,
                     const struct dialect *dialect);

/* A place of the schema as authors write it: "#/properties/name", with the URI before it when it is
 * in another document than the first; in the arena. */
struct text outline_location(const struct outline *outline, uint32_t cell);

/* Where what is wrong with a cell is told. */
struct diagnostics *outline_diagnostics(const struct outline *outline, uint32_t cell);
/* As diagnose() and diagnose_inside(), about a cell of whichever part. */
#define OUTLINE_SAY(outline, cell, ...)                                                            \
    diagnose(outline_diagnostics((outline), (cell)),                                               \
             schema_part_of((outline)->parts, (outline)->part_count, (cell))->document,            \
             schema_part_cell((outline)->parts, (outline)->part_count, (cell)), __VA_ARGS__)
#define OUTLINE_SAY_INSIDE(outline, cell, ...)                                                     \
    diagnose_inside(outline_diagnostics((outline), (cell)),                                        \
                    schema_part_of((outline)->parts, (outline)->part_count, (cell))->document,     \
                    schema_part_cell((outline)->parts, (outline)->part_count, (cell)),             \
                    __VA_ARGS__)
