/* What schemas are called: resources by their URIs, and the anchors within them. */
#include "schema/append.h"
#include "schema/uri.h"
#include "schema/walk.h"

/* Identifiers are looked up by comparing, so their number is bounded. */
static bool too_many(struct outline *outline, size_t count, uint32_t cell)
{
    if (count < IDENTIFIERS_MAX)
        return false;
    if (!outline->too_large)
        OUTLINE_SAY(outline, cell, DIAGNOSTIC_E0201,
                    "the schema has more than %d identifiers or anchors", IDENTIFIERS_MAX);
    outline->too_large = true;
    return true;
}

uint32_t outline_add_resource(struct outline *outline, struct text uri, uint32_t cell,
                              uint32_t parent, struct dialect dialect)
{
    struct resource *resource =
        APPEND(outline->arena, outline->resources, outline->resource_count, outline->resource_room);

    *resource = (struct resource){.uri = uri, .cell = cell, .parent = parent, .dialect = dialect};
    return (uint32_t)(outline->resource_count - 1);
}

uint32_t outline_find_resource(const struct outline *outline, struct text uri)
{
    for (uint32_t i = 0; i < outline->resource_count; i++) {
        const struct resource *resource = &outline->resources[i];

        if (text_equal(resource->uri, uri) ||
            (resource->retrieved.len > 0 && text_equal(resource->retrieved, uri)))
            return i;
    }
    return RESOURCE_NONE;
}

static void add_anchor(struct walk *walk, uint32_t cell, uint32_t resource, uint32_t value,
                       struct text name, bool dynamic)
{
    struct outline *outline = walk->outline;
    const struct anchor *known = outline_anchor(outline, resource, name);

    if (!walk->names || too_many(outline, outline->anchor_count, value))
        return;
    if (known != NULL && known->cell != cell) {
        struct text there = outline_location(outline, known->cell);

        OUTLINE_SAY(outline, value, DIAGNOSTIC_E0201, "the anchor '%.*s' is also at '%.*s'",
                    TEXT_ARG(name), TEXT_ARG(there));
        return;
    }
    *APPEND(outline->arena, outline->anchors, outline->anchor_count, outline->anchor_room) =
        (struct anchor){name, resource, cell, dynamic};
}

/* What `$schema` of a schema says, which matters only where a resource begins. */
static struct dialect dialect_here(struct walk *walk, const struct visit *visit)
{
    struct outline *outline = walk->outline;
    const struct document *document = outline->document;
    struct dialect inherited = outline->resources[visit->resource].dialect, dialect = inherited;
    uint32_t value = document_member(document, visit->cell, TEXT("$schema"));

    if (value == CELL_NONE || document_cell(document, value)->type != CELL_STRING)
        return inherited;
    if (visit->cell != walk->root &&
        document_member(document, visit->cell, TEXT("$id")) == CELL_NONE &&
        document_member(document, visit->cell, TEXT("id")) == CELL_NONE)
        return inherited;
    outline_find_dialect(outline, value, document_text(document, value), &dialect);
    return dialect;
}

/* The resource that an identifier begins. */
static uint32_t begin_resource(struct walk *walk, const struct visit *visit, uint32_t id,
                               struct text reference, struct dialect dialect)
{
    struct outline *outline = walk->outline;
    struct resource *root = &outline->resources[visit->resource];
    struct text uri = uri_resolve(root->uri, reference, outline->arena);
    uint32_t known = outline_find_resource(outline, uri);

    if (visit->cell == walk->root && (known == RESOURCE_NONE || known == visit->resource)) {
        root->retrieved = root->uri;
        root->uri = uri;
        return visit->resource;
    }
    if (known != RESOURCE_NONE && uri.len > 0) {
        OUTLINE_SAY(outline, id, DIAGNOSTIC_E0201,
                    "'%.*s' names '%.*s', which another schema here is called already",
                    TEXT_ARG(dialect_id(&dialect)), TEXT_ARG(uri));
        return known;
    }
    if (too_many(outline, outline->resource_count, id))
        return visit->resource;
    return outline_add_resource(outline, uri, visit->cell, visit->resource, dialect);
}

/* Before 2019-09 an identifier may have a fragment, which is an anchor. */
uint32_t walk_enter_resource(struct walk *walk, const struct visit *visit)
{
    struct outline *outline = walk->outline;
    const struct document *document = outline->document;
    struct dialect dialect;
    uint32_t id, resource = visit->resource;
    struct uri parts;

    if (!walk->names)
        return resource;
    dialect = dialect_here(walk, visit);
    if (visit->cell == walk->root)
        outline->resources[resource].dialect = dialect;
    id = document_member(document, visit->cell, dialect_id(&dialect));
    if (id == CELL_NONE || document_cell(document, id)->type != CELL_STRING ||
        outline_is_reference(document, visit->cell, &dialect))
        return resource;
    parts = uri_split(document_text(document, id));
    if (text_find_byte(document_text(document, id), '#') > 0)
        resource = begin_resource(walk, visit, id, document_text(document, id), dialect);
    if (dialect.draft <= DRAFT_7 && parts.fragment.len > 0)
        add_anchor(walk, visit->cell, resource, id, parts.fragment, false);
    return resource;
}

void walk_note_anchor(struct walk *walk, const struct visit *visit, enum keyword keyword,
                      uint32_t value)
{
    const struct outline *outline = walk->outline;
    const struct cell *cell = document_cell(outline->document, value);

    if (keyword_row(keyword)->shape == SHAPE_ANCHOR && cell->type == CELL_STRING)
        add_anchor(walk, visit->cell, visit->resource, value, cell_text(cell),
                   keyword == KEYWORD_DYNAMIC_ANCHOR);
    if (keyword == KEYWORD_RECURSIVE_ANCHOR && cell->type == CELL_BOOLEAN && cell->boolean &&
        visit->cell == outline->resources[visit->resource].cell)
        add_anchor(walk, visit->cell, visit->resource, value, TEXT(""), true);
}
