/* guard/national_digits.h
 * Private to national_*.c: digits, sums and dates in the characters of a number. */
#pragma once
#include "guard/detect.h"

static inline unsigned digit(const char *chars, int at)
{
    return (unsigned)(chars[at] - '0');
}

/* The sum of so many digits, each times its weight: '1' to '9', 'A' for 10 and on. */
static inline unsigned weighted(const char *chars, const char *weights)
{
    unsigned sum = 0;

    for (int i = 0; weights[i] != '\0'; i++)
        sum += digit(chars, i) *
               (unsigned)(weights[i] <= '9' ? weights[i] - '0' : weights[i] - 'A' + 10);
    return sum;
}

static inline unsigned number_of(const char *chars, int from, int count)
{
    unsigned number = 0;

    for (int i = from; i < from + count; i++)
        number = number * 10 + digit(chars, i);
    return number;
}

static inline uint64_t long_number(const char *chars, int count)
{
    uint64_t number = 0;

    for (int i = 0; i < count; i++)
        number = number * 10 + digit(chars, i);
    return number;
}

static inline bool is_day(unsigned month, unsigned day)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

/* The date that stands there with two digits each, in this order. */
static inline bool dmy(const char *chars, int at)
{
    return is_day(number_of(chars, at + 2, 2), number_of(chars, at, 2));
}
static inline bool ymd(const char *chars, int at)
{
    return is_day(number_of(chars, at + 2, 2), number_of(chars, at + 4, 2));
}

static inline bool all_alike(const char *chars)
{
    return strspn(chars, (char[]){chars[0], '\0'}) >= 9;
}

/* ISO/IEC 7064 MOD 11,10 */
static inline bool mod_11_10(const char *chars, int count)
{
    unsigned product = 10;

    for (int i = 0; i < count - 1; i++) {
        unsigned sum = (digit(chars, i) + product) % 10;

        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (11 - product) % 10 == digit(chars, count - 1);
}

/* national_world.c: as national_valid, for kinds of states beyond Europe. */
bool national_valid_world(enum guard_pii_kind kind, const char *chars, unsigned count);
