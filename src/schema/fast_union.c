/* Alternatives and conditions. Those that are known to hold or fail for the whole kind fold away;
 * what is left is tried, or found by its tag. */
#include "schema/fast_make.h"

static void put_branches(struct making *it, enum op op, const struct branch *branches,
                         uint32_t count)
{
    struct branch *kept = ARENA_ARRAY(it->compiler->arena, struct branch, count);
    bool tracked = false;

    for (uint32_t i = 0; i < count; i++) {
        kept[i] = branches[i];
        tracked = tracked || branches[i].source != 0;
    }
    making_put(it, (struct code){.op = (uint8_t)op, .a = count, .data = kept, .high = tracked});
}

/* A look-up of the tag instead of trying; every remaining alternative has one of its own. */
static void put_by_tag(struct making *it, const struct alternatives *alternatives)
{
    struct arena *arena = it->compiler->arena;
    struct tag_choice *choice = ARENA_NEW(arena, struct tag_choice);
    struct name_set *set = &choice->set;

    choice->tag = known_name_of(alternatives->tag);
    set->names = ARENA_ARRAY(arena, struct known_name, alternatives->count);
    for (uint32_t i = 0; i < alternatives->count; i++) {
        struct branch branch;

        if (entry_of(it, alternatives->nodes[i]) == ENTRY_REJECT)
            continue;
        branch = make_branch(it, alternatives->nodes[i]);
        set->names[set->count] = known_name_of(alternatives->tag_values[i]);
        set->names[set->count].entry = branch.entry;
        set->names[set->count++].sources = branch.source;
    }
    name_set_init(set, arena);
    making_put(it, (struct code){.op = OP_BY_TAG, .data = choice});
}

static void put_union(struct making *it, const struct alternatives *alternatives, bool exactly_one)
{
    struct compiler *compiler = it->compiler;
    struct branch *branches = ARENA_ARRAY(compiler->scratch, struct branch, alternatives->count);
    uint32_t count = 0;
    bool accepting = false, tracked = false;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        if (entry_of(it, alternatives->nodes[i]) == ENTRY_REJECT)
            continue;
        branches[count] = make_branch(it, alternatives->nodes[i]);
        accepting = accepting || branches[count].entry == ENTRY_ACCEPT;
        tracked = tracked || branches[count].source != 0;
        count++;
    }
    if (!accepting || exactly_one || tracked)
        put_branches(it, exactly_one ? OP_EXACTLY_ONE : OP_ANY, branches, count);
}

void make_union(struct making *it, struct alternatives *alternatives, bool exactly_one)
{
    uint32_t count = 0, accepting = 0, last = NODE_NONE;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        uint32_t entry = entry_of(it, alternatives->nodes[i]);

        accepting += entry == ENTRY_ACCEPT;
        if (entry != ENTRY_REJECT) {
            last = alternatives->nodes[i];
            count++;
        }
    }
    if (count == 0 || (exactly_one && accepting > 1)) {
        it->rejects = true;
    } else if (count == 1) {
        make_reference(it, last);
    } else {
        if (it->kind == CELL_OBJECT && alternatives->tag_values == NULL)
            find_tag(it->compiler, alternatives);
        if (it->kind == CELL_OBJECT && alternatives->tag_values != NULL)
            put_by_tag(it, alternatives);
        else
            put_union(it, alternatives, exactly_one);
    }
}

void make_not(struct making *it, uint32_t node)
{
    uint32_t entry = entry_of(it, node);

    if (entry == ENTRY_ACCEPT)
        it->rejects = true;
    else if (entry != ENTRY_REJECT)
        making_put(it, (struct code){.op = OP_NOT, .a = entry});
}

void make_if(struct making *it, const struct instruction *from)
{
    uint32_t entry = entry_of(it, from->node);
    struct branch branches[3];
    bool nothing = true;

    if (entry == ENTRY_ACCEPT) {
        make_reference(it, from->node);
        make_reference(it, from->condition->then_node);
    } else if (entry == ENTRY_REJECT) {
        make_reference(it, from->condition->else_node);
    } else {
        branches[0] = make_branch(it, from->node);
        branches[1] = make_branch(it, from->condition->then_node);
        branches[2] = make_branch(it, from->condition->else_node);
        for (int i = 0; i < 3; i++)
            nothing =
                nothing && branches[i].source == 0 && (i == 0 || branches[i].entry == ENTRY_ACCEPT);
        if (!nothing)
            put_branches(it, OP_IF, branches, 3);
    }
}

void make_dependencies(struct making *it, const struct dependencies *dependencies)
{
    struct arena *arena = it->compiler->arena;
    struct dependent_branches *all = ARENA_NEW(arena, struct dependent_branches);

    all->items = ARENA_ARRAY(arena, struct dependent_branch, dependencies->count);
    for (uint32_t i = 0; i < dependencies->count; i++) {
        const struct dependency *from = &dependencies->items[i];
        struct dependent_branch *to = &all->items[all->count];

        *to = (struct dependent_branch){.name = from->name, .names = from->names};
        to->branch = make_branch(it, from->node);
        if (to->names != CELL_NONE || to->branch.entry != ENTRY_ACCEPT || to->branch.source != 0)
            all->count++;
    }
    if (all->count > 0)
        making_put(it, (struct code){.op = OP_DEPENDENT, .data = all});
}
