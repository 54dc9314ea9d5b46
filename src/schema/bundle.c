/* Written from the compiled schema, not from its text: there references lead to nodes, dynamic ones
 * too, and the keywords of older drafts are those of 2020-12. A node that a reference leads to is a
 * definition wherever it stands, every other is written in its place: so each is written once. */
#include "schema/bundle.h"

#include "base/check.h"
#include "document/json_write.h"
#include "schema/program.h"

struct bundling {
    const struct schema *schema;
    struct arena *arena;
    struct buffer *out;
    struct text refs, prefix;
    struct text *names; /* by node; empty: no reference leads to it */
    size_t *used;       /* hash table of the names: node + 1 */
    size_t mask;
    bool leftovers; /* something asks for the items that nothing else spoke of */
};

static void put_schema(struct bundling *it, uint32_t node);
static void put_node(struct bundling *it, uint32_t node);

/* --- names of definitions --- */

static bool is_reference(const struct instruction *instruction)
{
    return instruction->keyword == KEYWORD_REF || instruction->keyword == KEYWORD_DYNAMIC_REF;
}

static char name_byte(char byte)
{
    bool good = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                (byte >= '0' && byte <= '9');

    return good ? byte : '_';
}

/* "#/$defs/address" -> address; of a whole file its name: "schemas/money.json" -> money. */
static struct text base_name(struct bundling *it, uint32_t cell)
{
    struct text at = schema_location(it->schema, cell, it->arena), name = {0};
    size_t hash = text_find_byte(at, '#');
    bool whole = at.len - hash <= 1;
    struct text rest = whole ? text_first(at, hash) : text_after(at, hash + 1);
    char *made;

    while (rest.len > 0) {
        struct text step = text_split(&rest, '/');

        if (step.len > 0)
            name = step;
    }
    if (whole)
        name = text_first(name, text_find(name, TEXT(".json")));
    name = text_first(name, 64);
    if (name.len == 0)
        name = TEXT("schema");
    made = arena_alloc(it->arena, name.len);
    for (size_t i = 0; i < name.len; i++)
        made[i] = name_byte(name.at[i]);
    return (struct text){made, name.len};
}

/* The place of the name in the table, or where it would be. */
static size_t place_of(const struct bundling *it, struct text name)
{
    size_t place = text_hash(name) & it->mask;

    while (it->used[place] != 0 && !text_equal(it->names[it->used[place] - 1], name))
        place = (place + 1) & it->mask;
    return place;
}

static void name_node(struct bundling *it, uint32_t node)
{
    struct text base = base_name(it, it->schema->nodes[node].cell);
    struct text name = arena_printf(it->arena, "%.*s%.*s", TEXT_ARG(it->prefix), TEXT_ARG(base));
    size_t place = place_of(it, name);

    /* A number that no other has: that of the node. */
    if (it->used[place] != 0) {
        name = arena_printf(it->arena, "%.*s%.*s_%u", TEXT_ARG(it->prefix), TEXT_ARG(base), node);
        place = place_of(it, name);
    }
    while (it->used[place] != 0) {
        name = arena_printf(it->arena, "%.*s_", TEXT_ARG(name));
        place = place_of(it, name);
    }
    it->names[node] = name;
    it->used[place] = (size_t)node + 1;
}

static size_t name_nodes(struct bundling *it)
{
    const struct schema *schema = it->schema;
    size_t count = 0;

    it->names = ARENA_ARRAY(it->arena, struct text, schema->node_count);
    for (it->mask = 15; it->mask < (size_t)schema->node_count * 2;)
        it->mask = it->mask * 2 + 1;
    it->used = ARENA_ARRAY(it->arena, size_t, it->mask + 1);
    for (uint32_t from = 0; from < schema->node_count; from++)
        for (uint32_t i = 0; i < schema->nodes[from].plain_count; i++) {
            const struct instruction *instruction = &schema->nodes[from].plain[i];

            it->leftovers |= instruction->keyword == KEYWORD_UNEVALUATED_ITEMS;
            if (!is_reference(instruction) || it->names[instruction->node].len > 0)
                continue;
            name_node(it, instruction->node);
            count++;
        }
    return count;
}

/* --- pieces --- */

static const struct document *cells(const struct bundling *it)
{
    return it->schema->document;
}

