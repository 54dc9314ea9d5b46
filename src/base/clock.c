#include "base/clock.h"

#include "base/check.h"

#include <stdio.h>
#include <time.h>

uint64_t clock_monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

uint64_t clock_thread_us(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000u + (uint64_t)used.tv_nsec / 1000u;
}

int64_t clock_wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *digits(char *at, unsigned value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + count;
}

struct text clock_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_BYTES])
{
    int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0);
    unsigned ms = (unsigned)(wall_ms - seconds * 1000);
    time_t whole = (time_t)seconds;
    struct tm tm;
    char *at = out;

    CHECK(gmtime_r(&whole, &tm) != NULL && tm.tm_year >= -1900 && tm.tm_year <= 8099);
    at = digits(at, (unsigned)(tm.tm_year + 1900), 4);
    *at++ = '-';
    at = digits(at, (unsigned)tm.tm_mon + 1, 2);
    *at++ = '-';
    at = digits(at, (unsigned)tm.tm_mday, 2);
    *at++ = 'T';
    at = digits(at, (unsigned)tm.tm_hour, 2);
    *at++ = ':';
    at = digits(at, (unsigned)tm.tm_min, 2);
    *at++ = ':';
    at = digits(at, (unsigned)tm.tm_sec, 2);
    *at++ = '.';
    at = digits(at, ms, 3);
    *at++ = 'Z';
    return text_between(out, at);
}

/* Takes `count` digits off the front; false when there are fewer. */
static bool take_number(struct text *rest, size_t count, int *out_value)
{
    uint64_t value;

    if (rest->len < count || !text_to_u64(text_first(*rest, count), &value))
        return false;
    *rest = text_after(*rest, count);
    *out_value = (int)value;
    return true;
}

static bool take_byte(struct text *rest, const char *any_of)
{
    if (rest->len == 0 || rest->at[0] == '\0' || strchr(any_of, rest->at[0]) == NULL)
        return false;
    *rest = text_after(*rest, 1);
    return true;
}

static bool take_date(struct text *rest, struct tm *tm)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    bool leap;

    if (!take_number(rest, 4, &year) || !take_byte(rest, "-") || !take_number(rest, 2, &month) ||
        !take_byte(rest, "-") || !take_number(rest, 2, &day))
        return false;
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1] + (month == 2 && leap))
        return false;
    *tm = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return true;
}

/* "HH:MM:SS[.fraction]" and the offset; milliseconds of the fraction and minutes of the offset. */
static bool take_time(struct text *rest, struct tm *tm, int *out_ms, int *out_offset_min)
{
    int scale = 100, hours, minutes, sign;

    if (!take_number(rest, 2, &tm->tm_hour) || !take_byte(rest, ":") ||
        !take_number(rest, 2, &tm->tm_min) || !take_byte(rest, ":") ||
        !take_number(rest, 2, &tm->tm_sec) || tm->tm_hour > 23 || tm->tm_min > 59 ||
        tm->tm_sec > 60)
        return false;
    if (take_byte(rest, ".")) {
        int digit;

        if (!take_number(rest, 1, &digit))
            return false;
        do {
            *out_ms += digit * scale;
            scale /= 10;
        } while (take_number(rest, 1, &digit));
    }
    if (take_byte(rest, "zZ"))
        return true;
    sign = rest->len > 0 && rest->at[0] == '-' ? -1 : 1;
    if (!take_byte(rest, "+-") || !take_number(rest, 2, &hours) || !take_byte(rest, ":") ||
        !take_number(rest, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *out_offset_min = sign * (hours * 60 + minutes);
    return true;
}

bool clock_parse_rfc3339(struct text text, int64_t *out_wall_ms)
{
    struct tm tm;
    int ms = 0, offset_min = 0;

    if (!take_date(&text, &tm))
        return false;
    if (text.len > 0 &&
        (!take_byte(&text, "tT ") || !take_time(&text, &tm, &ms, &offset_min) || text.len > 0))
        return false;
    *out_wall_ms = ((int64_t)timegm(&tm) - (int64_t)offset_min * 60) * 1000 + ms;
    return true;
}
