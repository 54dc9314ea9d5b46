/* The lines of tests/cases/extract: `takes` the text of the value, `at` its byte, `step`, how many
 * were `found` in it; or `found` and `fitting` of too many; or the place of the `error`. A value
 * fits when it has all the names in `members`. */
#include "case_lines.h"

#include "document/json_extract.h"

struct wanted {
    const struct document *line;
    uint32_t members; /* in the line; CELL_NONE: everything fits */
    size_t asked;
};

static bool has_members(void *context, const struct document *document)
{
    struct wanted *wanted = context;

    wanted->asked++;
    if (wanted->members == CELL_NONE)
        return true;
    for (uint32_t at = wanted->members + 1; at < wanted->line->cells[wanted->members].end; at++)
        if (document_member(document, 0, document_text(wanted->line, at)) == CELL_NONE)
            return false;
    return true;
}

static void expect_edits(const char *name, const struct document *line,
                         const struct json_extract *got, struct arena *arena)
{
    struct buffer edits = buffer_in(arena), expected = buffer_in(arena);
    uint32_t list = document_member(line, 0, TEXT("edits"));

    for (size_t i = 0; i < got->edit_count; i++)
        buffer_printf(&edits, "%s %zu; ", json_edit_name(got->edits[i].kind), got->edits[i].offset);
    for (uint32_t at = list + 1; list != CELL_NONE && at < line->cells[list].end; at++)
        buffer_printf(&expected, "%.*s; ", TEXT_ARG(document_text(line, at)));
    case_expect(name, "edits", buffer_text(&edits), buffer_text(&expected));
}

static void expect_taken(const char *name, const struct document *line, struct text text,
                         const struct json_extract *got, struct arena *arena)
{
    if (!line_has(line, "takes"))
        fail_msg("%s: is taken from %s", name, json_step_name(got->step));
    case_expect(name, "takes", text_first(text_after(text, got->offset), got->len),
                line_text(line, "takes"));
    case_expect(name, "step", text_of(json_step_name(got->step)), line_text(line, "step"));
    EXPECT_EQ(got->offset, line_number(line, "at"));
    EXPECT_EQ(got->found, line_number(line, "found"));
    EXPECT(got->document.count > 0);
    expect_edits(name, line, got, arena);
}

static void run_line(const char *name, const struct document *line, struct arena *arena)
{
    struct wanted wanted = {line, document_member(line, 0, TEXT("members")), 0};
    const struct json_extract_options options = {.roots = line_roots(line),
                                                 .fits = has_members,
                                                 .context = &wanted,
                                                 .repair = line_says(line, "repair"),
                                                 .complete = line_says(line, "complete")};
    struct text text = case_exactly(line_text(line, "text"), arena);
    struct json_extract got;
    struct error err = {0};

    if (json_extract(text, &options, arena, &got, &err)) {
        expect_taken(name, line, text, &got, arena);
    } else if (line_has(line, "error")) {
        case_expect(name, "error", text_of(err.at), line_text(line, "error"));
        EXPECT(got.found == 0 && err.code == ERROR_OUTPUT_NOT_JSON);
    } else if (line_has(line, "takes")) {
        fail_msg("%s: %s at %s", name, err.message, err.at);
    } else {
        EXPECT_EQ(got.found, line_number(line, "found"));
        EXPECT_EQ(got.fitting, line_number(line, "fitting"));
        EXPECT(err.code == ERROR_OUTPUT_NOT_JSON && strstr(err.message, "JSON values") != NULL);
    }
    EXPECT(got.work_bytes <= JSON_EXTRACT_WORK * text.len);
}

static size_t lines;

static void run_folder(const char *folder, struct arena *arena)
{
    (void)arena;
    lines += lines_walk(folder, run_line);
}

TEST(the_first_step_that_yields_something_readable_decides)
{
    lines = 0;
    case_walk("extract", run_folder);
    EXPECT(lines >= 90);
}

