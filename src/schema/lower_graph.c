/* Once all forms are filled: what can never hold is taken out, recursion is broken where the
 * dialect has none, and what the dialect demands of objects is decided. */
#include "schema/lower_form.h"

enum { PASSES_MAX = 200 };

/* Where one form leads to another. */
typedef bool visit_edge(struct lowering *it, struct lower_form *from, struct lower_form **edge,
                        bool optional, unsigned depth);

static bool visit_items(struct lowering *it, struct lower_form *form, visit_edge *visit,
                        unsigned depth)
{
    if (!lower_dialect_has(it->dialect, KEYWORD_PREFIX_ITEMS))
        return form->any_item == NULL || visit(it, form, &form->any_item, false, depth);
    for (uint32_t i = 0; i < form->prefix_count; i++) {
        if (!visit(it, form, &form->prefix[i], false, depth))
            return false;
    }
    return form->rest_items == NULL || form->rest_items->never ||
           visit(it, form, &form->rest_items, false, depth);
}

/* The edges that will be written. */
static bool visit_edges(struct lowering *it, struct lower_form *form, visit_edge *visit,
                        unsigned depth)
{
    for (uint32_t i = 0; i < form->alternative_count; i++) {
        if (!visit(it, form, &form->alternatives[i], false, depth))
            return false;
    }
    for (uint32_t i = 0; i < form->member_count; i++) {
        if (!form->members[i].form->never &&
            !visit(it, form, &form->members[i].form, !form->members[i].required, depth))
            return false;
    }
    if (it->dialect->maps && form->rest != NULL && !form->rest->never &&
        !visit(it, form, &form->rest, false, depth))
        return false;
    return visit_items(it, form, visit, depth);
}

/* --- what can never hold */

static bool all_never(struct lower_form *const *forms, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!forms[i]->never)
            return false;
    }
    return true;
}

static bool is_never(struct lower_form *form)
{
    if (form->is_union)
        return all_never(form->alternatives, form->alternative_count);
    for (uint32_t i = 0; i < form->member_count; i++) {
        if (form->members[i].required && form->members[i].form->never)
            form->kinds &= (uint8_t)~KINDS_OBJECT;
    }
    return form->kinds == 0 || (form->listed && form->value_count == 0);
}

/* A form that is found to be empty may empty others. Stopping early leaves some that need not be
 * there. */
static void find_never(struct lowering *it)
{
    bool changed = true;

    for (unsigned pass = 0; changed && pass < PASSES_MAX; pass++) {
        changed = false;
        for (size_t i = it->form_count; i-- > 0;) {
            struct lower_form *form = it->forms[i];

            if (!form->never && is_never(form))
                form->never = changed = true;
        }
    }
}

/* --- unions of one */

static void drop_never(struct lower_form *form)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < form->alternative_count; i++) {
        bool known = form->alternatives[i]->never;

        for (uint32_t k = 0; k < count && !known; k++)
            known = form->alternatives[k] == form->alternatives[i];
        if (!known)
            form->alternatives[count++] = form->alternatives[i];
    }
    form->alternative_count = count;
}

/* A tuple ends before a place that nothing can stand in. */
static void cut_prefix(struct lower_form *form)
{
    for (uint32_t i = 0; i < form->prefix_count; i++) {
        if (!form->prefix[i]->never)
            continue;
        form->rest_items = form->prefix[i];
        form->prefix_count = i;
    }
}

static struct lower_form *only_one(struct lower_form *form)
{
    for (unsigned i = 0; i < PASSES_MAX && form->is_union && form->alternative_count == 1; i++) {
        struct lower_form *one = form->alternatives[0];

        if (one->description == CELL_NONE)
            one->description = form->description;
        if (one->notes.len == 0)
            one->notes = form->notes;
        form = one;
    }
    return form;
}

static void simplify(struct lowering *it)
{
    for (size_t i = 0; i < it->form_count; i++) {
        drop_never(it->forms[i]);
        cut_prefix(it->forms[i]);
    }
    for (size_t i = 0; i < it->form_count; i++) {
        struct lower_form *form = it->forms[i];

        for (uint32_t k = 0; k < form->alternative_count; k++)
            form->alternatives[k] = only_one(form->alternatives[k]);
        for (uint32_t k = 0; k < form->member_count; k++)
            form->members[k].form = only_one(form->members[k].form);
        for (uint32_t k = 0; k < form->prefix_count; k++)
            form->prefix[k] = only_one(form->prefix[k]);
        if (form->rest != NULL)
            form->rest = only_one(form->rest);
        if (form->rest_items != NULL)
            form->rest_items = only_one(form->rest_items);
        if (form->any_item != NULL)
            form->any_item = only_one(form->any_item);
    }
}

