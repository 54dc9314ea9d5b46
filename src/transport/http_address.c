/* Two tables of prefixes, the IANA special-purpose registries (RFC 6890) as far as a provider
 * cannot be meant by them, and before them the metadata services of the clouds. The first row that
 * holds the address decides. */
#include "transport/http_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct v4_row {
    uint32_t prefix;
    unsigned bits;
    enum address_kind kind;
};
#define V4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

// clang-format off
static const struct v4_row v4_rows[] = {
    {V4(169, 254, 169, 254), 32, ADDRESS_NEVER},   /* most clouds */
    {V4(169, 254, 169, 253), 32, ADDRESS_NEVER},   /* resolver beside it */
    {V4(169, 254, 170, 2),   32, ADDRESS_NEVER},   /* container credentials */
    {V4(169, 254, 170, 23),  32, ADDRESS_NEVER},   /* pod credentials */
    {V4(169, 254, 0, 23),    32, ADDRESS_NEVER},   /* metadata, another cloud */
    {V4(100, 100, 100, 200), 32, ADDRESS_NEVER},   /* metadata, another cloud */
    {V4(192, 0, 0, 192),     32, ADDRESS_NEVER},   /* metadata, another cloud */
    {V4(168, 63, 129, 16),   32, ADDRESS_NEVER},   /* host agent of another cloud */
    {V4(0, 0, 0, 0),          8, ADDRESS_PRIVATE}, /* this host */
    {V4(10, 0, 0, 0),         8, ADDRESS_PRIVATE},
    {V4(100, 64, 0, 0),      10, ADDRESS_PRIVATE}, /* shared by carriers, RFC 6598 */
    {V4(127, 0, 0, 0),        8, ADDRESS_PRIVATE},
    {V4(169, 254, 0, 0),     16, ADDRESS_PRIVATE}, /* link-local */
    {V4(172, 16, 0, 0),      12, ADDRESS_PRIVATE},
    {V4(192, 0, 0, 0),       24, ADDRESS_PRIVATE}, /* protocol assignments */
    {V4(192, 0, 2, 0),       24, ADDRESS_PRIVATE}, /* documentation */
    {V4(192, 168, 0, 0),     16, ADDRESS_PRIVATE},
    {V4(198, 18, 0, 0),      15, ADDRESS_PRIVATE}, /* benchmarks */
    {V4(198, 51, 100, 0),    24, ADDRESS_PRIVATE}, /* documentation */
    {V4(203, 0, 113, 0),     24, ADDRESS_PRIVATE}, /* documentation */
    {V4(224, 0, 0, 0),        4, ADDRESS_PRIVATE}, /* multicast */
    {V4(240, 0, 0, 0),        4, ADDRESS_PRIVATE}, /* reserved, broadcast */
};

static const struct v6_row {
    uint8_t prefix[16];
    unsigned bits;
    enum address_kind kind;
    unsigned v4_at; /* byte where an IPv4 address stands inside; 0: none */
} v6_rows[] = {
    {{0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54}, 128, ADDRESS_NEVER, 0},
    {{0xfd, 0x00, 0x0e, 0xc2, [15] = 0x23},              128, ADDRESS_NEVER, 0},
    {{0xfd, 0x20, 0x00, 0xce, [14] = 0x02, [15] = 0x54}, 128, ADDRESS_NEVER, 0},
    {{[10] = 0xff, 0xff},                  96, ADDRESS_PRIVATE, 12}, /* IPv4-mapped */
    {{0},                                  96, ADDRESS_PRIVATE, 12}, /* ::, ::1, IPv4-compatible */
    {{0x00, 0x64, 0xff, 0x9b},             96, ADDRESS_PUBLIC,  12}, /* NAT64, RFC 6052 */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, ADDRESS_PRIVATE, 0},  /* local NAT64, RFC 8215 */
    {{0x01},                               64, ADDRESS_PRIVATE, 0},  /* discard only */
    {{0x20, 0x01},                         23, ADDRESS_PRIVATE, 0},  /* Teredo and its like */
    {{0x20, 0x01, 0x0d, 0xb8},             32, ADDRESS_PRIVATE, 0},  /* documentation */
    {{0x20, 0x02},                         16, ADDRESS_PUBLIC,  2},  /* 6to4 */
    {{0x3f, 0xff},                         20, ADDRESS_PRIVATE, 0},  /* documentation */
    {{0x5f},                               16, ADDRESS_PRIVATE, 0},  /* segment routing */
    {{0xfc},                                7, ADDRESS_PRIVATE, 0},  /* unique local */
    {{0xfe, 0x80},                         10, ADDRESS_PRIVATE, 0},  /* link-local */
    {{0xfe, 0xc0},                         10, ADDRESS_PRIVATE, 0},  /* site-local, deprecated */
    {{0xff},                                8, ADDRESS_PRIVATE, 0},  /* multicast */
};
// clang-format on

static enum address_kind kind_of_v4(uint32_t address)
{
    for (size_t i = 0; i < sizeof v4_rows / sizeof *v4_rows; i++) {
        const struct v4_row *row = &v4_rows[i];

        if (((address ^ row->prefix) >> (32 - row->bits)) == 0)
            return row->kind;
    }
    return ADDRESS_PUBLIC;
}

static bool has_prefix(const uint8_t *address, const struct v6_row *row)
{
    unsigned whole = row->bits / 8, rest = row->bits % 8;

    return memcmp(address, row->prefix, whole) == 0 &&
           (rest == 0 || (address[whole] ^ row->prefix[whole]) >> (8 - rest) == 0);
}

static enum address_kind kind_of_v6(const uint8_t *address)
{
    for (size_t i = 0; i < sizeof v6_rows / sizeof *v6_rows; i++) {
        const struct v6_row *row = &v6_rows[i];
        enum address_kind inside;

        if (!has_prefix(address, row))
            continue;
        if (row->v4_at == 0)
            return row->kind;
        inside = kind_of_v4(V4(address[row->v4_at], address[row->v4_at + 1],
                               address[row->v4_at + 2], address[row->v4_at + 3]));
        return inside > row->kind ? inside : row->kind;
    }
    return ADDRESS_PUBLIC;
}

enum address_kind address_kind(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    switch (address->sa_family) {
    case AF_INET:
        memcpy(&v4, address, sizeof v4);
        return kind_of_v4(ntohl(v4.sin_addr.s_addr));
    case AF_INET6:
        memcpy(&v6, address, sizeof v6);
        return kind_of_v6(v6.sin6_addr.s6_addr);
    default:
        return ADDRESS_NEVER;
    }
}

void address_write(const struct sockaddr *address, char out[ADDRESS_TEXT_BYTES])
{
    const char *bytes = (const char *)address;
    size_t at = address->sa_family == AF_INET ? offsetof(struct sockaddr_in, sin_addr)
                                              : offsetof(struct sockaddr_in6, sin6_addr);

    if (inet_ntop(address->sa_family, bytes + at, out, ADDRESS_TEXT_BYTES) == NULL)
        snprintf(out, ADDRESS_TEXT_BYTES, "of family %d", (int)address->sa_family);
}
