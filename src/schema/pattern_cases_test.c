/* The tables of tests/cases/pattern: what patterns match, what the strict grammar takes, and texts
 * that patterns take long over where they are matched by trying. Verdicts are those of ECMAScript
 * with the `u` flag. */
#include "unit.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "schema/pattern_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SUBJECT_BYTES = 50000 };

static void read_table(const char *name, struct arena *arena, struct document *out)
{
    struct text path = arena_printf(arena, "%s/cases/pattern/%s", TESTS_DIR, name);
    FILE *file = fopen(path.at, "rb");
    char *bytes = arena_bytes(arena, 1 << 20);
    struct error err = {0};
    size_t len;

    if (file == NULL)
        fail_msg("no %s", path.at);
    len = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    if (!json_read((struct text){bytes, len}, NULL, arena, out, NULL, &err))
        fail_msg("%s: %s %s", name, err.message, err.at);
}

static struct text member_text(const struct document *table, uint32_t row, const char *name)
{
    return document_text(table, document_member(table, row, text_of(name)));
}

/* --- matching --- */

static bool walked(const struct pattern *pattern, struct text subject, size_t piece_bytes)
{
    struct arena arena = {0};
    struct pattern_scratch scratch = {.arena = &arena};
    struct pattern_walk walk;
    enum pattern_progress progress = pattern_walk_start(&walk, pattern, &scratch);
    size_t used;
    bool matches;

    for (size_t at = 0; at < subject.len; at += piece_bytes)
        progress =
            pattern_walk_feed(&walk, text_first(text_after(subject, at), piece_bytes), &used);
    matches = pattern_walk_end(&walk);
    if (progress != PATTERN_ALIVE)
        EXPECT_EQ(matches, progress == PATTERN_SURE);
    arena_release(&arena);
    return matches;
}

static bool matched(const struct pattern *pattern, struct text subject)
{
    struct arena arena = {0};
    struct pattern_scratch scratch = {.arena = &arena};
    enum pattern_verdict verdict = pattern_match(pattern, subject, &scratch);

    EXPECT(verdict != PATTERN_GAVE_UP);
    arena_release(&arena);
    return verdict == PATTERN_MATCHES;
}

static void expect(const struct pattern *pattern, const char *way, struct text subject,
                   bool matches)
{
    if (matched(pattern, subject) != matches)
        fail_msg("%.*s %s '%.*s', %s", TEXT_ARG(pattern_source(pattern)),
                 matches ? "should match" : "should not match", TEXT_ARG(subject), way);
    for (size_t piece = 1; piece < 4 && pattern_is_automaton(pattern); piece++) {
        if (walked(pattern, subject, piece) != matches)
            fail_msg("%.*s %s '%.*s', %s, in pieces of %zu", TEXT_ARG(pattern_source(pattern)),
                     matches ? "should match" : "should not match", TEXT_ARG(subject), way, piece);
    }
}

static void expect_list(const struct document *table, uint32_t list, const struct pattern *ahead,
                        const struct pattern *lazily, bool matches)
{
    for (uint32_t at = list + 1; at < document_cell(table, list)->end; at++) {
        expect(ahead, "as usual", document_text(table, at), matches);
        expect(lazily, "built while it is used", document_text(table, at), matches);
    }
}

static void expect_row(const struct document *table, uint32_t row)
{
    struct arena arena = {0};
    struct text source = member_text(table, row, "pattern");
    struct pattern_limits limits = pattern_limits_authors;
    struct pattern_problem problem;
    const struct pattern *ahead = pattern_compile(source, &arena, &problem), *lazily;

    if (ahead == NULL || problem.message[0] != '\0')
        fail_msg("%.*s: %s", TEXT_ARG(source), problem.message);
    limits.table = 0;
    lazily = pattern_compile_within(source, &limits, &arena, &problem);
    expect_list(table, document_member(table, row, TEXT("matches")), ahead, lazily, true);
    expect_list(table, document_member(table, row, TEXT("differs")), ahead, lazily, false);
    arena_release(&arena);
}