static void put_separator(struct bundling *it)
{
    char last = it->out->at[it->out->len - 1];

    if (last != '{' && last != '[')
        buffer_put_byte(it->out, ',');
}

static void put_key(struct bundling *it, struct text name)
{
    put_separator(it);
    json_put_string(it->out, name);
    buffer_put_byte(it->out, ':');
}

static void put_keyword(struct bundling *it, enum keyword keyword)
{
    put_key(it, keyword_row(keyword)->name);
}

static void put_value(struct bundling *it, enum keyword keyword, uint32_t cell)
{
    put_keyword(it, keyword);
    json_put_cell(it->out, cells(it), cell);
}

static void put_only(struct bundling *it, enum keyword keyword, uint32_t node)
{
    if (node == NODE_NONE)
        return;
    put_keyword(it, keyword);
    put_schema(it, node);
}

static void put_reference(struct bundling *it, uint32_t node)
{
    buffer_put(it->out, TEXT("\"$ref\":\""));
    buffer_put(it->out, it->refs);
    buffer_put(it->out, it->names[node]);
    buffer_put_byte(it->out, '"');
}

/* --- keywords --- */

static void put_list(struct bundling *it, enum keyword keyword, const struct alternatives *list)
{
    put_keyword(it, keyword);
    buffer_put_byte(it->out, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        put_separator(it);
        put_schema(it, list->nodes[i]);
    }
    buffer_put_byte(it->out, ']');
}

/* Both kinds of reference may stand in one schema, where there is one word for them. */
static bool refers_twice(const struct node *node)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < node->plain_count; i++)
        count += is_reference(&node->plain[i]);
    return count > 1;
}

static void put_all_of(struct bundling *it, const struct node *node)
{
    bool twice = refers_twice(node);

    put_keyword(it, KEYWORD_ALL_OF);
    buffer_put_byte(it->out, '[');
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *instruction = &node->plain[i];

        if (twice && is_reference(instruction)) {
            put_separator(it);
            buffer_put_byte(it->out, '{');
            put_reference(it, instruction->node);
            buffer_put_byte(it->out, '}');
        }
        for (uint32_t k = 0;
             instruction->keyword == KEYWORD_ALL_OF && k < instruction->alternatives->count; k++) {
            put_separator(it);
            put_schema(it, instruction->alternatives->nodes[k]);
        }
    }
    buffer_put_byte(it->out, ']');
}

static void put_ref_or_all(struct bundling *it, const struct node *node,
                           const struct instruction *instruction)
{
    const struct instruction *first = NULL;

    if (!refers_twice(node) && is_reference(instruction)) {
        put_separator(it);
        put_reference(it, instruction->node);
        return;
    }
    for (uint32_t i = 0; first == NULL; i++)
        if (node->plain[i].keyword == KEYWORD_ALL_OF ||
            (refers_twice(node) && is_reference(&node->plain[i])))
            first = &node->plain[i];
    if (first == instruction)
        put_all_of(it, node);
}

static void put_properties(struct bundling *it, const struct members *members)
{
    put_keyword(it, KEYWORD_PROPERTIES);
    buffer_put_byte(it->out, '{');
    for (uint32_t i = 0; i < members->slot_count; i++)
        if (members->slots[i].node != NODE_NONE) {
            put_key(it, members->slots[i].name);
            put_schema(it, members->slots[i].node);
        }
    buffer_put_byte(it->out, '}');
}

static void put_patterns(struct bundling *it, const struct members *members)
{
    put_keyword(it, KEYWORD_PATTERN_PROPERTIES);
    buffer_put_byte(it->out, '{');
    for (uint32_t i = 0; i < members->rule_count; i++) {
        put_key(it, document_text(cells(it), members->rules[i].key));
        put_schema(it, members->rules[i].node);
    }
    buffer_put_byte(it->out, '}');
}

static void put_members(struct bundling *it, const struct instruction *instruction)
{
    const struct members *members = instruction->members;

    switch (instruction->keyword) {
    case KEYWORD_PROPERTIES:
        put_properties(it, members);
        break;
    case KEYWORD_PATTERN_PROPERTIES:
        put_patterns(it, members);
        break;
    case KEYWORD_ADDITIONAL_PROPERTIES:
        put_only(it, KEYWORD_ADDITIONAL_PROPERTIES, members->additional);
        break;
    case KEYWORD_PROPERTY_NAMES:
        put_only(it, KEYWORD_PROPERTY_NAMES, members->names);
        break;
    default:
        put_value(it, KEYWORD_REQUIRED, instruction->cell);
        break;
    }
}

