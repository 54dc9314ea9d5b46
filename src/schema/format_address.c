/* Addresses: IPv4 in dotted decimal (RFC 2673 section 3.2), IPv6 as RFC 4291 section 2.2 writes it,
 * and UUIDs (RFC 9562 section 4). */
#include "schema/format_scan.h"

enum { IPV4_MAX = 15, IPV6_MAX = 45, UUID_LEN = 36 };

bool scan_ipv4(struct text text)
{
    size_t at = 0;

    if (text.len > IPV4_MAX)
        return false;
    for (int part = 0; part < 4; part++) {
        int value = 0;
        size_t first;

        if (part > 0 && (at >= text.len || text.at[at++] != '.'))
            return false;
        first = at;
        while (at < text.len && at - first < 3 && byte_is_digit(text.at[at]))
            value = value * 10 + (text.at[at++] - '0');
        /* A leading zero is octal to some readers. */
        if (at == first || value > 255 || (at - first > 1 && text.at[first] == '0'))
            return false;
    }
    return at == text.len;
}

bool scan_ipv6(struct text text)
{
    size_t at = 0;
    int groups = 0;
    bool gap = false;

    if (text.len < 2 || text.len > IPV6_MAX || (text.at[0] == ':' && text.at[1] != ':'))
        return false;
    while (at < text.len) {
        size_t first = at;

        if (text.at[at] == ':') { /* what follows a group's colon, or begins the text */
            if (gap)
                return false;
            gap = true;
            at += at == 0 ? 2 : 1;
            continue;
        }
        while (at < text.len && at - first < 4 && byte_is_hex(text.at[at]))
            at++;
        if (at < text.len && text.at[at] == '.') {
            groups += 2;
            return scan_ipv4(text_after(text, first)) && (gap ? groups < 8 : groups == 8);
        }
        if (at == first || ++groups > 8)
            return false;
        if (at < text.len && (text.at[at++] != ':' || at == text.len))
            return false;
    }
    return gap ? groups < 8 : groups == 8;
}

bool scan_uuid(struct text text)
{
    static const uint8_t groups[][2] = {{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, UUID_LEN}};
    unsigned uses = BYTE_HEX; /* of all digits, so that there is one branch at the end */

    if (text.len != UUID_LEN)
        return false;
    if (text.at[8] != '-' || text.at[13] != '-' || text.at[18] != '-' || text.at[23] != '-')
        return false;
    for (size_t group = 0; group < sizeof groups / sizeof *groups; group++) {
        for (size_t at = groups[group][0]; at < groups[group][1]; at++)
            uses &= byte_uses[(unsigned char)text.at[at]];
    }
    return uses != 0;
}
