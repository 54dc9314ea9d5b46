/* Cases in tests/cases/fmt: input.yaml becomes expected.yaml, which stays as it is; and every file
 * of the other cases that can be read means the same when it is formatted. */
#include "document/yaml_format.h"

#include "case_folder.h"
#include "document/yaml_read.h"

#include <ftw.h>

static struct arena arena;

static bool formatted(struct text source, struct text *out)
{
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);

    diagnostics->arena = &arena;
    return yaml_format(source, TEXT("case.yaml"), &arena, diagnostics, out);
}

static void run_case(const char *folder, struct arena *scratch)
{
    struct text input, expected, out, again;

    EXPECT(case_file(folder, "input.yaml", scratch, &input));
    EXPECT(formatted(input, &out));
    if (getenv("PINION_WRITE_CASES") != NULL) {
        FILE *file = fopen(arena_printf(scratch, "%s/expected.yaml", folder).at, "wb");

        EXPECT(file != NULL && fwrite(out.at, 1, out.len, file) == out.len && fclose(file) == 0);
    }
    EXPECT(case_file(folder, "expected.yaml", scratch, &expected));
    case_expect(folder, "formatted", out, expected);
    EXPECT(formatted(out, &again));
    case_expect(folder, "formatted again", again, expected);
    arena_release(&arena);
}

TEST(the_cases_are_formatted_as_expected_and_then_stay)
{
    EXPECT(case_walk("fmt", run_case) >= 12);
}

static size_t comments_in(struct text source)
{
    size_t count = 0;

    for (size_t i = 0; i < source.len; i++)
        count += source.at[i] == '#';
    return count;
}

static size_t seen;

/* Of the files of the other cases those that are read at all. */
static int visit(const char *path, __attribute__((unused)) const struct stat *status, int kind,
                 __attribute__((unused)) struct FTW *where)
{
    struct text source, out, again;
    struct diagnostics *diagnostics;
    struct document before, after;

    if (kind != FTW_F || !text_ends(text_of(path), TEXT(".yaml")) ||
        !whole_file(path, &arena, &source))
        return 0;
    diagnostics = ARENA_NEW(&arena, struct diagnostics);
    diagnostics->arena = &arena;
    if (!yaml_read(source, TEXT("a"), &arena, &before, diagnostics) || diagnostics->error_count > 0)
        return 0;
    if (!formatted(source, &out)) {
        if (text_find(text_of(path), TEXT("explicit-key")) == strlen(path) &&
            text_find(text_of(path), TEXT("next-line-character")) == strlen(path))
            fail_msg("%s cannot be formatted", path);
        return 0;
    }
    EXPECT(yaml_read(out, TEXT("a"), &arena, &after, diagnostics));
    EXPECT_EQ(diagnostics->error_count, 0);
    EXPECT(document_equal(&before, 0, &after, 0));
    EXPECT_EQ(comments_in(source), comments_in(out));
    EXPECT(formatted(out, &again));
    case_expect(path, "formatted again", again, out);
    seen++;
    arena_release(&arena);
    return 0;
}

TEST(whatever_can_be_read_means_the_same_when_it_is_formatted)
{
    seen = 0;
    EXPECT_EQ(nftw(TESTS_DIR "/cases", visit, 16, FTW_PHYS), 0);
    EXPECT_EQ(nftw(TESTS_DIR "/../endpoints", visit, 16, FTW_PHYS), 0);
    EXPECT_EQ(nftw(TESTS_DIR "/../routing", visit, 16, FTW_PHYS), 0);
    EXPECT(seen > 150);
}

TEST(what_cannot_be_read_is_reported_not_formatted)
{
    struct text out;

    EXPECT(!formatted(TEXT("a: [1\n"), &out));
    EXPECT(!formatted(TEXT("a: 1\na: 2\n"), &out));
    EXPECT(!formatted(TEXT("? a\n: 1\n"), &out));
    EXPECT(formatted(TEXT(""), &out));
    EXPECT_TEXT(out, "");
    EXPECT(formatted(TEXT("# only this"), &out));
    EXPECT_TEXT(out, "# only this\n");
    arena_release(&arena);
}
