/* Telephone numbers: with a country code (ITU-T E.164), and as they are written at home: in North
 * America, with a trunk zero, or behind a word that says what follows. */
#include "guard/detect.h"

enum { PHONE_DIGITS_MAX = 15, PHONE_GROUPS_MAX = 10, BRACKETS_MAX = 2 };

/* Digits in groups, which separators and brackets part. */
struct phone {
    char digits[PHONE_DIGITS_MAX + 1];
    struct {
        uint8_t digits; /* in it and in all before it */
        char behind;    /* the last separator that follows */
        size_t end;
    } groups[PHONE_GROUPS_MAX];
    uint8_t count;
};

static bool is_between(uint32_t folded)
{
    return folded == ' ' || folded == '-' || folded == '.' || folded == '/';
}

/* One or two of " -./()" between two groups; false when what is there parts numbers. */
static bool read_between(struct guard_cursor *cursor, unsigned *open, char *out)
{
    bool any = false;

    for (int i = 0; i < 3; i++) {
        uint32_t folded = guard_peek(cursor);

        if (folded - '0' < 10)
            return any;
        if (folded == '(' && *open < BRACKETS_MAX)
            ++*open;
        else if (folded == ')' && *open > 0)
            --*open;
        else if (!is_between(folded))
            return false;
        *out = (char)folded;
        any = true;
        guard_take(cursor);
    }
    return guard_peek(cursor) - '0' < 10;
}

static bool read_digits(struct guard_cursor *cursor, struct phone *phone)
{
    unsigned from = phone->count > 0 ? phone->groups[phone->count - 1].digits : 0, to = from;

    for (;;) {
        struct guard_cursor before = *cursor;
        uint32_t folded = guard_take(cursor);

        if (folded - '0' >= 10) {
            *cursor = before;
            break;
        }
        if (to == PHONE_DIGITS_MAX)
            return false;
        phone->digits[to++] = (char)folded;
    }
    if (to == from || guard_is_alnum(guard_peek(cursor)))
        return false;
    phone->groups[phone->count].digits = (uint8_t)to;
    phone->groups[phone->count].behind = '\0';
    phone->groups[phone->count++].end = cursor->at;
    return true;
}

static void read_phone(const struct guard_spot *spot, struct phone *out)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->lead);
    unsigned open = 0;

    *out = (struct phone){0};
    while (cursor.at < spot->word->start) {
        uint32_t folded = guard_take(&cursor);

        open += folded == '(' && open < BRACKETS_MAX;
    }
    cursor = guard_cursor(spot->view, spot->word->start);
    while (out->count < PHONE_GROUPS_MAX && read_digits(&cursor, out))
        if (!read_between(&cursor, &open, &out->groups[out->count - 1].behind))
            break;
    out->digits[out->count > 0 ? out->groups[out->count - 1].digits : 0] = '\0';
}

static unsigned group_size(const struct phone *phone, unsigned group)
{
    return group < phone->count
               ? phone->groups[group].digits - (group > 0 ? phone->groups[group - 1].digits : 0u)
               : 0;
}

/* A single digit behind a space at the end is most often none of it. */
static void drop_stray(struct phone *phone)
{
    while (phone->count > 1 && group_size(phone, phone->count - 1u) == 1 &&
           phone->groups[phone->count - 2].behind == ' ')
        phone->count--;
}

/* --- with a country code -------------------------------------------------------------------------
 */

/* Of the codes that are assigned: those of one digit and of two; all others have three. */
static unsigned code_digits(const char *digits)
{
    static const char two[] =
        "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 "
        "56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";

    if (*digits == '1' || *digits == '7')
        return 1;
    for (const char *code = two; *code != '\0'; code += code[2] == ' ' ? 3 : 2)
        if (digits[0] == code[0] && digits[1] == code[1])
            return 2;
    return strchr("23456789", *digits) != NULL && strlen(digits) > 3 ? 3 : 0;
}

/* As many groups as make up a number behind a country code, or 0. */
static unsigned international(const struct phone *phone, unsigned skip)
{
    const char *digits = phone->digits + skip;
    unsigned code = *digits != '\0' ? code_digits(digits) : 0;

    for (unsigned groups = phone->count; code > 0 && groups > 0; groups--) {
        unsigned all = phone->groups[groups - 1].digits - skip, rest = all - code;

        if (phone->groups[groups - 1].digits <= skip + code || all > PHONE_DIGITS_MAX)
            continue;
        if (digits[0] == '1' && all != 11)
            continue;
        return rest >= 5 && all >= 7 ? groups : 0;
    }
    return 0;
}

