/* The tree in the library's syntax, with nothing in it that the library could read differently:
 * every code point as \x{...}, every class spelled out, every group numbered. */
#include "schema/pattern_tree.h"

#include "base/buffer.h"

static void emit(struct buffer *out, const struct pattern_node *node);

static void emit_children(struct buffer *out, const struct pattern_node *node, const char *between)
{
    for (const struct pattern_node *child = node->first_child; child != NULL; child = child->next) {
        emit(out, child);
        if (child->next != NULL)
            buffer_put(out, text_of(between));
    }
}

static void emit_range(struct buffer *out, uint32_t first, uint32_t last)
{
    buffer_printf(out, "\\x{%x}", first);
    if (last > first)
        buffer_printf(out, "-\\x{%x}", last);
}

/* Strings have no surrogates, and the library takes none. Returns whether anything was left. */
static bool emit_ranges(struct buffer *out, const struct code_set *set)
{
    size_t before = out->len;

    for (size_t i = 0; i < set->count; i++) {
        uint32_t first = set->ranges[i].first, last = set->ranges[i].last;

        if (last < SURROGATES_FIRST || first > SURROGATES_LAST) {
            emit_range(out, first, last);
            continue;
        }
        if (first < SURROGATES_FIRST)
            emit_range(out, first, SURROGATES_FIRST - 1);
        if (last > SURROGATES_LAST)
            emit_range(out, SURROGATES_LAST + 1, last);
    }
    return out->len > before;
}

static void emit_set(struct buffer *out, const struct code_set *set)
{
    size_t start = out->len;
    bool any;

    buffer_put(out, set->negated ? TEXT("[^") : TEXT("["));
    any = emit_ranges(out, set);
    for (const struct code_property *property = set->properties; property != NULL;
         property = property->next) {
        buffer_printf(out, "\\%c{%.*s}", property->negated ? 'P' : 'p', TEXT_ARG(property->name));
        any = true;
    }
    buffer_put_byte(out, ']');
    if (any)
        return;
    out->len = start;
    buffer_put(out, set->negated ? TEXT("[\\x{0}-\\x{10ffff}]") : TEXT("(?!)"));
}

static void emit_repeat(struct buffer *out, const struct pattern_node *node)
{
    bool plain = node->first_child->form == FORM_SET || node->first_child->form == FORM_GROUP;

    buffer_put(out, plain ? TEXT("") : TEXT("(?:"));
    emit(out, node->first_child);
    buffer_put(out, plain ? TEXT("") : TEXT(")"));
    if (node->most == REPEAT_ENDLESS)
        buffer_printf(out, "{%u,}", node->least);
    else
        buffer_printf(out, "{%u,%u}", node->least, node->most);
    if (node->lazy)
        buffer_put_byte(out, '?');
}

static void emit_look(struct buffer *out, const struct pattern_node *node)
{
    buffer_put(out, node->form == FORM_AHEAD ? TEXT("(?") : TEXT("(?<"));
    buffer_put_byte(out, node->negated ? '!' : '=');
    emit_children(out, node, "");
    buffer_put_byte(out, ')');
}

static void emit(struct buffer *out, const struct pattern_node *node)
{
    switch (node->form) {
    case FORM_SET:
        emit_set(out, node->set);
        break;
    case FORM_SEQUENCE:
        emit_children(out, node, "");
        break;
    case FORM_CHOICE:
        emit_children(out, node, "|");
        break;
    case FORM_REPEAT:
        emit_repeat(out, node);
        break;
    case FORM_GROUP:
        buffer_put(out, node->number > 0 ? TEXT("(") : TEXT("(?:"));
        emit_children(out, node, "");
        buffer_put_byte(out, ')');
        break;
    case FORM_AHEAD:
    case FORM_BEHIND:
        emit_look(out, node);
        break;
    case FORM_REFERENCE:
        buffer_printf(out, "\\g{%u}", node->number);
        break;
    case FORM_START:
        buffer_put(out, TEXT("\\A"));
        break;
    case FORM_END:
        buffer_put(out, TEXT("\\z"));
        break;
    case FORM_BOUNDARY:
        buffer_put(out, node->negated ? TEXT("\\B") : TEXT("\\b"));
        break;
    }
}

struct text pattern_emit(const struct pattern_node *node, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    emit(&out, node);
    return arena_copy(arena, buffer_text(&out)); /* which is not NULL for the empty pattern */
}
