#include "gateway/series_plan.h"

#include "base/check.h"
#include "calendar/period.h"

enum { HOUR = 60, DAY = 24 * HOUR, SLACK = HOUR /* buckets go at the next purge, not at once */ };

struct planning {
    const struct zone *zone;
    enum rollup_step finest;
    int64_t now;
};

/* The oldest that is kept in buckets of that length. */
static int64_t oldest(const struct planning *planning, enum rollup_step step)
{
    static const int64_t kept[ROLLUP_STEP_COUNT] = {
        [ROLLUP_MINUTE] = ROLLUP_MINUTES_KEPT_H * HOUR,
        [ROLLUP_HOUR] = (int64_t)ROLLUP_HOURS_KEPT_D * DAY,
        [ROLLUP_DAY] = (int64_t)ROLLUP_DAYS_KEPT_D * DAY,
    };

    return planning->now > kept[step] ? planning->now - kept[step] : 0;
}

/* The shortest buckets that there are of a time. */
static enum rollup_step shortest(const struct planning *planning, int64_t at)
{
    enum rollup_step step = planning->finest;

    while (step < ROLLUP_DAY && at < oldest(planning, step))
        step++;
    return step;
}

/* Where the bucket that a time is in begins and ends. */
static struct rollup_span bucket_of(const struct planning *planning, enum rollup_step step,
                                    int64_t at)
{
    const int64_t lengths[ROLLUP_STEP_COUNT] = {[ROLLUP_MINUTE] = 1, [ROLLUP_HOUR] = HOUR};
    struct period day;

    if (step != ROLLUP_DAY)
        return (struct rollup_span){step, at - at % lengths[step],
                                    at - at % lengths[step] + lengths[step]};
    period_at(planning->zone, PERIOD_DAY, at * 60000, &day);
    return (struct rollup_span){step, day.from_ms / 60000, day.until_ms / 60000};
}

/* The longest bucket that begins there and does not end behind `until`, unless that is because the
 * rest of it has not come yet. A time that begins none, in a zone whose days begin within an hour,
 * begins a day. */
static struct rollup_span next_bucket(const struct planning *planning, int64_t at, int64_t until)
{
    enum rollup_step least = shortest(planning, at);

    for (int step = ROLLUP_DAY; step > (int)least; step--) {
        struct rollup_span bucket = bucket_of(planning, (enum rollup_step)step, at);

        if (bucket.from == at &&
            (bucket.until <= until || (bucket.until > planning->now && until > planning->now)))
            return bucket;
    }
    if (bucket_of(planning, least, at).from != at)
        least = ROLLUP_DAY;
    return bucket_of(planning, least, at);
}

static void add(struct series_plan *plan, const struct rollup_span *bucket)
{
    struct rollup_span *last = plan->count > 0 ? &plan->spans[plan->count - 1] : NULL;

    if (last != NULL && last->step == bucket->step && last->until == bucket->from) {
        last->until = bucket->until;
        return;
    }
    CHECK(plan->count < SERIES_SPANS_MAX);
    plan->spans[plan->count++] = *bucket;
}

/* What lies between, neither before what is kept nor behind this minute. */
static bool clip(const struct planning *planning, int64_t *from, int64_t *until)
{
    if (*from < oldest(planning, ROLLUP_DAY))
        *from = oldest(planning, ROLLUP_DAY);
    if (*until > planning->now + 1)
        *until = planning->now + 1;
    return *from < *until;
}

void series_plan_sum(const struct zone *zone, enum rollup_step finest, int64_t now, int64_t from,
                     int64_t until, struct series_plan *out)
{
    const struct planning planning = {zone, finest, now};
    int64_t at;

    *out = (struct series_plan){.from = from, .until = from};
    if (!clip(&planning, &from, &until))
        return;
    at = bucket_of(&planning, shortest(&planning, from), from).from;
    out->from = at;
    while (at < until) {
        struct rollup_span bucket = next_bucket(&planning, at, until);

        add(out, &bucket);
        at = bucket.until;
    }
    out->until = at;
}

bool series_plan_steps(const struct zone *zone, enum rollup_step step, int64_t now, int64_t from,
                       int64_t until, struct series_plan *out)
{
    const struct planning planning = {zone, step, now};

    *out = (struct series_plan){.from = from, .until = from};
    if (step < ROLLUP_DAY && from < oldest(&planning, step) - SLACK)
        return false;
    if (!clip(&planning, &from, &until))
        return true;
    out->from = bucket_of(&planning, step, from).from;
    out->until = bucket_of(&planning, step, until - 1).until;
    out->spans[out->count++] = (struct rollup_span){step, out->from, out->until};
    return true;
}
