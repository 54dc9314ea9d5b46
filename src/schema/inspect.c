/* What a schema says about names without a document: for loaders, templates and suggestions. A
 * place is a set of nodes that all apply to one value. Following names from place to place is
 * conservative: where the schema is open, any name may exist. */
#include "schema/inspect.h"

#include "schema/append.h"
#include "schema/compile.h"

enum { PLACE_NODES = 256 };
/* What a place is declared with: its nodes need not be zeroed. */
#define PLACE_UNSET __attribute__((uninitialized))

struct place {
    const struct schema *schema;
    uint32_t nodes[PLACE_NODES];
    size_t count;
    bool too_large; /* some nodes are missing: what is not found may still be there */
};

static void add(struct place *place, uint32_t node)
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

/* The place of one node. */
static void begin(struct place *place, const struct schema *schema, uint32_t node)
{
    place->schema = schema;
    place->nodes[0] = node;
    place->count = 1;
    place->too_large = false;
}

static void add_each(void *context, uint32_t node, uint32_t cell)
{
    (void)cell;
    add(context, node);
}

static void add_conjuncts(struct place *place, const struct node *node)
{
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *it = &node->plain[i];

        if (it->keyword == KEYWORD_REF || it->keyword == KEYWORD_DYNAMIC_REF)
            add(place, it->node);
        for (uint32_t k = 0; it->keyword == KEYWORD_ALL_OF && k < it->alternatives->count; k++)
            add(place, it->alternatives->nodes[k]);
    }
}

/* Adds what applies to the same value: only for certain (`$ref`, `allOf`), or perhaps. */
static void widen(struct place *place, bool certain)
{
    for (size_t i = 0; i < place->count; i++) {
        const struct node *node = &place->schema->nodes[place->nodes[i]];

        if (certain)
            add_conjuncts(place, node);
        else
            in_place_nodes(node, add_each, place);
    }
}

static uint32_t operand_of(const struct schema *schema, uint32_t node, enum keyword keyword)
{
    const struct node *it = &schema->nodes[node];

    for (uint32_t i = 0; i < it->plain_count; i++) {
        if (it->plain[i].keyword == keyword)
            return it->plain[i].node;
    }
    return NODE_NONE;
}

static bool rejects_all(const struct schema *schema, uint32_t node)
{
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (schema->nodes[node].entry[kind] != ENTRY_REJECT)
            return false;
    }
    return true;
}

static bool known(const struct text *names, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(names[i], name))
            return true;
    }
    return false;
}

enum { NAMES_COMPARED = 64 }; /* beyond so many a name may be listed twice */

static size_t names_at(const struct place *place, struct arena *arena,
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
    struct place place PLACE_UNSET;

    begin(&place, schema, 0);
    widen(&place, true);
    return names_at(&place, arena, out_names);
}

static size_t patterns_at(const struct place *place, struct arena *arena,
                          const struct text **out_patterns)
{
    size_t count = 0, room = 0;
    struct text *patterns = NULL;

    for (size_t i = 0; i < place->count; i++) {
        const struct members *members = place->schema->nodes[place->nodes[i]].members;

        for (uint32_t k = 0; members != NULL && k < members->rule_count; k++) {
            if (!rejects_all(place->schema, members->rules[k].node))
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
    struct place place PLACE_UNSET;

    begin(&place, schema, node);
    widen(&place, false);
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

unsigned schema_root_types(const struct schema *schema)
{
    unsigned types = 0;

    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (schema->nodes[0].entry[kind] != ENTRY_REJECT)
            types |= 1u << (kind == KIND_BIG_INTEGER ? CELL_NUMBER : kind);
    }
    return types;
}

size_t schema_root_names(const struct schema *schema, const struct text **out_names)
{
    *out_names = schema->root_names;
    return schema->root_name_count;
}

bool schema_root_is_closed(const struct schema *schema)
{
    struct place place PLACE_UNSET;

    begin(&place, schema, 0);
    widen(&place, true);
    for (size_t i = 0; i < place.count; i++) {
        const struct members *members = schema->nodes[place.nodes[i]].members;
        uint32_t rest = operand_of(schema, place.nodes[i], KEYWORD_UNEVALUATED_PROPERTIES);
        bool patterns = members != NULL && members->rule_count > 0;

        if (members != NULL && members->additional != NODE_NONE)
            rest = members->additional;
        if (rest != NODE_NONE && !patterns && rejects_all(schema, rest))
            return true;
    }
    return false;
}

/* One step of a path through a place. */
struct stepping {
    const struct place *from;
    struct text name;
    struct place declared; /* what is said about this very name */
    struct place open;     /* what is said about any other */
    bool anything;         /* it is named without being described */
    bool says;             /* the place declares some names, or closes itself */
    struct pattern_scratch scratch;
};

static void step_rest(struct stepping *it, uint32_t rest)
{
    if (rest == NODE_NONE)
        return;
    it->says = true;
    if (!rejects_all(it->from->schema, rest))
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
static bool has_parts(const struct place *place, uint32_t start_count, struct text name)
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
static void tell_known(const struct place *place, const struct text **out_known, size_t *out_count)
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
static int take_step(struct place *place, struct text name, struct arena *arena)
{
    uint32_t start_count = (uint32_t)place->count;
    struct stepping it = {.from = place, .name = name, .scratch = {.arena = arena}};

    it.declared.schema = it.open.schema = place->schema;
    widen(place, false);
    if (!has_parts(place, start_count, name))
        return 0;
    for (size_t i = 0; i < place->count; i++) {
        const struct members *members = place->schema->nodes[place->nodes[i]].members;

        if (members != NULL)
            step_members(&it, members);
        step_rest(&it, operand_of(place->schema, place->nodes[i], KEYWORD_UNEVALUATED_PROPERTIES));
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
    struct place place PLACE_UNSET;
    struct arena scratch = {0};
    int result = 1;

    *out_known = NULL;
    *out_known_count = 0;
    begin(&place, schema, 0);
    for (size_t i = 0; i < step_count && result > 0; i++)
        result = take_step(&place, steps[i], &scratch);
    if (result == 0)
        tell_known(&place, out_known, out_known_count);
    arena_release(&scratch);
    return result != 0;
}
