/* The parts of a compilation, one behind the other: begun with the first document, and joined by
 * each that a reference reaches. */
#include "schema/outline.h"

#include "base/check.h"
#include "base/clock.h"
#include "schema/append.h"
#include "schema/metaschema.h"
#include "schema/set.h"
#include "schema/walk.h"

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

bool outline_is_late(struct outline *outline)
{
    if (outline->late || ++outline->ticks % 16 != 0)
        return outline->late;
    outline->late = clock_thread_us() > outline->late_us;
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
    resource = outline_add_resource(outline, part->uri, part->root, RESOURCE_NONE, dialect);
    walk_run(&walk, (struct visit){.cell = part->root,
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
    outline->late_us = clock_thread_us() + UINT64_C(1000) * outline->limits->compile_ms;
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
    return outline_find_resource(outline, uri);
}

uint32_t outline_reach(struct outline *outline, struct text uri, uint32_t reference)
{
    const struct set_schema *found;
    struct set_schema own = {.uri = uri};
    uint32_t resource = outline_find_resource(outline, uri);

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
    walk_run(&(struct walk){.outline = outline, .root = UINT32_MAX},
             (struct visit){.cell = cell, .resource = resource});
}
