/* The simplest of patterns are comparisons: `^abc`, `^abc$`. Behind the last thing that must be
 * there, what may be empty asks for nothing, because a match may end anywhere. */
#include "schema/pattern_own.h"

#include "base/buffer.h"
#include "document/utf8.h"
#include "schema/pattern_part.h"

/* Whether a node matches the empty text wherever it stands. */
static bool asks_nothing(const struct pattern_node *node)
{
    const struct pattern_node *child = node->first_child;

    switch (node->form) {
    case FORM_REPEAT:
        return node->least == 0 || asks_nothing(child);
    case FORM_CHOICE:
        for (; child != NULL; child = child->next) {
            if (asks_nothing(child))
                return true;
        }
        return false;
    case FORM_SEQUENCE:
    case FORM_GROUP:
        for (; child != NULL; child = child->next) {
            if (!asks_nothing(child))
                return false;
        }
        return true;
    default:
        return false;
    }
}

/* The code point that a node stands for; false when it is anything else. */
static bool one_code_point(const struct pattern_node *node, uint32_t *out)
{
    const struct code_set *set = node->set;

    if (node->form != FORM_SET || set->negated || set->properties != NULL || set->count != 1 ||
        set->ranges[0].first != set->ranges[0].last)
        return false;
    *out = set->ranges[0].first;
    return *out < SURROGATES_FIRST || *out > SURROGATES_LAST;
}

/* The only node between `^` and `$`, if it is a repeated set of ASCII. */
static const struct pattern_node *ascii_run(const struct pattern_node *sequence)
{
    const struct pattern_node *repeat = sequence->first_child->next;
    const struct code_set *set;

    if (repeat == NULL || repeat->form != FORM_REPEAT || repeat->next == NULL ||
        repeat->next->form != FORM_END || repeat->next->next != NULL ||
        repeat->first_child->form != FORM_SET)
        return NULL;
    set = repeat->first_child->set;
    if (set->negated || set->properties != NULL)
        return NULL;
    for (size_t i = 0; i < set->count; i++) {
        if (set->ranges[i].last >= 0x80)
            return NULL;
    }
    return repeat;
}

static struct byte_run *run_of(const struct pattern_node *repeat, struct arena *arena)
{
    const struct code_set *set = repeat->first_child->set;
    struct byte_run *run = ARENA_NEW(arena, struct byte_run);

    run->least = repeat->least;
    run->most = repeat->most == REPEAT_ENDLESS ? SIZE_MAX : repeat->most;
    for (size_t i = 0; i < set->count; i++) {
        for (uint32_t byte = set->ranges[i].first; byte <= set->ranges[i].last; byte++)
            run->inside[byte] = 1;
    }
    return run;
}

void pattern_find_shape(struct pattern *pattern, const struct pattern_node *tree,
                        struct arena *arena, struct arena *scratch)
{
    const struct pattern_node *sequence = pattern_flatten(tree, scratch), *node;
    struct buffer literal = buffer_in(arena);
    uint32_t code_point;

    if (sequence->first_child == NULL || sequence->first_child->form != FORM_START)
        return;
    if (ascii_run(sequence) != NULL) {
        pattern->shape = SHAPE_OF_RUN;
        pattern->run = run_of(ascii_run(sequence), arena);
        return;
    }
    for (node = sequence->first_child->next; node != NULL && one_code_point(node, &code_point);
         node = node->next)
        literal.len += utf8_encode(code_point, buffer_reserve(&literal, 4));
    if (node != NULL && node->form == FORM_END && node->next == NULL)
        pattern->shape = SHAPE_OF_LITERAL;
    while (node != NULL && asks_nothing(node))
        node = node->next;
    if (node == NULL && literal.len > 0)
        pattern->shape = SHAPE_OF_PREFIX;
    pattern->literal = buffer_text(&literal);
}
