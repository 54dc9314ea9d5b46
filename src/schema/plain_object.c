/* The keywords about members, each by a walk of its own in the order of the document. */
#include "schema/plain.h"

#include "base/check.h"

/* Walks the members: `key` is a cell, `index` counts. */
struct member_walk {
    const struct cell *cells;
    uint32_t key, end, index;
};

static struct member_walk walk_members(const struct run *run, const struct visit *visit)
{
    return (struct member_walk){run->cells, visit->at + 1, run->cells[visit->at].end, 0};
}

static void step_member(struct member_walk *walk)
{
    walk->key = next_cell(walk->cells, walk->key + 1);
    walk->index++;
}

static size_t push_nodes(struct run *run, size_t count)
{
    size_t at = run->member_nodes_used, end = at + count;

    if (end > run->member_nodes_room) {
        size_t room = end * 2 + 16;

        run->member_nodes = arena_grow(run->arena, run->member_nodes, at * sizeof(uint32_t),
                                       room * sizeof(uint32_t));
        run->member_nodes_room = room;
    }
    run->member_nodes_used = end;
    return at;
}

struct member_slots plain_slots(struct run *run, const struct members *members, uint32_t object)
{
    const struct cell *cells = run->cells, *end = cells + cells[object].end;
    struct member_slots found = {.at = push_nodes(run, cells[object].size)};
    uint32_t expected = 0, slot, *out = run->member_nodes + found.at;

    spend(run, cells[object].size);
    for (const struct cell *name = cells + object + 1; name < end;
         name = next_of(cells, name + 1)) {
        /* Documents mostly follow the order of their schema. */
        if (expected < members->slot_count && name_is(&members->known[expected], name))
            slot = expected;
        else
            slot = name_table_find(&members->table, members->slots, cell_text(name));
        *out = NODE_NONE;
        if (slot != UINT32_MAX) {
            *out = members->slots[slot].node;
            found.required |= members->slots[slot].required;
            expected = slot + 1;
        }
        found.undeclared += *out++ == NODE_NONE;
    }
    return found;
}

/* From this member on, the first that `properties` has a node for and that is not known to be
 * accepted: the node, or NODE_NONE when there is none. */
static uint32_t pass_members(struct run *run, const struct visit *visit, struct member_walk *walk)
{
    /* They stay there should the stack move. */
    const uint32_t *nodes = run->member_nodes + visit->slots.at;
    struct member_walk here = *walk;
    uint32_t node = NODE_NONE;

    for (; here.key < here.end; step_member(&here)) {
        node = nodes[here.index];
        if (node == NODE_NONE)
            continue;
        plain_mark(run, visit, here.index);
        if (!plain_accepts(run, node, visit, here.key + 1))
            break;
    }
    *walk = here;
    return here.key < here.end ? node : NODE_NONE;
}

static bool run_properties(struct run *run, const struct visit *visit)
{
    struct member_walk walk = walk_members(run, visit);
    uint32_t node;
    bool holds = true;

    while (plain_goes_on(run, holds) && (node = pass_members(run, visit, &walk)) != NODE_NONE) {
        holds = plain_child(run, node, visit, walk.key + 1, false,
                            &(struct step){.keyword = KEYWORD_PROPERTIES,
                                           .name = cell_text(&run->cells[walk.key]),
                                           .index = UINT32_MAX}) &&
                holds;
        step_member(&walk);
    }
    return holds;
}

static bool run_pattern_properties(struct run *run, const struct instruction *it,
                                   const struct visit *visit)
{
    const struct members *members = it->members;
    bool holds = true;

    for (struct member_walk walk = walk_members(run, visit);
         walk.key < walk.end && plain_goes_on(run, holds); step_member(&walk)) {
        for (uint32_t i = 0; i < members->rule_count && plain_goes_on(run, holds); i++) {
            const struct pattern_rule *rule = &members->rules[i];

            if (!assert_pattern(run, rule->pattern, cell_text(&run->cells[walk.key])))
                continue;
            plain_mark(run, visit, walk.index);
            holds = (plain_accepts(run, rule->node, visit, walk.key + 1) ||
                     plain_child(run, rule->node, visit, walk.key + 1, false,
                                 &(struct step){.keyword = KEYWORD_PATTERN_PROPERTIES,
                                                .name = pattern_source(rule->pattern),
                                                .index = UINT32_MAX})) &&
                    holds;
        }
    }
    return holds;
}

static bool is_declared(struct run *run, const struct members *members, uint32_t node,
                        struct text name)
{
    if (node != NODE_NONE)
        return true;
    for (uint32_t i = 0; i < members->rule_count; i++) {
        if (assert_pattern(run, members->rules[i].pattern, name))
            return true;
    }
    return false;
}

