/* schema/reference.h
 * Where `$ref` and `$dynamicRef` lead. Nothing is ever fetched: a target is in the same document or
 * nowhere. */
#pragma once
#include "schema/outline.h"

struct target {
    uint32_t cell;      /* a subschema of the outline */
    struct text anchor; /* the name, when the target was named by a `$dynamicAnchor`; else empty */
};

/* Resolves the reference in string cell `value`, which stands in a schema of `resource`. A target
 * that is no known schema yet is walked (outline_extend). On failure tells the diagnostics, with
 * the nearest target there is, and returns false. */
bool reference_resolve(struct outline *outline, uint32_t resource, uint32_t value,
                       struct target *out);
