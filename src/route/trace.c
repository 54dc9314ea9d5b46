/* What was looked at, in words: for a line, and one condition at a time. */
#include "route/condition.h"

#include "base/buffer.h"
#include "base/check.h"

enum {
    TOLD_MAX = 12,                       /* in a line */
    TREE_DEPTH = 2 * ROUTE_DEPTH_MAX + 8 /* a mapping of several is a group that nobody wrote */
};

static bool is_group(const struct route_look *look)
{
    return look->condition != NULL && look->condition->kind <= ROUTE_NOT;
}

/* What a caller wrote itself is told to nobody else. */
static bool is_told(const struct route_condition *condition)
{
    return condition->kind < ROUTE_CALLER_NAME || condition->kind > ROUTE_INPUT;
}

static void put_look(const struct route_look *look, struct buffer *out)
{
    if (!look->held)
        buffer_put(out, TEXT("not "));
    buffer_put(out, look->condition->text);
    if (!is_told(look->condition))
        return;
    buffer_put(out, TEXT(" ("));
    route_put_seen(NULL, look, out);
    buffer_put_byte(out, ')');
}

void route_trace_put(const struct route_trace *trace, struct buffer *out)
{
    size_t told = 0, more = trace->left_out;

    if (trace->rule == ROUTE_DEFAULT)
        return;
    for (size_t i = 0; i < trace->count; i++) {
        const struct route_look *look = &trace->looks[i];

        if (look->rule != trace->rule || look->condition == NULL || is_group(look))
            continue;
        if (told == TOLD_MAX) {
            more++;
            continue;
        }
        if (told++ > 0)
            buffer_put(out, TEXT(", "));
        put_look(look, out);
    }
    if (more == 0)
        return;
    buffer_put(out, TEXT(" and "));
    buffer_put_u64(out, more);
    buffer_put(out, TEXT(" more"));
}

static struct text seen(const struct route_trace *trace, const struct route_look *look, bool all,
                        struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (look->condition == NULL)
        return look->value;
    if (is_group(look))
        return look->known ? arena_printf(arena, "%lld of %zu", (long long)look->number,
                                          look->condition->count)
                           : (struct text){0};
    if (!all && !is_told(look->condition))
        return (struct text){0};
    route_put_seen(trace->input, look, &out);
    return buffer_text(&out);
}

static struct text named(const struct route_look *look)
{
    if (look->condition == NULL)
        return look->held ? TEXT("always") : TEXT("switched on");
    return look->condition->text;
}

size_t route_trace_reasons(const struct route_trace *trace, bool all, struct arena *arena,
                           const struct route_reason **out)
{
    struct route_reason *reasons = ARENA_ARRAY(arena, struct route_reason, trace->count);
    struct text around[TREE_DEPTH + 1] = {{0}}; /* the groups, "not: any: ", by depth */

    for (size_t i = 0; i < trace->count; i++) {
        const struct route_look *look = &trace->looks[i];
        struct text path;

        CHECK(look->depth < TREE_DEPTH);
        path = around[look->depth];
        reasons[i] = (struct route_reason){
            .rule = look->rule,
            .condition = arena_printf(arena, "%.*s%.*s", TEXT_ARG(path), TEXT_ARG(named(look))),
            .actual = seen(trace, look, all, arena),
            .held = look->held,
        };
        if (is_group(look))
            around[look->depth + 1] = arena_printf(arena, "%.*s: ", TEXT_ARG(reasons[i].condition));
    }
    *out = reasons;
    return trace->count;
}
