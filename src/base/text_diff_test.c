#include "base/text_diff.h"

#include "unit.h"

static struct arena arena;

static struct text diff(const char *before, const char *after)
{
    struct buffer out = buffer_in(&arena);

    text_diff(text_of(before), text_of(after), "a", "b", &out);
    return buffer_text(&out);
}

TEST(equal_texts_have_no_difference)
{
    EXPECT_TEXT(diff("x\ny\n", "x\ny\n"), "");
    EXPECT_TEXT(diff("", ""), "");
    arena_release(&arena);
}

TEST(a_change_is_shown_with_three_lines_around_it)
{
    EXPECT_TEXT(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
                "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    arena_release(&arena);
}

TEST(changes_far_apart_are_hunks_of_their_own)
{
    EXPECT_TEXT(diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n"),
                "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
                "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
    EXPECT_TEXT(diff("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n"),
                "--- a\n+++ b\n@@ -1,5 +1,5 @@\n-a\n+A\n 1\n 2\n 3\n-b\n+B\n");
    arena_release(&arena);
}

TEST(lines_that_come_or_go_are_found_among_those_that_stay)
{
    EXPECT_TEXT(diff("a\nb\nc\nd\n", "a\nc\nd\ne\n"),
                "--- a\n+++ b\n@@ -1,4 +1,4 @@\n a\n-b\n c\n d\n+e\n");
    EXPECT_TEXT(diff("", "new\n"), "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+new\n");
    EXPECT_TEXT(diff("old\n", ""), "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-old\n");
    arena_release(&arena);
}

TEST(a_line_break_that_is_missing_at_the_end_is_told)
{
    EXPECT_TEXT(diff("a\nb", "a\nb\n"),
                "--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    EXPECT_TEXT(diff("a", "b"), "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of "
                                "file\n+b\n\\ No newline at end of file\n");
    arena_release(&arena);
}
