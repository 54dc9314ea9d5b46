/* What an assertion of each type needs, and whether what is written can hold at all. */
#include "config/endpoint_tests.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include "config/value.h"

#include <pcre2.h>

struct assertion_draft {
    uint32_t type, value, pointer;
};

static const char *const type_words[] = {"equals",
                                         "contains",
                                         "icontains",
                                         "regex",
                                         "is-json",
                                         "json-schema",
                                         "json-pointer",
                                         "max-latency-ms",
                                         "max-cost-usd",
                                         "max-tokens",
                                         "route",
                                         "status",
                                         NULL};
enum wants { NEVER_WANTED, MAY_HAVE, MUST_HAVE };
// clang-format off
static const struct {
    enum wants value, pointer;
    unsigned types;
    double least, greatest; /* of a number */
    const char *form;
} forms[] = {
    [ASSERT_EQUALS]       = {MUST_HAVE, MAY_HAVE, ANY_VALUE, 0, 0, "{type: equals, value: \"yes\"}"},
    [ASSERT_CONTAINS]     = {MUST_HAVE, MAY_HAVE, KEY_OF(CELL_STRING), 0, 0, "{type: contains, value: \"some text\"}"},
    [ASSERT_ICONTAINS]    = {MUST_HAVE, MAY_HAVE, KEY_OF(CELL_STRING), 0, 0, "{type: icontains, value: \"some text\"}"},
    [ASSERT_REGEX]        = {MUST_HAVE, MAY_HAVE, KEY_OF(CELL_STRING), 0, 0, "{type: regex, value: \"^[A-Z]\"}"},
    [ASSERT_IS_JSON]      = {NEVER_WANTED, NEVER_WANTED, 0, 0, 0, "{type: is-json}"},
    [ASSERT_JSON_SCHEMA]  = {MUST_HAVE, MAY_HAVE, KEY_OF(CELL_STRING) | KEY_OF(CELL_OBJECT) | KEY_OF(CELL_BOOLEAN), 0, 0,
                      "{type: json-schema, value: schemas/name.json}"},
    [ASSERT_JSON_POINTER] = {MAY_HAVE, MUST_HAVE, ANY_VALUE, 0, 0, "{type: json-pointer, pointer: /title, value: \"Budget\"}"},
    [ASSERT_MAX_LATENCY]  = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_INTEGER), 1, 86400000, "{type: max-latency-ms, value: 5000}"},
    [ASSERT_MAX_COST]     = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_INTEGER) | KEY_OF(CELL_NUMBER), 0, 1000000, "{type: max-cost-usd, value: 0.01}"},
    [ASSERT_MAX_TOKENS]   = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_INTEGER), 1, 100000000, "{type: max-tokens, value: 500}"},
    [ASSERT_ROUTE]        = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_STRING), 0, 0, "{type: route, value: default}"},
    [ASSERT_STATUS]       = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_INTEGER), 100, 599, "{type: status, value: 200}"},
};

static const struct key assertion_keys[] = {
    {.name = "type", .type = KEY_CHOICE, .required = true, FIELD(struct assertion_draft, type), .words = type_words,
     .hint = "type: equals, contains, json-pointer, status or another kind of assertion",
     .about = "What is looked at, and how.",
     .example = "equals"},
    {.name = "value", .type = KEY_CELL, .types = ANY_VALUE, FIELD(struct assertion_draft, value),
     .about = "What it is compared with.",
     .example = "\"some text\""},
    {.name = "pointer", .type = KEY_CELL, .types = KEY_OF(CELL_STRING), FIELD(struct assertion_draft, pointer), .hint = "pointer: /title",
     .about = "The part of the output that is meant, as a JSON Pointer; without it, all of it.",
     .example = "/title"},
    {.name = "path", .type = KEY_ELSEWHERE, .meant = "pointer"},
};
// clang-format on
const struct keys assertion_table = KEYS_OF(assertion_keys);

const char *assertion_type_name(enum assertion_type type)
{
    return type_words[type];
}

void test_malformed(struct testing *t, uint32_t cell, const char *what, const char *form)
{
    struct diagnostic *it =
        diagnose(t->load->diagnostics, t->document, cell, DIAGNOSTIC_E0701, "%s", what);

    if (form != NULL)
        diagnostic_hint(t->load->diagnostics, it, "it is written %s", form);
}

static bool pointer_valid(struct text pointer)
{
    if (pointer.len > 0 && pointer.at[0] != '/')
        return false;
    for (size_t i = 0; i < pointer.len; i++)
        if (pointer.at[i] == '~' &&
            (i + 1 == pointer.len || (pointer.at[i + 1] != '0' && pointer.at[i + 1] != '1')))
            return false;
    return true;
}

