#include "unit.h"

#include "schema/pattern.h"

static const struct pattern *compile(const char *source, bool lazily, struct arena *arena)
{
    struct pattern_limits limits = pattern_limits_authors;
    struct pattern_problem problem;
    const struct pattern *pattern;

    if (lazily)
        limits.table = 0;
    pattern = pattern_compile_within(text_of(source), &limits, arena, &problem);
    if (pattern == NULL)
        fail_msg("%s: %s", source, problem.message);
    return pattern;
}

/* Feeds one byte at a time; *out_decided is how many it took to decide, 0 from the start. */
static enum pattern_progress walk_bytes(const struct pattern *pattern, struct text subject,
                                        size_t *out_decided)
{
    struct arena arena = {0};
    struct pattern_scratch scratch = {.arena = &arena};
    struct pattern_walk walk;
    enum pattern_progress progress = pattern_walk_start(&walk, pattern, &scratch);
    size_t at = 0, used;

    for (; at < subject.len && progress == PATTERN_ALIVE; at++)
        progress = pattern_walk_feed(&walk, text_first(text_after(subject, at), 1), &used);
    *out_decided = at;
    pattern_walk_end(&walk);
    arena_release(&arena);
    return progress;
}

static const struct {
    const char *source;
    struct text subject;
    enum pattern_progress progress;
    size_t decided;     /* bytes, with the deciding one */
    bool only_by_table; /* an automaton built while it is used decides later */
} decisions[] = {
    {"^[A-Z]{2}-[0-9]{4}$", TEXT_INIT("AB-1234"), PATTERN_ALIVE, 7, false},
    {"^[A-Z]{2}-[0-9]{4}$", TEXT_INIT("Ab-1234"), PATTERN_DEAD, 2, false},
    {"^[A-Z]{2}-[0-9]{4}$", TEXT_INIT("AB-12345"), PATTERN_DEAD, 8, false},
    {"b", TEXT_INIT("aaabaa"), PATTERN_SURE, 4, false},
    {"^x-", TEXT_INIT("x-y"), PATTERN_SURE, 2, false},
    {"^x-", TEXT_INIT("y"), PATTERN_DEAD, 1, false},
    {"", TEXT_INIT("abc"), PATTERN_SURE, 0, false},
    {"[]", TEXT_INIT("abc"), PATTERN_DEAD, 0, true},
    {"a$", TEXT_INIT("aba"), PATTERN_ALIVE, 3, false},
    {"^[^]*$", TEXT_INIT("abc"), PATTERN_SURE, 0, true},
    {"^.*$", TEXT_INIT("ab\nc"), PATTERN_DEAD, 3, false},
    {"^\\p{ASCII}*$", TEXT_INIT("ab\xC3\xA9"), PATTERN_DEAD, 3, false},
    {"^\xC3\xA9", TEXT_INIT("\xC3\xA8"), PATTERN_DEAD, 2, false},
    {"^\xC3\xA9", TEXT_INIT("\xC4\xA9"), PATTERN_DEAD, 1, false},
    {"^\xE6\x97\xA5", TEXT_INIT("\xE6\x97\xA5"), PATTERN_SURE, 3, false},
    {"^[\\u{1F600}-\\u{1F64F}]+$", TEXT_INIT("\xF0\x9F\x98\x80\xF0\x9F\x9A\x80"), PATTERN_DEAD, 7,
     false},
    {"^a\\bb", TEXT_INIT("ab"), PATTERN_DEAD, 0, true},
    {"^a(?:b|$c)", TEXT_INIT("ax"), PATTERN_DEAD, 2, false},
    {"a^", TEXT_INIT("aa"), PATTERN_DEAD, 0, true},
    {"\\bx", TEXT_INIT("ax x"), PATTERN_SURE, 4, false},
    {"x\\b", TEXT_INIT("xa x "), PATTERN_SURE, 5, false},
    {"^(?=.*[a-z])(?!.*-)", TEXT_INIT("1a-"), PATTERN_DEAD, 3, false},
    {"^(?=.*[a-z])(?=.*\\d)", TEXT_INIT("1_a"), PATTERN_SURE, 3, false},
    {"^(?=.*\\d).{2,3}$", TEXT_INIT("aaa"), PATTERN_DEAD, 3, true},
    {"^(?!ab)[ab]+c", TEXT_INIT("ab"), PATTERN_DEAD, 2, false},
    {"^(?!ab)[ab]+c", TEXT_INIT("aac"), PATTERN_SURE, 3, false},
    {"^(?:(?!no).)*$", TEXT_INIT("a no"), PATTERN_DEAD, 4, false},
    {"^[a-z]*(?<!x)$", TEXT_INIT("ax"), PATTERN_ALIVE, 2, false},
};

