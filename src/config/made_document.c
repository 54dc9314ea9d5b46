#include "config/made_document.h"

#include "base/check.h"

struct made_document made_document_from(const struct document *from, struct arena *arena)
{
    return (struct made_document){.from = from, .arena = arena};
}

static void add(struct made_document *made, struct cell cell, uint32_t written)
{
    if (made->count == made->room) {
        uint32_t room = made->room > 0 ? made->room * 2 : 64;

        made->cells = arena_grow(made->arena, made->cells, made->room * sizeof *made->cells,
                                 room * sizeof *made->cells);
        made->marks = arena_grow(made->arena, made->marks, made->room * sizeof *made->marks,
                                 room * sizeof *made->marks);
        made->room = room;
    }
    made->cells[made->count] = cell;
    made->marks[made->count++] = document_range(made->from, written);
}

uint32_t made_begin(struct made_document *made, enum cell_type type, uint32_t written)
{
    CHECK(type == CELL_ARRAY || type == CELL_OBJECT);
    add(made, (struct cell){.type = (uint8_t)type}, written);
    return made->count - 1;
}

void made_end(struct made_document *made, uint32_t begun)
{
    struct cell *cell = &made->cells[begun];
    struct document document = {.cells = made->cells, .count = made->count};
    uint32_t children = 0;

    for (uint32_t at = begun + 1; at < made->count; at = document_next(&document, at))
        children++;
    cell->size = cell->type == CELL_OBJECT ? children / 2 : children;
    cell->end = made->count;
}

void made_string(struct made_document *made, struct text text, uint32_t written)
{
    struct cell cell = {.type = CELL_STRING, .size = (uint32_t)text.len};

    cell.text = text.at;
    add(made, cell, written);
}

void made_boolean(struct made_document *made, bool value, uint32_t written)
{
    add(made, (struct cell){.type = CELL_BOOLEAN, .boolean = value}, written);
}

void made_copy(struct made_document *made, uint32_t written)
{
    uint32_t end = document_next(made->from, written), moved = made->count - written;

    for (; written < end; written++) {
        struct cell cell = *document_cell(made->from, written);

        if (cell.type >= CELL_ARRAY)
            cell.end += moved; /* which may have wrapped, and does so back */
        add(made, cell, written);
    }
}

const struct document *made_document_done(const struct made_document *made)
{
    struct document *document = ARENA_NEW(made->arena, struct document);

    *document = (struct document){.cells = made->cells,
                                  .count = made->count,
                                  .source = made->from->source,
                                  .file = made->from->file,
                                  .marks = made->marks};
    return document;
}