static void put_dependencies_of(struct bundling *it, enum keyword keyword,
                                const struct dependencies *list, bool names, bool schemas)
{
    put_keyword(it, keyword);
    buffer_put_byte(it->out, '{');
    for (uint32_t i = 0; i < list->count; i++) {
        const struct dependency *one = &list->items[i];

        if (one->node == NODE_NONE ? !names : !schemas)
            continue;
        put_key(it, one->name);
        if (one->node == NODE_NONE)
            json_put_cell(it->out, cells(it), one->names);
        else
            put_schema(it, one->node);
    }
    buffer_put_byte(it->out, '}');
}

/* The old keyword is two new ones; beside one of those it stays what it is, which 2020-12 does not
 * forbid. */
static void put_dependencies(struct bundling *it, const struct node *node,
                             const struct instruction *instruction)
{
    bool beside = false;

    for (uint32_t i = 0; i < node->plain_count; i++)
        beside |= node->plain[i].keyword == KEYWORD_DEPENDENT_REQUIRED ||
                  node->plain[i].keyword == KEYWORD_DEPENDENT_SCHEMAS;
    if (beside) {
        put_dependencies_of(it, instruction->keyword, instruction->dependencies, true, true);
        return;
    }
    put_dependencies_of(it, KEYWORD_DEPENDENT_REQUIRED, instruction->dependencies, true, false);
    put_dependencies_of(it, KEYWORD_DEPENDENT_SCHEMAS, instruction->dependencies, false, true);
}

static void put_contains(struct bundling *it, const struct instruction *instruction)
{
    const struct containment *about = instruction->containment;

    put_only(it, KEYWORD_CONTAINS, instruction->node);
    if (about->least_cell != CELL_NONE)
        put_value(it, KEYWORD_MIN_CONTAINS, about->least_cell);
    if (about->most_cell != CELL_NONE)
        put_value(it, KEYWORD_MAX_CONTAINS, about->most_cell);
}

/* Not as `false`, which some readers take for the lack of the keyword. */
static void put_items(struct bundling *it, uint32_t node)
{
    const struct cell *cell = document_cell(cells(it), it->schema->nodes[node].cell);

    if (cell->type != CELL_BOOLEAN || cell->boolean) {
        put_only(it, KEYWORD_ITEMS, node);
        return;
    }
    put_keyword(it, KEYWORD_ITEMS);
    buffer_put(it->out, TEXT("{\"not\":{}}"));
}

static void put_condition(struct bundling *it, const struct instruction *instruction)
{
    put_only(it, KEYWORD_IF, instruction->node);
    put_only(it, KEYWORD_THEN, instruction->condition->then_node);
    put_only(it, KEYWORD_ELSE, instruction->condition->else_node);
}

static void put_instruction(struct bundling *it, const struct node *node,
                            const struct instruction *instruction)
{
    switch (instruction->keyword) {
    case KEYWORD_REF:
    case KEYWORD_DYNAMIC_REF:
    case KEYWORD_ALL_OF:
        put_ref_or_all(it, node, instruction);
        break;
    case KEYWORD_ANY_OF:
    case KEYWORD_ONE_OF:
    case KEYWORD_PREFIX_ITEMS:
        put_list(it, (enum keyword)instruction->keyword, instruction->alternatives);
        break;
    case KEYWORD_PROPERTIES:
    case KEYWORD_PATTERN_PROPERTIES:
    case KEYWORD_ADDITIONAL_PROPERTIES:
    case KEYWORD_PROPERTY_NAMES:
    case KEYWORD_REQUIRED:
        put_members(it, instruction);
        break;
    case KEYWORD_DEPENDENCIES:
    case KEYWORD_DEPENDENT_REQUIRED:
    case KEYWORD_DEPENDENT_SCHEMAS:
        put_dependencies(it, node, instruction);
        break;
    case KEYWORD_CONTAINS:
        put_contains(it, instruction);
        break;
    case KEYWORD_IF:
        put_condition(it, instruction);
        break;
    case KEYWORD_ITEMS:
        put_items(it, instruction->node);
        break;
    case KEYWORD_NOT:
    case KEYWORD_UNEVALUATED_ITEMS:
    case KEYWORD_UNEVALUATED_PROPERTIES:
        put_only(it, (enum keyword)instruction->keyword, instruction->node);
        break;
    default:
        put_value(it, (enum keyword)instruction->keyword, instruction->cell);
        break;
    }
}

