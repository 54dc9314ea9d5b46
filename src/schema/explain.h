/* schema/explain.h
 * Private to the schema and its tests: schema_explain by the plain program alone. */
#pragma once
#include "schema/plain.h"

/* Fills *out; false when the run gave up (then a violation says so). With `plain_only` the fast
 * program has no part in it, so that it can be tested against the plain one. */
bool explain_plainly(const struct schema *schema, const struct document *document, uint32_t at,
                     bool plain_only, struct arena *arena, struct violations *out);
