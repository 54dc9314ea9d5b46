/* A walk over the schema as written, references not followed: what they lead to is walked where it
 * stands, in $defs. Every keyword has a row that says how its value is looked at; a keyword without
 * a row is outside the subset. */
#include "provider/openai_strict.h"

enum {
    LEVELS_MAX = 10,  /* of objects and arrays inside each other */
    NESTING_MAX = 64, /* of everything, anyOf and $defs included: bounds our own recursion */
    PROPERTIES_MAX = 5000,
    ENUM_VALUES_MAX = 1000,
    CHARACTERS_MAX = 120000, /* of names and values together */
};

struct walk {
    const struct document *document;
    uint32_t root;
    size_t properties, enum_values, characters;
};

static bool takes(struct walk *walk, uint32_t at, unsigned level, unsigned nesting);

enum value_rule {
    ANY,
    TYPE,
    FORMAT,
    PATTERN,
    VALUES,  /* enum */
    VALUE,   /* const */
    NAMES,   /* required: looked at together with properties */
    CLOSED,  /* additionalProperties */
    REF,     /* alone in its schema */
    SCHEMA,  /* items */
    SCHEMAS, /* anyOf */
    MEMBERS, /* properties */
    DEFS,
};

static const struct {
    struct text name;
    enum value_rule rule;
} keywords[] = {
    {TEXT_INIT("type"), TYPE},
    {TEXT_INIT("properties"), MEMBERS},
    {TEXT_INIT("required"), NAMES},
    {TEXT_INIT("additionalProperties"), CLOSED},
    {TEXT_INIT("items"), SCHEMA},
    {TEXT_INIT("anyOf"), SCHEMAS},
    {TEXT_INIT("$ref"), REF},
    {TEXT_INIT("$defs"), DEFS},
    {TEXT_INIT("enum"), VALUES},
    {TEXT_INIT("const"), VALUE},
    {TEXT_INIT("pattern"), PATTERN},
    {TEXT_INIT("format"), FORMAT},
    {TEXT_INIT("minimum"), ANY},
    {TEXT_INIT("maximum"), ANY},
    {TEXT_INIT("exclusiveMinimum"), ANY},
    {TEXT_INIT("exclusiveMaximum"), ANY},
    {TEXT_INIT("multipleOf"), ANY},
    {TEXT_INIT("minItems"), ANY},
    {TEXT_INIT("maxItems"), ANY},
    {TEXT_INIT("title"), ANY},
    {TEXT_INIT("description"), ANY},
    {TEXT_INIT("$schema"), ANY},
    {TEXT_INIT("$comment"), ANY},
};

static const struct text formats[] = {
    TEXT_INIT("date-time"), TEXT_INIT("time"),  TEXT_INIT("date"),
    TEXT_INIT("duration"),  TEXT_INIT("email"), TEXT_INIT("hostname"),
    TEXT_INIT("ipv4"),      TEXT_INIT("ipv6"),  TEXT_INIT("uuid"),
};

static bool is_string(const struct document *document, uint32_t at, struct text expected)
{
    return at != CELL_NONE && document_cell(document, at)->type == CELL_STRING &&
           text_equal(document_text(document, at), expected);
}

static bool has(const struct document *document, uint32_t schema, struct text name)
{
    return document_member(document, schema, name) != CELL_NONE;
}

/* Whether `type` is, or among others lists, this one. */
static bool has_type(const struct document *document, uint32_t schema, struct text name)
{
    uint32_t type = document_member(document, schema, TEXT("type"));

    if (type == CELL_NONE || document_cell(document, type)->type != CELL_ARRAY)
        return is_string(document, type, name);
    for (uint32_t at = type + 1; at < document_next(document, type);
         at = document_next(document, at))
        if (is_string(document, at, name))
            return true;
    return false;
}

static bool has_lookaround(struct text pattern)
{
    static const struct text openings[] = {TEXT_INIT("(?="), TEXT_INIT("(?!"), TEXT_INIT("(?<=")};

    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++)
        if (text_find(pattern, openings[i]) < pattern.len)
            return true;
    return text_find(pattern, TEXT("(?<!")) < pattern.len;
}

static bool format_listed(struct text format)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (text_equal(format, formats[i]))
            return true;
    return false;
}

/* An enum or const value: a scalar, counted. */
static bool takes_value(struct walk *walk, uint32_t at)
{
    const struct cell *cell = document_cell(walk->document, at);

    walk->enum_values++;
    if (cell->type == CELL_STRING)
        walk->characters += cell->size;
    return cell->type < CELL_ARRAY;
}

/* The children of an array, or the values of an object, one by one. For an object the names count
 * towards the characters. */
