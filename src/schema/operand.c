/* What the instructions point to, taken out of the schema's cells. The schema has been examined by
 * now, so every value has the shape its keyword asks for. */
#include "schema/compile.h"
#include "schema/fast.h"
#include "schema/words.h"

static const struct cell *cell_at(const struct compiler *compiler, uint32_t at)
{
    return document_cell(compiler->document, at);
}

static uint32_t next(const struct compiler *compiler, uint32_t at)
{
    return document_next(compiler->document, at);
}

uint64_t count_of(const struct cell *cell)
{
    double value;

    if (cell->type == CELL_INTEGER)
        return (uint64_t)cell->integer;
    value = document_double(cell);
    return value < 1.8e19 ? (uint64_t)value : UINT64_MAX;
}

static uint8_t kinds_named(struct text name)
{
    if (text_equal(name, TEXT("integer")))
        return KINDS_INTEGER;
    if (text_equal(name, TEXT("number")))
        return KINDS_NUMBER;
    for (unsigned type = 0; type < CELL_TYPE_COUNT; type++) {
        if (text_equal(name, text_of(cell_type_name((enum cell_type)type))))
            return (uint8_t)KIND_BIT(type);
    }
    return 0;
}

uint8_t types_of(const struct document *document, uint32_t value)
{
    const struct cell *cell = document_cell(document, value);
    uint8_t kinds = 0;

    if (cell->type == CELL_STRING)
        return kinds_named(cell_text(cell));
    for (uint32_t at = value + 1; at < cell->end; at = document_next(document, at))
        kinds |= kinds_named(document_text(document, at));
    return kinds;
}

/* Kinds of the values that equal this one: 1 and 1.0 are. */
static uint8_t kinds_equal_to(const struct cell *cell)
{
    unsigned kind = cell_kind(cell);

    return (uint8_t)((KIND_BIT(kind) & KINDS_INTEGER) != 0 ? KINDS_INTEGER : KIND_BIT(kind));
}

static void add_choice(struct compiler *compiler, struct choice *choice, uint32_t *cells,
                       uint32_t value)
{
    const struct cell *cell = cell_at(compiler, value);

    choice->kinds |= kinds_equal_to(cell);
    if (cell->type == CELL_STRING)
        choice->slots[choice->slot_count++] = (struct slot){.name = cell_text(cell)};
    else
        cells[choice->cell_count++] = value;
}

static struct choice *new_choice(struct compiler *compiler, uint32_t values, uint32_t **out_cells)
{
    struct choice *choice = ARENA_NEW(compiler->arena, struct choice);

    *out_cells = ARENA_ARRAY(compiler->arena, uint32_t, values);
    choice->cells = *out_cells;
    choice->slots = ARENA_ARRAY(compiler->arena, struct slot, values);
    return choice;
}

/* One byte more than there is room for where it is told, so that it is cut there. */
static struct text told_values(struct compiler *compiler, uint32_t array)
{
    char bytes[EXPECTED_BYTES + 1] WORDS_UNSET, json[JSON_BYTES] WORDS_UNSET;
    struct buffer scratch = {.at = json, .room = sizeof json, .arena = compiler->scratch};
    struct words words;

    words_begin(&words, bytes, sizeof bytes);
    words_put_values(&words, compiler->document, array, &scratch);
    return arena_copy(compiler->arena, words_text(&words));
}

struct choice *choice_of_array(struct compiler *compiler, uint32_t array)
{
    uint32_t *cells;
    struct choice *choice = new_choice(compiler, cell_at(compiler, array)->size, &cells);

    for (uint32_t at = array + 1; at < cell_at(compiler, array)->end; at = next(compiler, at))
        add_choice(compiler, choice, cells, at);
    /* The JSON of the others may be long. */
    if ((choice->kinds & (KINDS_ARRAY | KINDS_OBJECT)) == 0)
        choice->told = told_values(compiler, array);
    name_table_init(&choice->table, choice->slots, choice->slot_count, compiler->arena);
    return choice;
}

struct choice *choice_of_value(struct compiler *compiler, uint32_t value)
{
    uint32_t *cells;
    struct choice *choice = new_choice(compiler, 1, &cells);

    add_choice(compiler, choice, cells, value);
    name_table_init(&choice->table, choice->slots, choice->slot_count, compiler->arena);
    return choice;
}

struct alternatives *alternatives_of(struct compiler *compiler, uint32_t array, uint32_t scope)
{
    struct alternatives *it = ARENA_NEW(compiler->arena, struct alternatives);
    uint32_t *nodes = ARENA_ARRAY(compiler->arena, uint32_t, cell_at(compiler, array)->size);

    for (uint32_t at = array + 1; at < cell_at(compiler, array)->end; at = next(compiler, at))
        nodes[it->count++] = compile_node(compiler, at, scope);
    it->nodes = nodes;
    return it;
}

struct dependencies *dependencies_of(struct compiler *compiler, uint32_t object, uint32_t scope)
{
    struct dependencies *it = ARENA_NEW(compiler->arena, struct dependencies);
    struct dependency *items =
        ARENA_ARRAY(compiler->arena, struct dependency, cell_at(compiler, object)->size);

    for (uint32_t key = object + 1; key < cell_at(compiler, object)->end;
         key = next(compiler, key + 1)) {
        bool names = cell_at(compiler, key + 1)->type == CELL_ARRAY;

        items[it->count++] = (struct dependency){
            .name = document_text(compiler->document, key),
            .key = key,
            .node = names ? NODE_NONE : compile_node(compiler, key + 1, scope),
            .names = names ? key + 1 : CELL_NONE,
        };
    }
    it->items = items;
    return it;
}

