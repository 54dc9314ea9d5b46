#include "unit.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

TEST(a_split_takes_the_front_and_drops_the_byte)
{
    struct text rest = TEXT("a,b,,c");

    EXPECT_TEXT(text_split(&rest, ','), "a");
    EXPECT_TEXT(text_split(&rest, ','), "b");
    EXPECT_TEXT(text_split(&rest, ','), "");
    EXPECT_TEXT(text_split(&rest, ','), "c");
    EXPECT_EQ(rest.len, 0);
}

TEST(a_number_that_does_not_fit_is_no_number)
{
    uint64_t value;

    EXPECT(text_to_u64(TEXT("18446744073709551615"), &value) && value == UINT64_MAX);
    EXPECT(!text_to_u64(TEXT("18446744073709551616"), &value));
    EXPECT(!text_to_u64(TEXT(""), &value));
    EXPECT(!text_to_u64(TEXT("+1"), &value));
}

TEST(a_cut_keeps_code_points_whole)
{
    EXPECT_TEXT(text_cut(TEXT("a\xC3\xA9"), 2), "a");
    EXPECT_TEXT(text_cut(TEXT("a\xC3\xA9"), 3), "a\xC3\xA9");
}

TEST(edits_count_a_swap_once)
{
    EXPECT_EQ(text_edits(TEXT("sytem"), TEXT("system")), 1);
    EXPECT_EQ(text_edits(TEXT("modle"), TEXT("model")), 1);
    EXPECT_EQ(text_edits(TEXT(""), TEXT("abc")), 3);
    EXPECT_EQ(text_edits(TEXT("same"), TEXT("same")), 0);
}

TEST(find_reports_the_length_when_there_is_nothing)
{
    EXPECT_EQ(text_find(TEXT("abcabc"), TEXT("ca")), 2);
    EXPECT_EQ(text_find(TEXT("abc"), TEXT("x")), 3);
    EXPECT_EQ(text_find(TEXT(""), TEXT("x")), 0);
}

/* Whatever byte of it changes, and whatever its length: another hash. */
TEST(a_hash_looks_at_every_byte)
{
    char bytes[40] = {0};

    for (size_t len = 1; len <= sizeof bytes; len++) {
        uint64_t before = text_hash((struct text){bytes, len});

        EXPECT(before != text_hash((struct text){bytes, len - 1}));
        EXPECT_EQ(before, text_hash((struct text){bytes, len}));
        for (size_t at = 0; at < len; at++) {
            bytes[at] = 1;
            EXPECT(before != text_hash((struct text){bytes, len}));
            bytes[at] = 0;
        }
    }
}
