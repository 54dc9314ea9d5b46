/* A place of the input and what its value is compared with. Whether there can be such a place, and
 * such values, only the endpoint's schema knows: that is a need, which config looks into. */
#include "route/condition.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "document/json_write.h"

#define HINT                                                                                       \
    "write {/customer/tier: gold}, {/pages: \">= 10\"}, {/draft: true}, or a list of values for "  \
    "any of them"

/* --- the pointer
 * --------------------------------------------------------------------------------- */

/* One step of a pointer (RFC 6901 section 4). */
static bool read_step(struct text written, struct arena *arena, struct text *out)
{
    char *step = arena_bytes(arena, written.len);

    *out = (struct text){step, 0};
    for (size_t i = 0; i < written.len; i++) {
        char byte = written.at[i];

        if (byte == '~') {
            if (++i == written.len || (written.at[i] != '0' && written.at[i] != '1'))
                return false;
            byte = written.at[i] == '0' ? '~' : '/';
        }
        step[out->len++] = byte;
    }
    return true;
}

static bool read_pointer(struct route_compiler *compiler, uint32_t key, struct route_condition *out)
{
    struct text pointer = document_text(compiler->document, key), rest = pointer;
    struct text *steps = ARENA_ARRAY(compiler->arena, struct text, ROUTE_STEPS_MAX);
    bool valid = pointer.len == 0 || pointer.at[0] == '/';
    struct diagnostic *diagnostic;

    out->steps = steps;
    while (valid && rest.len > 0) {
        size_t end;

        rest = text_after(rest, 1);
        end = text_find_byte(rest, '/');
        valid = out->step_count < ROUTE_STEPS_MAX &&
                read_step(text_first(rest, end), compiler->arena, &steps[out->step_count++]);
        rest = text_after(rest, end);
    }
    if (valid)
        return true;
    diagnostic = diagnose(compiler->diagnostics, compiler->document, key, DIAGNOSTIC_E0402,
                          "'%.*s' is not a JSON Pointer of at most %d steps",
                          TEXT_ARG(text_cut(pointer, 64)), ROUTE_STEPS_MAX);
    diagnostic_hint(compiler->diagnostics, diagnostic,
                    "it begins with '/' and names the way to a value: /customer/tier, /lines/0");
    return false;
}

/* --- what it is compared with
 * -------------------------------------------------------------------- */

/* A number as JSON writes it. */
static bool read_number(struct text text, struct arena *arena, struct cell *out)
{
    struct document document;

    if (text.len == 0 || !json_read(text, NULL, arena, &document, NULL, NULL))
        return false;
    *out = document.cells[0];
    return out->type == CELL_INTEGER || out->type == CELL_NUMBER;
}

static struct cell string_cell(struct text text)
{
    struct cell cell = {.type = CELL_STRING, .size = (uint32_t)text.len};

    cell.text = text.at;
    return cell;
}

/* Behind an operator: a number, a word of JSON, or a string with or without quotes around it. */
static void read_operand(struct route_compiler *compiler, struct text written,
                         struct route_operand *out)
{
    struct text text = arena_copy(compiler->arena, written);
    bool quoted = text.len >= 2 && (text.at[0] == '\'' || text.at[0] == '"') &&
                  text.at[text.len - 1] == text.at[0];

    if (quoted)
        out->value = string_cell((struct text){text.at + 1, text.len - 2});
    else if (text_equal(text, TEXT("true")) || text_equal(text, TEXT("false")))
        out->value = (struct cell){.type = CELL_BOOLEAN, .boolean = text.at[0] == 't'};
    else if (!read_number(text, compiler->arena, &out->value))
        out->value = string_cell(text);
}

static bool is_number(const struct cell *cell)
{
    return cell->type == CELL_INTEGER || cell->type == CELL_NUMBER;
}

/* A string that begins with an operator is a comparison; any other is a value itself. */
static bool read_text(struct route_compiler *compiler, uint32_t value, struct route_condition *out,
                      struct route_operand *operand)
{
    struct text whole = document_text(compiler->document, value), rest = text_trim(whole);
    bool said;

