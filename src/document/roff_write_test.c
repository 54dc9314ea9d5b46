#include "document/roff_write.h"

#include "unit.h"

static struct arena arena;

TEST(what_roff_would_take_for_its_own_is_escaped)
{
    struct buffer out = buffer_in(&arena);

    roff_put(&out, TEXT(".SH is no macro, -x no hyphen, a\\b 'q' ^~`\n'next"));
    EXPECT_TEXT(buffer_text(&out), "\\&.SH is no macro, \\-x no hyphen, a\\eb \\(aqq\\(aq "
                                   "\\(ha\\(ti\\(ga \\(aqnext");
    arena_release(&arena);
}

TEST(a_paragraph_begins_anew_but_behind_a_heading)
{
    struct buffer out = buffer_in(&arena);

    roff_macro(&out, ".SH NAME");
    roff_paragraph(&out, TEXT("one"));
    roff_paragraph(&out, TEXT("'two"));
    roff_item(&out, TEXT("--flag"), TEXT("DIR"));
    roff_example(&out, TEXT("a\n\n.b"));
    EXPECT_TEXT(buffer_text(&out), ".SH NAME\none\n.PP\n\\&\\(aqtwo\n.TP\n\\fB\\-\\-flag\\fR DIR\n"
                                   ".PP\n.RS 4\n.nf\na\n.sp\n\\&.b\n.fi\n.RE\n");
    arena_release(&arena);
}
