/* schema/metaschema.h
 * The meta-schemas of the five drafts, inside the program. */
#pragma once
#include "schema/dialect.h"
#include "schema/schema.h"

/* The document of a meta-schema, or of one of a meta-schema's vocabularies, by its URI without
 * fragment; NULL when it is none of them. Read when first asked for, and kept until the program
 * ends; any thread may ask. */
const struct document *metaschema_find(struct text uri);
/* The meta-schema of a draft, compiled when first asked for and kept likewise. */
const struct schema *metaschema_compiled(enum draft draft);
/* The URI nearest to a wrong one among the five drafts' own, or an empty text. */
struct text metaschema_nearest(struct text wrong);
