#include "command/line_diff.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static void expect(const char *old, const char *new, const char *hunks)
{
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena), wanted = buffer_in(&arena);

    line_diff(TEXT("old"), text_of(old), TEXT("new"), text_of(new), &out);
    if (hunks[0] != '\0')
        buffer_printf(&wanted, "--- old\n+++ new\n%s", hunks);
    EXPECT_TEXT(buffer_text(&out), arena_terminated(&arena, buffer_text(&wanted)));
    arena_release(&arena);
}

TEST(equal_texts_have_no_diff)
{
    expect("", "", "");
    expect("a\nb\n", "a\nb\n", "");
}

TEST(changes_come_with_three_lines_around_them)
{
    expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nV\n6\n7\n8\n9\n",
           "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+V\n 6\n 7\n 8\n");
    expect("a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n");
    expect("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
    expect("a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n");
    expect("a\nb\nc\n", "a\nc\n", "@@ -1,3 +1,2 @@\n a\n-b\n c\n");
}

TEST(changes_that_are_near_share_a_hunk_and_others_have_their_own)
{
    expect("1\n2\n3\n4\n5\n6\n7\n8\n", "X\n2\n3\n4\n5\n6\n7\nY\n",
           "@@ -1,8 +1,8 @@\n-1\n+X\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+Y\n");
    expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "X\n2\n3\n4\n5\n6\n7\n8\nY\n",
           "@@ -1,4 +1,4 @@\n-1\n+X\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+Y\n");
}

TEST(a_last_line_without_a_break_is_said)
{
    expect("a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    expect("a", "b",
           "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of "
           "file\n");
}

/* Applies a diff to the old text; what comes out must be the new one. */
static void apply(struct text old, struct text diff, struct buffer *out)
{
    struct text rest = diff;
    size_t line = 0;

    text_split(&rest, '\n');
    text_split(&rest, '\n');
    while (rest.len > 0) {
        struct text next = text_split(&rest, '\n');
        size_t from;

        if (next.at[0] == '@') {
            from = (size_t)strtoul(next.at + 4, NULL, 10);
            for (; line + 1 < from; line++) {
                buffer_put(out, text_split(&old, '\n'));
                buffer_put_byte(out, '\n');
            }
            continue;
        }
        if (next.at[0] != '+') {
            struct text was = text_split(&old, '\n');

            EXPECT(text_equal(was, text_after(next, 1)));
            line++;
        }
        if (next.at[0] != '-') {
            buffer_put(out, text_after(next, 1));
            buffer_put_byte(out, '\n');
        }
    }
    buffer_put(out, old);
}

TEST(whatever_differs_the_old_text_and_the_diff_make_the_new_one)
{
    uint32_t random = 7;

    for (int round = 0; round < 400; round++) {
        struct arena arena = {0};
        struct buffer old = buffer_in(&arena), new = buffer_in(&arena), diff = buffer_in(&arena);
        struct buffer made = buffer_in(&arena);

        for (int i = 0; i < 40; i++) {
            random = random * 1664525 + 1013904223;
            if (random >> 28 < 13)
                buffer_printf(&old, "%u\n", random >> 20 & 7);
            if (random >> 28 > 2)
                buffer_printf(&new, "%u\n", random >> 20 & (random >> 27 & 1 ? 7 : 3));
        }
        line_diff(TEXT("old"), buffer_text(&old), TEXT("new"), buffer_text(&new), &diff);
        apply(buffer_text(&old), buffer_text(&diff), &made);
        EXPECT(text_equal(buffer_text(&made), buffer_text(&new)));
        arena_release(&arena);
    }
}

TEST(texts_that_have_little_in_common_are_replaced_as_a_whole)
{
    struct arena arena = {0};
    struct buffer old = buffer_in(&arena), new = buffer_in(&arena), diff = buffer_in(&arena);
    struct buffer made = buffer_in(&arena);

    for (int i = 0; i < LINE_DIFF_MAX; i++) {
        buffer_printf(&old, "old %d\n", i);
        buffer_printf(&new, "new %d\n", i);
    }
    line_diff(TEXT("old"), buffer_text(&old), TEXT("new"), buffer_text(&new), &diff);
    apply(buffer_text(&old), buffer_text(&diff), &made);
    EXPECT(text_equal(buffer_text(&made), buffer_text(&new)));
    arena_release(&arena);
}
