#include "document/json_write.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static struct buffer buffer;

static void expect_and_clear(const char *expected)
{
    EXPECT_TEXT(buffer_text(&buffer), expected);
    buffer_release(&buffer);
}

TEST(escapes_are_the_shortest)
{
    json_put_string(&buffer, TEXT("\"\\/\b\f\n\r\t\x1F\x7F\0z\xC3\xA9"));
    expect_and_clear("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7F\\u0000z\xC3\xA9\"");
    json_put_string(&buffer, TEXT(""));
    expect_and_clear("\"\"");
    json_put_escaped(&buffer, TEXT("a\"b"));
    expect_and_clear("a\\\"b");
}

/* The text ends where its memory ends, so that nothing beyond it is looked at unnoticed. */
static void expect_escaped_at(size_t len, size_t at, char special, const char *escaped)
{
    struct arena arena = {0};
    char *text = malloc(len);
    struct text before = {text, at}, behind = {text + at + 1, len - at - 1};

    memset(text, 'x', len);
    text[at] = special;
    json_put_escaped(&buffer, (struct text){text, len});
    expect_and_clear(
        arena_printf(&arena, "%.*s%s%.*s", TEXT_ARG(before), escaped, TEXT_ARG(behind)).at);
    arena_release(&arena);
    free(text);
}

TEST(an_escape_is_found_at_every_offset_of_texts_of_every_length)
{
    for (size_t len = 1; len <= 40; len++) {
        for (size_t at = 0; at < len; at++) {
            expect_escaped_at(len, at, '\n', "\\n");
            expect_escaped_at(len, at, '"', "\\\"");
            expect_escaped_at(len, at, '\\', "\\\\");
            expect_escaped_at(len, at, '\x1F', "\\u001f");
            expect_escaped_at(len, at, '\x20', " ");
            expect_escaped_at(len, at, '\xE9', "\xE9");
        }
    }
}

TEST(names_of_others_are_escaped)
{
    buffer_put(&buffer, TEXT("{"));
    json_put_foreign_name(&buffer, TEXT("a\"b"));
    buffer_put(&buffer, TEXT("1"));
    json_put_foreign_name(&buffer, TEXT(""));
    buffer_put(&buffer, TEXT("2}"));
    expect_and_clear("{\"a\\\"b\":1,\"\":2}");
}

/* Every number of digits, from both ends. */
TEST(numbers_have_all_their_digits)
{
    char expected[24];

    for (uint64_t power = 1;; power *= 10) {
        for (uint64_t value = power - 1; value <= power + 1; value++) {
            buffer_put_u64(&buffer, value);
            snprintf(expected, sizeof expected, "%llu", (unsigned long long)value);
            expect_and_clear(expected);
        }
        if (power > UINT64_MAX / 10)
            break;
    }
    buffer_put_u64(&buffer, UINT64_MAX);
    expect_and_clear("18446744073709551615");
    buffer_put_i64(&buffer, INT64_MIN);
    expect_and_clear("-9223372036854775808");
}

TEST(names_bring_their_comma)
{
    buffer_put(&buffer, TEXT("{"));
    json_put_name(&buffer, "a");
    buffer_put(&buffer, TEXT("{"));
    json_put_name(&buffer, "b");
    buffer_put(&buffer, TEXT("1}"));
    json_put_name(&buffer, "c");
    buffer_put(&buffer, TEXT("2}"));
    expect_and_clear("{\"a\":{\"b\":1},\"c\":2}");
}

TEST(nano_units_are_decimals_with_nine_places)
{
    static const struct {
        int64_t nano;
        const char *text;
    } cases[] = {
        {0, "0.000000000"},
        {1234, "0.000001234"},
        {-1, "-0.000000001"},
        {1000000000, "1.000000000"},
        {INT64_MAX, "9223372036.854775807"},
        {INT64_MIN, "-9223372036.854775808"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_put_nano(&buffer, cases[i].nano);
        expect_and_clear(cases[i].text);
    }
}

TEST(money_is_a_decimal_string_and_null_where_it_is_not_known)
{
    struct buffer out = {0};

    buffer_put_byte(&out, '{');
    json_put_usd(&out, "cost_usd", 1234);
    json_put_usd(&out, "limit_usd", -1);
    json_put_usd(&out, "spent_usd", 0);
    EXPECT_TEXT(buffer_text(&out),
                "{\"cost_usd\":\"0.000001234\",\"limit_usd\":null,\"spent_usd\":\"0.000000000\"");
    buffer_release(&out);
}

TEST(members_are_written_with_their_names)
{
    struct buffer out = {0};

    buffer_put_byte(&out, '{');
    json_put_text(&out, "name", TEXT("a \"b\""));
    json_put_text(&out, "empty", TEXT(""));
    json_put_text_or_null(&out, "said", TEXT("x"));
    json_put_text_or_null(&out, "unsaid", TEXT(""));
    json_put_count(&out, "calls", UINT64_MAX);
    json_put_flag(&out, "on", true);
    json_put_flag(&out, "off", false);
    EXPECT_TEXT(buffer_text(&out),
                "{\"name\":\"a \\\"b\\\"\",\"empty\":\"\",\"said\":\"x\",\"unsaid\":null,"
                "\"calls\":18446744073709551615,\"on\":true,\"off\":false");
    buffer_release(&out);
}
