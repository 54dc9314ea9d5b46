/* `anyOf` and `oneOf`. When no alternative fits, all of their violations together would tell a
 * reader nothing: one alternative is chosen as the one that was meant, by its tag, by the type of
 * the value, or because the value went furthest in it. */
#include "schema/plain.h"

static bool try_one(struct run *run, const struct instruction *it, uint32_t index,
                    const struct visit *visit)
{
    struct visit inside = *visit;
    struct step step = {.up = visit->path, .keyword = it->keyword, .index = index};
    uint32_t node = it->alternatives->nodes[index];
    struct marks marks;
    bool holds;

    inside.path = &step;
    if (visit->marks == NULL) {
        if (run->listing == NULL && !run->plain_only)
            return run_node(run, node, visit->at);
        return plain_try(run, node, inside);
    }
    marks = marks_begin(run, visit->at);
    inside.marks = &marks;
    holds = plain_try(run, node, inside);
    if (holds)
        marks_add(run, *visit->marks, marks);
    marks_end(run, marks);
    return holds;
}

static void explain_one(struct run *run, const struct instruction *it, const struct visit *visit,
                        uint32_t index)
{
    struct visit inside = *visit;
    struct step step = {.up = visit->path, .keyword = it->keyword, .index = index};

    inside.path = &step;
    plain_node(run, it->alternatives->nodes[index], &inside);
}

/* Tells of the alternative that the tag names, or that it names none. */
static void explain_by_tag(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct alternatives *alternatives = it->alternatives;
    uint32_t value = find_member(run, visit->at, alternatives->tag);
    struct finding wrong = {
        .sort = FINDING_TAG, .keyword = (enum keyword)alternatives->tag_keyword, .cell = value};

    if (value == CELL_NONE) {
        plain_tell(run, it, visit,
                   &(struct finding){.sort = FINDING_MISSING,
                                     .keyword = KEYWORD_REQUIRED,
                                     .name = alternatives->tag});
        return;
    }
    for (uint32_t i = 0; i < alternatives->count; i++) {
        if (alternatives->tag_values[i].at != NULL && run->cells[value].type == CELL_STRING &&
            text_equal(alternatives->tag_values[i], cell_text(&run->cells[value]))) {
            explain_one(run, it, visit, i);
            return;
        }
    }
    plain_tell(run, it, visit, &wrong);
}

/* Whether a list of violations speaks for its alternative more than another does. */
static bool is_closer(const struct listing *a, const struct listing *b)
{
    if (b->count == 0 || a->count == 0)
        return a->count > 0;
    if (a->items[0].depth != b->items[0].depth)
        return a->items[0].depth > b->items[0].depth;
    return a->count < b->count;
}

static void explain_closest(struct run *run, const struct instruction *it,
                            const struct visit *visit, const uint32_t *admitting, uint32_t count)
{
    struct listing *all = run->listing, best = {.spent = all->spent};

    for (uint32_t i = 0; i < count && run->undecided == DECIDED; i++) {
        struct listing one = {.spent = all->spent};

        run->listing = &one;
        explain_one(run, it, visit, admitting[i]);
        listing_settle(&one);
        if (is_closer(&one, &best))
            best = one;
    }
    run->listing = all;
    for (size_t i = 0; i < best.count; i++) {
        if (best.items[i].tried == 0)
            best.items[i].tried = it->alternatives->count;
        listing_add(run, &best.items[i]);
    }
}

static void explain_union(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct alternatives *alternatives = it->alternatives;
    unsigned kind = cell_kind(&run->cells[visit->at]);
    size_t before = run->listing->count;
    uint32_t *admitting = ARENA_ARRAY(run->arena, uint32_t, alternatives->count);
    uint32_t count = 0;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        if (run->schema->nodes[alternatives->nodes[i]].entry[kind] != ENTRY_REJECT)
            admitting[count++] = i;
    }
    if (kind == CELL_OBJECT && alternatives->tag_values != NULL && count > 1)
        explain_by_tag(run, it, visit);
    else if (count == 0)
        plain_tell(run, it, visit, &(struct finding){.sort = FINDING_TYPES});
    else if (count == 1)
        explain_one(run, it, visit, admitting[0]);
    else if (*run->listing->spent < FINDINGS_SPENT_MAX)
        explain_closest(run, it, visit, admitting, count);
    if (run->listing->count == before)
        plain_tell(run, it, visit, &(struct finding){.sort = FINDING_NONE});
}

bool plain_union(struct run *run, const struct instruction *it, const struct visit *visit)
{
    const struct alternatives *alternatives = it->alternatives;
    bool exactly_one = it->keyword == KEYWORD_ONE_OF;
    uint64_t fitting = 0;
    uint32_t holding = 0;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        bool holds = spend(run, 1) && try_one(run, it, i, visit);

        if (run->undecided != DECIDED)
            return false;
        if (!holds)
            continue;
        holding++;
        fitting |= i < 64 ? UINT64_C(1) << i : 0;
        if (!exactly_one && visit->marks == NULL && run->annotations == NULL)
            return true;
        if (exactly_one && holding > 1 && run->listing == NULL)
            return false;
    }
    if (exactly_one && holding > 1)
        return plain_tell(run, it, visit,
                          &(struct finding){.sort = FINDING_SEVERAL, .a = fitting, .b = holding});
    if (holding == 0 && run->listing != NULL)
        explain_union(run, it, visit);
    return holding > 0;
}
