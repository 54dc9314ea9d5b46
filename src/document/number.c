/* Exact arithmetic on the texts of numbers. A number is a sign, its significant digits where they
 * stand (a decimal point may lie between them), and the power of ten of the first, which is a small
 * part counted here plus the exponent as it was written. Exponents of any length are compared by
 * their difference, which is followed digit by digit until its sign can no longer change; no power
 * is ever computed. */
#include "base/check.h"
#include "document/document.h"

#include <stdio.h>
#include <stdlib.h>

struct decimal {
    bool negative;
    const char *first; /* most significant digit that is not 0; NULL: the number is 0 */
    const char *end;   /* one past the least significant digit that is not 0 */
    int64_t power;     /* of ten, of the first digit, but for the exponent */
    struct text shift; /* digits of the exponent, without sign and leading zeros */
    bool shift_negative;
};

enum { INTEGER_ROOM = 24 };

/* The text of a number cell; that of an integer is made in `room`. */
static struct text number_text(const struct cell *cell, char room[INTEGER_ROOM])
{
    int len;

    CHECK(cell->type == CELL_INTEGER || cell->type == CELL_NUMBER);
    if (cell->type == CELL_NUMBER)
        return cell_text(cell);
    len = snprintf(room, INTEGER_ROOM, "%lld", (long long)cell->integer);
    return (struct text){room, (size_t)len};
}

static void take_shift(struct decimal *decimal, const char *at, const char *end)
{
    decimal->shift_negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    while (at < end && *at == '0')
        at++;
    decimal->shift = text_between(at, end);
}

static struct decimal take_apart(struct text text)
{
    struct decimal decimal = {.negative = text.len > 0 && text.at[0] == '-'};
    const char *at = text.at + decimal.negative, *end = text.at + text.len;
    const char *point = NULL, *first_digit = at;

    for (; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            point = at;
        } else if (*at != '0') {
            decimal.first = decimal.first ? decimal.first : at;
            decimal.end = at + 1;
        }
    }
    if (at < end)
        take_shift(&decimal, at + 1, end);
    if (point == NULL)
        point = at;
    CHECK(point > first_digit);
    if (decimal.first != NULL)
        decimal.power = decimal.first < point ? point - decimal.first - 1 : point - decimal.first;
    return decimal;
}

/* The exponents' difference a - b; exact up to 10^15, beyond that only as large and of this sign.
 */
static int64_t shift_difference(const struct decimal *a, const struct decimal *b)
{
    const int64_t enough = 1000000000000000;
    size_t len = a->shift.len > b->shift.len ? a->shift.len : b->shift.len;
    int64_t difference = 0;

    for (size_t i = len; i > 0; i--) {
        int a_digit = i <= a->shift.len ? a->shift.at[a->shift.len - i] - '0' : 0;
        int b_digit = i <= b->shift.len ? b->shift.at[b->shift.len - i] - '0' : 0;

        difference = difference * 10 + (a->shift_negative ? -a_digit : a_digit) -
                     (b->shift_negative ? -b_digit : b_digit);
        if (difference > enough || difference < -enough)
            break; /* what follows adds less than 2/9 of it in either direction */
    }
    return difference;
}

static int compare_digits(const struct decimal *a, const struct decimal *b)
{
    const char *at = a->first, *bt = b->first;

    while (at < a->end && bt < b->end) {
        if (*at == '.') {
            at++;
        } else if (*bt == '.') {
            bt++;
        } else {
            if (*at != *bt)
                return *at < *bt ? -1 : 1;
            at++;
            bt++;
        }
    }
    return (at < a->end) - (bt < b->end);
}

static int compare_magnitudes(const struct decimal *a, const struct decimal *b)
{
    int64_t power = shift_difference(a, b) + (a->power - b->power);

    if (power != 0)
        return power < 0 ? -1 : 1;
    return compare_digits(a, b);
}

int cell_compare_numbers(const struct cell *a, const struct cell *b)
{
    char a_room[INTEGER_ROOM], b_room[INTEGER_ROOM];
    struct decimal x, y;
    int x_sign, y_sign;

    if (a->type == CELL_INTEGER && b->type == CELL_INTEGER)
        return (a->integer > b->integer) - (a->integer < b->integer);
    x = take_apart(number_text(a, a_room));
    y = take_apart(number_text(b, b_room));
    x_sign = x.first == NULL ? 0 : x.negative ? -1 : 1;
    y_sign = y.first == NULL ? 0 : y.negative ? -1 : 1;
    if (x_sign != y_sign)
        return x_sign < y_sign ? -1 : 1;
    return x_sign == 0 ? 0 : x_sign * compare_magnitudes(&x, &y);
}

/* At most 15 digits and an exponent within 22 are two exact doubles and one rounding. */
static bool simple_double(const struct decimal *decimal, double *out)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t value = 0, power = decimal->power, digits = 0, shift = 0;

    if (decimal->shift.len > 3 || decimal->end - decimal->first > 16)
        return false;
    for (const char *at = decimal->first; at < decimal->end; at++) {
        if (*at == '.')
            continue;
        value = value * 10 + (*at - '0');
        digits++;
    }
    for (size_t i = 0; i < decimal->shift.len; i++)
        shift = shift * 10 + (decimal->shift.at[i] - '0');
    power += (decimal->shift_negative ? -shift : shift) - (digits - 1);
    if (digits > 15 || power < -22 || power > 22)
        return false;
    *out = power < 0 ? (double)value / tens[-power] : (double)value * tens[power];
    if (decimal->negative)
        *out = -*out;
    return true;
}

/* strtod wants a NUL; the process stays in the C locale, so its point is ours. */
static double slow_double(struct text text)
{
    char room[1200], *copy = text.len < sizeof room ? room : malloc(text.len + 1);
    double value;

    CHECK(copy != NULL);
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    value = strtod(copy, NULL);
    if (copy != room)
        free(copy);
    return value;
}

double document_double(const struct cell *cell)
{
    struct decimal decimal;
    double value;

    if (cell->type == CELL_INTEGER)
        return cell->integer == 0 && cell->size == 2 ? -0.0 : (double)cell->integer;
    CHECK(cell->type == CELL_NUMBER);
    decimal = take_apart(cell_text(cell));
    if (decimal.first == NULL)
        return decimal.negative ? -0.0 : 0.0;
    if (simple_double(&decimal, &value))
        return value;
    return slow_double(cell_text(cell));
}
