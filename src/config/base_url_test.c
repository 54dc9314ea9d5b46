#include "config/base_url.h"

#include "unit.h"

static struct base_url good(const char *text)
{
    struct base_url url;
    struct base_url_fault fault;

    if (!base_url_parse(text_of(text), &url, &fault))
        fail_msg("%s is refused: %s", text, fault.why);
    return url;
}

static bool refused(const char *text)
{
    struct base_url url;
    struct base_url_fault fault = {0};

    if (base_url_parse(text_of(text), &url, &fault))
        return false;
    return fault.why != NULL && fault.why[0] != '\0' && fault.hint != NULL && fault.hint[0] != '\0';
}

TEST(a_url_is_scheme_host_port_and_path)
{
    struct base_url url = good("https://api.openai.com/v1"), local = good("http://[::1]:8000");

    EXPECT(url.https);
    EXPECT_TEXT(url.host, "api.openai.com");
    EXPECT_EQ(url.port, 443);
    EXPECT_TEXT(url.path, "/v1");
    EXPECT(!local.https);
    EXPECT_TEXT(local.host, "[::1]");
    EXPECT_EQ(local.port, 8000);
    EXPECT_EQ(local.path.len, 0);
}

TEST(slashes_at_the_end_of_the_path_are_dropped)
{
    EXPECT_TEXT(good("https://h.example/v1//").path, "/v1");
    EXPECT_EQ(good("https://h.example/").path.len, 0);
}

TEST(a_host_that_is_an_address_is_judged_by_it)
{
    EXPECT_EQ(good("https://8.8.8.8").kind, ADDRESS_PUBLIC);
    EXPECT_EQ(good("https://10.1.2.3").kind, ADDRESS_PRIVATE);
    EXPECT_EQ(good("https://127.0.0.1").kind, ADDRESS_PRIVATE);
    EXPECT_EQ(good("https://169.254.169.254").kind, ADDRESS_NEVER);
    EXPECT_EQ(good("https://[::1]").kind, ADDRESS_PRIVATE);
    EXPECT_EQ(good("https://[::ffff:10.0.0.1]").kind, ADDRESS_PRIVATE);
    EXPECT_EQ(good("https://[::ffff:169.254.169.254]").kind, ADDRESS_NEVER);
    EXPECT_EQ(good("https://[fd00:ec2::254]").kind, ADDRESS_NEVER);
}

TEST(names_that_are_known_by_themselves_are_judged_too)
{
    EXPECT_EQ(good("https://localhost").kind, ADDRESS_PRIVATE);
    EXPECT_EQ(good("https://LocalHost.").kind, ADDRESS_PRIVATE);
    EXPECT_EQ(good("https://api.localhost").kind, ADDRESS_PRIVATE);
    EXPECT_EQ(good("https://metadata.google.internal").kind, ADDRESS_NEVER);
    EXPECT_EQ(good("https://METADATA.google.internal.").kind, ADDRESS_NEVER);
    EXPECT_EQ(good("https://notlocalhost.example").kind, ADDRESS_PUBLIC);
}

TEST(what_is_no_plain_url_is_refused)
{
    static const char *const wrong[] = {
        "",
        "api.openai.com",
        "ftp://h.example",
        "HTTPS//h.example",
        "https://",
        "https:///v1",
        "https://user@h.example",
        "https://user:pass@h.example",
        "https://h.example@10.0.0.1",
        "https://h.example:0",
        "https://h.example:65536",
        "https://h.example:",
        "https://h.example:80:80",
        "https://h.example/v1?x=1",
        "https://h.example#x",
        "https://h.example/a b",
        "https://h.example/a/../b",
        "https://h.example/./b",
        "https://-h.example",
        "https://h..example",
        "https://h_\xC3\xBC.example",
        "https://[::1",
        "https://[::1%25lo]",
        "https://[]",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://127.0.0.1.",
        "https://h.example\r\nx: y",
        "https://h.example/\r\nx",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (!refused(wrong[i]))
            fail_msg("%s is accepted", wrong[i]);
}
