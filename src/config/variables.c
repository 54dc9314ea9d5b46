/* `variables` of an endpoint's file: a short way to write an input schema. Each is read by table
 * and checked as far as its keys go together; what it becomes is an ordinary schema, made of the
 * very cells it was written in, so that a malformed pattern is shown where it stands. Defaults are
 * checked last, by the schema of their own variable. */
#include "config/variables_check.h"

enum { LENGTH_MAX = 100000000 };

#define SCALARS   VARIABLE_SCALARS
#define ANY_VALUE (SCALARS | KEY_OF(CELL_ARRAY) | KEY_OF(CELL_OBJECT))
#define LENGTH    .type = KEY_COUNT, .least = 0, .greatest = LENGTH_MAX
#define CELL(t)   .type = KEY_CELL, .types = KEY_OF(t)

// clang-format off
static const struct key variable_keys[] = {
    {.name = "type", .type = KEY_CHOICE, FIELD(struct variable_draft, type), .words = variable_type_words, .unlisted = 1, .hint = "type: string",
     .about = "What its values are; may be left out beside 'enum', 'items' or 'properties'.", .example = "string"},
    {.name = "description", .type = KEY_TEXT, FIELD(struct variable_draft, description), .hint = "description: Who will read it.",
     .about = "What it is for, for callers and for models.", .example = "Who will read it."},
    {.name = "enum", CELL(CELL_ARRAY), FIELD(struct variable_draft, choices), .hint = "enum: [warm, plain]",
     .about = "The values it may have, all of one type.", .example = "[warm, plain]", .each_types = SCALARS, .items_least = 1, .items_most = 1000},
    {.name = "default", .type = KEY_CELL, .types = ANY_VALUE, FIELD(struct variable_draft, fallback), .hint = "default: plain",
     .about = "Its value where the caller sends none; then it is not required.", .example = "plain"},
    {.name = "optional", .type = KEY_BOOLEAN, FIELD(struct variable_draft, optional), .hint = "optional: true",
     .about = "Whether it may be absent. Without this, and without a default, it is required.", .example = "true"},
    {.name = "min_length", LENGTH, FIELD(struct variable_draft, min_length), .hint = "min_length: 1",
     .about = "Of a string, in characters.", .example = "1"},
    {.name = "max_length", LENGTH, FIELD(struct variable_draft, max_length), .hint = "max_length: 80",
     .about = "Of a string, in characters.", .example = "80"},
    {.name = "pattern", CELL(CELL_STRING), FIELD(struct variable_draft, pattern), .hint = "pattern: \"^[A-Z]\"",
     .about = "A regular expression that a string matches somewhere.", .example = "\"^[A-Z]\""},
    {.name = "format", .type = KEY_TEXT, FIELD(struct variable_draft, format), .hint = "format: date",
     .about = "The format of a string, as JSON Schema names it.", .example = "date"},
    {.name = "min", .type = KEY_NUMBER, FIELD(struct variable_draft, min), .hint = "min: 1",
     .about = "The least a number may be.", .example = "1"},
    {.name = "max", .type = KEY_NUMBER, FIELD(struct variable_draft, max), .hint = "max: 10",
     .about = "The most a number may be.", .example = "10"},
    {.name = "items", .type = KEY_CELL, .types = KEY_OF(CELL_STRING) | KEY_OF(CELL_OBJECT), FIELD(struct variable_draft, items), .hint = "items: {type: string}",
     .about = "What the items of a list are, as a variable.", .example = "{type: string}"},
    {.name = "min_items", LENGTH, FIELD(struct variable_draft, min_items), .hint = "min_items: 1",
     .about = "Of a list.", .example = "1"},
    {.name = "max_items", LENGTH, FIELD(struct variable_draft, max_items), .hint = "max_items: 40",
     .about = "Of a list.", .example = "40"},
    {.name = "properties", CELL(CELL_OBJECT), FIELD(struct variable_draft, properties), .hint = "properties: {name: {type: string}}",
     .about = "What an object consists of, as variables.", .example = "{name: {type: string}}", .each_types = KEY_OF(CELL_STRING) | KEY_OF(CELL_OBJECT)},
    {.name = "required", .type = KEY_ELSEWHERE, .hint = "every variable is required, unless it has a 'default' or says 'optional: true'"},
    {.name = "values", .type = KEY_ELSEWHERE, .meant = "enum"},
    {.name = "choices", .type = KEY_ELSEWHERE, .meant = "enum"},
    {.name = "minimum", .type = KEY_ELSEWHERE, .meant = "min"},
    {.name = "maximum", .type = KEY_ELSEWHERE, .meant = "max"},
};

// clang-format on
const struct keys variable_table = KEYS_OF(variable_keys);

#define HINT VARIABLES_HINT

/* --- the schema --- */

static void put_name(struct reading_variables *v, const char *name, uint32_t written)
{
    made_string(&v->schema, text_of(name), written);
}

