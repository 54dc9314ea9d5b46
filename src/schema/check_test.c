/* Verdicts where the fast program takes a way of its own: each must be that of the plain one. */
#include "unit.h"

#include "base/check.h"
#include "document/json_read.h"
#include "schema/explain.h"

#include <stdio.h>

struct row {
    const char *document;
    bool holds;
};

/* Whether both programs say so; documents may have a name twice. */
static bool is_verdict(const struct schema *schema, const struct row *row)
{
    static const struct json_limits limits = {.allow_duplicate_names = true};
    struct arena arena = {0};
    struct document document;
    struct violations violations;
    bool fast, plain;

    CHECK(json_read(text_of(row->document), &limits, &arena, &document, NULL, NULL));
    fast = schema_check(schema, &document, 0, &arena);
    explain_plainly(schema, &document, 0, true, &arena, &violations);
    plain = violations.total == 0;
    arena_release(&arena);
    if (fast != row->holds || plain != row->holds)
        printf("%s must %s; fast: %d, plain: %d\n", row->document, row->holds ? "hold" : "fail",
               fast, plain);
    return fast == row->holds && plain == row->holds;
}

static void expect_verdicts(const char *source, const struct row *rows, size_t count)
{
    struct arena arena = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct document document;
    const struct schema *schema;
    size_t right = 0;

    diagnostics->arena = &arena;
    CHECK(json_read(text_of(source), NULL, &arena, &document, NULL, NULL));
    schema = schema_compile(&document, 0, &arena, diagnostics);
    CHECK(schema != NULL);
    for (size_t i = 0; i < count; i++)
        right += is_verdict(schema, &rows[i]);
    EXPECT_EQ(right, count);
    arena_release(&arena);
}
#define EXPECT_VERDICTS(schema, rows)                                                              \
    expect_verdicts((schema), (rows), sizeof(rows) / sizeof *(rows))

TEST(a_name_that_is_there_twice_is_judged_by_all_its_values)
{
    static const char schema[] =
        "{\"properties\": {\"o\": {\"$ref\": \"#\"}}, "
        "\"if\": {\"properties\": {\"a\": {\"const\": 1}}, \"required\": [\"a\"]}, "
        "\"then\": {\"properties\": {\"b\": {\"type\": \"null\"}}}, "
        "\"unevaluatedProperties\": {\"type\": \"string\"}}";
    static const struct row rows[] = {
        {"{\"a\": 1, \"b\": null}", true},
        {"{\"a\": 1, \"a\": 1}", true},
        {"{\"a\": 1, \"a\": 2}", false},
        {"{\"a\": 2, \"a\": 1}", false},
        {"{\"a\": \"x\", \"a\": \"y\"}", true},
        {"{\"a\": 1, \"b\": null, \"b\": null}", true},
        {"{\"a\": 1, \"b\": null, \"b\": \"x\"}", false},
        {"{\"a\": 1, \"b\": \"x\", \"b\": null}", false},
        {"{\"b\": null, \"b\": \"x\"}", false},
        {"{\"b\": \"x\", \"b\": \"y\"}", true},
        {"{\"a\": 1, \"x\": \"x\", \"x\": \"y\"}", true},
        {"{\"a\": 1, \"x\": \"x\", \"x\": 3}", false},
        {"{\"o\": {\"a\": 1, \"a\": 1}, \"a\": 1, \"b\": null}", true},
        {"{\"o\": {\"a\": 1, \"a\": 1}, \"a\": 1, \"b\": 2}", false},
        {"{\"o\": {}, \"o\": {\"b\": 2}}", false},
        {"{\"o\": {\"b\": 2}, \"o\": {}}", false},
    };

    EXPECT_VERDICTS(schema, rows);
}

TEST(what_is_required_but_not_declared_is_additional)
{
    static const struct row nulls[] = {
        {"{\"a\": null}", true},
        {"{\"a\": 1}", false},
        {"{}", false},
        {"{\"a\": null, \"b\": 1}", false},
    };
    static const struct row none[] = {{"{\"a\": 1}", false}, {"{}", false}};
    static const struct row matched[] = {
        {"{\"a\": 1}", true},
        {"{\"a\": \"x\"}", false},
        {"{\"b\": null}", false},
        {"{\"a\": 1, \"b\": null}", true},
        {"{\"a\": 1, \"b\": 1}", false},
    };

    EXPECT_VERDICTS("{\"required\": [\"a\"], \"additionalProperties\": {\"type\": \"null\"}}",
                    nulls);
    EXPECT_VERDICTS("{\"required\": [\"a\"], \"additionalProperties\": false}", none);
    EXPECT_VERDICTS("{\"required\": [\"a\"], \"patternProperties\": {\"^a\": {\"type\": "
                    "\"integer\"}}, \"additionalProperties\": {\"type\": \"null\"}}",
                    matched);
}

