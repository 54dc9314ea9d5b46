/* The rule after the last listed change: "CET-1CEST,M3.5.0,M10.5.0/3". Signs are those of POSIX,
 * west positive; what is kept is east positive. The two changes of the year in question are
 * computed anew for every question, which takes some tens of nanoseconds. */
#include "calendar/zone.h"

enum { DAY_S = 86400, HOUR_S = 3600 };

static bool take_byte(struct text *rest, char byte)
{
    if (rest->len == 0 || rest->at[0] != byte)
        return false;
    *rest = text_after(*rest, 1);
    return true;
}

/* One to three digits from `least` to `most`. */
static bool take_number(struct text *rest, int least, int most, int *out)
{
    size_t digits = 0;

    *out = 0;
    while (digits < 3 && digits < rest->len && rest->at[digits] >= '0' && rest->at[digits] <= '9')
        *out = *out * 10 + (rest->at[digits++] - '0');
    *rest = text_after(*rest, digits);
    return digits > 0 && *out >= least && *out <= most;
}

/* Three or more letters, or anything of letters, digits and signs between '<' and '>'. */
static bool take_name(struct text *rest)
{
    bool quoted = take_byte(rest, '<');
    size_t len = 0;

    while (len < rest->len) {
        char byte = rest->at[len];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool other = (byte >= '0' && byte <= '9') || byte == '+' || byte == '-';

        if (!letter && !(quoted && other))
            break;
        len++;
    }
    *rest = text_after(*rest, len);
    return len >= 3 && (!quoted || take_byte(rest, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct text *rest, int hours_max, int32_t *out_s)
{
    bool negative = take_byte(rest, '-');
    int hours, minutes = 0, seconds = 0;

    if (!negative)
        take_byte(rest, '+');
    if (!take_number(rest, 0, hours_max, &hours) ||
        (take_byte(rest, ':') && (!take_number(rest, 0, 59, &minutes) ||
                                  (take_byte(rest, ':') && !take_number(rest, 0, 59, &seconds)))))
        return false;
    *out_s = (hours * 60 + minutes) * 60 + seconds;
    *out_s = negative ? -*out_s : *out_s;
    return true;
}

static bool take_day(struct text *rest, struct zone_change *out)
{
    if (take_byte(rest, 'M')) {
        out->kind = ZONE_WEEKDAY;
        return take_number(rest, 1, 12, &out->month) && take_byte(rest, '.') &&
               take_number(rest, 1, 5, &out->week) && take_byte(rest, '.') &&
               take_number(rest, 0, 6, &out->day);
    }
    out->kind = take_byte(rest, 'J') ? ZONE_DAY_NO_LEAP : ZONE_DAY;
    return out->kind == ZONE_DAY ? take_number(rest, 0, 365, &out->day)
                                 : take_number(rest, 1, 365, &out->day);
}

static bool take_change(struct text *rest, struct zone_change *out)
{
    out->at_s = 2 * HOUR_S;
    return take_byte(rest, ',') && take_day(rest, out) &&
           (!take_byte(rest, '/') || take_time(rest, 167, &out->at_s));
}

bool zone_read_tail(struct text text, struct zone_tail *out)
{
    int32_t west_s;

    *out = (struct zone_tail){0};
    if (!take_name(&text) || !take_time(&text, 24, &west_s))
        return false;
    out->standard_s = -west_s;
    if (text.len == 0)
        return true;
    if (!take_name(&text))
        return false;
    out->has_daylight = true;
    out->daylight_s = out->standard_s + HOUR_S;
    if (text.len > 0 && text.at[0] != ',') {
        if (!take_time(&text, 24, &west_s))
            return false;
        out->daylight_s = -west_s;
    }
    return take_change(&text, &out->start) && take_change(&text, &out->end) && text.len == 0;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of January: 365 a year and the leap days between. */
static int64_t year_start(int64_t year)
{
    int64_t before = year - 1; /* the last year that is over; its leap days count */

    return 365 * (year - 1970) + (before / 4 - before / 100 + before / 400) - 477;
}

static int64_t year_of(int64_t day)
{
    int64_t year = 1970 + day * 400 / 146097; /* at most one off: 400 years have 146,097 days */

    while (year_start(year) > day)
        year--;
    while (year_start(year + 1) <= day)
        year++;
    return year;
}

/* The day of a change since 1970-01-01. */
static int64_t day_of(const struct zone_change *change, int64_t year)
{
    static const int before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    bool leap = is_leap(year);
    int64_t first = year_start(year), day;
    int days;

    if (change->kind == ZONE_DAY)
        return first + change->day;
    if (change->kind == ZONE_DAY_NO_LEAP)
        return first + change->day - 1 + (leap && change->day > before_month[2]);
    days = before_month[change->month] - before_month[change->month - 1] +
           (leap && change->month == 2);
    first += before_month[change->month - 1] + (leap && change->month > 2);
    day =
        (change->day - (first + 4) % 7 + 7) % 7 + 7 * (change->week - 1); /* 1970 began on day 4 */
    return first + (day < days ? day : day - 7);
}

int32_t zone_tail_offset_s(const struct zone_tail *tail, int64_t utc_s)
{
    int64_t local_s, year, start_s, end_s;
    bool daylight;

    if (!tail->has_daylight)
        return tail->standard_s;
    local_s = utc_s + tail->standard_s;
    year = year_of(local_s / DAY_S - (local_s % DAY_S < 0));
    start_s = day_of(&tail->start, year) * DAY_S + tail->start.at_s - tail->standard_s;
    end_s = day_of(&tail->end, year) * DAY_S + tail->end.at_s - tail->daylight_s;
    daylight =
        start_s < end_s ? utc_s >= start_s && utc_s < end_s : utc_s >= start_s || utc_s < end_s;
    return daylight ? tail->daylight_s : tail->standard_s;
}
