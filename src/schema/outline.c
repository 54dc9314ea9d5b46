/* The walk keeps the places still to be visited on a stack of its own, so the nesting of a file
 * costs no recursion. Identifiers are registered on the way; references are left for later, when
 * all identifiers are known. */
#include "schema/outline.h"

#include "schema/append.h"
#include "schema/uri.h"

struct visit {
    uint32_t cell;
    uint32_t resource;
    uint32_t nesting;
};
struct walk {
    struct outline *outline;
    struct visit *stack;
    size_t count, room;
    bool names; /* identifiers are registered */
};

const struct subschema *outline_at(const struct outline *outline, uint32_t cell)
{
    uint32_t index = outline->subschema_of[cell];

    return index ? &outline->subschemas[index - 1] : NULL;
}

const struct anchor *outline_anchor(const struct outline *outline, uint32_t resource,
                                    struct text name)
{
    for (size_t i = 0; i < outline->anchor_count; i++) {
        const struct anchor *anchor = &outline->anchors[i];

        if (anchor->resource == resource && text_equal(anchor->name, name))
            return anchor;
    }
    return NULL;
}

struct text outline_location(const struct outline *outline, uint32_t cell)
{
    struct text pointer = document_pointer(outline->document, cell, outline->arena);
    struct text root = document_pointer(outline->document, outline->root, outline->arena);

    return arena_printf(outline->arena, "#%.*s", TEXT_ARG(text_after(pointer, root.len)));
}

/* Identifiers are looked up by comparing, so their number is bounded. */
static bool too_many(struct outline *outline, size_t count, uint32_t cell)
{
    if (count < IDENTIFIERS_MAX)
        return false;
    if (!outline->too_large)
        diagnose(outline->diagnostics, outline->document, cell, DIAGNOSTIC_E0201,
                 "the schema has more than %d identifiers or anchors", IDENTIFIERS_MAX);
    outline->too_large = true;
    return true;
}

static uint32_t add_resource(struct outline *outline, struct text uri, uint32_t cell)
{
    struct resource *resource =
        APPEND(outline->arena, outline->resources, outline->resource_count, outline->resource_room);

    *resource = (struct resource){uri, cell};
    return (uint32_t)(outline->resource_count - 1);
}

/* The resource a schema begins by its `$id`, or the one it is in. */
static uint32_t enter_resource(struct walk *walk, const struct visit *visit)
{
    struct outline *outline = walk->outline;
    const struct document *document = outline->document;
    uint32_t id = document_member(document, visit->cell, TEXT("$id"));
    struct text uri;

    if (id == CELL_NONE || document_cell(document, id)->type != CELL_STRING || !walk->names)
        return visit->resource;
    uri = uri_resolve(outline->resources[visit->resource].uri, document_text(document, id),
                      outline->arena);
    if (visit->cell == outline->root) {
        outline->resources[0].uri = uri;
        return 0;
    }
    for (uint32_t i = 0; i < outline->resource_count; i++) {
        if (text_equal(outline->resources[i].uri, uri) && uri.len > 0) {
            diagnose(outline->diagnostics, document, id, DIAGNOSTIC_E0201,
                     "'$id' names '%.*s', which another schema here is called already",
                     TEXT_ARG(uri));
            return i;
        }
    }
    if (too_many(outline, outline->resource_count, id))
        return visit->resource;
    return add_resource(outline, uri, visit->cell);
}

static void add_anchor(struct walk *walk, uint32_t cell, uint32_t resource, uint32_t value,
                       bool dynamic)
{
    struct outline *outline = walk->outline;
    struct text name = document_text(outline->document, value);
    const struct anchor *known = outline_anchor(outline, resource, name);

    if (!walk->names || too_many(outline, outline->anchor_count, value))
        return;
    if (known != NULL && known->cell != cell) {
        struct text there = outline_location(outline, known->cell);

        diagnose(outline->diagnostics, outline->document, value, DIAGNOSTIC_E0201,
                 "the anchor '%.*s' is also at '%.*s'", TEXT_ARG(name), TEXT_ARG(there));
        return;
    }
    *APPEND(outline->arena, outline->anchors, outline->anchor_count, outline->anchor_room) =
        (struct anchor){name, resource, cell, dynamic};
}

static void push(struct walk *walk, uint32_t cell, const struct visit *from)
{
    *APPEND(walk->outline->arena, walk->stack, walk->count, walk->room) =
        (struct visit){cell, from->resource, from->nesting + 1};
}

static void push_children(struct walk *walk, uint32_t container, const struct visit *from)
{
    const struct document *document = walk->outline->document;
    const struct cell *cell = document_cell(document, container);
    bool object = cell->type == CELL_OBJECT;

    if (cell->type < CELL_ARRAY)
        return;
    for (uint32_t at = container + 1; at < cell->end;) {
        uint32_t value = object ? at + 1 : at;

        if (document_cell(document, value)->type != CELL_ARRAY || !object)
            push(walk, value, from); /* an array is the other form of `dependencies` */
        at = document_next(document, value);
    }
}

