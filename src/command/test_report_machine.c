/* As JSON, and as the XML that continuous integration shows: a suite for each endpoint. */
#include "command/test_report.h"

#include "document/json_write.h"
#include "document/xml_write.h"

/* --- JSON ----------------------------------------------------------------------------------------
 */

void test_report_json(const struct test_report *report, struct buffer *out)
{
    static const char *const sources[] = {"recordings", "demo", "live", "record"};
    struct test_totals totals = test_totals(report);

    buffer_put(out, TEXT("{\"format_version\":\"1.0\""));
    json_put_flag(out, "passed", totals.failed + totals.no_run == 0);
    json_put_text(out, "source", text_of(sources[report->source]));
    json_put_count(out, "passed_count", totals.passed);
    json_put_count(out, "failed_count", totals.failed);
    json_put_count(out, "no_run_count", totals.no_run);
    json_put_name(out, "duration_ms");
    buffer_printf(out, "%.3f", (double)totals.duration_us / 1e3);
    json_put_usd(out, "cost_usd", totals.cost_nano);
    json_put_name(out, "tests");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < report->count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        rehearsal_put(&report->items[i], out);
    }
    buffer_put(out, TEXT("]}\n"));
}

/* --- XML -----------------------------------------------------------------------------------------
 */

static void put_attribute(struct buffer *out, const char *name, struct text value)
{
    buffer_printf(out, " %s=\"", name);
    xml_put_escaped(out, value);
    buffer_put_byte(out, '"');
}

static void put_counts(const struct test_report *part, struct buffer *out)
{
    struct test_totals totals = test_totals(part);

    buffer_printf(out,
                  " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"%.6f\">\n",
                  part->count, totals.failed, totals.no_run, (double)totals.duration_us / 1e6);
}

static void put_sentence(const struct verdict_on *verdict, struct buffer *line)
{
    const struct test_assertion *it = verdict->assertion;

    buffer_put(line, text_of(it != NULL ? assertion_type_name(it->type) : "the call failed"));
    if (it != NULL && it->pointer.len > 0) {
        buffer_put_byte(line, ' ');
        buffer_put(line, it->pointer);
    }
    buffer_put(line, TEXT(": expected "));
    buffer_put(line, verdict->expected);
    buffer_put(line, TEXT(", got "));
    buffer_put(line, verdict->got);
    if (verdict->note.len > 0) {
        buffer_put(line, TEXT("; "));
        buffer_put(line, verdict->note);
    }
}

/* The first sentence is the message, all of them the text: readers show one of the two. */
static void put_failure(const struct rehearsal *it, struct buffer *out)
{
    struct buffer first = {0}, all = {0};
    const char *type = "answered";

    for (size_t i = 0; i < it->verdict_count; i++) {
        const struct verdict_on *verdict = &it->verdicts[i];

        if (verdict->passed)
            continue;
        if (all.len == 0) {
            put_sentence(verdict, &first);
            if (verdict->assertion != NULL)
                type = assertion_type_name(verdict->assertion->type);
        }
        put_sentence(verdict, &all);
        buffer_put_byte(&all, '\n');
    }
    buffer_put(out, TEXT("      <failure"));
    put_attribute(out, "type", text_of(type));
    put_attribute(out, "message", buffer_text(&first));
    buffer_put_byte(out, '>');
    xml_put_escaped(out, buffer_text(&all));
    buffer_put(out, TEXT("</failure>\n"));
    buffer_release(&first);
    buffer_release(&all);
}

static void put_problem(const struct rehearsal *it, struct buffer *out)
{
    buffer_put(out, TEXT("      <error type=\"no_run\""));
    put_attribute(out, "message", it->problem);
    buffer_put_byte(out, '>');
    xml_put_escaped(out, it->help);
    buffer_put(out, TEXT("</error>\n"));
}

static void put_case(const struct rehearsal *it, struct buffer *out)
{
    struct range range = document_range(it->test->document, it->test->at);

    buffer_put(out, TEXT("    <testcase"));
    put_attribute(out, "classname", it->endpoint->slug);
    put_attribute(out, "name", it->test->name);
    put_attribute(out, "file", it->test->document->file);
    buffer_printf(out, " line=\"%u\" time=\"%.6f\"", range.start.line,
                  (double)it->duration_us / 1e6);
    if (it->end == REHEARSAL_PASSED) {
        buffer_put(out, TEXT("/>\n"));
        return;
    }
    buffer_put(out, TEXT(">\n"));
    if (it->end == REHEARSAL_FAILED)
        put_failure(it, out);
    else
        put_problem(it, out);
    buffer_put(out, TEXT("    </testcase>\n"));
}

void test_report_junit(const struct test_report *report, struct buffer *out)
{
    buffer_put(
        out, TEXT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pinion test\""));
    put_counts(report, out);
    for (size_t i = 0; i < report->count;) {
        struct test_report part = {&report->items[i], 0, report->source};

        while (i + part.count < report->count &&
               report->items[i + part.count].endpoint == report->items[i].endpoint)
            part.count++;
        buffer_put(out, TEXT("  <testsuite"));
        put_attribute(out, "name", report->items[i].endpoint->slug);
        put_counts(&part, out);
        for (size_t end = i + part.count; i < end; i++)
            put_case(&report->items[i], out);
        buffer_put(out, TEXT("  </testsuite>\n"));
    }
    buffer_put(out, TEXT("</testsuites>\n"));
}
