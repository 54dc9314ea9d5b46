#include "document/diagnostic.h"

#include "document/json_read.h"
#include "unit.h"

static struct arena arena;

static struct document read_json(struct text text)
{
    struct document document;

    EXPECT(json_read(text, NULL, &arena, &document, NULL, NULL));
    document.file = TEXT("schemas/a.json");
    return document;
}

TEST(codes_have_names_severities_and_titles)
{
    EXPECT_STR(diagnostic_name(DIAGNOSTIC_E0102), "E0102");
    EXPECT_STR(diagnostic_title(DIAGNOSTIC_E0102), "unknown key");
    EXPECT(diagnostic_is_error(DIAGNOSTIC_E0701));
    EXPECT(!diagnostic_is_error(DIAGNOSTIC_W0101));
}

TEST(a_diagnostic_knows_its_cell)
{
    struct diagnostics diagnostics = {.arena = &arena};
    struct document document = read_json(TEXT("{\n  \"typ\": \"strin\"}"));
    struct diagnostic *diagnostic =
        diagnose(&diagnostics, &document, 1, DIAGNOSTIC_W0201, "unknown keyword '%s'", "typ");

    diagnostic_hint(&diagnostics, diagnostic, "did you mean '%s'?", "type");
    EXPECT_EQ(diagnostics.count, 1);
    EXPECT_EQ(diagnostics.warning_count, 1);
    EXPECT_EQ(diagnostics.error_count, 0);
    EXPECT_TEXT(diagnostics.items[0].message, "unknown keyword 'typ'");
    EXPECT_TEXT(diagnostics.items[0].hint, "did you mean 'type'?");
    EXPECT_TEXT(diagnostics.items[0].pointer, "/typ");
    EXPECT_TEXT(diagnostics.items[0].file, "schemas/a.json");
    EXPECT_EQ(diagnostics.items[0].range.start.line, 2);
    EXPECT_EQ(diagnostics.items[0].range.start.column, 3);
    EXPECT_EQ(diagnostics.items[0].range.end.column, 8);
    arena_release(&arena);
}

TEST(a_diagnostic_points_inside_a_string)
{
    struct diagnostics diagnostics = {.arena = &arena};
    struct document document = read_json(TEXT("[\"{{a}} {{b}}\"]"));

    diagnose_inside(&diagnostics, &document, 1, 6, 5, DIAGNOSTIC_E0302, "no 'b'");
    EXPECT_EQ(diagnostics.items[0].range.start.column, 9);
    EXPECT_EQ(diagnostics.items[0].range.end.column, 14);
    arena_release(&arena);
}

TEST(beyond_the_cap_they_are_only_counted)
{
    struct diagnostics diagnostics = {.arena = &arena};
    struct range nowhere = {0};

    for (int i = 0; i < 70; i++) {
        struct diagnostic *diagnostic = diagnose_file(&diagnostics, TEXT("f"), TEXT(""), nowhere,
                                                      DIAGNOSTIC_E0602, "number %d", i);

        EXPECT(diagnostic != NULL);
        diagnostic_hint(&diagnostics, diagnostic, "hint");
    }
    EXPECT_EQ(diagnostics.count, DIAGNOSTICS_MAX);
    EXPECT_EQ(diagnostics.error_count, 70);
    EXPECT_TEXT(diagnostics.items[49].message, "number 49");
    arena_release(&arena);
}

TEST(warnings_do_not_crowd_out_errors)
{
    struct diagnostics diagnostics = {.arena = &arena};
    struct document document = read_json(TEXT("1"));

    for (int i = 0; i < DIAGNOSTICS_MAX + 10; i++)
        diagnose(&diagnostics, &document, 0, DIAGNOSTIC_W0201, "a warning");
    for (int i = 0; i < DIAGNOSTICS_MAX + 10; i++)
        diagnose(&diagnostics, &document, 0, DIAGNOSTIC_E0201, "error %d", i);
    EXPECT_EQ(diagnostics.count, DIAGNOSTICS_MAX);
    EXPECT_EQ(diagnostics.warning_count, DIAGNOSTICS_MAX + 10);
    EXPECT_EQ(diagnostics.error_count, DIAGNOSTICS_MAX + 10);
    EXPECT_TEXT(diagnostics.items[DIAGNOSTICS_MAX - 1].message, "error 0");
    EXPECT_TEXT(diagnostics.items[0].message, "error 49");
}

TEST(sorting_is_by_place_and_stable)
{
    struct diagnostics diagnostics = {.arena = &arena};
    static const struct {
        const char *file;
        uint32_t line, column;
    } places[] = {{"b", 1, 1}, {"a", 3, 1}, {"a", 2, 9}, {"a", 2, 4}, {"a", 0, 0}, {"a", 2, 4}};
    static const char *const expected[] = {"4", "3", "5", "2", "1", "0"};

    for (int i = 0; i < 6; i++) {
        struct range range = {.start = {places[i].line, places[i].column, 0}};

        diagnose_file(&diagnostics, text_of(places[i].file), TEXT(""), range, DIAGNOSTIC_E0101,
                      "%d", i);
    }
    diagnostics_sort(&diagnostics);
    for (int i = 0; i < 6; i++)
        EXPECT_TEXT(diagnostics.items[i].message, expected[i]);
    arena_release(&arena);
}

TEST(the_nearest_name_is_at_most_a_third_away)
{
    static const struct text names[] = {TEXT_INIT("system"), TEXT_INIT("model"),
                                        TEXT_INIT("template"), TEXT_INIT("mode")};

    EXPECT_TEXT(nearest_name(TEXT("sytem"), names, 4), "system");
    EXPECT_TEXT(nearest_name(TEXT("templtae"), names, 4), "template");
    EXPECT_TEXT(nearest_name(TEXT("modes"), names, 4), "model");
    EXPECT_TEXT(nearest_name(TEXT("provider"), names, 4), "");
    EXPECT_TEXT(nearest_name(TEXT("x"), names, 4), "");
    EXPECT_TEXT(nearest_name(TEXT("model"), NULL, 0), "");
}
