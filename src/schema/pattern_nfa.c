/* The automaton is built from its end: every part is told where to go on. The states a tree needs
 * are counted first, so that counted repetitions are written out only when they fit. */
#include "schema/pattern_nfa.h"

struct cost {
    uint64_t states;
    uint64_t visits; /* of nodes of the tree, which may be many where few states are made */
};
struct measure {
    uint32_t leaves; /* sets in the tree */
    bool words;      /* \b or \B occurs */
    bool impossible;
};

struct building {
    struct nfa *nfa;
    struct arena *arena;
    struct code_ranges *sets;
    uint32_t set_count;
    uint32_t *buckets; /* of sets, by their ranges: index + 1 */
    uint32_t *chain;
};

enum { BUCKETS = 512, COST_MAX = 1 << 28, VISITS_A_STATE = 16 };

/* --- measuring --- */

static struct cost cost_of(struct measure *it, struct pattern_node *node);

static uint64_t at_most(uint64_t cost)
{
    return cost < COST_MAX ? cost : COST_MAX;
}

static struct cost cost_of_children(struct measure *it, const struct pattern_node *node)
{
    struct cost sum = {.visits = 1};

    for (struct pattern_node *child = node->first_child; child != NULL; child = child->next) {
        struct cost cost = cost_of(it, child);

        sum.states += cost.states + (node->form == FORM_CHOICE && child->next != NULL);
        sum.visits += cost.visits;
    }
    return (struct cost){at_most(sum.states), at_most(sum.visits)};
}

static struct cost cost_of_repeat(struct measure *it, const struct pattern_node *node)
{
    struct cost child = cost_of_children(it, node);
    uint64_t copies = node->most, splits = node->most - node->least;

    if (child.states == 0 || node->most == 0)
        return (struct cost){0, 1};
    if (node->most == REPEAT_ENDLESS) {
        copies = node->least > 0 ? node->least : 1;
        splits = 1;
    }
    return (struct cost){at_most(child.states * copies + splits), at_most(child.visits * copies)};
}

static struct cost find_cost(struct measure *it, const struct pattern_node *node)
{
    switch (node->form) {
    case FORM_SEQUENCE:
    case FORM_CHOICE:
    case FORM_GROUP:
        return cost_of_children(it, node);
    case FORM_REPEAT:
        return cost_of_repeat(it, node);
    case FORM_SET:
        it->leaves++;
        break;
    case FORM_BOUNDARY:
        it->words = true;
        break;
    case FORM_START:
    case FORM_END:
        break;
    case FORM_AHEAD:
    case FORM_BEHIND:
    case FORM_REFERENCE:
        it->impossible = true;
    }
    return (struct cost){1, 1};
}

static struct cost cost_of(struct measure *it, struct pattern_node *node)
{
    struct cost cost = find_cost(it, node);

    node->states = cost.states;
    return cost;
}

/* --- sets --- */

static bool same_ranges(struct code_ranges a, struct code_ranges b)
{
    return a.count == b.count && (a.count == 0 || memcmp(a.at, b.at, a.count * sizeof *a.at) == 0);
}

/* The number of a set; equal ones have the same. */
static uint32_t number_of(struct building *it, struct code_ranges ranges)
{
    uint32_t hash = 0, *bucket;

    for (size_t i = 0; i < ranges.count; i++)
        hash = (hash ^ ranges.at[i].first ^ ranges.at[i].last << 11) * 0x9E3779B1u;
    bucket = &it->buckets[(hash ^ hash >> 15) % BUCKETS];
    for (uint32_t set = *bucket; set != 0; set = it->chain[set - 1]) {
        if (same_ranges(it->sets[set - 1], ranges))
            return set - 1;
    }
    it->sets[it->set_count] = ranges;
    it->chain[it->set_count] = *bucket;
    *bucket = ++it->set_count;
    return it->set_count - 1;
}

static void number_sets(struct building *it, const struct pattern_node *node)
{
    if (node->form == FORM_SET)
        node->set->number = number_of(it, code_set_ranges(node->set, it->arena));
    for (const struct pattern_node *child = node->first_child; child != NULL; child = child->next)
        number_sets(it, child);
}

/* --- building --- */

static uint32_t build(struct building *it, const struct pattern_node *node, uint32_t next);

static uint32_t add(struct building *it, enum nfa_kind kind, uint32_t next, uint32_t other)
{
    it->nfa->states[it->nfa->count] = (struct nfa_state){kind, next, other};
    return it->nfa->count++;
}

static uint32_t build_sequence(struct building *it, const struct pattern_node *node, uint32_t next)
{
    for (const struct pattern_node *child = node->last_child; child != NULL;
         child = child->previous)
        next = build(it, child, next);
    return next;
}

