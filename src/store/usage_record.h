/* store/usage_record.h
 * What one token has used of one model through one endpoint in one day: sums that only grow, and
 * stay at the greatest number rather than overflow. Money is nano-USD. */
#pragma once
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are stored: new ones come last, and older records read as 0 there. */
#define USAGE_SUMS(X)                                                                              \
    X(CALLS, "calls")          /* sent to the provider */                                          \
    X(ERRORS, "errors")        /* of them, those that failed */                                    \
    X(INPUT, "input_tokens")   /* all input: cached and written to a cache included */             \
    X(CACHED, "cached_tokens") /* read from the provider's cache */                                \
    X(CACHE_WRITE, "cache_write_tokens")                                                           \
    X(OUTPUT, "output_tokens") /* all output: reasoning included */                                \
    X(REASONING, "reasoning_tokens")                                                               \
    X(UNPRICED, "unpriced_calls") /* whose price is not known: they count as 0 below */            \
    X(COST, "cost_nano")                                                                           \
    X(BILLED, "billed_nano") /* the cost and the project's markup on it */

enum usage_sum {
#define X(name, word) USAGE_##name,
    USAGE_SUMS(X)
#undef X
        USAGE_SUM_COUNT
};
const char *usage_sum_word(enum usage_sum sum); /* "input_tokens" */

/* What the sums are kept apart by. */
#define USAGE_NAMES(X)                                                                             \
    X(DAY, "day") /* "2026-11-26" in the configured zone */                                        \
    X(PROJECT, "project")                                                                          \
    X(ENDPOINT, "endpoint")                                                                        \
    X(PROVIDER, "provider")                                                                        \
    X(MODEL, "model")                                                                              \
    X(TOKEN, "token") /* its id */

enum usage_name {
#define X(name, word) USAGE_##name,
    USAGE_NAMES(X)
#undef X
        USAGE_NAME_COUNT
};
const char *usage_name_word(enum usage_name name);

struct usage_record {
    struct text names[USAGE_NAME_COUNT];
    int64_t all[USAGE_SUM_COUNT];
    /* Of these, what the gateway estimated because the provider did not report it. */
    int64_t estimated[USAGE_SUM_COUNT];
};

/* Whether the two count the same thing. */
bool usage_same(const struct usage_record *a, const struct usage_record *b);
/* Adds the sums; the names of `into` stay. */
void usage_add(struct usage_record *into, const struct usage_record *more);
/* a + b, at most INT64_MAX and at least INT64_MIN. */
int64_t usage_plus(int64_t a, int64_t b);
/* What is looked for: records of these names (empty: any) on days from `from_day` to `to_day`, both
 * counted (empty: no bound). */
struct usage_query {
    struct text names[USAGE_NAME_COUNT];
    struct text from_day, to_day;
    struct text after; /* page->last of the read before; empty: from the first */
};
/* A page of records by day; it may be empty and still not be the last. */
struct usage_page {
    const struct usage_record *records;
    size_t count;
    bool more;
    struct text last; /* that was looked at: any bytes */
};