static bool run_additional(struct run *run, const struct instruction *it, const struct visit *visit)
{
    bool holds = true;

    for (struct member_walk walk = walk_members(run, visit);
         walk.key < walk.end && plain_goes_on(run, holds); step_member(&walk)) {
        uint32_t node = run->member_nodes[visit->slots.at + walk.index];

        if (is_declared(run, it->members, node, cell_text(&run->cells[walk.key])))
            continue;
        plain_mark(run, visit, walk.index);
        holds = (plain_accepts(run, it->members->additional, visit, walk.key + 1) ||
                 plain_child(run, it->members->additional, visit, walk.key + 1, false,
                             &(struct step){.keyword = KEYWORD_ADDITIONAL_PROPERTIES,
                                            .index = UINT32_MAX})) &&
                holds;
    }
    return holds;
}

static bool run_property_names(struct run *run, const struct instruction *it,
                               const struct visit *visit)
{
    bool holds = true;

    for (struct member_walk walk = walk_members(run, visit);
         walk.key < walk.end && plain_goes_on(run, holds); step_member(&walk))
        holds =
            (plain_accepts(run, it->members->names, visit, walk.key) ||
             plain_child(run, it->members->names, visit, walk.key, true,
                         &(struct step){.keyword = KEYWORD_PROPERTY_NAMES, .index = UINT32_MAX})) &&
            holds;
    return holds;
}

static bool run_unevaluated_properties(struct run *run, const struct instruction *it,
                                       const struct visit *visit)
{
    bool holds = true;

    CHECK(visit->marks != NULL);
    for (struct member_walk walk = walk_members(run, visit);
         walk.key < walk.end && plain_goes_on(run, holds); step_member(&walk)) {
        if (!spend(run, 1) || marks_has(run, *visit->marks, walk.index))
            continue;
        holds = (plain_accepts(run, it->node, visit, walk.key + 1) ||
                 plain_child(run, it->node, visit, walk.key + 1, false,
                             &(struct step){.keyword = KEYWORD_UNEVALUATED_PROPERTIES,
                                            .index = UINT32_MAX})) &&
                holds;
    }
    marks_set_all(run, *visit->marks);
    return holds;
}

static bool tell_missing(struct run *run, const struct instruction *it, const struct visit *visit,
                         struct text name, uint32_t dependency)
{
    return plain_tell(run, it, visit,
                      &(struct finding){.sort = FINDING_MISSING, .name = name, .a = dependency});
}

static bool run_required(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct members *members = it->members;
    struct arena scratch = {0};
    uint64_t bits = visit->slots.required, *seen = &bits;
    bool holds = true;

    if (members->required_count > 64) {
        seen = ARENA_ARRAY(&scratch, uint64_t, ((size_t)members->required_count + 63) / 64);
        find_required(run, members, visit->at, seen);
    }
    for (uint32_t i = 0; i < members->required_count && plain_goes_on(run, holds); i++) {
        if ((seen[i / 64] >> i % 64 & 1) == 0)
            holds = tell_missing(run, it, visit, members->slots[members->requested[i]].name, 0);
    }
    arena_release(&scratch);
    return holds;
}

static bool run_dependency(struct run *run, const struct instruction *it,
                           const struct dependency *dependency, const struct visit *visit)
{
    const struct document *schema = run->schema->document;
    bool holds = true;

    if (dependency->node != NODE_NONE)
        return plain_here(
            run, dependency->node, visit,
            &(struct step){.keyword = it->keyword, .name = dependency->name, .index = UINT32_MAX});
    for (uint32_t at = dependency->names + 1;
         at < document_cell(schema, dependency->names)->end && plain_goes_on(run, holds); at++) {
        if (find_member(run, visit->at, document_text(schema, at)) == CELL_NONE)
            holds = tell_missing(run, it, visit, document_text(schema, at),
                                 (uint32_t)(dependency - it->dependencies->items));
    }
    return holds;
}

static bool run_dependencies(struct run *run, const struct instruction *it,
                             const struct visit *visit)
{
    bool holds = true;

    for (uint32_t i = 0; i < it->dependencies->count && plain_goes_on(run, holds); i++) {
        const struct dependency *dependency = &it->dependencies->items[i];

        if (find_member(run, visit->at, dependency->name) != CELL_NONE)
            holds = run_dependency(run, it, dependency, visit) && holds;
    }
    return holds;
}

bool plain_object(struct run *run, const struct instruction *it, const struct visit *visit)
{
    switch ((enum keyword)it->keyword) {
    case KEYWORD_PROPERTIES:
        return run_properties(run, visit);
    case KEYWORD_PATTERN_PROPERTIES:
        return run_pattern_properties(run, it, visit);
    case KEYWORD_ADDITIONAL_PROPERTIES:
        return run_additional(run, it, visit);
    case KEYWORD_PROPERTY_NAMES:
        return run_property_names(run, it, visit);
    case KEYWORD_UNEVALUATED_PROPERTIES:
        return run_unevaluated_properties(run, it, visit);
    case KEYWORD_REQUIRED:
        return run_required(run, it, visit);
    default:
        return run_dependencies(run, it, visit);
    }
}
