/* schema/outline.h
 * Where the schemas are in a document: every place that is a schema, the resources that have an
 * identifier of their own, and the anchors. Made by one walk that goes only where the dialect says
 * a schema is; what looks like `$id` inside `enum` or `default` names nothing. */
#pragma once
#include "document/diagnostic.h"
#include "schema/keyword.h"

enum {
    SUBSCHEMAS_MAX = 100000,
    SCHEMA_NESTING_MAX = 256,
    IDENTIFIERS_MAX = 2000, /* of either sort: resources, anchors */
    ENUM_VALUES_MAX = 100000,
};

/* A schema identified by a URI, and everything in it up to the next such one. */
struct resource {
    struct text uri; /* absolute if the author made it so; without fragment */
    uint32_t cell;
};
struct anchor {
    struct text name;
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

struct outline {
    const struct document *document;
    struct arena *arena;
    struct diagnostics *diagnostics;
    uint32_t root;
    uint32_t *subschema_of; /* by cell: index into subschemas + 1; 0: no schema is there */
    struct subschema *subschemas;
    size_t subschema_count, subschema_room;
    struct resource *resources;
    size_t resource_count, resource_room;
    struct anchor *anchors;
    size_t anchor_count, anchor_room;
    struct member_index indexes[MEMBER_INDEXES];
    size_t next_index; /* the one to be given up next */
    bool formats_annotate;
    bool too_large; /* said once */
};

/* Walks the schema at `root`, telling the diagnostics what is wrong with its keywords. */
void outline_init(struct outline *outline, const struct document *document, uint32_t root,
                  struct arena *arena, struct diagnostics *diagnostics, bool formats_annotate);
/* Walks a place that a reference showed to be a schema, inside `resource`; names nothing there. */
void outline_extend(struct outline *outline, uint32_t cell, uint32_t resource);
/* The schema at a cell, or NULL. */
const struct subschema *outline_at(const struct outline *outline, uint32_t cell);
/* The anchor of a resource, or NULL. */
const struct anchor *outline_anchor(const struct outline *outline, uint32_t resource,
                                    struct text name);

/* Tells what is wrong with one keyword's value: `keyword` must have a row. */
void keyword_examine(struct outline *outline, enum keyword keyword, uint32_t key, uint32_t value);

/* A place of the schema as authors write it: "#/properties/name", in the arena. */
struct text outline_location(const struct outline *outline, uint32_t cell);
