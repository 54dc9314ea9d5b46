/* The plain program: one keyword after another as the author wrote them. It runs in three cases: to
 * explain; for schemas with `unevaluated*`, where what the keywords have evaluated is marked; and
 * as the reference for the fast program.
 *
 * Marks. A node with `unevaluated*` begins a set of its own, and everything below it that looks at
 * the same value marks into it. What may fail without failing the whole (`anyOf`, `oneOf`, `if`)
 * marks into a set for itself, which is added when it holds. While explaining, a set is kept even
 * if its schema failed: the verdict is false already, and the author's mistake is elsewhere. */
#include "schema/plain.h"

#include "base/check.h"

bool plain_holds(struct run *run, uint32_t node, uint32_t at)
{
    return plain_try(run, node, (struct visit){.at = at});
}

static const struct kept_step *keep(struct run *run, struct step *step)
{
    struct step *chain[CHECK_DEPTH_MAX * 2];
    size_t count = 0;
    const struct kept_step *up;

    while (step != NULL && step->kept == NULL && count < CHECK_DEPTH_MAX * 2) {
        chain[count++] = step;
        step = step->up;
    }
    up = step != NULL ? step->kept : NULL;
    while (count > 0) {
        struct kept_step *kept = ARENA_NEW(run->arena, struct kept_step);

        step = chain[--count];
        *kept = (struct kept_step){up, step->keyword, step->name, step->index};
        up = step->kept = kept;
    }
    return up;
}

void listing_add(struct run *run, struct finding finding)
{
    struct listing *listing = run->listing;

    if (listing->count >= VIOLATIONS_COUNTED || run->undecided != DECIDED)
        return;
    if (listing->count == listing->room) {
        size_t room = listing->room ? listing->room * 2 : 8;

        listing->items =
            arena_grow(run->arena, listing->items, listing->room * sizeof *listing->items,
                       room * sizeof *listing->items);
        listing->room = room;
    }
    listing->items[listing->count++] = finding;
    ++*listing->spent;
}

bool plain_tell(struct run *run, const struct instruction *instruction, const struct visit *visit,
                struct finding finding)
{
    if (run->listing == NULL)
        return false;
    if (finding.keyword == KEYWORD_NONE)
        finding.keyword = (enum keyword)instruction->keyword;
    if (finding.cell == 0)
        finding.cell = visit->at;
    finding.instruction = instruction;
    finding.depth = visit->depth + (finding.cell != visit->at);
    finding.is_name = visit->is_name;
    finding.owner = visit->owner;
    finding.path = keep(run, visit->path);
    listing_add(run, finding);
    return false;
}

static bool refuse(struct run *run, const struct instruction *instruction,
                   const struct visit *visit)
{
    return plain_tell(run, instruction, visit, (struct finding){.sort = FINDING_PLAIN});
}

bool plain_try(struct run *run, uint32_t node, struct visit visit)
{
    struct listing *listing = run->listing;
    bool holds;

    run->listing = NULL;
    holds = plain_node(run, node, visit);
    run->listing = listing;
    return holds;
}

/* A value inside the visited one, or the name of a member. */
static bool visit_child(struct run *run, uint32_t node, const struct visit *from, uint32_t at,
                        bool is_name, struct step step)
{
    bool undeclared = step.keyword == KEYWORD_ADDITIONAL_PROPERTIES ||
                      step.keyword == KEYWORD_UNEVALUATED_PROPERTIES;

    if (run->listing == NULL && !run->plain_only)
        return run_node(run, node, at);
    step.up = from->path;
    return plain_node(run, node,
                      (struct visit){.at = at,
                                     .depth = from->depth + 1,
                                     .is_name = is_name,
                                     .owner = undeclared ? from->node + 1 : 0,
                                     .path = &step});
}

/* Another schema for the same value. */
static bool visit_here(struct run *run, uint32_t node, const struct visit *from, struct step step)
{
    struct visit visit = *from;

    if (run->listing == NULL && !run->plain_only && from->marks == NULL)
        return run_node(run, node, from->at);
    step.up = from->path;
    visit.path = &step;
    return plain_node(run, node, visit);
}

static void mark(struct run *run, const struct visit *visit, uint32_t index)
{
    if (visit->marks != NULL)
        marks_set(run, *visit->marks, index);
}

/* Going on makes sense: everything holds so far, or everything wrong is to be told. */
static bool goes_on(const struct run *run, bool holds)
{
    return run->undecided == DECIDED && (holds || run->listing != NULL);
}

/* --- objects --- */

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

