/* The official test suite's files about formats, all drafts, each string straight against its
 * format. It is not part of the repository: PINION_SCHEMA_SUITE names its folder, by default the
 * one beside the repository; without it this program says so and passes. */
#include "case_folder.h"

#include "schema/format.h"

/* What the formats here take otherwise than the suite, and why. One that is not met fails. */
struct exception {
    const char *draft, *file, *test, *reason;
};
static const struct exception exceptions[] = {
    {NULL, NULL, NULL, NULL}, /* ends the list */
};

struct tally {
    const char *draft, *file;
    enum draft means;
    unsigned passed, excepted, wrong;
};

static bool is_excepted(const struct tally *tally, struct text test)
{
    for (const struct exception *it = exceptions; it->draft != NULL; it++) {
        if (strcmp(it->draft, tally->draft) == 0 && strcmp(it->file, tally->file) == 0 &&
            text_equal(text_of(it->test), test))
            return true;
    }
    return false;
}

/* As a schema would: what is no string holds, and so does every string of an unknown format. */
static bool holds(enum format format, const struct document *document, uint32_t data)
{
    struct arena scratch = {0};
    bool held = format == FORMAT_NONE || document_cell(document, data)->type != CELL_STRING ||
                format_holds(format, document_text(document, data), &scratch);

    arena_release(&scratch);
    return held;
}

static void run_group(struct tally *tally, const struct document *document, uint32_t group)
{
    uint32_t schema = document_member(document, group, TEXT("schema"));
    uint32_t name = document_member(document, schema, TEXT("format"));
    uint32_t tests = document_member(document, group, TEXT("tests"));
    enum format format = format_find(document_text(document, name), tally->means);

    for (uint32_t test = tests + 1; test < document_cell(document, tests)->end;
         test = document_next(document, test)) {
        uint32_t description = document_member(document, test, TEXT("description"));
        uint32_t data = document_member(document, test, TEXT("data"));
        uint32_t valid = document_member(document, test, TEXT("valid"));
        struct text says = document_text(document, description);
        bool right = holds(format, document, data) == document_cell(document, valid)->boolean;

        if (is_excepted(tally, says) != right) {
            *(right ? &tally->passed : &tally->excepted) += 1;
            continue;
        }
        tally->wrong++;
        printf("%s: %s/%s: %.*s\n", right ? "PASSES" : "FAILS", tally->draft, tally->file,
               TEXT_ARG(says));
    }
}

static void run_file(struct tally *tally, const char *folder)
{
    struct arena arena = {0};
    struct document document;

    EXPECT(case_json(folder, tally->file, &arena, &document));
    for (uint32_t group = 1; group < document.cells[0].end; group = document_next(&document, group))
        run_group(tally, &document, group);
    arena_release(&arena);
}

static void run_draft(const char *draft, enum draft means)
{
    const char *root = getenv("PINION_SCHEMA_SUITE");
    char folder[1024];
    struct tally tally = {.draft = draft, .means = means};
    struct dirent **entries;
    int count;

    snprintf(folder, sizeof folder, "%s/tests/%s/optional/format",
             root ? root : TESTS_DIR "/../../shared/data/json-schema-test-suite", draft);
    count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0) {
        printf("skipped: there is no folder %s\n", folder);
        return;
    }
    for (int i = 0; i < count; i++) {
        tally.file = entries[i]->d_name;
        if (strstr(tally.file, ".json") != NULL)
            run_file(&tally, folder);
        free(entries[i]);
    }
    free(entries);
    printf("%s/optional/format: %u pass, %u are excepted, %u are not as expected\n", draft,
           tally.passed, tally.excepted, tally.wrong);
    EXPECT_EQ(tally.wrong, 0);
    EXPECT(tally.passed > 0);
}

TEST(the_formats_of_draft_04_are_as_the_suite_says)
{
    run_draft("draft4", DRAFT_4);
}

TEST(the_formats_of_draft_06_are_as_the_suite_says)
{
    run_draft("draft6", DRAFT_6);
}

TEST(the_formats_of_draft_07_are_as_the_suite_says)
{
    run_draft("draft7", DRAFT_7);
}

TEST(the_formats_of_2019_09_are_as_the_suite_says)
{
    run_draft("draft2019-09", DRAFT_2019_09);
}

TEST(the_formats_of_2020_12_are_as_the_suite_says)
{
    run_draft("draft2020-12", DRAFT_2020_12);
}
