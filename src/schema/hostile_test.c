/* Small schemas and documents that are made to cost much. Where the cost is not bounded these tests
 * do not come to an end within the time a test may take, or memory shows it. */
#include "schema/schema.h"

#include "unit.h"

#include "base/buffer.h"
#include "document/json_read.h"

#include <stdio.h>

static const struct json_limits reader_limits = {.nodes = JSON_UNLIMITED, .depth = 1000};

static const struct schema *compile(struct text json, const struct schema_limits *limits,
                                    struct arena *arena)
{
    struct schema_options options = {.limits = limits};
    struct diagnostics diagnostics = {.arena = arena};
    struct document *document = ARENA_NEW(arena, struct document);
    struct error error;
    const struct schema *schema;

    if (!json_read(json, &reader_limits, arena, document, NULL, &error))
        fail_msg("%s at %s", error.message, error.at);
    schema = schema_compile_with(document, 0, &options, arena, &diagnostics);
    if (schema == NULL)
        fail_msg("%.*s", TEXT_ARG(diagnostics.items[0].message));
    return schema;
}

/* A schema whose `$ref`s lead to the last one in 2 to the `levels` ways. */
static const struct schema *compile_doubling(unsigned levels, struct arena *arena)
{
    struct buffer json = buffer_in(arena);

    buffer_put(&json, TEXT("{\"$ref\":\"#/$defs/d0\",\"$defs\":{"));
    for (unsigned i = 0; i < levels; i++)
        buffer_printf(
            &json, "\"d%u\":{\"allOf\":[{\"$ref\":\"#/$defs/d%u\"},{\"$ref\":\"#/$defs/d%u\"}]},",
            i, i + 1, i + 1);
    buffer_printf(&json, "\"d%u\":{\"properties\":{\"a\":{\"type\":\"string\"}}}}}", levels);
    return compile(buffer_text(&json), NULL, arena);
}

TEST(following_does_not_walk_all_the_ways_that_lead_to_a_schema)
{
    struct arena arena = {0};
    const struct schema *schema = compile_doubling(60, &arena);
    struct schema_follower *follower = schema_follow_open(schema, NULL, &arena);

    EXPECT_EQ(schema_follow(follower, TEXT("{\"a\":\"b\",\"c\":{\"a\":1}}")), FOLLOWING_FITS);
    follower = schema_follow_open(schema, NULL, &arena);
    EXPECT_EQ(schema_follow(follower, TEXT("{\"a\":1,\"c\":2}")), FOLLOWING_NEVER);
    arena_release(&arena);
}

TEST(explaining_stops_when_all_is_found_that_is_counted)
{
    struct arena arena = {0}, told = {0};
    struct violations violations;
    struct document document;

    EXPECT(json_read(TEXT("{\"a\":1}"), NULL, &arena, &document, NULL, NULL));
    schema_explain(compile_doubling(60, &arena), &document, 0, &told, &violations);
    EXPECT_EQ(violations.total, 1);
    EXPECT_TEXT(violations.items[0].message, "field '/a' must be a string, found an integer");
    EXPECT(told.total_bytes < 1024 * 1024);
    arena_release(&told);
    arena_release(&arena);
}

TEST(unknown_keywords_are_not_looked_at_once_for_each_of_them)
{
    struct schema_limits limits = schema_limits_authors;
    struct arena arena = {0};
    struct buffer json = buffer_in(&arena);

    limits.compile_ms = 20000;
    buffer_put(&json, TEXT("{\"$schema\":\"http://json-schema.org/draft-07/schema#\""));
    for (unsigned i = 0; i < 60000; i++)
        buffer_printf(&json, ",\"x-%x\":0", i);
    buffer_put(&json, TEXT("}"));
    compile(buffer_text(&json), &limits, &arena);
    arena_release(&arena);
}

/* The same array is looked at by every alternative. */
static void expect_given_up(size_t items, size_t item_bytes)
{
    struct arena arena = {0};
    struct buffer json = buffer_in(&arena);
    const struct schema *schema;
    struct document document;
    struct violations violations;

    buffer_put(&json, TEXT("{\"anyOf\":[{\"type\":\"null\"}"));
    for (unsigned i = 0; i < 4000; i++)
        buffer_printf(&json, ",{\"uniqueItems\":true,\"contains\":{\"const\":%u}}", i);
    buffer_put(&json, TEXT("]}"));
    schema = compile(buffer_text(&json), NULL, &arena);
    json = buffer_in(&arena);
    for (size_t i = 0; i < items; i++) {
        buffer_put(&json, i == 0 ? TEXT("[\"") : TEXT(",\""));
        for (size_t k = 0; k < item_bytes / 8; k++)
            buffer_put(&json, TEXT("eight by"));
        buffer_printf(&json, "%04zu\"", i);
    }
    buffer_put(&json, TEXT("]"));
    EXPECT(json_read(buffer_text(&json), &reader_limits, &arena, &document, NULL, NULL));
    schema_explain(schema, &document, 0, &arena, &violations);
    EXPECT_EQ(violations.total, 1);
    EXPECT_TEXT(violations.items[0].message, "the check was given up: it takes too many steps");
    arena_release(&arena);
}

TEST(telling_long_items_apart_is_paid_for_by_their_bytes)
{
    expect_given_up(12, 100000);
    expect_given_up(40, 100000);
}

TEST(what_a_format_needs_goes_with_the_string)
{
    struct arena arena = {0}, checked = {0};
    const struct schema *schema = compile(TEXT("{\"items\":{\"format\":\"regex\"}}"), NULL, &arena);
    struct buffer json = buffer_in(&arena);
    struct document document;

    buffer_put(&json, TEXT("[\"((((((a))))))\""));
    for (unsigned i = 0; i < 5000; i++)
        buffer_put(&json, TEXT(",\"((((((a))))))\""));
    buffer_put(&json, TEXT("]"));
    EXPECT(json_read(buffer_text(&json), &reader_limits, &arena, &document, NULL, NULL));
    EXPECT(schema_check(schema, &document, 0, &checked));
    EXPECT_EQ(checked.total_bytes, 0);
    arena_release(&checked);
    arena_release(&arena);
}
