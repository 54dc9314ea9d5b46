/* schema/bundle.h
 * A schema as one that stands alone: in the words of 2020-12 whatever draft it is written in, with
 * everything that its references lead to, in other files too, as definitions beside it. For whoever
 * reads schemas without this folder: OpenAPI documents, generators, lists of tools.
 *
 * It takes what the author's schema takes, but for two things that 2020-12 has no words for: that
 * 1.0 is no integer (draft-04), and what `contains` evaluates (2019-09). What references mean at
 * run time (`$dynamicRef`) is written out, once per scope. Titles, descriptions, defaults and
 * examples stay; `$comment`, `contentSchema` and what no draft knows do not. */
#pragma once
#include "schema/schema.h"

struct schema_bundle {
    struct text schema;      /* JSON: an object, or a boolean */
    struct text definitions; /* members of an object, without its braces: "a":{...},"b":{...} */
    size_t definition_count;
};
/* Writes it into the arena. `refs` is what references to definitions begin with, such as
 * "#/$defs/"; `prefix` what their names begin with. The names of definitions have only letters,
 * digits and `_`. The text is linear in the compiled schema's. */
void schema_bundle(const struct schema *schema, struct text refs, struct text prefix,
                   struct arena *arena, struct schema_bundle *out);
