/* Whether every schema of a compilation satisfies its meta-schema, by this same engine. What the
 * walk has looked at itself it words better; here is everything else, above all what a meta-schema
 * of the author's own asks for.
 *
 * A resource inside another may follow another meta-schema. It is looked at alone, and is `true` in
 * a copy of the one around it. */
#include "base/check.h"
#include "schema/append.h"
#include "schema/compile.h"
#include "schema/metaschema.h"
#include "schema/set.h"

struct open_container {
    uint32_t end; /* in the source */
    uint32_t copy;
};

static bool follows_another(const struct outline *outline, uint32_t resource)
{
    const struct resource *it = &outline->resources[resource];

    return it->parent != RESOURCE_NONE &&
           !text_equal(it->dialect.metaschema, outline->resources[it->parent].dialect.metaschema);
}

/* Whether a resource that follows another meta-schema begins at a cell. */
static bool is_foreign(const struct outline *outline, uint32_t cell)
{
    const struct subschema *schema = outline_at(outline, cell);

    return schema != NULL && outline->resources[schema->resource].cell == cell &&
           follows_another(outline, schema->resource);
}

static struct document copy_without_foreign(const struct outline *outline, uint32_t root,
                                            struct arena *arena)
{
    const struct document *from = outline->document;
    uint32_t end = document_next(from, root), count = 0, at = root;
    struct cell *cells = ARENA_ARRAY(arena, struct cell, end - root);
    struct open_container *stack = NULL;
    size_t depth = 0, room = 0;

    while (at < end || depth > 0) {
        if (depth > 0 && stack[depth - 1].end == at) {
            cells[stack[--depth].copy].end = count;
        } else if (at != root && is_foreign(outline, at)) {
            cells[count++] = (struct cell){.type = CELL_BOOLEAN, .boolean = true};
            at = document_next(from, at);
        } else {
            if (from->cells[at].type >= CELL_ARRAY)
                *APPEND(arena, stack, depth, room) =
                    (struct open_container){from->cells[at].end, count};
            cells[count++] = from->cells[at++];
        }
    }
    return (struct document){.cells = cells, .count = count};
}

static bool has_foreign(const struct outline *outline, uint32_t root)
{
    uint32_t end = document_next(outline->document, root);

    for (uint32_t i = 0; i < outline->resource_count; i++) {
        if (outline->resources[i].cell > root && outline->resources[i].cell < end &&
            follows_another(outline, i))
            return true;
    }
    return false;
}

static void tell_unusable(struct outline *outline, const struct resource *resource,
                          const struct diagnostics *why)
{
    struct diagnostic *said = OUTLINE_SAY(outline, resource->cell, DIAGNOSTIC_E0206,
                                          "the meta-schema '%.*s' cannot be used",
                                          TEXT_ARG(text_cut(resource->dialect.metaschema, 150)));

    if (why->count > 0)
        diagnostic_hint(outline->diagnostics, said, "%.*s:%u: %.*s", TEXT_ARG(why->items[0].file),
                        why->items[0].range.start.line, TEXT_ARG(why->items[0].message));
}

/* The meta-schema of a resource, compiled; NULL, and told, when it cannot be. */
static const struct schema *metaschema_of(struct outline *outline, const struct resource *resource)
{
    struct schema_options options = {.set = outline->options->set, .formats = FORMATS_ANNOTATE};
    struct diagnostics *diagnostics;
    const struct schema *schema;

    if (!resource->dialect.custom)
        return metaschema_compiled((enum draft)resource->dialect.draft);
    diagnostics = ARENA_NEW(outline->arena, struct diagnostics);
    diagnostics->arena = outline->arena;
    schema = schema_set_compile(outline->options->set, resource->dialect.metaschema, &options,
                                outline->arena, diagnostics);
    if (schema == NULL)
        tell_unusable(outline, resource, diagnostics);
    return schema;
}

/* Whether the walk has told of this place, of one in it, or of one around it. */
static bool is_told(const struct outline *outline, uint32_t cell)
{
    const struct schema_part *part = schema_part_of(outline->parts, outline->part_count, cell);
    const struct elsewhere *told = &outline->elsewhere[part - outline->parts];
    struct text pointer =
        document_pointer(part->document, cell - part->first + part->from, outline->arena);

    for (size_t i = 0; i < told->walked; i++) {
        const struct diagnostic *it = &told->diagnostics->items[i];

        if (it->code == DIAGNOSTIC_E0201 && text_equal(it->file, part->document->file) &&
            (text_starts(pointer, it->pointer) ||
             (pointer.len > 0 && text_starts(it->pointer, pointer))))
            return true;
    }
    return false;
}

static void tell(struct outline *outline, const struct resource *resource,
                 const struct violations *violations)
{
    for (size_t i = 0; i < violations->listed; i++) {
        const struct violation *it = &violations->items[i];
        uint32_t found = document_at(outline->document, resource->cell, it->instance_path);
        uint32_t cell = found == CELL_NONE ? resource->cell : found;

        if (!is_told(outline, cell))
            OUTLINE_SAY(outline, cell, DIAGNOSTIC_E0201, "%.*s, as the meta-schema says",
                        TEXT_ARG(it->message));
    }
}

static void check_resource(struct outline *outline, const struct resource *resource)
{
    const struct schema *metaschema = metaschema_of(outline, resource);
    struct document document = *outline->document;
    struct violations *violations;
    uint32_t root = resource->cell;

    if (metaschema == NULL)
        return;
    if (has_foreign(outline, root)) {
        document = copy_without_foreign(outline, root, outline->arena);
        root = 0;
    }
    if (schema_check(metaschema, &document, root, outline->arena))
        return;
    violations = ARENA_NEW(outline->arena, struct violations);
    schema_explain(metaschema, &document, root, outline->arena, violations);
    tell(outline, resource, violations);
}

void conform_to_metaschemas(struct compiler *compiler)
{
    struct outline *outline = &compiler->outline;
    for (size_t i = 0; i < outline->elsewhere_count; i++)
        outline->elsewhere[i].walked = outline->elsewhere[i].diagnostics->count;
    for (uint32_t i = 0; i < outline->resource_count; i++) {
        const struct resource *resource = &outline->resources[i];
        const struct schema_part *part =
            schema_part_of(outline->parts, outline->part_count, resource->cell);

        /* The program's own are tested, and there would be no end to it. */
        if (metaschema_find(part->uri) == part->document || outline_is_late(outline))
            continue;
        if (resource->parent == RESOURCE_NONE || follows_another(outline, i))
            check_resource(outline, resource);
    }
}
