/* Members where it takes more than check.c does itself: patterns, `propertyNames`, many required
 * names, dependencies. */
#include "schema/check.h"

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

    if ((rules->all_sources & held) != 0)
        walk.unknown_accepted = KINDS_ANY; /* all have been looked at */
    for (uint32_t key = object + 1; key < cells[object].end; key = next_cell(cells, key + 1)) {
        if (!run_member(run, &walk, key))
            return false;
    }
    return (walk.seen & rules->required) == rules->required;
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
