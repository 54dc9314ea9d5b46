/* Arrays: how many items they get, and from which schemas each is made. */
#include "demo/demo_maker.h"

#include <stdio.h>

/* The schemas for one item of an array. */
static struct demo_set item_set(struct demo_maker *maker, const struct demo_set *set, size_t index,
                                bool lean, unsigned *choice)
{
    const struct document *document = set->document;
    struct demo_set item = demo_set_none(maker);
    double contained = demo_set_greatest(set, "minContains", 1);

    for (size_t i = 0; i < set->count; i++) {
        uint32_t prefix = document_member(document, set->at[i], TEXT("prefixItems"));
        uint32_t items = document_member(document, set->at[i], TEXT("items"));
        uint32_t contains = document_member(document, set->at[i], TEXT("contains"));

        if (contains != CELL_NONE && (double)index < contained)
            demo_set_add(&item, contains, choice, lean);
        if (prefix != CELL_NONE && document_cell(document, prefix)->type == CELL_ARRAY &&
            index < document_cell(document, prefix)->size) {
            uint32_t at = prefix + 1;

            for (size_t skip = index; skip > 0; skip--)
                at = document_next(document, at);
            demo_set_add(&item, at, choice, lean);
        } else if (items != CELL_NONE) {
            demo_set_add(&item, items, choice, lean);
        }
    }
    return item;
}

static size_t items_wanted(struct demo_maker *maker, const struct demo_set *set,
                           const struct demo_spot *spot)
{
    unsigned choice = 0;
    struct demo_set first = item_set(maker, set, 0, maker->lean, &choice);
    double least = demo_set_greatest(set, "minItems", 0);
    double most = demo_set_least(set, "maxItems", DEMO_ITEMS_MAX);
    double wanted = demo_is_rich(maker, spot) ? DEMO_ITEMS_RICH : 0, named = -1;
    size_t from = 0, times = demo_times_inside(maker, &first, spot->depth + 1);
    uint32_t prefix;

    if (times > 0)
        wanted = times == 1 && wanted > 0 ? 2 : 0;
    while ((prefix = demo_set_next(set, "prefixItems", &from)) != CELL_NONE) {
        double size = document_cell(maker->document, prefix)->size;

        named = size > named ? size : named;
    }
    wanted = named >= 0 ? named : wanted;
    if (demo_set_has(set, "contains"))
        least = least > demo_set_greatest(set, "minContains", 1)
                    ? least
                    : demo_set_greatest(set, "minContains", 1);
    if (demo_attempts(maker, spot->pointer) >= DEMO_OMIT_AFTER)
        wanted = 0;
    wanted = wanted > most ? most : wanted;
    wanted = wanted < least ? least : wanted;
    return wanted < 0 ? 0 : wanted > DEMO_ITEMS_MAX ? DEMO_ITEMS_MAX : (size_t)wanted;
}

static bool is_repeated(const struct text *items, size_t count, struct text item)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(items[i], item))
            return true;
    return false;
}

/* One item into *out: for distinct items other indexes are tried. */
static bool make_item(struct demo_maker *maker, const struct demo_set *set,
                      const struct demo_spot *spot, const struct text *items, size_t index,
                      struct buffer *out)
{
    char digits[24];
    struct demo_spot inside = {.name = spot->name, .index = index, .depth = spot->depth + 1};
    unsigned attempts;

    snprintf(digits, sizeof digits, "%zu", index);
    inside.pointer = demo_child_pointer(maker, spot->pointer, text_of(digits));
    attempts = demo_attempts(maker, inside.pointer);
    for (unsigned again = 0; again < 8; again++) {
        unsigned tried = attempts + again;
        unsigned first = tried + (maker->lean ? 0 : (unsigned)index), choice = first;
        struct demo_set item = item_set(maker, set, index, maker->lean, &choice);
        size_t before = out->len;

        choice = choice == first ? tried : choice; /* the place chooses branches, nothing else */
        if (demo_times_inside(maker, &item, inside.depth) > 1) {
            choice = tried; /* branches that end are preferred now */
            item = item_set(maker, set, index, true, &choice);
        }
        inside.index = index + again;
        if (item.never)
            return false;
        if (!demo_make(maker, &item, &inside, choice, out))
            continue;
        if (!demo_set_has(set, "uniqueItems") ||
            !is_repeated(items, index, text_after(buffer_text(out), before)))
            return true;
        out->len = before;
    }
    return false;
}

bool demo_make_array(struct demo_maker *maker, const struct demo_set *set,
                     const struct demo_spot *spot, struct buffer *out)
{
    size_t wanted = items_wanted(maker, set, spot);
    struct text *items = ARENA_ARRAY(maker->arena, struct text, wanted + 1);

    buffer_put_byte(out, '[');
    for (size_t i = 0; i < wanted; i++) {
        size_t comma = out->len;

        if (i > 0)
            buffer_put_byte(out, ',');
        if (!make_item(maker, set, spot, items, i, out)) {
            out->len = comma;
            break;
        }
        items[i] = arena_copy(maker->arena, text_after(buffer_text(out), comma + (i > 0)));
    }
    buffer_put_byte(out, ']');
    return true;
}
