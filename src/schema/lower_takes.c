/* A walk over a schema as written: every keyword must be one the dialect has, with a value it
 * takes. References are not followed, as what they lead to is walked where it stands; where they
 * may not come back to themselves they are followed too, with a budget. */
#include "schema/lower_dialect.h"

enum {
    NESTING_MAX = 200, /* of everything, bounds our own recursion */
    TARGETS_MAX = 256, /* remembered to have been walked */
    STEPS_MAX = 200 * 1000,
};

struct walk {
    const struct lower_dialect *dialect;
    const struct document *document;
    uint32_t root;
    size_t properties, optional, enum_values, characters, steps;
    bool behind_reference; /* nothing is counted a second time */
    uint32_t targets[TARGETS_MAX];
    size_t target_count;
    const char *problem;
};

static bool takes(struct walk *walk, uint32_t at, unsigned level, unsigned nesting);

static bool refuse(struct walk *walk, const char *problem)
{
    if (walk->problem == NULL)
        walk->problem = problem;
    return false;
}

static const struct cell *cell_of(const struct walk *walk, uint32_t at)
{
    return document_cell(walk->document, at);
}

static bool has(const struct walk *walk, uint32_t schema, const char *name)
{
    return document_member(walk->document, schema, text_of(name)) != CELL_NONE;
}

/* Whether `type` is, or among others lists, this one. */
static bool has_type(const struct walk *walk, uint32_t schema, struct text name)
{
    const struct document *document = walk->document;
    uint32_t type = document_member(document, schema, TEXT("type"));

    if (type == CELL_NONE || cell_of(walk, type)->type != CELL_ARRAY)
        return type != CELL_NONE && cell_of(walk, type)->type == CELL_STRING &&
               text_equal(document_text(document, type), name);
    for (uint32_t at = type + 1; at < document_next(document, type);
         at = document_next(document, at)) {
        if (cell_of(walk, at)->type == CELL_STRING && text_equal(document_text(document, at), name))
            return true;
    }
    return false;
}

/* An enum or const value, counted. */
static bool takes_value(struct walk *walk, uint32_t at)
{
    const struct cell *cell = cell_of(walk, at);

    if (!walk->behind_reference) {
        walk->enum_values++;
        walk->characters += cell->type == CELL_STRING ? cell->size : 0;
    }
    return (walk->dialect->enum_kinds & KIND_BIT(cell_kind(cell))) != 0 ||
           refuse(walk, "a value of this type cannot be listed");
}

/* The items of an array. */
static bool takes_each(struct walk *walk, uint32_t array, bool values, unsigned level,
                       unsigned nesting)
{
    if (cell_of(walk, array)->type != CELL_ARRAY)
        return refuse(walk, "a list was expected");
    for (uint32_t at = array + 1; at < document_next(walk->document, array);
         at = document_next(walk->document, at)) {
        if (values ? !takes_value(walk, at) : !takes(walk, at, level, nesting + 1))
            return false;
    }
    return true;
}

/* The values of an object, whose names count. */
static bool takes_map(struct walk *walk, uint32_t object, bool members, unsigned level,
                      unsigned nesting)
{
    if (cell_of(walk, object)->type != CELL_OBJECT)
        return refuse(walk, "an object was expected");
    for (uint32_t key = object + 1; key < document_next(walk->document, object);
         key = document_next(walk->document, key + 1)) {
        if (!walk->behind_reference) {
            walk->characters += cell_of(walk, key)->size;
            walk->properties += members;
        }
        if (!takes(walk, key + 1, level, nesting + 1))
            return false;
    }
    return true;
}

/* Whether a reference has led there and back again. */
static bool was_walked(const struct walk *walk, uint32_t target)
{
    for (size_t i = 0; i < walk->target_count; i++) {
        if (walk->targets[i] == target)
            return true;
    }
    return false;
}

