/* Every way of finding tokens gives the cells of the plain reader, and refuses what it refuses.
 * Texts end where their memory does, so that a read beyond them is caught. */
#include "base/buffer.h"
#include "document/json_fast.h"
#include "unit.h"

#include <stdlib.h>

static void expect_same_cell(const struct cell *cell, const struct cell *plain)
{
    EXPECT_EQ(cell->type, plain->type);
    EXPECT_EQ(cell->flags, plain->flags);
    EXPECT_EQ(cell->size, plain->size);
    EXPECT_EQ(cell->hash, plain->hash);
    if (cell->type == CELL_STRING || cell->type == CELL_NUMBER)
        EXPECT(text_equal(cell_text(cell), cell_text(plain)));
    else if (cell->type == CELL_BOOLEAN)
        EXPECT_EQ(cell->boolean, plain->boolean);
    else if (cell->type == CELL_INTEGER)
        EXPECT(cell->integer == plain->integer);
    else
        EXPECT_EQ(cell->end, plain->end);
}

/* Reads by each engine; says whether the text is accepted. */
static bool all_alike(struct text text, const struct json_limits *limits)
{
    struct arena arena = {0};
    struct document plain, document;
    char *copy = malloc(text.len ? text.len : 1);
    struct text exact = {copy, text.len};
    bool accepted;

    memcpy(copy, text.at, text.len);
    accepted = json_read_with(JSON_PLAIN, exact, limits, &arena, &plain, NULL, NULL);
    for (enum json_engine engine = JSON_PORTABLE; engine <= json_engine_best(); engine++) {
        EXPECT_EQ(json_read_with(engine, exact, limits, &arena, &document, NULL, NULL), accepted);
        EXPECT_EQ(document.count, plain.count);
        for (uint32_t at = 0; accepted && at < plain.count; at++)
            expect_same_cell(&document.cells[at], &plain.cells[at]);
    }
    arena_release(&arena);
    free(copy);
    return accepted;
}

/* Whether the fast reader takes the text itself, by each engine. */
static bool all_fast(struct text text)
{
    const struct json_limits limits = {.depth = 128, .nodes = JSON_UNLIMITED, .digits = 1000};
    struct arena arena = {0};
    struct document document;
    bool fast = true;

    for (enum json_engine engine = JSON_PORTABLE; engine <= json_engine_best(); engine++)
        fast = fast && json_read_fast(text, &limits, engine, &arena, &document);
    arena_release(&arena);
    return fast;
}

/* `before` blanks, then a string of `len` letters of which the one at `place` is `special`. */
static struct text string_with(struct buffer *out, size_t before, size_t len, size_t place,
                               const char *special)
{
    out->len = 0;
    for (size_t i = 0; i < before; i++)
        buffer_put_byte(out, ' ');
    buffer_put(out, TEXT("[\""));
    for (size_t i = 0; i < len; i++) {
        if (i == place)
            buffer_put(out, text_of(special));
        else
            buffer_put_byte(out, (char)('a' + i % 26));
    }
    buffer_put(out, TEXT("\"]"));
    return buffer_text(out);
}

TEST(strings_of_every_length_at_every_alignment_with_anything_anywhere)
{
    static const struct {
        const char *special;
        bool accepted;
    } specials[] = {{"\\n", true},           {"\\\\", true},         {"\\\"", true},
                    {"\xC3\xA9", true},      {"\xE6\x9D\xB1", true}, {"\xF0\x9F\x98\x80", true},
                    {"\\u00e9", true},       {"\x7F", true},         {"{", true},
                    {"\n", false},           {"\x1F", false},        {"\"", false},
                    {"\\", false},           {"\xC3", false},        {"\xA9", false},
                    {"\xED\xA0\x80", false}, {"\\x", false}};
    struct buffer text = {0};

    for (size_t len = 0; len <= 70; len++) {
        for (size_t place = 0; place < len + (len == 0); place++) {
            size_t before = (len * 7 + place * 5) % 64; /* all of them in the course of it */
            size_t which = (len + place) % (sizeof specials / sizeof *specials);
            bool last = place + 1 == len; /* where a backslash escapes the closing mark */

            for (size_t i = 0; len > 0 && i < 3; i++) {
                size_t at = (which + i * 6) % (sizeof specials / sizeof *specials);
                struct text json = string_with(&text, before, len, place, specials[at].special);
                bool escape = specials[at].special[0] == '\\' && specials[at].special[1] == '\0';

                if (!escape || last)
                    EXPECT_EQ(all_alike(json, NULL), specials[at].accepted);
                else
                    all_alike(json, NULL);
            }
            EXPECT(all_alike(string_with(&text, before, len, len, ""), NULL));
            EXPECT(all_fast(buffer_text(&text)));
        }
    }
    buffer_release(&text);
}

