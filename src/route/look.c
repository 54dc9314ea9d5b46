/* A condition that is no group is looked at once: what was seen decides, and is what an explanation
 * tells. The local time is worked out once per zone in a row, as neighbours mostly share it. */
#include "route/condition.h"

#include "base/check.h"
#include "document/json_write.h"
#include "document/utf8.h"
#include "route/draw.h"

enum { DAY_S = 86400, SEEN_MAX = 200 };

static void look_at_clock(struct route_evaluation *evaluation, const struct zone *zone)
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

static const char *fact_of(const struct route_evaluation *evaluation,
                           const struct route_condition *condition)
{
    return (const char *)evaluation->facts + condition->fact;
}

/* The end is no longer part of the span, and one that ends before it begins wraps midnight. */
static bool is_within(int64_t minute, const struct route_condition *span)
{
    if (span->from_min < span->to_min)
        return minute >= span->from_min && minute < span->to_min;
    return minute >= span->from_min || minute < span->to_min;
}

/* A call that belongs to no session draws for itself. */
static int64_t drawn(const struct route_facts *facts, const struct route_condition *condition)
{
    struct text who = facts->request;

    if (condition->sticky == ROUTE_BY_CALLER)
        who = facts->caller;
    else if (condition->sticky == ROUTE_BY_SESSION && facts->session.len > 0)
        who = facts->session;
    return route_draw(condition->salt, facts->endpoint, who);
}

/* --- texts
 * --------------------------------------------------------------------------------------- */

/* Of the caller: false when it has none. */
static bool text_of_caller(const struct route_facts *facts, const struct route_condition *condition,
                           struct text *out)
{
    *out = condition->kind == ROUTE_CALLER_NAME ? facts->caller_name : facts->project;
    if (condition->kind != ROUTE_CALLER_TAG)
        return out->len > 0;
    for (size_t i = 0; i < facts->tag_count; i++)
        if (text_equal(facts->tags[i].name, condition->name)) {
            *out = facts->tags[i].value;
            return true;
        }
    return false;
}

static bool look_at_text(const struct route_facts *facts, const struct route_condition *condition,
                         struct route_look *look)
{
    if (condition->kind != ROUTE_HEADER)
        look->known = text_of_caller(facts, condition, &look->value);
    else
        look->known = facts->source != NULL &&
                      facts->source->header(facts->from, condition->name, &look->value);
    if (condition->value_count == 0)
        return look->known == condition->expected;
    for (size_t i = 0; look->known && i < condition->value_count; i++)
        if (text_equal(look->value, condition->values[i]))
            return true;
    return false;
}

/* --- the input
 * ----------------------------------------------------------------------------------- */

/* The item of that number, written as JSON Pointers write it. */
static uint32_t item_at(const struct document *document, uint32_t array, struct text step)
{
    uint64_t index;

    if (!text_to_u64(step, &index) || index >= document_cell(document, array)->size ||
        (step.len > 1 && step.at[0] == '0'))
        return CELL_NONE;
    for (array++; index > 0; index--)
        array = document_next(document, array);
    return array;
}

static uint32_t value_at(const struct route_facts *facts, const struct route_condition *condition)
{
    const struct document *document = facts->input;
    uint32_t at = document != NULL ? facts->input_at : CELL_NONE;

    for (size_t i = 0; i < condition->step_count && at != CELL_NONE; i++)
        at = document_cell(document, at)->type == CELL_ARRAY
                 ? item_at(document, at, condition->steps[i])
                 : document_member(document, at, condition->steps[i]);
    return at;
}

static bool is_number(const struct cell *cell)
{
    return cell->type == CELL_INTEGER || cell->type == CELL_NUMBER;
}

static bool is_equal(const struct cell *value, const struct cell *other)
{
    if (is_number(value) && is_number(other))
        return cell_compare_numbers(value, other) == 0;
    if (value->type != other->type)
        return false;
    return value->type == CELL_STRING ? text_equal(cell_text(value), cell_text(other))
                                      : value->boolean == other->boolean;
}

static bool equals_any(const struct cell *value, const struct route_condition *condition)
{
    for (size_t i = 0; i < condition->operand_count; i++)
        if (is_equal(value, &condition->operands[i].value))
            return true;
    return false;
}

/* What is not there, or of another type, is equal to nothing, and neither more nor less. */
static bool look_at_input(const struct route_facts *facts, const struct route_condition *condition,
                          struct route_look *look)
{
    const struct cell *value;

