/* Collecting: cells in document order as json_read makes them, their bytes copied. */
#include "document/json_push_internal.h"

#include "base/check.h"

#include <stdlib.h>

static struct cell *add_cell(struct json_push *push)
{
    if (push->cell_count == push->cell_room) {
        push->cell_room = push->cell_room ? push->cell_room * 2 : 64;
        push->cells = realloc(push->cells, push->cell_room * sizeof *push->cells);
        CHECK(push->cells != NULL);
    }
    return &push->cells[push->cell_count++];
}

void push_collect_opening(struct json_push *push, bool object)
{
    push->levels[push->depth - 1].cell = push->cell_count;
    *add_cell(push) = (struct cell){.type = object ? CELL_OBJECT : CELL_ARRAY};
}

void push_collect_closing(struct json_push *push)
{
    const struct json_level *level = &push->levels[push->depth - 1];

    push->closed = level->cell;
    push->cells[level->cell].size = level->count;
    push->cells[level->cell].end = push->cell_count;
    push->ended = push->depth == push->collected_from;
}

void push_collect_scalar(struct json_push *push, const struct cell *cell)
{
    struct cell *kept = add_cell(push);

    *kept = *cell;
    if (cell->type == CELL_STRING || cell->type == CELL_NUMBER) {
        char *copy = arena_bytes(&push->bytes, cell->size);

        if (cell->size > 0)
            memcpy(copy, cell->text, cell->size);
        kept->text = copy;
    }
}

void json_push_collect(struct json_push *push)
{
    if (push->collecting)
        return;
    CHECK(push->depth > 0 && push->levels[push->depth - 1].count == 0);
    push->collecting = true;
    push->collected_from = push->depth;
    push_collect_opening(push, push->levels[push->depth - 1].object);
}

uint32_t json_push_cell(const struct json_push *push)
{
    return push->levels[push->depth - 1].cell;
}

struct document json_push_document(const struct json_push *push)
{
    return (struct document){.cells = push->cells, .count = push->cell_count};
}
