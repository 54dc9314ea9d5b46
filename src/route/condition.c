/* An object of conditions is a table lookup per key. Groups (all, any, not) hold objects again, as
 * deep as ROUTE_DEPTH_MAX and no deeper, so the recursion here and in the evaluation is bounded.
 * Names of conditions that later versions will have are known, in order to say so. */
#include "route/condition.h"

#include <stddef.h>

static const struct fact {
    struct text name;
    enum route_kind kind;
    size_t offset;
} facts[] = {
    {TEXT_INIT("input_tokens"), ROUTE_NUMBER, offsetof(struct route_facts, input_tokens)},
    {TEXT_INIT("input_chars"), ROUTE_NUMBER, offsetof(struct route_facts, input_chars)},
    {TEXT_INIT("messages_count"), ROUTE_NUMBER, offsetof(struct route_facts, messages_count)},
    {TEXT_INIT("session_messages"), ROUTE_NUMBER, offsetof(struct route_facts, session_messages)},
    {TEXT_INIT("has_input_schema"), ROUTE_FLAG, offsetof(struct route_facts, has_input_schema)},
    {TEXT_INIT("has_output_schema"), ROUTE_FLAG, offsetof(struct route_facts, has_output_schema)},
    {TEXT_INIT("has_tools"), ROUTE_FLAG, offsetof(struct route_facts, has_tools)},
    {TEXT_INIT("streaming"), ROUTE_FLAG, offsetof(struct route_facts, streaming)},
};
static const struct text known[] = {
    TEXT_INIT("input_tokens"),
    TEXT_INIT("input_chars"),
    TEXT_INIT("messages_count"),
    TEXT_INIT("session_messages"),
    TEXT_INIT("has_input_schema"),
    TEXT_INIT("has_output_schema"),
    TEXT_INIT("has_tools"),
    TEXT_INIT("streaming"),
    TEXT_INIT("time_of_day"),
    TEXT_INIT("day"),
    TEXT_INIT("timezone"),
    TEXT_INIT("percent"),
    TEXT_INIT("sticky"),
    TEXT_INIT("all"),
    TEXT_INIT("any"),
    TEXT_INIT("not"),
};
/* What is no condition itself, but says something of others in its object. */
static const struct text beside[] = {TEXT_INIT("timezone"), TEXT_INIT("sticky")};
static const struct text later[] = {
    TEXT_INIT("monthly_spend_pct"),
    TEXT_INIT("daily_spend_pct"),
    TEXT_INIT("caller"),
    TEXT_INIT("header"),
    TEXT_INIT("input"),
    TEXT_INIT("provider_health"),
    TEXT_INIT("p95_ms"),
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Where conditions stand: how deep, in which zone, and beside which others. */
struct place {
    unsigned depth;
    const struct zone *zone;
    uint32_t object; /* cell of the innermost one */
};

static bool compile_object(struct route_compiler *compiler, uint32_t at, struct place place,
                           struct route_condition *out);

static bool is_one_of(struct text name, const struct text *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(name, names[i]))
            return true;
    return false;
}

static bool refuse_name(struct route_compiler *compiler, uint32_t key)
{
    struct text name = document_text(compiler->document, key), near;
    struct diagnostic *diagnostic;

    if (is_one_of(name, later, COUNT(later))) {
        diagnose(compiler->diagnostics, compiler->document, key, DIAGNOSTIC_E0110,
                 "this version does not have the condition '%.*s' yet", TEXT_ARG(name));
        return false;
    }
    diagnostic = diagnose(compiler->diagnostics, compiler->document, key, DIAGNOSTIC_E0401,
                          "unknown condition '%.*s'", TEXT_ARG(text_cut(name, 64)));
    near = nearest_name(name, known, COUNT(known));
    if (near.len > 0)
        diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(
            compiler->diagnostics, diagnostic,
            "conditions are input_tokens, input_chars, messages_count, "
            "session_messages, has_input_schema, has_output_schema, has_tools, streaming, "
            "time_of_day, day, percent, all, any and not");
    return false;
}

static bool refuse_group(struct route_compiler *compiler, uint32_t at, const char *expected)
{
    const struct cell *cell = document_cell(compiler->document, at);
    bool empty = cell->type >= CELL_ARRAY && cell->size == 0;

    if (empty)
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0106,
                 "no condition stands here, expected %s", expected);
    else
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0103,
                 "expected %s, found %s", expected, route_found(compiler, at));
    return false;
}

static bool is_filled(const struct route_compiler *compiler, uint32_t at, enum cell_type type)
{
    const struct cell *cell = document_cell(compiler->document, at);

    return cell->type == type && cell->size > 0;
}

/* `all` and `any` hold a list of objects, `not` holds one. */
static bool compile_group(struct route_compiler *compiler, uint32_t value, struct place place,
                          struct route_condition *out)
{
    const struct document *document = compiler->document;
    bool list = out->kind != ROUTE_NOT, valid = true;
    struct route_condition *items;
    uint32_t at = list ? value + 1 : value, end = document_next(document, value);

    if (!is_filled(compiler, value, list ? CELL_ARRAY : CELL_OBJECT))
        return refuse_group(compiler, value,
                            list ? "a list of objects of conditions" : "an object of conditions");
    if (place.depth == ROUTE_DEPTH_MAX) {
        diagnose(compiler->diagnostics, document, value, DIAGNOSTIC_E0003,
                 "conditions are nested more than %d deep", ROUTE_DEPTH_MAX);
        return false;
    }
    place.depth++;
    items = ARENA_ARRAY(compiler->arena, struct route_condition,
                        list ? document_cell(document, value)->size : 1);
    for (; at < end; at = document_next(document, at)) {
        if (is_filled(compiler, at, CELL_OBJECT))
            valid = compile_object(compiler, at, place, &items[out->count]) && valid;
        else
            valid = refuse_group(compiler, at, "an object of conditions");
        out->count++;
    }
    out->items = items;
    return valid;
}

