#include "config/report.h"

#include "case_folder.h"
#include "document/json_read.h"
#include "document/yaml_read.h"

static struct arena arena;
static struct diagnostics diagnostics;

static struct text report(enum report_form form, bool colour)
{
    struct buffer buffer = buffer_in(&arena);

    report_write(&diagnostics, form, colour, &buffer);
    return buffer_text(&buffer);
}

/* All three forms, one below the other. */
static struct text reports_of(struct text source)
{
    struct document document;

    diagnostics = (struct diagnostics){.arena = &arena};
    yaml_read(source, TEXT("endpoints/case.yaml"), &arena, &document, &diagnostics);
    return arena_printf(&arena, "%.*s%.*s%.*s", TEXT_ARG(report(REPORT_HUMAN, false)),
                        TEXT_ARG(report(REPORT_SHORT, false)),
                        TEXT_ARG(report(REPORT_JSON, false)));
}

static void run_case(const char *folder, struct arena *scratch)
{
    struct text input, expected;

    EXPECT(case_file(folder, "input.yaml", scratch, &input));
    EXPECT(case_file(folder, "expected.txt", scratch, &expected));
    case_expect(folder, "reports", reports_of(input), expected);
    arena_release(&arena);
}

TEST(the_cases_are_reported_as_expected)
{
    EXPECT(case_walk("report", run_case) >= 15);
}

TEST(nothing_wrong_is_an_empty_report_and_a_valid_one)
{
    diagnostics = (struct diagnostics){.arena = &arena};
    EXPECT_TEXT(report(REPORT_HUMAN, true), "");
    EXPECT_TEXT(report(REPORT_SHORT, false), "");
    EXPECT_TEXT(report(REPORT_JSON, false), "{\"format_version\":\"1.0\",\"valid\":true,"
                                            "\"error_count\":0,\"warning_count\":0,"
                                            "\"diagnostics\":[]}\n");
    arena_release(&arena);
}

TEST(colours_mark_severity_and_place_only_when_asked_for)
{
    struct range range = {{1, 1, 0}, {1, 3, 2}};

    diagnostics = (struct diagnostics){.arena = &arena};
    diagnose_file(&diagnostics, TEXT("f"), TEXT("no"), range, DIAGNOSTIC_W0101, "m");
    EXPECT_TEXT(report(REPORT_HUMAN, true), "\x1b[1;33mwarning[W0101]\x1b[0m\x1b[1m: m\x1b[0m\n"
                                            "\x1b[1;34m -->\x1b[0m f:1:1\n"
                                            "\x1b[1;34m  |\n"
                                            "1 |\x1b[0m no\n"
                                            "\x1b[1;34m  |\x1b[0m \x1b[1;33m^^\x1b[0m\n\n");
    EXPECT(memchr(report(REPORT_HUMAN, false).at, 0x1b, report(REPORT_HUMAN, false).len) == NULL);
    arena_release(&arena);
}

TEST(a_file_without_a_place_has_no_frame)
{
    struct diagnostic *diagnostic;

    diagnostics = (struct diagnostics){.arena = &arena};
    diagnostic = diagnose_file(&diagnostics, TEXT("schemas/x.json"), (struct text){0},
                               (struct range){0}, DIAGNOSTIC_E0602, "cannot be read");
    diagnostic_hint(&diagnostics, diagnostic, "check its permissions");
    EXPECT_TEXT(report(REPORT_HUMAN, false), "error[E0602]: cannot be read\n"
                                             " --> schemas/x.json\n"
                                             "  = help: check its permissions\n\n");
    EXPECT_TEXT(report(REPORT_SHORT, false), "schemas/x.json: error: cannot be read [E0602]\n");
    EXPECT(text_find(report(REPORT_JSON, false),
                     TEXT("\"range\":{\"file\":\"schemas/x.json\",\"start\":null,\"end\":null},"
                          "\"snippet\":null")) < report(REPORT_JSON, false).len);
    arena_release(&arena);
}

