/* `tests` of an endpoint's file, and tests/SLUG.yaml. They are not run here, but what is wrong with
 * them is an author's mistake like any other: it is better found while loading than by a test that
 * cannot pass. */
#include "config/endpoint_tests.h"

#include "base/clock.h"
#include "config/value.h"
#include "provider/http_field.h"
#include "store/token_record.h"

struct test_draft {
    struct endpoint_test test;
    uint32_t assertions, at, headers, tags;
};

enum { TESTS_PER_ENDPOINT = 1000, ASSERTIONS_MAX = 100 };

// clang-format off
static const struct key caller_keys[] = {
    {.name = "name", .type = KEY_TEXT, FIELD(struct test_draft, test.caller.name), .hint = "name: shop, as a token is named",
     .about = "The name of the calling token.",
     .example = "shop"},
    {.name = "project", .type = KEY_TEXT, FIELD(struct test_draft, test.caller.project), .hint = "project: acme, one of 'projects' in pinion.yaml",
     .about = "The project of the calling token.",
     .example = "acme"},
    {.name = "tags", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), .each_types = KEY_OF(CELL_STRING), FIELD(struct test_draft, tags), .hint = "tags: {tier: gold}",
     .about = "The tags of the calling token.",
     .example = "{tier: gold}"},
};
static const struct keys caller_table = KEYS_OF(caller_keys);

static const struct key test_keys[] = {
    {.name = "name", .type = KEY_TEXT, .required = true, FIELD(struct test_draft, test.name), .hint = "name: a sentence that says what is tested",
     .about = "What is tested, as a sentence.",
     .example = "an empty text is refused"},
    {.name = "input", .type = KEY_CELL, .required = true, .types = ANY_VALUE, FIELD(struct test_draft, test.input), .hint = "input: what a caller would send",
     .about = "What a caller would send.",
     .example = "{text: \"\"}"},
    {.name = "assert", .type = KEY_CELL, .required = true, .types = KEY_OF(CELL_ARRAY), FIELD(struct test_draft, assertions),
     .hint = "assert: [{type: status, value: 200}]",
     .about = "What has to hold of the answer.",
     .example = "[{type: status, value: 422}]", .each = &assertion_table, .items_least = 1},
    {.name = "stream", .type = KEY_BOOLEAN, FIELD(struct test_draft, test.stream),
     .about = "Whether the answer is asked for as a stream.",
     .example = "true"},
    {.name = "at", .type = KEY_CELL, .types = KEY_OF(CELL_STRING), FIELD(struct test_draft, at), .hint = "at: 2026-11-27T22:00:00+01:00",
     .about = "As if it were called then: a date, or a time with its offset.",
     .example = "2026-11-27T22:00:00+01:00"},
    {.name = "headers", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), .each_types = KEY_OF(CELL_STRING), FIELD(struct test_draft, headers), .hint = "headers: {x-plan: trial}",
     .about = "Header fields that are sent along.",
     .example = "{x-plan: trial}"},
    {.name = "caller", .type = KEY_TABLE, .inside = &caller_table, .hint = "caller: {tags: {tier: gold}}",
     .about = "Who calls, as far as a route depends on it.",
     .example = "{tags: {tier: gold}}"},
};
// clang-format on
const struct keys test_table = KEYS_OF(test_keys);

/* The first violation is marked at the value that is wrong. */
static void check_input(struct testing *t, uint32_t input)
{
    const struct variables *variables = t->endpoint->variables;
    const struct document *document = t->document;
    struct arena scratch = {0};
    struct violations *found;
    struct diagnostic *it;
    uint32_t place, at = input;

    if (variables != NULL)
        document = variables_apply(variables, t->document, input, &scratch, &at);
    if (t->endpoint->input == NULL || t->refusal_expected ||
        schema_check(t->endpoint->input, document, at, &scratch)) {
        arena_release(&scratch);
        return;
    }
    found = ARENA_NEW(&scratch, struct violations);
    schema_explain(t->endpoint->input, document, at, &scratch, found);
    if (found->undecided) {
        test_malformed(t, input, "the input cannot be checked within the limits of a check", NULL);
        arena_release(&scratch);
        return;
    }
    place = document_at(t->document, input, found->items[0].instance_path);
    it = diagnose(t->load->diagnostics, t->document, place == CELL_NONE ? input : place,
                  DIAGNOSTIC_E0702, "the input does not satisfy the %s: %.*s",
                  variables != NULL ? "variables" : "input schema",
                  TEXT_ARG(variables != NULL ? variables_complaint(&found->items[0], &scratch)
                                             : found->items[0].message));
    if (document_cell(t->document, place == CELL_NONE ? input : place)->type >= CELL_ARRAY)
        it->range.end = it->range.start;
    diagnostic_hint(t->load->diagnostics, it,
                    "correct the input, or assert {type: status, value: 422} if it is to be "
                    "refused");
    arena_release(&scratch);
}

