/* gateway/series_plan.h
 * Which roll-ups (store/rollup_record.h) a span of time is made up of: long buckets where they fit
 * in whole, shorter ones at its ends. What is older is kept in longer buckets only, and so a span
 * that begins or ends there becomes as long as those. Times are minutes since 1970. */
#pragma once
#include "calendar/zone.h"
#include "store/rollup_record.h"

enum { SERIES_SPANS_MAX = 16 };
struct series_plan {
    struct rollup_span spans[SERIES_SPANS_MAX];
    size_t count;
    int64_t from, until; /* what they cover; the same: nothing */
};

/* With no buckets shorter than `finest`. What is in the future, and what is kept no longer, is left
 * out. */
void series_plan_sum(const struct zone *zone, enum rollup_step finest, int64_t now, int64_t from,
                     int64_t until, struct series_plan *out);
/* Likewise with buckets of one length only; false when those at its begin are kept no longer. */
bool series_plan_steps(const struct zone *zone, enum rollup_step step, int64_t now, int64_t from,
                       int64_t until, struct series_plan *out);
