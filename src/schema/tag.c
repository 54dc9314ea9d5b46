/* Alternatives that can be told apart by one member: each requires it, and says which string it is,
 * each another one. What an alternative says includes what its `$ref` and `allOf` say. */
#include "schema/compile.h"

enum { TAGS_TRIED = 16, SCHEMAS_LOOKED_AT = 256 };

static const struct node *node_at(const struct compiler *compiler, uint32_t node)
{
    return &compiler->nodes[node];
}

/* The one string a schema admits; where `const` or `enum` says so. */
static bool only_string(const struct node *node, struct text *out, uint8_t *out_keyword)
{
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *it = &node->plain[i];

        if ((it->keyword == KEYWORD_CONST || it->keyword == KEYWORD_ENUM) &&
            it->choice->cell_count == 0 && it->choice->slot_count == 1) {
            *out = it->choice->slots[0].name;
            *out_keyword = it->keyword;
            return true;
        }
    }
    return false;
}

struct tag_facts {
    struct text name;
    struct text value;
    uint8_t keyword;
    bool required, valued;
    uint32_t looked_at; /* schemas; beyond the bound nothing more is found */
};

/* Recursion is bounded: compile_order has refused deep nesting in place. */
static void gather(const struct compiler *compiler, const struct node *node,
                   struct tag_facts *facts)
{
    if (++facts->looked_at > SCHEMAS_LOOKED_AT)
        return;
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *it = &node->plain[i];
        const struct slot *slot;
        uint32_t index;

        switch ((enum keyword)it->keyword) {
        case KEYWORD_REF:
        case KEYWORD_DYNAMIC_REF:
            gather(compiler, node_at(compiler, it->node), facts);
            break;
        case KEYWORD_ALL_OF:
            for (uint32_t k = 0; k < it->alternatives->count; k++)
                gather(compiler, node_at(compiler, it->alternatives->nodes[k]), facts);
            break;
        case KEYWORD_PROPERTIES:
        case KEYWORD_REQUIRED:
            index = name_table_find(&it->members->table, it->members->slots, facts->name);
            if (index == UINT32_MAX)
                break;
            slot = &it->members->slots[index];
            facts->required = facts->required || slot->requested != 0;
            if (slot->node != NODE_NONE && !facts->valued)
                facts->valued =
                    only_string(node_at(compiler, slot->node), &facts->value, &facts->keyword);
            break;
        default:
            break;
        }
    }
}

struct candidates {
    struct text names[TAGS_TRIED];
    size_t count;
    uint32_t looked_at;
};

/* Names that the first alternative gives one string to. */
static void find_candidates(const struct compiler *compiler, const struct node *node,
                            struct candidates *found)
{
    if (++found->looked_at > SCHEMAS_LOOKED_AT)
        return;
    for (uint32_t i = 0; i < node->plain_count && found->count < TAGS_TRIED; i++) {
        const struct instruction *it = &node->plain[i];
        struct text value;
        uint8_t keyword;

        if (it->keyword == KEYWORD_REF || it->keyword == KEYWORD_DYNAMIC_REF)
            find_candidates(compiler, node_at(compiler, it->node), found);
        for (uint32_t k = 0; it->keyword == KEYWORD_ALL_OF && k < it->alternatives->count; k++)
            find_candidates(compiler, node_at(compiler, it->alternatives->nodes[k]), found);
        if (it->keyword != KEYWORD_PROPERTIES)
            continue;
        for (uint32_t k = 0; k < it->members->slot_count && found->count < TAGS_TRIED; k++) {
            const struct slot *slot = &it->members->slots[k];

            if (slot->node != NODE_NONE &&
                only_string(node_at(compiler, slot->node), &value, &keyword))
                found->names[found->count++] = slot->name;
        }
    }
}

static bool admits_objects(const struct compiler *compiler, uint32_t node)
{
    return node_at(compiler, node)->entry[CELL_OBJECT] != ENTRY_REJECT;
}

/* Whether this member tells all apart; fills the values. */
static bool tells_apart(const struct compiler *compiler, struct alternatives *it, struct text name,
                        struct text *values)
{
    struct slot *slots = ARENA_ARRAY(compiler->scratch, struct slot, it->count);
    struct name_table table;
    uint32_t count = 0;

    for (uint32_t i = 0; i < it->count; i++) {
        struct tag_facts facts = {.name = name};

        if (!admits_objects(compiler, it->nodes[i]))
            continue;
        gather(compiler, node_at(compiler, it->nodes[i]), &facts);
        if (!facts.required || !facts.valued)
            return false;
        values[i] = facts.value;
        it->tag_keyword = facts.keyword;
        slots[count++] = (struct slot){.name = facts.value};
    }
    name_table_init(&table, slots, count, compiler->scratch);
    for (uint32_t i = 0; i < count; i++) {
        if (name_table_find(&table, slots, slots[i].name) != i)
            return false; /* another one has the same value */
    }
    return true;
}

void find_tag(const struct compiler *compiler, struct alternatives *it)
{
    struct candidates found = {.count = 0};
    struct text *values;
    uint32_t first = 0;

    while (first < it->count && !admits_objects(compiler, it->nodes[first]))
        first++;
    if (first == it->count)
        return;
    find_candidates(compiler, node_at(compiler, it->nodes[first]), &found);
    values = ARENA_ARRAY(compiler->arena, struct text, it->count);
    for (size_t i = 0; i < found.count; i++) {
        if (tells_apart(compiler, it, found.names[i], values)) {
            it->tag = found.names[i];
            it->tag_values = values;
            return;
        }
    }
}
