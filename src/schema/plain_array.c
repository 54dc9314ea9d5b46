/* The keywords about items. */
#include "schema/plain.h"

#include "base/check.h"

static bool run_prefix_items(struct run *run, const struct instruction *it,
                             const struct visit *visit)
{
    uint32_t item = visit->at + 1, end = run->cells[visit->at].end;
    bool holds = true;

    for (uint32_t i = 0; i < it->alternatives->count && item < end && plain_goes_on(run, holds);
         i++) {
        plain_mark(run, visit, i);
        holds = spend(run, 1) &&
                (plain_accepts(run, it->alternatives->nodes[i], visit, item) ||
                 plain_child(run, it->alternatives->nodes[i], visit, item, false,
                             &(struct step){.keyword = it->shown, .index = i})) &&
                holds;
        item = next_cell(run->cells, item);
    }
    return holds;
}

/* The items from `first` on that are not marked in `skip` (which may be NULL). Without marks those
 * that are accepted are passed over in one go. */
static bool run_rest(struct run *run, const struct instruction *it, const struct visit *visit,
                     uint32_t first, const struct marks *skip)
{
    uint32_t item = visit->at + 1, end = run->cells[visit->at].end;
    bool holds = true;

    for (uint32_t i = 0; item < end && plain_goes_on(run, holds); i++) {
        if (i >= first && (skip == NULL || !marks_has(run, *skip, i))) {
            uint32_t until = skip != NULL ? next_cell(run->cells, item) : end;

            item = plain_pass(run, it->node, visit, item, until);
            if (item == until)
                continue;
            holds = plain_child(run, it->node, visit, item, false,
                                &(struct step){.keyword = it->shown, .index = UINT32_MAX}) &&
                    holds;
        }
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
                          &(struct finding){.sort = FINDING_FEW,
                                            .keyword = wanted->least_cell == CELL_NONE
                                                           ? KEYWORD_CONTAINS
                                                           : KEYWORD_MIN_CONTAINS,
                                            .a = count});
    if (count > wanted->most)
        return plain_tell(
            run, it, visit,
            &(struct finding){.sort = FINDING_MANY, .keyword = KEYWORD_MAX_CONTAINS, .a = count});
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
            (plain_accepts(run, it->node, visit, item) ||
             plain_child(run, it->node, visit, item, false,
                         &(struct step){.keyword = KEYWORD_CONTAINS, .index = UINT32_MAX}))) {
            count++;
            if (it->containment->marks)
                plain_mark(run, visit, i);
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
                      &(struct finding){.sort = FINDING_PLAIN,
                                        .a = index_of_item(run, visit->at, first),
                                        .b = index_of_item(run, visit->at, second)});
}

bool plain_array(struct run *run, const struct instruction *it, const struct visit *visit)
{
    switch ((enum keyword)it->keyword) {
    case KEYWORD_PREFIX_ITEMS:
        return run_prefix_items(run, it, visit);
    case KEYWORD_ITEMS:
        return run_rest(run, it, visit, it->first, NULL);
    case KEYWORD_UNEVALUATED_ITEMS:
        CHECK(visit->marks != NULL);
        return run_rest(run, it, visit, 0, visit->marks);
    case KEYWORD_CONTAINS:
        return run_contains(run, it, visit);
    default:
        return run_unique(run, it, visit);
    }
}
