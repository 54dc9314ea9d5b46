/* schema/decimal.h
 * Exact comparisons and remainders of the numbers in a document against those in a schema. Bounds
 * are taken apart once, when the schema is compiled. */
#pragma once
#include "document/document.h"

/* A number of at most 18 digits: digits * 10^power, exactly. */
struct small_number {
    int64_t digits;
    int32_t power;
    bool exact; /* false: it has more digits, or an exponent out of reach */
};
struct bound {
    const struct cell *cell; /* kept */
    struct small_number small;
};

struct bound bound_of(const struct cell *cell);
/* Negative, zero or positive as the cell's number is below, at or above the bound. */
int bound_compare(const struct cell *cell, const struct bound *bound);
/* Both ends of a range of numbers. */
struct bounds {
    struct bound low, high; /* no bound: its cell is NULL */
    bool above, below;      /* the bound itself is outside */
};
bool bounds_hold(const struct bounds *range, const struct cell *cell);
/* The greatest 64-bit integer that is not above the bound, and whether the bound is that integer;
 * false when it is out of reach. */
bool bound_floor(const struct bound *bound, int64_t *out_floor, bool *out_integral);
/* Significant digits of a number; a bound to divide by may have at most BOUND_DIGITS_MAX. */
size_t bound_digits(const struct cell *cell);
enum { BOUND_DIGITS_MAX = 128 };
/* Whether the cell's number divided by the bound, which is above 0, is an integer. */
bool bound_divides(const struct bound *bound, const struct cell *cell);
/* Equal numbers have equal hashes, however they are written. */
uint64_t number_hash(const struct cell *cell);