struct containment *containment_of(struct compiler *compiler, uint32_t schema)
{
    struct containment *it = ARENA_NEW(compiler->arena, struct containment);

    it->marks = outline_dialect(&compiler->outline, schema)->draft >= DRAFT_2020_12;
    it->least_cell = outline_value(&compiler->outline, schema, KEYWORD_MIN_CONTAINS);
    it->most_cell = outline_value(&compiler->outline, schema, KEYWORD_MAX_CONTAINS);
    it->least = it->least_cell == CELL_NONE ? 1 : count_of(cell_at(compiler, it->least_cell));
    it->most = it->most_cell == CELL_NONE ? UINT64_MAX : count_of(cell_at(compiler, it->most_cell));
    return it;
}

static uint32_t node_of_member(struct compiler *compiler, uint32_t schema, enum keyword keyword,
                               uint32_t scope)
{
    uint32_t value = outline_value(&compiler->outline, schema, keyword);

    return value == CELL_NONE ? NODE_NONE : compile_node(compiler, value, scope);
}

static void take_properties(struct compiler *compiler, struct members *members, uint32_t object,
                            uint32_t scope)
{
    struct text *names;

    if (object == CELL_NONE)
        return;
    names = ARENA_ARRAY(compiler->arena, struct text, cell_at(compiler, object)->size);
    for (uint32_t key = object + 1; key < cell_at(compiler, object)->end;
         key = next(compiler, key + 1)) {
        names[members->slot_count] = document_text(compiler->document, key);
        members->slots[members->slot_count++] =
            (struct slot){.name = document_text(compiler->document, key),
                          .node = compile_node(compiler, key + 1, scope)};
    }
    members->declared = names;
    members->declared_count = members->slot_count;
}

/* Names that are required but not in `properties` get slots of their own behind the others. */
static void take_required(struct compiler *compiler, struct members *members, uint32_t array)
{
    uint32_t *requested, declared = members->slot_count;
    struct name_table table;

    if (array == CELL_NONE)
        return;
    requested = ARENA_ARRAY(compiler->arena, uint32_t, cell_at(compiler, array)->size);
    name_table_init(&table, members->slots, declared, compiler->scratch);
    for (uint32_t at = array + 1; at < cell_at(compiler, array)->end; at = next(compiler, at)) {
        struct text name = document_text(compiler->document, at);
        uint32_t slot = name_table_find(&table, members->slots, name);

        if (slot == UINT32_MAX) {
            slot = members->slot_count++;
            members->slots[slot] = (struct slot){.name = name, .node = NODE_NONE};
        }
        requested[members->required_count++] = slot;
        members->slots[slot].requested = members->required_count;
        if (cell_at(compiler, array)->size <= 64)
            members->slots[slot].required = UINT64_C(1) << (members->required_count - 1);
        members->required |= members->slots[slot].required;
    }
    members->requested = requested;
}

static void take_rules(struct compiler *compiler, struct members *members, uint32_t object,
                       uint32_t scope)
{
    struct pattern_problem problem;

    if (object == CELL_NONE)
        return;
    members->rules =
        ARENA_ARRAY(compiler->arena, struct pattern_rule, cell_at(compiler, object)->size);
    for (uint32_t key = object + 1;
         key < cell_at(compiler, object)->end && !outline_is_late(&compiler->outline);
         key = next(compiler, key + 1))
        members->rules[members->rule_count++] = (struct pattern_rule){
            .pattern = outline_pattern(&compiler->outline, key, compiler->arena, &problem),
            .node = compile_node(compiler, key + 1, scope),
            .key = key,
        };
}

/* A message has something before them, so that it is cut if these fill its room. */
static struct text told_names(struct compiler *compiler, const struct members *members)
{
    char bytes[MESSAGE_BYTES] WORDS_UNSET;
    struct words words;

    words_begin(&words, bytes, sizeof bytes);
    words_put_names(&words, members->declared, members->declared_count, TEXT(" and "));
    return arena_copy(compiler->arena, words_text(&words));
}

static const struct known_name *known_names(struct compiler *compiler,
                                            const struct members *members)
{
    struct known_name *known = ARENA_ARRAY(compiler->arena, struct known_name, members->slot_count);

    for (uint32_t i = 0; i < members->slot_count; i++)
        known[i] = known_name_of(members->slots[i].name);
    return known;
}

struct members *members_of(struct compiler *compiler, uint32_t schema, uint32_t scope)
{
    const struct outline *outline = &compiler->outline;
    struct members *members = ARENA_NEW(compiler->arena, struct members);
    uint32_t properties = outline_value(outline, schema, KEYWORD_PROPERTIES);
    uint32_t required = outline_value(outline, schema, KEYWORD_REQUIRED);
    size_t room = properties == CELL_NONE ? 0 : cell_at(compiler, properties)->size;

    room += required == CELL_NONE ? 0 : cell_at(compiler, required)->size;
    members->slots = ARENA_ARRAY(compiler->arena, struct slot, room);
    take_properties(compiler, members, properties, scope);
    take_required(compiler, members, required);
    take_rules(compiler, members, outline_value(outline, schema, KEYWORD_PATTERN_PROPERTIES),
               scope);
    members->additional = node_of_member(compiler, schema, KEYWORD_ADDITIONAL_PROPERTIES, scope);
    if (members->additional != NODE_NONE)
        members->told = told_names(compiler, members);
    members->names = node_of_member(compiler, schema, KEYWORD_PROPERTY_NAMES, scope);
    members->known = known_names(compiler, members);
    name_table_init(&members->table, members->slots, members->slot_count, compiler->arena);
    return members;
}
