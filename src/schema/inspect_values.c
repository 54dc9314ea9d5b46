/* Which values may be at a place. Each of its nodes leaves some, and all of them may: so types are
 * added up over the nodes, while what is certain to apply along with one node narrows it. */
#include "schema/inspect_place.h"

#include "schema/append.h"

unsigned schema_root_types(const struct schema *schema)
{
    return node_types(&schema->nodes[0]);
}

unsigned node_types(const struct node *node)
{
    unsigned types = 0;

    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        if (node->entry[kind] != ENTRY_REJECT)
            types |= 1u << (kind == KIND_BIG_INTEGER ? CELL_NUMBER : kind);
    return types;
}

/* What `enum` or `const` of a node leaves; NULL: it has none. */
static const struct choice *choice_of(const struct node *node)
{
    for (uint32_t i = 0; i < node->plain_count; i++)
        if (node->plain[i].keyword == KEYWORD_ENUM || node->plain[i].keyword == KEYWORD_CONST)
            return node->plain[i].choice;
    return NULL;
}

/* False when any string may stand there. */
static bool add_values(const struct schema *schema, uint32_t node, struct arena *arena,
                       size_t *room, struct schema_values *out)
{
    struct schema_place place PLACE_UNSET;
    const struct choice *choice = NULL;
    struct text *words = (struct text *)(uintptr_t)out->words;
    unsigned types = ~0u;

    place_begin(&place, schema, node);
    place_widen(&place, true);
    for (size_t i = 0; i < place.count; i++) {
        types &= node_types(&schema->nodes[place.nodes[i]]);
        if (choice == NULL)
            choice = choice_of(&schema->nodes[place.nodes[i]]);
    }
    out->types |= types;
    if ((types & 1u << CELL_STRING) == 0)
        return true;
    for (uint32_t i = 0; choice != NULL && i < choice->slot_count; i++)
        *APPEND(arena, words, out->word_count, *room) = choice->slots[i].name;
    out->words = words;
    return choice != NULL;
}

void schema_place_values(const struct schema_place *place, struct arena *arena,
                         struct schema_values *out)
{
    bool listed = !place->anything;
    size_t room = 0;

    *out = (struct schema_values){0};
    if (place->anything)
        out->types = (1u << CELL_TYPE_COUNT) - 1;
    for (size_t i = 0; !place->anything && i < place->count; i++)
        listed = add_values(place->schema, place->nodes[i], arena, &room, out) && listed;
    if (!listed)
        out->words = NULL, out->word_count = 0;
}
