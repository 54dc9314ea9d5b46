/* A value has to satisfy a set of nodes: one, and those that `$ref` and `allOf` add to it. Sets
 * make one schema of what `allOf` takes apart, and where a union stands beside other keywords each
 * alternative is the set of both. A form is found again by its set, which ends recursion. */
#include "schema/lower_form.h"

#include "schema/append.h"

static bool place_has(const struct place *place, uint32_t node)
{
    for (uint32_t i = 0; i < place->count; i++) {
        if (place->nodes[i] == node)
            return true;
    }
    return false;
}

static void put_node(struct place *place, uint32_t node, bool inherited)
{
    if (place_has(place, node))
        return;
    if (place->count == FORM_NODES_MAX) {
        place->too_large = true;
        return;
    }
    place->inherited[place->count] = inherited;
    place->nodes[place->count++] = node;
}

void place_add(const struct schema *schema, struct place *place, uint32_t node, bool inherited)
{
    uint32_t first = place->count;

    put_node(place, node, inherited);
    for (uint32_t i = first; i < place->count; i++) {
        const struct node *at = &schema->nodes[place->nodes[i]];

        for (uint32_t k = 0; k < at->plain_count; k++) {
            const struct instruction *what = &at->plain[k];

            if (what->keyword == KEYWORD_REF || what->keyword == KEYWORD_DYNAMIC_REF)
                put_node(place, what->node, inherited);
            for (uint32_t n = 0; what->keyword == KEYWORD_ALL_OF && n < what->alternatives->count;
                 n++)
                put_node(place, what->alternatives->nodes[n], inherited);
        }
    }
}

static bool is_union(const struct instruction *what)
{
    return what->keyword == KEYWORD_ANY_OF || what->keyword == KEYWORD_ONE_OF;
}

/* Which alternative of a union is in the place; NODE_NONE: none yet. */
static uint32_t chosen_of(const struct place *place, const struct instruction *what)
{
    for (uint32_t i = 0; i < what->alternatives->count; i++) {
        if (place_has(place, what->alternatives->nodes[i]))
            return what->alternatives->nodes[i];
    }
    return NODE_NONE;
}

static bool has_words(const struct schema *schema, const struct node *node)
{
    return document_member(schema->document, node->cell, TEXT("description")) != CELL_NONE ||
           document_member(schema->document, node->cell, TEXT("title")) != CELL_NONE;
}

/* A node that says nothing itself: all it does is name others, which are in the place. */
static bool is_wrapper(const struct schema *schema, const struct place *place, uint32_t index)
{
    const struct node *node = &schema->nodes[index];

    if (has_words(schema, node))
        return false;
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *what = &node->plain[i];

        if (what->keyword == KEYWORD_REF || what->keyword == KEYWORD_DYNAMIC_REF ||
            what->keyword == KEYWORD_ALL_OF ||
            (is_union(what) && chosen_of(place, what) != NODE_NONE))
            continue;
        return false;
    }
    return true;
}

/* Leaves out the wrappers, so that what they lead to is found to be the same form; but not those by
 * which a union that stays knows that it has been chosen for. */
static void unwrap(const struct schema *schema, struct place *place)
{
    struct place kept = {.too_large = place->too_large};

    for (uint32_t i = 0; i < place->count; i++) {
        if (!is_wrapper(schema, place, place->nodes[i]))
            put_node(&kept, place->nodes[i], place->inherited[i]);
    }
    for (uint32_t i = 0; i < kept.count; i++) {
        const struct node *node = &schema->nodes[kept.nodes[i]];

        for (uint32_t k = 0; k < node->plain_count; k++) {
            uint32_t chosen =
                is_union(&node->plain[k]) ? chosen_of(place, &node->plain[k]) : NODE_NONE;

            if (chosen != NODE_NONE)
                put_node(&kept, chosen, kept.inherited[i]);
        }
    }
    *place = kept;
}

static struct lower_form *new_form(struct lowering *it, bool apart)
{
    struct lower_form *form = ARENA_NEW(it->arena, struct lower_form);

