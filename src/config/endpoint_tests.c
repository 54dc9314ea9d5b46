/* `tests` of an endpoint's file. They are not run here, but what is wrong with them is an author's
 * mistake like any other: it is better found while loading than by a test that cannot pass. */
#include "config/load.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include "config/value.h"

#include <pcre2.h>

struct test_draft {
    struct text name;
    uint32_t input, assertions;
};
struct assertion_draft {
    uint32_t type, value, pointer;
};

#define ANY_VALUE                                                                                  \
    (KEY_OF(CELL_NULL) | KEY_OF(CELL_BOOLEAN) | KEY_OF(CELL_INTEGER) | KEY_OF(CELL_NUMBER) |       \
     KEY_OF(CELL_STRING) | KEY_OF(CELL_ARRAY) | KEY_OF(CELL_OBJECT))

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
enum assertion {
    EQUALS,
    CONTAINS,
    ICONTAINS,
    REGEX,
    IS_JSON,
    JSON_SCHEMA,
    JSON_POINTER,
    MAX_LATENCY,
    MAX_COST,
    MAX_TOKENS,
    ROUTE,
    STATUS,
    UNSAID
};

enum wants { NEVER_WANTED, MAY_HAVE, MUST_HAVE };
// clang-format off
static const struct {
    enum wants value, pointer;
    unsigned types;
    double least, greatest; /* of a number */
    const char *form;
} forms[] = {
    [EQUALS]       = {MUST_HAVE, MAY_HAVE, ANY_VALUE, 0, 0, "{type: equals, value: \"yes\"}"},
    [CONTAINS]     = {MUST_HAVE, MAY_HAVE, KEY_OF(CELL_STRING), 0, 0, "{type: contains, value: \"some text\"}"},
    [ICONTAINS]    = {MUST_HAVE, MAY_HAVE, KEY_OF(CELL_STRING), 0, 0, "{type: icontains, value: \"some text\"}"},
    [REGEX]        = {MUST_HAVE, MAY_HAVE, KEY_OF(CELL_STRING), 0, 0, "{type: regex, value: \"^[A-Z]\"}"},
    [IS_JSON]      = {NEVER_WANTED, NEVER_WANTED, 0, 0, 0, "{type: is-json}"},
    [JSON_SCHEMA]  = {MUST_HAVE, MAY_HAVE, KEY_OF(CELL_STRING) | KEY_OF(CELL_OBJECT) | KEY_OF(CELL_BOOLEAN), 0, 0,
                      "{type: json-schema, value: schemas/name.json}"},
    [JSON_POINTER] = {MAY_HAVE, MUST_HAVE, ANY_VALUE, 0, 0, "{type: json-pointer, pointer: /title, value: \"Budget\"}"},
    [MAX_LATENCY]  = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_INTEGER), 1, 86400000, "{type: max-latency-ms, value: 5000}"},
    [MAX_COST]     = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_INTEGER) | KEY_OF(CELL_NUMBER), 0, 1000000, "{type: max-cost-usd, value: 0.01}"},
    [MAX_TOKENS]   = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_INTEGER), 1, 100000000, "{type: max-tokens, value: 500}"},
    [ROUTE]        = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_STRING), 0, 0, "{type: route, value: default}"},
    [STATUS]       = {MUST_HAVE, NEVER_WANTED, KEY_OF(CELL_INTEGER), 100, 599, "{type: status, value: 200}"},
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
static const struct keys assertion_table = KEYS_OF(assertion_keys);

static const struct key test_keys[] = {
    {.name = "name", .type = KEY_TEXT, .required = true, FIELD(struct test_draft, name), .hint = "name: a sentence that says what is tested",
     .about = "What is tested, as a sentence.",
     .example = "an empty text is refused"},
    {.name = "input", .type = KEY_CELL, .required = true, .types = ANY_VALUE, FIELD(struct test_draft, input), .hint = "input: what a caller would send",
     .about = "What a caller would send.",
     .example = "{text: \"\"}"},
    {.name = "assert", .type = KEY_CELL, .required = true, .types = KEY_OF(CELL_ARRAY), FIELD(struct test_draft, assertions),
     .hint = "assert: [{type: status, value: 200}]",
     .about = "What has to hold of the answer.",
     .example = "[{type: status, value: 422}]", .each = &assertion_table, .items_least = 1},
};
// clang-format on
const struct keys test_table = KEYS_OF(test_keys);

struct testing {
    struct load *load;
    const struct document *document;
    const struct endpoint *endpoint;
    struct reading reading;
    bool refusal_expected; /* the test asserts status 422 */
};

static void malformed(struct testing *t, uint32_t cell, const char *what, const char *form)
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
        malformed(t, cell, "the regular expression is longer than 1,024 bytes", NULL);
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

static void check_value(struct testing *t, enum assertion type, uint32_t cell)
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
    if (type == REGEX)
        check_regex(t, cell);
    if (type == JSON_SCHEMA)
        load_schema(t->load, t->document, cell, &use);
    if (type == ROUTE)
        check_route(t, cell);
    if (type == STATUS && value->integer == 422)
        t->refusal_expected = true;
}

static void check_presence(struct testing *t, enum assertion type, const char *name,
                           enum wants wants, uint32_t mark, uint32_t cell)
{
    struct arena *arena = t->load->diagnostics->arena;

