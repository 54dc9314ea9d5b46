/* Rules that look at the input: the place has to be possible under the endpoint's input schema, and
 * what it is compared with has to be something that can stand there. */
#include "config/load.h"
#include "config/value.h"
#include "document/json_write.h"

/* "a string", "an integer or a number" */
static struct text types_told(struct arena *arena, unsigned types)
{
    static const char *const told[CELL_TYPE_COUNT] = {
        [CELL_NULL] = "null",       [CELL_BOOLEAN] = "a boolean", [CELL_INTEGER] = "an integer",
        [CELL_NUMBER] = "a number", [CELL_STRING] = "a string",   [CELL_ARRAY] = "an array",
        [CELL_OBJECT] = "an object"};
    struct buffer out = buffer_in(arena);

    /* An integer beyond 64 bits is read as a number; authors know one kind of integer. */
    if ((types & 1u << CELL_INTEGER) && (types & 1u << CELL_NUMBER))
        types &= ~(1u << CELL_INTEGER);
    for (unsigned type = 0; type < CELL_TYPE_COUNT; type++)
        if (types >> type & 1)
            buffer_printf(&out, "%s%s", out.len > 0 ? " or " : "", told[type]);
    return buffer_text(&out);
}

enum { NUMBER_TYPES = 1 << CELL_INTEGER | 1 << CELL_NUMBER };

static unsigned types_meant(const struct cell *value)
{
    bool number = value->type == CELL_INTEGER || value->type == CELL_NUMBER;

    return number ? (unsigned)NUMBER_TYPES : 1u << value->type;
}

static struct text as_json(struct arena *arena, const struct cell *value)
{
    const struct document document = {.cells = value, .count = 1};
    struct buffer out = buffer_in(arena);

    json_put_cell(&out, &document, 0);
    return buffer_text(&out);
}

static struct diagnostic *at_operand(struct load *load, const struct document *document,
                                     const struct route_operand *operand, struct text message)
{
    if (operand->len == 0)
        return diagnose(load->diagnostics, document, operand->at, DIAGNOSTIC_E0404, "%.*s",
                        TEXT_ARG(message));
    return diagnose_inside(load->diagnostics, document, operand->at, operand->from, operand->len,
                           DIAGNOSTIC_E0404, "%.*s", TEXT_ARG(message));
}

static bool refuse_type(struct load *load, const struct document *document,
                        const struct route_need *need, const struct route_operand *operand,
                        const struct endpoint *endpoint, unsigned types)
{
    struct arena *arena = load->diagnostics->arena;
    bool number = types_meant(&operand->value) == NUMBER_TYPES;
    struct text is = types_told(arena, types);
    struct text message = arena_printf(
        arena, "'%.*s' is compared with a %s, and the input schema of \"%.*s\" has %.*s there",
        TEXT_ARG(need->name), number ? "number" : cell_type_name(operand->value.type),
        TEXT_ARG(endpoint->slug), TEXT_ARG(is.len > 0 ? is : TEXT("nothing")));
    struct diagnostic *it = at_operand(load, document, operand, message);

    if ((number || operand->value.type == CELL_BOOLEAN) && (types & 1u << CELL_STRING) &&
        !need->ordered)
        diagnostic_hint(load->diagnostics, it, "a text is compared in quotes: \"== '%.*s'\"",
                        TEXT_ARG(as_json(arena, &operand->value)));
    else if (operand->value.type == CELL_STRING && (types & NUMBER_TYPES))
        diagnostic_hint(load->diagnostics, it,
                        "a number is written without quotes, or behind an operator: \">= 10\"");
    else if (number && (types & 1u << CELL_STRING))
        diagnostic_hint(load->diagnostics, it,
                        "more or less is asked of numbers; texts are compared with == and !=");
    else if ((types & (NUMBER_TYPES | 1u << CELL_STRING | 1u << CELL_BOOLEAN)) == 0)
        diagnostic_hint(load->diagnostics, it,
                        "strings, numbers and booleans are compared: name one inside of it");
    else
        diagnostic_hint(load->diagnostics, it, "compare it with %.*s", TEXT_ARG(is));
    return false;
}