    if (it->form_count >= FORMS_MAX) {
        lower_fail(it, NULL, "the schema is too large once its references are written out");
        return NULL;
    }
    *form = (struct lower_form){.kinds = KINDS_ANY,
                                .description = CELL_NONE,
                                .title = CELL_NONE,
                                .rest_cell = CELL_NONE,
                                .branches = 1,
                                .apart = apart,
                                .admits_null = true};
    *APPEND(it->scratch, it->forms, it->form_count, it->form_room) = form;
    return form;
}

struct lower_form *lower_form_new(struct lowering *it)
{
    return new_form(it, true);
}

/* Sets are the same whatever their order. */
static uint64_t place_hash(const uint32_t *nodes, uint32_t count)
{
    uint64_t hash = count;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t mixed = (nodes[i] + 1) * 0x9E3779B97F4A7C15u;

        hash += mixed ^ mixed >> 29;
    }
    return hash * 0xC2B2AE3D27D4EB4Fu >> 20;
}

static bool same_place(const struct lower_form *form, const struct place *place)
{
    if (form->apart || form->node_count != place->count)
        return false;
    for (uint32_t i = 0; i < form->node_count; i++) {
        if (!place_has(place, form->nodes[i]))
            return false;
    }
    return true;
}

static void grow_places(struct lowering *it)
{
    it->place_mask = it->place_mask ? it->place_mask * 2 + 1 : 255;
    it->places = ARENA_ARRAY(it->scratch, uint32_t, it->place_mask + 1);
    for (size_t i = 0; i < it->form_count; i++) {
        size_t at = place_hash(it->forms[i]->nodes, it->forms[i]->node_count) & it->place_mask;

        if (it->forms[i]->apart)
            continue;
        while (it->places[at] != 0)
            at = (at + 1) & it->place_mask;
        it->places[at] = (uint32_t)i + 1;
    }
}

static void keep_nodes(struct lowering *it, struct lower_form *form, const struct place *place)
{
    uint32_t *nodes = ARENA_ARRAY(it->arena, uint32_t, place->count);
    bool *inherited = ARENA_ARRAY(it->scratch, bool, place->count);

    if (place->count > 0) {
        memcpy(nodes, place->nodes, place->count * sizeof *nodes);
        memcpy(inherited, place->inherited, place->count * sizeof *inherited);
    }
    form->nodes = nodes;
    form->inherited = inherited;
    form->node_count = place->count;
}

struct lower_form *place_form(struct lowering *it, struct place *place, uint32_t branches)
{
    struct lower_form *form;
    size_t at;

    unwrap(it->schema, place);
    if (place->too_large) {
        lower_fail(it, NULL, "too many schemas apply to one value");
        return NULL;
    }
    if (it->form_count * 2 >= it->place_mask)
        grow_places(it);
    at = place_hash(place->nodes, place->count) & it->place_mask;
    for (; it->places[at] != 0; at = (at + 1) & it->place_mask) {
        if (same_place(it->forms[it->places[at] - 1], place))
            return it->forms[it->places[at] - 1];
    }
    form = new_form(it, false);
    if (form == NULL)
        return NULL;
    keep_nodes(it, form, place);
    form->branches = branches;
    it->places[at] = (uint32_t)it->form_count;
    return form;
}

const struct instruction *place_union(const struct lowering *it, const struct lower_form *form,
                                      bool *out_too_many)
{
    struct place place = {.count = form->node_count};

    *out_too_many = false;
    for (uint32_t i = 0; i < form->node_count; i++)
        place.nodes[i] = form->nodes[i];
    FOR_EACH_INSTRUCTION(it, form, what)
    {
        if (!is_union(what) || chosen_of(&place, what) != NODE_NONE)
            continue;
        *out_too_many = form->branches * what->alternatives->count >
                        (form->branches == 1 ? ALTERNATIVES_MAX : BRANCHES_MAX);
        return what;
    }
    return NULL;
}

bool place_holds(struct lowering *it, const struct lower_form *form,
                 const struct document *document, uint32_t at, bool otherwise)
{
    struct run run;

    run_init(&run, it->schema, document, it->scratch, it->steps_left);
    for (uint32_t i = 0; i < form->node_count; i++) {
        bool holds = run_node(&run, form->nodes[i], at);

        it->steps_left = run.steps_left;
        if (run.undecided != DECIDED)
            return otherwise;
        if (!holds)
            return false;
    }
    return true;
}
