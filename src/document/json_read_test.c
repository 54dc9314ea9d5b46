#include "document/json_read.h"
#include "document/json_write.h"
#include "unit.h"

static struct arena arena;

static struct document read_json(struct text text)
{
    struct document document;
    struct error err = {0};

    if (!json_read(text, NULL, &arena, &document, NULL, &err))
        fail_msg("%s: %s", err.at, err.message);
    return document;
}

static const char *copy_of(struct text text)
{
    struct document document = read_json(text);
    struct buffer buffer = buffer_in(&arena);

    json_put_cell(&buffer, &document, 0);
    buffer_put_byte(&buffer, '\0');
    return buffer.at;
}

/* "byte N: message" of the refusal, and " (hint)" if there is one. */
static const char *refusal_of(struct text text, const struct json_limits *limits)
{
    struct document document;
    struct error err = {0};
    size_t offset = 0;

    if (json_read(text, limits, &arena, &document, &offset, &err))
        return "accepted";
    EXPECT_EQ(err.code, ERROR_INVALID_JSON);
    EXPECT(text_starts(text_of(err.at), arena_printf(&arena, "byte %zu (line ", offset)));
    EXPECT_EQ(document.count, 0);
    return arena_printf(&arena, "byte %zu: %s%s%s%s", offset, err.message, err.hint[0] ? " (" : "",
                        err.hint, err.hint[0] ? ")" : "")
        .at;
}

static struct text repeated(const char *piece, size_t times, const char *last)
{
    struct buffer buffer = buffer_in(&arena);

    for (size_t i = 0; i < times; i++)
        buffer_put(&buffer, text_of(piece));
    buffer_put(&buffer, text_of(last));
    return buffer_text(&buffer);
}

TEST(cells_follow_the_text_in_document_order)
{
    struct document document =
        read_json(TEXT(" {\"a\": [1, -2.50, true], \"b\" : {}, \"\": null} "));
    const struct cell *cells = document.cells;

    EXPECT_EQ(document.count, 10);
    EXPECT_EQ(cells[0].type, CELL_OBJECT);
    EXPECT_EQ(cells[0].size, 3);
    EXPECT_EQ(cells[0].end, 10);
    EXPECT_TEXT(cell_text(&cells[1]), "a");
    EXPECT_EQ(cells[2].type, CELL_ARRAY);
    EXPECT_EQ(cells[2].size, 3);
    EXPECT_EQ(cells[2].end, 6);
    EXPECT_EQ(cells[3].type, CELL_INTEGER);
    EXPECT_EQ(cells[3].integer, 1);
    EXPECT_EQ(cells[4].type, CELL_NUMBER);
    EXPECT_TEXT(cell_text(&cells[4]), "-2.50");
    EXPECT(cells[5].boolean);
    EXPECT_EQ(cells[7].end, 8);
    EXPECT_EQ(cells[7].size, 0);
    EXPECT_EQ(cells[8].size, 0);
    EXPECT_EQ(cells[9].type, CELL_NULL);
    arena_release(&arena);
}

TEST(integers_fit_64_bits_and_larger_ones_keep_their_text)
{
    struct document document =
        read_json(TEXT("[9223372036854775807, -9223372036854775808, 9223372036854775808, "
                       "-9223372036854775809, 18446744073709551617, 10000000000000000000]"));

    EXPECT_EQ(document.cells[1].type, CELL_INTEGER);
    EXPECT(document.cells[1].integer == INT64_MAX);
    EXPECT_EQ(document.cells[2].type, CELL_INTEGER);
    EXPECT(document.cells[2].integer == INT64_MIN);
    for (uint32_t i = 3; i < 7; i++) {
        EXPECT_EQ(document.cells[i].type, CELL_NUMBER);
        EXPECT_EQ(document.cells[i].flags, CELL_INTEGRAL);
    }
    EXPECT_TEXT(cell_text(&document.cells[5]), "18446744073709551617");
    arena_release(&arena);
}

TEST(a_number_is_integral_by_its_value)
{
    static const char *const integral[] = {"1.0",
                                           "1e2",
                                           "1.5e1",
                                           "0.0",
                                           "0e-5",
                                           "-0.0",
                                           "100e-2",
                                           "1.000",
                                           "12.50e2",
                                           "1e400000000",
                                           "10e-1",
                                           "0.0e-99999999999999999999",
                                           "123456789012345678901234567890"};
    static const char *const fractional[] = {
        "1.5",    "1e-1",   "15e-1",        "0.1",
        "1.25e1", "100e-3", "1e-400000000", "1e-99999999999999999999"};

    for (size_t i = 0; i < sizeof integral / sizeof *integral; i++)
        EXPECT_EQ(read_json(text_of(integral[i])).cells[0].flags, CELL_INTEGRAL);
    for (size_t i = 0; i < sizeof fractional / sizeof *fractional; i++)
        EXPECT_EQ(read_json(text_of(fractional[i])).cells[0].flags, 0);
    arena_release(&arena);
}

