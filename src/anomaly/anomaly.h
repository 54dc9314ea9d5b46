/* anomaly/anomaly.h
 * Whether an endpoint is as it usually is: held against hours of its own past, by rules that a few
 * strange hours there do not move, and that chance alone does not fulfil. Pure; time is none of its
 * business.
 *
 * What is usual is what the same hour of the week was in the weeks before, with the hours beside
 * it; where there are too few of those, what all hours of the last week were; where there are too
 * few of them as well, nothing is concluded.
 *
 * Of rates: the usual one is that of all hours but the worst sixth. What is allowed is twice that,
 * and two points in a hundred and five deviations of its hours (by their median) above it at
 * least; and so many of so many calls must be less likely than one in ANOMALY_CHANCE, if the true
 * rate were just what is allowed (the exact binomial tail).
 *
 * Of latency (the 95th percentile) and spend: the usual one is the median. More than twice that,
 * and more than five deviations above it, both of logarithms; spend also half as much again as
 * in any of the hours, and ANOMALY_SPEND_NANO more than is usual. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANOMALY_CHANCE     1000000
#define ANOMALY_SPEND_NANO INT64_C(500000000)

/* One row per kind: name and word. What is stored is the word. */
#define ANOMALY_KINDS(X)                                                                           \
    X(ERRORS, "error_rate")                                                                        \
    X(INVALID_OUTPUT, "invalid_output_rate")                                                       \
    X(INVALID_INPUT, "invalid_input_rate")                                                         \
    X(LATENCY, "latency")                                                                          \
    X(SPEND, "spend")

enum anomaly_kind {
#define X(name, word) ANOMALY_##name,
    ANOMALY_KINDS(X)
#undef X
        ANOMALY_KIND_COUNT
};
const char *anomaly_kind_word(enum anomaly_kind kind);

enum {
    ANOMALY_SAME_MAX = 12,  /* hours: three of each of four weeks */
    ANOMALY_SAME_MIN = 6,   /* that are of use, or the last week is taken */
    ANOMALY_WEEK_MAX = 168, /* hours */
    ANOMALY_WEEK_MIN = 24,
    ANOMALY_PAST_CALLS_MIN = 200,
    ANOMALY_CALLS_MIN = 30, /* in the last hour, or nothing is concluded */
    ANOMALY_TIMED_MIN = 50, /* calls that a percentile is of */
};

/* What came of an endpoint's calls in an hour. */
struct anomaly_hour {
    uint64_t calls, errors, invalid_output, invalid_input;
    uint64_t timed, p95_us;
    int64_t cost_nano;
};
/* Of hours without calls nothing is said. */
struct anomaly_past {
    struct anomaly_hour same[ANOMALY_SAME_MAX], week[ANOMALY_WEEK_MAX];
    size_t same_count, week_count;
};
/* Of rates, parts of one; of latency, milliseconds; of spend, USD in an hour. */
struct anomaly_sight {
    double usual, now;
    double allowed; /* more than that is strange */
};
/* False: nothing can be said, and *out is zeroed, or all is as usual. */
bool anomaly_judge(enum anomaly_kind kind, const struct anomaly_past *past,
                   const struct anomaly_hour *now, struct anomaly_sight *out);
