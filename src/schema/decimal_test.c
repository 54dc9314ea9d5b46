#include "unit.h"

#include "base/arena.h"
#include "document/json_read.h"
#include "schema/decimal.h"

/* Two numbers as cells. */
struct numbers {
    struct arena arena;
    struct document document;
};

static void read_two(struct numbers *numbers, const char *a, const char *b)
{
    struct text text;
    struct error error;

    *numbers = (struct numbers){0};
    text = arena_printf(&numbers->arena, "[%s,%s]", a, b);
    if (!json_read(text, NULL, &numbers->arena, &numbers->document, NULL, &error))
        fail_msg("%s", error.message);
}

static int compare(const char *a, const char *b)
{
    struct numbers numbers;
    struct bound bound;
    int order;

    read_two(&numbers, a, b);
    bound = bound_of(&numbers.document.cells[2]);
    order = bound_compare(&numbers.document.cells[1], &bound);
    arena_release(&numbers.arena);
    return (order > 0) - (order < 0);
}

static bool divides(const char *value, const char *divisor)
{
    struct numbers numbers;
    struct bound bound;
    bool result;

    read_two(&numbers, value, divisor);
    bound = bound_of(&numbers.document.cells[2]);
    result = bound_divides(&bound, &numbers.document.cells[1]);
    arena_release(&numbers.arena);
    return result;
}

static bool same_hash(const char *a, const char *b)
{
    struct numbers numbers;
    bool same;

    read_two(&numbers, a, b);
    same = number_hash(&numbers.document.cells[1]) == number_hash(&numbers.document.cells[2]);
    arena_release(&numbers.arena);
    return same;
}

TEST(bounds_are_compared_exactly)
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        {"1", "1.0", 0},
        {"0", "-0.0", 0},
        {"0.1", "0.10000000000000000000000001", -1},
        {"9007199254740993", "9007199254740992.0", 1},
        {"-5", "-4.5", -1},
        {"1e3", "1000", 0},
        {"999999999999999999", "1e18", -1},
        {"-9223372036854775808", "-9223372036854775808.0", 0},
        {"9223372036854775807", "9223372036854775807.5", -1},
        {"1e400", "1e399", 1},
        {"1e-400", "0", 1},
        {"-1e-400", "0.0", -1},
        {"123456789012345678e19", "123456789012345678e20", -1},
        {"1e19", "1", 1},
        {"1e20", "1", 1},
        {"1e-20", "1", -1},
        {"18446744073709551616", "18446744073709551615", 1},
        {"98249283749234923498293171823948729348710298301928331",
         "9.8249283749234923498293171823948729348710298301928331e52", 0},
        {"-98249283749234923498293171823948729348710298301928331", "-9.9e52", 1},
        {"9007199254740993", "9.007199254740993e15", 0},
        {"0.1", "1e-1", 0},
        {"0.30000000000000004", "0.3", 1},
        {"1e308", "1.7976931348623157e308", -1},
        {"1e309", "1.7976931348623157e308", 1},
        {"4.9e-324", "5e-324", -1},
        {"-0.0", "0e9", 0},
        {"-0", "0", 0},
        {"-0", "-1e-99999999999999999999", 1},
        {"1e400000000", "1e400000001", -1},
        {"1e99999999999999999999", "1e100000000000000000000", -1},
        {"10e99999999999999999999", "1e100000000000000000000", 0},
        {"1e-99999999999999999999", "1e-100000000000000000000", 1},
        {"1.00", "1", 0},
        {"999999999999999999.5", "999999999999999999", 1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (compare(rows[i].a, rows[i].b) != rows[i].order ||
            compare(rows[i].b, rows[i].a) != -rows[i].order)
            fail_msg("%s against %s", rows[i].a, rows[i].b);
    }
}

TEST(many_digits_are_compared_exactly_too)
{
    EXPECT_EQ(compare("999999999999999999", "1e18"), -1);
    EXPECT_EQ(compare("1000000000000000000.0", "1e18"), 0);
    EXPECT_EQ(compare("-9223372036854775.808", "-9223372036854775.8080"), 0);
    EXPECT_EQ(compare("-9.223372036854775808", "-9.223372036854775809"), 1);
    EXPECT_EQ(compare("0.000000000000000001", "1e-18"), 0);
    EXPECT_EQ(compare("9999999999999999.999", "1e16"), -1);
    EXPECT_EQ(compare("99999999999999999.999", "1e17"), -1);
    EXPECT_EQ(compare("-0.000000000000000000000", "0"), 0);
    EXPECT_EQ(compare("48.85660123456789012", "48.85660123456789011"), 1);
}

