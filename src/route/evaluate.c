/* One evaluator for answers and for explanations: the second looks at every condition, where the
 * first stops as soon as the outcome is certain. Both leave a trace of what they looked at; room
 * for it is made only where there is an arena. */
#include "route/condition.h"

#include "base/buffer.h"
#include "base/check.h"

struct run {
    struct route_evaluation evaluation;
    struct route_trace *trace; /* NULL: nobody keeps it */
    bool whole;                /* every condition is looked at */
    size_t room, rule;
    uint8_t depth;
};

static void make_room(struct run *run)
{
    struct route_trace *trace = run->trace;
    size_t room = run->room > 0 ? run->room * 2 : 16, size = sizeof *trace->looks;

    trace->looks = arena_grow(trace->arena, trace->looks, run->room * size, room * size);
    run->room = room;
}

/* The place of one more look; SIZE_MAX: there is none. */
static size_t add_look(struct run *run, const struct route_condition *condition)
{
    struct route_trace *trace = run->trace;

    if (trace == NULL)
        return SIZE_MAX;
    if (trace->count == run->room && trace->arena != NULL)
        make_room(run);
    if (trace->count == run->room) {
        trace->left_out++;
        return SIZE_MAX;
    }
    trace->looks[trace->count] = (struct route_look){
        .condition = condition, .rule = (uint16_t)run->rule, .depth = run->depth};
    return trace->count++;
}

static bool holds(struct run *run, const struct route_condition *condition);

/* The items of a group that hold, counted as far as the outcome needs, or all of them. */
static size_t count_held(struct run *run, const struct route_condition *group, bool *out_all)
{
    size_t held = 0;

    for (size_t i = 0; i < group->count; i++) {
        bool one = holds(run, &group->items[i]);

        held += one;
        if (!run->whole && one == (group->kind == ROUTE_ANY)) {
            *out_all = i + 1 == group->count;
            return held;
        }
    }
    *out_all = true;
    return held;
}

static bool group_outcome(const struct route_condition *group, size_t held)
{
    if (group->kind == ROUTE_ANY)
        return held > 0;
    return group->kind == ROUTE_NOT ? held == 0 : held == group->count;
}

static bool holds_group(struct run *run, const struct route_condition *group)
{
    size_t at = add_look(run, group), held;
    struct route_look *look;
    bool all, outcome;

    run->depth++;
    held = count_held(run, group, &all);
    run->depth--;
    outcome = group_outcome(group, held);
    if (at == SIZE_MAX)
        return outcome;
    look = &run->trace->looks[at];
    look->number = (int64_t)held;
    look->known = all;
    look->held = outcome;
    return outcome;
}

static bool holds(struct run *run, const struct route_condition *condition)
{
    struct route_look untraced, *look = &untraced;
    size_t at;

    if (condition->kind <= ROUTE_NOT)
        return holds_group(run, condition);
    at = add_look(run, condition);
    if (at != SIZE_MAX)
        look = &run->trace->looks[at];
    route_look(&run->evaluation, condition, look);
    return look->held;
}

static bool rule_holds(struct run *run, const struct route_rule *rule)
{
    size_t at;

    if (rule->when != NULL)
        return holds(run, rule->when);
    at = add_look(run, NULL);
    if (at != SIZE_MAX)
        run->trace->looks[at].held = true;
    return true;
}

/* A rule that is watched may have been switched off: as if it were not there. */
static bool rule_is_off(struct run *run, const struct route_rule *rule, size_t i)
{
    const struct route_facts *facts = run->evaluation.facts;
    bool told = run->trace != NULL && run->trace->arena != NULL;
    struct buffer why = {.arena = told ? run->trace->arena : NULL};
    size_t at;

    if (rule->watch == CELL_NONE || facts->source == NULL || facts->source->off == NULL ||
        !facts->source->off(facts->from, i, told ? &why : NULL))
        return false;
    at = add_look(run, NULL);
    if (at != SIZE_MAX)
        run->trace->looks[at].value = buffer_text(&why);
    return true;
}

/* What was seen of rules before gives way where there would be no room for this one's. */
static void begin_rule(struct run *run, size_t i)
{
    run->rule = i;
    if (run->trace == NULL)
        return;
    run->trace->left_out = 0;
    if (run->trace->arena == NULL && run->trace->count > ROUTE_LOOKS_MAX - ROUTE_LOOKS_OF_RULE)
        run->trace->count = ROUTE_LOOKS_MAX - ROUTE_LOOKS_OF_RULE;
}

static size_t match(const struct route_rules *rules, struct run *run)
{
    for (size_t i = 0; i < rules->count; i++) {
        begin_rule(run, i);
        if (!rule_is_off(run, &rules->items[i], i) && rule_holds(run, &rules->items[i]))
            return i;
    }
    return ROUTE_DEFAULT;
}

static size_t decide(const struct route_rules *rules, const struct route_facts *facts, bool whole,
                     struct route_trace *trace)
{
    struct run run = {.evaluation = {.facts = facts}, .trace = trace, .whole = whole};

    if (trace == NULL)
        return match(rules, &run);
    if (trace->arena != NULL)
        trace->looks = NULL;
    else
        run.room = ROUTE_LOOKS_MAX;
    trace->count = trace->left_out = 0;
    trace->input = facts->input;
    trace->rule = match(rules, &run);
    return trace->rule;
}

size_t route_first_match(const struct route_rules *rules, const struct route_facts *facts,
                         struct route_trace *out_trace)
{
    return decide(rules, facts, false, out_trace);
}

size_t route_explain(const struct route_rules *rules, const struct route_facts *facts,
                     struct route_trace *out_trace)
{
    CHECK(out_trace->arena != NULL);
    return decide(rules, facts, true, out_trace);
}
