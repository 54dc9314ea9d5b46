/* Addresses of the network layer, but those that name nobody: unspecified, loopback, broadcast. */
#include "guard/detect.h"

/* A number of at most three digits, without needless zeroes and below 256. */
static bool read_octet(struct guard_cursor *cursor, unsigned *out)
{
    unsigned digits = 0;

    *out = 0;
    for (;;) {
        struct guard_cursor before = *cursor;
        uint32_t folded = guard_take(cursor);

        if (folded - '0' >= 10) {
            *cursor = before;
            return digits > 0;
        }
        *out = *out * 10 + (folded - '0');
        if (++digits > 3 || *out > 255 || (digits > 1 && *out < 10))
            return false;
    }
}

static bool read_ipv4(struct guard_cursor *cursor, unsigned octets[4])
{
    for (int i = 0; i < 4; i++)
        if (!read_octet(cursor, &octets[i]) || (i < 3 && guard_take(cursor) != '.'))
            return false;
    return true;
}

/* Whether a word, or a further part of a number, goes on directly behind it. */
static bool goes_on(const struct guard_cursor *cursor)
{
    struct guard_cursor copy = *cursor;
    uint32_t folded = guard_take(&copy);

    if (folded == ':')
        return (folded = guard_take(&copy)) == ':' || guard_is_alnum(folded);
    return guard_is_alnum(folded) || (folded == '.' && guard_take(&copy) - '0' < 10);
}

bool detect_ipv4(const struct guard_spot *spot, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start), copy;
    unsigned octets[4];
    uint32_t next;

    if (spot->word->next != '.' || spot->word->chars > 3 || guard_is_alnum(spot->before) ||
        spot->before == '.' || !read_ipv4(&cursor, octets))
        return false;
    *out_end = cursor.at;
    copy = cursor;
    next = guard_take(&copy);
    if (guard_is_alnum(next) || ((next == '.' || next == '-') && guard_is_alnum(guard_take(&copy))))
        return false;
    if (octets[0] == 127 || octets[0] == 0 || (octets[0] == 255 && octets[3] == 255))
        return false;
    return !spot_hinted(spot, HINT_VERSION);
}

enum { IPV6_GROUPS_MAX = 9 };

/* RFC 4291 section 2.2: groups of up to four hexadecimal digits, once "::", maybe an IPv4 address
 * at the end. */
struct ipv6 {
    unsigned groups;
    bool gap, digits;
};

static bool read_hex(struct guard_cursor *cursor, struct ipv6 *address)
{
    unsigned chars = 0;

    for (;;) {
        struct guard_cursor before = *cursor;
        uint32_t lower = fold_lower(guard_take(cursor));

        if (lower - '0' >= 10 && lower - 'a' >= 6) {
            *cursor = before;
            break;
        }
        if (++chars > 4) {
            address->groups = IPV6_GROUPS_MAX; /* it is none */
            return false;
        }
        address->digits |= lower <= '9';
    }
    address->groups += chars > 0;
    return chars > 0;
}

/* An IPv4 address in place of the last two groups. */
static bool read_tail(struct guard_cursor *cursor, struct ipv6 *address)
{
    struct guard_cursor copy = *cursor;
    unsigned octets[4];

    if (!read_ipv4(&copy, octets))
        return false;
    *cursor = copy;
    address->groups += 2;
    address->digits = true;
    return true;
}

/* Groups, and the colons between them; a colon that no group follows is behind the address. */
static void read_groups(struct guard_cursor *cursor, struct ipv6 *address)
{
    struct guard_cursor before = *cursor;

    while (address->groups < 8) {
        if (address->groups >= 1 && read_tail(cursor, address))
            return;
        if (!read_hex(cursor, address)) {
            *cursor = before;
            return;
        }
        before = *cursor;
        if (guard_take(cursor) != ':') {
            *cursor = before;
            return;
        }
        if (guard_peek(cursor) == ':' && !address->gap) {
            guard_take(cursor);
            address->gap = true;
            before = *cursor;
        }
    }
    *cursor = before;
}

bool detect_ipv6(const struct guard_spot *spot, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start);
    struct ipv6 address = {.gap = spot->colons < spot->word->start};

    if (guard_is_alnum(spot->before) || spot->before == ':' || spot->word->chars > 4)
        return false;
    if (!address.gap && spot->word->next != ':')
        return false;
    read_groups(&cursor, &address);
    *out_end = cursor.at;
    if (goes_on(&cursor) || (address.gap ? address.groups > 7 : address.groups != 8))
        return false;
    return (address.digits || address.groups >= 3) && (!address.gap || address.groups >= 2);
}
