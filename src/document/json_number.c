/* Digits are taken by value as they pass; the value counts only when there are at most 19 of them,
 * so it may wrap for longer ones. Whether a fraction or an exponent leaves an integer is told from
 * the text alone: the zeros at the end of the digits against the exponent. */
#include "document/json_token.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static const char *read_digits(const char *at, const char *end, uint64_t *value)
{
    while (at < end && is_digit(*at))
        *value = *value * 10 + (uint64_t)(*at++ - '0');
    return at;
}

static const char *fail(struct json_problem *problem, const char *at, const char *expected)
{
    *problem = (struct json_problem){.at = at, .expected = expected};
    return NULL;
}

/* The integer part; `at` is behind the sign. */
static const char *read_whole(const char *at, const char *end, uint64_t *value,
                              struct json_problem *problem)
{
    const char *stop = read_digits(at, end, value);

    if (stop == at)
        return fail(problem, at, "a digit");
    if (*at == '0' && stop > at + 1)
        return fail(problem, at + 1, "no digit after a leading zero");
    return stop;
}

/* The exponent as a number, cut off far beyond any length of digits. */
static int64_t exponent_value(const char *at, const char *end)
{
    const int64_t far = (int64_t)1 << 40;
    bool negative = at < end && *at == '-';
    int64_t value = 0;

    for (at += at < end && !is_digit(*at); at < end; at++)
        value = value < far ? value * 10 + (*at - '0') : far;
    return negative ? -value : value;
}

/* Whether the number is an integer: [whole, point) are its digits before the decimal point,
 * [fraction, mantissa_end) those behind it, [exponent, end) the exponent with its sign. */
static bool is_integral(const char *whole, const char *point, const char *fraction,
                        const char *mantissa_end, const char *exponent, const char *end)
{
    int64_t shift = exponent_value(exponent, end);
    const char *last = mantissa_end;

    while (last > fraction && last[-1] == '0')
        last--;
    if (last > fraction)
        return shift >= last - fraction;
    last = point;
    while (last > whole && last[-1] == '0')
        last--;
    return last == whole || shift >= last - point;
}

/* What follows the integer part of a number that is not just digits. */
static const char *read_rest(const char *whole, const char *point, const char *end, bool *integral,
                             struct json_problem *problem)
{
    const char *at = point, *fraction = point, *mantissa_end, *exponent;
    uint64_t ignored = 0;

    if (*at == '.') {
        fraction = at + 1;
        at = read_digits(fraction, end, &ignored);
        if (at == fraction)
            return fail(problem, at, "a digit after the decimal point");
    }
    mantissa_end = at;
    exponent = at;
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *digits;

        exponent = ++at;
        at += at < end && (*at == '+' || *at == '-');
        digits = at;
        at = read_digits(at, end, &ignored);
        if (at == digits)
            return fail(problem, at, "a digit of the exponent");
    }
    *integral = is_integral(whole, point, fraction, mantissa_end, exponent, at);
    return at;
}

static bool too_many_digits(const char *at, const char *end, uint32_t digits)
{
    uint32_t count = 0;

    if (end - at <= (ptrdiff_t)digits)
        return false;
    while (at < end)
        count += is_digit(*at++);
    return count > digits;
}

const char *json_read_number(const char *start, const char *end, uint32_t digits, struct cell *out,
                             struct json_problem *problem)
{
    bool negative = start < end && *start == '-', integral = true, plain;
    const char *whole = start + negative, *point, *stop;
    uint64_t value = 0;

    stop = point = read_whole(whole, end, &value, problem);
    if (point == NULL)
        return NULL;
    plain = point == end || (*point != '.' && *point != 'e' && *point != 'E');
    if (!plain)
        stop = read_rest(whole, point, end, &integral, problem);
    if (stop == NULL)
        return NULL;
    if (too_many_digits(start, stop, digits)) {
        *problem = (struct json_problem){.at = start, .kind = JSON_DIGITS, .limit = digits};
        return NULL;
    }
    out->size = (uint32_t)(stop - start);
    out->flags = integral ? CELL_INTEGRAL : 0;
    if (plain && point - whole <= 19 && value <= (uint64_t)INT64_MAX + negative) {
        out->type = CELL_INTEGER;
        out->integer = (int64_t)(negative ? 0 - value : value);
    } else {
        out->type = CELL_NUMBER;
        out->text = start;
    }
    return stop;
}
