/* One evaluator for answers and for explanations: the second only listens in and looks at every
 * condition, where the first stops as soon as the outcome is certain. Nothing is allocated without
 * a listener. */
#include "route/condition.h"

#include "base/buffer.h"
#include "base/check.h"

struct listener {
    struct arena *arena;
    struct route_reason *reasons;
    size_t count, room;
    size_t rule;
    struct text path; /* the groups around, "not: any: " */
};
struct run {
    struct route_evaluation evaluation;
    struct route_trace *trace; /* of this rule; NULL: nobody keeps it */
    struct listener *listener; /* NULL: nobody wants to know why */
};

/* Adds a line; returns its index, as a group's outcome is known only after its items'. */
static size_t add_reason(struct listener *listener, struct text condition)
{
    size_t size = sizeof *listener->reasons;

    if (listener->count == listener->room) {
        size_t room = listener->room > 0 ? listener->room * 2 : 16;

        listener->reasons =
            arena_grow(listener->arena, listener->reasons, listener->room * size, room * size);
        listener->room = room;
    }
    listener->reasons[listener->count] = (struct route_reason){
        .rule = listener->rule,
        .condition = arena_printf(listener->arena, "%.*s%.*s", TEXT_ARG(listener->path),
                                  TEXT_ARG(condition)),
    };
    return listener->count++;
}

static bool holds(struct run *run, const struct route_condition *condition);

/* The items of a group, counted as far as the outcome needs, or all of them for a listener. */
static size_t count_held(struct run *run, const struct route_condition *group)
{
    size_t held = 0;

    for (size_t i = 0; i < group->count; i++) {
        bool one = holds(run, &group->items[i]);

        held += one;
        if (run->listener == NULL && one == (group->kind == ROUTE_ANY))
            break;
    }
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
    struct listener *listener = run->listener;
    struct text path;
    size_t line, held;

    if (listener == NULL)
        return group_outcome(group, count_held(run, group));
    path = listener->path;
    line = add_reason(listener, group->text);
    listener->path =
        arena_printf(listener->arena, "%.*s%.*s: ", TEXT_ARG(path), TEXT_ARG(group->text));
    held = count_held(run, group);
    listener->path = path;
    listener->reasons[line].actual =
        arena_printf(listener->arena, "%zu of %zu", held, group->count);
    listener->reasons[line].held = group_outcome(group, held);
    return listener->reasons[line].held;
}

static struct text seen(const struct run *run, const struct route_look *look)
{
    struct buffer out = buffer_in(run->listener->arena);

    route_put_seen(&run->evaluation, look, &out);
    return buffer_text(&out);
}

static bool holds(struct run *run, const struct route_condition *condition)
{
    struct route_trace *trace = run->trace;
    struct route_look untraced, *look = &untraced; /* else it is written where it is kept */
    size_t line;

    if (condition->kind <= ROUTE_NOT)
        return holds_group(run, condition);
    if (trace != NULL && trace->count++ < ROUTE_TRACE_MAX)
        look = &trace->looks[trace->count - 1];
    route_look(&run->evaluation, condition, look);
    if (run->listener != NULL) {
        line = add_reason(run->listener, condition->text);
        run->listener->reasons[line].actual = seen(run, look);
        run->listener->reasons[line].held = look->held;
    }
    return look->held;
}

static bool rule_holds(struct run *run, const struct route_rule *rule)
{
    size_t line;

    if (rule->when != NULL)
        return holds(run, rule->when);
    if (run->listener != NULL) {
        line = add_reason(run->listener, TEXT("always"));
        run->listener->reasons[line].held = true;
    }
    return true;
}

/* A rule that is watched may have been switched off: as if it were not there. */
static bool rule_is_off(struct run *run, const struct route_rule *rule, size_t i)
{
    const struct route_facts *facts = run->evaluation.facts;
    struct buffer why = {0};
    size_t line;

    if (rule->watch == CELL_NONE || facts->source == NULL || facts->source->off == NULL)
        return false;
    if (run->listener == NULL)
        return facts->source->off(facts->from, i, NULL);
    why.arena = run->listener->arena;
    if (!facts->source->off(facts->from, i, &why))
        return false;
    line = add_reason(run->listener, TEXT("switched on"));
    run->listener->reasons[line].actual = buffer_text(&why);
    return true;
}

static size_t first_match(const struct route_rules *rules, struct run *run)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (run->trace != NULL)
            run->trace->count = 0;
        if (run->listener != NULL)
            run->listener->rule = i;
        if (!rule_is_off(run, &rules->items[i], i) && rule_holds(run, &rules->items[i]))
            return i;
    }
    if (run->trace != NULL)
        run->trace->count = 0;
    return ROUTE_DEFAULT;
}

size_t route_first_match(const struct route_rules *rules, const struct route_facts *facts,
                         struct route_trace *out_trace)
{
    struct run run = {.evaluation = {.facts = facts}, .trace = out_trace};

    return first_match(rules, &run);
}

size_t route_explain(const struct route_rules *rules, const struct route_facts *facts,
                     struct arena *arena, struct route_trace *out_trace,
                     const struct route_reason **out_reasons, size_t *out_count)
{
    struct listener listener = {.arena = arena};
    struct run run = {.evaluation = {.facts = facts}, .trace = out_trace, .listener = &listener};
    size_t match = first_match(rules, &run);

    *out_reasons = listener.reasons;
    *out_count = listener.count;
    return match;
}

/* What a caller wrote itself is told to nobody else. */
static bool is_told(const struct route_condition *condition)
{
    return condition->kind < ROUTE_CALLER_NAME || condition->kind > ROUTE_INPUT;
}

void route_trace_put(const struct route_trace *trace, struct buffer *out)
{
    size_t count = trace->count < ROUTE_TRACE_MAX ? trace->count : ROUTE_TRACE_MAX;

    for (size_t i = 0; i < count; i++) {
        const struct route_look *look = &trace->looks[i];

        if (i > 0)
            buffer_put(out, TEXT(", "));
        if (!look->held)
            buffer_put(out, TEXT("not "));
        buffer_put(out, look->condition->text);
        if (!is_told(look->condition))
            continue;
        buffer_put(out, TEXT(" ("));
        route_put_seen(NULL, look, out);
        buffer_put_byte(out, ')');
    }
    if (trace->count > count) {
        buffer_put(out, TEXT(" and "));
        buffer_put_u64(out, trace->count - count);
        buffer_put(out, TEXT(" more"));
    }
}
