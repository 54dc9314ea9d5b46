/* What may be wrong with a variable beyond the types of its keys. */
#include "config/variables_check.h"

#include "config/value.h"
#include "render/template_read.h"

const char *const variable_type_words[] = {"string", "integer", "number", "boolean",
                                           "list",   "object",  "enum",   NULL};
/* "count is ..." */
static const char *const type_kinds[] = {"a string",  "an integer", "a number",
                                         "a boolean", "a list",     "an object"};

// clang-format off
#define OF(type) (1u << VARIABLE_##type)
#define NUMBERS  (OF(INTEGER) | OF(NUMBER))
const struct variable_meaning variable_meanings[VARIABLE_MEANINGS] = {
    {"description", ~0u,                                 NULL,                "description"},
    {"enum",        OF(STRING) | NUMBERS | OF(BOOLEAN),  "single values",     "enum"},
    {"min_length",  OF(STRING),                          "strings",           "minLength"},
    {"max_length",  OF(STRING),                          "strings",           "maxLength"},
    {"pattern",     OF(STRING),                          "strings",           "pattern"},
    {"format",      OF(STRING),                          "strings",           "format"},
    {"min",         NUMBERS,                             "numbers",           "minimum"},
    {"max",         NUMBERS,                             "numbers",           "maximum"},
    {"items",       OF(LIST),                            "lists",             NULL},
    {"min_items",   OF(LIST),                            "lists",             "minItems"},
    {"max_items",   OF(LIST),                            "lists",             "maxItems"},
    {"properties",  OF(OBJECT),                          "objects",           NULL},
    {"default",     ~0u,                                 NULL,                "default"},
};
// clang-format on

#define HINT VARIABLES_HINT

const char *variable_type_kind(enum variable_type type)
{
    return type_kinds[type];
}

struct diagnostic *variables_report(struct reading_variables *v, uint32_t cell,
                                    enum diagnostic_code code, const char *format, ...)
{
    va_list arguments;
    struct text message;

    va_start(arguments, format);
    message = arena_vprintf(v->load->diagnostics->arena, format, arguments);
    va_end(arguments);
    v->good = false;
    return diagnose(v->load->diagnostics, v->document, cell, code, "%.*s", TEXT_ARG(message));
}

struct text variables_shown(struct reading_variables *v, struct text name)
{
    return value_shown(v->load->diagnostics->arena, name);
}

bool variables_check_name(struct reading_variables *v, uint32_t at, bool outermost)
{
    struct text name = document_text(v->document, at);
    size_t good = 0;

    while (good < name.len && template_name_byte(name.at[good]))
        good++;
    if (name.len == 0 || good < name.len) {
        HINT(v,
             variables_report(v, at, DIAGNOSTIC_E0106, "\"%.*s\" cannot be the name of a variable",
                              TEXT_ARG(variables_shown(v, name))),
             "a name is made of letters, digits, '_' and '-', so that templates can use it");
        return false;
    }
    if (!outermost || !text_equal(name, TEXT("input")))
        return true;
    HINT(v, variables_report(v, at, DIAGNOSTIC_E0106, "no variable can have the name 'input'"),
         "{{input}} is the whole input in templates; choose another name");
    return false;
}

/* --- what type it is --- */

static enum variable_type type_of_cell(enum cell_type type)
{
    return type == CELL_STRING    ? VARIABLE_STRING
           : type == CELL_BOOLEAN ? VARIABLE_BOOLEAN
           : type == CELL_INTEGER ? VARIABLE_INTEGER
                                  : VARIABLE_NUMBER;
}

static bool may_be(enum variable_type wanted, enum cell_type found)
{
    enum variable_type type = type_of_cell(found);

    return type == wanted || (wanted == VARIABLE_NUMBER && type == VARIABLE_INTEGER);
}

/* The type of the values listed: a number where some are integers and some are not. */
static enum variable_type type_of_choices(struct reading_variables *v, uint32_t choices)
{
    uint32_t end = document_next(v->document, choices);
    enum variable_type type = VARIABLE_STRING;

    for (uint32_t at = choices + 1; at < end; at = document_next(v->document, at)) {
        enum variable_type its = type_of_cell(document_cell(v->document, at)->type);

        if (at == choices + 1 || (type == VARIABLE_INTEGER && its == VARIABLE_NUMBER))
            type = its;
    }
    return type;
}

static void check_choices(struct reading_variables *v, struct text name, uint32_t choices,
                          enum variable_type type)
{
    uint32_t end = document_next(v->document, choices);

