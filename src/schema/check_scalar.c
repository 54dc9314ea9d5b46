/* Scalars: a run of assertions about one value. */
#include "schema/check.h"

enum { STRINGS_COMPARED = 6 }; /* of more than so many one is looked up */

static inline bool length_holds(const struct cell *cell, const struct code *code)
{
    if ((cell->flags & CELL_ASCII) != 0)
        return cell->size >= code->low && cell->size <= code->high;
    return assert_length(cell, code->low, code->high);
}

/* All are compared, so that there is no branch that depends on which one it is. */
static inline bool is_one_of(const struct name_set *set, const struct cell *cell)
{
    uint64_t head, tail, least = UINT64_MAX;

    if (set->count > STRINGS_COMPARED || cell->size > 16)
        return name_set_find(set, cell) != NULL;
    head = name_head(cell->text, cell->size);
    tail = name_tail(cell->text, cell->size);
    for (uint32_t i = 0; i < set->count; i++) {
        const struct known_name *it = &set->names[i];
        uint64_t differs = (it->head ^ head) | (it->tail ^ tail) | (it->len ^ cell->size);

        least = differs < least ? differs : least;
    }
    return least == 0;
}

bool run_scalar(struct run *run, const struct code *code, const struct cell *cell)
{
    for (;; code++) {
        bool holds;

        switch ((enum op)code->op) {
        case OP_ACCEPT:
            return true;
        case OP_LENGTH:
            holds = length_holds(cell, code);
            break;
        case OP_INT_RANGE:
            holds = cell->integer >= code->least && cell->integer <= code->most;
            break;
        case OP_RANGE:
            holds = bounds_hold(code->data, cell);
            break;
        case OP_STRING:
            holds = name_is(((const struct name_set *)code->data)->names, cell);
            break;
        case OP_STRINGS:
            holds = is_one_of(code->data, cell);
            break;
        case OP_PREFIX:
            holds = text_starts(cell_text(cell), *(const struct text *)code->data);
            break;
        case OP_PATTERN:
            holds = assert_pattern(run, code->data, cell_text(cell));
            break;
        default:
            holds = run_other(run, code, (uint32_t)(cell - run->cells));
            break;
        }
        if (!holds)
            return false;
    }
}