static bool run_properties(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct members *members = it->members;
    bool holds = true;

    for (struct member_walk walk = walk_members(run, visit);
         walk.key < walk.end && goes_on(run, holds); step_member(&walk)) {
        struct text name = cell_text(&run->cells[walk.key]);
        uint32_t slot = name_table_find(&members->table, members->slots, name);

        if (!spend(run, 1) || slot == UINT32_MAX || members->slots[slot].node == NODE_NONE)
            continue;
        mark(run, visit, walk.index);
        holds = visit_child(run, members->slots[slot].node, visit, walk.key + 1, false,
                            (struct step){.keyword = KEYWORD_PROPERTIES,
                                          .name = members->slots[slot].name,
                                          .index = UINT32_MAX}) &&
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
         walk.key < walk.end && goes_on(run, holds); step_member(&walk)) {
        for (uint32_t i = 0; i < members->rule_count && goes_on(run, holds); i++) {
            const struct pattern_rule *rule = &members->rules[i];

            if (!assert_pattern(run, rule->pattern, cell_text(&run->cells[walk.key])))
                continue;
            mark(run, visit, walk.index);
            holds = visit_child(run, rule->node, visit, walk.key + 1, false,
                                (struct step){.keyword = KEYWORD_PATTERN_PROPERTIES,
                                              .name = pattern_source(rule->pattern),
                                              .index = UINT32_MAX}) &&
                    holds;
        }
    }
    return holds;
}

static bool is_declared(struct run *run, const struct members *members, struct text name)
{
    uint32_t slot = name_table_find(&members->table, members->slots, name);

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
         walk.key < walk.end && goes_on(run, holds); step_member(&walk)) {
        if (!spend(run, 1) || is_declared(run, it->members, cell_text(&run->cells[walk.key])))
            continue;
        mark(run, visit, walk.index);
        holds = visit_child(
                    run, it->members->additional, visit, walk.key + 1, false,
                    (struct step){.keyword = KEYWORD_ADDITIONAL_PROPERTIES, .index = UINT32_MAX}) &&
                holds;
    }
    return holds;
}

static bool run_property_names(struct run *run, const struct instruction *it,
                               const struct visit *visit)
{
    bool holds = true;

    for (struct member_walk walk = walk_members(run, visit);
         walk.key < walk.end && goes_on(run, holds); step_member(&walk))
        holds =
            spend(run, 1) &&
            visit_child(run, it->members->names, visit, walk.key, true,
                        (struct step){.keyword = KEYWORD_PROPERTY_NAMES, .index = UINT32_MAX}) &&
            holds;
    return holds;
}

static bool run_unevaluated_properties(struct run *run, const struct instruction *it,
                                       const struct visit *visit)
{
    bool holds = true;

    CHECK(visit->marks != NULL);
    for (struct member_walk walk = walk_members(run, visit);
         walk.key < walk.end && goes_on(run, holds); step_member(&walk)) {
        if (!spend(run, 1) || marks_has(run, *visit->marks, walk.index))
            continue;
        holds = visit_child(run, it->node, visit, walk.key + 1, false,
                            (struct step){.keyword = KEYWORD_UNEVALUATED_PROPERTIES,
                                          .index = UINT32_MAX}) &&
                holds;
    }
    marks_set_all(run, *visit->marks);
    return holds;
}

static bool tell_missing(struct run *run, const struct instruction *it, const struct visit *visit,
                         struct text name)
{
    return plain_tell(run, it, visit, (struct finding){.sort = FINDING_MISSING, .name = name});
}

