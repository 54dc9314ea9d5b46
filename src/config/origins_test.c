#include "config/origins.h"
#include "unit.h"

static bool allows(const char *listed, const char *sent)
{
    const struct text item = text_of(listed);

    return origin_allowed(&(struct origins){&item, 1}, text_of(sent));
}

TEST(an_origin_is_a_scheme_a_host_and_maybe_a_port)
{
    static const char *const good[] = {"https://app.example.com", "http://localhost:3000",
                                       "http://localhost:*",      "http://[::1]:6274",
                                       "vscode-webview://abc",    "*"};
    static const char *const bad[] = {"app.example.com",
                                      "https://",
                                      "https://a/",
                                      "https://a/b",
                                      "https://A.example",
                                      "https://a:0",
                                      "https://a:65536",
                                      "https://a:x",
                                      "https://*.example.com",
                                      "://a",
                                      "1ttp://a",
                                      "",
                                      "null",
                                      "https://user@a"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        EXPECT(origin_valid(text_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(!origin_valid(text_of(bad[i])));
}

TEST(a_page_is_allowed_whose_origin_is_listed_as_it_is)
{
    EXPECT(allows("https://app.example.com", "https://app.example.com"));
    EXPECT(allows("https://app.example.com", "HTTPS://App.Example.com"));
    EXPECT(!allows("https://app.example.com", "http://app.example.com"));
    EXPECT(!allows("https://app.example.com", "https://app.example.com:8443"));
    EXPECT(!allows("https://app.example.com", "https://app.example.com.evil.example"));
    EXPECT(!allows("https://app.example.com", ""));
}

TEST(a_port_that_is_left_open_is_any_port_or_none_and_nothing_else)
{
    EXPECT(allows("http://localhost:*", "http://localhost:6274"));
    EXPECT(allows("http://localhost:*", "http://localhost"));
    EXPECT(!allows("http://localhost:*", "http://localhost.evil.example"));
    EXPECT(!allows("http://localhost:*", "http://localhost:6274.evil.example"));
    EXPECT(!allows("http://localhost:*", "http://localhos"));
}

TEST(what_has_no_origin_is_not_among_all)
{
    EXPECT(allows("*", "https://anywhere.example"));
    EXPECT(!allows("*", "null"));
}