TEST(a_walk_is_decided_at_the_first_byte_that_decides)
{
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++) {
        struct arena arena = {0};
        size_t decided;
        enum pattern_progress progress =
            walk_bytes(compile(decisions[i].source, false, &arena), decisions[i].subject, &decided);

        if (progress != decisions[i].progress || decided != decisions[i].decided)
            fail_msg("%s: %d at %zu", decisions[i].source, progress, decided);
        progress =
            walk_bytes(compile(decisions[i].source, true, &arena), decisions[i].subject, &decided);
        if (!decisions[i].only_by_table &&
            (progress != decisions[i].progress || decided != decisions[i].decided))
            fail_msg("%s, built while it is used: %d at %zu", decisions[i].source, progress,
                     decided);
        arena_release(&arena);
    }
}

TEST(a_piece_says_how_much_of_it_was_needed)
{
    struct arena arena = {0};
    struct pattern_scratch scratch = {.arena = &arena};

    for (int lazily = 0; lazily < 2; lazily++) {
        const struct pattern *pattern = compile("^ab*c", lazily, &arena);
        struct pattern_walk walk;
        size_t used;

        EXPECT_EQ(pattern_walk_start(&walk, pattern, &scratch), PATTERN_ALIVE);
        EXPECT_EQ(pattern_walk_feed(&walk, TEXT("abb"), &used), PATTERN_ALIVE);
        EXPECT_EQ(used, 3);
        EXPECT_EQ(pattern_walk_feed(&walk, TEXT(""), &used), PATTERN_ALIVE);
        EXPECT_EQ(used, 0);
        EXPECT_EQ(pattern_walk_feed(&walk, TEXT("bbcxyz"), &used), PATTERN_SURE);
        EXPECT_EQ(used, 3);
        EXPECT_EQ(pattern_walk_feed(&walk, TEXT("xyz"), &used), PATTERN_SURE);
        EXPECT_EQ(used, 0);
        EXPECT(pattern_walk_end(&walk));
    }
    arena_release(&arena);
}

/* Many walks one after another need no more memory than one; two at a time do not disturb each
 * other. */
TEST(walks_along_one_automaton_do_not_disturb_each_other)
{
    struct arena arena = {0};
    struct pattern_scratch scratch = {.arena = &arena};
    const struct pattern *pattern = compile("[ab]*a[ab]{40}$", true, &arena);
    struct pattern_walk first, second;
    size_t used, before;

    pattern_walk_start(&first, pattern, &scratch);
    pattern_walk_start(&second, pattern, &scratch);
    before = arena.total_bytes;
    for (int i = 0; i < 1000; i++) {
        pattern_walk_feed(&first, i % 3 ? TEXT("ab") : TEXT("b"), &used);
        pattern_walk_feed(&second, TEXT("b"), &used);
    }
    EXPECT(!pattern_walk_end(&second));
    pattern_walk_feed(&first, TEXT("abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"), &used);
    EXPECT(pattern_walk_end(&first));
    for (int i = 0; i < 1000; i++) {
        pattern_walk_start(&first, pattern, &scratch);
        pattern_walk_feed(&first, TEXT("ab"), &used);
        EXPECT(!pattern_walk_end(&first));
    }
    EXPECT_EQ(arena.total_bytes, before);
    arena_release(&arena);
}
