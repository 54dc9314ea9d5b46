#include "unit.h"

#include "demo/demo_pattern.h"

static const struct {
    const char *pattern;
    unsigned variant;
    const char *sample; /* NULL: refused */
} rows[] = {
    {"", 0, ""},
    {"^abc$", 0, "abc"},
    {"^[A-Z]{2}$", 0, "AB"},
    {"^[A-Z]{3}-[0-9]{4,6}$", 0, "ABC-4567"},
    {"^[A-Z]{3}-[0-9]{4,6}$", 5, "CDE-678901"},
    {"^e[0-9]+$", 0, "e1"},
    {"^e[0-9]+$", 2, "e234"},
    {"^[a-z]{2}(-[A-Z]{2})?$", 0, "ab"},
    {"^[a-z]{2}(-[A-Z]{2})?$", 1, "ab-DE"},
    {"^(cat|dog|cow)$", 0, "cat"},
    {"^(cat|dog|cow)$", 1, "dog"},
    {"^(cat|dog|cow)$", 9, "cow"},
    {"^(?:ab|c){3}$", 0, "ababab"},
    {"^(?<year>\\d{4})-\\d\\d$", 0, "0123-56"},
    {"^\\w+@\\w+\\.com$", 0, "a@c.com"},
    {"a*b+c?", 0, "b"},
    {"a*?b+?", 1, "abb"},
    {"^[^a-z]$", 0, "A"},
    {"^[^a-zA-Z0-9]$", 0, "!"},
    {"^[\\d.-]$", 0, "0"},
    {"^[-a]$", 0, "a"},
    {"^[\\]x]$", 0, "x"},
    {"^.{3}$", 0, "abc"},
    {"^\\p{L}+$", 0, "a"},
    {"^\\u00e9\\x41\\n$", 0, "\u00E9A\n"},
    {"^\u20AC[0-9]$", 0, "\u20AC3"},
    {"^(?=.*x)a$", 0, "a"},
    {"^(?!b)a$", 0, "a"},
    {"\\bword\\b", 0, "word"},
    {"^(a)\\1$", 0, NULL},
    {"^[a", 0, NULL},
    {"(a", 0, NULL},
    {"a)", 0, NULL},
    {"*a", 0, NULL},
    {"a{2,1}", 0, NULL},
    {"a{", 0, NULL},
    {"\\", 0, NULL},
    {"((a{900}){900}){900}", 0, NULL},
};

TEST(a_sample_is_what_the_pattern_describes)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer out = {0};
        bool done;

        buffer_put(&out, TEXT("kept "));
        done = demo_pattern(text_of(rows[i].pattern), rows[i].variant, &out);
        if (done != (rows[i].sample != NULL) ||
            !text_equal(text_after(buffer_text(&out), 5), text_of(rows[i].sample)))
            fail_msg("%s: %s '%.*s'", rows[i].pattern, done ? "gave" : "was refused,",
                     TEXT_ARG(buffer_text(&out)));
        buffer_release(&out);
    }
}

TEST(depth_is_bounded)
{
    struct buffer pattern = {0}, out = {0};

    for (int i = 0; i < 5000; i++)
        buffer_put_byte(&pattern, '(');
    EXPECT(!demo_pattern(buffer_text(&pattern), 0, &out));
    EXPECT_EQ(out.len, 0);
    buffer_release(&pattern);
    buffer_release(&out);
}
