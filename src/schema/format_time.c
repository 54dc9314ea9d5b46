/* Dates and times of RFC 3339: section 5.6, and appendix A for durations. */
#include "schema/format_scan.h"

/* Takes `count` digits at `at`; -1 when they are not there. */
static int digits_at(struct text text, size_t at, size_t count)
{
    int value = 0;

    if (at + count > text.len)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (!byte_is_digit(text.at[at + i]))
            return -1;
        value = value * 10 + (text.at[at + i] - '0');
    }
    return value;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (leap && month == 2);
}

bool scan_date(struct text text)
{
    int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2), day = digits_at(text, 8, 2);

    if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-' || year < 0)
        return false;
    return month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

/* "Z" or "+hh:mm" to the end; minutes east of UTC. */
static bool scan_offset(struct text text, int *out_minutes)
{
    int hours = digits_at(text, 1, 2), minutes = digits_at(text, 4, 2);

    *out_minutes = 0;
    if (text.len == 1)
        return (text.at[0] | 0x20) == 'z';
    if (text.len != 6 || (text.at[0] != '+' && text.at[0] != '-') || text.at[3] != ':')
        return false;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *out_minutes = text.at[0] == '-' ? -(hours * 60 + minutes) : hours * 60 + minutes;
    return true;
}

bool scan_time(struct text text)
{
    int hour = digits_at(text, 0, 2), minute = digits_at(text, 3, 2),
        second = digits_at(text, 6, 2);
    size_t at = 8;
    int east;

    if (text.len < 9 || text.at[2] != ':' || text.at[5] != ':')
        return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    if (text.at[at] == '.') {
        size_t first = ++at;

        while (at < text.len && byte_is_digit(text.at[at]))
            at++;
        if (at == first)
            return false;
    }
    if (!scan_offset(text_after(text, at), &east))
        return false;
    /* A leap second is the last one of a day in UTC. */
    return second < 60 || (hour * 60 + minute - east + 2 * 1440) % 1440 == 1439;
}

bool scan_date_time(struct text text)
{
    return text.len > 11 && (text.at[10] | 0x20) == 't' && scan_date(text_first(text, 10)) &&
           scan_time(text_after(text, 11));
}

/* Takes "digits unit" parts off the front whose units follow one another in `units` without a gap;
 * counts them. */
static size_t take_parts(struct text *text, const char *units)
{
    const char *expected = NULL;
    size_t parts = 0;

    while (text->len > 0 && byte_is_digit(text->at[0])) {
        size_t digits = 0;
        const char *unit;

        while (digits < text->len && byte_is_digit(text->at[digits]))
            digits++;
        if (digits == text->len || text->at[digits] == '\0')
            return 0;
        unit = strchr(units, text->at[digits]);
        if (unit == NULL || (expected != NULL && unit != expected))
            return 0;
        expected = unit + 1;
        *text = text_after(*text, digits + 1);
        parts++;
    }
    return parts;
}

bool scan_duration(struct text text)
{
    struct text weeks;
    size_t parts;

    if (text.len < 2 || text.at[0] != 'P')
        return false;
    text = text_after(text, 1);
    weeks = text;
    if (take_parts(&weeks, "W") == 1 && weeks.len == 0)
        return true;
    parts = take_parts(&text, "YMD");
    if (text.len == 0)
        return parts > 0;
    if (text.at[0] != 'T')
        return false;
    text = text_after(text, 1);
    return take_parts(&text, "HMS") > 0 && text.len == 0;
}
