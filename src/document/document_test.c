#include "document/document.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "unit.h"

#include <math.h>

static struct arena arena;

static struct document read_json(const char *json)
{
    const struct json_limits limits = {.depth = 1000, .nodes = JSON_UNLIMITED};
    struct document document;
    struct error err = {0};

    if (!json_read(text_of(json), &limits, &arena, &document, NULL, &err))
        fail_msg("%s: %s", err.at, err.message);
    return document;
}

static int compare(const char *a, const char *b)
{
    struct document x = read_json(a), y = read_json(b);
    int order = cell_compare_numbers(x.cells, y.cells);

    EXPECT_EQ(cell_compare_numbers(y.cells, x.cells), -order);
    EXPECT_EQ(document_equal(&x, 0, &y, 0), order == 0);
    return order;
}

static bool equal(const char *a, const char *b)
{
    struct document x = read_json(a), y = read_json(b);
    bool same = document_equal(&x, 0, &y, 0);

    EXPECT_EQ(document_equal(&y, 0, &x, 0), same);
    return same;
}

TEST(numbers_are_equal_by_value)
{
    static const char *const same[][2] = {
        {"1", "1.0"},
        {"1", "1e0"},
        {"100", "1e2"},
        {"0", "-0.0"},
        {"0", "0e99999999999999999999"},
        {"-0", "0"},
        {"9007199254740993", "9007199254740993.0"},
        {"9223372036854775808", "9.223372036854775808e18"},
        {"0.1", "1e-1"},
        {"0.010", "1e-2"},
        {"-12.50", "-1.25e+1"},
        {"1e400000000", "10e399999999"},
        {"1e99999999999999999999", "0.001e100000000000000000002"},
        {"123456789012345678901234567890", "12345678901234567890123456789e1"},
        {"1e0000000000000000000000005", "100000"},
    };

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        EXPECT_EQ(compare(same[i][0], same[i][1]), 0);
    arena_release(&arena);
}

TEST(numbers_are_ordered_exactly)
{
    static const char *const rising[] = {"-1e99999999999999999999",
                                         "-1e400000000",
                                         "-9223372036854775809",
                                         "-9223372036854775808",
                                         "-9007199254740993",
                                         "-9007199254740992",
                                         "-1.5",
                                         "-1",
                                         "-0.1",
                                         "-0.01",
                                         "-1e-99999999999999999999",
                                         "0",
                                         "1e-99999999999999999999",
                                         "1e-99999999999999999998",
                                         "1e-400000000",
                                         "0.0999",
                                         "0.1",
                                         "0.11",
                                         "1",
                                         "1.0000000000000000000000001",
                                         "1.5",
                                         "9.99",
                                         "10",
                                         "9007199254740992",
                                         "9007199254740993",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "9223372036854775808.5",
                                         "18446744073709551616",
                                         "1e400000000",
                                         "1.1e400000000",
                                         "1e99999999999999999998",
                                         "1e99999999999999999999",
                                         "1e100000000000000000000"};
    size_t count = sizeof rising / sizeof *rising;

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            EXPECT_EQ(compare(rising[i], rising[j]), (i > j) - (i < j));
    arena_release(&arena);
}

TEST(a_boolean_is_no_number_at_any_depth)
{
    EXPECT(!equal("0", "false"));
    EXPECT(!equal("[[1]]", "[[true]]"));
    EXPECT(!equal("{\"a\": {\"b\": 0}}", "{\"a\": {\"b\": false}}"));
    EXPECT(!equal("null", "false"));
    EXPECT(!equal("\"1\"", "1"));
    arena_release(&arena);
}

TEST(objects_are_equal_without_order_and_arrays_with)
{
    EXPECT(equal("{\"a\": 1, \"b\": [1, 2.0]}", "{\"b\": [1.0, 2], \"a\": 1e0}"));
    EXPECT(equal("{\"a\": {}, \"b\": {\"c\": 1}, \"d\": 2}",
                 "{\"d\": 2, \"b\": {\"c\": 1}, \"a\": {}}"));
    EXPECT(!equal("{\"a\": 1, \"b\": 2}", "{\"a\": 1, \"c\": 2}"));
    EXPECT(!equal("{\"a\": 1}", "{\"a\": 1, \"b\": 2}"));
    EXPECT(!equal("[1, 2]", "[2, 1]"));
    EXPECT(!equal("[]", "{}"));
    EXPECT(equal("\"\\u00e9\"", "\"\xC3\xA9\""));
    EXPECT(!equal("\"\\u00e9\"", "\"e\\u0301\""));
    EXPECT(!equal("\"a\\u0000b\"", "\"a\\u0000c\""));
    arena_release(&arena);
}

TEST(large_objects_in_opposite_order_are_compared_without_delay)
{
    /* 50,000 members each: looked up one by one it would be over a billion comparisons. */
    struct buffer up = buffer_in(&arena), down = buffer_in(&arena);

    for (int i = 0; i < 50000; i++) {
        buffer_printf(&up, "%s\"k%d\":%d", i ? "," : "{", i, i);
        buffer_printf(&down, "%s\"k%d\":%d", i ? "," : "{", 49999 - i, 49999 - i);
    }
    buffer_put(&up, TEXT("}\0"));
    buffer_put(&down, TEXT("}\0"));
    EXPECT(equal(up.at, down.at));
    down.at[down.len - 3] = '7';
    EXPECT(!equal(up.at, down.at));
    arena_release(&arena);
}