TEST(a_value_that_is_alone_is_taken_unasked)
{
    struct document none = {0};
    struct wanted wanted = {&none, CELL_NONE, 0};
    const struct json_extract_options options = {.fits = has_members, .context = &wanted};
    struct arena arena = {0};
    struct json_extract got;

    EXPECT(json_extract(TEXT("so [1] is it"), &options, &arena, &got, NULL));
    EXPECT_EQ(wanted.asked, 0);
    EXPECT(!json_extract(TEXT("[1] or [2]"), &options, &arena, &got, NULL));
    EXPECT_EQ(wanted.asked, 2);
    EXPECT_EQ(got.fitting, 2);
    arena_release(&arena);
}

/* Every start with every piece over and over, with and without repair. */
TEST(the_work_is_linear_and_the_memory_bounded_whatever_the_text)
{
    static const char *const pieces[] = {"{",
                                         "[",
                                         "{\"",
                                         "{\"a\":",
                                         "[1,",
                                         "[0, 1) ",
                                         "{a: [1 ",
                                         "[[1 x] ",
                                         "'",
                                         "{'",
                                         "{\"a\": '",
                                         "```\n",
                                         "``` ",
                                         "```json\n{",
                                         "~~~\n[1,\n",
                                         "`",
                                         "````\n```\n",
                                         "[\"``` ",
                                         "//",
                                         "/*",
                                         "[//x\n",
                                         "{/*",
                                         "[//",
                                         "[# ",
                                         "# ",
                                         "[# x\n1, ",
                                         "<think>",
                                         "</think>",
                                         "[]",
                                         "{} ",
                                         "{a:1}",
                                         "{'a':1} ",
                                         "\"\\\"",
                                         "[\"\\u00e9\",",
                                         "\xE2\x80\x9C",
                                         "[\xE2\x80\x9Cx\xE2\x80\x9D ",
                                         "[1 1 ",
                                         "[True,",
                                         "]",
                                         "}{",
                                         "{x|",
                                         "[\n\n\n",
                                         "{\"a\":{\"a\":}",
                                         "[1}",
                                         "[\"\n",
                                         "[\"\\q\"] ",
                                         "{\"a\":1,\"a\":2} ",
                                         "x: ```a\n"};
    static const char *const starts[] = {"",      "[",  "{\"a\": ", "<think>",
                                         "[1, x", "\"", "```\n",    "['"};
    const struct json_limits open = {.depth = 1000, .nodes = JSON_UNLIMITED};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces * 2; i++) {
        for (size_t j = 0; j < sizeof starts / sizeof *starts * 2; j++) {
            const struct json_extract_options options = {
                .limits = i % 2 ? &open : NULL, .repair = j % 2, .complete = j % 2};
            struct buffer text = {0};
            struct arena arena = {0};
            struct json_extract got;

            buffer_put(&text, text_of(starts[j / 2]));
            while (text.len < 8000)
                buffer_put(&text, text_of(pieces[i / 2]));
            json_extract(buffer_text(&text), &options, &arena, &got, NULL);
            if (got.work_bytes > JSON_EXTRACT_WORK * text.len)
                fail_msg("'%s' after '%s': %zu bytes read of %zu", pieces[i / 2], starts[j / 2],
                         got.work_bytes, text.len);
            if (arena.total_bytes > 128 * text.len + (size_t)1024 * 1024)
                fail_msg("'%s' after '%s': %zu bytes of memory for %zu", pieces[i / 2],
                         starts[j / 2], arena.total_bytes, text.len);
            arena_release(&arena);
            buffer_release(&text);
        }
    }
}

TEST(every_step_has_a_name_of_its_own)
{
    for (enum json_step step = JSON_NOWHERE; step <= JSON_EMBEDDED; step++)
        for (enum json_step other = JSON_NOWHERE; other < step; other++)
            EXPECT(strcmp(json_step_name(step), json_step_name(other)) != 0);
}
