#include "document/json_pretty.h"

#include "document/json_write.h"

static void put_line(struct buffer *buffer, unsigned depth)
{
    buffer_put_byte(buffer, '\n');
    for (unsigned i = 0; i < depth; i++)
        buffer_put(buffer, TEXT("  "));
}

/* As deep as the readers let documents be, so the stack is bounded. */
static uint32_t put(struct buffer *buffer, const struct document *document, uint32_t at,
                    unsigned depth)
{
    const struct cell *cell = document_cell(document, at);
    uint32_t end = document_next(document, at), item = at + 1;
    bool object = cell->type == CELL_OBJECT;

    if (cell->type < CELL_ARRAY || item == end) {
        json_put_cell(buffer, document, at);
        return end;
    }
    buffer_put_byte(buffer, object ? '{' : '[');
    while (item < end) {
        put_line(buffer, depth + 1);
        if (object) {
            json_put_cell(buffer, document, item++);
            buffer_put(buffer, TEXT(": "));
        }
        item = put(buffer, document, item, depth + 1);
        if (item < end)
            buffer_put_byte(buffer, ',');
    }
    put_line(buffer, depth);
    buffer_put_byte(buffer, object ? '}' : ']');
    return end;
}

void json_put_pretty(struct buffer *buffer, const struct document *document, uint32_t at)
{
    put(buffer, document, at, 0);
}