static void unknown_keyword(struct outline *outline, uint32_t key)
{
    struct text name = document_text(outline->document, key);
    struct text near = keyword_nearest(name);
    const char *successor = keyword_successor(name);
    struct diagnostic *said;

    if (text_starts(name, TEXT("x-")))
        return;
    said = diagnose(outline->diagnostics, outline->document, key, DIAGNOSTIC_W0201,
                    "'%.*s' is no keyword of JSON Schema 2020-12 and means nothing",
                    TEXT_ARG(text_cut(name, 80)));
    if (successor != NULL)
        diagnostic_hint(outline->diagnostics, said, "%s", successor);
    else if (near.len > 0)
        diagnostic_hint(outline->diagnostics, said, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(outline->diagnostics, said,
                        "remove it, or begin its name with 'x-' if it is a note of yours");
}

static void old_items(struct outline *outline, uint32_t value)
{
    diagnostic_hint(outline->diagnostics,
                    diagnose(outline->diagnostics, outline->document, value, DIAGNOSTIC_E0201,
                             "'items' must be one schema, found an array"),
                    "2020-12 says 'prefixItems' for the first items and 'items' for the rest");
}

static void visit_keyword(struct walk *walk, const struct visit *visit, uint32_t key)
{
    struct outline *outline = walk->outline;
    enum keyword keyword = keyword_find(document_text(outline->document, key));
    uint32_t value = key + 1;
    bool string = document_cell(outline->document, value)->type == CELL_STRING;

    if (keyword == KEYWORD_NONE) {
        unknown_keyword(outline, key);
        return;
    }
    keyword_examine(outline, keyword, key, value);
    switch (keyword_row(keyword)->shape) {
    case SHAPE_SCHEMA:
        if (keyword == KEYWORD_ITEMS && document_cell(outline->document, value)->type == CELL_ARRAY)
            old_items(outline, value);
        else
            push(walk, value, visit);
        break;
    case SHAPE_SCHEMAS:
        if (document_cell(outline->document, value)->type == CELL_ARRAY)
            push_children(walk, value, visit);
        break;
    case SHAPE_SCHEMA_MAP:
    case SHAPE_PATTERN_MAP:
    case SHAPE_DEPENDENCIES:
        if (document_cell(outline->document, value)->type == CELL_OBJECT)
            push_children(walk, value, visit);
        break;
    case SHAPE_ANCHOR:
        if (string)
            add_anchor(walk, visit->cell, visit->resource, value,
                       keyword == KEYWORD_DYNAMIC_ANCHOR);
        break;
    default:
        break;
    }
}

static bool add_subschema(struct outline *outline, const struct visit *visit)
{
    bool large = outline->subschema_count >= SUBSCHEMAS_MAX;

    if (!large && visit->nesting <= SCHEMA_NESTING_MAX) {
        *APPEND(outline->arena, outline->subschemas, outline->subschema_count,
                outline->subschema_room) =
            (struct subschema){visit->cell, visit->resource, visit->nesting};
        outline->subschema_of[visit->cell] = (uint32_t)outline->subschema_count;
        return true;
    }
    if (!outline->too_large) {
        diagnose(outline->diagnostics, outline->document, visit->cell, DIAGNOSTIC_E0201,
                 large ? "the schema has more than %d subschemas"
                       : "schemas are nested more than %d deep here",
                 large ? SUBSCHEMAS_MAX : SCHEMA_NESTING_MAX);
        outline->too_large = true;
    }
    return false;
}

static void visit_schema(struct walk *walk, struct visit visit)
{
    struct outline *outline = walk->outline;
    const struct cell *cell = document_cell(outline->document, visit.cell);
    size_t from = walk->count;

    if (outline->subschema_of[visit.cell] != 0)
        return;
    if (cell->type != CELL_OBJECT && cell->type != CELL_BOOLEAN) {
        diagnose(outline->diagnostics, outline->document, visit.cell, DIAGNOSTIC_E0201,
                 "a schema must be an object, true or false, found %s %s",
                 cell->type == CELL_INTEGER || cell->type == CELL_ARRAY ? "an" : "a",
                 cell_type_name(cell->type));
        return;
    }
    if (cell->type == CELL_OBJECT)
        visit.resource = enter_resource(walk, &visit);
    if (!add_subschema(outline, &visit) || cell->type != CELL_OBJECT)
        return;
    for (uint32_t key = visit.cell + 1; key < cell->end;
         key = document_next(outline->document, key + 1))
        visit_keyword(walk, &visit, key);
    /* The stack gives the last first; turned round, places are visited in reading order. */
    for (size_t low = from, high = walk->count; low + 1 < high; low++, high--) {
        struct visit swap = walk->stack[low];

        walk->stack[low] = walk->stack[high - 1];
        walk->stack[high - 1] = swap;
    }
}

static void run(struct walk *walk, struct visit first)
{
    *APPEND(walk->outline->arena, walk->stack, walk->count, walk->room) = first;
    while (walk->count > 0)
        visit_schema(walk, walk->stack[--walk->count]);
}

void outline_init(struct outline *outline, const struct document *document, uint32_t root,
                  struct arena *arena, struct diagnostics *diagnostics, bool formats_annotate)
{
    *outline = (struct outline){
        .document = document,
        .arena = arena,
        .diagnostics = diagnostics,
        .root = root,
        .subschema_of = ARENA_ARRAY(arena, uint32_t, document->count),
        .formats_annotate = formats_annotate,
    };
    add_resource(outline, root == 0 ? document->file : (struct text){0}, root);
    run(&(struct walk){.outline = outline, .names = true}, (struct visit){.cell = root});
}

void outline_extend(struct outline *outline, uint32_t cell, uint32_t resource)
{
    run(&(struct walk){.outline = outline}, (struct visit){.cell = cell, .resource = resource});
}