static bool takes_each(struct walk *walk, uint32_t at, enum value_rule rule, unsigned level,
                       unsigned nesting)
{
    const struct document *document = walk->document;
    bool named = rule == MEMBERS || rule == DEFS;
    uint32_t end = document_next(document, at);

    if (document_cell(document, at)->type != (named ? CELL_OBJECT : CELL_ARRAY))
        return false;
    for (uint32_t child = at + 1; child < end; child = document_next(document, child)) {
        if (named) {
            walk->characters += document_cell(document, child)->size;
            walk->properties += rule == MEMBERS;
            child++;
        }
        if (rule == VALUES ? !takes_value(walk, child) : !takes(walk, child, level, nesting + 1))
            return false;
    }
    return true;
}

static bool takes_ref(const struct walk *walk, uint32_t schema, uint32_t at)
{
    struct text target = document_text(walk->document, at);

    if (document_cell(walk->document, schema)->size != 1 || target.len == 0 || target.at[0] != '#')
        return false;
    return document_at(walk->document, walk->root, text_after(target, 1)) != CELL_NONE;
}

static bool takes_keyword(struct walk *walk, uint32_t schema, enum value_rule rule, uint32_t at,
                          unsigned level, unsigned nesting)
{
    const struct document *document = walk->document;
    const struct cell *cell = document_cell(document, at);

    switch (rule) {
    case ANY:
    case NAMES:
        return true;
    case TYPE:
        return cell->type == CELL_STRING || cell->type == CELL_ARRAY;
    case FORMAT:
        return cell->type == CELL_STRING && format_listed(cell_text(cell));
    case PATTERN:
        return cell->type == CELL_STRING && !has_lookaround(cell_text(cell));
    case VALUE:
        return takes_value(walk, at);
    case CLOSED:
        return cell->type == CELL_BOOLEAN && !cell->boolean;
    case REF:
        return cell->type == CELL_STRING && takes_ref(walk, schema, at);
    case SCHEMA:
        return takes(walk, at, level + 1, nesting + 1);
    case MEMBERS:
        return takes_each(walk, at, rule, level + 1, nesting);
    case VALUES:
    case SCHEMAS:
        return takes_each(walk, at, rule, level, nesting);
    case DEFS:
        return takes_each(walk, at, rule, 1, nesting);
    }
    return false;
}

/* Every property required, nothing else required, and nothing else allowed. */
static bool object_closed(const struct document *document, uint32_t schema)
{
    uint32_t properties = document_member(document, schema, TEXT("properties"));
    uint32_t required = document_member(document, schema, TEXT("required"));
    uint32_t listed = 0;

    if (!has(document, schema, TEXT("additionalProperties")) || properties == CELL_NONE)
        return false;
    if (required == CELL_NONE)
        return document_cell(document, properties)->size == 0;
    if (document_cell(document, required)->type != CELL_ARRAY)
        return false;
    for (uint32_t at = required + 1; at < document_next(document, required);
         at = document_next(document, at), listed++)
        if (document_cell(document, at)->type != CELL_STRING ||
            !has(document, properties, document_text(document, at)))
            return false;
    return listed == document_cell(document, properties)->size;
}

static bool says_what_it_is(const struct document *document, uint32_t schema)
{
    return has(document, schema, TEXT("type")) || has(document, schema, TEXT("anyOf")) ||
           has(document, schema, TEXT("$ref")) || has(document, schema, TEXT("enum")) ||
           has(document, schema, TEXT("const"));
}

static bool takes(struct walk *walk, uint32_t at, unsigned level, unsigned nesting)
{
    const struct document *document = walk->document;
    uint32_t end = document_next(document, at);

    if (document_cell(document, at)->type != CELL_OBJECT || level > LEVELS_MAX ||
        nesting > NESTING_MAX || !says_what_it_is(document, at))
        return false;
    if ((has_type(document, at, TEXT("object")) || has(document, at, TEXT("properties"))) &&
        !object_closed(document, at))
        return false;
    if (has_type(document, at, TEXT("array")) && !has(document, at, TEXT("items")))
        return false;
    for (uint32_t key = at + 1; key < end; key = document_next(document, key + 1)) {
        struct text name = document_text(document, key);
        size_t row = 0, rows = sizeof keywords / sizeof keywords[0];

        while (row < rows && !text_equal(keywords[row].name, name))
            row++;
        if (row == rows || !takes_keyword(walk, at, keywords[row].rule, key + 1, level, nesting))
            return false;
    }
    return true;
}

bool openai_strict_takes(const struct document *document, uint32_t root)
{
    struct walk walk = {.document = document, .root = root};

    return is_string(document, document_member(document, root, TEXT("type")), TEXT("object")) &&
           !has(document, root, TEXT("anyOf")) && takes(&walk, root, 1, 0) &&
           walk.properties <= PROPERTIES_MAX && walk.enum_values <= ENUM_VALUES_MAX &&
           walk.characters <= CHARACTERS_MAX;
}
