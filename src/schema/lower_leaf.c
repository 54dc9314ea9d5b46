/* What the nodes of a place say of a value together: its types, its values, its bounds. */
#include "schema/lower_form.h"

#include "schema/fast.h"

/* Kinds of which some value may satisfy a node; the fast program knows them. */
static uint8_t kinds_of(const struct lowering *it, uint32_t node)
{
    uint8_t kinds = 0;

    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (it->schema->entries[node].of[kind] != ENTRY_REJECT)
            kinds |= (uint8_t)KIND_BIT(kind);
    }
    /* 1.0 is an integer for every dialect, whatever draft-04 says. */
    return (kinds & KINDS_INTEGER) != 0 ? kinds | KINDS_INTEGER : kinds;
}

static uint8_t kinds_equal_to(const struct cell *cell)
{
    unsigned kind = cell_kind(cell);

    return (uint8_t)((KIND_BIT(kind) & KINDS_INTEGER) != 0 ? KINDS_INTEGER : KIND_BIT(kind));
}

/* The values of one `enum` or `const` that satisfy everything else as well. */
static uint32_t fitting_values(struct lowering *it, const struct lower_form *form,
                               const struct instruction *what, uint32_t *out)
{
    const struct document *document = it->schema->document;
    bool single = what->keyword == KEYWORD_CONST;
    uint32_t at = single ? what->cell : what->cell + 1, count = 0;
    uint32_t end = document_next(document, what->cell);

    for (; at < end; at = document_next(document, at)) {
        if (place_holds(it, form, document, at, true))
            out[count++] = at;
        if (single)
            break;
    }
    return count;
}

/* Whether the values are all that need be said; false when the dialect cannot list them. */
static bool fill_values(struct lowering *it, struct lower_form *form,
                        const struct instruction *what)
{
    const struct document *document = it->schema->document;
    uint32_t room = what->keyword == KEYWORD_CONST ? 1 : document_cell(document, what->cell)->size;
    uint32_t *values = ARENA_ARRAY(it->scratch, uint32_t, room), count;
    uint8_t kinds = 0;

    count = fitting_values(it, form, what, values);
    for (uint32_t i = 0; i < count; i++)
        kinds |= kinds_equal_to(document_cell(document, values[i]));
    form->kinds &= kinds;
    if ((kinds & ~it->dialect->enum_kinds) != 0) {
        lower_drop(it, form, what);
        return false;
    }
    form->listed = true;
    form->values = values;
    form->value_count = count;
    return true;
}

static bool fill_listed(struct lowering *it, struct lower_form *form)
{
    FOR_EACH_INSTRUCTION(it, form, what)
    {
        if (what->keyword == KEYWORD_ENUM || what->keyword == KEYWORD_CONST)
            return fill_values(it, form, what);
    }
    return false;
}

/* Of two bounds of one keyword the tighter; of two patterns and the like the first: the other is
 * dropped. */
static const struct instruction *tighter(struct lowering *it, struct lower_form *form,
                                         const struct instruction *a, const struct instruction *b)
{
    switch ((enum keyword)a->keyword) {
    case KEYWORD_MINIMUM:
    case KEYWORD_EXCLUSIVE_MINIMUM:
        return bound_compare(b->bound.cell, &a->bound) > 0 ? b : a;
    case KEYWORD_MAXIMUM:
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        return bound_compare(b->bound.cell, &a->bound) < 0 ? b : a;
    case KEYWORD_MIN_LENGTH:
    case KEYWORD_MIN_ITEMS:
        return b->count > a->count ? b : a;
    case KEYWORD_MAX_LENGTH:
    case KEYWORD_MAX_ITEMS:
        return b->count < a->count ? b : a;
    case KEYWORD_MULTIPLE_OF:
        if (bound_compare(b->bound.cell, &a->bound) != 0)
            lower_drop(it, form, b);
        return a;
    default:
        if (!text_equal(document_text(it->schema->document, a->cell),
                        document_text(it->schema->document, b->cell)))
            lower_drop(it, form, b);
        return a;
    }
}

static bool is_taken(const struct lowering *it, const struct instruction *what)
{
    struct text value;

    if (!lower_dialect_has(it->dialect, (enum keyword)what->keyword))
        return false;
    switch ((enum keyword)what->keyword) {
    case KEYWORD_PATTERN:
        value = document_text(it->schema->document, what->cell);
        return lower_dialect_has_pattern(it->dialect, value) &&
               (it->dialect->lookaround || pattern_is_automaton(what->pattern));
    case KEYWORD_FORMAT:
        value = document_text(it->schema->document, what->cell);
        return lower_dialect_has_format(it->dialect, value);
    default:
        return true;
    }
}

static void fill_scalar(struct lowering *it, struct lower_form *form,
                        const struct instruction *what)
{
    if (!is_taken(it, what)) {
        lower_drop(it, form, what);
        return;
    }
    if (what->keyword == KEYWORD_MIN_ITEMS && what->count > it->dialect->least_items_most &&
        it->dialect->least_items_most != LEAST_ITEMS_ANY)
        lower_drop(it, form, what);
    for (uint32_t i = 0; i < form->kept_count; i++) {
        if (form->kept[i]->keyword == what->keyword) {
            form->kept[i] = tighter(it, form, form->kept[i], what);
            return;
        }
    }
    form->kept[form->kept_count++] = what;
}

