#include "config/report.h"

#include "document/json_read.h"
#include "unit.h"

static struct arena arena;
static struct diagnostics diagnostics;

static const struct range word = {{5, 3, 40}, {5, 8, 45}};

static void begin(void)
{
    struct text source = TEXT("a: 1\nb: 2\nc: 3\nd: 4\n  wrong\n");
    struct diagnostic *it;

    diagnostics = (struct diagnostics){.arena = &arena};
    it = diagnose_file(&diagnostics, TEXT("endpoints/a, b.yaml"), source,
                       (struct range){{5, 3, 22}, {5, 8, 27}}, DIAGNOSTIC_E0102,
                       "unknown key \"wrong\": 100%%");
    diagnostic_hint(&diagnostics, it, "known here: <a> & b");
    diagnose_file(&diagnostics, TEXT("schemas/x.json"), (struct text){0}, (struct range){0},
                  DIAGNOSTIC_W0202, "no place");
    diagnose_file(&diagnostics, TEXT("schemas/x.json"), (struct text){0}, (struct range){0},
                  DIAGNOSTIC_E0602, "cannot be read");
}

static struct text report(enum report_form form, const char *folder)
{
    struct buffer out = buffer_in(&arena);

    report_write_under(&diagnostics, text_of(folder), form, false, &out);
    return buffer_text(&out);
}

TEST(github_marks_lines_and_undoes_what_is_escaped)
{
    begin();
    EXPECT_TEXT(report(REPORT_GITHUB, "conf/"),
                "::error file=conf/endpoints/a%2C b.yaml,line=5,col=3,endColumn=8,title=E0102::"
                "unknown key \"wrong\": 100%25; known here: <a> & b\n"
                "::warning file=conf/schemas/x.json,title=W0202::no place\n"
                "::error file=conf/schemas/x.json,title=E0602::cannot be read\n");
    arena_release(&arena);
}

TEST(junit_has_a_suite_for_each_file_and_a_failure_for_each_error)
{
    begin();
    EXPECT_TEXT(
        report(REPORT_JUNIT, "."),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"pinion check\" tests=\"3\" failures=\"2\">\n"
        "  <testsuite name=\"endpoints/a, b.yaml\" tests=\"1\" failures=\"1\">\n"
        "    <testcase classname=\"endpoints/a, b.yaml\" name=\"E0102 at 5:3\">\n"
        "      <failure type=\"E0102\" message=\"unknown key &quot;wrong&quot;: 100%; known here: "
        "&lt;a&gt; &amp; b\">  |&#10;5 |   wrong&#10;  |   ^^^^^&#10;</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "  <testsuite name=\"schemas/x.json\" tests=\"2\" failures=\"1\">\n"
        "    <testcase classname=\"schemas/x.json\" name=\"W0202\">\n"
        "      <system-out>warning: no place</system-out>\n"
        "    </testcase>\n"
        "    <testcase classname=\"schemas/x.json\" name=\"E0602\">\n"
        "      <failure type=\"E0602\" message=\"cannot be read\"></failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n");
    arena_release(&arena);
}

static struct text at(const struct document *document, const char *pointer)
{
    uint32_t cell = document_at(document, 0, text_of(pointer));

    EXPECT(cell != CELL_NONE);
    return document_text(document, cell);
}

TEST(sarif_names_files_by_uri_and_each_code_once_as_a_rule)
{
    struct document document;
    struct error err;

    begin();
    diagnose_file(&diagnostics, TEXT("z.yaml"), (struct text){0}, word, DIAGNOSTIC_E0102, "again");
    if (!json_read(text_trim(report(REPORT_SARIF, "/etc/p n")), NULL, &arena, &document, NULL,
                   &err))
        fail_msg("%s: %s", err.at, err.message);
    EXPECT_TEXT(at(&document, "/version"), "2.1.0");
    EXPECT_EQ(document_cell(&document, document_at(&document, 0, TEXT("/runs/0/tool/driver/rules")))
                  ->size,
              3);
    EXPECT_TEXT(at(&document, "/runs/0/tool/driver/rules/0/id"), "E0102");
    EXPECT_TEXT(
        at(&document, "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri"),
        "file:///etc/p%20n/endpoints/a,%20b.yaml");
    EXPECT_EQ(
        document_cell(
            &document,
            document_at(&document, 0,
                        TEXT("/runs/0/results/0/locations/0/physicalLocation/region/endColumn")))
            ->integer,
        8);
    EXPECT(document_at(&document, 0,
                       TEXT("/runs/0/results/1/locations/0/physicalLocation/region")) == CELL_NONE);
    EXPECT_TEXT(at(&document, "/runs/0/results/3/ruleId"), "E0102");
    EXPECT_EQ(
        document_cell(&document, document_at(&document, 0, TEXT("/runs/0/results/3/ruleIndex")))
            ->integer,
        0);
    arena_release(&arena);
}

TEST(nothing_wrong_is_said_in_every_form_of_a_machine)
{
    struct document document;
    struct error err;

    diagnostics = (struct diagnostics){.arena = &arena};
    EXPECT_TEXT(report(REPORT_GITHUB, "."), "");
    EXPECT(text_find(report(REPORT_JUNIT, "."), TEXT("tests=\"1\" failures=\"0\"")) <
           report(REPORT_JUNIT, ".").len);
    EXPECT(json_read(text_trim(report(REPORT_SARIF, ".")), NULL, &arena, &document, NULL, &err));
    EXPECT_EQ(document_cell(&document, document_at(&document, 0, TEXT("/runs/0/results")))->size,
              0);
    arena_release(&arena);
}

TEST(what_is_beyond_the_cap_is_told_in_every_form_of_a_machine)
{
    diagnostics = (struct diagnostics){.arena = &arena};
    for (int i = 0; i < 53; i++)
        diagnose_file(&diagnostics, TEXT("f"), TEXT(""), (struct range){0}, DIAGNOSTIC_E0101, "m");
    for (int form = REPORT_SARIF; form <= REPORT_JUNIT; form++) {
        struct text text = report((enum report_form)form, ".");

        EXPECT(text_find(text, TEXT("3 more are not listed")) < text.len);
    }
    arena_release(&arena);
}
