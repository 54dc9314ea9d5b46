/* Following names from place to place is conservative: where the schema is open, any name may
 * exist. */
#include "schema/inspect_place.h"

#include "schema/compile.h"

static void add(struct schema_place *place, uint32_t node)
{
    for (size_t i = 0; i < place->count; i++) {
        if (place->nodes[i] == node)
            return;
    }
    if (place->count < PLACE_NODES)
        place->nodes[place->count++] = node;
    else
        place->too_large = true;
}

void place_begin(struct schema_place *place, const struct schema *schema, uint32_t node)
{
    place->schema = schema;
    place->nodes[0] = node;
    place->count = 1;
    place->too_large = false;
    place->anything = false;
}

static void add_each(void *context, uint32_t node, uint32_t cell)
{
    (void)cell;
    add(context, node);
}

static void add_conjuncts(struct schema_place *place, const struct node *node)
{
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *it = &node->plain[i];

        if (it->keyword == KEYWORD_REF || it->keyword == KEYWORD_DYNAMIC_REF)
            add(place, it->node);
        for (uint32_t k = 0; it->keyword == KEYWORD_ALL_OF && k < it->alternatives->count; k++)
            add(place, it->alternatives->nodes[k]);
    }
}

void place_widen(struct schema_place *place, bool certain)
{
    for (size_t i = 0; i < place->count; i++) {
        const struct node *node = &place->schema->nodes[place->nodes[i]];

        if (certain)
            add_conjuncts(place, node);
        else
            in_place_nodes(node, add_each, place);
    }
}

uint32_t place_operand(const struct schema *schema, uint32_t node, enum keyword keyword)
{
    const struct node *it = &schema->nodes[node];

    for (uint32_t i = 0; i < it->plain_count; i++) {
        if (it->plain[i].keyword == keyword)
            return it->plain[i].node;
    }
    return NODE_NONE;
}

bool place_rejects_all(const struct schema *schema, uint32_t node)
{
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (schema->nodes[node].entry[kind] != ENTRY_REJECT)
            return false;
    }
    return true;
}

/* One step of a path through a place. */
struct stepping {
    const struct schema_place *from;
    struct text name;
    struct schema_place declared; /* what is said about this very name */
    struct schema_place open;     /* what is said about any other */
    bool anything;                /* it is named without being described */
    bool says;                    /* the place declares some names, or closes itself */
    struct pattern_scratch scratch;
};

static void step_rest(struct stepping *it, uint32_t rest)
{
    if (rest == NODE_NONE)
        return;
    it->says = true;
    if (!place_rejects_all(it->from->schema, rest))
        add(&it->open, rest);
}

static void step_members(struct stepping *it, const struct members *members)
{
    uint32_t slot = name_table_find(&members->table, members->slots, it->name);

    it->says = it->says || members->declared_count > 0 || members->rule_count > 0;
    if (slot != UINT32_MAX && members->slots[slot].node != NODE_NONE)
        add(&it->declared, members->slots[slot].node);
    else if (slot != UINT32_MAX)
        it->anything = true; /* only `required` */
    for (uint32_t i = 0; i < members->rule_count; i++) {
        if (pattern_match(members->rules[i].pattern, it->name, &it->scratch) == PATTERN_MATCHES)
            add(&it->declared, members->rules[i].node);
    }
    step_rest(it, members->additional);
}

/* A step that is a number may be the place of an item. */
static void step_item(struct stepping *it, const struct node *node)
{
    uint64_t index;

    if (!text_to_u64(it->name, &index) || node->entry[CELL_ARRAY] == ENTRY_REJECT)
        return;
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *instruction = &node->plain[i];

        if (instruction->keyword == KEYWORD_PREFIX_ITEMS &&
            index < instruction->alternatives->count)
            add(&it->declared, instruction->alternatives->nodes[index]);
        if (instruction->keyword == KEYWORD_ITEMS && index >= instruction->first)
            add(&it->declared, instruction->node);
    }
}

/* Whether the place as a whole can be something that has parts of that name at all. */
static bool has_parts(const struct schema_place *place, uint32_t start_count, struct text name)
{
    uint64_t index;
    bool number = text_to_u64(name, &index);

    for (uint32_t i = 0; i < start_count; i++) {
        const struct node *node = &place->schema->nodes[place->nodes[i]];

        if (node->entry[CELL_OBJECT] != ENTRY_REJECT ||
            (number && node->entry[CELL_ARRAY] != ENTRY_REJECT))
            return true;
    }
    return false;
}

/* The declared names to suggest from: those of the node that has most. */
static void tell_known(const struct schema_place *place, const struct text **out_known,
                       size_t *out_count)
{
    *out_known = NULL;
    *out_count = 0;
    for (size_t i = 0; i < place->count; i++) {
        const struct members *members = place->schema->nodes[place->nodes[i]].members;

        if (members != NULL && members->declared_count > *out_count) {
            *out_known = members->declared;
            *out_count = members->declared_count;
        }
    }
}

