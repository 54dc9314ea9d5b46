/* What a schema says about the names of one value, without a document: for loaders and messages.
 * What applies to the same value counts, as far as it is certain to. */
#include "schema/inspect.h"

#include "schema/append.h"
#include "schema/compile.h"
#include "schema/inspect_place.h"

static bool known(const struct text *names, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(names[i], name))
            return true;
    }
    return false;
}

enum { NAMES_COMPARED = 64 }; /* beyond so many a name may be listed twice */

static size_t names_at(const struct schema_place *place, struct arena *arena,
                       const struct text **out_names)
{
    const struct members *first = place->schema->nodes[place->nodes[0]].members;
    size_t room = 0, count = 0;
    struct text *names;

    if (place->count == 1 && first != NULL) {
        *out_names = first->declared;
        return first->declared_count;
    }
    for (size_t i = 0; i < place->count; i++) {
        const struct members *members = place->schema->nodes[place->nodes[i]].members;

        room += members != NULL ? members->declared_count : 0;
    }
    names = ARENA_ARRAY(arena, struct text, room);
    for (size_t i = 0; i < place->count; i++) {
        const struct members *members = place->schema->nodes[place->nodes[i]].members;

        for (uint32_t k = 0; members != NULL && k < members->declared_count; k++) {
            /* A node says nothing twice, so the names of the first all differ. */
            size_t compared = i == 0 ? 0 : count < NAMES_COMPARED ? count : NAMES_COMPARED;

            if (!known(names, compared, members->declared[k]))
                names[count++] = members->declared[k];
        }
    }
    *out_names = names;
    return count;
}

size_t root_names(const struct schema *schema, struct arena *arena, const struct text **out_names)
{
    struct schema_place place PLACE_UNSET;

    place_begin(&place, schema, 0);
    place_widen(&place, true);
    return names_at(&place, arena, out_names);
}

static size_t patterns_at(const struct schema_place *place, struct arena *arena,
                          const struct text **out_patterns)
{
    size_t count = 0, room = 0;
    struct text *patterns = NULL;

    for (size_t i = 0; i < place->count; i++) {
        const struct members *members = place->schema->nodes[place->nodes[i]].members;

        for (uint32_t k = 0; members != NULL && k < members->rule_count; k++) {
            if (!place_rejects_all(place->schema, members->rules[k].node))
                *APPEND(arena, patterns, count, room) = pattern_source(members->rules[k].pattern);
        }
    }
    *out_patterns = patterns;
    return count;
}

void declared_at(const struct schema *schema, uint32_t node, struct arena *arena,
                 struct declared *out)
{
    const struct members *members = schema->nodes[node].members;
    struct schema_place place PLACE_UNSET;

    place_begin(&place, schema, node);
    place_widen(&place, false);
    out->name_count = names_at(&place, arena, &out->names);
    out->pattern_count = patterns_at(&place, arena, &out->patterns);
    out->told = place.count == 1 && members != NULL ? members->told : (struct text){0};
}

bool schema_root_is_object(const struct schema *schema)
{
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (kind != CELL_OBJECT && schema->nodes[0].entry[kind] != ENTRY_REJECT)
            return false;
    }
    return schema->nodes[0].entry[CELL_OBJECT] != ENTRY_REJECT;
}

size_t schema_root_names(const struct schema *schema, const struct text **out_names)
{
    *out_names = schema->root_names;
    return schema->root_name_count;
}

bool schema_root_is_closed(const struct schema *schema)
{
    struct schema_place place PLACE_UNSET;

    place_begin(&place, schema, 0);
    place_widen(&place, true);
    for (size_t i = 0; i < place.count; i++) {
        const struct members *members = schema->nodes[place.nodes[i]].members;
        uint32_t rest = place_operand(schema, place.nodes[i], KEYWORD_UNEVALUATED_PROPERTIES);
        bool patterns = members != NULL && members->rule_count > 0;

        if (members != NULL && members->additional != NODE_NONE)
            rest = members->additional;
        if (rest != NODE_NONE && !patterns && place_rejects_all(schema, rest))
            return true;
    }
    return false;
}
