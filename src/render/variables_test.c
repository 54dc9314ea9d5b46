#include "render/variables.h"

#include "unit.h"

#include "document/json_read.h"
#include "document/json_write.h"

/* {name, count, share, sure, list of integers, object of a string and an integer that is 1} */
static const struct variable item = {.type = VARIABLE_INTEGER, .fallback = CELL_NONE};
static const struct variable parts[] = {
    {.name = TEXT_INIT("text"), .type = VARIABLE_STRING, .fallback = CELL_NONE},
    {.name = TEXT_INIT("count"), .type = VARIABLE_INTEGER, .fallback = 1},
};
static const struct variable members[] = {
    {.name = TEXT_INIT("name"), .type = VARIABLE_STRING, .fallback = CELL_NONE},
    {.name = TEXT_INIT("count"), .type = VARIABLE_INTEGER, .fallback = CELL_NONE},
    {.name = TEXT_INIT("share"), .type = VARIABLE_NUMBER, .fallback = CELL_NONE},
    {.name = TEXT_INIT("sure"), .type = VARIABLE_BOOLEAN, .fallback = CELL_NONE},
    {.name = TEXT_INIT("list"),
     .type = VARIABLE_LIST,
     .fallback = CELL_NONE,
     .inside = &item,
     .inside_count = 1},
    {.name = TEXT_INIT("object"),
     .type = VARIABLE_OBJECT,
     .fallback = CELL_NONE,
     .inside = parts,
     .inside_count = 2},
};

static struct document read(const char *json, struct arena *arena)
{
    struct document document;
    struct error err;

    EXPECT(json_read(text_of(json), NULL, arena, &document, NULL, &err));
    return document;
}

/* The input as it becomes, as JSON; "same" when it is the very same document. */
static struct text applied(const struct variable *all, size_t count, const char *json,
                           struct arena *arena)
{
    static struct document defaults, input;
    const struct variables variables = {.root = {.type = VARIABLE_OBJECT,
                                                 .fallback = CELL_NONE,
                                                 .inside = all,
                                                 .inside_count = count},
                                        .defaults = &defaults};
    struct buffer out = buffer_in(arena);
    const struct document *made;
    uint32_t at;

    defaults = read("[1, {\"a\": [true, {}]}, \"x\"]", arena);
    input = read(json, arena);
    made = variables_apply(&variables, &input, 0, arena, &at);
    if (made == &input)
        return TEXT("same");
    EXPECT_EQ(document_next(made, at), made->count);
    json_put_cell(&out, made, at);
    /* What was made is a document like any other: written and read again it is the same. */
    {
        struct document again = read(arena_terminated(arena, buffer_text(&out)), arena);

        EXPECT(document_equal(made, at, &again, 0));
        EXPECT_EQ(again.count, made->count);
    }
    return buffer_text(&out);
}

#define EXPECT_APPLIED(json, expected)                                                             \
    do {                                                                                           \
        struct arena own = {0};                                                                    \
                                                                                                   \
        EXPECT_TEXT(applied(members, 6, (json), &own), (expected));                                \
        arena_release(&own);                                                                       \
    } while (0)

TEST(what_is_as_declared_stays_the_same_document)
{
    EXPECT_APPLIED("{\"name\": \"x\", \"count\": 3, \"share\": 1.5, \"sure\": true, \"list\": [1]}",
                   "same");
    EXPECT_APPLIED("{}", "same");
    EXPECT_APPLIED("[\"12\"]", "same");
    EXPECT_APPLIED("\"12\"", "same");
}

TEST(a_string_that_is_exactly_a_value_becomes_it)
{
    EXPECT_APPLIED("{\"count\": \"12\", \"share\": \"-1.50e3\", \"sure\": \"true\"}",
                   "{\"count\":12,\"share\":-1.50e3,\"sure\":true}");
    EXPECT_APPLIED("{\"sure\": \"false\", \"count\": \"-7\"}", "{\"sure\":false,\"count\":-7}");
    EXPECT_APPLIED("{\"count\": \"123456789012345678901234567890\"}",
                   "{\"count\":123456789012345678901234567890}");
    EXPECT_APPLIED("{\"list\": [1, \"2\", \"x\", null]}", "{\"list\":[1,2,\"x\",null]}");
}

