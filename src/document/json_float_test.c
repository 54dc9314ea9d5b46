#include "document/json_write.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct text written(float value, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    json_put_float(&out, value);
    return buffer_text(&out);
}

TEST(a_number_is_written_with_as_few_digits_as_read_back_the_same)
{
    static const struct {
        float value;
        const char *text;
    } rows[] = {
        {0.0F, "0"},
        {-0.0F, "-0"},
        {1.0F, "1"},
        {-0.5F, "-0.5"},
        {0.1F, "0.1"},
        {0.3F, "0.3"},
        {1234.5F, "1234.5"},
        {16777216.0F, "16777216"},
        {100000000.0F, "100000000"},
        {0.000012345F, "0.000012345"},
        {0.0125F, "0.0125"},
        {9.9999999e-7F, "1e-06"},
        {3.4028235e38F, "3.4028235e+38"},
        {1e-45F, "1e-45"},
        {0.99999994F, "0.99999994"},
        {9.999999F, "9.999999"},
        {-0.00002F, "-0.00002"},
        {-0.00001F, "-1e-05"},
    };
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_TEXT(written(rows[i].value, &arena), rows[i].text);
    arena_release(&arena);
}

static void expect_same(float value, struct arena *arena)
{
    struct text text = written(value, arena);
    const char *at = arena_terminated(arena, text);

    EXPECT(text.len <= JSON_FLOAT_BYTES);
    EXPECT(strtof(at, NULL) == value);
    EXPECT((float)strtod(at, NULL) == value);
}

/* Every exponent, each with many mantissas (Knuth's multiplier walks through all bits). */
TEST(every_number_reads_back_as_itself_in_single_and_in_double_precision)
{
    uint32_t bits = 1;

    for (int i = 0; i < 200000; i++) {
        struct arena arena = {0};
        float value;

        bits = bits * 2654435761U + 12345;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            expect_same(value, &arena);
        /* ... and as embeddings are */
        expect_same((float)((double)bits / 0x1p32 - 0.5) * 0.2F, &arena);
        arena_release(&arena);
    }
}

TEST(no_shorter_text_reads_back_as_the_same)
{
    uint32_t bits = 7;

    for (int i = 0; i < 20000; i++) {
        struct arena arena = {0};
        char shorter[400];
        float value;
        size_t digits = 0;
        struct text text;

        bits = bits * 2654435761U + 12345;
        value = (float)((double)bits / 0x1p32);
        text = written(value, &arena);
        for (size_t at = 0; at < text.len; at++)
            digits += text.at[at] != '.' && (digits > 0 || text.at[at] != '0');
        if (digits > 6) {
            snprintf(shorter, sizeof shorter, "%.*g", (int)digits - 1, (double)value);
            EXPECT(strtof(shorter, NULL) != value);
        }
        arena_release(&arena);
    }
}