static void check_regex(struct testing *t, uint32_t cell)
{
    struct text pattern = document_text(t->document, cell);
    PCRE2_SIZE offset = 0;
    PCRE2_UCHAR message[120];
    int number = 0;
    pcre2_code *code;

    if (pattern.len > 1024) {
        test_malformed(t, cell, "the regular expression is longer than 1,024 bytes", NULL);
        return;
    }
    code = pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, PCRE2_UTF | PCRE2_UCP, &number,
                         &offset, NULL);
    if (code == NULL) {
        pcre2_get_error_message(number, message, sizeof message);
        diagnose_inside(t->load->diagnostics, t->document, cell,
                        offset < pattern.len ? offset : pattern.len, 1, DIAGNOSTIC_E0204,
                        "malformed regular expression: %s", (const char *)message);
    }
    pcre2_code_free(code);
}

static void check_route(struct testing *t, uint32_t cell)
{
    const struct route_rules *rules = &t->endpoint->rules;
    struct arena *arena = t->load->diagnostics->arena;
    struct text name = document_text(t->document, cell), list, shown;
    struct text *names = ARENA_ARRAY(arena, struct text, rules->count + 1);
    struct diagnostic *it;

    for (size_t i = 0; i < rules->count; i++) {
        names[i] = rules->items[i].name;
        if (text_equal(name, names[i]))
            return;
    }
    names[rules->count] = TEXT("default");
    if (text_equal(name, TEXT("default")))
        return;
    shown = value_shown(arena, name);
    list = names_joined(arena, names, rules->count + 1);
    it = diagnose(t->load->diagnostics, t->document, cell, DIAGNOSTIC_E0701,
                  "this endpoint has no routing rule \"%.*s\"", TEXT_ARG(shown));
    diagnostic_hint(t->load->diagnostics, it, "its routes are: %.*s", TEXT_ARG(list));
}

static void check_value(struct testing *t, enum assertion_type type, uint32_t cell,
                        struct test_assertion *out)
{
    const struct cell *value = document_cell(t->document, cell);
    struct schema_use use;

    if (!(forms[type].types & KEY_OF(value->type))) {
        struct text found = found_text(&t->reading, cell, false);
        struct diagnostic *it =
            diagnose(t->load->diagnostics, t->document, cell, DIAGNOSTIC_E0701,
                     "'value' of '%s' cannot be %.*s", type_words[type], TEXT_ARG(found));

        diagnostic_hint(t->load->diagnostics, it, "it is written %s", forms[type].form);
        return;
    }
    if (forms[type].greatest > 0) {
        double number = document_double(value);

        if (number < forms[type].least || number > forms[type].greatest)
            diagnose(t->load->diagnostics, t->document, cell, DIAGNOSTIC_E0104,
                     "'value' of '%s' must be between %.10g and %.10g", type_words[type],
                     forms[type].least, forms[type].greatest);
    }
    if (type == ASSERT_REGEX)
        check_regex(t, cell);
    if (type == ASSERT_JSON_SCHEMA)
        out->schema = load_schema(t->load, t->document, cell, &use) ? use.schema : NULL;
    if (type == ASSERT_ROUTE)
        check_route(t, cell);
    if (type == ASSERT_STATUS && value->integer == 422)
        t->refusal_expected = true;
}

static void check_presence(struct testing *t, enum assertion_type type, const char *name,
                           enum wants wants, uint32_t mark, uint32_t cell)
{
    struct arena *arena = t->load->diagnostics->arena;

    if (wants == MUST_HAVE && cell == CELL_NONE)
        test_malformed(
            t, mark,
            arena_printf(arena, "an assertion of type '%s' needs a '%s'", type_words[type], name)
                .at,
            forms[type].form);
    if (wants == NEVER_WANTED && cell != CELL_NONE)
        test_malformed(
            t, key_of(cell),
            arena_printf(arena, "an assertion of type '%s' has no '%s'", type_words[type], name).at,
            forms[type].form);
}

void assertion_load(struct testing *t, uint32_t at, struct test_assertion *out)
{
    struct assertion_draft draft = {.type = ASSERTION_TYPE_COUNT};
    enum assertion_type type;

    if (document_cell(t->document, at)->type != CELL_OBJECT) {
        test_malformed(t, at, "an assertion must be a mapping", "{type: status, value: 200}");
        return;
    }
    if (!keys_read(&t->reading, at, at, &assertion_table, &draft))
        return;
    type = (enum assertion_type)draft.type;
    *out = (struct test_assertion){.type = type, .value = draft.value};
    check_presence(t, type, "value", forms[type].value, at, draft.value);
    check_presence(t, type, "pointer", forms[type].pointer, at, draft.pointer);
    if (draft.pointer != CELL_NONE) {
        out->pointer = document_text(t->document, draft.pointer);
        if (!pointer_valid(out->pointer))
            test_malformed(t, draft.pointer,
                           "'pointer' is not a JSON Pointer: it starts with '/', and '~' "
                           "is written ~0",
                           "pointer: /lines/0/amount");
    }
    if (draft.value != CELL_NONE && forms[type].value != NEVER_WANTED)
        check_value(t, type, draft.value, out);
}