TEST(tokens_at_every_distance_from_the_end_of_a_piece)
{
    struct text json =
        TEXT("{\"na\\u006de\":[-1.25,{\"\\\\\":\"\xC3\xA9\\n\"},true,12345678,[],{}],"
             "\"a name of more than eight bytes\":null,\"z\":\"caf\xC3\xA9\"}");
    struct buffer text = {0};

    for (size_t before = INDEX_PIECE - json.len - 2; before < INDEX_PIECE + 2; before++) {
        text.len = 0;
        for (size_t i = 0; i < before; i++)
            buffer_put_byte(&text, '\n');
        buffer_put(&text, json);
        EXPECT(all_alike(buffer_text(&text), NULL));
        EXPECT(all_fast(buffer_text(&text)));
    }
    buffer_release(&text);
}

TEST(long_strings_and_runs_of_backslashes_cross_pieces)
{
    struct buffer text = {0};

    for (size_t len = INDEX_PIECE - 70; len<2 * INDEX_PIECE + 70; len += len % 64> 60 ? 1 : 13) {
        text.len = 0;
        buffer_put(&text, TEXT("[\""));
        for (size_t i = 0; i < len; i++)
            buffer_put_byte(&text, i == len / 3 ? '\x7F' : 'x');
        buffer_put(&text, TEXT("\",\"\xC3\xA9"));
        for (size_t i = 0; i < len; i++)
            buffer_put_byte(&text, '\\');
        buffer_put(&text, len % 2 ? TEXT("\"") : TEXT(""));
        buffer_put(&text, TEXT("\",\"end\"]"));
        EXPECT(all_alike(buffer_text(&text), NULL));
        EXPECT(all_fast(buffer_text(&text)));
    }
    buffer_release(&text);
}

TEST(numbers_and_words_are_read_alike_in_the_middle_and_at_the_end)
{
    static const char *const values[] = {"0",
                                         "-0",
                                         "1",
                                         "12345678",
                                         "123456789",
                                         "-12345678",
                                         "01",
                                         "-",
                                         "-01",
                                         "00",
                                         "1.",
                                         "1.0",
                                         "1.5",
                                         "-0.25",
                                         "1.50",
                                         "0.12345678",
                                         "0.123456789012345678901234567890",
                                         "1e5",
                                         "1E-5",
                                         "1.5e",
                                         "1.5e+",
                                         "1e400",
                                         "12.5.1",
                                         "1-",
                                         "1a",
                                         "0x1",
                                         "1.a",
                                         ".5",
                                         "+1",
                                         "1 2",
                                         "1\"a\"",
                                         "1[",
                                         "true",
                                         "false",
                                         "null",
                                         "tru",
                                         "truee",
                                         "true1",
                                         "nul",
                                         "nulll",
                                         "fals",
                                         "falsey",
                                         "t",
                                         "f",
                                         "n",
                                         "x",
                                         "\x0C",
                                         "\x1A",
                                         "1\x0C",
                                         "true\x0C",
                                         "\x01",
                                         "\xC2\xA0",
                                         "12345678.12345678",
                                         "9007199254740993",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "-9223372036854775808",
                                         "-9223372036854775809",
                                         "18446744073709551616",
                                         "0.00",
                                         "100",
                                         "100.000",
                                         "1.0000000001"};
    static const char *const frames[] = {"[%s]",
                                         "[%s ]",
                                         "[ %s,1]",
                                         "{\"a\":%s}",
                                         "%s",
                                         "[[%s],\"and more than 16\"]",
                                         "{\"a\" : %s\n, \"b\":0}"};
    struct json_limits few = {.digits = 5};
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (size_t j = 0; j < sizeof frames / sizeof *frames; j++) {
            struct buffer text = buffer_in(&arena);
            const char *place = strstr(frames[j], "%s");

            buffer_put(&text, text_between(frames[j], place));
            buffer_put(&text, text_of(values[i]));
            buffer_put(&text, text_of(place + 2));
            all_alike(buffer_text(&text), NULL);
            all_alike(buffer_text(&text), &few);
        }
    }
    arena_release(&arena);
}