/* --- at home -------------------------------------------------------------------------------------
 */

static bool parted(const struct phone *phone, unsigned from, unsigned to, const char *by)
{
    for (unsigned i = from; i < to; i++)
        if (phone->groups[i].behind == '\0' || strchr(by, phone->groups[i].behind) == NULL)
            return false;
    return true;
}

/* (212) 555-0123, 212-555-0123, 1 212 555 0123 */
static unsigned north_american(const struct phone *phone)
{
    unsigned first = group_size(phone, 0) == 1 && phone->digits[0] == '1' ? 1 : 0;
    const char *area = phone->digits + first, *exchange = area + 3;

    if (phone->count < first + 3 || group_size(phone, first) != 3 ||
        group_size(phone, first + 1) != 3 || group_size(phone, first + 2) != 4 ||
        !parted(phone, first, first + 2, "-. )"))
        return 0;
    if (phone->count > first + 3 && phone->groups[first + 2].behind != ' ')
        return 0;
    return *area >= '2' && *exchange >= '2' ? first + 3 : 0;
}

static bool is_date(const struct phone *phone)
{
    return group_size(phone, 0) == 2 && group_size(phone, 1) == 2 &&
           (group_size(phone, 2) == 4 || (phone->count == 3 && group_size(phone, 2) == 2));
}

/* 030 1234567, (0171) 123 45 67, 020-7946-0958, 01.23.45.67.89 */
static unsigned with_trunk(const struct phone *phone)
{
    unsigned groups = phone->count, first = group_size(phone, 0);
    bool pairs = groups == 5;

    if (groups < 2 || phone->digits[0] != '0' || phone->digits[1] == '0' || first < 2 ||
        first > 5 || is_date(phone))
        return 0;
    for (unsigned i = 0; i < groups; i++) {
        pairs &= group_size(phone, i) == 2;
        if (i > 0 && group_size(phone, i) < 2)
            return 0;
    }
    if (!parted(phone, 0, groups - 1, pairs ? " -." : " -/)"))
        return 0;
    return phone->groups[groups - 1].digits >= 9 && phone->groups[groups - 1].digits <= 12 ? groups
                                                                                           : 0;
}

static unsigned at_home(const struct guard_spot *spot, const struct phone *phone)
{
    unsigned groups = north_american(phone), digits;

    if (groups > 0 || (groups = with_trunk(phone)) > 0)
        return groups;
    if (phone->count == 0)
        return 0;
    digits = phone->groups[phone->count - 1].digits;
    return digits >= 7 && !is_date(phone) && spot_hinted(spot, HINT_PHONE) ? phone->count : 0;
}

static bool has_plus(const struct guard_spot *spot)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->lead);

    while (cursor.at < spot->word->start)
        if (guard_take(&cursor) == '+')
            return true;
    return false;
}

bool detect_phone(const struct guard_spot *spot, size_t *out_end)
{
    struct phone phone;
    unsigned groups = 0;
    bool plus;

    if ((spot->word->flags & WORD_LETTERS) != 0 || guard_is_alnum(spot->before) ||
        spot->word->chars > PHONE_DIGITS_MAX)
        return false;
    plus = spot->lead < spot->word->start && has_plus(spot);
    if (!plus && spot->word->first != '0' && spot->word->chars != 3 && spot->word->first != '1' &&
        !spot_hinted(spot, HINT_PHONE))
        return false;
    if (!plus && (spot->in_a_row || spot->before == '.' || spot->before == '-' ||
                  spot->before == '_' || spot->before == '#' || spot->before == '/'))
        return false;
    read_phone(spot, &phone);
    drop_stray(&phone);
    if (plus) {
        groups = international(&phone, 0);
    } else {
        if (phone.digits[0] == '0' && phone.digits[1] == '0')
            groups = international(&phone, 2);
        if (groups == 0)
            groups = at_home(spot, &phone);
    }
    if (groups == 0)
        return false;
    *out_end = phone.groups[groups - 1].end;
    return true;
}
