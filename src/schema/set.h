/* schema/set.h
 * Schemas by URI, which references from one to another may lead to. Nothing is ever fetched: what
 * is not in the set, and is no meta-schema of JSON Schema either, is not there. Once filled a set
 * is const and may be used by several threads. */
#pragma once
#include "document/document.h"

struct schema_set;

/* A schema of the set. */
struct set_schema {
    struct text uri; /* where it was retrieved from */
    const struct document *document;
    uint32_t root;
};

/* An empty set in the arena (kept). */
struct schema_set *schema_set_new(struct arena *arena);
/* Adds the schema at cell `root` of the document (both kept, the URI too) under the URI it was
 * retrieved from, which is also the base of its references, and under its own `$id`. False, and
 * nothing is added, when the URI is taken. */
bool schema_set_add(struct schema_set *set, struct text uri, const struct document *document,
                    uint32_t root);
/* The schema of that URI (without fragment), or NULL; `set` may be NULL. Equal URIs that are
 * written differently (RFC 3986 section 6.2.2) are one. */
const struct set_schema *schema_set_find(const struct schema_set *set, struct text uri);
/* The schema of the set within which there is one that gives itself this URI, or NULL. Who asks
 * first waits until all documents that may have such names have been looked through. */
const struct set_schema *schema_set_find_within(const struct schema_set *set, struct text uri);
/* The URI in the set nearest to a wrong one, or an empty text. */
struct text schema_set_nearest(const struct schema_set *set, struct text wrong);