/* Moves *place by one name: 1 where to go on, 0 nowhere, -1 anything may follow. */
static int take_step(struct schema_place *place, struct text name, struct arena *arena)
{
    uint32_t start_count = (uint32_t)place->count;
    struct stepping it = {.from = place, .name = name, .scratch = {.arena = arena}};

    it.declared.schema = it.open.schema = place->schema;
    place_widen(place, false);
    if (!has_parts(place, start_count, name))
        return 0;
    for (size_t i = 0; i < place->count; i++) {
        const struct members *members = place->schema->nodes[place->nodes[i]].members;

        if (members != NULL)
            step_members(&it, members);
        step_rest(&it,
                  place_operand(place->schema, place->nodes[i], KEYWORD_UNEVALUATED_PROPERTIES));
        step_item(&it, &place->schema->nodes[place->nodes[i]]);
    }
    if (it.anything || place->too_large || it.declared.too_large || it.open.too_large)
        return -1;
    if (it.declared.count > 0 || it.open.count > 0) {
        *place = it.declared.count > 0 ? it.declared : it.open;
        return 1;
    }
    return it.says ? 0 : -1;
}

bool schema_admits_path(const struct schema *schema, const struct text *steps, size_t step_count,
                        const struct text **out_known, size_t *out_known_count)
{
    struct schema_place place PLACE_UNSET;
    struct arena scratch = {0};
    int result = 1;

    *out_known = NULL;
    *out_known_count = 0;
    place_begin(&place, schema, 0);
    for (size_t i = 0; i < step_count && result > 0; i++)
        result = take_step(&place, steps[i], &scratch);
    if (result == 0)
        tell_known(&place, out_known, out_known_count);
    arena_release(&scratch);
    return result != 0;
}

/* --- the same, a name at a time --- */

/* A copy in the arena, its nodes in order so that equal places can be told. */
static const struct schema_place *keep(const struct schema_place *place, struct arena *arena)
{
    struct schema_place *kept = arena_alloc(arena, sizeof *kept);

    *kept = (struct schema_place){.schema = place->schema,
                                  .anything = place->anything || place->too_large};
    if (kept->anything)
        return kept;
    for (size_t i = 0; i < place->count; i++) {
        size_t at = kept->count++;

        for (; at > 0 && kept->nodes[at - 1] > place->nodes[i]; at--)
            kept->nodes[at] = kept->nodes[at - 1];
        kept->nodes[at] = place->nodes[i];
    }
    return kept;
}

const struct schema_place *schema_place_root(const struct schema *schema, struct arena *arena)
{
    struct schema_place root PLACE_UNSET;

    place_begin(&root, schema, 0);
    return keep(&root, arena);
}

const struct schema_place *schema_place_anything(const struct schema_place *any,
                                                 struct arena *arena)
{
    struct schema_place *place = arena_alloc(arena, sizeof *place);

    *place = (struct schema_place){.schema = any->schema, .anything = true};
    return place;
}

const struct schema_place *schema_place_member(const struct schema_place *from, struct text name,
                                               struct arena *arena)
{
    struct schema_place place = *from;
    int result = from->anything ? -1 : take_step(&place, name, arena);

    place.anything = result < 0;
    return result == 0 ? NULL : keep(&place, arena);
}

/* Adds what is said of the items of an array that is of this node; false when it is nothing. */
static bool add_items(struct schema_place *items, const struct node *node)
{
    bool says = false;

    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *it = &node->plain[i];

        if (it->keyword == KEYWORD_ITEMS)
            add(items, it->node), says = true;
        for (uint32_t k = 0; it->keyword == KEYWORD_PREFIX_ITEMS && k < it->alternatives->count;
             k++)
            add(items, it->alternatives->nodes[k]), says = true;
    }
    return says;
}

/* Whether any of the nodes may be of an array, or of anything else. */
static void kinds_of(const struct schema_place *place, bool *out_array, bool *out_other)
{
    *out_array = *out_other = false;
    for (size_t i = 0; i < place->count; i++) {
        const uint32_t *entry = place->schema->nodes[place->nodes[i]].entry;

        for (unsigned kind = 0; kind < KIND_COUNT; kind++)
            if (entry[kind] != ENTRY_REJECT)
                *(kind == CELL_ARRAY ? out_array : out_other) = true;
    }
}

const struct schema_place *schema_place_inside(const struct schema_place *from, struct arena *arena)
{
    struct schema_place place = *from, inside PLACE_UNSET;
    bool array, other, says = false;

    kinds_of(from, &array, &other);
    if (from->anything || !array)
        return from;
    inside = *from;
    inside.count = other ? from->count : 0;
    place_widen(&place, false);
    for (size_t i = 0; i < place.count; i++)
        says |= add_items(&inside, &place.schema->nodes[place.nodes[i]]);
    inside.anything = !says || place.too_large;
    return keep(&inside, arena);
}

const struct schema_place *schema_place_either(const struct schema_place *a,
                                               const struct schema_place *b, struct arena *arena)
{
    struct schema_place both = *a;

    both.anything |= b->anything;
    for (size_t i = 0; i < b->count; i++)
        add(&both, b->nodes[i]);
    return keep(&both, arena);
}

bool schema_place_equal(const struct schema_place *a, const struct schema_place *b)
{
    return a->anything == b->anything && a->count == b->count &&
           memcmp(a->nodes, b->nodes, a->count * sizeof *a->nodes) == 0;
}

size_t schema_place_names(const struct schema_place *from, const struct text **out_names)
{
    struct schema_place place = *from;
    size_t count;

    place_widen(&place, false);
    tell_known(&place, out_names, &count);
    return count;
}