static bool compile_fact(struct route_compiler *compiler, uint32_t key, struct route_condition *out)
{
    struct text name = document_text(compiler->document, key);

    for (size_t i = 0; i < COUNT(facts); i++) {
        if (!text_equal(facts[i].name, name))
            continue;
        out->kind = facts[i].kind;
        out->fact = facts[i].offset;
        return out->kind == ROUTE_NUMBER ? route_read_number(compiler, name, key + 1, out)
                                         : route_read_flag(compiler, name, key + 1, out);
    }
    return refuse_name(compiler, key);
}

static bool compile_member(struct route_compiler *compiler, uint32_t key, struct place place,
                           struct route_condition *out)
{
    static const struct {
        struct text name;
        enum route_kind kind;
    } groups[] = {{TEXT_INIT("all"), ROUTE_ALL},
                  {TEXT_INIT("any"), ROUTE_ANY},
                  {TEXT_INIT("not"), ROUTE_NOT}};
    struct text name = document_text(compiler->document, key);
    bool time = text_equal(name, TEXT("time_of_day"));

    for (size_t i = 0; i < COUNT(groups); i++)
        if (text_equal(name, groups[i].name)) {
            out->kind = groups[i].kind;
            out->text = groups[i].name;
            return compile_group(compiler, key + 1, place, out);
        }
    if (text_equal(name, TEXT("percent"))) {
        out->kind = ROUTE_PERCENT;
        return route_read_percent(compiler, key + 1,
                                  document_member(compiler->document, place.object, TEXT("sticky")),
                                  out);
    }
    if (!time && !text_equal(name, TEXT("day")))
        return compile_fact(compiler, key, out);
    compiler->time_conditions++;
    out->kind = time ? ROUTE_TIME : ROUTE_DAY;
    out->zone = place.zone;
    return time ? route_read_time(compiler, key + 1, out) : route_read_days(compiler, key + 1, out);
}

/* Whether one more condition is allowed; says so once when it is not. */
static bool count_condition(struct route_compiler *compiler, uint32_t at)
{
    if (++compiler->conditions == ROUTE_CONDITIONS_MAX + 1)
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0104,
                 "there are more than %d conditions in these rules", ROUTE_CONDITIONS_MAX);
    return compiler->conditions <= ROUTE_CONDITIONS_MAX;
}

static bool compile_members(struct route_compiler *compiler, uint32_t at, struct place place,
                            struct route_condition *out)
{
    const struct document *document = compiler->document;
    uint32_t end = document_next(document, at);
    bool valid = true;
    struct route_condition *items =
        ARENA_ARRAY(compiler->arena, struct route_condition, document_cell(document, at)->size);

    *out = (struct route_condition){.kind = ROUTE_ALL, .items = items, .text = TEXT("all")};
    for (uint32_t key = at + 1; key < end; key = document_next(document, key + 1)) {
        if (is_one_of(document_text(document, key), beside, COUNT(beside)))
            continue;
        if (!count_condition(compiler, key))
            return false;
        valid = compile_member(compiler, key, place, &items[out->count]) && valid;
        out->count++;
    }
    if (out->count == 1)
        *out = items[0];
    return valid;
}

static bool check_sticky(struct route_compiler *compiler, uint32_t object)
{
    const struct document *document = compiler->document;
    uint32_t sticky = document_member(document, object, TEXT("sticky"));
    struct diagnostic *diagnostic;

    if (sticky == CELL_NONE || document_member(document, object, TEXT("percent")) != CELL_NONE)
        return true;
    diagnostic = diagnose(compiler->diagnostics, document, sticky - 1, DIAGNOSTIC_E0101,
                          "'sticky' alone is no condition");
    diagnostic_hint(compiler->diagnostics, diagnostic, "it says who draws for 'percent' beside it");
    return false;
}

static bool compile_object(struct route_compiler *compiler, uint32_t at, struct place place,
                           struct route_condition *out)
{
    uint32_t zone = document_member(compiler->document, at, TEXT("timezone"));
    size_t times_before = compiler->time_conditions;
    bool valid = zone == CELL_NONE || route_read_zone(compiler, zone, &place.zone);
    struct diagnostic *diagnostic;

    place.object = at;
    valid = check_sticky(compiler, at) && valid;
    valid = compile_members(compiler, at, place, out) && valid;
    if (zone != CELL_NONE && compiler->time_conditions == times_before) {
        diagnostic = diagnose(compiler->diagnostics, compiler->document, zone - 1, DIAGNOSTIC_E0101,
                              "'timezone' alone is no condition");
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "it says where 'time_of_day' and 'day' beside it, or below it, are meant");
        valid = false;
    }
    return valid;
}

const struct route_condition *route_condition_compile(struct route_compiler *compiler, uint32_t at)
{
    struct route_condition *condition;

    if (document_cell(compiler->document, at)->type != CELL_OBJECT) {
        refuse_group(compiler, at, "an object of conditions");
        return NULL;
    }
    if (document_cell(compiler->document, at)->size == 0)
        return NULL;
    condition = ARENA_NEW(compiler->arena, struct route_condition);
    compile_object(compiler, at, (struct place){0}, condition);
    return condition;
}
