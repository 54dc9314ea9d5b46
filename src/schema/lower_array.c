/* Items: a form for each place of a tuple and one for the rest. Where a dialect knows no tuples,
 * one form stands for all items. */
#include "schema/lower_form.h"

/* What the nodes of a place say of items. */
struct gathering {
    struct lowering *it;
    struct lower_form *form;
    uint32_t prefix_count;
    uint64_t most; /* items */
};

static void gather(struct gathering *all)
{
    const struct instruction *tuple = NULL;

    all->most = UINT64_MAX;
    FOR_EACH_INSTRUCTION(all->it, all->form, what)
    {
        if (what->keyword == KEYWORD_MAX_ITEMS && what->count < all->most)
            all->most = what->count;
        if (what->keyword == KEYWORD_UNEVALUATED_ITEMS)
            lower_drop(all->it, all->form, what);
        if (what->keyword != KEYWORD_PREFIX_ITEMS)
            continue;
        tuple = what;
        if (what->alternatives->count > all->prefix_count)
            all->prefix_count = what->alternatives->count;
    }
    if (tuple != NULL && !lower_dialect_has(all->it->dialect, KEYWORD_PREFIX_ITEMS))
        lower_drop(all->it, all->form, tuple);
}

/* The form of the item at `index`, from prefix_count on that of all others; NULL: anything. */
static struct lower_form *item_form(struct gathering *all, uint32_t index)
{
    struct place place = {0};
    bool said = false;

    FOR_EACH_INSTRUCTION(all->it, all->form, what)
    {
        uint32_t node = NODE_NONE;

        if (what->keyword == KEYWORD_PREFIX_ITEMS && index < what->alternatives->count)
            node = what->alternatives->nodes[index];
        else if (what->keyword == KEYWORD_ITEMS && index >= what->first)
            node = what->node;
        if (node == NODE_NONE)
            continue;
        said = true;
        place_add(all->it->schema, &place, node, false);
    }
    if (!said && index >= all->prefix_count)
        return NULL;
    return place_form(all->it, &place, 1);
}

/* One form for all items, wherever they stand. */
static struct lower_form *any_item(struct gathering *all)
{
    const struct lower_form *from = all->form;
    bool rest = all->most > from->prefix_count;
    struct lower_form *form;

    if (from->prefix_count == 0 || (rest && from->rest_items == NULL))
        return from->rest_items;
    form = lower_form_new(all->it);
    if (form == NULL)
        return NULL;
    form->is_union = true;
    form->alternatives = ARENA_ARRAY(all->it->arena, struct lower_form *, from->prefix_count + 1);
    for (uint32_t i = 0; i < from->prefix_count + rest; i++)
        form->alternatives[form->alternative_count++] =
            i < from->prefix_count ? from->prefix[i] : from->rest_items;
    return form;
}

void lower_fill_items(struct lowering *it, struct lower_form *form)
{
    struct gathering all = {.it = it, .form = form};

    gather(&all);
    form->prefix = ARENA_ARRAY(it->arena, struct lower_form *, all.prefix_count);
    for (; form->prefix_count < all.prefix_count; form->prefix_count++) {
        form->prefix[form->prefix_count] = item_form(&all, form->prefix_count);
        if (form->prefix[form->prefix_count] == NULL)
            return;
    }
    form->rest_items = item_form(&all, all.prefix_count);
    if (!lower_dialect_has(it->dialect, KEYWORD_PREFIX_ITEMS))
        form->any_item = any_item(&all);
}
