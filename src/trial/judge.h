/* trial/judge.h
 * What an author expects of an endpoint, held against what a caller got. Pure: a verdict for each
 * assertion, in their order. */
#pragma once
#include "config/expectation.h"
#include "document/document.h"

/* A call as its caller met it. */
struct outcome {
    int status;                   /* that of a stream that broke is its error's */
    const struct document *error; /* the error object; NULL: the call was answered */
    uint32_t error_at;
    struct text content;           /* what the model said; empty: nothing */
    const struct document *output; /* the checked output; NULL: there is none */
    uint32_t output_at;
    struct text route;
    int64_t cost_nano; /* -1: not known */
    int64_t completion_tokens;
    int64_t latency_ms; /* -1: no provider was asked, so it says nothing */
};

struct verdict_on {
    const struct test_assertion *assertion; /* NULL: what goes without saying */
    bool passed;
    bool skipped;              /* it could not be told; passed too */
    struct text expected, got; /* shortened; of one that failed, or was skipped */
    struct text note;          /* what else there is to say; may be empty */
};

/* Fills out[test->assertion_count], at least one; gives how many there are: one where the call
 * failed and its test wanted another status, or said nothing of it. Texts are in the arena. */
size_t judge(const struct endpoint_test *test, const struct outcome *outcome, struct arena *arena,
             struct verdict_on *out);
