#include "unit.h"

#include "schema/pattern.h"

static enum pattern_verdict match(const char *source, struct text subject)
{
    struct arena arena = {0};
    struct pattern_problem problem;
    struct pattern_scratch scratch = {.arena = &arena};
    const struct pattern *pattern = pattern_compile(text_of(source), &arena, &problem);
    enum pattern_verdict verdict;

    if (pattern == NULL)
        fail_msg("%s: %s", source, problem.message);
    verdict = pattern_match(pattern, subject, &scratch);
    arena_release(&arena);
    return verdict;
}

TEST(a_run_of_bytes_of_one_set_is_as_long_as_it_may_be)
{
    static const struct {
        const char *source;
        struct text subject;
        bool matches;
    } rows[] = {
        {"^[a-c]{2,3}$", TEXT_INIT("a"), false},
        {"^[a-c]{2,3}$", TEXT_INIT("ab"), true},
        {"^[a-c]{2,3}$", TEXT_INIT("abc"), true},
        {"^[a-c]{2,3}$", TEXT_INIT("abca"), false},
        {"^[a-c]{2,3}$", TEXT_INIT("abd"), false},
        {"^[a-c]+$", TEXT_INIT(""), false},
        {"^[a-c]*$", TEXT_INIT(""), true},
        {"^[0-9a-f-]{12}$", TEXT_INIT("0123-4567-ab"), true},
        {"^[0-9a-f-]{12}$", TEXT_INIT("0123-4567-ag"), false},
        {"^[0-9a-f-]{12}$", TEXT_INIT("g123-4567-ab"), false},
        {"^[a-z]+$", TEXT_INIT("a\0b"), false},
        {"^[a-z]+$", TEXT_INIT("ab\xC3\xA9"), false},
        {"^[a-\xC3\xA9]{1}$", TEXT_INIT("\xC3\xA9"), true},
        {"^[^a]{1}$", TEXT_INIT("\xC3\xA9"), true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_EQ(match(rows[i].source, rows[i].subject),
                  rows[i].matches ? PATTERN_MATCHES : PATTERN_DIFFERS);
}

TEST(patterns_mean_what_they_mean_in_ecmascript)
{
    static const struct {
        const char *source;
        struct text subject;
        bool matches;
    } rows[] = {
        {"", TEXT_INIT(""), true},
        {"^$", TEXT_INIT("\n"), false},
        {"b", TEXT_INIT("abc"), true},
        {"^b", TEXT_INIT("a\nb"), false},
        {"a$", TEXT_INIT("a\n"), false},
        {"^.$", TEXT_INIT("\xE2\x80\xA8"), false},
        {"^.$", TEXT_INIT("\xC2\x85"), true},
        {"^\\w$", TEXT_INIT("\xC3\xA9"), false},
        {"^\\W$", TEXT_INIT("\xC3\xA9"), true},
        {"^\\d$", TEXT_INIT("\xE0\xA7\xAA"), false},
        {"^[\\D]$", TEXT_INIT("\xE0\xA7\xAA"), true},
        {"^[^\\D]$", TEXT_INIT("7"), true},
        {"^\\s$", TEXT_INIT("\xEF\xBB\xBF"), true},
        {"^\\s$", TEXT_INIT("\xC2\x85"), false},
        {"^\\S$", TEXT_INIT("\xC2\x85"), true},
        {"[]", TEXT_INIT("a"), false},
        {"^[^]$", TEXT_INIT("\n"), true},
        {"^[\\b]$", TEXT_INIT("\b"), true},
        {"a\\b", TEXT_INIT("a\xC3\xA9"), true},
        {"^\\u{1F600}$", TEXT_INIT("\xF0\x9F\x98\x80"), true},
        {"^\\ud83d\\ude00$", TEXT_INIT("\xF0\x9F\x98\x80"), true},
        {"^[\\ud83d\\ude00-\\ud83d\\ude02]$", TEXT_INIT("\xF0\x9F\x98\x81"), true},
        {"\\ud83d", TEXT_INIT("\xF0\x9F\x98\x80"), false},
        {"^[^\\ud83d]$", TEXT_INIT("\xF0\x9F\x98\x80"), true},
        {"^[\\ud7ff-\\ue000]$", TEXT_INIT("\xEE\x80\x80"), true},
        {"^\\p{Lu}\\p{Lowercase_Letter}\\P{L}$", TEXT_INIT("Ab1"), true},
        {"^\\p{Script=Greek}+$", TEXT_INIT("\xCF\x80"), true},
        {"^\\p{sc=Grek}$", TEXT_INIT("a"), false},
        {"^\\p{Emoji_Presentation}$", TEXT_INIT("\xF0\x9F\x98\x80"), true},
        {"^\\p{ASCII}\\p{Any}$", TEXT_INIT("a\xC3\xA9"), true},
        {"^\\P{Any}$", TEXT_INIT("a"), false},
        {"^[\\p{L}--]$", TEXT_INIT("-"), true},
        {"^(?:(a)|b)\\1$", TEXT_INIT("b"), true},
        {"^\\1(a)$", TEXT_INIT("a"), true},
        {"^(?<year>\\d{4})-\\k<year>$", TEXT_INIT("2024-2024"), true},
        {"^\\k<later>(?<later>x)$", TEXT_INIT("x"), true},
        {"(?<=\\$)\\d+", TEXT_INIT("costs $42"), true},
        {"(?<!a)b", TEXT_INIT("ab"), false},
        {"^(?=.*\\d)(?!.*x)", TEXT_INIT("a1"), true},
        {"^a{2,3}?$", TEXT_INIT("aaa"), true},
        {"^a{0}$", TEXT_INIT(""), true},
        {"^\\cJ\\x41\\0$", TEXT_INIT("\nA\0"), true},
        {"^\\/\\.\\-?$", TEXT_INIT("/."), true},
        {"^[\\w-.]+$", TEXT_INIT("a-b.c"), true},
        {"^a{,2}$", TEXT_INIT("a{,2}"), true},
        {"^]$", TEXT_INIT("]"), true},
        {"^(?:|a)$", TEXT_INIT("a"), true},
        {"^(a*)*$", TEXT_INIT("aaab"), false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (match(rows[i].source, rows[i].subject) !=
            (rows[i].matches ? PATTERN_MATCHES : PATTERN_DIFFERS))
            fail_msg("%s", rows[i].source);
    }
}

TEST(what_ecmascript_refuses_is_refused_with_its_place)
{
    static const struct {
        const char *source;
        size_t offset, len;
    } rows[] = {
        {"a**", 2, 1},         {"*", 0, 1},        {"a++", 2, 1},     {"ab(?i)", 2, 3},
        {"(?#x)", 0, 3},       {"(?P<n>a)", 0, 3}, {"(?>a)", 0, 3},   {"x\\a", 1, 2},
        {"\\Qa\\E", 0, 2},     {"\\A", 0, 2},      {"[b-a]", 1, 3},   {"a{2,1}", 1, 5},
        {"(a", 0, 1},          {"a)", 1, 1},       {"[a", 0, 1},      {"\\", 0, 1},
        {"\\u{110000}", 0, 8}, {"\\u12", 0, 2},    {"\\xg", 0, 2},    {"\\c1", 0, 3},
        {"\\p{Foo}", 0, 7},    {"\\pL", 0, 2},     {"\\k<a>", 0, 5},  {"(?<a>x)(?<a>y)", 7, 5},
        {"(?<1>x)", 0, 3},     {"^*", 0, 2},       {"(?<=a)+", 0, 7}, {"a{70000}", 1, 7},
        {"x(?<=a+)b", 0, 9},   {"{1}", 0, 1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct pattern_problem problem;

        if (pattern_compile(text_of(rows[i].source), &arena, &problem) != NULL)
            fail_msg("%s compiles", rows[i].source);
        if (problem.offset != rows[i].offset || problem.len != rows[i].len)
            fail_msg("%s: %s at %zu, %zu", rows[i].source, problem.message, problem.offset,
                     problem.len);
        arena_release(&arena);
    }
}

TEST(what_only_old_pages_may_write_is_taken_and_told)
{
    static const char *const sources[] = {"a\\-b", "\\_", "[\\w-.]", "a{",      "a]",
                                          "}",     "\\1", "\\07",    "(?=a)*b", "\\@x"};

    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct arena arena = {0};
        struct pattern_problem problem;

        if (pattern_compile(text_of(sources[i]), &arena, &problem) == NULL)
            fail_msg("%s: %s", sources[i], problem.message);
        EXPECT(problem.message[0] != '\0');
        EXPECT(!pattern_valid(text_of(sources[i]), &arena));
        arena_release(&arena);
    }
}

TEST(groups_nested_too_deeply_are_refused)
{
    char source[2002];
    struct arena arena = {0};
    struct pattern_problem problem;

    memset(source, '(', 1000);
    memset(source + 1000, ')', 1000);
    EXPECT(pattern_compile((struct text){source, 2000}, &arena, &problem) == NULL);
    EXPECT(pattern_compile((struct text){source + 801, 398}, &arena, &problem) != NULL);
    EXPECT(!pattern_valid((struct text){source, 1000}, &arena));
    arena_release(&arena);
}

TEST(a_pattern_that_would_take_for_ever_gives_up)
{
    char subject[201];

    memset(subject, 'a', 200);
    subject[200] = '!';
    EXPECT_EQ(match("^(a|aa)+\\1$", (struct text){subject, 201}), PATTERN_GAVE_UP);
}

/* More than the machine code has room for on the stack it begins with. */
TEST(a_long_text_is_matched_with_a_larger_stack_of_machine_code)
{
    static char subject[100000];

    memset(subject, 'a', sizeof subject);
    EXPECT_EQ(match("^(?=(?:a|b)*$)", (struct text){subject, 20000}), PATTERN_MATCHES);
    EXPECT_EQ(match("^(?=[ab]*$)", (struct text){subject, sizeof subject}), PATTERN_MATCHES);
}

/* --- limits --- */

static const struct pattern *compile_for_callers(const char *source, struct arena *arena,
                                                 struct pattern_problem *out_problem)
{
    return pattern_compile_within(text_of(source), &pattern_limits_callers, arena, out_problem);
}

TEST(callers_may_have_small_automata_only)
{
    static const char elsewhere[] = "references to groups are not allowed here, nor look-around "
                                    "other than behind '^' or before '$'";
    static const struct {
        const char *source;
        const char *message; /* empty: compiles */
    } rows[] = {
        {"^[a-z]{1,500}$", ""},
        {"^(?:[a-z]{1,10}-){90}$", ""},
        {"^[a-z]{2001}$", "the pattern is too large with its repetitions written out"},
        {"^(?:(?:a{50}){50}){50}$", "the pattern is too large with its repetitions written out"},
        {"^(?:(?:(?:(?:a{9999}){9999}){9999}){9999}){9999}$",
         "the pattern is too large with its repetitions written out"},
        {"(?:(?:(?:){65535}){65535}){65535}", ""},
        {"^(?=.*[a-z])(?!.*\\s).{8,}$", ""},
        {"(a)\\1", elsewhere},
        {"a*(?=b)c", elsewhere},
        {"c(?<!a)b", elsewhere},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct pattern_problem problem;
        const struct pattern *pattern = compile_for_callers(rows[i].source, &arena, &problem);

        if (strcmp(problem.message, rows[i].message) != 0)
            fail_msg("%s: %s", rows[i].source, problem.message);
        EXPECT_EQ(pattern != NULL, rows[i].message[0] == '\0');
        if (pattern == NULL)
            EXPECT_EQ(problem.len, strlen(rows[i].source));
        arena_release(&arena);
    }
}

TEST(longer_patterns_than_the_limits_say_are_refused)
{
    static char source[PATTERN_BYTES_MAX + 2];
    struct arena arena = {0};
    struct pattern_problem problem;

    memset(source, 'a', sizeof source - 1);
    EXPECT(compile_for_callers(source + sizeof source - 1 - 512, &arena, &problem) != NULL);
    EXPECT(compile_for_callers(source + sizeof source - 1 - 513, &arena, &problem) == NULL);
    EXPECT_STR(problem.message, "the pattern has more than 512 bytes");
    EXPECT(pattern_compile(text_of(source + 1), &arena, &problem) != NULL);
    EXPECT(pattern_compile(text_of(source), &arena, &problem) == NULL);
    EXPECT_STR(problem.message, "the pattern has more than 8192 bytes");
    arena_release(&arena);
}

TEST(what_is_too_large_for_an_automaton_is_left_to_the_library_for_authors)
{
    struct arena arena = {0};
    struct pattern_problem problem;
    const struct pattern *pattern =
        pattern_compile(TEXT("^(?:[a-z]{300}){200}$"), &arena, &problem);

    EXPECT(pattern != NULL);
    EXPECT(!pattern_is_automaton(pattern));
    pattern = pattern_compile(TEXT("^(?:[a-z]{100}){200}$"), &arena, &problem);
    EXPECT(pattern_is_automaton(pattern));
    arena_release(&arena);
}

/* --- what is known without a subject --- */

TEST(patterns_that_are_comparisons_are_known_as_such)
{
    static const struct {
        const char *source;
        char kind; /* a: always, p: prefix, l: literal */
        const char *text;
    } rows[] = {
        {"", 'a', ""},
        {".*", 'a', ""},
        {"^", 'a', ""},
        {"^.*", 'a', ""},
        {"$", 'a', ""},
        {"^[^]*$", 'a', ""},
        {"(?:a|)", 'a', ""},
        {"^.*$", '-', ""},
        {".", '-', ""},
        {"^x-", 'p', "x-"},
        {"^(?:x-)", 'p', "x-"},
        {"^(x-)$", 'l', "x-"},
        {"(^x-)", 'p', "x-"},
        {"^x(?:-|_)", '-', ""},
        {"^x-(?=a)", '-', ""},
        {"^x-.*", 'p', "x-"},
        {"^x-(?:a|b*)", 'p', "x-"},
        {"^x-[a-z]*$", '-', ""},
        {"^x-[a-z]", '-', ""},
        {"x-", '-', ""},
        {"^a|b", '-', ""},
        {"^\\u{1F600}\\.", 'p', "\xF0\x9F\x98\x80."},
        {"^yes$", 'l', "yes"},
        {"^$", 'l', ""},
        {"^yes$x*", '-', ""},
        {"^[y]es$", 'l', "yes"},
        {"^\\ud83d$", '-', ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct pattern_problem problem;
        const struct pattern *pattern = pattern_compile(text_of(rows[i].source), &arena, &problem);
        struct text prefix, literal;
        bool always = pattern_always(pattern), begins = pattern_prefix(pattern, &prefix);
        bool is = pattern_literal(pattern, &literal);

        if (always != (rows[i].kind == 'a') || begins != (rows[i].kind == 'p') ||
            is != (rows[i].kind == 'l'))
            fail_msg("%s: %d %d %d", rows[i].source, always, begins, is);
        if (begins)
            EXPECT_TEXT(prefix, rows[i].text);
        if (is)
            EXPECT_TEXT(literal, rows[i].text);
        arena_release(&arena);
    }
}
