/* Several ways to be right. Where sources are noted, the verdicts of branches are not remembered:
 * a verdict alone would not say which sources have held. */
#include "schema/check.h"

/* A run that asks about what was found: most of its instructions need no walk. */
static bool run_asking(struct run *run, uint32_t entry, uint32_t at)
{
    for (const struct code *code = &run->code[entry];; code++) {
        bool holds;

        switch ((enum op)code->op) {
        case OP_ACCEPT:
            return run->undecided == DECIDED;
        case OP_FOUND:
            holds = run_found(run, code->data);
            break;
        case OP_LEFT:
            holds = run_left(run, code->data);
            break;
        case OP_IF:
            holds = run_if(run, code->data, at);
            break;
        default:
            return run_code(run, code, at);
        }
        if (!holds)
            return false;
    }
}

bool run_branch(struct run *run, const struct branch *branch, uint32_t at)
{
    uint64_t held = run->held;

    if (branch->source == 0)
        return run_entry(run, branch->entry, at);
    if (branch->entry >= ENTRY_FIRST && !run_asking(run, branch->entry, at)) {
        run->held = held;
        return false;
    }
    if (branch->entry != ENTRY_REJECT)
        run->held |= branch->source;
    return branch->entry != ENTRY_REJECT;
}

bool run_union(struct run *run, const struct code *code, uint32_t at)
{
    const struct branch *branches = code->data;
    bool tracked = code->high != 0;
    uint32_t holding = 0;

    for (uint32_t i = 0; i < code->a; i++) {
        holding += spend(run, 1) && run_branch(run, &branches[i], at);
        if (run->undecided != DECIDED)
            return false;
        if (holding > 0 && code->op == OP_ANY && !tracked)
            return true;
        if (holding > 1 && code->op == OP_EXACTLY_ONE)
            return false;
    }
    return holding > 0;
}

bool run_if(struct run *run, const struct branch branches[3], uint32_t at)
{
    bool condition = spend(run, 1) && run_branch(run, &branches[0], at);

    return run->undecided == DECIDED && run_branch(run, &branches[condition ? 1 : 2], at);
}

/* The tag is mostly the first member. */
const struct known_name *find_tag_value(struct run *run, const struct tag_choice *choice,
                                        uint32_t at)
{
    const struct cell *cells = run->cells;
    uint32_t key = at + 1, end = cells[at].end;

    if (!spend(run, 1 + cells[at].size / 8))
        return NULL;
    while (key < end && !name_is(&choice->tag, &cells[key]))
        key = next_cell(cells, key + 1);
    if (key >= end || cells[key + 1].type != CELL_STRING)
        return NULL;
    return name_set_find(&choice->set, &cells[key + 1]);
}

/* What a survey finds is about one member a name: the plain program is asked where there are more.
 */
bool run_tracked(struct run *run, const struct code *code, uint32_t at)
{
    struct found found __attribute__((uninitialized)), *outer_found = run->found;
    uint64_t held = run->held;
    bool holds = true;

    run->held = SOURCE_ALWAYS;
    if (code->data != NULL) {
        found.present = 0;
        found.repeated = false;
        run->found = &found;
        holds = run_survey(run, code->data, at);
        if (found.repeated)
            holds = plain_holds(run, (uint32_t)code->high, at);
    }
    if (holds && (code->data == NULL || !found.repeated))
        holds = run_asking(run, code->a, at);
    run->found = outer_found;
    run->held = held;
    return holds;
}
