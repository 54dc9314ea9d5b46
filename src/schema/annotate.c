/* What keywords say about a value beside the verdict: those of meta-data and content, `format`, and
 * all that JSON Schema does not define. They are collected while the plain program runs; a schema
 * that does not hold takes back its own and those of everything inside it. */
#include "schema/plain.h"

static const struct dialect *dialect_at(const struct schema *schema, uint32_t cell)
{
    return &schema_resource_of(schema, cell)->dialect;
}

/* Whether a keyword of a schema is an annotation of a value of that kind. */
static bool annotates(const struct document *schema, uint32_t cell, enum keyword keyword,
                      const struct dialect *dialect, unsigned kind)
{
    switch (keyword) {
    case KEYWORD_NONE:
    case KEYWORD_TITLE:
    case KEYWORD_DESCRIPTION:
    case KEYWORD_DEFAULT:
    case KEYWORD_DEPRECATED:
    case KEYWORD_READ_ONLY:
    case KEYWORD_WRITE_ONLY:
    case KEYWORD_EXAMPLES:
    case KEYWORD_FORMAT:
        return true;
    case KEYWORD_CONTENT_ENCODING:
    case KEYWORD_CONTENT_MEDIA_TYPE:
        return kind == CELL_STRING;
    case KEYWORD_CONTENT_SCHEMA:
        return kind == CELL_STRING && keyword_exists(KEYWORD_CONTENT_MEDIA_TYPE, dialect) &&
               document_member(schema, cell, TEXT("contentMediaType")) != CELL_NONE;
    default:
        return false;
    }
}

static void add(struct run *run, struct annotation annotation)
{
    struct annotations *all = run->annotations;

    if (all->count >= ANNOTATIONS_MAX)
        return;
    if (all->count == all->room) {
        size_t room = all->room ? all->room * 2 : 32;

        all->items = arena_grow(run->arena, all->items, all->room * sizeof *all->items,
                                room * sizeof *all->items);
        all->room = room;
    }
    all->items[all->count++] = annotation;
}

void annotate(struct run *run, const struct node *node, const struct visit *visit)
{
    const struct document *schema = run->schema->document;
    const struct cell *cell = document_cell(schema, node->cell);
    const struct dialect *dialect;

    /* Names have no place of their own that could be spoken of. */
    if (cell->type != CELL_OBJECT || visit->is_name)
        return;
    dialect = dialect_at(run->schema, node->cell);
    if (dialect->draft < DRAFT_2019_09)
        return;
    for (uint32_t key = node->cell + 1; key < cell->end; key = document_next(schema, key + 1)) {
        enum keyword keyword = keyword_find(document_text(schema, key), dialect);

        if (!annotates(schema, node->cell, keyword, dialect, cell_kind(&run->cells[visit->at])))
            continue;
        if (!spend(run, 1))
            return;
        add(run, (struct annotation){step_keep(run, visit->path), key, visit->at});
    }
}
