#include "provider/reply_json.h"

#include "document/json_read.h"
#include "document/json_write.h"

bool reply_read(struct text text, struct arena *arena, struct document *out,
                struct failure *failure)
{
    struct error broken = {0};

    if (!json_read(text, NULL, arena, out, NULL, &broken))
        return failure_unreadable(failure, broken.at, "is not valid JSON");
    if (document_cell(out, 0)->type != CELL_OBJECT)
        return failure_unreadable(failure, NULL, "is not a JSON object");
    return true;
}

uint32_t reply_member(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at;

    if (object == CELL_NONE)
        return CELL_NONE;
    at = document_member(document, object, text_of(name));
    return at != CELL_NONE && document_cell(document, at)->type == CELL_NULL ? CELL_NONE : at;
}

struct text reply_string(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = reply_member(document, object, name);

    if (at == CELL_NONE || document_cell(document, at)->type != CELL_STRING)
        return (struct text){0};
    return document_text(document, at);
}

uint32_t reply_items(const struct document *document, uint32_t object, const char *name,
                     uint32_t *out_end)
{
    uint32_t at = reply_member(document, object, name);

    *out_end = 0;
    if (at == CELL_NONE || document_cell(document, at)->type != CELL_ARRAY ||
        document_cell(document, at)->size == 0)
        return CELL_NONE;
    *out_end = document_next(document, at);
    return at + 1;
}

bool reply_true(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = reply_member(document, object, name);

    return at != CELL_NONE && document_cell(document, at)->type == CELL_BOOLEAN &&
           document_cell(document, at)->boolean;
}

bool reply_count(const struct document *document, uint32_t object, const char *name, int64_t *out)
{
    uint32_t at = reply_member(document, object, name);
    const struct cell *cell = at == CELL_NONE ? NULL : document_cell(document, at);
    double value;

    if (cell == NULL || (cell->type != CELL_INTEGER &&
                         !(cell->type == CELL_NUMBER && (cell->flags & CELL_INTEGRAL) != 0)))
        return false;
    value = cell->type == CELL_INTEGER ? (double)cell->integer : document_double(cell);
    if (!(value >= 0 && value <= REPLY_TOKENS_MAX))
        return false;
    *out = (int64_t)value;
    return true;
}

int64_t reply_part(const struct document *document, uint32_t object, const char *name,
                   int64_t whole)
{
    int64_t part = 0;

    return reply_count(document, object, name, &part) && part <= whole ? part : 0;
}

struct text reply_json(const struct document *document, uint32_t at, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (at == CELL_NONE)
        return (struct text){0};
    json_put_cell(&out, document, at);
    return buffer_text(&out);
}
