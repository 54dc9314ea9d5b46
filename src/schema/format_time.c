/* Dates and times of RFC 3339: section 5.6, and appendix A for durations. */
#include "schema/format_scan.h"

enum { NO_NUMBER = 100 };

/* The number of two digits, or NO_NUMBER. */
static unsigned pair(const char *at)
{
    unsigned tens = (unsigned)(unsigned char)at[0] - '0',
             ones = (unsigned)(unsigned char)at[1] - '0';

    return tens <= 9 && ones <= 9 ? tens * 10 + ones : NO_NUMBER;
}

static unsigned days_in(unsigned century, unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year != 0 ? year % 4 == 0 : century % 4 == 0;

    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

bool scan_date(struct text text)
{
    unsigned century, year, month, day;

    if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-')
        return false;
    century = pair(text.at);
    year = pair(text.at + 2);
    month = pair(text.at + 5);
    day = pair(text.at + 8);
    if (century == NO_NUMBER || year == NO_NUMBER || month < 1 || month > 12)
        return false;
    return day >= 1 && day <= days_in(century, year, month);
}

/* "Z" or "+hh:mm" to the end; minutes east of UTC. */
static bool scan_offset(struct text text, int *out_minutes)
{
    unsigned hours, minutes;

    *out_minutes = 0;
    if (text.len == 1)
        return (text.at[0] | 0x20) == 'z';
    if (text.len != 6 || (text.at[0] != '+' && text.at[0] != '-') || text.at[3] != ':')
        return false;
    hours = pair(text.at + 1);
    minutes = pair(text.at + 4);
    *out_minutes = (int)(hours * 60 + minutes) * (text.at[0] == '-' ? -1 : 1);
    return hours <= 23 && minutes <= 59;
}

bool scan_time(struct text text)
{
    unsigned hour, minute, second;
    size_t at = 8;
    int east;

    if (text.len < 9 || text.at[2] != ':' || text.at[5] != ':')
        return false;
    hour = pair(text.at);
    minute = pair(text.at + 3);
    second = pair(text.at + 6);
    if (hour > 23 || minute > 59 || second > 60)
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
    return second < 60 || ((int)(hour * 60 + minute) - east + 2 * 1440) % 1440 == 1439;
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
        unit = expected != NULL ? expected : strchr(units, text->at[digits]);
        if (unit == NULL || *unit != text->at[digits])
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