static bool floor_of(const char *source, int64_t *out_floor, bool *out_integral)
{
    struct numbers numbers;
    struct bound bound;
    bool known;

    read_two(&numbers, source, "0");
    bound = bound_of(&numbers.document.cells[1]);
    known = bound_floor(&bound, out_floor, out_integral);
    arena_release(&numbers.arena);
    return known;
}

TEST(a_bound_for_integers_is_the_nearest_one_below)
{
    static const struct {
        const char *source;
        int64_t floor;
        bool integral;
    } rows[] = {
        {"7", 7, true},      {"7.0", 7, true},      {"1e2", 100, true},
        {"2.5", 2, false},   {"-2.5", -3, false},   {"-2.50e1", -25, true},
        {"0.001", 0, false}, {"-0.001", -1, false}, {"-0.0", 0, true},
    };
    int64_t floor;
    bool integral;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        EXPECT(floor_of(rows[i].source, &floor, &integral));
        EXPECT_EQ(floor, rows[i].floor);
        EXPECT_EQ(integral, rows[i].integral);
    }
    EXPECT(!floor_of("1e19", &floor, &integral));
    EXPECT(!floor_of("1e-400", &floor, &integral));
    EXPECT(!floor_of("-1e400", &floor, &integral));
}

TEST(multiples_are_found_by_decimal_arithmetic)
{
    static const struct {
        const char *value, *divisor;
        bool divides;
    } rows[] = {
        {"0.0075", "0.0001", true},
        {"0.00751", "0.0001", false},
        {"4.5", "1.5", true},
        {"35", "1.5", false},
        {"1e308", "0.123456789", false},
        {"12391239123", "1e-8", true},
        {"0", "7", true},
        {"-0.0", "3.3", true},
        {"-21", "7", true},
        {"1e400000000", "0.5", true},
        {"1e400000000", "3", false},
        {"3e400000000", "3", true},
        {"1e-400000000", "1e-3", false},
        {"1e10", "1024", true},
        {"1e9", "1024", false},
        {"123456789012345678901234567890", "10", true},
        {"246913578024691357802469135780", "123456789012345678901234567890", true},
        {"246913578024691357802469135781", "123456789012345678901234567890", false},
        {"1e60", "1152921504606846976", true},
        {"1e59", "1152921504606846976", false},
        {"1e90", "1267650600228229401496703205376", false},
        {"1e100", "1267650600228229401496703205376", true},
        {"-9223372036854775808", "1", true},
        {"-9223372036854775808", "3", false},
        {"1", "1e2", false},
        {"0.3", "0.1", true},
        {"1.1", "0.1", true},
        {"0.30000000000000004", "0.1", false},
        {"19.99", "0.01", true},
        {"4.35", "0.01", true},
        {"9007199254740993", "2", false},
        {"9007199254740993.0", "3", true},
        {"18446744073709551616", "4294967296", true},
        {"18446744073709551617", "4294967296", false},
        {"1e308", "1e-308", true},
        {"1e308", "123456789", false},
        {"1e-8", "12391239123", false},
        {"0e400000000", "3", true},
        {"-0", "0.1", true},
        {"-7.5", "2.5", true},
        {"1", "0.3333333333333333333333333333333333", false},
        {"9999999999999999999999999999999999e0", "3333333333333333333333333333333333", true},
        {"1e400000000", "1e399999999", true},
        {"1e399999999", "1e400000000", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (divides(rows[i].value, rows[i].divisor) != rows[i].divides)
            fail_msg("%s by %s", rows[i].value, rows[i].divisor);
    }
}

TEST(equal_numbers_have_equal_hashes)
{
    EXPECT(same_hash("1", "1.0"));
    EXPECT(same_hash("1e2", "100.00"));
    EXPECT(same_hash("0", "-0.0e5"));
    EXPECT(same_hash("12e99999999999999999999", "1.2e100000000000000000000"));
    EXPECT(!same_hash("1", "-1"));
    EXPECT(!same_hash("1", "10"));
    EXPECT(!same_hash("12", "21"));
    EXPECT(same_hash("-0", "0"));
    EXPECT(same_hash("9223372036854775807", "9223372036854775.807e3"));
    EXPECT(same_hash("18446744073709551616", "1.8446744073709551616e19"));
    EXPECT(same_hash("0.00010", "1e-4"));
}
