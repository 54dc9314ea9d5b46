#include "anomaly/anomaly.h"

#include "canary/watch.h"

#include <math.h>
#include <stdlib.h>

enum {
    EVENTS_MIN = 5, /* fewer of them are no rate */
    DEVIATIONS = 5
};
#define RATE_MARGIN   0.02
#define SPEND_RATIO   1.5    /* to the hour that cost most */
#define MAD_DEVIATION 1.4826 /* of a normal distribution, by its median absolute deviation */

static const char *const words[] = {
#define X(name, word) [ANOMALY_##name] = word,
    ANOMALY_KINDS(X)
#undef X
};

const char *anomaly_kind_word(enum anomaly_kind kind)
{
    return words[kind];
}

static int in_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts them. */
static double median_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, in_order);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* How far they usually are from their median. */
static double deviation_of(const double *values, size_t count, double median)
{
    double away[ANOMALY_WEEK_MAX];

    for (size_t i = 0; i < count; i++)
        away[i] = fabs(values[i] - median);
    return MAD_DEVIATION * median_of(away, count);
}

/* --- rates ---------------------------------------------------------------------------------------
 */

static uint64_t hits_of(enum anomaly_kind kind, const struct anomaly_hour *hour)
{
    switch (kind) {
    case ANOMALY_ERRORS:
        return hour->errors;
    case ANOMALY_INVALID_OUTPUT:
        return hour->invalid_output;
    default:
        return hour->invalid_input;
    }
}

struct rate {
    double rate;
    uint64_t hits, calls;
};

static int by_rate(const void *a, const void *b)
{
    return in_order(&((const struct rate *)a)->rate, &((const struct rate *)b)->rate);
}

/* How far the rates of hours usually are from their median. */
static double rate_deviation(enum anomaly_kind kind, const struct anomaly_hour *hours, size_t count)
{
    double rates[ANOMALY_WEEK_MAX];

    for (size_t i = 0; i < count; i++)
        rates[i] = (double)hits_of(kind, &hours[i]) / (double)hours[i].calls;
    return count > 0 ? deviation_of(rates, count, median_of(rates, count)) : 0;
}

/* False when there are too few hours or calls to know. */
static bool usual_rate(enum anomaly_kind kind, const struct anomaly_hour *hours, size_t count,
                       size_t least, double *out)
{
    struct rate rates[ANOMALY_WEEK_MAX];
    uint64_t calls = 0, hits = 0, all = 0;

    if (count < least)
        return false;
    for (size_t i = 0; i < count; i++) {
        rates[i].calls = hours[i].calls;
        rates[i].hits = hits_of(kind, &hours[i]);
        rates[i].rate = (double)rates[i].hits / (double)rates[i].calls;
        all += rates[i].calls;
    }
    qsort(rates, count, sizeof *rates, by_rate);
    for (size_t i = 0; i < count - count / 6; i++) {
        calls += rates[i].calls;
        hits += rates[i].hits;
    }
    *out = (double)hits / (double)calls;
    return all >= ANOMALY_PAST_CALLS_MIN;
}

static bool judge_rate(enum anomaly_kind kind, const struct anomaly_past *past,
                       const struct anomaly_hour *now, struct anomaly_sight *out)
{
    uint64_t hits = hits_of(kind, now);
    double deviation = fmax(rate_deviation(kind, past->same, past->same_count),
                            rate_deviation(kind, past->week, past->week_count));

    if (!usual_rate(kind, past->same, past->same_count, ANOMALY_SAME_MIN, &out->usual) &&
        !usual_rate(kind, past->week, past->week_count, ANOMALY_WEEK_MIN, &out->usual))
        return false;
    out->allowed = out->usual + fmax(fmax(RATE_MARGIN, out->usual), DEVIATIONS * deviation);
    out->now = (double)hits / (double)now->calls;
    return hits >= EVENTS_MIN && out->now > out->allowed && out->allowed < 1 &&
           watch_binomial_tail(hits, now->calls, out->allowed) < 1.0 / ANOMALY_CHANCE;
}

/* --- latency and spend ---------------------------------------------------------------------------
 */

/* Of an hour, in the units of struct anomaly_sight; 0: it says nothing. */
static double value_of(enum anomaly_kind kind, const struct anomaly_hour *hour)
{
    if (kind == ANOMALY_SPEND)
        return hour->cost_nano > 0 ? (double)hour->cost_nano / 1e9 : 0;
    return hour->timed >= ANOMALY_TIMED_MIN ? (double)hour->p95_us / 1e3 : 0;
}

static bool usual_value(enum anomaly_kind kind, const struct anomaly_hour *hours, size_t count,
                        size_t least, struct anomaly_sight *out)
{
    double logs[ANOMALY_WEEK_MAX], median, deviation, most = 0;
    double least_deviation = kind == ANOMALY_SPEND ? 0.25 : 0.15;
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        double value = value_of(kind, &hours[i]);

        if (value > 0)
            logs[used++] = log(value);
        most = fmax(most, value);
    }
    if (used < least)
        return false;
    median = median_of(logs, used);
    deviation = fmax(deviation_of(logs, used, median), least_deviation);
    out->usual = exp(median);
    out->allowed = exp(median + fmax(log(2), DEVIATIONS * deviation));
    if (kind == ANOMALY_SPEND)
        out->allowed = fmax(fmax(out->allowed, SPEND_RATIO * most),
                            out->usual + (double)ANOMALY_SPEND_NANO / 1e9);
    return true;
}

static bool judge_value(enum anomaly_kind kind, const struct anomaly_past *past,
                        const struct anomaly_hour *now, struct anomaly_sight *out)
{
    if (!usual_value(kind, past->same, past->same_count, ANOMALY_SAME_MIN, out) &&
        !usual_value(kind, past->week, past->week_count, ANOMALY_WEEK_MIN, out))
        return false;
    out->now = value_of(kind, now);
    return out->now > out->allowed;
}

bool anomaly_judge(enum anomaly_kind kind, const struct anomaly_past *past,
                   const struct anomaly_hour *now, struct anomaly_sight *out)
{
    *out = (struct anomaly_sight){0};
    if (now->calls < ANOMALY_CALLS_MIN)
        return false;
    return kind == ANOMALY_LATENCY || kind == ANOMALY_SPEND ? judge_value(kind, past, now, out)
                                                            : judge_rate(kind, past, now, out);
}