    look->value_at = value_at(facts, condition);
    look->known = look->value_at != CELL_NONE;
    if (!look->known)
        return condition->relation == ROUTE_NE;
    value = document_cell(facts->input, look->value_at);
    if (condition->relation >= ROUTE_EQ)
        return equals_any(value, condition) == (condition->relation == ROUTE_EQ);
    return is_number(value) && compare(cell_compare_numbers(value, &condition->operands[0].value),
                                       condition->relation, 0);
}

/* --- any
 * ----------------------------------------------------------------------------------------- */

/* A number that is not known is neither more nor less than another. */
static bool look_at_number(const struct route_facts *facts, const struct route_condition *condition,
                           struct route_look *look)
{
    if (condition->kind == ROUTE_P95)
        look->known = facts->source != NULL &&
                      facts->source->p95_ms(facts->from, condition->need, &look->number);
    return look->known && compare(look->number, condition->relation, condition->number);
}

static bool judge(struct route_evaluation *evaluation, const struct route_condition *condition,
                  struct route_look *look)
{
    const struct route_facts *facts = evaluation->facts;
    bool flag;

    switch (condition->kind) {
    case ROUTE_NUMBER:
        memcpy(&look->number, fact_of(evaluation, condition), sizeof look->number);
        return look_at_number(facts, condition, look);
    case ROUTE_P95:
        return look_at_number(facts, condition, look);
    case ROUTE_FLAG:
        memcpy(&flag, fact_of(evaluation, condition), sizeof flag);
        look->number = flag;
        return flag == condition->expected;
    case ROUTE_TIME:
        look_at_clock(evaluation, condition->zone);
        look->number = evaluation->minute;
        return is_within(look->number, condition);
    case ROUTE_DAY:
        look_at_clock(evaluation, condition->zone);
        look->number = evaluation->weekday;
        return condition->days >> look->number & 1;
    case ROUTE_PERCENT:
        look->number = drawn(facts, condition);
        return look->number < condition->share;
    case ROUTE_HEALTH:
        if (facts->source != NULL)
            look->number = facts->source->health(facts->from, condition->need);
        return condition->states >> look->number & 1;
    case ROUTE_CALLER_NAME:
    case ROUTE_CALLER_PROJECT:
    case ROUTE_CALLER_TAG:
    case ROUTE_HEADER:
        return look_at_text(facts, condition, look);
    case ROUTE_INPUT:
        return look_at_input(facts, condition, look);
    default:
        NEVER("a group is not looked at by itself");
    }
}

void route_look(struct route_evaluation *evaluation, const struct route_condition *condition,
                struct route_look *out)
{
    out->condition = condition;
    out->known = true;
    out->number = 0;
    out->held = judge(evaluation, condition, out);
}

/* --- in words
 * ------------------------------------------------------------------------------------ */

/* Headers need not be UTF-8. */
static void put_cut(struct buffer *out, struct text text)
{
    utf8_put_clean(out, text_cut(text, SEEN_MAX));
    if (text.len > SEEN_MAX)
        buffer_put(out, TEXT("..."));
}

/* A string as JSON, so that it is told from a number; of what is larger only what it is. */
static void put_input(const struct document *input, uint32_t at, struct buffer *out)
{
    const struct cell *cell = document_cell(input, at);

    if (cell->type == CELL_STRING) {
        json_put_string(out, text_cut(cell_text(cell), SEEN_MAX));
        if (cell->size > SEEN_MAX)
            buffer_put(out, TEXT("..."));
    } else if (cell->type == CELL_NUMBER) {
        put_cut(out, cell_text(cell));
    } else if (cell->type >= CELL_ARRAY) {
        buffer_printf(out, "an %s", cell_type_name(cell->type));
    } else {
        json_put_cell(out, input, at);
    }
}

void route_put_seen(const struct document *input, const struct route_look *look, struct buffer *out)
{
    int number = (int)look->number;

    switch (look->condition->kind) {
    case ROUTE_FLAG:
        buffer_put(out, number ? TEXT("true") : TEXT("false"));
        return;
    case ROUTE_TIME:
        buffer_printf(out, "%02d:%02d", number / 60, number % 60);
        return;
    case ROUTE_DAY:
        buffer_put(out, route_day_names[number]);
        return;
    case ROUTE_PERCENT:
        buffer_printf(out, "drew %d.%02d", number / 100, number % 100);
        return;
    case ROUTE_HEALTH:
        buffer_put(out, route_health_words[number]);
        return;
    case ROUTE_NUMBER:
    case ROUTE_P95:
        if (look->known)
            buffer_put_i64(out, look->number);
        else
            buffer_put(out, TEXT("not known"));
        return;
    default:
        break;
    }
    if (!look->known)
        buffer_put(out, TEXT("none"));
    else if (look->condition->kind == ROUTE_INPUT)
        put_input(input, look->value_at, out);
    else
        put_cut(out, look->value);
}