TEST(terminal_sequences_of_a_file_or_name_are_shown_not_obeyed)
{
    struct range range = {{1, 3, 2}, {1, 4, 3}};
    struct text human;

    diagnostics = (struct diagnostics){.arena = &arena};
    diagnose_file(&diagnostics, TEXT("a\x1b[2Jb"), TEXT("x \x1b]0;t\x07 \xC2\x9B \xE2\x80\xAE"),
                  range, DIAGNOSTIC_E0001, "bad\n\x1b[31m \xE2\x81\xA6 name");
    human = report(REPORT_HUMAN, false);
    for (size_t i = 0; i < human.len; i++)
        EXPECT((unsigned char)human.at[i] >= 0x20 || human.at[i] == '\n');
    EXPECT(text_find(human, TEXT("\xC2\x9B")) == human.len);
    EXPECT(text_find(human, TEXT("\xE2\x80\xAE")) == human.len);
    EXPECT(text_find(human, TEXT("\xE2\x81\xA6")) == human.len);
    EXPECT(text_find(human, TEXT("bad \xEF\xBF\xBD[31m")) < human.len);
    arena_release(&arena);
}

TEST(every_place_of_any_line_gets_a_caret_within_the_width)
{
    /* Lines of every length around the limit, a wide character at every place, every column. */
    struct buffer source = {0};

    for (size_t len = 0; len < 130; len += 13) {
        for (size_t at = 0; at <= len; at += 7) {
            struct range range;
            struct text human, caret_line;

            source.len = 0;
            for (size_t i = 0; i < len; i++)
                buffer_put(&source, i == len / 2 ? TEXT("\xE6\x97\xA5") : TEXT("x"));
            range.start = (struct position){1, (uint32_t)at + 1, at > len / 2 ? at + 2 : at};
            range.end = (struct position){1, (uint32_t)at + 60, range.start.byte + 60};
            if (source.len == 0)
                buffer_put_byte(&source, '\n');
            diagnostics = (struct diagnostics){.arena = &arena};
            diagnose_file(&diagnostics, TEXT("f"), buffer_text(&source), range, DIAGNOSTIC_E0001,
                          "m");
            human = report(REPORT_HUMAN, false);
            caret_line = text_after(human, text_find(human, TEXT("\n  | ")) + 1);
            EXPECT(text_find_byte(caret_line, '^') < caret_line.len);
            EXPECT(text_find_byte(caret_line, '\n') < 110);
            arena_release(&arena);
        }
    }
    buffer_release(&source);
}

TEST(diagnostics_beyond_the_cap_are_counted)
{
    diagnostics = (struct diagnostics){.arena = &arena};
    for (int i = 0; i < 53; i++)
        diagnose_file(&diagnostics, TEXT("f"), TEXT(""), (struct range){0}, DIAGNOSTIC_E0101, "m");
    EXPECT(text_ends(report(REPORT_HUMAN, false), TEXT("\n... and 3 more, not shown\n")));
    EXPECT(text_starts(report(REPORT_JSON, false),
                       TEXT("{\"format_version\":\"1.0\",\"valid\":false,\"error_count\":53,")));
    arena_release(&arena);
}

TEST(the_json_form_is_json_that_the_strict_reader_accepts)
{
    struct range range = {{1, 1, 0}, {1, 2, 1}};
    struct document document;
    struct error err;

    diagnostics = (struct diagnostics){.arena = &arena};
    diagnose_file(&diagnostics, TEXT("a\"\\\xFF"), TEXT("\xFF\x01 \"x\"\t\xC3"), range,
                  DIAGNOSTIC_E0006, "not \xC3 UTF-8");
    if (!json_read(text_trim(report(REPORT_JSON, false)), NULL, &arena, &document, NULL, &err))
        fail_msg("%s: %s", err.at, err.message);
    EXPECT_TEXT(document_text(&document, document_at(&document, 0, TEXT("/diagnostics/0/snippet"))),
                "\xEF\xBF\xBD\x01 \"x\"\t\xEF\xBF\xBD");
    arena_release(&arena);
}