TEST(what_is_not_exact_is_left_for_the_schema_to_refuse)
{
    static const char *const left[] = {
        "{\"count\": \" 12\"}",
        "{\"count\": \"12 \"}",
        "{\"count\": \"+12\"}",
        "{\"count\": \"012\"}",
        "{\"count\": \"1.0\"}",
        "{\"count\": \"1e3\"}",
        "{\"count\": \"-0\"}",
        "{\"count\": \"\"}",
        "{\"count\": \"-\"}",
        "{\"share\": \"1,5\"}",
        "{\"share\": \".5\"}",
        "{\"share\": \"NaN\"}",
        "{\"share\": \"0x10\"}",
        "{\"share\": \"1.5\\n\"}",
        "{\"sure\": \"True\"}",
        "{\"sure\": \"yes\"}",
        "{\"sure\": \"1\"}",
        "{\"sure\": 1}",
        "{\"sure\": \" true\"}",
        "{\"count\": true}",
        "{\"count\": 1.5}",
        "{\"name\": null}",
        "{\"name\": [1]}",
        "{\"list\": \"1\"}",
        "{\"list\": 1}",
        "{\"object\": \"{}\"}",
        "{\"count\": [\"1\"]}",
        "{\"count\": \"12345678901234567890123456789012345678901234567890123456789012345\"}"};

    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        EXPECT_APPLIED(left[i], "same");
}

TEST(a_value_becomes_the_string_it_was_written_as)
{
    EXPECT_APPLIED("{\"name\": 1.50}", "{\"name\":\"1.50\"}");
    EXPECT_APPLIED("{\"name\": 12}", "{\"name\":\"12\"}");
    EXPECT_APPLIED("{\"name\": false}", "{\"name\":\"false\"}");
    EXPECT_APPLIED("{\"name\": -12345678901234567890}", "{\"name\":\"-12345678901234567890\"}");
}

TEST(an_absent_value_is_its_default_at_any_depth)
{
    static const struct variable two[] = {
        {.name = TEXT_INIT("a"), .type = VARIABLE_OBJECT, .fallback = 2},
        {.name = TEXT_INIT("b"), .type = VARIABLE_STRING, .fallback = CELL_NONE},
    };
    struct arena arena = {0};

    EXPECT_APPLIED("{\"object\": {\"text\": 5}, \"sure\": true}",
                   "{\"object\":{\"text\":\"5\",\"count\":1},\"sure\":true}");
    EXPECT_APPLIED("{\"object\": {}}", "{\"object\":{\"count\":1}}");
    EXPECT_TEXT(applied(two, 2, "{\"b\": \"x\"}", &arena), "{\"b\":\"x\",\"a\":{\"a\":[true,{}]}}");
    EXPECT_TEXT(applied(two, 2, "{\"a\": null}", &arena), "same");
    arena_release(&arena);
}

/* It will be refused for the names that nobody declared, however many there are. */
TEST(an_object_with_more_than_was_declared_is_not_looked_into)
{
    EXPECT_APPLIED("{\"count\": \"1\", \"a\": 1, \"b\": 1, \"c\": 1, \"d\": 1, \"e\": 1, \"f\": 1}",
                   "same");
    EXPECT_APPLIED("{\"count\": \"1\", \"a\": [\"1\"], \"b\": {\"c\": \"1\"}}",
                   "{\"count\":1,\"a\":[\"1\"],\"b\":{\"c\":\"1\"}}");
}

TEST(a_complaint_names_the_variable_as_templates_do)
{
    struct violation violation = {.instance_path = TEXT("/lines/0/quantity"),
                                  .keyword = TEXT("type"),
                                  .message = TEXT("field '/lines/0/quantity' must be an integer"),
                                  .demand = TEXT("must be an integer")};
    struct arena arena = {0};

    EXPECT_TEXT(variables_complaint(&violation, &arena),
                "variable 'lines.0.quantity' must be an integer");
    violation.keyword = TEXT("required");
    violation.expected = TEXT("unit");
    EXPECT_TEXT(variables_complaint(&violation, &arena),
                "variable 'lines.0.quantity.unit' is missing");
    violation.instance_path = TEXT("");
    EXPECT_TEXT(variables_complaint(&violation, &arena), "variable 'unit' is missing");
    violation.keyword = TEXT("type");
    EXPECT_TEXT(variables_complaint(&violation, &arena),
                "field '/lines/0/quantity' must be an integer");
    arena_release(&arena);
}
