/* First it is asked whether anything is to be changed at all: most callers send what was declared,
 * and then nothing is copied. An object with more members than were declared is not looked into,
 * since it will be refused whatever they are: so the work is bounded by what was declared. */
#include "render/variables.h"

#include "document/json_read.h"
#include "document/utf8.h"

enum { NUMBER_BYTES = 64 }; /* of a string that is taken for a number */

struct applying {
    const struct variables *variables;
    const struct document *input;
    struct arena *arena;
    struct cell *cells; /* of the new document */
    uint32_t count, room;
};

/* --- single values --- */

static bool is_digits(struct text text)
{
    size_t sign = text.len > 0 && text.at[0] == '-';

    for (size_t i = sign; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len > sign;
}

/* A string that is a number as JSON writes it, and nothing else. */
static bool number_of(struct applying *a, struct text text, bool integer, struct cell *out)
{
    struct document document;
    struct error err;

    if (text.len == 0 || text.len > NUMBER_BYTES || (integer && !is_digits(text)) ||
        (text.at[0] != '-' && (text.at[0] < '0' || text.at[0] > '9')) ||
        text.at[text.len - 1] <= ' ' || text_equal(text, TEXT("-0")) ||
        !json_read(text, NULL, a->arena, &document, NULL, &err))
        return false;
    *out = *document_cell(&document, 0);
    return out->type == CELL_INTEGER || out->type == CELL_NUMBER;
}

static bool boolean_of(struct text text, struct cell *out)
{
    *out = (struct cell){.type = CELL_BOOLEAN, .boolean = text_equal(text, TEXT("true"))};
    return out->boolean || text_equal(text, TEXT("false"));
}

static bool string_of(struct applying *a, const struct cell *cell, struct cell *out)
{
    struct text text;

    if (cell->type == CELL_INTEGER)
        text = arena_printf(a->arena, "%lld", (long long)cell->integer);
    else if (cell->type == CELL_NUMBER)
        text = cell_text(cell);
    else if (cell->type == CELL_BOOLEAN)
        text = cell->boolean ? TEXT("true") : TEXT("false");
    else
        return false;
    *out = (struct cell){.type = CELL_STRING, .flags = CELL_ASCII, .size = (uint32_t)text.len};
    out->text = text.at;
    return true;
}

/* Whether a value becomes one of another type, which is put into *out. */
static bool converts(struct applying *a, const struct variable *variable, const struct cell *cell,
                     struct cell *out)
{
    bool string = cell->type == CELL_STRING;

    switch (variable->type) {
    case VARIABLE_STRING:
        return string_of(a, cell, out);
    case VARIABLE_INTEGER:
    case VARIABLE_NUMBER:
        return string && number_of(a, cell_text(cell), variable->type == VARIABLE_INTEGER, out);
    case VARIABLE_BOOLEAN:
        return string && boolean_of(cell_text(cell), out);
    case VARIABLE_LIST:
    case VARIABLE_OBJECT:
        break;
    }
    return false;
}

/* --- whether anything changes --- */

static bool changes(struct applying *a, const struct variable *variable, uint32_t at);

static bool list_changes(struct applying *a, const struct variable *variable, uint32_t at)
{
    uint32_t end = document_next(a->input, at);

    for (uint32_t item = at + 1; item < end; item = document_next(a->input, item))
        if (changes(a, variable->inside, item))
            return true;
    return false;
}

static bool object_changes(struct applying *a, const struct variable *variable, uint32_t at)
{
    if (document_cell(a->input, at)->size > variable->inside_count)
        return false;
    for (size_t i = 0; i < variable->inside_count; i++) {
        const struct variable *member = &variable->inside[i];
        uint32_t value = document_member(a->input, at, member->name);

        if (value == CELL_NONE ? member->fallback != CELL_NONE : changes(a, member, value))
            return true;
    }
    return false;
}

static bool changes(struct applying *a, const struct variable *variable, uint32_t at)
{
    const struct cell *cell = document_cell(a->input, at);
    struct cell ignored;

    if (variable->type == VARIABLE_LIST)
        return cell->type == CELL_ARRAY && list_changes(a, variable, at);
    if (variable->type == VARIABLE_OBJECT)
        return cell->type == CELL_OBJECT && object_changes(a, variable, at);
    return converts(a, variable, cell, &ignored);
}

/* --- the changed document --- */

static void put(struct applying *a, struct cell cell)
{
    if (a->count == a->room) {
        uint32_t room = a->room > 0 ? a->room * 2 : a->input->count + 16;

        a->cells =
            arena_grow(a->arena, a->cells, a->room * sizeof *a->cells, room * sizeof *a->cells);
        a->room = room;
    }
    a->cells[a->count++] = cell;
}

/* A subtree of any document, its ends moved. */
static void put_copy(struct applying *a, const struct document *from, uint32_t at)
{
    uint32_t end = document_next(from, at), moved = a->count - at; /* may wrap, and back */

    for (; at < end; at++) {
        struct cell cell = *document_cell(from, at);

        if (cell.type >= CELL_ARRAY)
            cell.end += moved;
        put(a, cell);
    }
}

static void put_value(struct applying *a, const struct variable *variable, uint32_t at);

static const struct variable *find_member(const struct variable *object, struct text name)
{
    for (size_t i = 0; i < object->inside_count; i++)
        if (text_equal(object->inside[i].name, name))
            return &object->inside[i];
    return NULL;
}

/* As the readers make them: schemas compare names by flags and hash before they look at bytes. */
static struct cell name_cell(struct text name)
{
    struct cell cell = {.type = CELL_STRING, .size = (uint32_t)name.len};

    if (utf8_is_ascii(name))
        cell.flags = CELL_ASCII;
    cell.text = name.at;
    cell_hash_name(&cell);
    return cell;
}

/* A default leaves out what has a default of its own, like any other value. */
static void put_default(struct applying *a, const struct variable *variable)
{
    const struct document *input = a->input;

    a->input = a->variables->defaults;
    put_value(a, variable, variable->fallback);
    a->input = input;
}

static void put_defaults(struct applying *a, const struct variable *variable, uint32_t at,
                         uint32_t opening)
{
    for (size_t i = 0; i < variable->inside_count; i++) {
        const struct variable *member = &variable->inside[i];
        struct cell name = name_cell(member->name);

        if (member->fallback == CELL_NONE ||
            document_member(a->input, at, member->name) != CELL_NONE)
            continue;
        put(a, name);
        put_default(a, member);
        a->cells[opening].size++;
    }
}

static void put_object(struct applying *a, const struct variable *variable, uint32_t at)
{
    uint32_t end = document_next(a->input, at), opening = a->count;

    put(a, *document_cell(a->input, at));
    for (uint32_t name = at + 1; name < end; name = document_next(a->input, name + 1)) {
        const struct variable *member = find_member(variable, document_text(a->input, name));

        put(a, *document_cell(a->input, name));
        if (member != NULL)
            put_value(a, member, name + 1);
        else
            put_copy(a, a->input, name + 1);
    }
    put_defaults(a, variable, at, opening);
    a->cells[opening].end = a->count;
}

static void put_list(struct applying *a, const struct variable *variable, uint32_t at)
{
    uint32_t end = document_next(a->input, at), opening = a->count;

    put(a, *document_cell(a->input, at));
    for (uint32_t item = at + 1; item < end; item = document_next(a->input, item))
        put_value(a, variable->inside, item);
    a->cells[opening].end = a->count;
}

static void put_value(struct applying *a, const struct variable *variable, uint32_t at)
{
    const struct cell *cell = document_cell(a->input, at);
    struct cell changed;

    if (variable->type == VARIABLE_LIST && cell->type == CELL_ARRAY)
        put_list(a, variable, at);
    else if (variable->type == VARIABLE_OBJECT && cell->type == CELL_OBJECT &&
             cell->size <= variable->inside_count)
        put_object(a, variable, at);
    else if (converts(a, variable, cell, &changed))
        put(a, changed);
    else
        put_copy(a, a->input, at);
}

const struct document *variables_apply(const struct variables *variables,
                                       const struct document *input, uint32_t at,
                                       struct arena *arena, uint32_t *out_at)
{
    struct applying a = {.variables = variables, .input = input, .arena = arena};
    struct document *made;

    *out_at = at;
    if (!changes(&a, &variables->root, at))
        return input;
    put_value(&a, &variables->root, at);
    made = ARENA_NEW(arena, struct document);
    *made = *input;
    made->marks = NULL; /* they were of the cells that were read */
    made->cells = a.cells;
    made->count = a.count;
    *out_at = 0;
    return made;
}

/* --- what is said --- */

/* "/lines/0/name" as "lines.0.name", as templates name it, and `more` behind it. */
static struct text dotted(struct text pointer, struct text more, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 1; i < pointer.len; i++)
        buffer_put_byte(&out, pointer.at[i] == '/' ? '.' : pointer.at[i]);
    if (out.len > 0 && more.len > 0)
        buffer_put_byte(&out, '.');
    buffer_put(&out, more);
    return buffer_text(&out);
}

struct text variables_complaint(const struct violation *violation, struct arena *arena)
{
    bool missing = text_equal(violation->keyword, TEXT("required"));
    struct text path =
        dotted(violation->instance_path, missing ? violation->expected : (struct text){0}, arena);

    if (path.len == 0)
        return violation->message;
    return arena_printf(arena, "variable '%.*s' %.*s", TEXT_ARG(path),
                        TEXT_ARG(missing ? TEXT("is missing") : violation->demand));
}
