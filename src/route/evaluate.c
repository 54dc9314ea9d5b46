/* One evaluator for answers and for explanations: the second only listens in and looks at every
 * condition, where the first stops as soon as the outcome is certain. Nothing is allocated without
 * a listener. The local time is computed once per zone in a row, as neighbours mostly share it. */
#include "route/condition.h"

#include "base/buffer.h"
#include "base/check.h"
#include "route/draw.h"

enum { DAY_MIN = 24 * 60, DAY_S = 86400 };

struct listener {
    struct arena *arena;
    struct route_reason *reasons;
    size_t count, room;
    size_t rule;
    struct text path; /* the groups around, "not: any: " */
};
struct evaluation {
    const struct route_facts *facts;
    struct listener *listener; /* NULL: nobody wants to know why */
    bool clocked;              /* the three below are filled */
    const struct zone *zone;
    int minute, weekday; /* there and now; weekday 0 is Sunday */
};

static void look_at_clock(struct evaluation *evaluation, const struct zone *zone)
{
    int64_t wall_ms = evaluation->facts->wall_ms;
    int64_t local_s = wall_ms / 1000 - (wall_ms % 1000 < 0), day;

    if (evaluation->clocked && evaluation->zone == zone)
        return;
    local_s += zone_offset_s(zone, local_s);
    day = local_s / DAY_S - (local_s % DAY_S < 0);
    evaluation->clocked = true;
    evaluation->zone = zone;
    evaluation->minute = (int)((local_s - day * DAY_S) / 60);
    evaluation->weekday = (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

static int64_t number_of(const struct evaluation *evaluation,
                         const struct route_condition *condition)
{
    int64_t number;

    memcpy(&number, (const char *)evaluation->facts + condition->fact, sizeof number);
    return number;
}

static bool flag_of(const struct evaluation *evaluation, const struct route_condition *condition)
{
    bool flag;

    memcpy(&flag, (const char *)evaluation->facts + condition->fact, sizeof flag);
    return flag;
}

static bool compare(int64_t number, enum route_relation relation, int64_t other)
{
    switch (relation) {
    case ROUTE_GE:
        return number >= other;
    case ROUTE_LE:
        return number <= other;
    case ROUTE_GT:
        return number > other;
    case ROUTE_LT:
        return number < other;
    case ROUTE_EQ:
        return number == other;
    case ROUTE_NE:
        return number != other;
    }
    NEVER("no such relation");
}

/* The end is no longer part of the span, and one that ends before it begins wraps midnight. */
static bool is_within(int minute, const struct route_condition *span)
{
    if (span->from_min < span->to_min)
        return minute >= span->from_min && minute < span->to_min;
    return minute >= span->from_min || minute < span->to_min;
}

/* A call that belongs to no session draws for itself. */
static uint32_t drawn(const struct evaluation *evaluation, const struct route_condition *condition)
{
    const struct route_facts *facts = evaluation->facts;
    struct text who = facts->request;

    if (condition->sticky == ROUTE_BY_CALLER)
        who = facts->caller;
    else if (condition->sticky == ROUTE_BY_SESSION && facts->session.len > 0)
        who = facts->session;
    return route_draw(condition->salt, facts->endpoint, who);
}

static bool holds_alone(struct evaluation *evaluation, const struct route_condition *condition)
{
    switch (condition->kind) {
    case ROUTE_NUMBER:
        return compare(number_of(evaluation, condition), condition->relation, condition->number);
    case ROUTE_FLAG:
        return flag_of(evaluation, condition) == condition->expected;
    case ROUTE_TIME:
        look_at_clock(evaluation, condition->zone);
        return is_within(evaluation->minute, condition);
    case ROUTE_DAY:
        look_at_clock(evaluation, condition->zone);
        return condition->days >> evaluation->weekday & 1;
    case ROUTE_PERCENT:
        return drawn(evaluation, condition) < condition->share;
    default:
        NEVER("a group does not stand alone");
    }
}

static struct text actual_of(struct evaluation *evaluation, const struct route_condition *condition)
{
    struct arena *arena = evaluation->listener->arena;
    uint32_t lot;

    switch (condition->kind) {
    case ROUTE_NUMBER:
        return arena_printf(arena, "%lld", (long long)number_of(evaluation, condition));
    case ROUTE_FLAG:
        return flag_of(evaluation, condition) ? TEXT("true") : TEXT("false");
    case ROUTE_TIME:
        look_at_clock(evaluation, condition->zone);
        return arena_printf(arena, "%02d:%02d", evaluation->minute / 60, evaluation->minute % 60);
    case ROUTE_DAY:
        look_at_clock(evaluation, condition->zone);
        return route_day_names[evaluation->weekday];
    case ROUTE_PERCENT:
        lot = drawn(evaluation, condition);
        return arena_printf(arena, "drew %u.%02u", lot / 100, lot % 100);
    default:
        NEVER("a group has no value");
    }
}

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

static bool holds(struct evaluation *evaluation, const struct route_condition *condition);

/* The items of a group, counted as far as the outcome needs, or all of them for a listener. */
static size_t count_held(struct evaluation *evaluation, const struct route_condition *group)
{
    size_t held = 0;

    for (size_t i = 0; i < group->count; i++) {
        bool one = holds(evaluation, &group->items[i]);

        held += one;
        if (evaluation->listener == NULL && one == (group->kind == ROUTE_ANY))
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

static bool holds_group(struct evaluation *evaluation, const struct route_condition *group)
{
    struct listener *listener = evaluation->listener;
    struct text path;
    size_t line, held;

    if (listener == NULL)
        return group_outcome(group, count_held(evaluation, group));
    path = listener->path;
    line = add_reason(listener, group->text);
    listener->path =
        arena_printf(listener->arena, "%.*s%.*s: ", TEXT_ARG(path), TEXT_ARG(group->text));
    held = count_held(evaluation, group);
    listener->path = path;
    listener->reasons[line].actual =
        arena_printf(listener->arena, "%zu of %zu", held, group->count);
    listener->reasons[line].held = group_outcome(group, held);
    return listener->reasons[line].held;
}

static bool holds(struct evaluation *evaluation, const struct route_condition *condition)
{
    bool held;
    size_t line;

    if (condition->kind <= ROUTE_NOT)
        return holds_group(evaluation, condition);
    held = holds_alone(evaluation, condition);
    if (evaluation->listener != NULL) {
        line = add_reason(evaluation->listener, condition->text);
        evaluation->listener->reasons[line].actual = actual_of(evaluation, condition);
        evaluation->listener->reasons[line].held = held;
    }
    return held;
}

static bool rule_holds(struct evaluation *evaluation, const struct route_rule *rule)
{
    size_t line;

    if (rule->when != NULL)
        return holds(evaluation, rule->when);
    if (evaluation->listener != NULL) {
        line = add_reason(evaluation->listener, TEXT("always"));
        evaluation->listener->reasons[line].held = true;
    }
    return true;
}

size_t route_first_match(const struct route_rules *rules, const struct route_facts *facts)
{
    struct evaluation evaluation = {.facts = facts};

    for (size_t i = 0; i < rules->count; i++)
        if (rule_holds(&evaluation, &rules->items[i]))
            return i;
    return ROUTE_DEFAULT;
}

void route_explain(const struct route_rules *rules, const struct route_facts *facts,
                   struct arena *arena, const struct route_reason **out_reasons, size_t *out_count)
{
    struct listener listener = {.arena = arena};
    struct evaluation evaluation = {.facts = facts, .listener = &listener};

    for (size_t i = 0; i < rules->count; i++) {
        listener.rule = i;
        if (rule_holds(&evaluation, &rules->items[i]))
            break;
    }
    *out_reasons = listener.reasons;
    *out_count = listener.count;
}
