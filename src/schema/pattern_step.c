/* Assertions look both ways. What came before is known when a set is made, so `^` is decided there;
 * `$`, \b and \B wait in the set until the next code point, or the end, is known, and are resolved
 * before it is taken. */
#include "schema/pattern_step.h"

enum past { PAST_START = 1, PAST_WORD = 2, PAST_MATTERS = 4 };
enum future { FUTURE_UNKNOWN, FUTURE_WORD, FUTURE_OTHER, FUTURE_END };

/* Sets above this size are put in order by looking at all states. */
enum { FEW = 24 };

void stepper_init(struct nfa_stepper *stepper, const struct nfa *nfa, struct arena *arena)
{
    *stepper = (struct nfa_stepper){
        .nfa = nfa,
        .mark = ARENA_ARRAY(arena, uint32_t, nfa->count),
        .stack = ARENA_ARRAY(arena, uint32_t, nfa->count),
        .resolved.states = ARENA_ARRAY(arena, uint32_t, nfa->count),
    };
}

static void new_round(struct nfa_stepper *it)
{
    if (++it->round != 0)
        return;
    memset(it->mark, 0, it->nfa->count * sizeof *it->mark);
    it->round = 1;
}

static void push(struct nfa_stepper *it, uint32_t state, uint32_t *depth)
{
    if (it->mark[state] == it->round)
        return;
    it->mark[state] = it->round;
    it->stack[(*depth)++] = state;
}

/* Whether an assertion holds. */
static bool holds(enum nfa_kind kind, uint32_t past, enum future future)
{
    bool before = (past & PAST_WORD) != 0, after = future == FUTURE_WORD;

    switch (kind) {
    case NFA_START:
        return (past & PAST_START) != 0;
    case NFA_END:
        return future == FUTURE_END;
    case NFA_BOUNDARY:
        return before != after;
    case NFA_INSIDE:
        return before == after;
    case NFA_SET:
    case NFA_SPLIT:
    case NFA_ACCEPT:
        break;
    }
    return false;
}

/* Adds what is reached from a state without taking a code point; true when a match is complete. */
static bool close_over(struct nfa_stepper *it, struct nfa_set *set, uint32_t from, uint32_t past,
                       enum future future)
{
    uint32_t depth = 0;

    push(it, from, &depth);
    while (depth > 0) {
        uint32_t at = it->stack[--depth];
        const struct nfa_state *state = &it->nfa->states[at];

        it->visits++;
        if (state->kind == NFA_ACCEPT)
            return true;
        if (state->kind == NFA_SET) {
            set->states[set->count++] = at;
        } else if (state->kind == NFA_SPLIT) {
            push(it, state->next, &depth);
            push(it, state->other, &depth);
        } else if (state->kind != NFA_START && future == FUTURE_UNKNOWN) {
            set->states[set->count++] = at;
            set->past |= PAST_MATTERS;
        } else if (holds(state->kind, past, future)) {
            push(it, state->next, &depth);
        }
    }
    return false;
}

/* All that is in the set was marked in this round, and some that is not; those are told by kind. */
static void put_in_order(struct nfa_stepper *it, struct nfa_set *set)
{
    uint32_t *states = set->states, count = set->count;

    if (count > FEW) {
        it->visits += it->nfa->count / 8;
        count = 0;
        new_round(it);
        for (uint32_t i = 0; i < set->count; i++)
            it->mark[states[i]] = it->round;
        for (uint32_t i = 0; count < set->count; i++) {
            if (it->mark[i] == it->round)
                states[count++] = i;
        }
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        uint32_t state = states[i], k = i;

        for (; k > 0 && states[k - 1] > state; k--)
            states[k] = states[k - 1];
        states[k] = state;
    }
}

/* When a part, whose states are those from `first` on, matches, nothing more need be known of it;
 * false when it must not. */
static bool settle(const struct nfa_part *part, bool complete, uint32_t first, struct nfa_set *set)
{
    if (!complete)
        return true;
    set->count = first;
    set->states[set->count++] = part->accept;
    return !part->negated;
}

static bool is_lost(const struct nfa_part *part, uint32_t first, const struct nfa_set *set)
{
    return set->count == first && !part->negated;
}

