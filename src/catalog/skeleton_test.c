#include "catalog/skeleton.h"

#include "unit.h"

static struct arena arena;

static void expect(const char *source, const char *filled)
{
    static const struct skeleton_word words[] = {{"name", TEXT_INIT("x@@y")},
                                                 {"none", TEXT_INIT("")}};
    static const struct skeleton_flag flags[] = {{"yes", true}, {"no", false}};
    const struct skeleton skeleton = {words, 2, flags, 2};
    struct buffer out = buffer_in(&arena);

    skeleton_fill(&skeleton, text_of(source), &out);
    if (!text_equal(buffer_text(&out), text_of(filled)))
        fail_msg("%.*s in place of %s", TEXT_ARG(buffer_text(&out)), filled);
    arena_release(&arena);
}

TEST(words_are_filled_in_and_not_read_again)
{
    expect("a @@name@@ b@@none@@c @@name@@\n", "a x@@y bc x@@y\n");
}

TEST(parts_are_left_out_within_one_another_too)
{
    expect("//@if yes\na\n//@if no\nb\n//@if yes\nc\n//@end\n//@end\nd\n//@end\n", "a\nd\n");
    expect("#@if no\n@@unknown@@\n#@end\ne\n", "e\n");
}
