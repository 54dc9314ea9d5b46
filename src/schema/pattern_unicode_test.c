#include "unit.h"

#include "schema/pattern_set.h"

static bool has(const char *name, uint32_t code_point)
{
    struct code_ranges ranges;

    EXPECT(property_find(text_of(name), &ranges));
    for (size_t i = 0; i < ranges.count; i++) {
        if (code_point >= ranges.at[i].first && code_point <= ranges.at[i].last)
            return true;
    }
    return false;
}

/* The places where properties change in what is looked at by columns: the ends of blocks of
 * ideographs and syllables, gaps inside them, the last two of each plane. */
TEST(the_edges_of_what_is_alike_are_exact)
{
    static const struct {
        const char *name;
        uint32_t first, last; /* have it; their neighbours outside do not */
    } rows[] = {
        {"Co", 0xE000, 0xF8FF},
        {"Co", 0xF0000, 0xFFFFD},
        {"Co", 0x100000, 0x10FFFD},
        {"Noncharacter_Code_Point", 0x4FFFE, 0x4FFFF},
        {"Noncharacter_Code_Point", 0x10FFFE, 0x10FFFF},
        {"Default_Ignorable_Code_Point", 0xE0000, 0xE0FFF},
        {"Cn", 0x2A6E0, 0x2A6FF},
        {"Cn", 0x2B81E, 0x2B81F},
        {"Cn", 0x2CEA2, 0x2CEAF},
        {"sc:Hangul", 0xAC00, 0xD7A3},
        {"sc:Han", 0x2F800, 0x2FA1D},
        {"sc:Tangut", 0x17000, 0x187F7},
        {"Lo", 0x20000, 0x2A6DF},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t first = rows[i].first, last = rows[i].last;

        if (!has(rows[i].name, first) || !has(rows[i].name, last) || has(rows[i].name, first - 1) ||
            (last < CODE_POINT_MAX && has(rows[i].name, last + 1)))
            fail_msg("%s %X-%X", rows[i].name, first, last);
    }
}

TEST(properties_of_single_code_points_are_found)
{
    EXPECT(has("Lu", 'A'));
    EXPECT(!has("Lu", 'a'));
    EXPECT(has("sc:Greek", 0x3C0));
    EXPECT(has("Emoji", 0x1F600));
    EXPECT(has("Nd", 0x1D7FF));
    EXPECT(has("Mn", 0xE0100));
}

TEST(a_property_that_the_library_does_not_have_is_not_found)
{
    struct code_ranges ranges;

    EXPECT(!property_find(TEXT("Nonsense"), &ranges));
    EXPECT(!property_find(TEXT("Nonsense"), &ranges));
}
