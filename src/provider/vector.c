#include "provider/vector.h"

#include "document/json_read.h"

#include <math.h>

enum { BYTES_PER_NUMBER = 4, OTHER_NODES = 10000 };

bool vector_reply(struct text text, struct arena *arena, struct document *out,
                  struct failure *failure)
{
    size_t nodes = OTHER_NODES + text.len / BYTES_PER_NUMBER;
    const struct json_limits limits = {.nodes =
                                           nodes < UINT32_MAX ? (uint32_t)nodes : JSON_UNLIMITED};
    struct error broken = {0};

    if (!json_read(text, &limits, arena, out, NULL, &broken))
        return failure_unreadable(failure, broken.at, "is not valid JSON");
    if (document_cell(out, 0)->type != CELL_OBJECT)
        return failure_unreadable(failure, NULL, "is not a JSON object");
    return true;
}

const float *vector_read(const struct document *document, uint32_t at, struct arena *arena,
                         size_t *out_dimensions)
{
    const struct cell *list = at == CELL_NONE ? NULL : document_cell(document, at);
    float *vector;

    if (list == NULL || list->type != CELL_ARRAY || list->size == 0 ||
        list->size > VECTOR_DIMENSIONS_MAX)
        return NULL;
    vector = ARENA_ARRAY(arena, float, list->size);
    for (uint32_t i = 0; i < list->size; i++) {
        /* Up to here all were numbers, each one cell. */
        const struct cell *cell = document_cell(document, at + 1 + i);

        if (cell->type != CELL_INTEGER && cell->type != CELL_NUMBER)
            return NULL;
        vector[i] = (float)document_double(cell);
        if (!isfinite(vector[i]))
            return NULL;
    }
    *out_dimensions = list->size;
    return vector;
}
