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

static struct text run_of(struct text source, unsigned kind, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct buffer out = buffer_in(arena);
    struct document document;
    const struct schema *schema;

    diagnostics->arena = arena;
    EXPECT(json_read(source, NULL, arena, &document, NULL, NULL));
    schema = schema_compile(&document, 0, arena, diagnostics);
    EXPECT(schema != NULL);
    fast_print(schema, 0, kind, &out);
    return buffer_text(&out);
}

static void expect_runs(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = {0};
        struct text run = run_of(text_of(rows[i].schema), rows[i].kind, &arena);
        bool same = text_equal(run, text_of(rows[i].run));

        if (!same)
            printf("%s\n  is:       %.*s\n  expected: %s\n", rows[i].schema, TEXT_ARG(run),
                   rows[i].run);
        arena_release(&arena);
        EXPECT(same);
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

TEST(names_that_several_ask_for_are_found_in_one_walk)
{
    static const struct row rows[] = {
        {"{\"if\": {\"required\": [\"a\"]}, \"then\": {\"properties\": {\"b\": true}}, \"else\": "
         "{\"properties\": {\"c\": {\"type\": \"null\"}}}, \"unevaluatedProperties\": false}",
         CELL_OBJECT, "TRACK(IF(FOUND(a!) | FOUND(b) | FOUND(c)) LEFT(b c a; closed))"},
        {"{\"anyOf\": [{\"properties\": {\"a\": {\"type\": \"null\"}}}, {\"properties\": {\"b\": "
         "{\"type\": \"null\"}}, \"required\": [\"b\"]}], \"unevaluatedProperties\": false}",
         CELL_OBJECT, "TRACK(ANY(FOUND(a) | FOUND(b!)) LEFT(a b; closed))"},
        {"{\"dependentSchemas\": {\"a\": {\"properties\": {\"b\": true}}}, \"properties\": {\"a\": "
         "true}, \"required\": [\"a\"], \"unevaluatedProperties\": false}",
         CELL_OBJECT, "TRACK(DEPENDENT LEFT(a! b; closed))"},
        {"{\"anyOf\": [{\"required\": [\"a\"]}, {\"required\": [\"b\"]}], \"properties\": {\"o\": "
         "true}, \"unevaluatedProperties\": {\"type\": \"null\"}}",
         CELL_OBJECT, "MEMBERS(o; additional) ANY(MEMBERS(a!) | MEMBERS(b!))"},
    };

    EXPECT_RUNS(rows);
}

TEST(names_are_not_found_beforehand_where_somebody_looks_at_more_than_names)
{
    static const struct row rows[] = {
        {"{\"if\": {\"required\": [\"a\"]}, \"then\": {\"patternProperties\": {\"^b\": {\"type\": "
         "\"null\"}}}, \"unevaluatedProperties\": false}",
         CELL_OBJECT,
         "TRACK(IF(MEMBERS(a!) | MEMBERS(; patterns 1) | accept) REST(; patterns 1; closed))"},
        {"{\"if\": {\"required\": [\"a\"]}, \"then\": {\"additionalProperties\": {\"type\": "
         "\"null\"}}, \"unevaluatedProperties\": false}",
         CELL_OBJECT, "TRACK(IF(MEMBERS(a!) | MEMBERS(; additional) | accept) REST(; closed))"},
        {"{\"anyOf\": [{\"$ref\": \"#/$defs/all\"}, {\"properties\": {\"a\": true}}], \"$defs\": "
         "{\"all\": {\"unevaluatedProperties\": {\"type\": \"null\"}}}, "
         "\"unevaluatedProperties\": false}",
         CELL_OBJECT, "TRACK(ANY(MEMBERS(; additional) | MEMBERS(a)) REST(a; closed))"},
    };

    EXPECT_RUNS(rows);
}

/* The run of a condition about n0 whose `then` declares so many names, from n0 on. */
static struct text run_of_names(unsigned count, struct arena *arena)
{
    struct buffer source = buffer_in(arena);

    buffer_put(&source, TEXT("{\"if\": {\"required\": [\"n0\"]}, \"then\": {\"properties\": {"));
    for (unsigned i = 0; i < count; i++)
        buffer_printf(&source, "%s\"n%u\": true", i ? ", " : "", i);
    buffer_put(&source, TEXT("}}, \"unevaluatedProperties\": false}"));
    return run_of(buffer_text(&source), CELL_OBJECT, arena);
}

TEST(up_to_sixty_four_names_are_found_beforehand)
{
    struct arena arena = {0};

    EXPECT(text_starts(run_of_names(64, &arena), TEXT("TRACK(IF(FOUND(n0!) | FOUND(n0 n1 ")));
    EXPECT(text_starts(run_of_names(65, &arena), TEXT("TRACK(IF(MEMBERS(n0!) | MEMBERS(n0 n1 ")));
    arena_release(&arena);
}

TEST(strings_of_any_number_are_one_set)
{
    static const struct row rows[] = {
        {"{\"enum\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]}", CELL_STRING,
         "STRINGS(a b c d e f)"},
        {"{\"enum\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"]}", CELL_STRING,
         "STRINGS(a b c d e f g)"},
        {"{\"enum\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"], \"not\": {\"const\": "
         "\"a\"}}",
         CELL_STRING, "STRINGS(a b c d e f g) NOT(STRING(a))"},
    };

    EXPECT_RUNS(rows);
}

TEST(what_is_required_but_not_declared_is_one_more_name)
{
    static const struct row rows[] = {
        {"{\"required\": [\"a\"], \"additionalProperties\": {\"type\": \"null\"}}", CELL_OBJECT,
         "MEMBERS(a!; additional)"},
        {"{\"required\": [\"a\"], \"additionalProperties\": false}", CELL_OBJECT,
         "MEMBERS(a!; closed)"},
        {"{\"properties\": {\"a\": true}, \"additionalProperties\": false, \"allOf\": "
         "[{\"properties\": {\"b\": {\"type\": \"null\"}}, \"required\": [\"b\"]}]}",
         CELL_OBJECT, "MEMBERS(a b!; closed)"},
    };

    EXPECT_RUNS(rows);
}
