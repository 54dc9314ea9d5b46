/* Items, but for those that all have to hold. */
#include "schema/check.h"

bool run_tuple(struct run *run, const struct alternatives *places, uint32_t array)
{
    uint32_t item = array + 1, end = run->cells[array].end;

    for (uint32_t i = 0; i < places->count && item < end; i++) {
        if (!spend(run, 1) || !value_holds(run, places->nodes[i], 0, item))
            return false;
        item = next_cell(run->cells, item);
    }
    return true;
}

bool run_contains(struct run *run, const struct code *code, uint32_t array)
{
    const struct containment *wanted = code->data;
    const struct cell *cells = run->cells;
    uint64_t count = 0;

    if (!spend(run, (uint64_t)cells[array].size + 1))
        return false;
    for (uint32_t item = array + 1; item < cells[array].end; item = next_cell(cells, item)) {
        count += value_holds(run, code->a, code->accepted, item);
        if (count > wanted->most || run->undecided != DECIDED)
            return false;
        if (count >= wanted->least && wanted->most == UINT64_MAX)
            return true;
    }
    return count >= wanted->least;
}

/* Whether some source that has held looks for such items. */
static bool is_contained(struct run *run, const struct rest_items *rest, uint64_t held,
                         uint32_t item)
{
    for (uint32_t i = 0; i < rest->count; i++) {
        const struct item_source *source = &rest->sources[i];

        if (source->contains == NODE_NONE || (source->source & held) == 0)
            continue;
        if (!spend(run, 1) || value_holds(run, source->contains, source->accepted, item))
            return true;
    }
    return false;
}

bool run_rest_items(struct run *run, const struct rest_items *rest, uint32_t array)
{
    const struct cell *cells = run->cells;
    uint64_t held = run->held, first = 0, index = 0;

    if (!spend(run, (uint64_t)cells[array].size + rest->count))
        return false;
    if ((rest->all_sources & held) != 0)
        return true;
    for (uint32_t i = 0; i < rest->count; i++) {
        if ((rest->sources[i].source & held) != 0 && rest->sources[i].first > first)
            first = rest->sources[i].first;
    }
    for (uint32_t item = array + 1; item < cells[array].end; item = next_cell(cells, item)) {
        if (index++ >= first && !is_contained(run, rest, held, item) &&
            !value_holds(run, rest->node, rest->accepted, item))
            return false;
    }
    return run->undecided == DECIDED;
}