/* Whether only states that accept are left. */
static bool is_sure(const struct nfa *nfa, const struct nfa_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (nfa->states[set->states[i]].kind != NFA_ACCEPT)
            return false;
    }
    return true;
}

static enum nfa_step finish(struct nfa_stepper *it, struct nfa_set *set, uint32_t past)
{
    if (is_sure(it->nfa, set))
        return STEP_SURE;
    put_in_order(it, set);
    if (set->past & PAST_MATTERS)
        set->past |= past;
    return STEP_ON;
}

static void begin(struct nfa_stepper *it, struct nfa_set *out)
{
    out->count = 0;
    out->past = 0;
    new_round(it);
}

enum nfa_step stepper_start(struct nfa_stepper *it, struct nfa_set *out)
{
    begin(it, out);
    for (uint32_t i = 0; i < it->nfa->part_count; i++) {
        const struct nfa_part *part = &it->nfa->parts[i];
        uint32_t first = out->count;
        bool complete = close_over(it, out, part->start, PAST_START, FUTURE_UNKNOWN);

        if (!settle(part, complete, first, out) || is_lost(part, first, out))
            return STEP_DEAD;
    }
    return finish(it, out, PAST_START);
}

/* The set once what comes next is known: it->resolved, where the states of a part are in no order;
 * false when it is decided that the whole does not match. */
static bool resolve(struct nfa_stepper *it, const struct nfa_set *from, enum future future)
{
    struct nfa_set *out = &it->resolved;
    uint32_t at = 0;

    begin(it, out);
    for (uint32_t i = 0; i < it->nfa->part_count; i++) {
        const struct nfa_part *part = &it->nfa->parts[i];
        uint32_t first = out->count;
        bool complete = false;

        for (; at < from->count && from->states[at] < part->end; at++)
            complete = complete || close_over(it, out, from->states[at], from->past, future);
        if (!settle(part, complete, first, out))
            return false;
    }
    return true;
}

bool stepper_end(struct nfa_stepper *it, const struct nfa_set *from)
{
    const struct nfa_set *out = &it->resolved;
    uint32_t at = 0;

    if (!resolve(it, from, FUTURE_END))
        return false;
    for (uint32_t i = 0; i < it->nfa->part_count; i++) {
        const struct nfa_part *part = &it->nfa->parts[i];

        if (!part->negated && (at == out->count || out->states[at] != part->accept))
            return false;
        while (at < out->count && out->states[at] < part->end)
            at++;
    }
    return true;
}

/* Takes a code point from one state; true when a match is complete. */
static bool take(struct nfa_stepper *it, uint32_t from, uint32_t class, struct nfa_set *out)
{
    const struct alphabet *alphabet = &it->nfa->alphabet;
    const struct nfa_state *state = &it->nfa->states[from];

    if (state->kind == NFA_ACCEPT)
        return true;
    return alphabet_has(alphabet->members + (size_t)state->other * alphabet->set_words, class) &&
           close_over(it, out, state->next, 0, FUTURE_UNKNOWN);
}

enum nfa_step stepper_step(struct nfa_stepper *it, const struct nfa_set *from, uint32_t class,
                           struct nfa_set *out)
{
    const struct alphabet *alphabet = &it->nfa->alphabet;
    bool word = alphabet->words != NULL && alphabet_has(alphabet->words, class);
    uint32_t at = 0;

    if (from->past & PAST_MATTERS) {
        if (!resolve(it, from, word ? FUTURE_WORD : FUTURE_OTHER))
            return STEP_DEAD;
        from = &it->resolved;
    }
    begin(it, out);
    it->visits += from->count;
    for (uint32_t i = 0; i < it->nfa->part_count; i++) {
        const struct nfa_part *part = &it->nfa->parts[i];
        uint32_t first = out->count;
        bool complete = false;

        for (; at < from->count && from->states[at] < part->end; at++)
            complete = complete || take(it, from->states[at], class, out);
        if (part->restarts && !complete)
            complete = close_over(it, out, part->start, 0, FUTURE_UNKNOWN);
        if (!settle(part, complete, first, out) || is_lost(part, first, out))
            return STEP_DEAD;
    }
    return finish(it, out, word ? PAST_WORD : 0);
}
