/* Each limit refuses what is one beyond it and takes what reaches it. */
#include "schema/pattern.h"
#include "schema/schema.h"

#include "unit.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "schema/set.h"

#include <stdio.h>

static const struct json_limits reader_limits = {.nodes = JSON_UNLIMITED, .depth = 1000};

/* With time enough: what is under test is another limit. */
static struct schema_limits callers_on_a_busy_machine(void)
{
    struct schema_limits limits = schema_limits_callers;

    limits.compile_ms = 60000;
    return limits;
}

/* What compiling under the limits says first; empty when nothing. */
static void tell(const char *json, struct schema_limits limits, char *out, size_t room)
{
    struct schema_options options = {.limits = &limits};
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct document document;
    bool compiled;

    out[0] = '\0';
    if (!json_read(text_of(json), &reader_limits, &arena, &document, NULL, NULL)) {
        snprintf(out, room, "not JSON");
    } else {
        compiled = schema_compile_with(&document, 0, &options, &arena, &diagnostics) != NULL;
        if (diagnostics.count > 0)
            snprintf(out, room, "%.*s", TEXT_ARG(diagnostics.items[0].message));
        if (compiled != (diagnostics.error_count == 0))
            snprintf(out, room, "errors and the result disagree");
    }
    arena_release(&arena);
}

static bool says(const char *json, struct schema_limits limits, const char *expected)
{
    char told[400];

    tell(json, limits, told, sizeof told);
    if (strcmp(told, expected) == 0)
        return true;
    printf("'%s' says '%s'\n", json, told);
    return false;
}

TEST(the_text_may_have_so_many_bytes)
{
    struct schema_limits limits = callers_on_a_busy_machine();

    limits.bytes = 17;
    EXPECT(says("{\"type\":\"object\"}", limits, ""));
    limits.bytes = 16;
    EXPECT(says("{\"type\":\"object\"}", limits, "the schema has more than 16 bytes"));
}

TEST(there_may_be_so_many_subschemas)
{
    struct schema_limits limits = callers_on_a_busy_machine();

    limits.subschemas = 3;
    EXPECT(says("{\"properties\":{\"a\":{},\"b\":{}}}", limits, ""));
    EXPECT(says("{\"properties\":{\"a\":{},\"b\":{},\"c\":{}}}", limits,
                "the schema has more than 3 subschemas"));
}

TEST(schemas_may_be_nested_so_deep)
{
    struct schema_limits limits = callers_on_a_busy_machine();

    limits.nesting = 2;
    EXPECT(says("{\"items\":{\"items\":{}}}", limits, ""));
    EXPECT(says("{\"items\":{\"items\":{\"items\":{}}}}", limits,
                "schemas are nested more than 2 deep here"));
}

TEST(an_enum_may_list_so_many_values)
{
    struct schema_limits limits = callers_on_a_busy_machine();

    limits.enum_values = 3;
    EXPECT(says("{\"enum\":[1,2,3]}", limits, ""));
    EXPECT(says("{\"enum\":[1,2,3,4]}", limits, "'enum' lists more than 3 values"));
}

TEST(a_pattern_may_cost_so_much)
{
    struct pattern_limits patterns = pattern_limits_callers;
    struct schema_limits limits = callers_on_a_busy_machine();
    char told[400];

    limits.patterns = &patterns;
    patterns.bytes = 4;
    EXPECT(says("{\"pattern\":\"^abc\"}", limits, ""));
    tell("{\"pattern\":\"^abcd\"}", limits, told, sizeof told);
    EXPECT(told[0] != '\0');
    tell("{\"patternProperties\":{\"^abcd\":{}}}", limits, told, sizeof told);
    EXPECT(told[0] != '\0');
    patterns = pattern_limits_callers;
    EXPECT(says("{\"pattern\":\"^(ab){10}$\"}", limits, ""));
    patterns.states = 10;
    tell("{\"pattern\":\"^(ab){10}$\"}", limits, told, sizeof told);
    EXPECT(told[0] != '\0');
    patterns = pattern_limits_authors;
    EXPECT(says("{\"pattern\":\"^(a)\\\\1$\"}", limits, ""));
    patterns = pattern_limits_callers;
    tell("{\"pattern\":\"^(a)\\\\1$\"}", limits, told, sizeof told);
    EXPECT(told[0] != '\0');
}