static void put_type(struct reading_variables *v, enum variable_type type, uint32_t written)
{
    put_name(v, "type", written);
    made_string(&v->schema,
                type == VARIABLE_LIST ? TEXT("array") : text_of(variable_type_words[type]),
                written);
}

static bool read_variable(struct reading_variables *v, struct text name, uint32_t at,
                          struct variable *out);

static bool is_required(const struct document *document, uint32_t at)
{
    uint32_t optional = document_member(document, at, TEXT("optional"));

    return document_member(document, at, TEXT("default")) == CELL_NONE &&
           (optional == CELL_NONE || document_cell(document, optional)->type != CELL_BOOLEAN ||
            !document_cell(document, optional)->boolean);
}

static void put_required(struct reading_variables *v, uint32_t members)
{
    uint32_t end = document_next(v->document, members), list;

    put_name(v, "required", members);
    list = made_begin(&v->schema, CELL_ARRAY, members);
    for (uint32_t name = members + 1; name < end; name = document_next(v->document, name + 1))
        if (is_required(v->document, name + 1))
            made_copy(&v->schema, name);
    made_end(&v->schema, list);
}

/* What the members of an object are; `members` is the mapping of their names. */
static void read_members(struct reading_variables *v, uint32_t members, struct variable *out)
{
    uint32_t end = document_next(v->document, members), count, begun;
    struct variable *inside;
    bool outermost = v->depth == 0;

    count = document_cell(v->document, members)->size;
    if (count == 0 || count > VARIABLES_MAX) {
        struct diagnostic *it = variables_report(
            v, members, DIAGNOSTIC_E0104, "there must be from 1 to %d variables here, found %u",
            VARIABLES_MAX, count);

        if (count == 0 && outermost)
            VARIABLES_HINT(v, it, "write variables: {audience: string}, or remove 'variables'");
        return;
    }
    inside = ARENA_ARRAY(v->load->arena, struct variable, count);
    out->inside = inside;
    put_name(v, "properties", members);
    begun = made_begin(&v->schema, CELL_OBJECT, members);
    v->depth++;
    for (uint32_t name = members + 1; name < end; name = document_next(v->document, name + 1)) {
        struct variable *variable = &inside[out->inside_count];

        if (!variables_check_name(v, name, outermost))
            continue;
        made_copy(&v->schema, name);
        read_variable(v, document_text(v->document, name), name + 1, variable);
        variable->name = document_text(v->document, name);
        out->inside_count++;
    }
    v->depth--;
    made_end(&v->schema, begun);
    put_required(v, members);
    put_name(v, "additionalProperties", members);
    made_boolean(&v->schema, false, members);
}

static void read_items(struct reading_variables *v, struct text name, uint32_t at,
                       const struct variable_draft *draft, struct variable *out)
{
    struct variable *item = ARENA_NEW(v->load->arena, struct variable);

    if (draft->items == CELL_NONE) {
        HINT(v,
             variables_report(v, at, DIAGNOSTIC_E0101, "what the items of '%.*s' are is missing",
                              TEXT_ARG(variables_shown(v, name))),
             "add items: {type: string}");
        return;
    }
    put_name(v, "items", draft->items);
    v->depth++;
    read_variable(v, name, draft->items, item);
    v->depth--;
    out->inside = item;
    out->inside_count = 1;
}

static void put_meanings(struct reading_variables *v, uint32_t at)
{
    for (size_t i = 0; i < VARIABLE_MEANINGS; i++) {
        uint32_t cell = document_member(v->document, at, text_of(variable_meanings[i].key));

        if (cell == CELL_NONE || variable_meanings[i].keyword == NULL)
            continue;
        put_name(v, variable_meanings[i].keyword, key_of(cell));
        made_copy(&v->schema, cell);
    }
}

static void note_default(struct reading_variables *v, struct text name, uint32_t schema,
                         uint32_t value)
{
    size_t size = sizeof *v->defaults;

    if (value == CELL_NONE)
        return;
    if (v->default_count == v->default_room) {
        size_t room = v->default_room > 0 ? v->default_room * 2 : 8;

        v->defaults = arena_grow(v->load->arena, v->defaults, v->default_room * size, room * size);
        v->default_room = room;
    }
    v->defaults[v->default_count++] =
        (struct default_use){.schema = schema, .value = value, .name = name};
}

/* A mapping of keys; the schema's object has been begun. */
static bool read_keys(struct reading_variables *v, struct text name, uint32_t at, uint32_t begun,
                      struct variable *out)
{
    struct variable_draft draft = {.type = TYPE_UNSAID};

