/* What a body refers to: the response that it goes on from, and items of others. Each response is
 * wanted once, however many of its items are named. */
#include "surface/responses.h"

#include "base/id.h"

enum { REFERENCES_MAX = 500, PLACE_MAX = 99999 };

bool responses_item_of(struct text id, struct text *out_response, bool *out_input,
                       uint32_t *out_place)
{
    size_t head = text_find_byte(id, '_');
    struct text rest = text_after(id, head + 1), place = text_after(rest, ID_CHARS + 1);
    uint64_t number;

    *out_response = text_first(rest, ID_CHARS);
    if (!id_valid(*out_response, TEXT("")) || rest.len <= ID_CHARS || rest.at[ID_CHARS] != '_')
        return false;
    *out_input = text_starts(place, TEXT("in"));
    if (*out_input)
        place = text_after(place, 2);
    if (place.len > 5 || !text_to_u64(place, &number) || number > PLACE_MAX)
        return false;
    *out_place = (uint32_t)number;
    return true;
}

struct referring {
    struct surface_reference *items;
    size_t count;
};

static bool is_wanted(const struct referring *it, struct text characters)
{
    for (size_t i = 0; i < it->count; i++)
        if (text_equal(text_after(it->items[i].id, strlen(RESPONSES_PREFIX)), characters))
            return true;
    return false;
}

/* An item that refers to another has its id, and nothing that one of its own would have. */
static uint32_t referred(const struct document *document, uint32_t item)
{
    uint32_t type = document_member(document, item, TEXT("type"));
    uint32_t id = document_member(document, item, TEXT("id"));
    bool named = type != CELL_NONE && document->cells[type].type == CELL_STRING;

    if (id == CELL_NONE || document->cells[id].type != CELL_STRING)
        return CELL_NONE;
    if (named ? text_equal(document_text(document, type), TEXT("item_reference"))
              : document_member(document, item, TEXT("role")) == CELL_NONE)
        return id;
    return CELL_NONE;
}

/* An id that can be no item's is told of when its item is read. */
static bool want_item(struct referring *it, struct text id, struct arena *arena, struct error *err)
{
    struct text characters;
    uint32_t place;
    bool input;

    if (!responses_item_of(id, &characters, &input, &place) || is_wanted(it, characters))
        return true;
    if (it->count == REFERENCES_MAX)
        return error_set(err, ERROR_INVALID_REQUEST, "/input",
                         "the input refers to items of more than %d responses", REFERENCES_MAX);
    it->items[it->count++].id = arena_printf(arena, RESPONSES_PREFIX "%.*s", TEXT_ARG(characters));
    return true;
}

static uint32_t list_at(const struct document *document, const char *name)
{
    uint32_t at = document_member(document, 0, text_of(name));

    return at != CELL_NONE && document->cells[at].type == CELL_ARRAY ? at : CELL_NONE;
}

/* Only what it refers to: most bodies refer to nothing, and are read no slower for it. */
bool responses_refer(struct call_body *body, struct arena *arena, struct error *err)
{
    const struct document *document = &body->document;
    uint32_t previous = document_member(document, 0, TEXT("previous_response_id"));
    uint32_t list = list_at(document, "input");
    struct referring it = {0};
    size_t most = 1 + (list != CELL_NONE ? document->cells[list].size : 0);

    it.items = ARENA_ARRAY(arena, struct surface_reference,
                           most < REFERENCES_MAX + 1 ? most : REFERENCES_MAX + 1);
    body->references = it.items;
    if (previous != CELL_NONE && document->cells[previous].type == CELL_STRING)
        it.items[it.count++] =
            (struct surface_reference){.id = document_text(document, previous), .chain = true};
    for (uint32_t item = list + 1; list != CELL_NONE && item < document->cells[list].end;
         item = document_next(document, item)) {
        uint32_t id = referred(document, item);

        if (id != CELL_NONE && !want_item(&it, document_text(document, id), arena, err))
            return false;
    }
    body->reference_count = it.count;
    return true;
}