TEST(what_another_schema_declares_is_still_additional)
{
    static const struct row rows[] = {
        {"{\"b\": null}", true},
        {"{\"b\": 1}", false},
        {"{\"b\": \"x\"}", false},
        {"{\"a\": 1, \"b\": null}", true},
        {"{\"a\": 1, \"c\": 1, \"b\": null}", false},
        {"{\"a\": 1}", false},
    };

    EXPECT_VERDICTS("{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"additionalProperties\": "
                    "{\"type\": [\"null\", \"string\"]}, \"allOf\": [{\"properties\": {\"b\": "
                    "{\"type\": [\"integer\", \"null\"]}}, \"required\": [\"b\"]}]}",
                    rows);
}

TEST(an_array_without_items_satisfies_what_is_about_each_of_them_only)
{
    static const struct row of_each[] = {
        {"[[]]", true},
        {"[[], [\"a\"], []]", true},
        {"[[], [1]]", false},
        {"[[], {}]", false},
    };
    static const struct row nothing[] = {{"[[]]", true}, {"[[1]]", false}};
    static const struct row more[] = {{"[[]]", false}, {"[[1]]", true}};
    static const struct row members[] = {
        {"{\"a\": []}", true},
        {"{\"a\": [\"a\"], \"b\": []}", false},
        {"{\"a\": [], \"b\": [\"a\"], \"c\": []}", true},
    };

    EXPECT_VERDICTS("{\"items\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}}",
                    of_each);
    EXPECT_VERDICTS("{\"items\": {\"items\": false}}", nothing);
    EXPECT_VERDICTS("{\"items\": {\"items\": {\"type\": \"integer\"}, \"minItems\": 1}}", more);
    EXPECT_VERDICTS("{\"items\": {\"items\": {\"type\": \"integer\"}, \"contains\": true}}", more);
    EXPECT_VERDICTS(
        "{\"properties\": {\"a\": {\"items\": {\"type\": \"string\"}}, \"b\": {\"items\": "
        "{\"type\": \"string\"}, \"contains\": {\"const\": \"a\"}}, \"c\": {\"items\": "
        "{\"type\": \"string\"}}}, \"additionalProperties\": false}",
        members);
}

/* Six strings are compared, seven looked up. They are such that only lengths tell some apart. */
TEST(few_strings_are_told_apart_as_many_are)
{
    static const struct row rows[] = {
        {"\"\"", true},
        {"\"a\"", false},
        {"\"aa\"", true},
        {"\"aaa\"", false},
        {"\"abcd\"", true},
        {"\"abcde\"", false},
        {"\"aaaaaaaa\"", true},
        {"\"aaaaaaaaa\"", false},
        {"\"abcdefghABCDEFGH\"", true},
        {"\"abcdefgh_BCDEFGH\"", false},
        {"\"abcdefgh-ABCDEFGH\"", true},
        {"\"abcdefgh+ABCDEFGH\"", false},
        {"\"\\u0061\\u0061\"", true},
        {"\"\\u0061\\u0061\\u0061\"", false},
    };
    static const struct row seventh[] = {{"\"b\"", true}, {"\"bb\"", false}};
    static const struct row no_seventh[] = {{"\"b\"", false}, {"\"bb\"", false}};
#define SIX "\"\", \"aa\", \"abcd\", \"aaaaaaaa\", \"abcdefghABCDEFGH\", \"abcdefgh-ABCDEFGH\""

    EXPECT_VERDICTS("{\"enum\": [" SIX "]}", rows);
    EXPECT_VERDICTS("{\"enum\": [" SIX "]}", no_seventh);
    EXPECT_VERDICTS("{\"enum\": [" SIX ", \"b\"]}", rows);
    EXPECT_VERDICTS("{\"enum\": [" SIX ", \"b\"]}", seventh);
}