    if (!keys_read(&v->reading, at, at, &variable_table, &draft)) {
        v->good = false;
        return false;
    }
    if (!variables_find_type(v, name, at, &draft))
        return false;
    out->type = (enum variable_type)draft.type;
    out->fallback = draft.fallback;
    variables_check_keys(v, name, at, &draft);
    put_type(v, out->type, at);
    put_meanings(v, at);
    note_default(v, name, begun, draft.fallback);
    if (out->type == VARIABLE_LIST)
        read_items(v, name, at, &draft, out);
    if (out->type == VARIABLE_OBJECT && draft.properties != CELL_NONE)
        read_members(v, draft.properties, out);
    else if (out->type == VARIABLE_OBJECT)
        HINT(v,
             variables_report(v, at, DIAGNOSTIC_E0101, "what '%.*s' consists of is missing",
                              TEXT_ARG(variables_shown(v, name))),
             "add properties: {name: {type: string}}");
    return true;
}

/* A bare word is a type. */
static bool read_word(struct reading_variables *v, struct text name, uint32_t at,
                      struct variable *out)
{
    struct text word = document_text(v->document, at), words[6], near;

    for (unsigned type = VARIABLE_STRING; type <= VARIABLE_OBJECT; type++) {
        words[type] = text_of(variable_type_words[type]);
        if (!text_equal(word, words[type]))
            continue;
        out->type = (enum variable_type)type;
        put_type(v, out->type, at);
        if (type < VARIABLE_LIST)
            return true;
        HINT(v,
             variables_report(v, at, DIAGNOSTIC_E0101, "'%.*s' says that it is %s, but not of what",
                              TEXT_ARG(variables_shown(v, name)),
                              variable_type_kind((enum variable_type)type)),
             type == VARIABLE_LIST ? "write {type: list, items: {type: string}}"
                                   : "write {type: object, properties: {name: {type: string}}}");
        return false;
    }
    if (text_equal(word, TEXT("enum"))) {
        variables_refuse_enum(v, name, at);
        return false;
    }
    near = nearest_name(word, words, 6);
    HINT(v,
         variables_report(v, at, DIAGNOSTIC_E0105, "\"%.*s\" is no type of a variable",
                          TEXT_ARG(variables_shown(v, word))),
         near.len > 0 ? "did you mean \"%.*s\"?"
                      : "types are string, integer, number, boolean, list and object%.*s",
         TEXT_ARG(near));
    return false;
}

static bool read_variable(struct reading_variables *v, struct text name, uint32_t at,
                          struct variable *out)
{
    enum cell_type type = document_cell(v->document, at)->type;
    uint32_t begun;
    bool good = false;

    *out = (struct variable){.fallback = CELL_NONE};
    begun = made_begin(&v->schema, CELL_OBJECT, at);
    if (v->depth > VARIABLES_DEPTH_MAX)
        variables_report(v, at, DIAGNOSTIC_E0003, "variables are nested deeper than %d",
                         VARIABLES_DEPTH_MAX);
    else if (type == CELL_STRING)
        good = read_word(v, name, at, out);
    else if (type == CELL_OBJECT)
        good = read_keys(v, name, at, begun, out);
    else
        HINT(v,
             variables_report(
                 v, at, DIAGNOSTIC_E0103, "'%.*s' must be a type or a mapping, found %.*s",
                 TEXT_ARG(variables_shown(v, name)), TEXT_ARG(found_text(&v->reading, at, false))),
             "it is written {type: string, max_length: 80}");
    made_end(&v->schema, begun);
    return good;
}

/* --- the whole --- */

/* What the compiler of schemas found is in the file under another pointer. */
static void correct_pointers(struct reading_variables *v, size_t from)
{
    struct diagnostics *all = v->load->diagnostics;

    for (size_t i = from; i < all->count; i++)
        for (uint32_t at = 0; at < v->document->count; at++)
            if (v->document->marks[at].start.byte == all->items[i].range.start.byte &&
                document_cell(v->document, at)->type < CELL_ARRAY) {
                all->items[i].pointer = document_pointer(v->document, at, all->arena);
                break;
            }
}

bool load_variables(struct load *load, const struct document *document, uint32_t cell,
                    struct schema_use *out, const struct variables **out_variables)
{
    struct variables *variables = ARENA_NEW(load->arena, struct variables);
    struct reading_variables v = {.load = load,
                                  .document = document,
                                  .reading = load_reading(load, document),
                                  .schema = made_document_from(document, load->arena),
                                  .good = true};
    size_t known = load->diagnostics->count;
    const struct document *schema;
    uint32_t begun;
    bool usable;

    begun = made_begin(&v.schema, CELL_OBJECT, cell);
    put_type(&v, VARIABLE_OBJECT, cell);
    variables->root = (struct variable){.type = VARIABLE_OBJECT, .fallback = CELL_NONE};
    variables->defaults = document;
    read_members(&v, cell, &variables->root);
    made_end(&v.schema, begun);
    schema = made_document_done(&v.schema);
    usable = v.good && load_schema(load, schema, 0, out);
    v.good = usable;
    correct_pointers(&v, known);
    for (size_t i = 0; usable && i < v.default_count; i++)
        variables_check_default(&v, schema, &v.defaults[i]);
    *out_variables = variables;
    return v.good;
}
