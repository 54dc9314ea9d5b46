/* For people: a line a test, and under one that failed a line for each thing that did not hold. */
#include "command/test_report.h"

#include "command/said.h"
#include "document/json_write.h"

#define BOLD  "\033[1m"
#define RED   "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

struct test_totals test_totals(const struct test_report *report)
{
    struct test_totals totals = {0};

    for (size_t i = 0; i < report->count; i++) {
        const struct rehearsal *it = &report->items[i];

        totals.passed += it->end == REHEARSAL_PASSED;
        totals.failed += it->end == REHEARSAL_FAILED;
        totals.no_run += it->end == REHEARSAL_NO_RUN;
        totals.duration_us += it->duration_us;
        totals.cost_nano += it->cost_nano > 0 ? it->cost_nano : 0;
    }
    return totals;
}

static void print_verdict(const struct verdict_on *verdict, FILE *stream)
{
    const struct test_assertion *it = verdict->assertion;

    fprintf(stream, "          %s", it == NULL ? "the call failed" : assertion_type_name(it->type));
    if (it != NULL && it->pointer.len > 0) {
        putc(' ', stream);
        said_put(it->pointer, stream);
    }
    fputs(verdict->skipped ? " was not checked: " : ": expected ", stream);
    if (!verdict->skipped) {
        said_put(verdict->expected, stream);
        fputs(", got ", stream);
        said_put(verdict->got, stream);
    }
    if (verdict->note.len > 0) {
        fputs(verdict->skipped ? "" : "\n            ", stream);
        said_put(verdict->note, stream);
    }
    putc('\n', stream);
}

static void print_cost(int64_t nano, FILE *stream)
{
    struct buffer out = {0};

    json_put_nano(&out, nano);
    fprintf(stream, "$%.*s", TEXT_ARG(buffer_text(&out)));
    buffer_release(&out);
}

static void print_end(const struct rehearsal *it, bool color, FILE *stream)
{
    static const char *const words[] = {"ok    ", "FAILED", "NO RUN"};

    fprintf(stream, "  %s%s%s  ",
            !color                        ? ""
            : it->end == REHEARSAL_PASSED ? GREEN
                                          : RED,
            words[it->end], color ? PLAIN : "");
    said_put(it->test->name, stream);
    fprintf(stream, "  %.1f ms", (double)it->duration_us / 1e3);
    if (it->cost_nano > 0) {
        fputs("  ", stream);
        print_cost(it->cost_nano, stream);
    }
    putc('\n', stream);
}

void test_report_print(const struct rehearsal *it, bool first, bool color, FILE *stream)
{
    if (first)
        fprintf(stream, "%s%.*s%s\n", color ? BOLD : "", TEXT_ARG(it->endpoint->slug),
                color ? PLAIN : "");
    print_end(it, color, stream);
    for (size_t i = 0; i < it->verdict_count; i++)
        if (!it->verdicts[i].passed || it->verdicts[i].skipped)
            print_verdict(&it->verdicts[i], stream);
    if (it->problem.len > 0) {
        fputs("          ", stream);
        said_put(it->problem, stream);
        putc('\n', stream);
    }
    if (it->help.len > 0)
        fprintf(stream, "          help: %.*s\n", TEXT_ARG(it->help));
    if (it->stale > 0)
        fprintf(stream,
                "          %zu recorded exchange%s not asked for; 'pinion test --record' leaves "
                "out what is no longer needed\n",
                it->stale, it->stale == 1 ? " was" : "s were");
    fflush(stream);
}

void test_report_print_totals(const struct test_report *report, FILE *stream)
{
    static const char *const sources[] = {
        [SOURCE_RECORDING] = "against recordings",
        [SOURCE_DEMO] = "answered by the built-in demo, which is no model",
        [SOURCE_LIVE] = "live",
        [SOURCE_RECORD] = "live, and recorded",
    };
    struct test_totals totals = test_totals(report);

    fprintf(stream, "%zu test%s: %zu passed", report->count, report->count == 1 ? "" : "s",
            totals.passed);
    if (totals.failed > 0)
        fprintf(stream, ", %zu failed", totals.failed);
    if (totals.no_run > 0)
        fprintf(stream, ", %zu could not be run", totals.no_run);
    fprintf(stream, "; %.2f s, ", (double)totals.duration_us / 1e6);
    print_cost(totals.cost_nano, stream);
    fprintf(stream, ", %s\n", sources[report->source]);
}
