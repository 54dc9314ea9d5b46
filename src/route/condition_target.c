/* How the targets of calls fare: of a provider by its name, of one model there, of the rule's own
 * target, or of the endpoint's, which is called `default` as the route is. */
#include "route/condition.h"

#include "base/buffer.h"

const struct text route_health_words[] = {[ROUTE_UP] = TEXT_INIT("up"),
                                          [ROUTE_DEGRADED] = TEXT_INIT("degraded"),
                                          [ROUTE_DOWN] = TEXT_INIT("down")};
#define OWN     "own target"
#define DEFAULT "default"

#define HEALTH_HINT                                                                                \
    "write provider_health: {openai: down}, {default: [degraded, down]} for the endpoint's own "   \
    "target, or provider_health: up for that of the rule"
#define P95_HINT                                                                                   \
    "write p95_ms: {\"openai:gpt-4.1-mini\": \"> 2000\"}, {default: \"> 2000\"} for the "          \
    "endpoint's own target, or p95_ms: \"< 2000\" for that of the rule"

static bool read_state(struct route_compiler *compiler, uint32_t at, struct route_condition *out)
{
    size_t count = sizeof route_health_words / sizeof *route_health_words;
    bool string = document_cell(compiler->document, at)->type == CELL_STRING;
    struct text word = string ? document_text(compiler->document, at) : (struct text){0}, near;
    struct diagnostic *diagnostic;

    for (size_t i = 0; i < count; i++)
        if (text_equal(word, route_health_words[i])) {
            out->states = (uint8_t)(out->states | 1u << i);
            return true;
        }
    if (string)
        diagnostic = diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0402,
                              "a health must be up, degraded or down, found '%.*s'",
                              TEXT_ARG(text_cut(word, 64)));
    else
        diagnostic =
            diagnose(compiler->diagnostics, compiler->document, at, DIAGNOSTIC_E0402,
                     "a health must be up, degraded or down, found %s", route_found(compiler, at));
    near = nearest_name(word, route_health_words, count);
    if (near.len > 0)
        diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(compiler->diagnostics, diagnostic, HEALTH_HINT);
    return false;
}

/* One state or a list of them, any of which is meant. */
static bool read_states(struct route_compiler *compiler, uint32_t value, struct text whose,
                        struct route_condition *out)
{
    const struct cell *cell = document_cell(compiler->document, value);
    bool list = cell->type == CELL_ARRAY && cell->size > 0, valid = true;
    uint32_t end = list ? cell->end : value + 1;
    struct buffer text = buffer_in(compiler->arena);
    const char *between = " ";

    out->kind = ROUTE_HEALTH;
    for (uint32_t at = list ? value + 1 : value; at < end;
         at = document_next(compiler->document, at))
        valid = read_state(compiler, at, out) && valid;
    buffer_printf(&text, "provider_health %.*s", TEXT_ARG(whose));
    for (size_t i = 0; i <= ROUTE_DOWN; i++)
        if (out->states >> i & 1) {
            buffer_printf(&text, "%s%.*s", between, TEXT_ARG(route_health_words[i]));
            between = ", ";
        }
    out->text = buffer_text(&text);
    return valid;
}

static bool is_default(struct text name)
{
    return text_equal(name, TEXT(DEFAULT));
}

static bool read_provider(struct route_compiler *compiler, const struct route_place *place,
                          uint32_t value, struct route_condition *out)
{
    struct text name = route_name_of(compiler, value);
    bool endpoint = is_default(name);

    (void)place;
    if (!read_states(compiler, value, name, out))
        return false;
    route_need(compiler, endpoint ? ROUTE_NEEDS_DEFAULT : ROUTE_NEEDS_PROVIDER, value - 1,
               &out->need)
        ->name = arena_copy(compiler->arena, name);
    return true;
}

bool route_read_health(struct route_compiler *compiler, const struct route_place *place,
                       uint32_t value, struct route_condition *out)
{
    if (document_cell(compiler->document, value)->type == CELL_OBJECT)
        return route_expect_mapping(compiler, value, "'provider_health'", HEALTH_HINT) &&
               route_read_members(compiler, place, value, read_provider, out);
    if (!read_states(compiler, value, TEXT(OWN), out))
        return false;
    route_need(compiler, ROUTE_NEEDS_OWN, value - 1, &out->need);
    return true;
}

/* --- how long they take
 * -------------------------------------------------------------------------- */

static bool read_time(struct route_compiler *compiler, struct text whose, uint32_t value,
                      struct route_condition *out)
{
    out->kind = ROUTE_P95;
    if (!route_read_comparison(compiler, TEXT("p95_ms"), value, out))
        return false;
    out->text = arena_printf(compiler->arena, "p95_ms %.*s %.*s %lld", TEXT_ARG(whose),
                             TEXT_ARG(route_relations[out->relation]), (long long)out->number);
    return true;
}

static bool read_target(struct route_compiler *compiler, const struct route_place *place,
                        uint32_t value, struct route_condition *out)
{
    struct text name = arena_copy(compiler->arena, route_name_of(compiler, value)), model = name;
    struct text provider = text_split(&model, ':');
    struct route_need *need;

    (void)place;
    if (!is_default(name) && (provider.len == 0 || model.len == 0)) {
        diagnostic_hint(compiler->diagnostics,
                        diagnose(compiler->diagnostics, compiler->document, value - 1,
                                 DIAGNOSTIC_E0402, "'%.*s' names no target",
                                 TEXT_ARG(text_cut(name, 64))),
                        P95_HINT);
        return false;
    }
    if (!read_time(compiler, name, value, out))
        return false;
    need = route_need(compiler, is_default(name) ? ROUTE_NEEDS_DEFAULT : ROUTE_NEEDS_TARGET,
                      value - 1, &out->need);
    need->name = provider;
    need->model = model;
    return true;
}

bool route_read_p95(struct route_compiler *compiler, const struct route_place *place,
                    uint32_t value, struct route_condition *out)
{
    if (document_cell(compiler->document, value)->type == CELL_OBJECT)
        return route_expect_mapping(compiler, value, "'p95_ms'", P95_HINT) &&
               route_read_members(compiler, place, value, read_target, out);
    if (!read_time(compiler, TEXT(OWN), value, out))
        return false;
    route_need(compiler, ROUTE_NEEDS_OWN, value - 1, &out->need);
    return true;
}
