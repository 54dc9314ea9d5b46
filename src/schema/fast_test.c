/* What the fast program of a schema looks like: each row says what becomes of keywords, or that
 * they are left alone. That verdicts are right is shown by the suite, the cases and the fuzzer. */
#include "unit.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "schema/fast.h"

#include <stdio.h>

struct row {
    const char *schema;
    unsigned kind;
    const char *run;
};

static void expect_runs(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = {0};
        struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
        struct buffer out = buffer_in(&arena);
        struct document document;
        const struct schema *schema;

        diagnostics->arena = &arena;
        EXPECT(json_read(text_of(rows[i].schema), NULL, &arena, &document, NULL, NULL));
        schema = schema_compile(&document, 0, &arena, diagnostics);
        EXPECT(schema != NULL);
        fast_print(schema, 0, rows[i].kind, &out);
        if (!text_equal(buffer_text(&out), text_of(rows[i].run)))
            printf("%s\n  is:       %.*s\n  expected: %s\n", rows[i].schema,
                   TEXT_ARG(buffer_text(&out)), rows[i].run);
        EXPECT(text_equal(buffer_text(&out), text_of(rows[i].run)));
        arena_release(&arena);
    }
}
#define EXPECT_RUNS(rows) expect_runs((rows), sizeof(rows) / sizeof *(rows))

TEST(a_type_costs_nothing)
{
    static const struct row rows[] = {
        {"{\"type\": \"string\"}", CELL_STRING, "accept"},
        {"{\"type\": \"string\"}", CELL_OBJECT, "reject"},
        {"{\"minLength\": 2}", CELL_INTEGER, "accept"},
        {"{\"type\": [\"string\", \"null\"], \"maxLength\": 3}", CELL_STRING, "LENGTH(0..3)"},
    };

    EXPECT_RUNS(rows);
}

TEST(references_to_something_small_are_copied_in_and_others_called)
{
    static const struct row rows[] = {
        {"{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"$ref\": \"#/$defs/b\"}, \"b\": "
         "{\"maxLength\": "
         "3}}}",
         CELL_STRING, "LENGTH(0..3)"},
        {"{\"items\": {\"$ref\": \"#\"}, \"maxItems\": 1}", CELL_ARRAY, "COUNT(0..1) ALL(0..)"},
    };
    struct arena arena = {0};
    struct buffer schema = buffer_in(&arena);
    struct row called = {.kind = CELL_STRING, .run = "LENGTH(1..) CALL"};

    EXPECT_RUNS(rows);
    buffer_put(
        &schema,
        TEXT("{\"minLength\": 1, \"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"allOf\": ["));
    for (int i = 0; i < 60; i++)
        buffer_printf(&schema, "%s{\"pattern\": \"%d$\"}", i ? ", " : "", i);
    buffer_put(&schema, TEXT("]}}}"));
    called.schema = arena_copy(&arena, buffer_text(&schema)).at;
    expect_runs(&called, 1);
    arena_release(&arena);
}

TEST(what_is_always_so_or_never_folds_away)
{
    static const struct row rows[] = {
        {"{\"allOf\": [true, {}], \"minItems\": 0}", CELL_ARRAY, "accept"},
        {"{\"minLength\": 3, \"maxLength\": 2}", CELL_STRING, "reject"},
        {"{\"minimum\": 3, \"exclusiveMaximum\": 3}", CELL_INTEGER, "reject"},
        {"{\"minimum\": 2.5, \"exclusiveMaximum\": 7}", CELL_INTEGER, "INT_RANGE(3..6)"},
        {"{\"minimum\": 2.5, \"exclusiveMaximum\": 2.6}", CELL_NUMBER, "RANGE"},
        {"{\"minimum\": 1e400}", CELL_INTEGER, "RANGE"},
        {"{\"not\": {\"type\": \"string\"}}", CELL_STRING, "reject"},
        {"{\"not\": {\"minLength\": 1}}", CELL_STRING, "NOT(LENGTH(1..))"},
        {"{\"if\": {\"type\": \"string\"}, \"then\": {\"minLength\": 1}}", CELL_STRING,
         "LENGTH(1..)"},
        {"{\"if\": {\"minLength\": 4}, \"then\": {\"maxLength\": 9}}", CELL_STRING,
         "IF(LENGTH(4..) | LENGTH(0..9) | accept)"},
    };

    EXPECT_RUNS(rows);
}

TEST(enum_and_const_intersect_with_each_other_and_with_lengths)
{
    static const struct row rows[] = {
        {"{\"enum\": [\"a\", \"bb\", 1]}", CELL_STRING, "STRINGS(a bb)"},
        {"{\"enum\": [\"a\", \"bb\", \"ccc\"], \"minLength\": 2}", CELL_STRING, "STRINGS(bb ccc)"},
        {"{\"enum\": [\"a\", \"b\"], \"allOf\": [{\"const\": \"b\"}]}", CELL_STRING, "STRING(b)"},
        {"{\"enum\": [\"a\"], \"const\": \"b\"}", CELL_STRING, "reject"},
        {"{\"enum\": [\"a\", \"b\"], \"pattern\": \"b\"}", CELL_STRING, "STRINGS(a b) PATTERN"},
        {"{\"enum\": [1, null]}", CELL_STRING, "reject"},
        {"{\"enum\": [1, null]}", CELL_NULL, "accept"},
    };

    EXPECT_RUNS(rows);
}

