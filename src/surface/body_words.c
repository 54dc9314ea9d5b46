/* What the caller said, whatever the form of its input: for estimates and for the demo provider. A
 * document is walked in order with a small stack, because only its containers know what is a name
 * and what is a value. */
#include "surface/body_reader.h"

#include "base/buffer.h"

/* Calls `each` for every string value of a subtree, not for member names. */
static void each_string(const struct document *document, uint32_t at,
                        void (*each)(struct text value, void *context), void *context)
{
    struct {
        uint32_t end;
        bool object, value_next;
    } open[BODY_DEPTH_MAX + 1] = {{document_next(document, at), false, false}};
    size_t depth = 0;

    for (uint32_t i = at; i < open[0].end; i++) {
        const struct cell *cell = &document->cells[i];
        bool is_name;

        while (i >= open[depth].end)
            depth--;
        is_name = open[depth].object && !open[depth].value_next;
        open[depth].value_next = is_name;
        if (cell->type == CELL_STRING && !is_name)
            each(cell_text(cell), context);
        if (cell->type >= CELL_ARRAY && depth < BODY_DEPTH_MAX) {
            depth++;
            open[depth].end = cell->end;
            open[depth].object = cell->type == CELL_OBJECT;
            open[depth].value_next = false;
        }
    }
}

static void keep_longest(struct text value, void *longest)
{
    if (value.len > ((struct text *)longest)->len)
        *(struct text *)longest = value;
}

struct words {
    struct buffer text;
    struct text longest;
};

static void add_words(struct text value, void *context)
{
    struct words *words = context;

    if (value.at == words->longest.at)
        return;
    buffer_put_byte(&words->text, '\n');
    buffer_put(&words->text, value);
}

struct text body_words(const struct document *document, uint32_t at, struct arena *arena)
{
    struct words words = {.text = buffer_in(arena)};

    each_string(document, at, keep_longest, &words.longest);
    buffer_put(&words.text, words.longest);
    each_string(document, at, add_words, &words);
    return buffer_text(&words.text);
}
