/* What stands behind a condition's name: comparisons, flags and lists of texts. Whatever is refused
 * is pointed at by itself, not by the line it stands on. */
#include "route/condition.h"

#include "base/buffer.h"

const struct text route_relations[] = {
    [ROUTE_GE] = TEXT_INIT(">="), [ROUTE_LE] = TEXT_INIT("<="), [ROUTE_GT] = TEXT_INIT(">"),
    [ROUTE_LT] = TEXT_INIT("<"),  [ROUTE_EQ] = TEXT_INIT("=="), [ROUTE_NE] = TEXT_INIT("!="),
};
/* What people write instead. */
static const struct {
    struct text wrong;
    enum route_relation right;
} slips[] = {
    {TEXT_INIT("=>"), ROUTE_GE}, {TEXT_INIT("=<"), ROUTE_LE}, {TEXT_INIT("<>"), ROUTE_NE},
    {TEXT_INIT("="), ROUTE_EQ},  {TEXT_INIT("!"), ROUTE_NE},  {TEXT_INIT("≥"), ROUTE_GE},
    {TEXT_INIT("≤"), ROUTE_LE},  {TEXT_INIT("≠"), ROUTE_NE},
};

const char *route_found(const struct route_compiler *compiler, uint32_t at)
{
    static const char *const found[CELL_TYPE_COUNT] = {
        [CELL_NULL] = "nothing",     [CELL_BOOLEAN] = "a boolean", [CELL_INTEGER] = "an integer",
        [CELL_NUMBER] = "a number",  [CELL_STRING] = "a string",   [CELL_ARRAY] = "a list",
        [CELL_OBJECT] = "an object",
    };

    return found[document_cell(compiler->document, at)->type];
}

struct diagnostic *route_refuse_part(struct route_compiler *compiler, uint32_t value,
                                     struct text part, const char *expected)
{
    struct text whole = document_text(compiler->document, value);
    struct text shown = part.len > 0 ? part : whole;

    return diagnose_inside(compiler->diagnostics, compiler->document, value,
                           (size_t)(shown.at - whole.at), shown.len, DIAGNOSTIC_E0402,
                           "expected %s, found '%.*s'", expected, TEXT_ARG(text_cut(shown, 64)));
}

static bool refuse_number(struct route_compiler *compiler, uint32_t value, struct text part)
{
    struct diagnostic *diagnostic =
        route_refuse_part(compiler, value, part, "a whole number of at least 0");

    diagnostic_hint(compiler->diagnostics, diagnostic,
                    "write a comparison such as \">= 30000\", with one of >=, <=, >, <, == and !=");
    return false;
}

bool route_take_relation(struct route_compiler *compiler, uint32_t value, struct text *rest,
                         enum route_relation *out, bool *out_said)
{
    struct diagnostic *diagnostic;

    *out = ROUTE_EQ;
    *out_said = false;
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        if (!text_starts(*rest, slips[i].wrong) || text_starts(*rest, route_relations[ROUTE_EQ]) ||
            text_starts(*rest, route_relations[ROUTE_NE]))
            continue;
        diagnostic = route_refuse_part(compiler, value, text_first(*rest, slips[i].wrong.len),
                                       "one of >=, <=, >, <, == and !=");
        diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?",
                        TEXT_ARG(route_relations[slips[i].right]));
        return false;
    }
    for (size_t i = 0; i < sizeof route_relations / sizeof *route_relations; i++)
        if (text_starts(*rest, route_relations[i])) {
            *out = (enum route_relation)i;
            *out_said = true;
            *rest = text_trim(text_after(*rest, route_relations[i].len));
            break;
        }
    return true;
}

static bool read_written(struct route_compiler *compiler, uint32_t value,
                         struct route_condition *out)
{
    struct text rest = text_trim(document_text(compiler->document, value));
    uint64_t number;
    bool said;

    if (!route_take_relation(compiler, value, &rest, &out->relation, &said))
        return false;
    if (!text_to_u64(rest, &number) || number > INT64_MAX)
        return refuse_number(compiler, value, rest);
    out->number = (int64_t)number;
    return true;
}

bool route_read_comparison(struct route_compiler *compiler, struct text name, uint32_t value,
                           struct route_condition *out)
{
    const struct cell *cell = document_cell(compiler->document, value);
    struct diagnostic *diagnostic;