TEST(compiling_may_take_so_long)
{
    struct schema_limits limits = schema_limits_authors;
    struct buffer json = {0};

    buffer_put(&json, TEXT("{\"allOf\":[{}"));
    for (int i = 0; i < 50000; i++)
        buffer_printf(&json, ",{\"type\":\"object\",\"required\":[\"a%d\"]}", i);
    buffer_put(&json, TEXT("]}"));
    buffer_put_byte(&json, '\0');
    limits.compile_ms = 1;
    EXPECT(says(json.at, limits, "compiling the schema takes longer than 1 ms"));
    buffer_release(&json);
}

TEST(the_patterns_of_one_schema_count_as_well)
{
    struct schema_limits limits = schema_limits_authors;
    struct buffer json = {0};

    buffer_put(&json, TEXT("{\"patternProperties\":{\"^x\":{}"));
    for (int i = 0; i < 2000; i++)
        buffer_printf(&json, ",\"^(a%d|b){90}$\":{}", i);
    buffer_put(&json, TEXT("}}"));
    buffer_put_byte(&json, '\0');
    limits.compile_ms = 1;
    EXPECT(says(json.at, limits, "compiling the schema takes longer than 1 ms"));
    buffer_release(&json);
}

/* Alternatives within one another that lead to the same ones; a string fits none of them. */
static void put_multiplying(struct buffer *json, int levels)
{
    buffer_put(json, TEXT("{\"$ref\":\"#/$defs/0\",\"$defs\":{"));
    for (int i = 0; i < levels; i++)
        buffer_printf(json,
                      "\"%d\":{\"anyOf\":[{\"$ref\":\"#/$defs/%d\"},"
                      "{\"$ref\":\"#/$defs/%d\",\"maxLength\":%d}]},",
                      i, i + 1, i + 1, i + 9);
    buffer_printf(json, "\"%d\":{\"minLength\":5}}}", levels);
}

/* Explains a document under a limit of steps; false when check and explain disagree. */
static bool explain_within(uint64_t steps, struct text json, const char *instance,
                           struct arena *arena, struct violations *out)
{
    struct schema_limits limits = schema_limits_authors;
    struct schema_options options = {.limits = &limits};
    struct diagnostics diagnostics = {.arena = arena};
    struct document document, value;
    const struct schema *schema;

    limits.check_steps = steps;
    if (!json_read(json, &reader_limits, arena, &document, NULL, NULL) ||
        !json_read(text_of(instance), NULL, arena, &value, NULL, NULL))
        return false;
    schema = schema_compile_with(&document, 0, &options, arena, &diagnostics);
    if (schema == NULL)
        return false;
    schema_explain(schema, &value, 0, arena, out);
    return schema_check(schema, &value, 0, arena) == (out->total == 0);
}

TEST(a_check_takes_so_many_steps_and_is_undecided_then)
{
    struct buffer json = {0};
    struct arena arena = {0};
    struct violations violations;

    put_multiplying(&json, 20);
    EXPECT(explain_within(1000, buffer_text(&json), "\"abcde\"", &arena, &violations));
    EXPECT(!violations.undecided);
    EXPECT_EQ(violations.total, 0);
    EXPECT(explain_within(1000, buffer_text(&json), "\"abc\"", &arena, &violations));
    EXPECT(violations.undecided);
    EXPECT_EQ(violations.listed, 1);
    EXPECT_TEXT(violations.items[0].message, "the check was given up: it takes too many steps");
    buffer_release(&json);
    put_multiplying(&json, 5);
    EXPECT(explain_within(1000, buffer_text(&json), "\"abc\"", &arena, &violations));
    EXPECT(!violations.undecided);
    EXPECT(violations.total > 0);
    buffer_release(&json);
    arena_release(&arena);
}

TEST(what_is_found_before_a_check_is_given_up_is_a_verdict)
{
    struct text json = TEXT("{\"properties\":{\"a\":{\"type\":\"null\"},\"b\":{\"items\":{"
                            "\"minLength\":1,\"maxLength\":3}}}}");
    struct buffer instance = {0};
    struct arena arena = {0};
    struct violations violations;

    buffer_put(&instance, TEXT("{\"a\":1,\"b\":[\"\""));
    for (int i = 0; i < 200; i++)
        buffer_put(&instance, TEXT(",\"x\""));
    buffer_put(&instance, TEXT("]}"));
    buffer_put_byte(&instance, '\0');
    EXPECT(explain_within(20, json, instance.at, &arena, &violations));
    EXPECT(!violations.undecided);
    EXPECT_TEXT(violations.items[0].instance_path, "/a");
    buffer_release(&instance);
    arena_release(&arena);
}