/* --- recursion */

/* What is left of a form where it would contain itself: its types. */
static struct lower_form *loosened(struct lowering *it, struct lower_form *from)
{
    struct lower_form *form;

    if (!it->dialect->any_value) {
        lower_fail(it, from, "it contains itself, which the dialect cannot say");
        return NULL;
    }
    form = lower_form_new(it);
    if (form == NULL)
        return NULL;
    form->nodes = from->nodes;
    form->node_count = from->node_count;
    form->admits_null = from->admits_null;
    form->loose = true;
    form->kinds = from->kinds;
    for (uint32_t i = 0; from->is_union && i < from->alternative_count; i++)
        form->kinds =
            i == 0 ? from->alternatives[i]->kinds : form->kinds | from->alternatives[i]->kinds;
    if (from->node_count > 0)
        lower_drop_saying(it, form, it->schema->nodes[from->nodes[0]].cell, false,
                          TEXT("of the same form as what it is in"), true);
    return form;
}

static bool break_cycles(struct lowering *it, struct lower_form *form, unsigned depth);

static bool break_edge(struct lowering *it, struct lower_form *from, struct lower_form **edge,
                       bool optional, unsigned depth)
{
    (void)from;
    if (optional && it->dialect->refs == REFS_OPTIONAL)
        return true;
    if ((*edge)->on_way) {
        *edge = loosened(it, *edge);
        return *edge != NULL;
    }
    return (*edge)->seen || break_cycles(it, *edge, depth + 1);
}

static bool break_cycles(struct lowering *it, struct lower_form *form, unsigned depth)
{
    bool broken;

    if (depth > WALK_MAX)
        return lower_fail(it, form, "it is nested too deeply");
    form->seen = form->on_way = true;
    broken = visit_edges(it, form, break_edge, depth);
    form->on_way = false;
    return broken;
}

static bool settle_recursion(struct lowering *it, struct lower_form *root)
{
    size_t count = it->form_count;

    if (it->dialect->refs == REFS_FREE)
        return true;
    if (it->dialect->refs != REFS_OPTIONAL)
        return break_cycles(it, root, 0);
    for (size_t i = 0; i < count; i++) {
        if (!it->forms[i]->seen && !it->forms[i]->never && !break_cycles(it, it->forms[i], 0))
            return false;
    }
    return true;
}

/* --- what the dialect demands */

static uint32_t live_members(const struct lower_form *form, bool *out_any_required)
{
    uint32_t count = 0;

    *out_any_required = false;
    for (uint32_t i = 0; i < form->member_count; i++) {
        count += !form->members[i].form->never;
        *out_any_required = *out_any_required || form->members[i].required;
    }
    return count;
}

static void demand_required(struct lowering *it, struct lower_form *form, bool any_required)
{
    bool first = !any_required && it->dialect->one_required;

    for (uint32_t i = 0; i < form->member_count; i++) {
        struct lower_member *member = &form->members[i];

        if (member->required || member->form->never || (!it->dialect->all_required && !first))
            continue;
        first = false;
        member->made_required = true;
        member->absent_null = !member->form->admits_null;
        it->writes_nulls = it->writes_nulls || member->absent_null;
    }
}

/* That an object says nothing of other members, or what it says. */
static void drop_rest(struct lowering *it, struct lower_form *form)
{
    bool implied = form->rest_cell == CELL_NONE;
    uint32_t cell = form->rest_cell;

    if (implied && form->node_count > 0)
        cell = it->schema->nodes[form->nodes[0]].cell;
    if (cell != CELL_NONE && it->dialect->closes)
        lower_drop_saying(it, form, cell, implied, TEXT("no other fields"), false);
    FOR_EACH_INSTRUCTION(it, form, what)
    {
        if (!it->dialect->closes && form->rest != NULL && form->rest->node_count > 0 &&
            what->cell == cell)
            lower_drop(it, form, what);
    }
}

static bool demand_object(struct lowering *it, struct lower_form *form)
{
    bool any_required, closed = form->rest != NULL && form->rest->never;
    uint32_t live = live_members(form, &any_required);

    if (it->dialect->closes && live == 0 && !closed)
        return lower_fail(it, form, "an object may have fields of any name");
    if (!it->dialect->closes && !it->dialect->any_value && live == 0)
        return lower_fail(it, form, "an object describes no fields");
    demand_required(it, form, any_required);
    if (!closed && (it->dialect->closes || !it->dialect->maps))
        drop_rest(it, form);
    return true;
}

