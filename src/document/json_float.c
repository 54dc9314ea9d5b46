/* Numbers of single precision as text. A decimal of six digits that reads back as the number is the
 * shortest there is once its zeros are gone, because no two of those are the same number; else
 * seven, eight or nine digits do. Embeddings are millions of such numbers near zero: those are
 * tried in double precision, which holds a decimal of nine digits and the powers of ten up to 1e22
 * exactly, so that each takes one product and one quotient. */
#include "document/json_write.h"

#include "base/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGITS_MIN = 6, DIGITS_MAX = 9, EXPONENT_MIN = -5, EXPONENT_MAX = 8 };

static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};

/* n digits of 'value', of which the first is worth 10^exponent. */
struct decimal {
    uint32_t digits;
    int count, exponent;
};

/* Also whoever reads it in one step, and not by way of a double, has to find the same. */
static bool reads_as(double decimal, float value)
{
    return (float)decimal == value && (float)(decimal * (1 + 0x1p-50)) == value &&
           (float)(decimal * (1 - 0x1p-50)) == value;
}

static bool find_decimal(float value, struct decimal *out)
{
    int exponent = 0;

    while (exponent <= EXPONENT_MAX && (double)value >= powers[exponent + 1])
        exponent++;
    while (value < 1 && exponent >= EXPONENT_MIN && (double)value * powers[-exponent] < 1)
        exponent--;
    if (exponent < EXPONENT_MIN || exponent > EXPONENT_MAX)
        return false;
    for (int count = DIGITS_MIN; count <= DIGITS_MAX; count++) {
        int shift = count - 1 - exponent;
        double scale = powers[shift < 0 ? -shift : shift];
        double digits = rint(shift < 0 ? (double)value / scale : (double)value * scale);

        if (!reads_as(shift < 0 ? digits * scale : digits / scale, value))
            continue;
        *out = (struct decimal){(uint32_t)digits, count, exponent};
        return true;
    }
    return false;
}

static char *put_fixed(const struct decimal *decimal, char *at)
{
    uint32_t digits = decimal->digits;
    int count = decimal->count, exponent = decimal->exponent;
    char text[DIGITS_MAX + 1];

    if (digits == (uint32_t)powers[count]) { /* 9.9999999 was rounded to 10 */
        exponent++;
        digits /= 10;
    }
    for (int i = count; i-- > 0; digits /= 10)
        text[i] = (char)('0' + digits % 10);
    while (count > 1 && text[count - 1] == '0')
        count--;
    if (exponent < 0) {
        *at++ = '0';
        *at++ = '.';
        for (int zeros = -1 - exponent; zeros > 0; zeros--)
            *at++ = '0';
    }
    for (int i = 0; i < count || i <= exponent; i++) {
        *at++ = i < count ? text[i] : '0';
        if (i == exponent && i + 1 < count)
            *at++ = '.';
    }
    return at;
}

/* Very small and very large ones, which are rare. */
static char *put_scientific(float value, char *at)
{
    char text[32];
    int len = 0;

    for (int count = 1; count <= DIGITS_MAX; count++) { /* tiny ones have few digits */
        len = snprintf(text, sizeof text, "%.*g", count, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    CHECK(len > 0 && len < JSON_FLOAT_BYTES);
    memcpy(at, text, (size_t)len);
    return at + len;
}

void json_put_float(struct buffer *buffer, float value)
{
    char *begin = buffer_reserve(buffer, JSON_FLOAT_BYTES), *at = begin;
    struct decimal decimal;

    CHECK(isfinite(value));
    if (signbit(value)) {
        *at++ = '-';
        value = -value;
    }
    if (value == 0)
        *at++ = '0';
    else if (find_decimal(value, &decimal))
        at = put_fixed(&decimal, at);
    else
        at = put_scientific(value, at);
    buffer->len += (size_t)(at - begin);
}
