/* Members where it takes more than check.c does itself: patterns, `propertyNames`, many required
 * names, dependencies. */
#include "schema/check.h"

bool run_few(struct run *run, const struct object_rules *rules, uint32_t at)
{
    const struct cell *const cells = run->cells, *object = cells + at;
    const struct cell *const end = cells + object->end, *name = object + 1;
    const struct known_name *first = rules->set.names, *second = first + (rules->set.count > 1);
    uint64_t seen = 0;

    if (!spend(run, (uint64_t)object->size + 1))
        return false;
    while (name < end) {
        const struct cell *value = name + 1;
        const uint64_t word = name_word_of(name);
        const struct known_name *known = word == first->word    ? first
                                         : word == second->word ? second
                                                                : NULL;

        if (known != NULL ? !name_has_bytes(known, name->text) : (name->flags & CELL_HASHED) == 0)
            known = name_set_find(&rules->set, name);
        if (known != NULL) {
            seen |= known->required;
            if (!cell_holds(run, known->node, known->accepted, value))
                return false;
        }
        name = next_of(cells, value);
    }
    return (seen & rules->required) == rules->required;
}

/* The rules while they are walked with. */
struct walk {
    const struct object_rules *rules;
    uint64_t held; /* sources */
    uint8_t unknown_accepted;
    const struct known_name *expected;
    uint64_t seen; /* of what is required */
};

static inline const struct known_name *find(struct walk *walk, const struct cell *name)
{
    const struct name_set *set = &walk->rules->set;
    const struct known_name *known = walk->expected;

    if (known >= set->names + set->count || !name_is(known, name)) {
        known = name_set_find(set, name);
        if (known == NULL)
            return NULL;
    }
    walk->expected = known + 1;
    walk->seen |= known->required;
    return known;
}

static inline bool unknown_holds(struct run *run, const struct walk *walk, uint32_t at)
{
    return value_holds(run, walk->rules->additional, walk->unknown_accepted, at);
}

/* The patterns, then what is additional. */
static bool run_patterns(struct run *run, const struct walk *walk, uint32_t key, bool evaluated)
{
    for (uint32_t i = 0; i < walk->rules->rule_count; i++) {
        const struct rule *rule = &walk->rules->rules[i];

        if (!assert_pattern(run, rule->pattern, cell_text(&run->cells[key]))) {
            if (run->undecided != DECIDED)
                return false;
            continue;
        }
        evaluated = evaluated || (rule->sources & walk->held) != 0;
        if (!value_holds(run, rule->node, rule->accepted, key + 1))
            return false;
    }
    return evaluated || unknown_holds(run, walk, key + 1);
}

static bool run_member(struct run *run, struct walk *walk, uint32_t key)
{
    const struct object_rules *rules = walk->rules;
    const struct known_name *known = find(walk, &run->cells[key]);
    bool evaluated = known != NULL && (known->sources & walk->held) != 0;

    if (known != NULL && !value_holds(run, known->node, known->accepted, key + 1))
        return false;
    if (known == NULL || known->ruled) {
        if (!run_patterns(run, walk, key, evaluated))
            return false;
    } else if (!evaluated && !unknown_holds(run, walk, key + 1)) {
        return false;
    }
    return rules->names == NODE_NONE || value_holds(run, rules->names, rules->names_accepted, key);
}

bool run_ruled(struct run *run, const struct object_rules *rules, uint32_t object, uint64_t held)
{
    const struct cell *cells = run->cells;
    struct walk walk = {rules, held, rules->additional_accepted, rules->set.names, 0};

    if (!spend(run, (uint64_t)cells[object].size + 1))
        return false;
    if ((rules->all_sources & held) != 0)
        walk.unknown_accepted = KINDS_ANY; /* all have been looked at */
    for (uint32_t key = object + 1; key < cells[object].end; key = next_cell(cells, key + 1)) {
        if (!run_member(run, &walk, key))
            return false;
    }
    return (walk.seen & rules->required) == rules->required;
}

bool run_survey(struct run *run, const struct survey *survey, uint32_t object)
{
    const struct object_rules *rules = survey->rules;
    const struct known_name *const names = rules->set.names, *expected = names;
    const struct cell *const cells = run->cells, *end = cells + cells[object].end, *value;
    struct found *found = run->found;
    uint64_t present = 0;

    if (!spend(run, (uint64_t)cells[object].size + 1))
        return false;
    for (const struct cell *name = cells + object + 1; name < end; name = next_of(cells, value)) {
        const struct known_name *known = find_expected(&rules->set, expected, name);
        uint64_t bit;

        value = name + 1;
        if (known == NULL) {
            if (!cell_holds(run, rules->additional, rules->additional_accepted, value))
                return false;
            continue;
        }
        expected = known + 1;
        bit = UINT64_C(1) << (known - names);
        found->repeated = (present & bit) != 0;
        if (found->repeated)
            return false;
        present |= bit;
        found->values[known - names] = value;
        if (!cell_holds(run, known->node, known->accepted, value))
            return false;
    }
    found->present = present;
    return (present & survey->required) == survey->required;
}

bool run_found(struct run *run, const struct asked_names *asked)
{
    const struct found *found = run->found;

    if ((found->present & asked->required) != asked->required)
        return false;
    for (uint32_t i = 0; i < asked->count; i++) {
        const struct asked_name *it = &asked->names[i];

        if ((found->present >> it->place & 1) != 0 &&
            !cell_holds(run, it->known->node, it->known->accepted, found->values[it->place]))
            return false;
    }
    return true;
}

bool run_left(struct run *run, const struct survey *survey)
{
    const struct object_rules *rules = survey->rules;
    const struct found *found = run->found;

    for (uint64_t left = found->present & survey->conditional; left != 0; left &= left - 1) {
        int place = __builtin_ctzll(left);

        if ((rules->set.names[place].sources & run->held) == 0 &&
            !cell_holds(run, rules->additional, rules->additional_accepted, found->values[place]))
            return false;
    }
    return run->undecided == DECIDED;
}

bool run_required(struct run *run, const struct members *members, uint32_t object)
{
    size_t words = ((size_t)members->required_count + 63) / 64;
    struct arena scratch = {0};
    uint64_t *seen = ARENA_ARRAY(&scratch, uint64_t, words);
    uint64_t count = 0;

    find_required(run, members, object, seen);
    for (size_t i = 0; i < words; i++)
        count += (uint64_t)__builtin_popcountll(seen[i]);
    arena_release(&scratch);
    return count == members->required_count;
}

static bool names_present(struct run *run, uint32_t array, uint32_t object)
{
    const struct document *schema = run->schema->document;

    for (uint32_t at = array + 1; at < document_cell(schema, array)->end; at++) {
        if (find_member(run, object, document_text(schema, at)) == CELL_NONE)
            return false;
    }
    return true;
}

bool run_dependencies(struct run *run, const struct dependent_branches *all, uint32_t object)
{
    for (uint32_t i = 0; i < all->count; i++) {
        const struct dependent_branch *it = &all->items[i];

        if (find_member(run, object, it->name) == CELL_NONE)
            continue;
        if (it->names != CELL_NONE ? !names_present(run, it->names, object)
                                   : !run_branch(run, &it->branch, object))
            return false;
    }
    return run->undecided == DECIDED;
}
