#include "document/json_canonical.h"

#include "document/json_write.h"

#include <stdlib.h>

struct member {
    struct text name;
    uint32_t value;
};

static int by_name(const void *a, const void *b)
{
    return text_compare(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static void put_object(struct buffer *out, const struct document *document, uint32_t at,
                       struct arena *arena)
{
    const struct cell *cell = document_cell(document, at);
    struct member *members = ARENA_ARRAY(arena, struct member, cell->size);
    size_t count = 0;

    for (uint32_t name = at + 1; name < cell->end; name = document_next(document, name + 1))
        members[count++] = (struct member){document_text(document, name), name + 1};
    qsort(members, count, sizeof *members, by_name);
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, members[i].name);
        buffer_put_byte(out, ':');
        json_put_canonical(out, document, members[i].value, arena);
    }
    buffer_put_byte(out, '}');
}

static void put_array(struct buffer *out, const struct document *document, uint32_t at,
                      struct arena *arena)
{
    buffer_put_byte(out, '[');
    for (uint32_t item = at + 1; item < document_cell(document, at)->end;
         item = document_next(document, item)) {
        if (item > at + 1)
            buffer_put_byte(out, ',');
        json_put_canonical(out, document, item, arena);
    }
    buffer_put_byte(out, ']');
}

void json_put_canonical(struct buffer *out, const struct document *document, uint32_t at,
                        struct arena *arena)
{
    switch (document_cell(document, at)->type) {
    case CELL_OBJECT:
        put_object(out, document, at, arena);
        break;
    case CELL_ARRAY:
        put_array(out, document, at, arena);
        break;
    default:
        json_put_cell(out, document, at);
        break;
    }
}