static bool run_required(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct members *members = it->members;
    struct arena scratch = {0};
    uint64_t *seen = ARENA_ARRAY(&scratch, uint64_t, ((size_t)members->required_count + 63) / 64);
    bool holds = true;

    find_required(run, members, visit->at, seen);
    for (uint32_t i = 0; i < members->required_count && goes_on(run, holds); i++) {
        if ((seen[i / 64] >> i % 64 & 1) == 0)
            holds = tell_missing(run, it, visit, members->slots[members->requested[i]].name);
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
        return visit_here(
            run, dependency->node, visit,
            (struct step){.keyword = it->keyword, .name = dependency->name, .index = UINT32_MAX});
    for (uint32_t at = dependency->names + 1;
         at < document_cell(schema, dependency->names)->end && goes_on(run, holds); at++) {
        if (find_member(run, visit->at, document_text(schema, at)) == CELL_NONE)
            holds = tell_missing(run, it, visit, document_text(schema, at));
    }
    return holds;
}

static bool run_dependencies(struct run *run, const struct instruction *it,
                             const struct visit *visit)
{
    bool holds = true;

    for (uint32_t i = 0; i < it->dependencies->count && goes_on(run, holds); i++) {
        const struct dependency *dependency = &it->dependencies->items[i];

        if (find_member(run, visit->at, dependency->name) != CELL_NONE)
            holds = run_dependency(run, it, dependency, visit) && holds;
    }
    return holds;
}

/* --- arrays --- */

static bool run_prefix_items(struct run *run, const struct instruction *it,
                             const struct visit *visit)
{
    uint32_t item = visit->at + 1, end = run->cells[visit->at].end;
    bool holds = true;

    for (uint32_t i = 0; i < it->alternatives->count && item < end && goes_on(run, holds); i++) {
        mark(run, visit, i);
        holds = spend(run, 1) &&
                visit_child(run, it->alternatives->nodes[i], visit, item, false,
                            (struct step){.keyword = KEYWORD_PREFIX_ITEMS, .index = i}) &&
                holds;
        item = next_cell(run->cells, item);
    }
    return holds;
}

/* The items from `first` on that are not marked in `skip` (which may be NULL). */
static bool run_rest(struct run *run, const struct instruction *it, const struct visit *visit,
                     uint32_t first, const struct marks *skip)
{
    uint32_t item = visit->at + 1, end = run->cells[visit->at].end;
    bool holds = true;

    for (uint32_t i = 0; item < end && goes_on(run, holds); i++) {
        bool passed = i < first || (skip != NULL && marks_has(run, *skip, i));

        if (!passed)
            holds = spend(run, 1) &&
                    visit_child(run, it->node, visit, item, false,
                                (struct step){.keyword = it->keyword, .index = UINT32_MAX}) &&
                    holds;
        item = next_cell(run->cells, item);
    }
    if (visit->marks != NULL)
        marks_set_all(run, *visit->marks);
    return holds;
}

static bool tell_contained(struct run *run, const struct instruction *it, const struct visit *visit,
                           uint64_t count)
{
    const struct containment *wanted = it->containment;

    if (count < wanted->least)
        return plain_tell(run, it, visit,
                          (struct finding){.sort = FINDING_FEW,
                                           .keyword = wanted->least_cell == CELL_NONE
                                                          ? KEYWORD_CONTAINS
                                                          : KEYWORD_MIN_CONTAINS,
                                           .a = count});
    if (count > wanted->most)
        return plain_tell(
            run, it, visit,
            (struct finding){.sort = FINDING_MANY, .keyword = KEYWORD_MAX_CONTAINS, .a = count});
    return true;
}

static bool run_contains(struct run *run, const struct instruction *it, const struct visit *visit)
{
    struct listing *listing = run->listing;
    uint32_t item = visit->at + 1, end = run->cells[visit->at].end;
    uint64_t count = 0;

    run->listing = NULL;
    for (uint32_t i = 0; item < end && run->undecided == DECIDED; i++) {
        if (spend(run, 1) &&
            visit_child(run, it->node, visit, item, false,
                        (struct step){.keyword = KEYWORD_CONTAINS, .index = UINT32_MAX})) {
            count++;
            mark(run, visit, i);
        }
        item = next_cell(run->cells, item);
    }
    run->listing = listing;
    return tell_contained(run, it, visit, count);
}

static uint32_t index_of_item(const struct run *run, uint32_t array, uint32_t item)
{
    uint32_t index = 0;

    for (uint32_t at = array + 1; at < item; at = next_cell(run->cells, at))
        index++;
    return index;
}

static bool run_unique(struct run *run, const struct instruction *it, const struct visit *visit)
{
    uint32_t first, second;

    if (!find_equal_items(run, visit->at, &first, &second))
        return run->undecided == DECIDED;
    if (run->listing == NULL)
        return false;
    return plain_tell(run, it, visit,
                      (struct finding){.sort = FINDING_PLAIN,
                                       .a = index_of_item(run, visit->at, first),
                                       .b = index_of_item(run, visit->at, second)});
}

/* --- any value --- */

static bool run_all_of(struct run *run, const struct instruction *it, const struct visit *visit)
{
    bool holds = true;

    for (uint32_t i = 0; i < it->alternatives->count && goes_on(run, holds); i++)
        holds = visit_here(run, it->alternatives->nodes[i], visit,
                           (struct step){.keyword = KEYWORD_ALL_OF, .index = i}) &&
                holds;
    return holds;
}

static bool run_not(struct run *run, const struct instruction *it, const struct visit *visit)
{
    struct visit inside = {.at = visit->at, .depth = visit->depth, .is_name = visit->is_name};

    bool fits =
        run->plain_only ? plain_try(run, it->node, inside) : run_node(run, it->node, visit->at);

    if (!fits)
        return run->undecided == DECIDED;
    return refuse(run, it, visit);
}

static bool run_if(struct run *run, const struct instruction *it, const struct visit *visit)
{
    struct visit condition = *visit;
    struct marks marks;
    uint32_t node;
    bool holds;

    if (visit->marks != NULL) {
        marks = marks_begin(run, visit->at);
        condition.marks = &marks;
    }
    holds = plain_try(run, it->node, condition);
    if (visit->marks != NULL) {
        if (holds)
            marks_add(run, *visit->marks, marks);
        marks_end(run, marks);
    }
    node = holds ? it->condition->then_node : it->condition->else_node;
    if (run->undecided != DECIDED || node == NODE_NONE)
        return run->undecided == DECIDED;
    return visit_here(
        run, node, visit,
        (struct step){.keyword = holds ? KEYWORD_THEN : KEYWORD_ELSE, .index = UINT32_MAX});
}

static bool holds_for(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct cell *cell = &run->cells[visit->at];

    switch ((enum keyword)it->keyword) {
    case KEYWORD_NONE:
        return false;
    case KEYWORD_TYPE:
        return (it->types & KIND_BIT(cell_kind(cell))) != 0;
    case KEYWORD_ENUM:
    case KEYWORD_CONST:
        return assert_choice(run, it->choice, visit->at);
    case KEYWORD_MULTIPLE_OF:
    case KEYWORD_MINIMUM:
    case KEYWORD_EXCLUSIVE_MINIMUM:
    case KEYWORD_MAXIMUM:
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        return assert_number((enum keyword)it->keyword, &it->bound, cell);
    case KEYWORD_MIN_LENGTH:
        return assert_length(cell, it->count, UINT64_MAX);
    case KEYWORD_MAX_LENGTH:
        return assert_length(cell, 0, it->count);
    case KEYWORD_PATTERN:
        return assert_pattern(run, it->pattern, cell_text(cell));
    case KEYWORD_FORMAT:
        return assert_format(run, it->format, cell_text(cell));
    case KEYWORD_MIN_ITEMS:
    case KEYWORD_MIN_PROPERTIES:
        return cell->size >= it->count;
    case KEYWORD_MAX_ITEMS:
    case KEYWORD_MAX_PROPERTIES:
        return cell->size <= it->count;
    default:
        NEVER("a keyword that leads to other schemas");
    }
}

static bool run_instruction(struct run *run, const struct instruction *it,
                            const struct visit *visit)
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
    case KEYWORD_DEPENDENT_REQUIRED:
    case KEYWORD_DEPENDENT_SCHEMAS:
    case KEYWORD_DEPENDENCIES:
        return run_dependencies(run, it, visit);
    case KEYWORD_PREFIX_ITEMS:
        return run_prefix_items(run, it, visit);
    case KEYWORD_ITEMS:
        return run_rest(run, it, visit, it->first, NULL);
    case KEYWORD_UNEVALUATED_ITEMS:
        CHECK(visit->marks != NULL);
        return run_rest(run, it, visit, 0, visit->marks);
    case KEYWORD_CONTAINS:
        return run_contains(run, it, visit);
    case KEYWORD_UNIQUE_ITEMS:
        return run_unique(run, it, visit);
    case KEYWORD_ALL_OF:
        return run_all_of(run, it, visit);
    case KEYWORD_ANY_OF:
    case KEYWORD_ONE_OF:
        return plain_union(run, it, visit);
    case KEYWORD_NOT:
        return run_not(run, it, visit);
    case KEYWORD_IF:
        return run_if(run, it, visit);
    case KEYWORD_REF:
    case KEYWORD_DYNAMIC_REF:
        return visit_here(run, it->node, visit,
                          (struct step){.keyword = it->keyword, .index = UINT32_MAX});
    default:
        return holds_for(run, it, visit) || refuse(run, it, visit);
    }
}

static bool run_instructions(struct run *run, const struct node *node, const struct visit *visit)
{
    unsigned kind = KIND_BIT(cell_kind(&run->cells[visit->at]));
    bool holds = true;

    for (uint32_t i = 0; i < node->plain_count && goes_on(run, holds); i++) {
        if ((node->plain[i].kinds & kind) != 0)
            holds = spend(run, 1) && run_instruction(run, &node->plain[i], visit) && holds;
    }
    return holds && run->undecided == DECIDED;
}

bool plain_node(struct run *run, uint32_t index, struct visit visit)
{
    const struct node *node = &run->schema->nodes[index];
    struct marks *outer = visit.marks, own;
    bool tracks = node->tracks && run->cells[visit.at].type >= CELL_ARRAY, holds;

    if (run->depth + 1 > CHECK_DEPTH_MAX)
        return give_up(run, TOO_DEEP);
    run->depth++;
    visit.node = index;
    if (tracks) {
        own = marks_begin(run, visit.at);
        visit.marks = &own;
    }
    holds = run_instructions(run, node, &visit);
    if (tracks) {
        if (outer != NULL)
            marks_add(run, *outer, own);
        marks_end(run, own);
    }
    run->depth--;
    return holds;
}
