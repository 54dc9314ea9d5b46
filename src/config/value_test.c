#include "config/value.h"

#include "unit.h"

static uint64_t duration(const char *text)
{
    uint64_t ms = 0;

    return duration_parse(text_of(text), &ms) ? ms : UINT64_MAX;
}

static uint64_t size(const char *text)
{
    uint64_t bytes = 0;

    return size_parse(text_of(text), &bytes) ? bytes : UINT64_MAX;
}

TEST(a_duration_is_a_whole_number_and_one_unit)
{
    EXPECT_EQ(duration("500ms"), 500);
    EXPECT_EQ(duration("10s"), 10000);
    EXPECT_EQ(duration("30m"), 30 * 60000);
    EXPECT_EQ(duration("2h"), 7200000);
    EXPECT_EQ(duration("90d"), 90 * 86400000ull);
    EXPECT_EQ(duration("0s"), 0);
}

TEST(anything_else_is_no_duration)
{
    static const char *const wrong[] = {"",
                                        "s",
                                        "10",
                                        "-1s",
                                        "+1s",
                                        "1.5s",
                                        "1m30s",
                                        "1 s",
                                        "1S",
                                        "1w",
                                        "1sec",
                                        " 1s",
                                        "1s ",
                                        "18446744073709551616ms",
                                        "999999999999999999d"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT(duration(wrong[i]) == UINT64_MAX);
}

TEST(a_size_counts_in_powers_of_two_and_says_so)
{
    EXPECT_EQ(size("512B"), 512);
    EXPECT_EQ(size("64KiB"), 65536);
    EXPECT_EQ(size("4MiB"), 4 << 20);
    EXPECT_EQ(size("1GiB"), 1 << 30);
    EXPECT(size("4MB") == UINT64_MAX);
    EXPECT(size("4M") == UINT64_MAX);
    EXPECT(size("17179869184GiB") == UINT64_MAX);
}

TEST(quantities_are_written_in_the_largest_exact_unit)
{
    struct arena arena = {0};

    EXPECT_TEXT(duration_text(&arena, 90000), "90s");
    EXPECT_TEXT(duration_text(&arena, 7200000), "2h");
    EXPECT_TEXT(duration_text(&arena, 1500), "1500ms");
    EXPECT_TEXT(duration_text(&arena, 0), "0ms");
    EXPECT_TEXT(size_text(&arena, 4 << 20), "4MiB");
    EXPECT_TEXT(size_text(&arena, 1000), "1000B");
    arena_release(&arena);
}

TEST(what_is_shown_fits_a_line_and_cannot_leave_its_quotes)
{
    struct arena arena = {0};
    struct text shown;

    EXPECT_TEXT(value_shown(&arena, TEXT("a\nb\x1b[31m\"c\"")), "a b?[31m?c?");
    shown = value_shown(&arena, text_of("0123456789012345678901234567890123456789012345678901234567"
                                        "8\xC3\xBC..."));
    EXPECT_TEXT(shown, "01234567890123456789012345678901234567890123456789012345678...");
    arena_release(&arena);
}
