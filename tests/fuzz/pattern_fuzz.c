/* A pattern, a NUL, and a text to look for it in. Whatever they are: the pattern is refused with a
 * place inside it, or compiles and answers within its limits; what the strict grammar takes, the
 * lenient one takes without complaint about the grammar. The automaton, built ahead, while it is
 * used or again and again in a cache too small for it, and walked in pieces, agrees with the
 * pattern library. */
#include "base/check.h"
#include "document/utf8.h"
#include "schema/format.h"
#include "schema/pattern_own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problem(const struct pattern_problem *problem, struct text source)
{
    CHECK(problem->offset <= source.len && problem->len <= source.len - problem->offset);
}

static enum pattern_verdict match(const struct pattern *pattern, struct text subject,
                                  struct arena *arena)
{
    struct pattern_scratch scratch = {.arena = arena};
    enum pattern_verdict first = pattern_match(pattern, subject, &scratch);

    CHECK(pattern_match(pattern, subject, &scratch) == first);
    return first;
}

/* In pieces whose lengths come from the bytes themselves. What is decided stays so. */
static void check_walk(const struct pattern *pattern, struct text subject, bool matches,
                       struct arena *arena)
{
    struct pattern_scratch scratch = {.arena = arena};
    struct pattern_walk walk;
    enum pattern_progress progress = pattern_walk_start(&walk, pattern, &scratch), next;
    size_t used;

    for (size_t at = 0, len; at < subject.len; at += len) {
        len = 1 + ((unsigned char)subject.at[at] ^ at) % 5;
        len = len < subject.len - at ? len : subject.len - at;
        next = pattern_walk_feed(&walk, (struct text){subject.at + at, len}, &used);
        CHECK(used <= len && (used == len || next != PATTERN_ALIVE));
        CHECK(progress == PATTERN_ALIVE || next == progress);
        progress = next;
    }
    CHECK(progress == PATTERN_ALIVE || (progress == PATTERN_SURE) == matches);
    CHECK(pattern_walk_end(&walk) == matches);
}

/* A cache of a few states is emptied all the time. */
static bool match_in_small_cache(struct text source, struct text subject, struct arena *arena)
{
    struct pattern_problem problem;
    struct pattern_cache cache;
    struct nfa nfa;
    uint32_t state;

    CHECK(nfa_init(&nfa, pattern_read(source, false, arena, &problem),
                   pattern_limits_authors.states, arena) == NFA_BUILT);
    cache_init(&cache, &nfa, 5, arena);
    state = cache_first(&cache);
    cache_walk(&cache, &state, subject);
    return cache_end(&cache, state);
}

static void check_automaton(struct text source, const struct pattern *pattern, struct text subject,
                            struct arena *arena)
{
    struct pattern_limits lazily = pattern_limits_authors;
    struct pattern_problem problem;
    struct backtracker *backtracker;
    bool matches = match(pattern, subject, arena) == PATTERN_MATCHES;

    lazily.table = 0;
    check_walk(pattern, subject, matches, arena);
    pattern = pattern_compile_within(source, &lazily, arena, &problem);
    CHECK((match(pattern, subject, arena) == PATTERN_MATCHES) == matches);
    check_walk(pattern, subject, matches, arena);
    CHECK(match_in_small_cache(source, subject, arena) == matches);
    backtracker =
        backtracker_new(pattern_read(source, false, arena, &problem), source, arena, &problem);
    if (backtracker != NULL) {
        struct pattern_scratch scratch = {.arena = arena};
        enum pattern_verdict verdict = backtracker_match(backtracker, subject, &scratch);

        CHECK(verdict == PATTERN_GAVE_UP || (verdict == PATTERN_MATCHES) == matches);
    }
}

static void check_formats(struct text text, struct arena *arena)
{
    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++)
        format_holds((enum format)i, text, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text subject = {(const char *)data, size}, source;
    struct arena arena = {0};
    struct pattern_problem problem = {0};
    const struct pattern *pattern;

    if (utf8_valid(subject) == subject.len) {
        source = text_split(&subject, '\0');
        pattern = pattern_compile(source, &arena, &problem);
        check_problem(&problem, source);
        CHECK(pattern != NULL || problem.message[0] != '\0');
        if (pattern_valid(source, &arena))
            CHECK(pattern == NULL || problem.message[0] == '\0');
        if (pattern != NULL && pattern_is_automaton(pattern))
            check_automaton(source, pattern, subject, &arena);
        else if (pattern != NULL)
            match(pattern, subject, &arena);
        check_formats(subject, &arena);
    }
    arena_release(&arena);
    return 0;
}