TEST(strings_without_escapes_stay_where_they_are)
{
    struct text text = TEXT("[\"plain\", \"f\xC3\xBCnf\", \"\\u0041\\n\", \"\\u00fc\"]");
    struct document document = read_json(text);

    EXPECT(document.cells[1].text == text.at + 2);
    EXPECT_EQ(document.cells[1].flags, CELL_ASCII);
    EXPECT_EQ(document.cells[2].flags, 0);
    EXPECT_TEXT(cell_text(&document.cells[3]), "A\n");
    EXPECT_EQ(document.cells[3].flags, CELL_ESCAPED | CELL_ASCII);
    EXPECT_TEXT(cell_text(&document.cells[4]), "\xC3\xBC");
    EXPECT_EQ(document.cells[4].flags, CELL_ESCAPED);
    arena_release(&arena);
}

TEST(escapes_are_decoded)
{
    struct document document =
        read_json(TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\ud83d\\uDE00\\uffff\""));

    EXPECT(text_equal(document_text(&document, 0),
                      TEXT("\"\\/\b\f\n\r\t\0\xF0\x9F\x98\x80\xEF\xBF\xBF")));
    arena_release(&arena);
}

TEST(every_position_of_an_escape_or_end_in_a_block_is_read)
{
    /* The scan goes 16 bytes at a time, so an escape, a quote and an ill-formed byte are put at
     * every offset of three blocks. */
    for (size_t before = 0; before < 48; before++) {
        struct text escaped = repeated("x", before, "\\n\xC3\xA9 and more than sixteen bytes");
        struct text json = arena_printf(&arena, "[\"%.*s\"]", TEXT_ARG(escaped));
        struct text wrong = arena_printf(&arena, "[\"%.*s\xC3(\"]", (int)before, escaped.at);
        const char *expected =
            arena_printf(&arena, "byte %zu: expected well-formed UTF-8, found byte 0xC3",
                         before + 2)
                .at;

        EXPECT_STR(copy_of(json), json.at);
        EXPECT_EQ(read_json(json).cells[1].size, escaped.len - 1);
        EXPECT_STR(refusal_of(wrong, NULL), expected);
    }
    arena_release(&arena);
}

TEST(a_copy_reads_the_same)
{
    EXPECT_STR(copy_of(TEXT(" [ ] ")), "[]");
    EXPECT_STR(copy_of(TEXT("-0")), "-0");
    EXPECT_STR(copy_of(TEXT("{\"a\":{\"b\":[[],{},[1,{\"c\":null}]]},\"d\":1.50E+3}")),
               "{\"a\":{\"b\":[[],{},[1,{\"c\":null}]]},\"d\":1.50E+3}");
    EXPECT_STR(copy_of(TEXT("\"\\u001f\\u007f\\/\\u0022\"")), "\"\\u001f\x7F/\\\"\"");
    arena_release(&arena);
}

TEST(a_refusal_says_what_was_expected_and_what_to_do)
{
    EXPECT_STR(refusal_of(TEXT(""), NULL), "byte 0: expected a value, found the end of the text");
    EXPECT_STR(refusal_of(TEXT("[1, 2,]"), NULL),
               "byte 6: expected a value, found ']' (remove the comma before it)");
    EXPECT_STR(refusal_of(TEXT("{\"a\": 1,}"), NULL),
               "byte 8: expected a name in double quotes, found '}' (remove the comma before it)");
    EXPECT_STR(refusal_of(TEXT("{'a': 1}"), NULL),
               "byte 1: expected a name in double quotes, found a single quote (strings and names "
               "take double quotes)");
    EXPECT_STR(refusal_of(TEXT("{\"a\": tru}"), NULL), "byte 9: expected 'true', found '}'");
    EXPECT_STR(refusal_of(TEXT("\xEF\xBB\xBF{}"), NULL),
               "byte 0: expected a value, found a byte order mark (send the text without a byte "
               "order mark)");
    EXPECT_STR(refusal_of(TEXT("\"a\nb\""), NULL),
               "byte 2: expected an escape for a control character, found a line break");
    EXPECT_STR(refusal_of(TEXT("{\"a\": 1, \"b\": 2, \"\\u0061\": 3}"), NULL),
               "byte 17: the name \"\\u0061\" is written twice");
    EXPECT_STR(refusal_of(TEXT("1 2"), NULL),
               "byte 2: expected the end of the text after the value, found '2'");
    arena_release(&arena);
}