/* A mapping of names to strings at `cell`, which may be CELL_NONE. */
static void check_strings(struct testing *t, uint32_t cell, const char *what, uint32_t most)
{
    struct arena *arena = t->load->diagnostics->arena;

    if (cell == CELL_NONE)
        return;
    if (document_cell(t->document, cell)->size > most)
        test_malformed(t, cell, arena_printf(arena, "a test has at most %u %s", most, what).at,
                       NULL);
    for (uint32_t at = cell + 1; at < document_next(t->document, cell);
         at = document_next(t->document, at + 1))
        if (document_cell(t->document, at + 1)->type != CELL_STRING)
            test_malformed(t, at + 1, arena_printf(arena, "%s are strings", what).at,
                           arena_printf(arena, "%s: {name: \"value\"}", what).at);
}

/* RFC 9110 section 5: what a field may be. */
static void check_headers(struct testing *t, uint32_t cell)
{
    check_strings(t, cell, "headers", TEST_HEADERS_MAX);
    for (uint32_t at = cell + 1; cell != CELL_NONE && at < document_next(t->document, cell);
         at = document_next(t->document, at + 1)) {
        struct text name = document_text(t->document, at), value;

        if (document_cell(t->document, at + 1)->type != CELL_STRING)
            continue;
        value = document_text(t->document, at + 1);
        if (!field_name_valid(name))
            test_malformed(t, at, "this is not the name of a header field",
                           "headers: {x-plan: trial}");
        else if (!field_value_clean(value))
            test_malformed(t, at + 1, "a header field cannot hold a control character",
                           "headers: {x-plan: trial}");
    }
}

static void check_at(struct testing *t, uint32_t cell, int64_t *out_ms)
{
    if (cell != CELL_NONE &&
        !(clock_parse_rfc3339(document_text(t->document, cell), out_ms) && *out_ms > 0))
        test_malformed(t, cell, "'at' is neither a date nor a time with its offset",
                       "at: 2026-11-27T22:00:00+01:00");
}

static void check_assertions(struct testing *t, uint32_t cell, struct endpoint_test *out)
{
    uint32_t count = document_cell(t->document, cell)->size;
    struct test_assertion *assertions = ARENA_ARRAY(t->load->arena, struct test_assertion, count);

    if (count == 0)
        test_malformed(t, cell, "a test without assertions cannot fail",
                       "assert: [{type: status, value: 200}]");
    if (count > ASSERTIONS_MAX) {
        diagnose(t->load->diagnostics, t->document, cell, DIAGNOSTIC_E0104,
                 "a test has at most %d assertions, found %u", ASSERTIONS_MAX, count);
        return;
    }
    for (uint32_t item = cell + 1; item < document_next(t->document, cell);
         item = document_next(t->document, item))
        assertion_load(t, item, &assertions[out->assertion_count++]);
    out->assertions = assertions;
}

static void check_test(struct testing *t, uint32_t at, struct endpoint_test *out)
{
    struct test_draft draft = {0};

    *out = (struct endpoint_test){.at = at, .document = t->document};
    if (document_cell(t->document, at)->type != CELL_OBJECT) {
        test_malformed(t, at, "a test must be a mapping",
                       "- {name: TEXT, input: ..., assert: [...]}");
        return;
    }
    keys_read(&t->reading, at, at, &test_table, &draft);
    *out = draft.test;
    out->at = at;
    out->document = t->document;
    out->headers = draft.headers;
    out->caller.tags = draft.tags;
    t->refusal_expected = false;
    if (draft.assertions != CELL_NONE)
        check_assertions(t, draft.assertions, out);
    check_at(t, draft.at, &out->at_ms);
    check_headers(t, draft.headers);
    check_strings(t, draft.tags, "tags", TOKEN_TAGS_MAX);
    if (out->input != CELL_NONE)
        check_input(t, out->input);
}

/* Tests are few; each name is compared with those before. */
static void check_name(struct testing *t, const struct endpoint_test *tests, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (tests[index].name.len == 0 || !text_equal(tests[i].name, tests[index].name))
            continue;
        test_malformed(t, document_member(t->document, tests[index].at, TEXT("name")),
                       arena_printf(t->load->diagnostics->arena,
                                    "another test of this endpoint has the same name, on line %u "
                                    "of %.*s",
                                    document_range(tests[i].document, tests[i].at).start.line,
                                    TEXT_ARG(tests[i].document->file))
                           .at,
                       "name: a sentence of its own, by which results are told apart");
        return;
    }
}