static bool takes_ref(struct walk *walk, uint32_t schema, uint32_t at, unsigned level,
                      unsigned nesting)
{
    struct text target = document_text(walk->document, at);
    bool behind = walk->behind_reference, taken;
    uint32_t led;

    if (cell_of(walk, at)->type != CELL_STRING ||
        (walk->dialect->ref_alone && cell_of(walk, schema)->size != 1))
        return refuse(walk, "something stands beside $ref");
    if (target.len == 0 || target.at[0] != '#')
        return refuse(walk, "a reference leads outside");
    led = document_at(walk->document, walk->root, text_after(target, 1));
    if (led == CELL_NONE)
        return refuse(walk, "a reference leads nowhere");
    if (walk->dialect->refs != REFS_FLAT || was_walked(walk, led))
        return true;
    walk->behind_reference = true;
    taken = takes(walk, led, level, nesting + 1);
    walk->behind_reference = behind;
    if (taken && walk->target_count < TARGETS_MAX)
        walk->targets[walk->target_count++] = led;
    return taken;
}

static bool takes_least_items(struct walk *walk, const struct cell *cell)
{
    if (walk->dialect->least_items_most == LEAST_ITEMS_ANY)
        return true;
    return (cell->type == CELL_INTEGER && cell->integer <= walk->dialect->least_items_most) ||
           refuse(walk, "minItems is too great");
}

static bool takes_additional(struct walk *walk, uint32_t at, unsigned level, unsigned nesting)
{
    const struct cell *cell = cell_of(walk, at);

    if (cell->type == CELL_BOOLEAN)
        return !cell->boolean || walk->dialect->maps || refuse(walk, "an object is open");
    return walk->dialect->maps ? takes(walk, at, level + 1, nesting + 1)
                               : refuse(walk, "an object is open");
}

static bool takes_type(struct walk *walk, const struct cell *cell)
{
    return cell->type == CELL_STRING || (cell->type == CELL_ARRAY && walk->dialect->type_arrays) ||
           refuse(walk, "the type is no name");
}

static bool takes_keyword(struct walk *walk, uint32_t schema, enum keyword keyword, uint32_t at,
                          unsigned level, unsigned nesting)
{
    const struct cell *cell = cell_of(walk, at);

    switch (keyword) {
    case KEYWORD_TYPE:
        return takes_type(walk, cell);
    case KEYWORD_FORMAT:
        return (cell->type == CELL_STRING &&
                lower_dialect_has_format(walk->dialect, cell_text(cell))) ||
               refuse(walk, "a format is not among those taken");
    case KEYWORD_PATTERN:
        return (cell->type == CELL_STRING &&
                lower_dialect_has_pattern(walk->dialect, cell_text(cell))) ||
               refuse(walk, "a pattern has parts that are not taken");
    case KEYWORD_CONST:
        return takes_value(walk, at);
    case KEYWORD_MIN_ITEMS:
        return takes_least_items(walk, cell);
    case KEYWORD_ADDITIONAL_PROPERTIES:
        return takes_additional(walk, at, level, nesting);
    case KEYWORD_REF:
        return takes_ref(walk, schema, at, level, nesting);
    case KEYWORD_ITEMS:
        return takes(walk, at, level + 1, nesting + 1);
    case KEYWORD_PROPERTIES:
        return takes_map(walk, at, true, level + 1, nesting);
    case KEYWORD_DEFS:
        return takes_map(walk, at, false, 1, nesting);
    case KEYWORD_ENUM:
        return takes_each(walk, at, true, level, nesting);
    case KEYWORD_PREFIX_ITEMS:
        return takes_each(walk, at, false, level + 1, nesting);
    case KEYWORD_ANY_OF:
    case KEYWORD_ONE_OF:
    case KEYWORD_ALL_OF:
        return takes_each(walk, at, false, level, nesting);
    default:
        return true;
    }
}

/* How many members are required; UINT32_MAX when something else is. */
static uint32_t required_count(const struct walk *walk, uint32_t properties, uint32_t required)
{
    const struct document *document = walk->document;
    uint32_t listed = 0;

    if (required == CELL_NONE)
        return 0;
    if (cell_of(walk, required)->type != CELL_ARRAY || properties == CELL_NONE)
        return UINT32_MAX;
    for (uint32_t at = required + 1; at < document_next(document, required);
         at = document_next(document, at), listed++) {
        if (cell_of(walk, at)->type != CELL_STRING ||
            document_member(document, properties, document_text(document, at)) == CELL_NONE)
            return UINT32_MAX;
    }
    return listed;
}