/* A list that every one of so many resources uses with a meaning of its own for its items. */
static void put_scopes(struct buffer *json, int count)
{
    buffer_put(json, TEXT("{\"$id\":\"https://example.com/\",\"$defs\":{\"list\":{\"$id\":\"list\","
                          "\"items\":{\"$dynamicRef\":\"#item\"},"
                          "\"$defs\":{\"any\":{\"$dynamicAnchor\":\"item\"}}}"));
    for (int i = 0; i < count; i++)
        buffer_printf(json,
                      ",\"%d\":{\"$id\":\"%d\",\"$ref\":\"list\",\"$defs\":{\"own\":{"
                      "\"$dynamicAnchor\":\"item\",\"minimum\":%d}}}",
                      i, i, i);
    buffer_put(json, TEXT("},\"properties\":{\"x\":true"));
    for (int i = 0; i < count; i++)
        buffer_printf(json, ",\"%d\":{\"$ref\":\"%d\"}", i, i);
    buffer_put(json, TEXT("}}"));
    buffer_put_byte(json, '\0');
}

TEST(a_schema_may_be_used_in_so_many_dynamic_scopes)
{
    struct schema_limits limits = schema_limits_authors;
    struct buffer json = {0};
    char told[400];

    limits.compile_ms = 60000;
    put_scopes(&json, 900);
    EXPECT(says(json.at, limits, ""));
    buffer_release(&json);
    put_scopes(&json, 1100);
    tell(json.at, limits, told, sizeof told);
    EXPECT(strstr(told, "1000 dynamic scopes") != NULL);
    buffer_release(&json);
}

TEST(a_caller_s_schema_refers_to_nothing_outside)
{
    struct arena arena = {0};
    struct schema_set *set = schema_set_new(&arena);
    struct diagnostics diagnostics = {.arena = &arena};
    struct schema_options options = {.set = set};
    struct document document, other;

    EXPECT(json_read(TEXT("{\"type\":\"string\"}"), NULL, &arena, &other, NULL, NULL));
    EXPECT(json_read(TEXT("{\"$ref\":\"other.json\"}"), NULL, &arena, &document, NULL, NULL));
    EXPECT(schema_set_add(set, TEXT("other.json"), &other, 0));
    options.limits = &schema_limits_authors;
    EXPECT(schema_compile_with(&document, 0, &options, &arena, &diagnostics) != NULL);
    options.limits = &schema_limits_callers;
    EXPECT(schema_compile_with(&document, 0, &options, &arena, &diagnostics) == NULL);
    EXPECT_EQ(diagnostics.items[0].code, DIAGNOSTIC_E0202);
    EXPECT(says("{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}",
                schema_limits_callers,
                "the reference 'https://json-schema.org/draft/2020-12/schema' leads nowhere"));
    arena_release(&arena);
}

TEST(callers_get_less_than_authors)
{
    EXPECT_EQ(schema_limits_callers.bytes, 262144);
    EXPECT_EQ(schema_limits_callers.subschemas, 5000);
    EXPECT_EQ(schema_limits_callers.nesting, 64);
    EXPECT_EQ(schema_limits_callers.compile_ms, 20);
    EXPECT_EQ(schema_limits_authors.bytes, 4194304);
    EXPECT_EQ(schema_limits_authors.subschemas, 100000);
    EXPECT_EQ(schema_limits_authors.nesting, 256);
    EXPECT_EQ(schema_limits_authors.compile_ms, 2000);
    EXPECT_EQ(schema_limits_callers.enum_values, 5000);
    EXPECT_EQ(schema_limits_authors.enum_values, 100000);
    EXPECT_EQ(schema_limits_callers.check_steps, 100000000);
    EXPECT_EQ(schema_limits_authors.check_steps, 100000000);
    EXPECT_EQ(pattern_limits_callers.bytes, 512);
    EXPECT_EQ(pattern_limits_callers.states, 2000);
    EXPECT(!pattern_limits_callers.backtracking);
    EXPECT_EQ(pattern_limits_authors.bytes, 8192);
    EXPECT_EQ(pattern_limits_authors.states, 50000);
    EXPECT(schema_limits_callers.closed && !schema_limits_authors.closed);
}
