/* Nearly every number fits 18 digits and a small power of ten; two such are compared, and divided,
 * in 128 bits after scaling one of them. The others go to the exact comparison of the document, or
 * to long division.
 *
 * For divisibility exponents need no powers: let v = D * 10^e and m = M * 10^f, with D and M not
 * divisible by 10. With e < f, v/m = D / (M * 10^(f-e)) is no integer. Otherwise D * 10^(e-f) must
 * be a multiple of M; only the factors 2 and 5 of M profit from the power, and M of n digits has
 * fewer than 4n of them, so a larger e - f may be cut to that. */
#include "schema/decimal.h"

#include "base/check.h"

#include <stdio.h>

enum {
    SMALL_DIGITS = 18,
    PLAIN_BYTES = 19, /* so many digits still fit 64 bits */
    POWER_FAR = 1 << 20,
};
/* Exponents are read up to here; the rare longer ones all count as this. */
static const int64_t exponent_far = 100000000000000000;

/* The digits of a number without its point and without zeros at either end, and the power of ten of
 * the last one. */
struct digits {
    const char *at, *end; /* may contain one '.' */
    size_t count;         /* without it; 0: the number is 0 */
    int64_t power;
    bool negative;
};

static int64_t exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    int64_t value = 0;

    at += at < end && (*at == '-' || *at == '+');
    for (; at < end && value < exponent_far; at++)
        value = value * 10 + (*at - '0');
    return negative ? -value : value;
}

static struct digits take_apart(struct text text)
{
    struct digits it = {.negative = text.at[0] == '-'};
    const char *first = text.at + it.negative, *end = text.at + text.len;
    const char *mark = first, *point;
    int64_t inner;

    while (mark < end && *mark != 'e' && *mark != 'E')
        mark++;
    point = memchr(first, '.', (size_t)(mark - first));
    it.at = first;
    it.end = mark;
    while (it.at < it.end && (*it.at == '0' || *it.at == '.'))
        it.at++;
    while (it.end > it.at && (it.end[-1] == '0' || it.end[-1] == '.'))
        it.end--;
    if (it.at == it.end)
        return it;
    inner = point != NULL && point > it.at && point < it.end;
    it.count = (size_t)(it.end - it.at - inner);
    if (point == NULL)
        point = mark;
    it.power = it.end <= point ? point - it.end : -(it.end - point - 1);
    if (mark < end)
        it.power += exponent(mark + 1, end);
    return it;
}

static struct small_number small_of_digits(const struct digits *it)
{
    struct small_number small = {.exact = it->count <= SMALL_DIGITS && it->power < POWER_FAR &&
                                          it->power > -POWER_FAR};

    if (!small.exact || it->count == 0)
        return small;
    for (const char *at = it->at; at < it->end; at++) {
        if (*at != '.')
            small.digits = small.digits * 10 + (*at - '0');
    }
    if (it->negative)
        small.digits = -small.digits;
    small.power = (int32_t)it->power;
    return small;
}

static struct small_number small_of(const struct cell *cell)
{
    const int64_t limit = 1000000000000000000;
    struct digits digits;

    if (cell->type == CELL_INTEGER) {
        bool fits = cell->integer < limit && cell->integer > -limit;

        return (struct small_number){.digits = cell->integer, .exact = fits};
    }
    digits = take_apart(cell_text(cell));
    return small_of_digits(&digits);
}

struct bound bound_of(const struct cell *cell)
{
    return (struct bound){cell, small_of(cell)};
}

static const uint64_t powers_of_ten[] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
    10000000000000000u,
    100000000000000000u,
    1000000000000000000u,
    10000000000000000000u,
};
enum { POWER_MAX = sizeof powers_of_ten / sizeof *powers_of_ten - 1 };

/* digits * 10^by in 128 bits */
static __int128 scaled(int64_t digits, int32_t by)
{
    return (__int128)digits * (__int128)powers_of_ten[by];
}

