/* An object of conditions is a table lookup per key. Groups (all, any, not) hold objects again, as
 * deep as ROUTE_DEPTH_MAX and no deeper, so the recursion here and in the evaluation is bounded. */
#include "route/condition.h"

#include "route/draw.h"

#include <stddef.h>

#define FACT(member) offsetof(struct route_facts, member)
static const struct row {
    struct text name;
    route_reader *read;
    size_t fact;
    unsigned asks;
} rows[] = {
    {TEXT_INIT("input_tokens"), route_read_number, FACT(input_tokens), ROUTE_ASKS_TOKENS},
    {TEXT_INIT("input_chars"), route_read_number, FACT(input_chars), ROUTE_ASKS_CHARS},
    {TEXT_INIT("messages_count"), route_read_number, FACT(messages_count), 0},
    {TEXT_INIT("session_messages"), route_read_number, FACT(session_messages), 0},
    {TEXT_INIT("has_input_schema"), route_read_flag, FACT(has_input_schema), 0},
    {TEXT_INIT("has_output_schema"), route_read_flag, FACT(has_output_schema), 0},
    {TEXT_INIT("has_tools"), route_read_flag, FACT(has_tools), 0},
    {TEXT_INIT("streaming"), route_read_flag, FACT(streaming), 0},
    {TEXT_INIT("monthly_spend_pct"), route_read_spend, FACT(monthly_spend_pct), ROUTE_ASKS_SPEND},
    {TEXT_INIT("daily_spend_pct"), route_read_spend, FACT(daily_spend_pct), ROUTE_ASKS_SPEND},
    {TEXT_INIT("time_of_day"), route_read_time, 0, 0},
    {TEXT_INIT("day"), route_read_days, 0, 0},
    {TEXT_INIT("percent"), route_read_percent, 0, 0},
    {TEXT_INIT("caller"), route_read_caller, 0, 0},
    {TEXT_INIT("header"), route_read_header, 0, 0},
    {TEXT_INIT("input"), route_read_input, 0, 0},
    {TEXT_INIT("provider_health"), route_read_health, 0, 0},
    {TEXT_INIT("p95_ms"), route_read_p95, 0, 0},
};
static const struct {
    struct text name;
    enum route_kind kind;
} groups[] = {
    {TEXT_INIT("all"), ROUTE_ALL}, {TEXT_INIT("any"), ROUTE_ANY}, {TEXT_INIT("not"), ROUTE_NOT}};
/* What is no condition itself, but says something of others in its object. */
static const struct text beside[] = {TEXT_INIT("timezone"), TEXT_INIT("sticky")};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool compile_object(struct route_compiler *compiler, uint32_t at, struct route_place place,
                           struct route_condition *out);

static bool is_beside(struct text name)
{
    for (size_t i = 0; i < COUNT(beside); i++)
        if (text_equal(name, beside[i]))
            return true;
    return false;
}

