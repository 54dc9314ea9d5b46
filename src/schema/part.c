/* The parts of a compiled schema are in the order of their cells. */
#include "base/check.h"
#include "document/json_write.h"
#include "schema/program.h"

const struct schema_part *schema_part_of(const struct schema_part *parts, size_t count,
                                         uint32_t cell)
{
    size_t low = 0, high = count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (parts[middle].first <= cell)
            low = middle;
        else
            high = middle;
    }
    CHECK(count > 0);
    return &parts[low];
}

uint32_t schema_part_cell(const struct schema_part *parts, size_t count, uint32_t cell)
{
    const struct schema_part *part = schema_part_of(parts, count, cell);

    return cell - part->first + part->from;
}

const struct document *schema_origin(const struct schema *schema, uint32_t cell, uint32_t *out_cell)
{
    *out_cell = schema_part_cell(schema->parts, schema->part_count, cell);
    return schema_part_of(schema->parts, schema->part_count, cell)->document;
}

const struct schema_resource *schema_resource_of(const struct schema *schema, uint32_t cell)
{
    const struct schema_resource *within = NULL;

    /* It is the last that begins at or before the cell and has not ended. */
    for (uint32_t i = 0; i < schema->resource_count; i++) {
        const struct schema_resource *it = &schema->resources[i];

        if (it->cell <= cell && cell < document_next(schema->document, it->cell) &&
            (within == NULL || it->cell >= within->cell))
            within = it;
    }
    CHECK(within != NULL);
    return within;
}

struct text schema_location(const struct schema *schema, uint32_t cell, struct arena *arena)
{
    const struct schema_part *part = schema_part_of(schema->parts, schema->part_count, cell);
    const struct schema_resource *within = schema_resource_of(schema, cell);
    struct text pointer, root;

    pointer = document_pointer(part->document, cell - part->first + part->from, arena);
    root = document_pointer(part->document, within->cell - part->first + part->from, arena);
    return arena_printf(arena, "%.*s#%.*s", TEXT_ARG(within->uri),
                        TEXT_ARG(text_after(pointer, root.len)));
}

struct text schema_name(const struct schema *schema, struct arena *arena)
{
    const struct schema_part *part = schema->parts;

    if (part->uri.len > 0)
        return arena_copy(arena, part->uri);
    return arena_printf(arena, "%.*s#%.*s", TEXT_ARG(part->document->file),
                        TEXT_ARG(document_pointer(part->document, part->root, arena)));
}

void schema_put_source(const struct schema *schema, struct buffer *out)
{
    for (uint32_t i = 0; i < schema->part_count; i++) {
        const struct schema_part *part = &schema->parts[i];

        buffer_put(out, i > 0 ? TEXT("\n") : TEXT(""));
        json_put_cell(out, part->document, part->root - part->first + part->from);
    }
}