TEST(a_text_with_any_byte_changed_dropped_or_doubled_is_read_alike)
{
    static const char bytes[] = "\"\\{}[]:, \n\t01-.eatn/\x01\xC3\x80\xFF";
    struct text json = TEXT("{\"a\": [1, -2.5e3, \"\\u00e9\xC3\xA9\"], \"b\\n\":{\"c\":true}, "
                            "\"d\":[[],{}, null]} ");
    char copy[128];

    EXPECT(all_alike(json, NULL));
    for (size_t at = 0; at < json.len; at++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            memcpy(copy, json.at, json.len);
            copy[at] = bytes[i];
            all_alike((struct text){copy, json.len}, NULL);
            memmove(copy + at + 1, json.at + at, json.len - at);
            all_alike((struct text){copy, json.len + 1}, NULL);
        }
        memcpy(copy, json.at, json.len);
        memmove(copy + at, copy + at + 1, json.len - at - 1);
        all_alike((struct text){copy, json.len - 1}, NULL);
        all_alike(text_first(json, at), NULL);
    }
}

TEST(limits_hold_alike)
{
    struct json_limits limits = {0};
    struct text json = TEXT("[{\"a\":[1,2,{\"b\":[[3]]}]},[[[[4]]]],{\"c\":{\"d\":{\"e\":5}}}]");

    for (limits.depth = 1; limits.depth < 10; limits.depth++)
        EXPECT_EQ(all_alike(json, &limits), limits.depth >= 6);
    limits.depth = 0;
    for (limits.nodes = 1; limits.nodes < 30; limits.nodes++)
        EXPECT_EQ(all_alike(json, &limits), limits.nodes >= 23);
}

TEST(names_are_told_apart_at_any_number_and_depth)
{
    struct json_limits any = {
        .allow_duplicate_names = true, .depth = 1000, .nodes = JSON_UNLIMITED};
    struct json_limits unique = {.depth = 1000, .nodes = JSON_UNLIMITED};

    for (size_t depth = 1; depth <= 400; depth += depth < 4 ? 1 : 132) {
        for (size_t members = 2; members <= 70; members += members < 12 ? 1 : 19) {
            struct buffer text = {0};
            size_t twice = (members * 7 + depth) % (members - 1);

            for (size_t i = 0; i < depth; i++) {
                for (size_t j = 0; j + 1 < members; j++)
                    buffer_printf(&text, "%s\"name %zu\":%zu", j ? "," : "{", j, i);
                buffer_printf(&text, ",\"inner\":");
            }
            buffer_printf(&text, "0");
            for (size_t i = 0; i < depth; i++)
                buffer_put_byte(&text, '}');
            EXPECT(all_alike(buffer_text(&text), &unique));
            EXPECT(all_fast(buffer_text(&text)) || depth > 128);
            text.len -= 1 + depth % 2;
            buffer_printf(&text, ",\"name %zu\":[]}%s", twice, depth % 2 ? "}" : "");
            EXPECT_EQ(all_alike(buffer_text(&text), &any), depth > 1 || depth % 2 == 0);
            all_alike(buffer_text(&text), &unique);
            buffer_release(&text);
        }
    }
}