    if (cell->type == CELL_STRING)
        return read_written(compiler, value, out);
    if (cell->type == CELL_INTEGER && cell->integer >= 0) {
        out->relation = ROUTE_EQ;
        out->number = cell->integer;
        return true;
    }
    diagnostic =
        diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                 "'%.*s' must be a comparison with a whole number of at least 0%s%s",
                 TEXT_ARG(text_cut(name, 64)), cell->type == CELL_INTEGER ? "" : ", found ",
                 cell->type == CELL_INTEGER ? "" : route_found(compiler, value));
    diagnostic_hint(compiler->diagnostics, diagnostic, "write it as a string such as \">= 30000\"");
    return false;
}

bool route_read_number(struct route_compiler *compiler, const struct route_place *place,
                       uint32_t value, struct route_condition *out)
{
    struct text name = route_name_of(compiler, value);

    (void)place;
    out->kind = ROUTE_NUMBER;
    if (!route_read_comparison(compiler, name, value, out))
        return false;
    out->text = arena_printf(compiler->arena, "%.*s %.*s %lld", TEXT_ARG(name),
                             TEXT_ARG(route_relations[out->relation]), (long long)out->number);
    return true;
}

bool route_read_spend(struct route_compiler *compiler, const struct route_place *place,
                      uint32_t value, struct route_condition *out)
{
    bool daily = text_equal(route_name_of(compiler, value), TEXT("daily_spend_pct"));
    size_t need;

    route_need(compiler, daily ? ROUTE_NEEDS_DAILY_BUDGET : ROUTE_NEEDS_MONTHLY_BUDGET, value - 1,
               &need);
    return route_read_number(compiler, place, value, out);
}

bool route_read_flag(struct route_compiler *compiler, const struct route_place *place,
                     uint32_t value, struct route_condition *out)
{
    const struct cell *cell = document_cell(compiler->document, value);
    struct text name = route_name_of(compiler, value);

    (void)place;
    out->kind = ROUTE_FLAG;
    if (cell->type != CELL_BOOLEAN) {
        diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                 "'%.*s' must be true or false, found %s", TEXT_ARG(name),
                 route_found(compiler, value));
        return false;
    }
    out->expected = cell->boolean;
    out->text = arena_printf(compiler->arena, "%.*s == %s", TEXT_ARG(name),
                             cell->boolean ? "true" : "false");
    return true;
}

/* --- lists of texts
 * ------------------------------------------------------------------------------- */

static bool read_value(struct route_compiler *compiler, const char *what, uint32_t at,
                       struct text *out)
{
    if (document_cell(compiler->document, at)->type != CELL_STRING) {
        diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0402,
                 "%s must be a string or a list of strings, found %s", what,
                 route_found(compiler, at));
        return false;
    }
    *out = arena_copy(compiler->arena, document_text(compiler->document, at));
    if (text_trim(*out).len > 0 && text_trim(*out).len == out->len)
        return true;
    diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0402,
             "%s must not be empty, nor have spaces at its ends", what);
    return false;
}

bool route_read_values(struct route_compiler *compiler, const char *what, uint32_t value,
                       struct route_condition *out)
{
    const struct document *document = compiler->document;
    const struct cell *cell = document_cell(document, value);
    bool list = cell->type == CELL_ARRAY, valid = true;
    size_t size = list ? cell->size : 1;
    struct text *values;

    if (size == 0 || size > ROUTE_VALUES_MAX) {
        diagnose(compiler->diagnostics, document, value, DIAGNOSTIC_E0402,
                 "%s must be a string or a list of 1 to %d strings, found %zu", what,
                 ROUTE_VALUES_MAX, size);
        return false;
    }
    values = ARENA_ARRAY(compiler->arena, struct text, size);
    out->values = values;
    for (uint32_t at = list ? value + 1 : value; out->value_count < size; at++)
        if (document_cell(document, at)->type >= CELL_ARRAY) {
            return read_value(compiler, what, at, values);
        } else {
            valid = read_value(compiler, what, at, &values[out->value_count]) && valid;
            out->value_count++;
        }
    return valid;
}

void route_put_values(struct buffer *out, const struct route_condition *condition)
{
    buffer_put(out, condition->value_count > 1 ? TEXT(" in ") : TEXT(" == "));
    for (size_t i = 0; i < condition->value_count; i++)
        buffer_printf(out, "%s%.*s", i > 0 ? ", " : "", TEXT_ARG(condition->values[i]));
}
