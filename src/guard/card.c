/* Payment cards: by the issuers' prefixes and lengths (ISO/IEC 7812), with a valid check digit, in
 * the groupings that are printed on cards, in pairs, in single digits, or in one. */
#include "guard/detect.h"

struct issuer {
    uint32_t from, to; /* of the first six digits */
    uint8_t shortest, longest;
};

static const struct issuer issuers[] = {
    {400000, 499999, 16, 16}, {400000, 499999, 13, 13}, {400000, 499999, 19, 19}, /* Visa */
    {510000, 559999, 16, 16}, {222100, 272099, 16, 16},                           /* Mastercard */
    {340000, 349999, 15, 15}, {370000, 379999, 15, 15},                           /* Amex */
    {601100, 601199, 16, 19}, {622126, 622925, 16, 19}, {644000, 659999, 16, 19}, /* Discover */
    {300000, 305999, 14, 19}, {309500, 309599, 14, 19}, {360000, 369999, 14, 19},
    {380000, 399999, 14, 19},                           /* Diners */
    {352800, 358999, 16, 19},                           /* JCB */
    {620000, 629999, 16, 19}, {810000, 817199, 16, 19}, /* UnionPay */
    {500000, 509999, 16, 19}, {560000, 589999, 16, 19}, {630000, 639999, 16, 19},
    {670000, 679999, 16, 19}, /* Maestro */
    {220000, 220499, 16, 19}, /* Mir */
};

static bool issued(const char *digits, unsigned count)
{
    uint32_t prefix = 0;

    for (int i = 0; i < 6; i++)
        prefix = prefix * 10 + (uint32_t)(digits[i] - '0');
    for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++)
        if (prefix >= issuers[i].from && prefix <= issuers[i].to && count >= issuers[i].shortest &&
            count <= issuers[i].longest)
            return true;
    return false;
}

static bool grouped_evenly(const struct guard_number *number, int last, uint8_t size)
{
    uint8_t from = 0;

    for (int i = 0; i <= last; i++) {
        uint8_t chars = (uint8_t)(number->groups[i].chars - from);

        if (chars > size ||
            (i < last && (chars != size || number->groups[i].behind != number->groups[0].behind)))
            return false;
        from = number->groups[i].chars;
    }
    return true;
}

/* Not as a part of a longer row of groups of four. */
static bool grouped_as_card(const struct guard_spot *spot, const struct guard_number *number,
                            int last)
{
    int next =
        last + 1 < number->count ? number->groups[last + 1].chars - number->groups[last].chars : 0;

    if (last > 0 && (next == 4 || spot->in_a_row))
        return false;
    return last == 0 || grouped_evenly(number, last, 4) || grouped_evenly(number, last, 1) ||
           grouped_evenly(number, last, 2) || number_grouped(number, last, "88") ||
           number_grouped(number, last, "465") || number_grouped(number, last, "464");
}

bool detect_card(const struct guard_spot *spot, const struct guard_number *number, size_t *out_end)
{
    uint32_t first = spot->word->first;

    if (first < '2' || first > '8' || (spot->word->flags & WORD_LETTERS) != 0 ||
        spot->word->chars > 19 || number->digits < 13)
        return false;
    for (unsigned count = 19; count >= 13; count--) {
        int last = number_ends(number, count);

        if (last < 0 || number->digits < count || !grouped_as_card(spot, number, last) ||
            !issued(number->chars, count) || !luhn_valid(number->chars, count))
            continue;
        *out_end = number->groups[last].end;
        return true;
    }
    return false;
}