    if (end == choices + 1)
        HINT(v,
             variables_report(v, choices, DIAGNOSTIC_E0106,
                              "'enum' lists no value that '%.*s' may have",
                              TEXT_ARG(variables_shown(v, name))),
             "it is written enum: [warm, plain]");
    for (uint32_t at = choices + 1; at < end; at = document_next(v->document, at)) {
        enum cell_type found = document_cell(v->document, at)->type;
        struct text text = found_text(&v->reading, at, false);

        if (!(VARIABLE_SCALARS & KEY_OF(found)) || !may_be(type, found))
            HINT(v,
                 variables_report(v, at, DIAGNOSTIC_E0103,
                                  "all values of '%.*s' must be of one type, %s, found %.*s",
                                  TEXT_ARG(variables_shown(v, name)), type_kinds[type],
                                  TEXT_ARG(text)),
                 "put values that are texts into double quotes");
        for (uint32_t other = choices + 1; other < at; other = document_next(v->document, other))
            if (document_equal(v->document, at, v->document, other)) {
                variables_report(v, at, DIAGNOSTIC_E0106, "'enum' lists %.*s twice",
                                 TEXT_ARG(text));
                break;
            }
    }
}

void variables_refuse_enum(struct reading_variables *v, struct text name, uint32_t at)
{
    HINT(v,
         variables_report(v, at, DIAGNOSTIC_E0105, "'enum' is no type of its own, as '%.*s' has it",
                          TEXT_ARG(variables_shown(v, name))),
         "list the values, which say their type: {enum: [warm, plain]}");
}

bool variables_find_type(struct reading_variables *v, struct text name, uint32_t at,
                         struct variable_draft *draft)
{
    if (draft->type == TYPE_ENUM) {
        variables_refuse_enum(v, name, document_member(v->document, at, TEXT("type")));
        return false;
    }
    if (draft->type != TYPE_UNSAID)
        return true;
    if (draft->choices != CELL_NONE)
        draft->type = type_of_choices(v, draft->choices);
    else if (draft->items != CELL_NONE)
        draft->type = VARIABLE_LIST;
    else if (draft->properties != CELL_NONE)
        draft->type = VARIABLE_OBJECT;
    if (draft->type != TYPE_UNSAID)
        return true;
    HINT(v,
         variables_report(v, at, DIAGNOSTIC_E0101, "the type of '%.*s' is missing",
                          TEXT_ARG(variables_shown(v, name))),
         "add type: string, or integer, number, boolean, list or object");
    return false;
}

/* --- how its keys go together --- */

/* Every key that is there is for the type. */
static void check_meanings(struct reading_variables *v, struct text name, uint32_t at,
                           enum variable_type type)
{
    for (size_t i = 0; i < VARIABLE_MEANINGS; i++) {
        uint32_t cell = document_member(v->document, at, text_of(variable_meanings[i].key));

        if (cell == CELL_NONE || variable_meanings[i].types & 1u << type)
            continue;
        HINT(v,
             variables_report(v, key_of(cell), DIAGNOSTIC_E0109, "'%s' is for %s, and '%.*s' is %s",
                              variable_meanings[i].key, variable_meanings[i].whose,
                              TEXT_ARG(variables_shown(v, name)), type_kinds[type]),
             "remove it, or correct the type");
    }
}

static void check_order(struct reading_variables *v, uint32_t at, const char *low, const char *high)
{
    uint32_t from = document_member(v->document, at, text_of(low));
    uint32_t to = document_member(v->document, at, text_of(high));

    if (from == CELL_NONE || to == CELL_NONE ||
        cell_compare_numbers(document_cell(v->document, from), document_cell(v->document, to)) <= 0)
        return;
    variables_report(v, from, DIAGNOSTIC_E0104, "'%s' is more than '%s'", low, high);
}

void variables_check_keys(struct reading_variables *v, struct text name, uint32_t at,
                          const struct variable_draft *draft)
{
    check_meanings(v, name, at, (enum variable_type)draft->type);
    check_order(v, at, "min_length", "max_length");
    check_order(v, at, "min", "max");
    check_order(v, at, "min_items", "max_items");
    if (draft->choices != CELL_NONE)
        check_choices(v, name, draft->choices, (enum variable_type)draft->type);
}

/* The default is to be what a caller might have sent, as it is. */
void variables_check_default(struct reading_variables *v, const struct document *schema,
                             const struct default_use *use)
{
    struct arena scratch = {0};
    struct diagnostics ignored = {.arena = &scratch}; /* of what was compiled before */
    const struct schema *compiled = schema_compile(schema, use->schema, &scratch, &ignored);
    struct violations *found = ARENA_NEW(&scratch, struct violations);

    if (compiled != NULL && !schema_check(compiled, v->document, use->value, &scratch)) {
        schema_explain(compiled, v->document, use->value, &scratch, found);
        HINT(v,
             variables_report(
                 v, use->value, DIAGNOSTIC_E0106, "the default of '%.*s' does not fit: it %.*s",
                 TEXT_ARG(variables_shown(v, use->name)), TEXT_ARG(found->items[0].demand)),
             "it must be a value that a caller could send");
    }
    arena_release(&scratch);
}
