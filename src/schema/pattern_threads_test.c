/* Threads share compiled patterns, the automata that grow while they are used, and what is known of
 * properties. Built with the preset `tsan` this shows that they do so in order. */
#include "unit.h"

#include "schema/pattern.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 100 };

static const struct {
    const char *source;
    struct text matches, differs;
    bool lazily;
} rows[] = {
    {"^[A-Z]{3}-\\d{6}$", TEXT_INIT("ABC-123456"), TEXT_INIT("ABC-12345"), false},
    {"[ab]*a[ab]{12}$", TEXT_INIT("bbaaaaaaaaaaaaa"), TEXT_INIT("bbbbbbbbbbbbb"), true},
    {"^(?=.*\\d)(?!.*\\s).{3,}(?<!-)$", TEXT_INIT("ab1"), TEXT_INIT("a1 -b"), true},
    {"^(\\w+) \\1$", TEXT_INIT("ab ab"), TEXT_INIT("ab ac"), false},
    {"a(?=b|c)\\w", TEXT_INIT("xab"), TEXT_INIT("xad"), false},
};
enum { ROWS = sizeof rows / sizeof *rows };

static const char *const properties[] = {
    "^\\p{Lu}$", "^\\p{Script=Greek}$", "^\\p{Alphabetic}$", "^[^\\P{L}a]$", "^\\p{ID_Start}$",
};

struct shared {
    struct arena arena;
    const struct pattern *patterns[ROWS];
};

static bool walks(const struct pattern *pattern, struct text subject,
                  struct pattern_scratch *scratch)
{
    struct pattern_walk walk;
    size_t used;

    pattern_walk_start(&walk, pattern, scratch);
    for (; subject.len > 0; subject = text_after(subject, 2))
        pattern_walk_feed(&walk, text_first(subject, 2), &used);
    return pattern_walk_end(&walk);
}

static size_t wrong_of(const struct pattern *pattern, struct text subject, bool matches,
                       struct pattern_scratch *scratch)
{
    enum pattern_verdict verdict = pattern_match(pattern, subject, scratch);
    size_t wrong = verdict != (matches ? PATTERN_MATCHES : PATTERN_DIFFERS);

    if (pattern_is_automaton(pattern))
        wrong += walks(pattern, subject, scratch) != matches;
    return wrong;
}

static void *match_all(void *context)
{
    const struct shared *shared = context;
    struct arena arena = {0};
    struct pattern_scratch scratch = {.arena = &arena};
    size_t wrong = 0;

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < ROWS; i++) {
            wrong += wrong_of(shared->patterns[i], rows[i].matches, true, &scratch);
            wrong += wrong_of(shared->patterns[i], rows[i].differs, false, &scratch);
        }
    }
    arena_release(&arena);
    return (void *)wrong;
}

static void *compile_all(void *context)
{
    struct arena arena = {0};
    struct pattern_scratch scratch = {.arena = &arena};
    size_t wrong = 0;

    (void)context;
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        struct pattern_problem problem;
        const struct pattern *pattern = pattern_compile(text_of(properties[i]), &arena, &problem);

        wrong += wrong_of(pattern, TEXT("\xCE\xA9"), true, &scratch); /* a Greek capital */
        wrong += wrong_of(pattern, TEXT("1"), false, &scratch);
    }
    arena_release(&arena);
    return (void *)wrong;
}

static void expect_right_in_threads(void *(*work)(void *), void *context)
{
    pthread_t threads[THREADS];
    void *wrong;

    for (int i = 0; i < THREADS; i++)
        EXPECT_EQ(pthread_create(&threads[i], NULL, work, context), 0);
    for (int i = 0; i < THREADS; i++) {
        EXPECT_EQ(pthread_join(threads[i], &wrong), 0);
        EXPECT(wrong == NULL);
    }
}

TEST(threads_match_and_walk_along_the_same_patterns)
{
    struct shared shared = {0};

    for (size_t i = 0; i < ROWS; i++) {
        struct pattern_limits limits = pattern_limits_authors;
        struct pattern_problem problem;

        if (rows[i].lazily)
            limits.table = 0;
        shared.patterns[i] =
            pattern_compile_within(text_of(rows[i].source), &limits, &shared.arena, &problem);
        EXPECT(shared.patterns[i] != NULL);
    }
    expect_right_in_threads(match_all, &shared);
    arena_release(&shared.arena);
}

TEST(threads_may_be_the_first_to_ask_for_a_property)
{
    expect_right_in_threads(compile_all, NULL);
}
