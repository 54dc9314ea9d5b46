/* Members and items are walked without recursion, on a stack of frames, as deep as documents
 * usually are; it is recursed below that and where several schemas look at the same value.
 *
 * One walk decides all that a set of rules says about members: the next declared name is expected,
 * for documents mostly follow the order of their schema; else the name is looked up. A value that
 * is accepted for its kind is done at once, and another scalar by a small run of its own. */
#include "schema/check.h"

/* Whether a container is to be run by recursion: verdicts are remembered, or frames are used up. */
static inline bool recurses(const struct run *run)
{
    return run->steps_left < run->memo_below || run->top == run->frames_end;
}

/* An array without items satisfies whatever is only about each of them. */
static inline bool asks_nothing_of(const struct code *code, const struct cell *value)
{
    return value->size == 0 && code[0].op == OP_ALL && code[1].op == OP_ACCEPT;
}

/* A run is left for that of a child by pushing a frame, and gone on with when that comes to its
 * end; what asks for children is therefore jumped into. */
bool run_code(struct run *run, const struct code *code, uint32_t at)
{
    const struct cell *const cells = run->cells;
    struct frame *const base = run->top;
    struct frame *top = base;
    const struct cell *cell = &cells[at], *next, *end, *value;
    const struct known_name *expected = NULL, *known;
    const struct object_rules *rules = NULL;
    const struct code *child;
    uint64_t seen = 0;
    uint32_t entry;

again:
    if (code->op == OP_MEMBERS && code->a == MEMBERS_SIMPLE) {
        if (!spend(run, (uint64_t)cell->size + 1))
            goto refused;
        rules = code->data;
        next = cell + 1;
        end = cells + cell->end;
        expected = rules->set.names;
        seen = 0;
        goto members;
    }
    if (code->op == OP_ALL) {
        if (!spend(run, (uint64_t)cell->size + 1))
            goto refused;
        next = cell + 1;
        end = cells + cell->end;
        for (uint64_t skip = code->low; skip > 0 && next < end; skip--)
            next = next_of(cells, next);
        goto items;
    }
    if (code->op == OP_ACCEPT)
        goto accepted;
    if (cell->type < CELL_ARRAY)
        return run_scalar(run, code, cell);
    if (code->op == OP_COUNT) {
        if (cell->size < code->low || cell->size > code->high)
            goto refused;
        goto holds;
    }
    /* The alternative is mostly all there is, and needs no recursion then. */
    if (code->op == OP_BY_TAG && code[1].op == OP_ACCEPT && !recurses(run)) {
        known = find_tag_value(run, code->data, (uint32_t)(cell - cells));
        if (known == NULL)
            goto refused;
        if (known->sources == 0 && known->entry >= ENTRY_FIRST) {
            code = &run->code[known->entry];
            goto again;
        }
    }
    if (!run_other(run, code, (uint32_t)(cell - cells)))
        goto refused;
    goto holds;

members:
    while (next < end) {
        known = find_expected(&rules->set, expected, next);
        value = next + 1;
        next = next_of(cells, value);
        if (known != NULL) {
            expected = known + 1;
            seen |= known->required;
            if ((known->accepted >> value->type & 1) != 0)
                continue;
            entry = run->entries[known->node].of[cell_kind(value)];
        } else {
            if ((rules->additional_accepted >> value->type & 1) != 0)
                continue;
            entry = run->entries[rules->additional].of[cell_kind(value)];
        }
        if (entry == ENTRY_REJECT)
            goto refused;
        if (value->type >= CELL_ARRAY)
            goto child;
        if (!run_scalar(run, &run->code[entry], value))
            goto refused;
    }
    if ((seen & rules->required) != rules->required)
        goto refused;
    goto holds;

items:
    while (next < end) {
        value = next;
        next = next_of(cells, value);
        if ((code->accepted >> value->type & 1) != 0)
            continue;
        entry = run->entries[code->a].of[cell_kind(value)];
        if (entry == ENTRY_REJECT)
            goto refused;
        if (value->type >= CELL_ARRAY)
            goto child;
        if (!run_scalar(run, &run->code[entry], value))
            goto refused;
    }
    goto holds;

child:
    child = &run->code[entry];
    if (!asks_nothing_of(child, value)) {
        if (!recurses(run)) {
            *top = (struct frame){code, cell, next, end, expected, seen};
            run->top = ++top;
            code = child;
            cell = value;
            goto again;
        }
        if (!run_entry(run, entry, (uint32_t)(value - cells)))
            goto refused;
    }
    if (code->op == OP_ALL)
        goto items;
    goto members;

holds:
    if ((++code)->op != OP_ACCEPT)
        goto again;
accepted:
    if (top == base)
        return run->undecided == DECIDED;
    run->top = --top;
    code = top->code;
    cell = top->container;
    next = top->next;
    end = top->end;
    if (code->op == OP_ALL)
        goto items;
    rules = code->data;
    expected = top->expected;
    seen = top->seen;
    goto members;

refused:
    run->top = base;
    return false;
}