static bool refuse_name(struct route_compiler *compiler, uint32_t key)
{
    struct text name = document_text(compiler->document, key), near;
    struct text known[COUNT(rows) + COUNT(groups) + COUNT(beside)];
    struct buffer list = buffer_in(compiler->diagnostics->arena);
    struct diagnostic *diagnostic =
        diagnose(compiler->diagnostics, compiler->document, key, DIAGNOSTIC_E0401,
                 "unknown condition '%.*s'", TEXT_ARG(text_cut(name, 64)));
    size_t count = 0;

    for (size_t i = 0; i < COUNT(rows); i++)
        known[count++] = rows[i].name;
    for (size_t i = 0; i < COUNT(groups); i++)
        known[count++] = groups[i].name;
    for (size_t i = 0; i < count; i++)
        buffer_printf(&list, "%s%.*s",
                      i == 0          ? ""
                      : i + 1 < count ? ", "
                                      : " and ",
                      TEXT_ARG(known[i]));
    for (size_t i = 0; i < COUNT(beside); i++)
        known[count++] = beside[i];
    near = nearest_name(name, known, count);
    if (near.len > 0)
        diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(compiler->diagnostics, diagnostic, "conditions are %.*s",
                        TEXT_ARG(buffer_text(&list)));
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
static bool compile_group(struct route_compiler *compiler, uint32_t value, struct route_place place,
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

static bool compile_member(struct route_compiler *compiler, uint32_t key, struct route_place place,
                           struct route_condition *out)
{
    struct text name = document_text(compiler->document, key);

    for (size_t i = 0; i < COUNT(groups); i++)
        if (text_equal(name, groups[i].name)) {
            out->kind = groups[i].kind;
            out->text = groups[i].name;
            return compile_group(compiler, key + 1, place, out);
        }
    for (size_t i = 0; i < COUNT(rows); i++)
        if (text_equal(name, rows[i].name)) {
            out->fact = rows[i].fact;
            compiler->asks |= rows[i].asks;
            return rows[i].read(compiler, &place, key + 1, out);
        }
    return refuse_name(compiler, key);
}

bool route_count_condition(struct route_compiler *compiler, uint32_t at)
{
    if (++compiler->conditions == ROUTE_CONDITIONS_MAX + 1)
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0104,
                 "there are more than %d conditions in these rules", ROUTE_CONDITIONS_MAX);
    return compiler->conditions <= ROUTE_CONDITIONS_MAX;
}

struct route_need *route_need(struct route_compiler *compiler, enum route_need_kind kind,
                              uint32_t at, size_t *out_index)
{
    size_t size = sizeof *compiler->needs;

    if (compiler->need_count == compiler->need_room) {
        size_t room = compiler->need_room > 0 ? compiler->need_room * 2 : 8;

        compiler->needs =
            arena_grow(compiler->arena, compiler->needs, compiler->need_room * size, room * size);
        compiler->need_room = room;
    }
    *out_index = compiler->need_count;
    compiler->needs[compiler->need_count] =
        (struct route_need){.kind = kind, .at = at, .rule = compiler->rule_index};
    return &compiler->needs[compiler->need_count++];
}

bool route_expect_mapping(struct route_compiler *compiler, uint32_t value, const char *what,
                          const char *hint)
{
    const struct cell *cell = document_cell(compiler->document, value);
    struct diagnostic *diagnostic;

    if (cell->type == CELL_OBJECT && cell->size > 0)
        return true;
    diagnostic = diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                          "%s must be a mapping%s%s", what,
                          cell->type == CELL_OBJECT ? " that is not empty" : ", found ",
                          cell->type == CELL_OBJECT ? "" : route_found(compiler, value));
    diagnostic_hint(compiler->diagnostics, diagnostic, "%s", hint);
    return false;
}

bool route_read_members(struct route_compiler *compiler, const struct route_place *place,
                        uint32_t mapping, route_reader *member, struct route_condition *out)
{
    const struct document *document = compiler->document;
    uint32_t end = document_next(document, mapping);
    bool valid = true;
    struct route_condition *items = ARENA_ARRAY(compiler->arena, struct route_condition,
                                                document_cell(document, mapping)->size);

    *out = (struct route_condition){.kind = ROUTE_ALL, .items = items, .text = TEXT("all")};
    for (uint32_t key = mapping + 1; key < end; key = document_next(document, key + 1)) {
        if (!route_count_condition(compiler, key))
            return false;
        valid = member(compiler, place, key + 1, &items[out->count]) && valid;
        out->count++;
    }
    if (out->count == 1)
        *out = items[0];
    return valid;
}

static bool compile_members(struct route_compiler *compiler, uint32_t at, struct route_place place,
                            struct route_condition *out)
{
    const struct document *document = compiler->document;
    uint32_t end = document_next(document, at);
    bool valid = true;
    struct route_condition *items =
        ARENA_ARRAY(compiler->arena, struct route_condition, document_cell(document, at)->size);

    *out = (struct route_condition){.kind = ROUTE_ALL, .items = items, .text = TEXT("all")};
    for (uint32_t key = at + 1; key < end; key = document_next(document, key + 1)) {
        if (is_beside(document_text(document, key)))
            continue;
        if (!route_count_condition(compiler, key))
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

static bool compile_object(struct route_compiler *compiler, uint32_t at, struct route_place place,
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
    compile_object(compiler, at, (struct route_place){0}, condition);
    return condition;
}

bool route_condition_always(const struct route_condition *condition)
{
    size_t always = 0;

    switch (condition->kind) {
    case ROUTE_ALL:
    case ROUTE_ANY:
        for (size_t i = 0; i < condition->count; i++)
            always += route_condition_always(&condition->items[i]);
        return condition->kind == ROUTE_ALL ? always == condition->count : always > 0;
    case ROUTE_NUMBER: /* none is below 0 */
        return (condition->relation == ROUTE_GE && condition->number == 0);
    case ROUTE_PERCENT:
        return condition->share == ROUTE_DRAWS;
    default:
        return false;
    }
}
