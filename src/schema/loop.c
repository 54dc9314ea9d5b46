/* References and alternatives that lead to another schema for the same value are edges; a cycle of
 * them would never end. A depth-first walk with a stack of its own finds one, and on the way back
 * puts every node behind those it leads to, which is the order the fast program is made in. */
#include "schema/compile.h"

#include "base/buffer.h"

struct edge {
    uint32_t node;
    uint32_t cell; /* of the keyword or the alternative */
};
struct frame {
    uint32_t node;
    size_t first_edge, next_edge, last_edge;
};

enum colour { UNSEEN, OPEN, DONE };

struct search {
    struct compiler *compiler;
    uint8_t *colour;
    uint32_t *height; /* how many nodes are within one another below */
    struct frame *frames;
    size_t depth;
    struct edge *edges; /* of the nodes on the stack */
    size_t edge_count, edge_room;
    size_t ordered;
};

void in_place_nodes(const struct node *node,
                    void (*visit)(void *context, uint32_t node, uint32_t cell), void *context)
{
    for (uint32_t i = 0; i < node->plain_count; i++) {
        const struct instruction *it = &node->plain[i];

        switch ((enum keyword)it->keyword) {
        case KEYWORD_REF:
        case KEYWORD_DYNAMIC_REF:
        case KEYWORD_NOT:
            visit(context, it->node, it->cell);
            break;
        case KEYWORD_ALL_OF:
        case KEYWORD_ANY_OF:
        case KEYWORD_ONE_OF:
            for (uint32_t k = 0; k < it->alternatives->count; k++)
                visit(context, it->alternatives->nodes[k], it->cell);
            break;
        case KEYWORD_IF:
            visit(context, it->node, it->cell);
            if (it->condition->then_node != NODE_NONE)
                visit(context, it->condition->then_node, it->cell);
            if (it->condition->else_node != NODE_NONE)
                visit(context, it->condition->else_node, it->cell);
            break;
        case KEYWORD_DEPENDENT_SCHEMAS:
        case KEYWORD_DEPENDENCIES:
            for (uint32_t k = 0; k < it->dependencies->count; k++) {
                if (it->dependencies->items[k].node != NODE_NONE)
                    visit(context, it->dependencies->items[k].node, it->cell);
            }
            break;
        default:
            break;
        }
    }
}

static void add_edge(void *context, uint32_t node, uint32_t cell)
{
    struct search *search = context;

    if (search->edge_count == search->edge_room) {
        size_t room = search->edge_room ? search->edge_room * 2 : 64;

        search->edges =
            arena_grow(search->compiler->scratch, search->edges,
                       search->edge_room * sizeof(struct edge), room * sizeof(struct edge));
        search->edge_room = room;
    }
    search->edges[search->edge_count++] = (struct edge){node, cell};
}

static void open_node(struct search *search, uint32_t node)
{
    struct frame *frame = &search->frames[search->depth++];

    search->colour[node] = OPEN;
    *frame = (struct frame){node, search->edge_count, search->edge_count, 0};
    in_place_nodes(&search->compiler->nodes[node], add_edge, search);
    frame->last_edge = search->edge_count;
}

static void say_loop(struct search *search, struct edge closing)
{
    struct compiler *compiler = search->compiler;
    struct buffer names = buffer_in(compiler->scratch);
    size_t from = search->depth;
    struct text name;

    while (search->frames[from - 1].node != closing.node)
        from--;
    for (size_t i = from - 1; i < search->depth; i++) {
        name = outline_location(&compiler->outline, compiler->nodes[search->frames[i].node].cell);
        buffer_printf(&names, "'%.*s' -> ", TEXT_ARG(text_cut(name, 100)));
        if (names.len > 600) {
            buffer_put(&names, TEXT("... -> "));
            break;
        }
    }
    name = outline_location(&compiler->outline, compiler->nodes[closing.node].cell);
    diagnostic_hint(compiler->diagnostics,
                    OUTLINE_SAY(&compiler->outline, closing.cell, DIAGNOSTIC_E0203,
                                "checking a value would never end: %.*s'%.*s'",
                                TEXT_ARG(buffer_text(&names)), TEXT_ARG(text_cut(name, 100))),
                    "a schema may refer to itself only for a member or an item of the value");
}

static bool close_node(struct search *search)
{
    struct compiler *compiler = search->compiler;
    struct frame *frame = &search->frames[--search->depth];
    uint32_t height = 0;

    for (size_t i = frame->first_edge; i < frame->last_edge; i++) {
        if (search->height[search->edges[i].node] > height)
            height = search->height[search->edges[i].node];
    }
    search->height[frame->node] = height + 1;
    search->edge_count = frame->first_edge;
    search->colour[frame->node] = DONE;
    compiler->order[search->ordered++] = frame->node;
    if (height < IN_PLACE_MAX)
        return true;
    OUTLINE_SAY(&compiler->outline, compiler->nodes[frame->node].cell, DIAGNOSTIC_E0201,
                "more than %d schemas within one another apply to the same value", IN_PLACE_MAX);
    return false;
}

static bool search_from(struct search *search, uint32_t node)
{
    open_node(search, node);
    while (search->depth > 0) {
        struct frame *frame = &search->frames[search->depth - 1];
        struct edge edge;

        if (frame->next_edge == frame->last_edge) {
            if (!close_node(search))
                return false;
            continue;
        }
        edge = search->edges[frame->next_edge++];
        if (search->colour[edge.node] == OPEN) {
            say_loop(search, edge);
            return false;
        }
        if (search->colour[edge.node] == UNSEEN)
            open_node(search, edge.node);
    }
    return true;
}

bool compile_order(struct compiler *compiler)
{
    size_t count = compiler->node_count;
    struct search search = {
        .compiler = compiler,
        .colour = ARENA_ARRAY(compiler->scratch, uint8_t, count),
        .height = ARENA_ARRAY(compiler->scratch, uint32_t, count),
        .frames = ARENA_ARRAY(compiler->scratch, struct frame, count),
    };

    compiler->order = ARENA_ARRAY(compiler->scratch, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        if (search.colour[i] == UNSEEN && !search_from(&search, i))
            return false;
    }
    return true;
}
