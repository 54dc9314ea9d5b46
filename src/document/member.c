#include "document/member.h"

static const struct cell *find(const struct document *document, uint32_t object, const char *name)
{
    static const struct cell none = {.type = CELL_NULL};
    uint32_t at = document_member(document, object, text_of(name));

    return at != CELL_NONE ? document_cell(document, at) : &none;
}

struct text member_text(const struct document *document, uint32_t object, const char *name)
{
    const struct cell *cell = find(document, object, name);

    return cell->type == CELL_STRING || cell->type == CELL_NUMBER ? cell_text(cell)
                                                                  : (struct text){0};
}

long long member_integer(const struct document *document, uint32_t object, const char *name)
{
    const struct cell *cell = find(document, object, name);

    return cell->type == CELL_INTEGER ? (long long)cell->integer : 0;
}

bool member_flag(const struct document *document, uint32_t object, const char *name)
{
    const struct cell *cell = find(document, object, name);

    return cell->type == CELL_BOOLEAN && cell->boolean;
}
