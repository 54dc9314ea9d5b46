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

const struct kept_step *step_keep(struct run *run, struct step *step)
{
    struct kept_step *kept;
    struct step *known = step;
    size_t count = 0;

    for (; known != NULL && known->kept == NULL; known = known->up)
        count++;
    if (count == 0)
        return step != NULL ? step->kept : NULL;
    kept = ARENA_ARRAY(run->arena, struct kept_step, count);
    for (struct step *it = step; count-- > 0; it = it->up) {
        kept[count] = (struct kept_step){.up = count > 0       ? &kept[count - 1]
                                               : known != NULL ? known->kept
                                                               : NULL,
                                         .keyword = it->keyword,
                                         .name = it->name,
                                         .index = it->index};
        it->kept = &kept[count];
    }
    return step->kept;
}

struct finding *listing_add(struct run *run, const struct finding *finding)
{
    struct listing *listing = run->listing;

    if (listing_is_full(listing) || run->undecided != DECIDED)
        return NULL;
    if (listing->count == listing->room) {
        size_t room = listing->room ? listing->room * 2 : 8;

        listing->items =
            arena_grow(run->arena, listing->items, listing->room * sizeof *listing->items,
                       room * sizeof *listing->items);
        listing->room = room;
    }
    ++*listing->spent;
    listing->items[listing->count] = *finding;
    return &listing->items[listing->count++];
}

bool plain_tell(struct run *run, const struct instruction *instruction, const struct visit *visit,
                const struct finding *finding)
{
    struct finding *told = run->listing != NULL ? listing_add(run, finding) : NULL;

    if (told == NULL)
        return false;
    if (told->keyword == KEYWORD_NONE)
        told->keyword = (enum keyword)instruction->keyword;
    if (told->cell == 0)
        told->cell = visit->at;
    told->instruction = instruction;
    told->depth = visit->depth + (told->cell != visit->at);
    told->is_name = visit->is_name;
    told->owner = visit->owner;
    told->path = step_keep(run, visit->path);
    return false;
}

static bool refuse(struct run *run, const struct instruction *instruction,
                   const struct visit *visit)
{
    static const struct finding refusal = {.sort = FINDING_PLAIN};

    return plain_tell(run, instruction, visit, &refusal);
}

bool plain_try(struct run *run, uint32_t node, struct visit visit)
{
    struct listing *listing = run->listing;
    bool holds;

    run->listing = NULL;
    holds = plain_node(run, node, &visit);
    run->listing = listing;
    return holds;
}

bool plain_child(struct run *run, uint32_t node, const struct visit *from, uint32_t at,
                 bool is_name, struct step *step)
{
    bool undeclared = step->keyword == KEYWORD_ADDITIONAL_PROPERTIES ||
                      step->keyword == KEYWORD_UNEVALUATED_PROPERTIES;

    if (run->undecided != DECIDED || (run->listing == NULL && !run->plain_only))
        return false;
    step->up = from->path;
    return plain_node(run, node,
                      &(struct visit){.at = at,
                                      .depth = from->depth + 1,
                                      .is_name = is_name,
                                      .owner = undeclared ? from->node + 1 : 0,
                                      .path = step});
}

/* Another schema for the same value. */
bool plain_here(struct run *run, uint32_t node, const struct visit *from, struct step *step)
{
    struct visit visit = *from;

    if (run->listing == NULL && !run->plain_only && from->marks == NULL)
        return run_node(run, node, from->at);
    step->up = from->path;
    visit.path = step;
    return plain_node(run, node, &visit);
}

static bool run_all_of(struct run *run, const struct instruction *it, const struct visit *visit)
{
    bool holds = true;

    for (uint32_t i = 0; i < it->alternatives->count && plain_goes_on(run, holds); i++)
        holds = plain_here(run, it->alternatives->nodes[i], visit,
                           &(struct step){.keyword = KEYWORD_ALL_OF, .index = i}) &&
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
    struct step step = {.up = visit->path, .keyword = KEYWORD_IF, .index = UINT32_MAX};
    struct marks marks;
    uint32_t node;
    bool holds;

    condition.path = &step;
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
    return plain_here(
        run, node, visit,
        &(struct step){.keyword = holds ? KEYWORD_THEN : KEYWORD_ELSE, .index = UINT32_MAX});
}

static bool holds_for(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct cell *cell = &run->cells[visit->at];

    switch ((enum keyword)it->keyword) {
    case KEYWORD_NONE:
        return false;
    case KEYWORD_TYPE:
        return (it->types & KIND_BIT(cell_kind(cell))) != 0 &&
               (!it->written || assert_written(cell));
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
    case KEYWORD_CONTENT_ENCODING:
    case KEYWORD_CONTENT_MEDIA_TYPE:
        return assert_content(run, it->content, cell_text(cell));
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
    case KEYWORD_PATTERN_PROPERTIES:
    case KEYWORD_ADDITIONAL_PROPERTIES:
    case KEYWORD_PROPERTY_NAMES:
    case KEYWORD_UNEVALUATED_PROPERTIES:
    case KEYWORD_REQUIRED:
    case KEYWORD_DEPENDENT_REQUIRED:
    case KEYWORD_DEPENDENT_SCHEMAS:
    case KEYWORD_DEPENDENCIES:
        return plain_is_settled(it, visit) || plain_object(run, it, visit);
    case KEYWORD_PREFIX_ITEMS:
    case KEYWORD_ITEMS:
    case KEYWORD_UNEVALUATED_ITEMS:
    case KEYWORD_CONTAINS:
    case KEYWORD_UNIQUE_ITEMS:
        return plain_array(run, it, visit);
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
        return plain_here(run, it->node, visit,
                          &(struct step){.keyword = it->shown, .index = UINT32_MAX});
    default:
        return holds_for(run, it, visit) || refuse(run, it, visit);
    }
}

static bool run_instructions(struct run *run, const struct node *node, const struct visit *visit)
{
    unsigned kind = KIND_BIT(cell_kind(&run->cells[visit->at]));
    bool holds = true;

    for (uint32_t i = 0; i < node->plain_count && plain_goes_on(run, holds); i++) {
        if ((node->plain[i].kinds & kind) != 0)
            holds = spend(run, 1) && run_instruction(run, &node->plain[i], visit) && holds;
    }
    return holds && run->undecided == DECIDED;
}

bool plain_node(struct run *run, uint32_t index, struct visit *visit)
{
    const struct node *node = &run->schema->nodes[index];
    struct marks *outer = visit->marks, own;
    bool tracks = node->tracks && run->cells[visit->at].type >= CELL_ARRAY, holds;
    size_t before, nodes = run->member_nodes_used;

    if (run->depth + 1 > CHECK_DEPTH_MAX)
        return give_up(run, TOO_DEEP);
    run->depth++;
    visit->node = index;
    if (tracks) {
        own = marks_begin(run, visit->at);
        visit->marks = &own;
    }
    if (node->members != NULL && run->cells[visit->at].type == CELL_OBJECT)
        visit->slots = plain_slots(run, node->members, visit->at);
    before = run->annotations != NULL ? run->annotations->count : 0;
    if (run->annotations != NULL)
        annotate(run, node, visit);
    holds = run_instructions(run, node, visit);
    if (run->annotations != NULL && !holds)
        run->annotations->count = before;
    if (tracks) {
        if (outer != NULL)
            marks_add(run, *outer, own);
        marks_end(run, own);
    }
    run->member_nodes_used = nodes;
    run->depth--;
    return holds;
}
