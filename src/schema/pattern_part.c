/* Only whether a text matches is asked for, not where. So a look-ahead X behind a prefix P whose
 * length is fixed says no more than that PX matches at the start: the rest of the pattern makes
 * sure of P. A look-around of one code point at either end of the pattern takes that code point, or
 * one outside the set or none at all, instead. `^(?:(?!X)S)*$` forbids S*X. */
#include "schema/pattern_part.h"

struct parting {
    struct arena *arena;
    struct pattern_part *parts;
    uint32_t count;
    struct pattern_node *rest; /* what becomes of the first part */
    bool placed;               /* so far, `rest` begins at the start and has a fixed length */
};

static struct pattern_node *new_node(struct arena *arena, enum pattern_form form)
{
    struct pattern_node *node = ARENA_NEW(arena, struct pattern_node);

    node->form = form;
    return node;
}

/* Adds a copy of a child, which may have siblings elsewhere. */
static void append(struct pattern_node *parent, const struct pattern_node *child,
                   struct arena *arena)
{
    struct pattern_node *copy = ARENA_NEW(arena, struct pattern_node);

    *copy = *child;
    copy->next = NULL;
    copy->previous = parent->last_child;
    if (parent->last_child != NULL)
        parent->last_child->next = copy;
    else
        parent->first_child = copy;
    parent->last_child = copy;
}

static void append_all(struct pattern_node *parent, const struct pattern_node *children,
                       struct arena *arena)
{
    for (; children != NULL; children = children->next)
        append(parent, children, arena);
}

/* --- flattening --- */

static void flatten(struct pattern_node *out, const struct pattern_node *node, struct arena *arena)
{
    bool plain =
        node->form == FORM_SEQUENCE || ((node->form == FORM_GROUP || node->form == FORM_CHOICE) &&
                                        node->first_child->next == NULL);

    if (node->form == FORM_GROUP && node->first_child->form == FORM_CHOICE)
        plain = node->first_child->first_child->next == NULL;
    if (!plain) {
        append(out, node, arena);
        return;
    }
    for (const struct pattern_node *child = node->first_child; child != NULL; child = child->next)
        flatten(out, child, arena);
}

struct pattern_node *pattern_flatten(const struct pattern_node *tree, struct arena *arena)
{
    struct pattern_node *out = new_node(arena, FORM_SEQUENCE);

    flatten(out, tree, arena);
    return out;
}

/* --- lengths --- */

static uint64_t times(uint64_t length, uint32_t count)
{
    uint64_t product = length * count;

    return product < PATTERN_LENGTH_MAX ? product : PATTERN_LENGTH_MAX;
}

struct pattern_length pattern_length(const struct pattern_node *node)
{
    struct pattern_length sum = {0, 0}, one;

    if (node->form == FORM_SET)
        return (struct pattern_length){1, 1};
    if (node->form != FORM_SEQUENCE && node->form != FORM_CHOICE && node->form != FORM_GROUP &&
        node->form != FORM_REPEAT)
        return sum;
    for (const struct pattern_node *child = node->first_child; child != NULL; child = child->next) {
        one = pattern_length(child);
        if (node->form == FORM_REPEAT)
            one =
                (struct pattern_length){times(one.least, node->least), times(one.most, node->most)};
        if (node->form == FORM_CHOICE && child != node->first_child) {
            sum.least = one.least < sum.least ? one.least : sum.least;
            sum.most = one.most > sum.most ? one.most : sum.most;
        } else {
            sum.least = times(sum.least + one.least, 1);
            sum.most = times(sum.most + one.most, 1);
        }
    }
    return sum;
}

static bool has_fixed_length(const struct pattern_node *node)
{
    struct pattern_length length = pattern_length(node);

    return length.least == length.most && length.most < PATTERN_LENGTH_MAX;
}

/* --- parts --- */

/* A part that begins like the rest so far; NULL when there are too many. */
static struct pattern_node *add_part(struct parting *it, bool negated)
{
    struct pattern_part *part = &it->parts[it->count];

    if (it->count == PATTERN_PARTS_MAX)
        return NULL;
    part->tree = new_node(it->arena, FORM_SEQUENCE);
    part->negated = negated;
    it->count++;
    return part->tree;
}

static bool take_ahead(struct parting *it, const struct pattern_node *node)
{
    struct pattern_node *part;

    if (node->form != FORM_AHEAD || !it->placed)
        return false;
    part = add_part(it, node->negated);
    if (part == NULL)
        return false;
    append_all(part, it->rest->first_child, it->arena);
    append_all(part, node->first_child, it->arena);
    return true;
}

/* Whether all that is from here on stands at the end of the text. */
static bool is_tail(const struct pattern_node *node, bool ends)
{
    for (; node != NULL; node = node->next) {
        if (node->form != FORM_END && node->form != FORM_BEHIND)
            return false;
        ends = ends || node->form == FORM_END;
    }
    return ends;
}