    if (wants == MUST_HAVE && cell == CELL_NONE)
        malformed(
            t, mark,
            arena_printf(arena, "an assertion of type '%s' needs a '%s'", type_words[type], name)
                .at,
            forms[type].form);
    if (wants == NEVER_WANTED && cell != CELL_NONE)
        malformed(
            t, key_of(cell),
            arena_printf(arena, "an assertion of type '%s' has no '%s'", type_words[type], name).at,
            forms[type].form);
}

static void check_assertion(struct testing *t, uint32_t at)
{
    struct assertion_draft draft = {.type = UNSAID};
    enum assertion type;

    if (document_cell(t->document, at)->type != CELL_OBJECT) {
        malformed(t, at, "an assertion must be a mapping", "{type: status, value: 200}");
        return;
    }
    if (!keys_read(&t->reading, at, at, &assertion_table, &draft))
        return;
    type = (enum assertion)draft.type;
    check_presence(t, type, "value", forms[type].value, at, draft.value);
    check_presence(t, type, "pointer", forms[type].pointer, at, draft.pointer);
    if (draft.pointer != CELL_NONE && !pointer_valid(document_text(t->document, draft.pointer)))
        malformed(t, draft.pointer,
                  "'pointer' is not a JSON Pointer: it starts with '/', and '~' "
                  "is written ~0",
                  "pointer: /lines/0/amount");
    if (draft.value != CELL_NONE && forms[type].value != NEVER_WANTED)
        check_value(t, type, draft.value);
}

/* The first violation is marked at the value that is wrong. */
static void check_input(struct testing *t, uint32_t input)
{
    struct arena scratch = {0};
    struct violations *found;
    struct diagnostic *it;
    uint32_t place;

    if (t->endpoint->input == NULL || t->refusal_expected ||
        schema_check(t->endpoint->input, t->document, input, &scratch)) {
        arena_release(&scratch);
        return;
    }
    found = ARENA_NEW(&scratch, struct violations);
    schema_explain(t->endpoint->input, t->document, input, &scratch, found);
    if (found->undecided) {
        malformed(t, input, "the input cannot be checked within the limits of a check", NULL);
        arena_release(&scratch);
        return;
    }
    place = document_at(t->document, input, found->items[0].instance_path);
    it = diagnose(t->load->diagnostics, t->document, place == CELL_NONE ? input : place,
                  DIAGNOSTIC_E0702, "the input does not satisfy the input schema: %.*s",
                  TEXT_ARG(found->items[0].message));
    if (document_cell(t->document, place == CELL_NONE ? input : place)->type >= CELL_ARRAY)
        it->range.end = it->range.start;
    diagnostic_hint(t->load->diagnostics, it,
                    "correct the input, or assert {type: status, value: 422} if it is to be "
                    "refused");
    arena_release(&scratch);
}

static void check_test(struct testing *t, uint32_t at, struct endpoint_test *out)
{
    struct test_draft draft = {0};
    uint32_t end;

    *out = (struct endpoint_test){.at = at, .document = t->document};
    if (document_cell(t->document, at)->type != CELL_OBJECT) {
        malformed(t, at, "a test must be a mapping", "- {name: TEXT, input: ..., assert: [...]}");
        return;
    }
    keys_read(&t->reading, at, at, &test_table, &draft);
    out->name = draft.name;
    t->refusal_expected = false;
    if (draft.assertions != CELL_NONE) {
        end = document_next(t->document, draft.assertions);
        if (end == draft.assertions + 1)
            malformed(t, draft.assertions, "a test without assertions cannot fail",
                      "assert: [{type: status, value: 200}]");
        for (uint32_t item = draft.assertions + 1; item < end;
             item = document_next(t->document, item))
            check_assertion(t, item);
    }
    if (draft.input != CELL_NONE)
        check_input(t, draft.input);
}

/* Tests are few; each name is compared with those before. */
static void check_name(struct testing *t, const struct endpoint_test *tests, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (tests[index].name.len == 0 || !text_equal(tests[i].name, tests[index].name))
            continue;
        malformed(t, document_member(t->document, tests[index].at, TEXT("name")),
                  "another test of this endpoint has the same name", NULL);
        return;
    }
}

enum { TESTS_PER_ENDPOINT = 1000 };

void endpoint_tests_load(struct load *load, const struct document *document, uint32_t cell,
                         struct endpoint *endpoint)
{
    struct testing t = {.load = load,
                        .document = document,
                        .endpoint = endpoint,
                        .reading = load_reading(load, document)};
    uint32_t count = document_cell(document, cell)->size, at = cell + 1;
    struct endpoint_test *tests;

    if (count > TESTS_PER_ENDPOINT) {
        diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0104,
                 "an endpoint has at most %d tests, found %u", TESTS_PER_ENDPOINT, count);
        return;
    }
    tests = ARENA_ARRAY(load->arena, struct endpoint_test, count);
    for (uint32_t i = 0; i < count; i++, at = document_next(document, at)) {
        check_test(&t, at, &tests[i]);
        check_name(&t, tests, i);
    }
    endpoint->tests = tests;
    endpoint->test_count = count;
}
