/* Members: every name that some node of the place describes or requires, with the set of nodes that
 * its value has to satisfy. What is left for other names is one more set. */
#include "schema/lower_form.h"

static const struct members *members_of(const struct lowering *it, uint32_t node)
{
    const struct node *at = &it->schema->nodes[node];

    for (uint32_t i = 0; i < at->plain_count; i++) {
        switch ((enum keyword)at->plain[i].keyword) {
        case KEYWORD_PROPERTIES:
        case KEYWORD_PATTERN_PROPERTIES:
        case KEYWORD_ADDITIONAL_PROPERTIES:
        case KEYWORD_PROPERTY_NAMES:
        case KEYWORD_REQUIRED:
            return at->plain[i].members;
        default:
            break;
        }
    }
    return NULL;
}

/* What the nodes of a place say of members, gathered before names are looked at one by one. */
struct gathering {
    struct lowering *it;
    struct lower_form *form;
    const struct members *all[FORM_NODES_MAX];
    uint32_t count;
    const struct instruction *unevaluated; /* NULL: not asked, or it cannot be told */
    uint32_t *table;                       /* names met: index of a member + 1 */
    size_t mask;
};

/* Whether a member may be evaluated by what only perhaps holds, or by rules for many names. */
static bool evaluates_more(const struct instruction *what)
{
    switch ((enum keyword)what->keyword) {
    case KEYWORD_ANY_OF:
    case KEYWORD_IF:
    case KEYWORD_DEPENDENT_SCHEMAS:
    case KEYWORD_DEPENDENCIES:
    case KEYWORD_ADDITIONAL_PROPERTIES:
    case KEYWORD_PATTERN_PROPERTIES:
        return true;
    default:
        return false;
    }
}

static void gather(struct gathering *all)
{
    struct lower_form *form = all->form;
    bool told = true;
    size_t names = 0;

    for (uint32_t i = 0; i < form->node_count; i++) {
        const struct members *members = members_of(all->it, form->nodes[i]);

        if (members == NULL)
            continue;
        all->all[all->count++] = members;
        names += members->slot_count;
    }
    FOR_EACH_INSTRUCTION(all->it, form, what)
    {
        told = told && !evaluates_more(what);
        if (what->keyword == KEYWORD_UNEVALUATED_PROPERTIES && all->unevaluated == NULL)
            all->unevaluated = what;
    }
    if (all->unevaluated != NULL && !told) {
        lower_drop(all->it, form, all->unevaluated);
        all->unevaluated = NULL;
    }
    all->mask = 15;
    while (all->mask < names * 2)
        all->mask = all->mask * 2 + 1;
    all->table = ARENA_ARRAY(all->it->scratch, uint32_t, all->mask + 1);
    form->members = ARENA_ARRAY(all->it->arena, struct lower_member, names);
}

static bool rules_match(struct lowering *it, const struct members *members, struct text name,
                        struct place *place)
{
    bool matched = false;

    for (uint32_t i = 0; i < members->rule_count; i++) {
        if (pattern_match(members->rules[i].pattern, name, &it->patterns) != PATTERN_MATCHES)
            continue;
        matched = true;
        if (place != NULL)
            place_add(it->schema, place, members->rules[i].node, false);
    }
    return matched;
}

/* The form of the member of that name; false when there are too many forms. */
static bool fill_member(struct gathering *all, struct lower_member *member)
{
    struct lowering *it = all->it;
    struct place place = {0};

    for (uint32_t i = 0; i < all->count; i++) {
        const struct members *members = all->all[i];
        uint32_t slot = name_table_find(&members->table, members->slots, member->name);
        bool described = slot != UINT32_MAX && members->slots[slot].node != NODE_NONE;

        if (slot != UINT32_MAX && members->slots[slot].requested != 0)
            member->required = true;
        if (described)
            place_add(it->schema, &place, members->slots[slot].node, false);
        if (!rules_match(it, members, member->name, &place) && !described &&
            members->additional != NODE_NONE)
            place_add(it->schema, &place, members->additional, false);
    }
    member->form = place_form(it, &place, 1);
    return member->form != NULL;
}

/* Whether some node describes the name, and not only requires it. */
static bool is_described(const struct gathering *all, struct text name)
{
    for (uint32_t i = 0; i < all->count; i++) {
        uint32_t slot = name_table_find(&all->all[i]->table, all->all[i]->slots, name);

        if (slot != UINT32_MAX && all->all[i]->slots[slot].node != NODE_NONE)
            return true;
    }
    return false;
}

static bool add_member(struct gathering *all, struct text name)
{
    struct lower_form *form = all->form;
    size_t at = text_hash(name) & all->mask;
    struct lower_member *member;

    for (; all->table[at] != 0; at = (at + 1) & all->mask) {
        if (text_equal(form->members[all->table[at] - 1].name, name))
            return true;
    }
    if (++all->it->member_total > MEMBERS_MAX)
        return lower_fail(all->it, form, "the schema has too many members once written out");
    all->table[at] = form->member_count + 1;
    member = &form->members[form->member_count++];
    member->name = name;
    if (all->unevaluated != NULL && !is_described(all, name)) {
        struct place place = {0};

        place_add(all->it->schema, &place, all->unevaluated->node, false);
        fill_member(all, member); /* whether it is required */
        member->form = place_form(all->it, &place, 1);
        return member->form != NULL;
    }
    return fill_member(all, member);
}

/* What other names are for: only where no rule for a pattern of names has a say. */
static void fill_rest(struct gathering *all)
{
    struct lower_form *form = all->form;
    struct place place = {0};

    for (uint32_t i = 0; i < all->count; i++) {
        if (all->all[i]->rule_count == 0 && all->all[i]->additional != NODE_NONE)
            place_add(all->it->schema, &place, all->all[i]->additional, false);
    }
    FOR_EACH_INSTRUCTION(all->it, form, what)
    {
        if (what->keyword == KEYWORD_ADDITIONAL_PROPERTIES && form->rest_cell == CELL_NONE)
            form->rest_cell = what->cell;
    }
    if (all->unevaluated != NULL) {
        place_add(all->it->schema, &place, all->unevaluated->node, false);
        form->rest_cell = all->unevaluated->cell;
    }
    if (place.count > 0)
        form->rest = place_form(all->it, &place, 1);
}

void lower_fill_members(struct lowering *it, struct lower_form *form)
{
    struct gathering all = {.it = it, .form = form};

    gather(&all);
    for (uint32_t i = 0; i < all.count; i++) {
        for (uint32_t k = 0; k < all.all[i]->slot_count; k++) {
            if (!add_member(&all, all.all[i]->slots[k].name))
                return;
        }
    }
    fill_rest(&all);
}