static uint32_t build_choice(struct building *it, const struct pattern_node *node, uint32_t next)
{
    uint32_t entry = build(it, node->first_child, next);

    for (const struct pattern_node *child = node->first_child->next; child != NULL;
         child = child->next)
        entry = add(it, NFA_SPLIT, build(it, child, next), entry);
    return entry;
}

static uint32_t build_repeat(struct building *it, const struct pattern_node *node, uint32_t next)
{
    uint32_t entry = next, copies = node->least;

    if (node->most == 0 || node->first_child->states == 0)
        return next;
    if (node->most == REPEAT_ENDLESS) {
        uint32_t split = add(it, NFA_SPLIT, next, next);

        it->nfa->states[split].next = build(it, node->first_child, split);
        entry = node->least > 0 ? it->nfa->states[split].next : split;
        copies -= node->least > 0;
    } else {
        for (uint32_t i = node->least; i < node->most; i++)
            entry = add(it, NFA_SPLIT, build(it, node->first_child, entry), next);
    }
    for (uint32_t i = 0; i < copies; i++)
        entry = build(it, node->first_child, entry);
    return entry;
}

static uint32_t build(struct building *it, const struct pattern_node *node, uint32_t next)
{
    switch (node->form) {
    case FORM_SET:
        return add(it, NFA_SET, next, node->set->number);
    case FORM_SEQUENCE:
        return build_sequence(it, node, next);
    case FORM_CHOICE:
        return build_choice(it, node, next);
    case FORM_REPEAT:
        return build_repeat(it, node, next);
    case FORM_GROUP:
        return build(it, node->first_child, next);
    case FORM_START:
        return add(it, NFA_START, next, 0);
    case FORM_END:
        return add(it, NFA_END, next, 0);
    case FORM_BOUNDARY:
        return add(it, node->negated ? NFA_INSIDE : NFA_BOUNDARY, next, 0);
    case FORM_AHEAD:
    case FORM_BEHIND:
    case FORM_REFERENCE:
        break;
    }
    return next;
}

/* Whether anything but `^` can be reached from a state without taking a code point. */
static bool restarts(const struct nfa *nfa, uint32_t start, struct arena *arena)
{
    bool *seen = ARENA_ARRAY(arena, bool, nfa->count);
    uint32_t *stack = ARENA_ARRAY(arena, uint32_t, nfa->count), depth = 0;

    stack[depth++] = start;
    seen[start] = true;
    while (depth > 0) {
        const struct nfa_state *state = &nfa->states[stack[--depth]];
        uint32_t onward[2] = {state->next, state->other};

        if (state->kind == NFA_START)
            continue;
        if (state->kind != NFA_SPLIT)
            return true;
        for (int i = 0; i < 2; i++) {
            if (!seen[onward[i]])
                stack[depth++] = onward[i];
            seen[onward[i]] = true;
        }
    }
    return false;
}

static void build_part(struct building *it, const struct pattern_part *part)
{
    struct nfa_part *out = &it->nfa->parts[it->nfa->part_count++];

    out->negated = part->negated;
    out->accept = add(it, NFA_ACCEPT, 0, 0);
    out->start = build(it, part->tree, out->accept);
    out->end = it->nfa->count;
    out->restarts = restarts(it->nfa, out->start, it->arena);
}

static struct cost cost_of_parts(struct measure *it, const struct pattern_part *parts,
                                 uint32_t count)
{
    struct cost sum = {0};

    for (uint32_t i = 0; i < count; i++) {
        struct cost cost = cost_of(it, parts[i].tree);

        sum.states += cost.states + 1; /* it accepts in one more */
        sum.visits += cost.visits;
    }
    return sum;
}

enum nfa_outcome nfa_init(struct nfa *nfa, struct pattern_node *tree, uint32_t most,
                          struct arena *arena)
{
    struct pattern_part parts[PATTERN_PARTS_MAX];
    uint32_t part_count = pattern_part(tree, parts, arena);
    struct measure needs = {0};
    struct cost cost = cost_of_parts(&needs, parts, part_count);
    struct building it = {.nfa = nfa, .arena = arena};

    *nfa = (struct nfa){0};
    if (needs.impossible)
        return NFA_IMPOSSIBLE;
    if (cost.states > most || cost.visits > (uint64_t)most * VISITS_A_STATE)
        return NFA_TOO_LARGE;
    it.sets = ARENA_ARRAY(arena, struct code_ranges, needs.leaves);
    it.chain = ARENA_ARRAY(arena, uint32_t, needs.leaves);
    it.buckets = ARENA_ARRAY(arena, uint32_t, BUCKETS);
    for (uint32_t i = 0; i < part_count; i++)
        number_sets(&it, parts[i].tree);
    nfa->states = ARENA_ARRAY(arena, struct nfa_state, cost.states);
    for (uint32_t i = 0; i < part_count; i++)
        build_part(&it, &parts[i]);
    alphabet_init(&nfa->alphabet, it.sets, it.set_count, needs.words, arena);
    return NFA_BUILT;
}