static bool check_word(struct load *load, const struct document *document,
                       const struct route_need *need, const struct route_operand *operand,
                       const struct endpoint *endpoint, const struct schema_values *values)
{
    struct arena *arena = load->diagnostics->arena;
    struct text word = cell_text(&operand->value), near, message, shown;
    struct diagnostic *it;

    for (size_t i = 0; i < values->word_count; i++)
        if (text_equal(values->words[i], word))
            return true;
    shown = value_shown(arena, word);
    message = arena_printf(arena, "'%.*s' is never \"%.*s\" under the input schema of \"%.*s\"",
                           TEXT_ARG(need->name), TEXT_ARG(shown), TEXT_ARG(endpoint->slug));
    it = at_operand(load, document, operand, message);
    near = nearest_name(word, values->words, values->word_count);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else
        diagnostic_hint(load->diagnostics, it, "it can be: %.*s",
                        TEXT_ARG(names_joined(arena, values->words, values->word_count)));
    return false;
}

static bool check_operand(struct load *load, const struct document *document,
                          const struct route_need *need, const struct route_operand *operand,
                          const struct endpoint *endpoint, const struct schema_values *values)
{
    if ((values->types & types_meant(&operand->value)) == 0)
        return refuse_type(load, document, need, operand, endpoint, values->types);
    return operand->value.type != CELL_STRING || values->words == NULL ||
           check_word(load, document, need, operand, endpoint, values);
}

/* What is where the way ends after so many steps: nothing with anything inside. */
static void hint_no_inside(struct load *load, struct diagnostic *it, const struct route_need *need,
                           const struct schema_place *from, size_t steps)
{
    struct arena *arena = load->diagnostics->arena;
    struct text rest = need->name, is, way, shown = value_shown(arena, need->steps[steps]);
    struct schema_values values;

    for (size_t i = 0; i < steps; i++)
        rest = text_after(rest, 1 + text_find_byte(text_after(rest, 1), '/'));
    way = value_shown(arena, text_first(need->name, need->name.len - rest.len));
    schema_place_values(from, arena, &values);
    is = types_told(arena, values.types);
    diagnostic_hint(load->diagnostics, it,
                    "the way ends before: %s%.*s%s is %.*s, which has nothing inside, and so no "
                    "\"%.*s\"",
                    steps > 0 ? "'" : "", TEXT_ARG(steps > 0 ? way : TEXT("the input")),
                    steps > 0 ? "'" : "", TEXT_ARG(is.len > 0 ? is : TEXT("nothing")),
                    TEXT_ARG(shown));
}

/* The step that leads nowhere, from a place that is known. */
static bool refuse_step(struct load *load, const struct document *document,
                        const struct route_need *need, const struct endpoint *endpoint,
                        const struct schema_place *from, size_t steps)
{
    struct arena *arena = load->diagnostics->arena;
    const struct text *known;
    size_t count = schema_place_names(from, &known);
    struct text step = need->steps[steps];
    struct text near = nearest_name(step, known, count), shown = value_shown(arena, need->name);
    struct diagnostic *it = diagnose(load->diagnostics, document, need->at, DIAGNOSTIC_E0404,
                                     "the input schema of \"%.*s\" has no place '%.*s'",
                                     TEXT_ARG(endpoint->slug), TEXT_ARG(shown));

    shown = value_shown(arena, step);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    else if (count > 0)
        diagnostic_hint(load->diagnostics, it, "instead of \"%.*s\" there are: %.*s",
                        TEXT_ARG(shown), TEXT_ARG(names_joined(arena, known, count)));
    else
        hint_no_inside(load, it, need, from, steps);
    return false;
}

bool load_input_need(struct load *load, const struct document *document,
                     const struct route_need *need, const struct endpoint *endpoint)
{
    struct arena *arena = load->diagnostics->arena;
    const struct schema_place *place, *next;
    struct schema_values values;
    struct diagnostic *it;
    bool good = true;

    if (endpoint->input == NULL) {
        it = diagnose(load->diagnostics, document, need->at, DIAGNOSTIC_E0404,
                      "'input' looks at what an input schema describes, and the endpoint \"%.*s\" "
                      "has none",
                      TEXT_ARG(endpoint->slug));
        diagnostic_hint(load->diagnostics, it,
                        "add 'input_schema' to %.*s, or remove the condition",
                        TEXT_ARG(endpoint->file));
        return false;
    }
    place = schema_place_root(endpoint->input, arena);
    for (size_t i = 0; i < need->step_count; i++, place = next) {
        next = schema_place_member(place, need->steps[i], arena);
        if (next == NULL)
            return refuse_step(load, document, need, endpoint, place, i);
    }
    schema_place_values(place, arena, &values);
    for (size_t i = 0; i < need->operand_count; i++)
        good = check_operand(load, document, need, &need->operands[i], endpoint, &values) && good;
    return good;
}
