/* schema/reference.h
 * Where `$ref`, `$dynamicRef` and `$recursiveRef` lead. Nothing is ever fetched: a target is in the
 * same document, in the set, or nowhere. */
#pragma once
#include "schema/outline.h"

struct target {
    uint32_t value;     /* cell of the reference */
    uint32_t cell;      /* a subschema of the outline */
    bool dynamic;       /* another may take its place at run time: it was named by an anchor that */
    struct text anchor; /* of this name; that of `$recursiveAnchor` is empty */
};

/* Resolves the reference in string cell `value` of `keyword` in a schema of `resource`. A target
 * that is no known schema yet is walked (outline_extend). On failure tells the diagnostics, with
 * the nearest target there is, and returns false. */
bool reference_resolve(struct outline *outline, uint32_t resource, uint32_t value,
                       enum keyword keyword, struct target *out);
