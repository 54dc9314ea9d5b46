/* Where schemas are, for people: places, and whose diagnostics are told what. */
#include "schema/outline.h"

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