TEST(what_schemas_say_about_different_members_becomes_one_walk)
{
    static const struct row rows[] = {
        {"{\"properties\": {\"a\": {\"type\": \"string\"}}, \"allOf\": [{\"properties\": {\"b\": "
         "{\"type\": \"null\"}}, \"required\": [\"b\"]}, {\"required\": [\"a\"]}]}",
         CELL_OBJECT, "MEMBERS(a! b!)"},
        {"{\"properties\": {\"a\": {\"type\": \"string\"}}, \"allOf\": [{\"properties\": {\"a\": "
         "{\"minLength\": 1}}}]}",
         CELL_OBJECT, "MEMBERS(a) MEMBERS(a)"},
        {"{\"additionalProperties\": false, \"properties\": {\"a\": {\"type\": \"null\"}}, "
         "\"allOf\": "
         "[{\"additionalProperties\": {\"type\": \"null\"}}]}",
         CELL_OBJECT, "MEMBERS(a; closed) MEMBERS(; additional)"},
        {"{\"allOf\": [{\"minProperties\": 1}, {\"minProperties\": 2, \"maxProperties\": 5}]}",
         CELL_OBJECT, "COUNT(2..5)"},
    };

    EXPECT_RUNS(rows);
}

TEST(alternatives_of_different_types_or_tags_are_not_tried)
{
    static const struct row rows[] = {
        {"{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"null\"}]}", CELL_STRING, "accept"},
        {"{\"anyOf\": [{\"type\": \"string\", \"maxLength\": 2}, {\"type\": \"integer\"}]}",
         CELL_STRING, "LENGTH(0..2)"},
        {"{\"anyOf\": [{\"maxLength\": 2}, {\"minLength\": 8}]}", CELL_STRING,
         "ANY(LENGTH(0..2) | LENGTH(8..))"},
        {"{\"oneOf\": [{\"properties\": {\"t\": {\"const\": \"x\"}}, \"required\": [\"t\"]}, "
         "{\"properties\": {\"t\": {\"const\": \"y\"}}, \"required\": [\"t\"]}]}",
         CELL_OBJECT, "BY_TAG(x y)"},
        {"{\"oneOf\": [{\"properties\": {\"t\": {\"const\": \"x\"}}, \"required\": [\"t\"]}, "
         "{\"properties\": {\"t\": {\"const\": \"y\"}}}]}",
         CELL_OBJECT, "EXACTLY_ONE(MEMBERS(t!) | MEMBERS(t))"},
    };

    EXPECT_RUNS(rows);
}

TEST(patterns_that_need_no_automaton_have_none)
{
    static const struct row rows[] = {
        {"{\"pattern\": \".*\"}", CELL_STRING, "accept"},
        {"{\"pattern\": \"^ab\"}", CELL_STRING, "PREFIX(ab)"},
        {"{\"pattern\": \"^ab$\", \"enum\": [\"ab\", \"c\"]}", CELL_STRING, "STRING(ab)"},
        {"{\"pattern\": \"ab\"}", CELL_STRING, "PATTERN"},
        {"{\"pattern\": \"^ab|c\"}", CELL_STRING, "PATTERN"},
    };

    EXPECT_RUNS(rows);
}

TEST(cheap_checks_come_before_dear_ones)
{
    static const struct row rows[] = {
        {"{\"pattern\": \"x\", \"format\": \"date\", \"minLength\": 1}", CELL_STRING,
         "LENGTH(1..) FORMAT PATTERN"},
        {"{\"uniqueItems\": true, \"items\": {\"type\": \"string\"}, \"maxItems\": 3}", CELL_ARRAY,
         "COUNT(0..3) ALL(0..) UNIQUE"},
    };

    EXPECT_RUNS(rows);
}

TEST(what_is_unevaluated_is_additional_where_nothing_is_conditional)
{
    static const struct row rows[] = {
        {"{\"allOf\": [{\"properties\": {\"a\": true}}], \"properties\": {\"b\": true}, "
         "\"unevaluatedProperties\": false}",
         CELL_OBJECT, "MEMBERS(a b; closed)"},
        {"{\"additionalProperties\": true, \"unevaluatedProperties\": false}", CELL_OBJECT,
         "MEMBERS(; additional)"},
        {"{\"if\": {\"properties\": {\"a\": {\"const\": 1}}}, \"then\": {\"properties\": {\"b\": "
         "true}}, "
         "\"unevaluatedProperties\": false}",
         CELL_OBJECT, "TRACK(IF(FOUND(a) | FOUND(b) | accept) LEFT(a b; closed))"},
        {"{\"if\": {\"required\": [\"a\"]}, \"then\": {\"properties\": {\"b\": true}}, "
         "\"unevaluatedProperties\": false}",
         CELL_OBJECT, "TRACK(IF(FOUND(a!) | FOUND(b) | accept) LEFT(b a; closed))"},
        {"{\"prefixItems\": [true, {\"type\": \"null\"}], \"unevaluatedItems\": false}", CELL_ARRAY,
         "ALL(2..) TUPLE"},
        {"{\"contains\": {\"type\": \"null\"}, \"unevaluatedItems\": false}", CELL_ARRAY,
         "TRACK(CONTAINS REST_ITEMS)"},
        {"{\"not\": {\"properties\": {\"a\": {\"type\": \"null\"}}}, \"unevaluatedProperties\": "
         "false}",
         CELL_OBJECT, "MEMBERS(; closed) NOT(MEMBERS(a))"},
    };

    EXPECT_RUNS(rows);
}
