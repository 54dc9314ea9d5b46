/* store/rollup_record.h
 * Roll-ups: what came of requests, added up as they end, by the minute, the hour and the day, under
 * each of their names by itself. So a question about any span of time is answered from as many
 * records as its answer has names, however many requests there were.
 *
 * A request is counted under its endpoint, token, project, status, surface and tags; an attempt, a
 * call that was sent to a provider, under that and its model. Names that callers choose are as many
 * as they like, so of each kind only ROLLUP_NAMES_MAX are told apart in one bucket: what comes
 * later is counted as "other". */
#pragma once
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are stored: new ones come last, and older records read as 0 there.
 * Tokens and money are as in usage (usage_record.h). */
#define ROLLUP_SUMS(X)                                                                             \
    X(CALLS, "calls")                                                                              \
    X(ERRORS, "errors")                 /* of them: a provider or the gateway failed */            \
    X(INVALID_OUTPUT, "invalid_output") /* the answer did not fit its schema */                    \
    X(INVALID_INPUT, "invalid_input")   /* the input did not fit its schema */                     \
    X(LIMITED, "limited")               /* a limit or a budget refused them */                     \
    X(REFUSED, "refused")               /* for any other reason, or the client left */             \
    X(CACHED, "cached")                 /* answered without a call of their own */                 \
    X(INPUT, "input_tokens")                                                                       \
    X(CACHED_INPUT, "cached_tokens")                                                               \
    X(CACHE_WRITE, "cache_write_tokens")                                                           \
    X(OUTPUT, "output_tokens")                                                                     \
    X(REASONING, "reasoning_tokens")                                                               \
    X(UNPRICED, "unpriced_calls")                                                                  \
    X(COST, "cost_nano")                                                                           \
    X(BILLED, "billed_nano")

enum rollup_sum {
#define X(name, word) ROLLUP_##name,
    ROLLUP_SUMS(X)
#undef X
        ROLLUP_SUM_COUNT
};
const char *rollup_sum_word(enum rollup_sum sum); /* "invalid_output" */

/* How long a bucket is. Minutes and hours are those of UTC, days of the configured zone. */
enum rollup_step { ROLLUP_MINUTE, ROLLUP_HOUR, ROLLUP_DAY, ROLLUP_STEP_COUNT };
enum { ROLLUP_MINUTES_KEPT_H = 48, ROLLUP_HOURS_KEPT_D = 90, ROLLUP_DAYS_KEPT_D = 400 };
const char *rollup_step_word(enum rollup_step step); /* "minute" */

/* What may be known of a request or an attempt. */
enum rollup_name {
    ROLLUP_ENDPOINT,
    ROLLUP_PROVIDER,
    ROLLUP_MODEL,
    ROLLUP_TOKEN,
    ROLLUP_PROJECT,
    ROLLUP_STATUS, /* "200" */
    ROLLUP_SURFACE,
    ROLLUP_TAGS, /* "team=search", several with '\n' between them */
    ROLLUP_NAME_COUNT
};

/* What is added up by, each by itself: one name, a tag of one name, or within an endpoint another
 * name. The last are not kept by the minute. The order is the stored one. */
enum rollup_kind {
    ROLLUP_BY_ENDPOINT = 1,
    ROLLUP_BY_PROVIDER,
    ROLLUP_BY_MODEL,
    ROLLUP_BY_TOKEN,
    ROLLUP_BY_PROJECT,
    ROLLUP_BY_STATUS,
    ROLLUP_BY_SURFACE,
    ROLLUP_BY_TAG,
    ROLLUP_BY_ENDPOINT_PROVIDER,
    ROLLUP_BY_ENDPOINT_MODEL,
    ROLLUP_BY_ENDPOINT_TOKEN,
    ROLLUP_BY_ENDPOINT_STATUS,
    ROLLUP_KIND_END
};
/* Whether it is within something: an endpoint, or the name of a tag. */
static inline bool rollup_is_grouped(enum rollup_kind kind)
{
    return kind >= ROLLUP_BY_TAG;
}

enum {
    ROLLUP_NAME_BYTES_MAX = 200, /* longer ones are cut, and then count as the same */
    ROLLUP_TAG_NAMES_MAX = 50    /* in one bucket; further ones are the tag "other" */
};
/* Of each kind, and within each of its groups, in one bucket of that length; and of all groups of a
 * kind together. */
extern const uint32_t rollup_names_max[ROLLUP_STEP_COUNT], rollup_grouped_max[ROLLUP_STEP_COUNT];
#define ROLLUP_OTHER TEXT("other")

/* --- how long they took
 * ------------------------------------------------------------------------------------------ */

/* Times are counted in ranges that grow with them, eight to each doubling, from 128 microseconds to
 * 18 minutes; what is below or above has one range each. So a percentile is right to about 6 %. */
enum { ROLLUP_RANGES = 2 + 8 * 23 };
/* The range of a time, in microseconds. */
unsigned rollup_range(uint64_t us);
/* The time that `percent` of those counted have not exceeded, in microseconds; 0 when none was. */
uint64_t rollup_percentile_us(const uint64_t ranges[ROLLUP_RANGES], unsigned percent);

struct rollup_sums {
    int64_t sums[ROLLUP_SUM_COUNT];
    uint64_t took[ROLLUP_RANGES]; /* how many of the calls took so long */
};
void rollup_add(struct rollup_sums *into, const struct rollup_sums *more);

/* --- writing
 * ------------------------------------------------------------------------------------------------------
 */

/* What ended in one minute and has all its names in common. Times are minutes since 1970. */
struct rollup_cell {
    int64_t minute, day;                  /* it, and the first of its day */
    struct text names[ROLLUP_NAME_COUNT]; /* empty: not known, and then not counted under it */
    bool attempt;                         /* counted by provider and model; else by the others */
    struct rollup_sums sums;
};

/* --- reading
 * ------------------------------------------------------------------------------------------------------
 */

/* Buckets of that length which begin at or after `from` and before `until`; minutes since 1970. */
struct rollup_span {
    enum rollup_step step;
    int64_t from, until;
};
/* What is looked for: the sums of every name of that kind. */
struct rollup_query {
    enum rollup_kind kind;
    struct text group; /* of a kind that is grouped */
    bool groups;       /* one sum of each of its groups instead, of all names in it */
    struct text only;  /* this name; empty: all of them */
    bool classes;      /* of statuses: "2xx" for all of them */
    bool total;        /* one sum of all names, whose key is empty */
    const struct rollup_span *spans;
    size_t span_count;
    bool stepped; /* one sum for each bucket of each span; else one for all of them together */
    size_t most;  /* points; more than that are an error */
};
struct rollup_point {
    int64_t at; /* where its bucket begins, in minutes; 0: it is of all spans */
    struct text key;
    int64_t sums[ROLLUP_SUM_COUNT];
    uint64_t timed; /* calls whose time is known: 0: there are no percentiles */
    uint64_t p50_us, p95_us;
};
/* By time and then by key; without steps by key. */
struct rollup_page {
    const struct rollup_point *points;
    size_t count;
    bool more;     /* the same command is to be submitted again: one read is short */
    bool too_many; /* points: what was found is not all */
    struct rollup_walk *walk;
};
