/* A share of the calls, and who draws for it. */
#include "route/condition.h"

#include "route/draw.h"

#include <math.h>

static bool refuse_percent(struct route_compiler *compiler, uint32_t value)
{
    const struct cell *cell = document_cell(compiler->document, value);
    bool number = cell->type == CELL_INTEGER || cell->type == CELL_NUMBER;
    struct diagnostic *diagnostic =
        diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                 "'percent' must be a number from 0 to 100 with at most two decimals%s%s",
                 number ? "" : ", found ", number ? "" : route_found(compiler, value));

    diagnostic_hint(compiler->diagnostics, diagnostic,
                    "write percent: 5, the share of the calls for which the rule holds");
    return false;
}

static bool read_share(struct route_compiler *compiler, uint32_t value, uint32_t *out)
{
    const struct cell *cell = document_cell(compiler->document, value);
    double parts;

    if (cell->type != CELL_INTEGER && cell->type != CELL_NUMBER)
        return refuse_percent(compiler, value);
    parts = document_double(cell) * (ROUTE_DRAWS / 100);
    if (!(parts >= 0 && parts <= ROUTE_DRAWS) || fabs(parts - round(parts)) > 1e-6)
        return refuse_percent(compiler, value);
    *out = (uint32_t)lround(parts);
    return true;
}

static const struct text sticky_words[] = {[ROUTE_BY_REQUEST] = TEXT_INIT("request"),
                                           [ROUTE_BY_CALLER] = TEXT_INIT("caller"),
                                           [ROUTE_BY_SESSION] = TEXT_INIT("session")};

static bool read_sticky(struct route_compiler *compiler, uint32_t value, enum route_sticky *out)
{
    const struct cell *cell = document_cell(compiler->document, value);
    struct text word = cell->type == CELL_STRING ? cell_text(cell) : (struct text){0}, near;
    struct diagnostic *diagnostic;

    for (size_t i = 0; i < sizeof sticky_words / sizeof *sticky_words; i++)
        if (text_equal(word, sticky_words[i])) {
            *out = (enum route_sticky)i;
            return true;
        }
    if (cell->type == CELL_STRING)
        diagnostic = diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                              "'sticky' must be caller, session or request, found '%.*s'",
                              TEXT_ARG(text_cut(word, 64)));
    else
        diagnostic = diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                              "'sticky' must be caller, session or request, found %s",
                              route_found(compiler, value));
    near = nearest_name(word, sticky_words, sizeof sticky_words / sizeof *sticky_words);
    if (near.len > 0)
        diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "with 'caller' every call of a token goes the same way, with 'session' "
                        "every turn; with 'request', the default, each call draws anew");
    return false;
}

bool route_read_percent(struct route_compiler *compiler, const struct route_place *place,
                        uint32_t value, struct route_condition *out)
{
    uint32_t sticky = document_member(compiler->document, place->object, TEXT("sticky"));
    bool valid = read_share(compiler, value, &out->share);
    size_t need;

    out->kind = ROUTE_PERCENT;
    if (sticky != CELL_NONE)
        valid = read_sticky(compiler, sticky, &out->sticky) && valid;
    if (out->sticky == ROUTE_BY_SESSION)
        route_need(compiler, ROUTE_NEEDS_SESSION, sticky, &need);
    out->salt = route_draw_salt(compiler->rule);
    out->text = arena_printf(compiler->arena, "percent %g sticky %.*s", out->share / 100.0,
                             TEXT_ARG(sticky_words[out->sticky]));
    return valid;
}
