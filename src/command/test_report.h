/* command/test_report.h
 * What came of tests, for people, for programs and for what shows JUnit's XML. Private to
 * `pinion test`. */
#pragma once
#include "trial/rehearsal.h"

#include <stdio.h>

struct test_report {
    const struct rehearsal
        *items; /* in the order in which they ran, an endpoint's one after another */
    size_t count;
    enum rehearsal_source source;
};
struct test_totals {
    size_t passed, failed, no_run;
    uint64_t duration_us;
    int64_t cost_nano; /* of those that are known */
};
struct test_totals test_totals(const struct test_report *report);

/* For people: one test; its endpoint's slug goes before the first of each (`first`). */
void test_report_print(const struct rehearsal *it, bool first, bool color, FILE *stream);
/* "11 tests: 10 passed, 1 failed", and what they took and cost. */
void test_report_print_totals(const struct test_report *report, FILE *stream);
void test_report_json(const struct test_report *report, struct buffer *out);
void test_report_junit(const struct test_report *report, struct buffer *out);