    if (!route_take_relation(compiler, value, &rest, &out->relation, &said))
        return false;
    if (!said) {
        operand->value = string_cell(arena_copy(compiler->arena, whole));
        return true;
    }
    if (rest.len > 0) {
        operand->from = (size_t)(rest.at - whole.at);
        operand->len = rest.len;
        read_operand(compiler, rest, operand);
    }
    if (rest.len > 0 && (out->relation >= ROUTE_EQ || is_number(&operand->value)))
        return true;
    diagnostic_hint(compiler->diagnostics,
                    route_refuse_part(compiler, value, rest,
                                      out->relation >= ROUTE_EQ
                                          ? "a value behind the operator"
                                          : "a number, as more or less is asked"),
                    HINT);
    return false;
}

static bool read_one(struct route_compiler *compiler, uint32_t value, bool listed,
                     struct route_condition *out, struct route_operand *operand)
{
    const struct cell *cell = document_cell(compiler->document, value);
    struct text text;

    operand->at = value;
    switch ((enum cell_type)cell->type) {
    case CELL_STRING:
        if (!listed)
            return read_text(compiler, value, out, operand);
        operand->value = string_cell(arena_copy(compiler->arena, cell_text(cell)));
        return true;
    case CELL_NUMBER:
        text = arena_copy(compiler->arena, cell_text(cell));
        operand->value = *cell;
        operand->value.text = text.at;
        return true;
    case CELL_BOOLEAN:
    case CELL_INTEGER:
        operand->value = *cell;
        return true;
    default:
        diagnostic_hint(compiler->diagnostics,
                        diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                                 "a value of the input is compared with a string, a number or a "
                                 "boolean, found %s",
                                 route_found(compiler, value)),
                        HINT);
        return false;
    }
}

static bool read_operands(struct route_compiler *compiler, uint32_t value,
                          struct route_condition *out)
{
    const struct cell *cell = document_cell(compiler->document, value);
    bool listed = cell->type == CELL_ARRAY, valid = true;
    size_t size = listed ? cell->size : 1;
    struct route_operand *operands;

    if (size == 0 || size > ROUTE_VALUES_MAX) {
        diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                 "a list of values has 1 to %d of them, found %zu", ROUTE_VALUES_MAX, size);
        return false;
    }
    operands = ARENA_ARRAY(compiler->arena, struct route_operand, size);
    out->operands = operands;
    out->relation = ROUTE_EQ;
    for (uint32_t at = listed ? value + 1 : value; out->operand_count < size;
         at = document_next(compiler->document, at))
        valid = read_one(compiler, at, listed, out, &operands[out->operand_count++]) && valid;
    return valid;
}

static struct text told(struct route_compiler *compiler, struct text pointer,
                        const struct route_condition *input)
{
    struct buffer out = buffer_in(compiler->arena);

    buffer_printf(
        &out, "input %.*s %.*s ", TEXT_ARG(pointer),
        TEXT_ARG(input->operand_count > 1 ? TEXT("in") : route_relations[input->relation]));
    for (size_t i = 0; i < input->operand_count; i++) {
        const struct document value = {.cells = &input->operands[i].value, .count = 1};

        if (i > 0)
            buffer_put(&out, TEXT(", "));
        json_put_cell(&out, &value, 0);
    }
    return buffer_text(&out);
}

static bool read_input(struct route_compiler *compiler, const struct route_place *place,
                       uint32_t value, struct route_condition *out)
{
    struct text pointer = document_text(compiler->document, value - 1);
    struct route_need *need;
    size_t index;

    (void)place;
    out->kind = ROUTE_INPUT;
    if (!read_pointer(compiler, value - 1, out) || !read_operands(compiler, value, out))
        return false;
    out->text = told(compiler, pointer, out);
    need = route_need(compiler, ROUTE_NEEDS_INPUT, value - 1, &index);
    need->name = arena_copy(compiler->arena, pointer);
    need->steps = out->steps;
    need->step_count = out->step_count;
    need->operands = out->operands;
    need->operand_count = out->operand_count;
    need->ordered = out->relation < ROUTE_EQ;
    return true;
}

bool route_read_input(struct route_compiler *compiler, const struct route_place *place,
                      uint32_t value, struct route_condition *out)
{
    return route_expect_mapping(compiler, value, "'input'", HINT) &&
           route_read_members(compiler, place, value, read_input, out);
}