static bool demand(struct lowering *it, struct lower_form *form)
{
    if (form->is_union || form->listed || form->loose)
        return true;
    if (!it->dialect->any_value && form->kinds == KINDS_ANY)
        return lower_fail(it, form, "a value may be of any type");
    if ((form->kinds & KINDS_ARRAY) != 0 && !it->dialect->any_value && form->any_item == NULL &&
        form->rest_items == NULL)
        return lower_fail(it, form, "an array may hold anything");
    return (form->kinds & KINDS_OBJECT) == 0 || demand_object(it, form);
}

/* A value may be anything, which is told where it stands. */
static bool fail_anything(struct lowering *it, const struct lower_form *from,
                          struct lower_form *const *edge)
{
    const struct lower_member *members = from->members;

    for (uint32_t i = 0; i < from->member_count; i++) {
        if (edge == &members[i].form)
            return lower_fail(it, from,
                              arena_printf(it->arena, "field '%.*s' may be anything",
                                           TEXT_ARG(text_cut(members[i].name, 100)))
                                  .at);
    }
    return lower_fail(it, from, "a value in it may be anything");
}

static bool count_uses(struct lowering *it, struct lower_form *form, unsigned depth);

static bool count_use(struct lowering *it, struct lower_form *from, struct lower_form **edge,
                      bool optional, unsigned depth)
{
    struct lower_form *form = *edge;

    (void)optional;
    form->uses++;
    form->recursive = form->recursive || form->on_way;
    if (form->node_count == 0 && !form->apart && !it->dialect->any_value)
        return fail_anything(it, from, edge);
    return form->uses > 1 || form->on_way || count_uses(it, form, depth + 1);
}

static bool count_uses(struct lowering *it, struct lower_form *form, unsigned depth)
{
    bool counted;

    if (depth > WALK_MAX)
        return lower_fail(it, form, "it is nested too deeply");
    if (!demand(it, form))
        return false;
    form->on_way = true;
    counted = visit_edges(it, form, count_use, depth);
    form->on_way = false;
    return counted;
}

/* --- definitions */

static bool is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

/* The name the author gave to the schema, if it is a member of something. */
static struct text authors_name(struct lowering *it, const struct lower_form *form)
{
    const struct schema *schema = it->schema;
    uint32_t cell = form->node_count > 0 ? schema->nodes[form->nodes[0]].cell : CELL_NONE;
    struct text name;

    if (cell == CELL_NONE || cell == schema->root || cell == 0 ||
        document_cell(schema->document, cell - 1)->type != CELL_STRING ||
        (document_cell(schema->document, cell - 1)->flags & CELL_HASHED) == 0)
        return TEXT("form");
    name = text_first(document_text(schema->document, cell - 1), 40);
    for (size_t i = 0; i < name.len; i++) {
        if (!is_plain(name.at[i]))
            return TEXT("form");
    }
    return name.len > 0 ? name : TEXT("form");
}

static bool name_taken(const struct lowering *it, struct text name)
{
    for (size_t i = 0; i < it->form_count; i++) {
        if (text_equal(it->forms[i]->definition, name))
            return true;
    }
    return false;
}

static void name_form(struct lowering *it, struct lower_form *form)
{
    struct text name = authors_name(it, form), tried = name;

    for (unsigned i = 2; name_taken(it, tried); i++)
        tried = arena_printf(it->arena, "%.*s_%u", TEXT_ARG(name), i);
    form->definition = tried;
}

enum { VALUES_REPEATED = 8 };

/* What is used more than once and is not small is written once. */
static void name_forms(struct lowering *it, const struct lower_form *root)
{
    for (size_t i = 0; i < it->form_count; i++) {
        struct lower_form *form = it->forms[i];
        bool large = form->member_count > 0 || form->is_union ||
                     (form->listed && form->value_count > VALUES_REPEATED);

        if (form != root && (form->recursive || (form->uses > 1 && large)))
            name_form(it, form);
    }
}

struct lower_form *lower_settle(struct lowering *it, struct lower_form *root)
{
    find_never(it);
    simplify(it);
    root = only_one(root);
    if (root->never)
        lower_fail(it, root, "nothing satisfies the schema");
    else if (settle_recursion(it, root) && count_uses(it, root, 0) &&
             it->dialect->refs != REFS_NONE)
        name_forms(it, root);
    return root;
}