/* Most numbers: some digits, perhaps a point, no exponent. Not exact where it is anything else. */
static struct small_number plainly(struct text text)
{
    const char *at = text.at, *end = at + text.len, *point = NULL;
    bool negative = *at == '-';
    uint64_t digits = 0;

    at += negative;
    if (end - at > PLAIN_BYTES)
        return (struct small_number){0};
    for (; at < end; at++) {
        unsigned digit = (unsigned)(*at - '0');

        if (digit <= 9)
            digits = digits * 10 + digit;
        else if (*at == '.')
            point = at;
        else
            return (struct small_number){0};
    }
    return (struct small_number){
        .digits = (int64_t)(negative ? 0 - digits : digits),
        .power = point != NULL ? (int32_t)(point + 1 - end) : 0,
        .exact = digits < powers_of_ten[SMALL_DIGITS],
    };
}

/* As small_of, but with zeros at the end where they were written. */
static struct small_number value_of(const struct cell *cell)
{
    struct small_number small = {0};

    if (cell->type == CELL_NUMBER)
        small = plainly(cell_text(cell));
    return small.exact ? small : small_of(cell);
}

static int compare(const struct cell *cell, const struct small_number *value,
                   const struct bound *bound)
{
    int32_t apart = value->power - bound->small.power;
    __int128 x, y;

    if (!value->exact || !bound->small.exact || apart > POWER_MAX || apart < -POWER_MAX)
        return cell_compare_numbers(cell, bound->cell);
    x = scaled(value->digits, apart > 0 ? apart : 0);
    y = scaled(bound->small.digits, apart < 0 ? -apart : 0);
    return (x > y) - (x < y);
}

int bound_compare(const struct cell *cell, const struct bound *bound)
{
    struct small_number value;

    if (cell->type == CELL_INTEGER && bound->cell->type == CELL_INTEGER)
        return (cell->integer > bound->cell->integer) - (cell->integer < bound->cell->integer);
    value = value_of(cell);
    return compare(cell, &value, bound);
}

bool bounds_hold(const struct bounds *range, const struct cell *cell)
{
    struct small_number value = value_of(cell);
    int compared;

    if (range->low.cell != NULL) {
        compared = compare(cell, &value, &range->low);
        if (compared < 0 || (compared == 0 && range->above))
            return false;
    }
    if (range->high.cell != NULL) {
        compared = compare(cell, &value, &range->high);
        if (compared > 0 || (compared == 0 && range->below))
            return false;
    }
    return true;
}

bool bound_floor(const struct bound *bound, int64_t *out_floor, bool *out_integral)
{
    int64_t digits = bound->small.digits, unit;
    int32_t power = bound->small.power;
    __int128 value;

    *out_integral = true;
    if (bound->cell->type == CELL_INTEGER) {
        *out_floor = bound->cell->integer;
        return true;
    }
    if (!bound->small.exact || power > SMALL_DIGITS || power < -SMALL_DIGITS)
        return false;
    if (power >= 0) {
        value = scaled(digits, power);
        *out_floor = (int64_t)value;
        return value >= INT64_MIN && value <= INT64_MAX;
    }
    unit = (int64_t)powers_of_ten[-power];
    *out_integral = digits % unit == 0;
    *out_floor = digits / unit - (digits < 0 && !*out_integral);
    return true;
}

enum { INTEGER_ROOM = 24 };

static struct digits digits_of(const struct cell *cell, char room[INTEGER_ROOM])
{
    int len;

    if (cell->type == CELL_NUMBER)
        return take_apart(cell_text(cell));
    len = snprintf(room, INTEGER_ROOM, "%lld", (long long)cell->integer);
    return take_apart((struct text){room, (size_t)len});
}

/* Remainder of D * 10^zeros divided by a modulus of at most 18 digits. */
static uint64_t short_remainder(const struct digits *it, int64_t zeros, uint64_t modulus)
{
    __uint128_t rest = 0;

    for (const char *at = it->at; at < it->end; at++) {
        if (*at != '.')
            rest = (rest * 10 + (__uint128_t)(*at - '0')) % modulus;
    }
    while (zeros-- > 0 && rest != 0)
        rest = rest * 10 % modulus;
    return (uint64_t)rest;
}

