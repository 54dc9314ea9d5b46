#include "transport/http_address.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static enum address_kind kind_of(const char *written)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, written, &v4.sin_addr) == 1)
        return address_kind((const struct sockaddr *)&v4);
    EXPECT_EQ(inet_pton(AF_INET6, written, &v6.sin6_addr), 1);
    return address_kind((const struct sockaddr *)&v6);
}

static void expect_kind(enum address_kind kind, const char *const *written, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (kind_of(written[i]) != kind)
            print_error("%s\n", written[i]);
        EXPECT_EQ(kind_of(written[i]), kind);
    }
}
#define EXPECT_KIND(kind, ...)                                                                     \
    expect_kind(kind, (const char *const[]){__VA_ARGS__},                                          \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

TEST(addresses_of_the_internet_are_public)
{
    EXPECT_KIND(ADDRESS_PUBLIC, "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.0.1", "169.255.0.1",
                "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
                "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::200e",
                "2001:4860:4860::8888", "64:ff9b::8.8.8.8", "2002:808:808::1");
}

TEST(addresses_of_this_machine_and_its_network_are_private)
{
    EXPECT_KIND(ADDRESS_PRIVATE, "0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0",
                "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.1", "172.16.0.0",
                "172.31.255.255", "192.0.0.1", "192.168.0.1", "192.168.255.255", "198.18.0.1",
                "198.19.255.255", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255",
                "::", "::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
                "2001::1", "2001:db8::1", "100::1", "64:ff9b:1::1");
}

TEST(an_address_inside_another_is_judged_too)
{
    EXPECT_KIND(ADDRESS_PRIVATE, "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                "::8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "2002:a00:1::1",
                "2002:7f00:1::");
}

TEST(where_credentials_are_handed_out_nobody_may_go)
{
    EXPECT_KIND(ADDRESS_NEVER, "169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192",
                "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254",
                "2002:a9fe:a9fe::");
}

TEST(other_families_than_ip_are_refused)
{
    struct sockaddr address = {.sa_family = AF_UNIX};
    char written[ADDRESS_TEXT_BYTES];

    EXPECT_EQ(address_kind(&address), ADDRESS_NEVER);
    address_write(&address, written);
    EXPECT_STR(written, "of family 1");
}

TEST(an_address_is_written_as_people_know_it)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    char written[ADDRESS_TEXT_BYTES];

    address_write((const struct sockaddr *)&v4, written);
    EXPECT_STR(written, "10.0.0.1");
    address_write((const struct sockaddr *)&v6, written);
    EXPECT_STR(written, "::1");
}
