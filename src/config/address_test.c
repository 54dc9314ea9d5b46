#include "config/address.h"

#include "unit.h"

static struct listen_address good(const char *text)
{
    struct listen_address address;
    const char *why;

    if (!listen_address_parse(text_of(text), &address, &why))
        fail_msg("%s is refused: %s", text, why);
    EXPECT_TEXT(address.text, text);
    return address;
}

static const char *refusal(const char *text)
{
    struct listen_address address;
    const char *why = NULL;

    return listen_address_parse(text_of(text), &address, &why) ? "" : why;
}

TEST(an_address_and_a_port)
{
    struct listen_address four = good("127.0.0.1:8080"), six = good("[::1]:0");

    EXPECT_TEXT(four.host, "127.0.0.1");
    EXPECT_EQ(four.port, 8080);
    EXPECT_EQ(four.path.len, 0);
    EXPECT_TEXT(six.host, "::1");
    EXPECT_EQ(six.port, 0);
}

TEST(localhost_is_the_loopback_address)
{
    EXPECT_TEXT(good("localhost:80").host, "127.0.0.1");
}

TEST(a_unix_socket_has_a_path_and_no_host)
{
    struct listen_address address = good("unix:/run/pinion.sock");

    EXPECT_TEXT(address.path, "/run/pinion.sock");
    EXPECT_EQ(address.host.len, 0);
}

TEST(a_path_longer_than_the_system_takes_is_refused)
{
    char path[5 + 109];

    memset(path, 'a', sizeof path);
    memcpy(path, "unix:/", 6);
    path[5 + 108] = '\0';
    EXPECT(text_find(text_of(refusal(path)), TEXT("107")) < strlen(refusal(path)));
    path[5 + 107] = '\0';
    good(path);
}

TEST(what_names_no_address_is_refused_with_the_reason)
{
    EXPECT_STR(refusal(""), "a port is missing");
    EXPECT_STR(refusal("127.0.0.1"), "a port is missing");
    EXPECT_STR(refusal("127.0.0.1:"), "the port must be a number from 0 to 65535");
    EXPECT_STR(refusal("127.0.0.1:65536"), "the port must be a number from 0 to 65535");
    EXPECT_STR(refusal("127.0.0.1:-1"), "the port must be a number from 0 to 65535");
    EXPECT_STR(refusal("unix:"), "the path of a unix socket is missing");
    EXPECT(refusal(":8080")[0] != '\0');
    EXPECT(refusal("::1:8080")[0] != '\0');
    EXPECT(refusal("[::1:8080")[0] != '\0');
    EXPECT(refusal("[]:8080")[0] != '\0');
    EXPECT(refusal("gateway.example:8080")[0] != '\0');
    EXPECT(refusal("127.1:8080")[0] != '\0');
}
