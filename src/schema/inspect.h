/* schema/inspect.h
 * Private to the schema: which names a schema declares for the members of a value, looking through
 * what applies to the same value. */
#pragma once
#include "schema/program.h"

/* The names declared at the root, through `$ref` and `allOf`; in the arena. */
size_t root_names(const struct schema *schema, struct arena *arena, const struct text **out_names);
/* What is declared at a node, through everything that applies to the same value. */
struct declared {
    const struct text *names;
    const struct text *patterns; /* but for those that no value is admitted with */
    size_t name_count, pattern_count;
    struct text told; /* the names as messages list them; may be empty */
};
/* In the arena, or the schema's. */
void declared_at(const struct schema *schema, uint32_t node, struct arena *arena,
                 struct declared *out);