TEST(a_pointer_leads_to_its_cell_and_back)
{
    struct document document =
        read_json("{\"a/b\": [10, {\"m~n\": 1, \"\": [2]}], \"~1\": 3, \"0\": 4}");
    static const char *const pointers[] = {
        "", "/a~1b", "/a~1b/0", "/a~1b/1", "/a~1b/1/m~0n", "/a~1b/1/", "/a~1b/1//0", "/~01", "/0"};
    static const char *const nowhere[] = {
        "a",       "/",        "/a",        "/a~1b/2", "/a~1b/00",
        "/a~1b/-", "/a~1b/01", "/a~1b/0/x", "/~1",     "/a~1b/18446744073709551616"};

    for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) {
        uint32_t at = document_at(&document, 0, text_of(pointers[i]));

        EXPECT(at != CELL_NONE);
        EXPECT_TEXT(document_pointer(&document, at, &arena), pointers[i]);
    }
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
        EXPECT_EQ(document_at(&document, 0, text_of(nowhere[i])), CELL_NONE);
    /* A name's pointer is that of its member. */
    EXPECT_TEXT(document_pointer(&document, 1, &arena), "/a~1b");
    arena_release(&arena);
}

TEST(a_member_is_found_by_name_in_its_own_object_only)
{
    struct document document = read_json("{\"x\": {\"y\": 1}, \"z\": 2}");

    EXPECT_EQ(document.cells[document_member(&document, 0, TEXT("z"))].integer, 2);
    EXPECT_EQ(document_member(&document, 0, TEXT("y")), CELL_NONE);
    EXPECT_EQ(document_member(&document, 6, TEXT("y")), CELL_NONE);
    EXPECT_EQ(document_member(&document, CELL_NONE, TEXT("y")), CELL_NONE);
    arena_release(&arena);
}

TEST(doubles_are_the_nearest)
{
    static const struct {
        const char *json;
        double value;
    } cases[] = {
        {"1", 1},
        {"-1.5", -1.5},
        {"0.1", 0.1},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"123456789012345678", 123456789012345678.0},
        {"1e-5", 1e-5},
        {"5e-324", 5e-324},
        {"1e-400", 0},
        {"0.0", 0},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"4.35", 4.35},
        {"1000000000000000000000.0", 1e21},
        {"0.000001234", 0.000001234},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EXPECT(document_double(read_json(cases[i].json).cells) == cases[i].value);
    EXPECT(isinf(document_double(read_json("1e400000000").cells)));
    EXPECT(signbit(document_double(read_json("-0.0").cells)));
    EXPECT(signbit(document_double(read_json("-0").cells)));
    arena_release(&arena);
}

static void expect_range(struct range range, size_t byte, uint32_t line, uint32_t column,
                         size_t end_byte, uint32_t end_line, uint32_t end_column)
{
    EXPECT_EQ(range.start.byte, byte);
    EXPECT_EQ(range.start.line, line);
    EXPECT_EQ(range.start.column, column);
    EXPECT_EQ(range.end.byte, end_byte);
    EXPECT_EQ(range.end.line, end_line);
    EXPECT_EQ(range.end.column, end_column);
}

TEST(a_cell_from_json_is_found_again_in_its_source)
{
    struct document document =
        read_json("{\"\xC3\xA9\": \"\xE2\x82\xAC]\",\n  \"b\": [1,\r\n -2.5e1, {\"]\": true}]}");

    expect_range(document_range(&document, 0), 0, 1, 1, 49, 3, 23);
    expect_range(document_range(&document, 1), 1, 1, 2, 5, 1, 5);
    expect_range(document_range(&document, 2), 7, 1, 7, 13, 1, 11);
    expect_range(document_range(&document, 4), 22, 2, 8, 48, 3, 22);
    expect_range(document_range(&document, 6), 28, 3, 2, 34, 3, 8);
    expect_range(document_range(&document, 9), 42, 3, 16, 46, 3, 20);
    /* Inside a string: exact where there is no escape. */
    expect_range(document_range_inside(&document, 2, 3, 1), 11, 1, 9, 12, 1, 10);
    arena_release(&arena);
}

TEST(a_text_as_a_document_knows_where_its_bytes_are)
{
    const struct document *document =
        document_of_text(TEXT("one\ntwo {{x}}"), TEXT("a.txt"), &arena);
    struct range range = document_range_inside(document, 0, 10, 1);

    EXPECT_EQ(document->count, 1);
    EXPECT_TEXT(document_text(document, 0), "one\ntwo {{x}}");
    EXPECT_TEXT(document->file, "a.txt");
    EXPECT_EQ(range.start.line, 2);
    EXPECT_EQ(range.start.column, 7);
    EXPECT_EQ(range.end.column, 8);
    arena_release(&arena);
}
