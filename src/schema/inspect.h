/* schema/inspect.h
 * Private to the schema: which names a schema declares for the members of a value, looking through
 * what applies to the same value. */
#pragma once
#include "schema/program.h"

/* The names declared at the root, through `$ref` and `allOf`; in the arena. */
size_t root_names(const struct schema *schema, struct arena *arena, const struct text **out_names);
/* The names declared at a node, through everything that applies to the same value. */
size_t declared_names(const struct schema *schema, uint32_t node, struct arena *arena,
                      const struct text **out_names);
/* The patterns of `patternProperties` there, but for those that no value is admitted with. */
size_t declared_patterns(const struct schema *schema, uint32_t node, struct arena *arena,
                         const struct text **out_patterns);
