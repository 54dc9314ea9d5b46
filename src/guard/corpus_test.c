/* The figures of docs/guardrails.md: how much of what is in the corpus is found, and how often
 * something is found where nothing is, kind by kind. They are exact, so whoever changes a detector
 * sees what it does to them; `PINION_FIGURES=FILE` has the table written there. */
#include "guard/guard_fixture.h"
#include "unit.h"
#include "whole_file.h"

#include <stdio.h>

enum { ROWS_MAX = 80 };

struct row {
    char name[64];
    unsigned there, found; /* lines that have it, and in which it is gone afterwards */
    unsigned wrong;        /* lines in which it was found and is not */
};
static struct row rows[ROWS_MAX];
static size_t row_count;
static unsigned alike; /* lines that have nothing in them */

static struct row *row_of(struct text name)
{
    for (size_t i = 0; i < row_count; i++)
        if (text_equal(text_of(rows[i].name), name))
            return &rows[i];
    CHECK(row_count < ROWS_MAX);
    snprintf(rows[row_count].name, sizeof rows[row_count].name, "%.*s", TEXT_ARG(name));
    return &rows[row_count++];
}

static struct text member(const struct document *line, const char *name)
{
    uint32_t at = document_member(line, 0, text_of(name));

    return at != CELL_NONE ? document_text(line, at) : (struct text){0};
}

static struct text kind_of(const struct guard_tally *tally)
{
    return tally->field == GUARD_PII ? tally->rule : guard_field_word(tally->field);
}

/* One state's number may be taken for another's: it is masked all the same. */
static bool same(struct text a, struct text b)
{
    uint64_t as, bs;

    return text_equal(a, b) || (guard_pii_find(a, &as) && guard_pii_find(b, &bs) &&
                                (as & PII_NATIONAL_IDS) != 0 && (bs & PII_NATIONAL_IDS) != 0);
}

static bool found_kind(const struct guard *guard, struct text kind)
{
    for (size_t i = 0; i < guard->tally_count; i++)
        if (same(kind_of(&guard->tallies[i]), kind))
            return true;
    return false;
}

/* A line with something in it: is that gone, and found as what it is, and nothing else? */
static void measure(const struct document *line, const struct guard *guard, struct text out)
{
    struct text kind = member(line, "kind"), find = member(line, "find"), way = member(line, "way");
    bool gone = find.len > 0 && (guard->blocked || text_find(out, find) == out.len);
    bool found = gone && found_kind(guard, kind);
    struct arena arena = {0};

    if (find.len == 0) {
        alike++;
    } else {
        bool plain = text_equal(way, TEXT("plain"));
        struct text name =
            plain ? kind : arena_printf(&arena, "%.*s, %.*s", TEXT_ARG(kind), TEXT_ARG(way));

        if (!text_equal(way, TEXT("full width")) && !text_equal(way, TEXT("unseen characters")) &&
            !text_equal(way, TEXT("JSON escapes")) && !text_equal(way, TEXT("other digits"))) {
            row_of(name)->there++;
            row_of(name)->found += found;
        } else {
            row_of(way)->there++;
            row_of(way)->found += found;
        }
    }
    for (size_t i = 0; i < guard->tally_count; i++)
        if (find.len == 0 || !same(kind_of(&guard->tallies[i]), kind))
            row_of(kind_of(&guard->tallies[i]))->wrong++;
    if (getenv("PINION_MISSES") != NULL && (find.len > 0 ? !found : guard->tally_count > 0))
        fprintf(stderr, "%s %.*s (%.*s): %.*s -> %.*s\n", find.len > 0 ? "missed" : "wrong",
                TEXT_ARG(kind), TEXT_ARG(way), TEXT_ARG(member(line, "text")), TEXT_ARG(out));
    arena_release(&arena);
}

static void measure_line(struct text json)
{
    struct fixture f;
    struct document line;
    struct guard guard;
    struct text out;

    EXPECT(fixture_init(&f, "{\"pii\":\"mask\",\"secrets\":\"redact\",\"injection\":\"block\"}"));
    EXPECT(json_read(json, NULL, &f.arena, &line, NULL, NULL));
    guard = fixture_guard(&f, GUARD_INPUT);
    guard_text(&guard, member(&line, "text"), document_member(&line, 0, TEXT("json")) != CELL_NONE,
               (struct text){0}, &out);
    measure(&line, &guard, out);
    arena_release(&f.arena);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static void put_table(struct buffer *out)
{
    qsort(rows, row_count, sizeof *rows, by_name);
    buffer_printf(
        out,
        "| What | in the corpus | found | found wrongly, in %u texts without anything and "
        "all others |\n|---|---|---|---|\n",
        alike);
    for (size_t i = 0; i < row_count; i++)
        buffer_printf(out, "| %s | %u | %u | %u |\n", rows[i].name, rows[i].there, rows[i].found,
                      rows[i].wrong);
}

TEST(the_figures_of_the_manual_are_those_of_the_corpus)
{
    struct arena arena = {0};
    struct buffer table = buffer_in(&arena);
    const char *path = getenv("PINION_FIGURES");
    struct text corpus, manual;

    EXPECT(whole_file(TESTS_DIR "/guard/corpus.jsonl", &arena, &corpus));
    EXPECT(whole_file(TESTS_DIR "/../docs/guardrails.md", &arena, &manual));
    while (corpus.len > 0)
        measure_line(text_split(&corpus, '\n'));
    put_table(&table);
    if (path != NULL) {
        FILE *file = fopen(path, "w");

        EXPECT(file != NULL && fwrite(table.at, 1, table.len, file) == table.len);
        EXPECT(fclose(file) == 0);
    }
    if (text_find(manual, buffer_text(&table)) == manual.len)
        fail_msg("docs/guardrails.md has other figures than:\n%.*s", (int)table.len, table.at);
    arena_release(&arena);
}