TEST(a_place_has_its_byte_line_and_column)
{
    static const struct {
        const char *json, *at;
    } cases[] = {{"", "byte 0 (line 1, column 1)"},
                 {"{\"caf\xC3\xA9\": x}", "byte 10 (line 1, column 10)"},
                 {"[1,\r\n \"\xF0\x9F\x98\x80\", 01]", "byte 15 (line 2, column 8)"},
                 {"[\"\xC3\xA9\",\n\"a\nb\"]", "byte 9 (line 2, column 3)"},
                 {"{\"a\":1,\n\"a\":2}", "byte 8 (line 2, column 1)"},
                 {"[\"\xC3\xA9\xFF\"]", "byte 4 (line 1, column 4)"},
                 {"[\n\n1e", "byte 5 (line 3, column 3)"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct document document;
        struct error err = {0};

        EXPECT(!json_read(text_of(cases[i].json), NULL, &arena, &document, NULL, &err));
        EXPECT_STR(err.at, cases[i].at);
    }
    arena_release(&arena);
}

TEST(nesting_is_limited)
{
    struct json_limits shallow = {.depth = 2}, hard = {.depth = 1000};
    struct text deepest = repeated("[", 128, repeated("]", 128, "").at);

    EXPECT_STR(refusal_of(text_first(deepest, 256), NULL), "accepted");
    EXPECT_STR(refusal_of(repeated("[", 129, ""), NULL), "byte 128: nested deeper than 128 levels");
    EXPECT_STR(refusal_of(TEXT("[{\"a\": 1}]"), &shallow), "accepted");
    deepest = repeated("[", 1000, repeated("]", 1000, "").at);
    EXPECT_STR(refusal_of(text_first(deepest, 2000), &hard), "accepted");
    EXPECT_STR(refusal_of(repeated("[", 1001, ""), &hard),
               "byte 1000: nested deeper than 1000 levels");
    EXPECT_STR(refusal_of(TEXT("[{\"a\": {}}]"), &shallow), "byte 7: nested deeper than 2 levels");
    arena_release(&arena);
}

TEST(values_and_names_are_counted)
{
    struct json_limits few = {.nodes = 4}, any = {.nodes = JSON_UNLIMITED};
    struct text many = repeated("0,", 12000, "0]");
    struct text array = arena_printf(&arena, "[%.*s", TEXT_ARG(many));

    EXPECT_STR(refusal_of(TEXT("{\"a\": [0]}"), &few), "accepted");
    EXPECT_STR(refusal_of(TEXT("{\"a\": [0, 0]}"), &few),
               "byte 10: more than 4 values and names, the most for a text of 13 bytes");
    EXPECT_STR(refusal_of(array, NULL),
               "byte 21499: more than 10750 values and names, the most for a text of 24003 bytes");
    EXPECT_STR(refusal_of(array, &any), "accepted");
    arena_release(&arena);
}

TEST(digits_are_limited_and_exponents_are_not)
{
    struct json_limits three = {.digits = 3};

    EXPECT_STR(refusal_of(TEXT("[-1.5e1]"), &three), "accepted");
    EXPECT_STR(refusal_of(TEXT("[-1.5e10]"), &three), "byte 1: a number of more than 3 digits");
    EXPECT_STR(refusal_of(repeated("1", 1000, ""), NULL), "accepted");
    EXPECT_STR(refusal_of(repeated("1", 1001, ""), NULL),
               "byte 0: a number of more than 1000 digits");
    EXPECT_STR(refusal_of(TEXT("1e999999999999999999999999999"), NULL), "accepted");
    arena_release(&arena);
}

TEST(duplicate_names_are_found_in_large_objects_and_may_be_allowed)
{
    struct json_limits any = {.allow_duplicate_names = true};

    for (size_t members = 2; members < 300; members += 31) {
        struct buffer buffer = buffer_in(&arena);

        for (size_t i = 0; i < members; i++)
            buffer_printf(&buffer, "%s\"name%zu\":[{\"name1\":1}]", i ? "," : "{", i);
        buffer_put(&buffer, TEXT("}"));
        EXPECT_STR(refusal_of(buffer_text(&buffer), NULL), "accepted");
        buffer.len--;
        buffer_put(&buffer, TEXT(",\"name1\":0}"));
        EXPECT(strstr(refusal_of(buffer_text(&buffer), NULL), "\"name1\" is written twice"));
        EXPECT_STR(refusal_of(buffer_text(&buffer), &any), "accepted");
    }
    arena_release(&arena);
}

TEST(a_value_at_the_front_is_read_and_the_rest_left_alone)
{
    static const struct {
        const char *text;
        size_t end;
    } rows[] = {{"{\"a\": [1]} and more", 10},
                {" [1]]", 4},
                {"\"x\"\"y\"", 3},
                {"12ab", 2},
                {"truest", 4},
                {"[] ", 2},
                {"[[1,2],[3]]x", 11}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct document document, same;
        struct text text = text_of(rows[i].text);

        EXPECT(json_read_prefix(text, NULL, &arena, &document, NULL, NULL));
        EXPECT_EQ(document.source.len, rows[i].end);
        EXPECT(json_read(document.source, NULL, &arena, &same, NULL, NULL));
        EXPECT(document_equal(&document, 0, &same, 0));
        EXPECT(!json_read(text_of("[1] 2"), NULL, &arena, &same, NULL, NULL));
        arena_release(&arena);
    }
}

TEST(a_broken_value_at_the_front_is_refused_where_it_breaks)
{
    struct document document;
    size_t offset = 0;
    struct error err = {0};

    EXPECT(!json_read_prefix(TEXT("[1, see] {}"), NULL, &arena, &document, &offset, &err));
    EXPECT_EQ(offset, 4);
    EXPECT(!json_read_prefix(TEXT("  "), NULL, &arena, &document, &offset, NULL));
    EXPECT_EQ(offset, 2);
    arena_release(&arena);
}
