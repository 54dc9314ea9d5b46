/* The walk keeps the places still to be visited on a stack of its own, so the nesting of a file
 * costs no recursion. Identifiers are registered on the way; references are left for later, when
 * all identifiers are known. */
#include "schema/outline.h"

#include "base/check.h"
#include "base/clock.h"
#include "schema/append.h"
#include "schema/metaschema.h"
#include "schema/set.h"
#include "schema/uri.h"

struct visit {
    uint32_t cell;
    uint32_t resource;
    uint32_t nesting;
    bool no_boolean; /* draft-04 has schemas that are true or false only after `additional...` */
};
struct walk {
    struct outline *outline;
    struct visit *stack;
    size_t count, room;
    uint32_t root; /* of the part */
    bool names;    /* identifiers are registered */
};

const struct subschema *outline_at(const struct outline *outline, uint32_t cell)
{
    uint32_t index = outline->subschema_of[cell];

    return index ? &outline->subschemas[index - 1] : NULL;
}

const struct dialect *outline_dialect(const struct outline *outline, uint32_t cell)
{
    const struct subschema *schema = outline_at(outline, cell);

    CHECK(schema != NULL);
    return &outline->resources[schema->resource].dialect;
}

uint32_t outline_value(const struct outline *outline, uint32_t schema, enum keyword keyword)
{
    if (!keyword_exists(keyword, outline_dialect(outline, schema)))
        return CELL_NONE;
    return document_member(outline->document, schema, keyword_row(keyword)->name);
}

bool outline_is_reference(const struct document *document, uint32_t schema,
                          const struct dialect *dialect)
{
    uint32_t value;

    if (!dialect_ref_hides(dialect))
        return false;
    value = document_member(document, schema, TEXT("$ref"));
    return value != CELL_NONE && document_cell(document, value)->type == CELL_STRING;
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
    const struct schema_part *part = schema_part_of(outline->parts, outline->part_count, cell);
    struct text pointer =
        document_pointer(part->document, cell - part->first + part->from, outline->arena);
    struct text root =
        document_pointer(part->document, part->root - part->first + part->from, outline->arena);

    return arena_printf(outline->arena, "%.*s#%.*s",
                        TEXT_ARG(part == outline->parts ? TEXT("") : part->uri),
                        TEXT_ARG(text_after(pointer, root.len)));
}

struct diagnostics *outline_diagnostics(const struct outline *outline, uint32_t cell)
{
    const struct schema_part *part = schema_part_of(outline->parts, outline->part_count, cell);

    return outline->elsewhere[part - outline->parts].diagnostics;
}

size_t outline_error_count(const struct outline *outline)
{
    size_t count = 0;

    for (size_t i = 0; i < outline->elsewhere_count; i++)
        count += outline->elsewhere[i].diagnostics->error_count;
    return count;
}

/* A part is always behind the one that refers to it, so the last is the first. */
void outline_settle(struct outline *outline)
{
    for (size_t i = outline->elsewhere_count; i-- > 1;) {
        const struct elsewhere *it = &outline->elsewhere[i];
        const struct diagnostic *first = NULL;
        struct diagnostic *said;

        if (it->diagnostics->error_count == 0)
            continue;
        for (size_t k = 0; k < it->diagnostics->count && first == NULL; k++) {
            if (diagnostic_is_error(it->diagnostics->items[k].code))
                first = &it->diagnostics->items[k];
        }
        said = OUTLINE_SAY(outline, it->reference, DIAGNOSTIC_E0206,
                           "the schema '%.*s', which this refers to, has mistakes",
                           TEXT_ARG(text_cut(outline->parts[i].uri, 150)));
        if (first != NULL)
            diagnostic_hint(outline->diagnostics, said, "line %u: %.*s", first->range.start.line,
                            TEXT_ARG(first->message));
    }
}

bool outline_is_late(struct outline *outline)
{
    if (outline->late || ++outline->ticks % 16 != 0)
        return outline->late;
    outline->late = clock_monotonic_us() > outline->late_us;
    if (outline->late)
        OUTLINE_SAY(outline, outline->parts[0].root, DIAGNOSTIC_E0201,
                    "compiling the schema takes longer than %u ms", outline->limits->compile_ms);
    return outline->late;
}

const struct pattern *outline_pattern(struct outline *outline, uint32_t cell, struct arena *arena,
                                      struct pattern_problem *out_problem)
{
    outline->ticks |= 15; /* so that the clock is asked next */
    return pattern_compile_within(document_text(outline->document, cell), outline->limits->patterns,
                                  arena, out_problem);
}

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