/* What no dialect says: it is told in words, if it says anything. */
static bool says_something(const struct instruction *what)
{
    switch ((enum keyword)what->keyword) {
    case KEYWORD_IF:
        return what->condition->then_node != NODE_NONE || what->condition->else_node != NODE_NONE;
    case KEYWORD_CONTAINS:
        return what->containment->least > 0 || what->containment->most != UINT64_MAX;
    case KEYWORD_MIN_PROPERTIES:
    case KEYWORD_MIN_LENGTH:
    case KEYWORD_MIN_ITEMS:
        return what->count > 0;
    default:
        return true;
    }
}

static void fill_instruction(struct lowering *it, struct lower_form *form,
                             const struct instruction *what)
{
    if ((what->kinds & form->kinds) == 0 || !says_something(what))
        return;
    switch ((enum keyword)what->keyword) {
    case KEYWORD_MULTIPLE_OF:
    case KEYWORD_MINIMUM:
    case KEYWORD_EXCLUSIVE_MINIMUM:
    case KEYWORD_MAXIMUM:
    case KEYWORD_EXCLUSIVE_MAXIMUM:
    case KEYWORD_MIN_LENGTH:
    case KEYWORD_MAX_LENGTH:
    case KEYWORD_PATTERN:
    case KEYWORD_FORMAT:
    case KEYWORD_MIN_ITEMS:
    case KEYWORD_MAX_ITEMS:
        fill_scalar(it, form, what);
        return;
    case KEYWORD_MIN_PROPERTIES:
    case KEYWORD_MAX_PROPERTIES:
    case KEYWORD_UNIQUE_ITEMS:
    case KEYWORD_CONTAINS:
    case KEYWORD_PROPERTY_NAMES:
    case KEYWORD_PATTERN_PROPERTIES:
    case KEYWORD_DEPENDENT_REQUIRED:
    case KEYWORD_DEPENDENT_SCHEMAS:
    case KEYWORD_DEPENDENCIES:
    case KEYWORD_NOT:
    case KEYWORD_IF:
        lower_drop(it, form, what);
        return;
    default:
        return;
    }
}

/* Of a vocabulary that has no such keyword it may be anything. */
static uint32_t string_member(const struct document *document, uint32_t object, struct text name)
{
    uint32_t at = document_member(document, object, name);

    return at != CELL_NONE && document_cell(document, at)->type == CELL_STRING ? at : CELL_NONE;
}

static void fill_words(const struct lowering *it, struct lower_form *form)
{
    const struct document *document = it->schema->document;

    for (uint32_t i = 0; i < form->node_count; i++) {
        uint32_t cell = it->schema->nodes[form->nodes[i]].cell;

        if (form->inherited[i])
            continue;
        if (form->description == CELL_NONE)
            form->description = string_member(document, cell, TEXT("description"));
        if (form->title == CELL_NONE)
            form->title = string_member(document, cell, TEXT("title"));
    }
}

/* Each alternative together with everything that stands beside the union. */
static void fill_union(struct lowering *it, struct lower_form *form, const struct instruction *what)
{
    uint32_t count = what->alternatives->count;

    form->is_union = true;
    form->alternatives = ARENA_ARRAY(it->arena, struct lower_form *, count);
    for (uint32_t i = 0; i < count && it->reason.len == 0; i++) {
        struct place place = {.count = form->node_count};
        struct lower_form *alternative;

        memcpy(place.nodes, form->nodes, form->node_count * sizeof *form->nodes);
        memset(place.inherited, true, form->node_count);
        place_add(it->schema, &place, what->alternatives->nodes[i], false);
        alternative = place_form(it, &place, form->branches * count);
        if (alternative != NULL)
            form->alternatives[form->alternative_count++] = alternative;
    }
}

/* Whether of two alternatives both may hold for one value. */
static bool overlap(const struct lowering *it, const struct alternatives *all)
{
    uint8_t seen = 0;

    if (all->tag_values != NULL)
        return false;
    for (uint32_t i = 0; i < all->count; i++) {
        uint8_t kinds = kinds_of(it, all->nodes[i]);

        if ((seen & kinds) != 0)
            return true;
        seen |= kinds;
    }
    return false;
}

static void fill_leaf(struct lowering *it, struct lower_form *form)
{
    uint32_t room = 0;

    if (fill_listed(it, form))
        return;
    for (uint32_t i = 0; i < form->node_count; i++)
        room += it->schema->nodes[form->nodes[i]].plain_count;
    form->kept = ARENA_ARRAY(it->scratch, const struct instruction *, room);
    FOR_EACH_INSTRUCTION(it, form, what)
    fill_instruction(it, form, what);
    if ((form->kinds & KINDS_OBJECT) != 0)
        lower_fill_members(it, form);
    if ((form->kinds & KINDS_ARRAY) != 0)
        lower_fill_items(it, form);
}

void lower_fill(struct lowering *it, struct lower_form *form)
{
    static const struct cell null_cell = {.type = CELL_NULL};
    static const struct document null_document = {.cells = &null_cell, .count = 1};
    const struct instruction *branching;
    bool too_many;

    for (uint32_t i = 0; i < form->node_count; i++)
        form->kinds &= kinds_of(it, form->nodes[i]);
    form->admits_null = place_holds(it, form, &null_document, 0, false);
    fill_words(it, form);
    if (form->kinds == 0)
        return;
    branching = place_union(it, form, &too_many);
    if (branching != NULL && branching->keyword == KEYWORD_ONE_OF &&
        overlap(it, branching->alternatives))
        lower_drop_saying(it, form, branching->cell, false,
                          TEXT("valid for exactly one of the alternatives"), true);
    if (branching != NULL && too_many)
        lower_drop(it, form, branching);
    else if (branching != NULL)
        fill_union(it, form, branching);
    if (!form->is_union)
        fill_leaf(it, form);
}