/* What says something to people and programs, and refuses nothing. */
static void put_annotation(struct bundling *it, enum keyword keyword, uint32_t cell)
{
    switch (keyword) {
    case KEYWORD_TITLE:
    case KEYWORD_DESCRIPTION:
    case KEYWORD_DEFAULT:
    case KEYWORD_DEPRECATED:
    case KEYWORD_READ_ONLY:
    case KEYWORD_WRITE_ONLY:
    case KEYWORD_EXAMPLES:
    case KEYWORD_FORMAT:
    case KEYWORD_CONTENT_ENCODING:
    case KEYWORD_CONTENT_MEDIA_TYPE:
        put_value(it, keyword, cell);
        break;
    default:
        break;
    }
}

/* --- schemas --- */

static const struct instruction *instruction_at(const struct node *node, uint32_t cell)
{
    for (uint32_t i = 0; i < node->plain_count; i++)
        if (node->plain[i].cell == cell)
            return &node->plain[i];
    return NULL;
}

/* Of any kind where nothing is said; that some readers want said. What has been spoken of is no
 * leftover, so it stays unsaid where those are asked for. */
static void put_any_items(struct bundling *it, const struct node *node)
{
    bool array = false, items = false;

    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *instruction = &node->plain[i];

        array |= instruction->keyword == KEYWORD_TYPE &&
                 (instruction->types & KIND_BIT(CELL_ARRAY)) != 0;
        items |= instruction->keyword == KEYWORD_ITEMS;
    }
    if (!array || items || it->leftovers)
        return;
    put_keyword(it, KEYWORD_ITEMS);
    buffer_put(it->out, TEXT("{}"));
}

/* The schema itself, in the order in which its author wrote it. */
static void put_node(struct bundling *it, uint32_t index)
{
    const struct node *node = &it->schema->nodes[index];
    const struct cell *cell = document_cell(cells(it), node->cell);
    const struct dialect *dialect;

    if (cell->type == CELL_BOOLEAN) {
        buffer_put(it->out, cell->boolean ? TEXT("true") : TEXT("false"));
        return;
    }
    dialect = &schema_resource_of(it->schema, node->cell)->dialect;
    buffer_put_byte(it->out, '{');
    for (uint32_t key = node->cell + 1; key < cell->end; key = document_next(cells(it), key + 1)) {
        const struct instruction *instruction = instruction_at(node, key + 1);

        if (instruction != NULL)
            put_instruction(it, node, instruction);
        else
            put_annotation(it, keyword_find(document_text(cells(it), key), dialect), key + 1);
    }
    put_any_items(it, node);
    buffer_put_byte(it->out, '}');
}

/* As deep as schemas are nested, which their limits bound. */
static void put_schema(struct bundling *it, uint32_t node)
{
    if (it->names[node].len == 0) {
        put_node(it, node);
        return;
    }
    buffer_put_byte(it->out, '{');
    put_reference(it, node);
    buffer_put_byte(it->out, '}');
}

void schema_bundle(const struct schema *schema, struct text refs, struct text prefix,
                   struct arena *arena, struct schema_bundle *out)
{
    struct arena scratch = {0};
    struct buffer root = buffer_in(arena), definitions = buffer_in(arena);
    struct bundling it = {.schema = schema, .arena = &scratch, .refs = refs, .prefix = prefix};

    CHECK(schema->node_count > 0);
    out->definition_count = name_nodes(&it);
    it.out = &root;
    put_node(&it, 0);
    it.out = &definitions;
    for (uint32_t node = 0; node < schema->node_count; node++) {
        if (it.names[node].len == 0)
            continue;
        if (definitions.len > 0)
            buffer_put_byte(&definitions, ',');
        json_put_string(&definitions, it.names[node]);
        buffer_put_byte(&definitions, ':');
        put_node(&it, node);
    }
    out->schema = buffer_text(&root);
    out->definitions = buffer_text(&definitions);
    arena_release(&scratch);
}
