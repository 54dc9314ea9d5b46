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

/* Without a call for names of up to 16 bytes, which the first and the last eight are all of. */
static inline bool same_name(struct text a, struct text b)
{
    return a.len == b.len && name_head(a.at, a.len) == name_head(b.at, b.len) &&
           name_tail(a.at, a.len) == name_tail(b.at, b.len) &&
           (a.len <= 16 || memcmp(a.at, b.at, a.len) == 0);
}

static void find_slots(struct run *run, const struct members *members, uint32_t object,
                       uint32_t *slots)
{
    uint32_t end = run->cells[object].end, expected = 0;

    spend(run, run->cells[object].size);
    for (uint32_t key = object + 1; key < end; key = next_cell(run->cells, key + 1)) {
        struct text name = cell_text(&run->cells[key]);

        /* Documents mostly follow the order of their schema. */
        if (expected < members->slot_count && same_name(members->slots[expected].name, name))
            *slots = expected;
        else
            *slots = name_table_find(&members->table, members->slots, name);
        expected = *slots != UINT32_MAX ? *slots + 1 : expected;
        slots++;
    }
}

size_t plain_slots(struct run *run, const struct members *members, uint32_t object)
{
    size_t begin = run->slots_used, end = begin + run->cells[object].size;

    if (end > run->slots_room) {
        size_t room = end * 2 + 16;

        run->slots =
            arena_grow(run->arena, run->slots, begin * sizeof(uint32_t), room * sizeof(uint32_t));
        run->slots_room = room;
    }
    run->slots_used = end;
    find_slots(run, members, object, run->slots + begin);
    return begin;
}

static bool run_properties(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct members *members = it->members;
    bool holds = true;

    for (struct member_walk walk = walk_members(run, visit);
         walk.key < walk.end && plain_goes_on(run, holds); step_member(&walk)) {
        uint32_t slot = run->slots[visit->slots + walk.index];

        if (slot == UINT32_MAX || members->slots[slot].node == NODE_NONE)
            continue;
        plain_mark(run, visit, walk.index);
        holds = (plain_accepts(run, members->slots[slot].node, visit, walk.key + 1) ||
                 plain_child(run, members->slots[slot].node, visit, walk.key + 1, false,
                             (struct step){.keyword = KEYWORD_PROPERTIES,
                                           .name = members->slots[slot].name,
                                           .index = UINT32_MAX})) &&
                holds;
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
                                 (struct step){.keyword = KEYWORD_PATTERN_PROPERTIES,
                                               .name = pattern_source(rule->pattern),
                                               .index = UINT32_MAX})) &&
                    holds;
        }
    }
    return holds;
}

static bool is_declared(struct run *run, const struct members *members, uint32_t slot,
                        struct text name)
{
    if (slot != UINT32_MAX && members->slots[slot].node != NODE_NONE)
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
        uint32_t slot = run->slots[visit->slots + walk.index];

        if (is_declared(run, it->members, slot, cell_text(&run->cells[walk.key])))
            continue;
        plain_mark(run, visit, walk.index);
        holds = (plain_accepts(run, it->members->additional, visit, walk.key + 1) ||
                 plain_child(run, it->members->additional, visit, walk.key + 1, false,
                             (struct step){.keyword = KEYWORD_ADDITIONAL_PROPERTIES,
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
                         (struct step){.keyword = KEYWORD_PROPERTY_NAMES, .index = UINT32_MAX})) &&
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
                             (struct step){.keyword = KEYWORD_UNEVALUATED_PROPERTIES,
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
                      (struct finding){.sort = FINDING_MISSING, .name = name, .a = dependency});
}

enum { REQUIRED_FEW = 256 };

static bool run_required(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct members *members = it->members;
    const uint32_t *slots = run->slots + visit->slots;
    struct arena scratch = {0};
    uint64_t few[REQUIRED_FEW / 64] = {0}, *seen = few;
    bool holds = true;

    if (members->required_count > REQUIRED_FEW)
        seen = ARENA_ARRAY(&scratch, uint64_t, ((size_t)members->required_count + 63) / 64);
    for (uint32_t i = 0; i < run->cells[visit->at].size; i++) {
        uint32_t requested = slots[i] == UINT32_MAX ? 0 : members->slots[slots[i]].requested;

        if (requested > 0)
            seen[(requested - 1) / 64] |= UINT64_C(1) << (requested - 1) % 64;
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
            (struct step){.keyword = it->keyword, .name = dependency->name, .index = UINT32_MAX});
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
        return run_properties(run, it, visit);
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
