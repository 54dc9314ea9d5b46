/* The walk keeps the places still to be visited on a stack of its own, so the nesting of a file
 * costs no recursion. It goes only where the dialect of a schema says that a schema is. Identifiers
 * are registered on the way; references are left for later, when all identifiers are known. */
#include "schema/walk.h"

#include "schema/append.h"

static void push(struct walk *walk, uint32_t cell, const struct visit *from, bool no_boolean)
{
    *APPEND(walk->outline->arena, walk->stack, walk->count, walk->room) =
        (struct visit){cell, from->resource, from->nesting + 1, no_boolean};
}

static void push_children(struct walk *walk, uint32_t container, const struct visit *from,
                          bool no_boolean)
{
    const struct document *document = walk->outline->document;
    const struct cell *cell = document_cell(document, container);
    bool object = cell->type == CELL_OBJECT;

    if (cell->type < CELL_ARRAY)
        return;
    for (uint32_t at = container + 1; at < cell->end;) {
        uint32_t value = object ? at + 1 : at;

        if (document_cell(document, value)->type != CELL_ARRAY || !object)
            push(walk, value, from, no_boolean); /* an array: the other form of `dependencies` */
        at = document_next(document, value);
    }
}

static void unknown_keyword(struct outline *outline, uint32_t key, const struct dialect *dialect)
{
    struct text name = document_text(outline->document, key);
    struct text near = keyword_nearest(name, dialect);
    const char *successor = keyword_successor(name, dialect);
    enum draft draft = keyword_draft(name);
    struct diagnostic *said;

    if (text_starts(name, TEXT("x-")))
        return;
    said = OUTLINE_SAY(outline, key, DIAGNOSTIC_W0201,
                       "'%.*s' is no keyword of JSON Schema %s and means nothing",
                       TEXT_ARG(text_cut(name, 80)), draft_name((enum draft)dialect->draft));
    if (successor != NULL)
        diagnostic_hint(outline->diagnostics, said, "%s", successor);
    else if (draft != DRAFT_COUNT && draft != dialect->draft)
        diagnostic_hint(outline->diagnostics, said,
                        "it is one of %s: let '$schema' name the draft the schema is written for",
                        draft_name(draft));
    else if (draft != DRAFT_COUNT)
        diagnostic_hint(outline->diagnostics, said,
                        "the meta-schema does not turn on the vocabulary it belongs to");
    else if (near.len > 0)
        diagnostic_hint(outline->diagnostics, said, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(outline->diagnostics, said,
                        "remove it, or begin its name with 'x-' if it is a note of yours");
}

static void array_as_items(struct outline *outline, uint32_t value)
{
    diagnostic_hint(
        outline->diagnostics,
        OUTLINE_SAY(outline, value, DIAGNOSTIC_E0201, "'items' must be one schema, found an array"),
        "2020-12 says 'prefixItems' for the first items and 'items' for the rest");
}

static void push_schemas(struct walk *walk, const struct visit *visit, enum keyword keyword,
                         uint32_t value, const struct dialect *dialect)
{
    enum cell_type type = document_cell(walk->outline->document, value)->type;
    bool old = dialect->draft == DRAFT_4;

    switch (keyword_row(keyword)->shape) {
    case SHAPE_SCHEMA:
        if (keyword == KEYWORD_ITEMS && type == CELL_ARRAY)
            array_as_items(walk->outline, value);
        else
            push(walk, value, visit,
                 old && keyword != KEYWORD_ADDITIONAL_ITEMS &&
                     keyword != KEYWORD_ADDITIONAL_PROPERTIES);
        break;
    case SHAPE_ITEMS:
        if (type == CELL_ARRAY)
            push_children(walk, value, visit, old);
        else
            push(walk, value, visit, old);
        break;
    case SHAPE_SCHEMAS:
        if (type == CELL_ARRAY)
            push_children(walk, value, visit, old);
        break;
    case SHAPE_SCHEMA_MAP:
    case SHAPE_PATTERN_MAP:
    case SHAPE_DEPENDENCIES:
        if (type == CELL_OBJECT)
            push_children(walk, value, visit, old);
        break;
    default:
        break;
    }
}

static void visit_keyword(struct walk *walk, const struct visit *visit, uint32_t key,
                          bool is_reference)
{
    struct outline *outline = walk->outline;
    struct dialect dialect = outline->resources[visit->resource].dialect;
    enum keyword keyword = keyword_find(document_text(outline->document, key), &dialect);
    bool hidden = is_reference && keyword != KEYWORD_REF && keyword != KEYWORD_DEFINITIONS;

    if (keyword == KEYWORD_NONE) {
        if (!outline->only_names)
            unknown_keyword(outline, key, &dialect);
        return;
    }
    if (!outline->only_names)
        keyword_examine(outline, keyword, key, key + 1, &dialect);
    if (hidden)
        return;
    push_schemas(walk, visit, keyword, key + 1, &dialect);
    walk_note_anchor(walk, visit, keyword, key + 1);
}

static bool add_subschema(struct outline *outline, const struct visit *visit)
{
    const struct schema_limits *limits = outline->limits;
    bool large = outline->subschema_count >= limits->subschemas;

    if (!large && visit->nesting <= limits->nesting) {
        *APPEND(outline->arena, outline->subschemas, outline->subschema_count,
                outline->subschema_room) =
            (struct subschema){visit->cell, visit->resource, visit->nesting};
        outline->subschema_of[visit->cell] = (uint32_t)outline->subschema_count;
        return true;
    }
    if (!outline->too_large) {
        OUTLINE_SAY(outline, visit->cell, DIAGNOSTIC_E0201,
                    large ? "the schema has more than %u subschemas"
                          : "schemas are nested more than %u deep here",
                    large ? limits->subschemas : limits->nesting);
        outline->too_large = true;
    }
    return false;
}

/* Tells of a value that is no schema. */
static bool is_schema(struct outline *outline, const struct visit *visit)
{
    const struct cell *cell = document_cell(outline->document, visit->cell);

    if (cell->type == CELL_OBJECT || (cell->type == CELL_BOOLEAN && !visit->no_boolean))
        return true;
    OUTLINE_SAY(outline, visit->cell, DIAGNOSTIC_E0201, "a schema must be an object%s, found %s %s",
                visit->no_boolean ? " in draft-04" : ", true or false",
                cell->type == CELL_INTEGER || cell->type == CELL_ARRAY ? "an" : "a",
                cell_type_name(cell->type));
    return false;
}

static void visit_schema(struct walk *walk, struct visit visit)
{
    struct outline *outline = walk->outline;
    const struct cell *cell = document_cell(outline->document, visit.cell);
    size_t from = walk->count;
    bool is_reference;

    if (outline->subschema_of[visit.cell] != 0 || !is_schema(outline, &visit))
        return;
    if (cell->type == CELL_OBJECT)
        visit.resource = walk_enter_resource(walk, &visit);
    if (!add_subschema(outline, &visit) || cell->type != CELL_OBJECT)
        return;
    is_reference = outline_is_reference(outline->document, visit.cell,
                                        &outline->resources[visit.resource].dialect);
    for (uint32_t key = visit.cell + 1; key < cell->end && !outline_is_late(outline);
         key = document_next(outline->document, key + 1))
        visit_keyword(walk, &visit, key, is_reference);
    /* The stack gives the last first; turned round, places are visited in reading order. */
    for (size_t low = from, high = walk->count; low + 1 < high; low++, high--) {
        struct visit swap = walk->stack[low];

        walk->stack[low] = walk->stack[high - 1];
        walk->stack[high - 1] = swap;
    }
}

void walk_run(struct walk *walk, struct visit first)
{
    *APPEND(walk->outline->arena, walk->stack, walk->count, walk->room) = first;
    while (walk->count > 0 && !outline_is_late(walk->outline))
        visit_schema(walk, walk->stack[--walk->count]);
}
