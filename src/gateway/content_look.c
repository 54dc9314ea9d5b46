/* What is kept goes through what takes personal data and credentials out of it, where the endpoint
 * wants that, and what a model said through its guardrails. JSON is read as it is meant, also where
 * it stands in a string of JSON: arguments of tools, structured answers. */
#include "gateway/content_writing.h"

#include "document/json_read.h"
#include "document/json_write.h"

enum { NESTED_MAX = 4 };

bool content_begins_json(struct text text)
{
    struct text trimmed = text_trim(text);

    return trimmed.len > 0 && (trimmed.at[0] == '{' || trimmed.at[0] == '[');
}

bool content_read_json(struct text text, struct arena *arena, struct document *out)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

    return content_begins_json(text) && json_read(text, &limits, arena, out, NULL, NULL);
}

static struct text look_through(struct writing *to, struct text text, bool answered, int depth);

/* Whether something of the string was taken out. */
static bool look_inside(struct writing *to, struct cell *cell, bool answered, int depth)
{
    struct text text = cell_text(cell), left;
    struct document document;

    if (!content_read_json(text, &to->request->arena, &document))
        return false;
    left = look_through(to, text, answered, depth);
    if (left.at == text.at)
        return false;
    cell->text = left.at;
    cell->size = (uint32_t)left.len;
    return true;
}

/* What is left of the strings of a document: the text itself where they are as they were. */
static struct text look_at_strings(struct writing *to, struct text text, bool answered, int depth)
{
    struct arena *arena = &to->request->arena;
    struct buffer out = buffer_in(arena);
    struct document document;
    struct cell *cells;
    bool changed = false;

    if (depth == NESTED_MAX || !content_read_json(text, arena, &document))
        return text;
    cells = ARENA_ARRAY(arena, struct cell, document.count);
    memcpy(cells, document.cells, document.count * sizeof *cells);
    for (uint32_t i = 0; i < document.count; i++)
        if (cells[i].type == CELL_STRING)
            changed |= look_inside(to, &cells[i], answered, depth + 1);
    if (!changed)
        return text;
    document.cells = cells;
    json_put_cell(&out, &document, 0);
    return buffer_text(&out);
}

static struct text look_through(struct writing *to, struct text text, bool answered, int depth)
{
    struct document document;
    bool json = content_read_json(text, &to->request->arena, &document);

    if (to->redacting != NULL)
        guard_text(to->redacting, text, json, (struct text){0}, &text);
    if (answered)
        text = guarding_stored(to->request, text, json);
    return json ? look_at_strings(to, text, answered, depth) : text;
}

bool content_is_looked_at(const struct writing *to, bool answered)
{
    return to->redacting != NULL || (answered && guarding_is_late(to->request));
}

struct text content_look_through(struct writing *to, struct text text, bool answered)
{
    return content_is_looked_at(to, answered) ? look_through(to, text, answered, 0) : text;
}