TEST(patterns_match_what_they_match_in_ecmascript_in_every_way_of_running)
{
    struct arena arena = {0};
    struct document table;

    read_table("matching.json", &arena, &table);
    for (uint32_t row = 1; row < table.cells[0].end; row = document_next(&table, row))
        expect_row(&table, row);
    arena_release(&arena);
}

/* --- grammar --- */

static void expect_validity(const struct document *table, const char *list, bool valid)
{
    uint32_t array = document_member(table, 0, text_of(list));

    EXPECT(array != CELL_NONE);
    for (uint32_t at = array + 1; at < document_cell(table, array)->end; at++) {
        struct arena arena = {0};

        if (pattern_valid(document_text(table, at), &arena) != valid)
            fail_msg("%.*s should be %s", TEXT_ARG(document_text(table, at)), list);
        arena_release(&arena);
    }
}

TEST(the_strict_grammar_is_the_one_of_ecmascript_with_the_u_flag)
{
    struct arena arena = {0};
    struct document table;

    read_table("grammar.json", &arena, &table);
    expect_validity(&table, "valid", true);
    expect_validity(&table, "invalid", false);
    arena_release(&arena);
}

/* --- hostile texts --- */

static struct text hostile_text(const struct document *table, uint32_t row, size_t bytes,
                                struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, member_text(table, row, "before"));
    while (out.len < bytes)
        buffer_put(&out, member_text(table, row, "repeat"));
    buffer_put(&out, member_text(table, row, "after"));
    return buffer_text(&out);
}

static double slowest_ms;
static struct text slowest;

/* The work of one match; times it, for the reader of the test's output. */
static uint64_t steps_of(const struct pattern *pattern, struct text subject)
{
    struct arena arena = {0};
    struct pattern_scratch scratch = {.arena = &arena};
    struct timespec before, after;
    double ms;

    clock_gettime(CLOCK_MONOTONIC, &before);
    pattern_match(pattern, subject, &scratch);
    clock_gettime(CLOCK_MONOTONIC, &after);
    ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
         (double)(after.tv_nsec - before.tv_nsec) / 1e6;
    if (ms > slowest_ms) {
        slowest_ms = ms;
        slowest = pattern_source(pattern);
    }
    arena_release(&arena);
    return scratch.steps;
}

/* Twice the text is at most twice the work, whether the states are known before or not; where that
 * is not so, the work has a limit. */
static void expect_linear(const struct document *table, uint32_t row, uint32_t table_entries)
{
    struct arena arena = {0};
    struct pattern_limits limits = pattern_limits_authors;
    struct pattern_problem problem;
    struct text source = member_text(table, row, "pattern");
    const struct pattern *pattern;
    uint64_t once, twice;

    limits.table = table_entries;
    pattern = pattern_compile_within(source, &limits, &arena, &problem);
    EXPECT(pattern != NULL);
    once = steps_of(pattern, hostile_text(table, row, SUBJECT_BYTES / 2, &arena));
    twice = steps_of(pattern, hostile_text(table, row, SUBJECT_BYTES, &arena));
    if (!pattern_is_automaton(pattern))
        EXPECT(twice < PATTERN_MATCH_LIMIT + 2 * SUBJECT_BYTES);
    else if (twice > 2 * once + once / 10)
        fail_msg("%.*s takes %llu steps, then %llu", TEXT_ARG(source), (unsigned long long)once,
                 (unsigned long long)twice);
    arena_release(&arena);
}

TEST(hostile_texts_take_linear_work_or_reach_the_limit)
{
    struct arena arena = {0};
    struct document table;
    unsigned count = 0;

    read_table("hostile.json", &arena, &table);
    for (uint32_t row = 1; row < table.cells[0].end; row = document_next(&table, row), count++) {
        expect_linear(&table, row, pattern_limits_authors.table);
        expect_linear(&table, row, 0);
    }
    EXPECT(count >= 40);
    printf("the slowest of %u hostile texts of %u bytes took %.2f ms: %.*s\n", count, SUBJECT_BYTES,
           slowest_ms, TEXT_ARG(slowest));
    arena_release(&arena);
}