/* One digit a place, the least significant first; room for ten times the modulus. */
struct long_number {
    unsigned char digit[BOUND_DIGITS_MAX + 2];
    size_t count;
};

static bool at_least(const struct long_number *a, const struct long_number *b)
{
    for (size_t i = a->count > b->count ? a->count : b->count; i > 0; i--) {
        int x = i <= a->count ? a->digit[i - 1] : 0, y = i <= b->count ? b->digit[i - 1] : 0;

        if (x != y)
            return x > y;
    }
    return true;
}

static void subtract(struct long_number *a, const struct long_number *b)
{
    int borrow = 0;

    for (size_t i = 0; i < a->count; i++) {
        int digit = a->digit[i] - borrow - (i < b->count ? b->digit[i] : 0);

        borrow = digit < 0;
        a->digit[i] = (unsigned char)(digit + 10 * borrow);
    }
    while (a->count > 0 && a->digit[a->count - 1] == 0)
        a->count--;
}

/* rest = (rest * 10 + digit) modulo modulus */
static void bring_down(struct long_number *rest, int digit, const struct long_number *modulus)
{
    memmove(rest->digit + 1, rest->digit, rest->count);
    rest->digit[0] = (unsigned char)digit;
    if (rest->count > 0 || digit > 0)
        rest->count++;
    while (rest->count > 0 && at_least(rest, modulus))
        subtract(rest, modulus);
}

static bool long_divides(const struct digits *divisor, const struct digits *value, int64_t zeros)
{
    struct long_number modulus = {.count = 0}, rest = {.count = 0};

    CHECK(divisor->count <= BOUND_DIGITS_MAX);
    for (const char *at = divisor->end; at > divisor->at; at--) {
        if (at[-1] != '.')
            modulus.digit[modulus.count++] = (unsigned char)(at[-1] - '0');
    }
    for (const char *at = value->at; at < value->end; at++) {
        if (*at != '.')
            bring_down(&rest, *at - '0', &modulus);
    }
    while (zeros-- > 0 && rest.count > 0)
        bring_down(&rest, 0, &modulus);
    return rest.count == 0;
}

size_t bound_digits(const struct cell *cell)
{
    char room[INTEGER_ROOM];

    return digits_of(cell, room).count;
}

bool bound_divides(const struct bound *bound, const struct cell *cell)
{
    char value_room[INTEGER_ROOM], bound_room[INTEGER_ROOM];
    struct digits value, divisor;
    int64_t zeros, enough;

    if (cell->type == CELL_INTEGER && bound->cell->type == CELL_INTEGER)
        return cell->integer % bound->cell->integer == 0;
    value = digits_of(cell, value_room);
    divisor = digits_of(bound->cell, bound_room);
    if (value.count == 0)
        return true;
    zeros = value.power - divisor.power;
    if (zeros < 0)
        return false;
    enough = (int64_t)divisor.count * 4;
    zeros = zeros < enough ? zeros : enough;
    if (divisor.count <= SMALL_DIGITS) {
        struct small_number modulus =
            small_of_digits(&(struct digits){divisor.at, divisor.end, divisor.count, 0, false});

        return short_remainder(&value, zeros, (uint64_t)modulus.digits) == 0;
    }
    return long_divides(&divisor, &value, zeros);
}

uint64_t number_hash(const struct cell *cell)
{
    char room[INTEGER_ROOM];
    struct digits it = digits_of(cell, room);
    bool far = it.power > exponent_far / 10 || it.power < -exponent_far / 10;
    uint64_t hash = it.count == 0 || far ? 0 : (uint64_t)it.power * 2 + it.negative;

    for (const char *at = it.at; at < it.end; at++) {
        if (*at != '.')
            hash = (hash ^ (uint64_t)(*at - '0')) * 0x9E3779B97F4A7C15u;
    }
    return hash ^ (hash >> 31);
}
