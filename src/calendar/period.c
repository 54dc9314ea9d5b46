/* A date is the number of days since 1970-01-01 taken apart (the proleptic Gregorian calendar). The
 * end of a period is where its local date ends: the local midnight that follows, less the offset
 * that holds there. Where the clocks change around that midnight, the offset is looked up again
 * with what was found, which settles after one step for every zone there is. */
#include "calendar/period.h"

#include <stdio.h>

enum { DAY_S = 86400, DAYS_MAX = 2932896 /* 9999-12-31 */ };

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

/* Days are counted from 0000-03-01, so that the leap day is the last of a year and 400 years are a
 * cycle of 146,097 days. */
static struct date date_of(int64_t days)
{
    int64_t since = days + 719468, cycle = since / 146097, in_cycle = since % 146097;
    int64_t year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int64_t in_year = in_cycle - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * in_year + 2) / 153);
    struct date date = {.day = (int)(in_year - (153 * month + 2) / 5 + 1)};

    date.month = month < 10 ? month + 3 : month - 9;
    date.year = year + cycle * 400 + (date.month <= 2);
    return date;
}

static int64_t days_of(int64_t year, int month)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t cycle = shifted / 400, in_cycle = shifted % 400;
    int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;

    return cycle * 146097 + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + in_year - 719468;
}

static int64_t local_s(const struct zone *zone, int64_t utc_s)
{
    return utc_s + zone_offset_s(zone, utc_s);
}

/* The first instant whose local time is that or later. */
static int64_t instant_of(const struct zone *zone, int64_t wanted_s)
{
    int64_t utc_s = wanted_s - zone_offset_s(zone, wanted_s);

    utc_s = wanted_s - zone_offset_s(zone, utc_s);
    if (local_s(zone, utc_s) < wanted_s) /* the clocks were set on over it */
        utc_s = wanted_s - zone_offset_s(zone, utc_s);
    return utc_s;
}

void period_at(const struct zone *zone, enum period_kind kind, int64_t wall_ms, struct period *out)
{
    int64_t utc_s = wall_ms > 0 ? wall_ms / 1000 : 0, days, first_days, end_days;
    struct date date;

    days = local_s(zone, utc_s) / DAY_S;
    if (days < 0)
        days = 0;
    if (days > DAYS_MAX)
        days = DAYS_MAX;
    date = date_of(days);
    if (kind == PERIOD_DAY) {
        snprintf(out->name, sizeof out->name, "%04u-%02u-%02u", (unsigned)date.year % 10000,
                 (unsigned)date.month % 100, (unsigned)date.day % 100);
        first_days = days;
        end_days = days + 1;
    } else {
        snprintf(out->name, sizeof out->name, "%04u-%02u", (unsigned)date.year % 10000,
                 (unsigned)date.month % 100);
        first_days = days_of(date.year, date.month);
        end_days = date.month < 12 ? days_of(date.year, date.month + 1) : days_of(date.year + 1, 1);
    }
    out->from_ms = instant_of(zone, first_days * DAY_S) * 1000;
    out->until_ms = instant_of(zone, end_days * DAY_S) * 1000;
    if (out->until_ms <= wall_ms) /* a midnight that comes twice: look again soon */
        out->until_ms = (wall_ms / 1000 + 1) * 1000;
}

const char *period_word(enum period_kind kind)
{
    return kind == PERIOD_DAY ? "daily" : "monthly";
}
