#include "trial/judge.h"

#include "config/config.h"
#include "config/load.h"
#include "document/json_read.h"
#include "memory_folder.h"
#include "unit.h"

#include <stdio.h>

static struct arena arena;

/* The test of an endpoint whose assertions are written like this. */
static const struct endpoint_test *test_of(const char *assertions)
{
    char yaml[2048];
    struct memory_file files[1];
    struct memory_folder folder;
    struct diagnostics diagnostics = {.arena = &arena};
    struct config *config;

    snprintf(yaml, sizeof yaml,
             "provider: demo\nmodel: m\nsystem: s\n"
             "routing: [{name: fast, when: {streaming: true}, use: {model: n}}]\n"
             "tests: [{name: t, input: x, assert: [%s]}]\n",
             assertions);
    files[0] = (struct memory_file){"endpoints/e.yaml", text_of(yaml)};
    folder = memory_folder(files, 1, NULL);
    config = config_load_from(&folder.folder, TEXT("."), &(struct config_options){0}, &diagnostics);
    if (config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
    arena_defer(&arena, (void (*)(void *))config_free, config);
    return &config->endpoints[0].tests[0];
}

static struct outcome answered(const char *output)
{
    struct outcome outcome = {
        .status = 200, .content = text_of(output), .route = TEXT("default"), .latency_ms = -1};
    struct document *document = ARENA_NEW(&arena, struct document);

    if (json_read(text_of(output), NULL, &arena, document, NULL, NULL))
        outcome.output = document;
    return outcome;
}

static struct outcome failed(int status, const char *error)
{
    struct outcome outcome = {.status = status, .latency_ms = -1};
    struct document *document = ARENA_NEW(&arena, struct document);

    EXPECT(json_read(text_of(error), NULL, &arena, document, NULL, NULL));
    outcome.error = document;
    return outcome;
}

static struct verdict_on one(const char *assertion, struct outcome outcome)
{
    struct verdict_on verdicts[4];

    EXPECT_EQ(judge(test_of(assertion), &outcome, &arena, verdicts), 1);
    return verdicts[0];
}

static bool holds(const char *assertion, const char *output)
{
    return one(assertion, answered(output)).passed;
}

static void end(void)
{
    arena_release(&arena);
    arena = (struct arena){0};
}

TEST(each_kind_of_assertion_holds_where_it_should_and_nowhere_else)
{
    static const struct {
        const char *assertion, *holds, *fails;
    } cases[] = {
        {"{type: equals, value: {a: [1, x]}}", "{\"a\":[1.0,\"x\"]}", "{\"a\":[1]}"},
        {"{type: equals, value: yes it is}", "yes it is", "yes"},
        {"{type: equals, pointer: /a/1, value: x}", "{\"a\":[1,\"x\"]}", "{\"a\":[1]}"},
        {"{type: equals, pointer: /a~1b, value: null}", "{\"a/b\":null}", "{\"a\":null}"},
        {"{type: contains, value: Bell}", "the Bell rings", "the bell rings"},
        {"{type: contains, pointer: /a, value: Bell}", "{\"a\":\"Bell\"}", "{\"b\":\"Bell\"}"},
        {"{type: icontains, value: BELL}", "the bell rings", "the be ll"},
        {"{type: icontains, value: \"\xC3\x9C"
         "ber\"}",
         "das \xC3\xBC"
         "berall",
         "das uberall"},
        {"{type: regex, value: \"^[A-Z]\\\\w+$\"}", "Bell", "bell"},
        {"{type: regex, pointer: /n, value: \"^4[0-9]$\"}", "{\"n\":42}", "{\"n\":52}"},
        {"{type: is-json}", "[1]", "[1"},
        {"{type: json-schema, value: {type: object, required: [a]}}", "{\"a\":1}", "{}"},
        {"{type: json-schema, pointer: /a, value: {minimum: 3}}", "{\"a\":3}", "{\"a\":2}"},
        {"{type: json-pointer, pointer: /a/0}", "{\"a\":[null]}", "{\"a\":[]}"},
        {"{type: json-pointer, pointer: /a, value: false}", "{\"a\":false}", "{\"a\":0}"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!holds(cases[i].assertion, cases[i].holds))
            fail_msg("%s does not hold of %s", cases[i].assertion, cases[i].holds);
        if (holds(cases[i].assertion, cases[i].fails))
            fail_msg("%s holds of %s", cases[i].assertion, cases[i].fails);
    }
    end();
}

TEST(what_a_call_cost_took_and_where_it_went_is_held_against_bounds)
{
    struct outcome outcome = answered("x");

    outcome.cost_nano = 2000000;
    outcome.completion_tokens = 50;
    EXPECT(one("{type: max-cost-usd, value: 0.002}", outcome).passed);
    EXPECT(!one("{type: max-cost-usd, value: 0.001999}", outcome).passed);
    EXPECT(one("{type: max-tokens, value: 50}", outcome).passed);
    EXPECT(!one("{type: max-tokens, value: 49}", outcome).passed);
    EXPECT(one("{type: route, value: default}", outcome).passed);
    EXPECT(!one("{type: route, value: fast}", outcome).passed);
    EXPECT(one("{type: status, value: 200}", outcome).passed);
    outcome.cost_nano = -1;
    EXPECT(!one("{type: max-cost-usd, value: 1}", outcome).passed);
    outcome.latency_ms = 40;
    EXPECT(one("{type: max-latency-ms, value: 40}", outcome).passed);
    EXPECT(!one("{type: max-latency-ms, value: 39}", outcome).passed);
    end();
}

TEST(a_latency_that_no_provider_had_is_not_judged_and_says_so)
{
    struct verdict_on verdict = one("{type: max-latency-ms, value: 1}", answered("x"));

    EXPECT(verdict.passed && verdict.skipped);
    EXPECT(text_find(verdict.note, TEXT("--live")) < verdict.note.len);
    end();
}

TEST(a_call_that_fails_fails_its_test_unless_the_failure_was_wanted)
{
    struct outcome outcome = failed(422, "{\"code\":\"c\",\"message\":\"m\"}");
    struct verdict_on verdicts[4];

    EXPECT_EQ(judge(test_of("{type: max-tokens, value: 9}"), &outcome, &arena, verdicts), 1);
    EXPECT(verdicts[0].assertion == NULL && !verdicts[0].passed);
    EXPECT_TEXT(verdicts[0].got, "422 c: m");
    EXPECT_EQ(judge(test_of("{type: status, value: 422}, {type: equals, pointer: /code, value: c}"),
                    &outcome, &arena, verdicts),
              2);
    EXPECT(verdicts[0].passed && verdicts[1].passed);
    EXPECT_EQ(
        judge(test_of("{type: is-json}, {type: status, value: 200}"), &outcome, &arena, verdicts),
        1);
    EXPECT_TEXT(verdicts[0].got, "422 c: m");
    end();
}

TEST(a_difference_is_told_by_its_place_and_shortened)
{
    struct verdict_on verdict =
        one("{type: equals, value: {a: [1, {b: x}]}}", answered("{\"a\":[1,{\"b\":\"y\"}]}"));

    EXPECT_TEXT(verdict.expected, "{\"a\":[1,{\"b\":\"x\"}]}");
    EXPECT_TEXT(verdict.got, "{\"a\":[1,{\"b\":\"y\"}]}");
    EXPECT_TEXT(verdict.note, "at /a/1/b: expected \"x\", got \"y\"");
    verdict =
        one("{type: equals, value: x}",
            answered("\xC3\xA4\xC3\xA4 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    EXPECT(verdict.got.len <= 85 && text_ends(verdict.got, TEXT("...")));
    end();
}

TEST(an_expression_that_takes_too_many_steps_is_given_up)
{
    struct verdict_on verdict =
        one("{type: regex, value: \"^(a+)+$\"}",
            answered("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));

    EXPECT(!verdict.passed);
    EXPECT(text_find(verdict.note, TEXT("too many steps")) < verdict.note.len);
    end();
}
