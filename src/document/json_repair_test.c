/* The lines of tests/cases/repair: `repaired` with `edits`, or nothing and `stops`, the byte at
 * which the attempt must end. */
#include "case_lines.h"

#include "document/json_extract.h"

static struct text edits_text(const struct json_edit *edits, size_t count, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < count; i++)
        buffer_printf(&out, "%s %zu; ", json_edit_name(edits[i].kind), edits[i].offset);
    return buffer_text(&out);
}

static struct text expected_edits(const struct document *line, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    uint32_t list = document_member(line, 0, TEXT("edits"));

    for (uint32_t at = list + 1; at < line->cells[list].end; at++)
        buffer_printf(&out, "%.*s; ", TEXT_ARG(document_text(line, at)));
    return buffer_text(&out);
}

static void expect_repair(const char *name, const struct document *line,
                          const struct json_repair_options *options, struct json_repair *got,
                          struct arena *arena)
{
    struct json_repair again;

    case_expect(name, "repaired", got->text, line_text(line, "repaired"));
    case_expect(name, "edits", edits_text(got->edits, got->edit_count, arena),
                expected_edits(line, arena));
    EXPECT(json_repair(got->text, options, arena, &again, NULL, NULL));
    case_expect(name, "repaired again", again.text, got->text);
    EXPECT_EQ(again.edit_count, 0);
}

static void run_line(const char *name, const struct document *line, struct arena *arena)
{
    const struct json_repair_options options = {.roots = line_roots(line),
                                                .complete = line_says(line, "complete")};
    struct text text = case_exactly(line_text(line, "text"), arena);
    struct json_repair got;
    struct error err = {0};
    size_t offset = SIZE_MAX;

    if (json_repair(text, &options, arena, &got, &offset, &err)) {
        if (line_has(line, "stops"))
            fail_msg("%s: is repaired: %.*s", name, TEXT_ARG(got.text));
        expect_repair(name, line, &options, &got, arena);
        return;
    }
    if (!line_has(line, "stops"))
        fail_msg("%s: is not repaired, ends at byte %zu", name, offset);
    if (offset != line_number(line, "stops"))
        fail_msg("%s: ends at byte %zu", name, offset);
    EXPECT(err.code == ERROR_INVALID_JSON && err.message[0] != '\0');
}

static size_t lines;

static void run_folder(const char *folder, struct arena *arena)
{
    (void)arena;
    lines += lines_walk(folder, run_line);
}

TEST(each_kind_of_slip_is_repaired_and_nothing_that_leaves_a_choice)
{
    lines = 0;
    case_walk("repair", run_folder);
    EXPECT(lines >= 140);
}

static struct text repeated(const char *piece, size_t times, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < times; i++)
        buffer_put(&out, text_of(piece));
    return buffer_text(&out);
}

TEST(a_text_that_needs_more_than_a_thousand_edits_is_not_repaired)
{
    const struct json_repair_options options = {0};
    struct arena arena = {0};
    struct json_repair got;
    struct text names = repeated("{a: ", 100, &arena);
    struct text items =
        arena_printf(&arena, "[%.*s1]", TEXT_ARG(repeated("'x', ", JSON_EDITS_MAX, &arena)));

    EXPECT(json_repair(items, &options, &arena, &got, NULL, NULL));
    EXPECT_EQ(got.edit_count, JSON_EDITS_MAX);
    items = arena_printf(&arena, "[%.*s1,]", TEXT_ARG(repeated("'x', ", JSON_EDITS_MAX, &arena)));
    EXPECT(!json_repair(items, &options, &arena, &got, NULL, NULL));
    EXPECT(!json_repair(names, &options, &arena, &got, NULL, NULL));
    arena_release(&arena);
}

TEST(nesting_stays_within_the_limit_when_brackets_are_closed)
{
    const struct json_limits limits = {.depth = 1000, .nodes = JSON_UNLIMITED};
    const struct json_repair_options deep = {.limits = &limits, .complete = true},
                                     usual = {.complete = true};
    struct arena arena = {0};
    struct json_repair got;

    EXPECT(json_repair(repeated("[", 128, &arena), &usual, &arena, &got, NULL, NULL));
    EXPECT_EQ(got.edit_count, 128);
    EXPECT(!json_repair(repeated("[", 129, &arena), &usual, &arena, &got, NULL, NULL));
    EXPECT(json_repair(repeated("[", 1000, &arena), &deep, &arena, &got, NULL, NULL));
    EXPECT(!json_repair(repeated("[", 100000, &arena), &deep, &arena, &got, NULL, NULL));
    arena_release(&arena);
}

TEST(every_kind_of_edit_has_a_name_of_its_own)
{
    for (enum json_edit_kind kind = 0; kind < JSON_EDIT_KIND_COUNT; kind++)
        for (enum json_edit_kind other = 0; other < kind; other++)
            EXPECT(strcmp(json_edit_name(kind), json_edit_name(other)) != 0);
}