static bool takes_object(struct walk *walk, uint32_t schema)
{
    const struct lower_dialect *dialect = walk->dialect;
    uint32_t properties = document_member(walk->document, schema, TEXT("properties"));
    uint32_t required = document_member(walk->document, schema, TEXT("required"));
    uint32_t members = properties == CELL_NONE ? 0 : cell_of(walk, properties)->size, listed;

    if (dialect->closes && (!has(walk, schema, "additionalProperties") || properties == CELL_NONE))
        return refuse(walk, "an object is open");
    if (dialect->any_value)
        return true;
    listed = required_count(walk, properties, required);
    if (listed > members)
        return refuse(walk, "something is required that is not described");
    if (members == 0 && !dialect->closes)
        return refuse(walk, "an object describes no members");
    if ((dialect->all_required && listed != members) || (dialect->one_required && listed == 0))
        return refuse(walk, "a member is not required");
    walk->optional += walk->behind_reference ? 0 : members - listed;
    return true;
}

static bool says_what_it_is(const struct walk *walk, uint32_t schema)
{
    return has(walk, schema, "type") || has(walk, schema, "anyOf") || has(walk, schema, "$ref") ||
           has(walk, schema, "enum") || has(walk, schema, "const");
}

static bool takes_name(struct walk *walk, uint32_t schema, uint32_t key, unsigned level,
                       unsigned nesting)
{
    struct text name = document_text(walk->document, key);
    enum keyword keyword = keyword_find(name, dialect_of(DRAFT_2020_12));

    if ((walk->dialect->nullable && text_equal(name, TEXT("nullable"))) ||
        (walk->dialect->ordering && text_equal(name, TEXT("propertyOrdering"))))
        return true;
    if (keyword == KEYWORD_NONE || !lower_dialect_has(walk->dialect, keyword))
        return refuse(walk, "a keyword is not among those taken");
    return takes_keyword(walk, schema, keyword, key + 1, level, nesting);
}

static bool takes(struct walk *walk, uint32_t at, unsigned level, unsigned nesting)
{
    const struct lower_dialect *dialect = walk->dialect;

    if (nesting > NESTING_MAX || (dialect->levels > 0 && level > dialect->levels) ||
        ++walk->steps > STEPS_MAX)
        return refuse(walk, "it is nested too deeply");
    if (cell_of(walk, at)->type == CELL_BOOLEAN && dialect->any_value)
        return true;
    if (cell_of(walk, at)->type != CELL_OBJECT ||
        (!dialect->any_value && !says_what_it_is(walk, at)))
        return refuse(walk, "a value may be anything");
    if ((has_type(walk, at, TEXT("object")) || has(walk, at, "properties")) &&
        !takes_object(walk, at))
        return false;
    if (!dialect->any_value && has_type(walk, at, TEXT("array")) && !has(walk, at, "items"))
        return refuse(walk, "an array may hold anything");
    for (uint32_t key = at + 1; key < document_next(walk->document, at);
         key = document_next(walk->document, key + 1)) {
        if (!takes_name(walk, at, key, level, nesting))
            return false;
    }
    return true;
}

static bool takes_root(struct walk *walk)
{
    uint32_t type = document_member(walk->document, walk->root, TEXT("type"));

    if (!walk->dialect->object_root)
        return true;
    return (type != CELL_NONE && cell_of(walk, type)->type == CELL_STRING &&
            has_type(walk, walk->root, TEXT("object")) && !has(walk, walk->root, "anyOf")) ||
           refuse(walk, "the whole is not one object");
}

static bool within(struct walk *walk, size_t count, uint32_t most, const char *problem)
{
    return most == 0 || count <= most || refuse(walk, problem);
}

bool lower_dialect_takes(const struct lower_dialect *dialect, const struct document *document,
                         uint32_t root, const char **out_problem)
{
    struct walk walk = {.dialect = dialect, .document = document, .root = root};
    bool taken =
        takes_root(&walk) && takes(&walk, root, 1, 0) &&
        within(&walk, walk.properties, dialect->properties, "it has too many members") &&
        within(&walk, walk.optional, dialect->optional_properties,
               "too many members may be missing") &&
        within(&walk, walk.enum_values, dialect->enum_values, "it lists too many values") &&
        within(&walk, walk.characters, dialect->characters, "its names and values are too long");

    if (out_problem != NULL)
        *out_problem = walk.problem;
    return taken;
}