static uint32_t add_resource(struct outline *outline, struct text uri, uint32_t cell,
                             uint32_t parent, struct dialect dialect)
{
    struct resource *resource =
        APPEND(outline->arena, outline->resources, outline->resource_count, outline->resource_room);

    *resource = (struct resource){.uri = uri, .cell = cell, .parent = parent, .dialect = dialect};
    return (uint32_t)(outline->resource_count - 1);
}

static uint32_t find_resource(const struct outline *outline, struct text uri)
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
    uint32_t known = find_resource(outline, uri);

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
    return add_resource(outline, uri, visit->cell, visit->resource, dialect);
}

/* The resource a schema begins by its identifier, or the one it is in. Before 2019-09 an identifier
 * may have a fragment, which is an anchor. */
static uint32_t enter_resource(struct walk *walk, const struct visit *visit)
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

static void note_anchor(struct walk *walk, const struct visit *visit, enum keyword keyword,
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
    note_anchor(walk, visit, keyword, key + 1);
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
        visit.resource = enter_resource(walk, &visit);
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

static void run(struct walk *walk, struct visit first)
{
    *APPEND(walk->outline->arena, walk->stack, walk->count, walk->room) = first;
    while (walk->count > 0 && !outline_is_late(walk->outline))
        visit_schema(walk, walk->stack[--walk->count]);
}

/* Walks the newest part. Its dialect, unless it says otherwise, is the one that the options name.
 */
static uint32_t walk_part(struct outline *outline)
{
    const struct schema_part *part = &outline->parts[outline->part_count - 1];
    struct text metaschema = outline->options->metaschema;
    struct dialect dialect = *dialect_of(DRAFT_2020_12);
    struct walk walk = {.outline = outline, .root = part->root, .names = true};
    uint32_t resource;

    if (metaschema.len > 0)
        outline_find_dialect(outline, part->root, metaschema, &dialect);
    resource = add_resource(outline, part->uri, part->root, RESOURCE_NONE, dialect);
    run(&walk, (struct visit){.cell = part->root,
                              .resource = resource,
                              .no_boolean = dialect.draft == DRAFT_4});
    return resource;
}

static bool too_many_bytes(struct outline *outline, const struct document *document, uint32_t cell)
{
    outline->source_bytes += document->source.len;
    if (outline->source_bytes <= outline->limits->bytes)
        return false;
    OUTLINE_SAY(outline, cell, DIAGNOSTIC_E0201, "the schema has more than %zu bytes",
                outline->limits->bytes);
    return true;
}

static void init(struct outline *outline, const struct document *document,
                 const struct schema_options *options, struct arena *arena,
                 struct diagnostics *diagnostics)
{
    *outline = (struct outline){
        .document = ARENA_NEW(arena, struct document),
        .arena = arena,
        .diagnostics = diagnostics,
        .options = options,
        .limits = options->limits != NULL ? options->limits : &schema_limits_authors,
        .subschema_of = ARENA_ARRAY(arena, uint32_t, document->count),
    };
    outline->late_us = clock_monotonic_us() + UINT64_C(1000) * outline->limits->compile_ms;
    *outline->document = *document;
    *APPEND(arena, outline->elsewhere, outline->elsewhere_count, outline->elsewhere_room) =
        (struct elsewhere){.diagnostics = diagnostics};
}

static void walk_first(struct outline *outline, const struct document *document, uint32_t root,
                       struct text uri)
{
    struct schema_part *part =
        APPEND(outline->arena, outline->parts, outline->part_count, outline->part_room);

    *part = (struct schema_part){
        .document = document, .uri = uri, .root = root, .count = document->count};
    if (!too_many_bytes(outline, document, root))
        walk_part(outline);
}

void outline_init(struct outline *outline, const struct document *document, uint32_t root,
                  struct text uri, const struct schema_options *options, struct arena *arena,
                  struct diagnostics *diagnostics)
{
    init(outline, document, options, arena, diagnostics);
    walk_first(outline, document, root, uri);
}

size_t outline_names(const struct set_schema *schema, const struct schema_set *set,
                     struct arena *arena, const struct text **out_names)
{
    struct arena scratch = {0};
    struct diagnostics unread = {.arena = &scratch};
    const struct schema_options options = {.set = set};
    struct outline outline;
    struct text *names;
    size_t count;

    init(&outline, schema->document, &options, &scratch, &unread);
    outline.only_names = true;
    walk_first(&outline, schema->document, schema->root, schema->uri);
    names = ARENA_ARRAY(arena, struct text, outline.resource_count);
    for (count = 0; count + 1 < outline.resource_count; count++)
        names[count] = arena_copy(arena, outline.resources[count + 1].uri);
    arena_release(&scratch);
    *out_names = names;
    return count;
}

/* Room for more cells. The first time, those of the only document are copied. */
static void make_room(struct outline *outline, uint32_t more)
{
    struct document *document = outline->document;
    size_t needed = (size_t)document->count + more, room = needed + needed / 2;
    struct cell *cells;
    uint32_t *subschema_of;

    if (needed <= outline->cell_room)
        return;
    cells = ARENA_ARRAY(outline->arena, struct cell, room);
    memcpy(cells, document->cells, document->count * sizeof *cells);
    subschema_of = ARENA_ARRAY(outline->arena, uint32_t, room);
    memcpy(subschema_of, outline->subschema_of, document->count * sizeof *subschema_of);
    *document = (struct document){.cells = cells, .count = document->count};
    outline->subschema_of = subschema_of;
    outline->cell_room = room;
}

static uint32_t add_part(struct outline *outline, const struct set_schema *schema,
                         uint32_t reference)
{
    struct diagnostics *diagnostics = ARENA_NEW(outline->arena, struct diagnostics);
    const struct document *from = schema->document;
    uint32_t first = outline->document->count,
             count = document_next(from, schema->root) - schema->root;
    struct cell *cells;

    if (count > PART_CELLS_MAX - first || too_many_bytes(outline, from, reference))
        return RESOURCE_NONE;
    diagnostics->arena = outline->diagnostics->arena;
    *APPEND(outline->arena, outline->elsewhere, outline->elsewhere_count, outline->elsewhere_room) =
        (struct elsewhere){diagnostics, reference, 0};
    make_room(outline, count);
    cells = (struct cell *)outline->document->cells + first;
    memcpy(cells, from->cells + schema->root, count * sizeof *cells);
    for (uint32_t i = 0; i < count; i++) {
        if (cells[i].type >= CELL_ARRAY)
            cells[i].end = cells[i].end - schema->root + first;
    }
    outline->document->count += count;
    *APPEND(outline->arena, outline->parts, outline->part_count, outline->part_room) =
        (struct schema_part){.document = from,
                             .uri = schema->uri,
                             .from = schema->root,
                             .first = first,
                             .root = first,
                             .count = count};
    return walk_part(outline);
}

/* A document may have been reached before, by another of its names. */
static uint32_t known_part(const struct outline *outline, const struct set_schema *schema)
{
    for (size_t i = 0; i < outline->part_count; i++) {
        const struct schema_part *part = &outline->parts[i];
        const struct subschema *root = outline_at(outline, part->root);

        if (part->document == schema->document && root != NULL &&
            part->root - part->first + part->from == schema->root)
            return root->resource;
    }
    return RESOURCE_NONE;
}

static uint32_t reach_part(struct outline *outline, const struct set_schema *schema,
                           uint32_t reference)
{
    uint32_t resource = known_part(outline, schema);

    return resource != RESOURCE_NONE ? resource : add_part(outline, schema, reference);
}

/* One that a schema of the set has within it. Looking for names is no part of compiling this one.
 */
static uint32_t reach_within(struct outline *outline, struct text uri, uint32_t reference)
{
    uint64_t from_us = clock_monotonic_us();
    const struct set_schema *around = schema_set_find_within(outline->options->set, uri);

    outline->late_us += clock_monotonic_us() - from_us;
    if (around == NULL || reach_part(outline, around, reference) == RESOURCE_NONE)
        return RESOURCE_NONE;
    return find_resource(outline, uri);
}

uint32_t outline_reach(struct outline *outline, struct text uri, uint32_t reference)
{
    const struct set_schema *found;
    struct set_schema own = {.uri = uri};
    uint32_t resource = find_resource(outline, uri);

    if (resource != RESOURCE_NONE || outline->limits->closed)
        return resource;
    found = schema_set_find(outline->options->set, uri);
    own.document = found == NULL ? metaschema_find(uri) : NULL;
    if (own.document != NULL)
        found = &own;
    if (found == NULL)
        return reach_within(outline, uri, reference);
    return reach_part(outline, found, reference);
}

void outline_extend(struct outline *outline, uint32_t cell, uint32_t resource)
{
    run(&(struct walk){.outline = outline, .root = UINT32_MAX},
        (struct visit){.cell = cell, .resource = resource});
}