/* The list at `cell`, behind the tests that there are already. */
static void add_tests(struct load *load, const struct document *document, uint32_t cell,
                      struct endpoint *endpoint)
{
    struct testing t = {.load = load,
                        .document = document,
                        .endpoint = endpoint,
                        .reading = load_reading(load, document)};
    size_t count = endpoint->test_count, all = count + document_cell(document, cell)->size;
    struct endpoint_test *tests;

    if (all > TESTS_PER_ENDPOINT) {
        diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0104,
                 "an endpoint has at most %d tests, found %zu", TESTS_PER_ENDPOINT, all);
        return;
    }
    tests = ARENA_ARRAY(load->arena, struct endpoint_test, all);
    if (count > 0)
        memcpy(tests, endpoint->tests, count * sizeof *tests);
    for (uint32_t at = cell + 1; count < all; count++, at = document_next(document, at)) {
        check_test(&t, at, &tests[count]);
        check_name(&t, tests, count);
    }
    endpoint->tests = tests;
    endpoint->test_count = count;
}

/* The list itself, or a mapping with the one key `tests`. */
static uint32_t list_of(struct load *load, const struct document *document)
{
    static const struct key keys[] = {
        {.name = "tests",
         .type = KEY_CELL,
         .types = KEY_OF(CELL_ARRAY),
         .required = true,
         .offset = 0,
         .bytes = sizeof(uint32_t),
         .hint = "tests: a list of {name, input, assert}"},
    };
    static const struct keys table = KEYS_OF(keys);
    struct reading reading = load_reading(load, document);
    uint32_t cell = CELL_NONE;

    if (document_cell(document, 0)->type == CELL_ARRAY)
        return 0;
    return keys_read(&reading, 0, 0, &table, &cell) ? cell : CELL_NONE;
}

static void add_file(struct load *load, struct text path, struct endpoint *endpoint)
{
    struct document *document = ARENA_NEW(load->arena, struct document);
    struct text bytes;
    uint32_t list;

    if (!load_bytes(load, path, NULL, 0, &bytes) || !load_yaml(load, path, bytes, true, document))
        return;
    list = list_of(load, document);
    if (list != CELL_NONE)
        add_tests(load, document, list, endpoint);
}

void endpoint_tests_load(struct load *load, const struct document *document, uint32_t cell,
                         struct endpoint *endpoint)
{
    struct text path = arena_printf(load->arena, "tests/%.*s.yaml", TEXT_ARG(endpoint->slug));

    if (cell != CELL_NONE)
        add_tests(load, document, cell, endpoint);
    for (size_t i = 0; i < load->test_file_count; i++)
        if (text_equal(load->test_files[i], path))
            add_file(load, path, endpoint);
}

void load_test_files(struct load *load)
{
    bool missing;

    load_listing(load, "tests", ".yaml", NULL, &load->test_files, &load->test_file_count, &missing);
}

static bool is_slug(const struct config *config, struct text slug)
{
    for (size_t i = 0; i < config->endpoint_count; i++)
        if (text_equal(config->endpoints[i].slug, slug))
            return true;
    return false;
}

/* "tests/summarize.yaml" without the folder and the ending. */
static struct text slug_of(struct text path, const char *ending)
{
    struct text slug = text_after(path, strlen("tests/"));

    return text_first(slug, slug.len - strlen(ending));
}

/* Other programs may have their tests in that folder, so only what must be meant is a mistake. */
static void refuse_other_endings(struct load *load)
{
    const struct text *paths;
    struct diagnostic *it;
    size_t count;
    bool missing;

    load_listing(load, "tests", ".yml", NULL, &paths, &count, &missing);
    for (size_t i = 0; i < count; i++) {
        if (!is_slug(load->config, slug_of(paths[i], ".yml")))
            continue;
        it = diagnose_file(load->diagnostics, paths[i], (struct text){0}, (struct range){0},
                           DIAGNOSTIC_E0602, "files here end in .yaml, not in .yml");
        diagnostic_hint(load->diagnostics, it, "rename it, so that its tests are found");
    }
}

void load_stray_tests(struct load *load)
{
    for (size_t i = 0; i < load->test_file_count; i++) {
        struct text path = load->test_files[i], slug = slug_of(path, ".yaml");
        struct diagnostic *it;

        if (is_slug(load->config, slug))
            continue;
        it = diagnose_file(load->diagnostics, path, (struct text){0}, (struct range){0},
                           DIAGNOSTIC_W0701,
                           "these tests belong to no endpoint: there is no slug \"%.*s\"",
                           TEXT_ARG(value_shown(load->diagnostics->arena, slug)));
        diagnostic_hint(load->diagnostics, it,
                        "the file is named after the slug whose tests it holds");
    }
    refuse_other_endings(load);
}