static bool take_behind(struct parting *it, const struct pattern_node *node)
{
    struct pattern_node *part;
    bool ended = it->rest->last_child != NULL && it->rest->last_child->form == FORM_END;

    if (node->form != FORM_BEHIND || !is_tail(node, ended))
        return false;
    part = add_part(it, node->negated);
    if (part == NULL)
        return false;
    append_all(part, node->first_child, it->arena);
    append(part, new_node(it->arena, FORM_END), it->arena);
    return true;
}

/* The set S of `(?:(?!X)(?!Y)S)*`; NULL when it is anything else. What is forbidden takes a code
 * point at least, so that it is not asked about behind the last S. */
static const struct pattern_node *tempered_set(const struct pattern_node *flat)
{
    const struct pattern_node *child = flat->first_child;

    if (child == NULL || child->form != FORM_AHEAD)
        return NULL;
    for (; child->next != NULL; child = child->next) {
        if (child->form != FORM_AHEAD || !child->negated ||
            pattern_length(child->first_child).least == 0)
            return NULL;
    }
    return child->form == FORM_SET ? child : NULL;
}

static struct pattern_node *repeated(struct arena *arena, const struct pattern_node *set,
                                     uint32_t least, uint32_t most)
{
    struct pattern_node *repeat = new_node(arena, FORM_REPEAT);

    repeat->least = least;
    repeat->most = most;
    append(repeat, set, arena);
    return repeat;
}

static bool take_tempered(struct parting *it, const struct pattern_node *node)
{
    const struct pattern_node *flat, *set;

    if (node->form != FORM_REPEAT || !it->placed || !is_tail(node->next, false))
        return false;
    flat = pattern_flatten(node->first_child, it->arena);
    set = tempered_set(flat);
    if (set == NULL)
        return false;
    for (const struct pattern_node *ahead = flat->first_child; ahead != set; ahead = ahead->next) {
        struct pattern_node *part = add_part(it, true);

        if (part == NULL)
            return false;
        append_all(part, it->rest->first_child, it->arena);
        append(part, repeated(it->arena, set, 0, REPEAT_ENDLESS), it->arena);
        append_all(part, ahead->first_child, it->arena);
    }
    append(it->rest, repeated(it->arena, set, node->least, node->most), it->arena);
    return true;
}

/* --- the ends of the pattern --- */

/* The set of a look-around that is one code point; NULL when it is anything else. */
static const struct pattern_node *looked_for(const struct pattern_node *look, struct arena *arena)
{
    const struct pattern_node *only = pattern_flatten(look->first_child, arena)->first_child;

    return only != NULL && only->next == NULL && only->form == FORM_SET ? only : NULL;
}

/* A code point that is not in the set, or the edge of the text. */
static struct pattern_node *outside(const struct pattern_node *set, enum pattern_form edge,
                                    struct arena *arena)
{
    struct pattern_node *choice = new_node(arena, FORM_CHOICE);
    struct pattern_node other = *set;

    other.set = ARENA_NEW(arena, struct code_set);
    *other.set = *set->set;
    other.set->negated = !set->set->negated;
    append(choice, new_node(arena, edge), arena);
    append(choice, &other, arena);
    return choice;
}

/* Look-around at the end of the pattern that it looks over takes what it looks at. */
static bool take_end(struct parting *it, const struct pattern_node *node)
{
    bool first = node->previous == NULL && node->form == FORM_BEHIND;
    bool last = node->next == NULL && node->form == FORM_AHEAD;
    const struct pattern_node *set;

    if (!first && !last)
        return false;
    if (!node->negated) {
        append_all(it->rest, node->first_child, it->arena);
        return true;
    }
    set = looked_for(node, it->arena);
    if (set == NULL)
        return false;
    append(it->rest, outside(set, first ? FORM_START : FORM_END, it->arena), it->arena);
    return true;
}

uint32_t pattern_part(struct pattern_node *tree, struct pattern_part *out, struct arena *arena)
{
    struct parting it = {.arena = arena, .parts = out, .count = 1};
    const struct pattern_node *all = pattern_flatten(tree, arena);

    it.rest = new_node(arena, FORM_SEQUENCE);
    for (const struct pattern_node *node = all->first_child; node != NULL; node = node->next) {
        if (take_ahead(&it, node) || take_behind(&it, node) || take_tempered(&it, node) ||
            take_end(&it, node))
            continue;
        append(it.rest, node, arena);
        it.placed = it.rest->first_child == it.rest->last_child
                        ? node->form == FORM_START
                        : it.placed && has_fixed_length(node);
    }
    out[0] = (struct pattern_part){.tree = it.rest};
    return it.count;
}
