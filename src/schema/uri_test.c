#include "unit.h"

#include "schema/uri.h"

TEST(references_resolve_as_rfc_3986_section_5_4_says)
{
    static const struct {
        const char *reference, *resolved;
    } rows[] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"HTTP:g", "http:g"},
        {"urn:example:1", "urn:example:1"},
    };
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_TEXT(uri_resolve(TEXT("http://a/b/c/d;p?q"), text_of(rows[i].reference), &arena),
                    rows[i].resolved);
    arena_release(&arena);
}

TEST(references_resolve_against_bases_of_every_sort)
{
    struct arena arena = {0};

    EXPECT_TEXT(uri_resolve(TEXT(""), TEXT("item"), &arena), "item");
    EXPECT_TEXT(uri_resolve(TEXT("schemas/a.json"), TEXT("b.json"), &arena), "schemas/b.json");
    EXPECT_TEXT(uri_resolve(TEXT("http://a"), TEXT("b"), &arena), "http://a/b");
    EXPECT_TEXT(uri_resolve(TEXT("urn:uuid:1"), TEXT("#x"), &arena), "urn:uuid:1");
    EXPECT_TEXT(uri_resolve(TEXT("file:///a/b"), TEXT("c"), &arena), "file:///a/c");
    EXPECT_TEXT(uri_resolve(TEXT("x:/a"), TEXT("/b/..//c"), &arena), "x:/.//c");
    arena_release(&arena);
}

TEST(paths_and_uris_have_one_form)
{
    static const struct {
        const char *path, *uri;
    } paths[] = {
        {"schemas/a b.json", "schemas/a%20b.json"},
        {"schemas/100%.json", "schemas/100%25.json"},
        {"a#b?c[1].json", "a%23b%3Fc%5B1%5D.json"},
        {"/home/\u00fc/~x:1.json", "/home/%C3%BC/~x:1.json"},
    };
    static const struct {
        const char *uri, *normal;
    } uris[] = {
        {"https://a/b?c#d", "https://a/b?c#d"},
        {"a b", "a%20b"},
        {"a%20b", "a%20b"},
        {"%61%2f%2F", "a%2F%2F"},
        {"\u00fc%c3%bc", "%C3%BC%C3%BC"},
        {"%zz%4", "%25zz%254"},
        {"5%5%41", "5%255A"}, /* what decodes makes no new triplet */
    };
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        EXPECT_TEXT(uri_of_path(text_of(paths[i].path), &arena), paths[i].uri);
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
        EXPECT_TEXT(uri_normal(text_of(uris[i].uri), &arena), uris[i].normal);
    arena_release(&arena);
}

TEST(only_whole_triplets_of_utf8_decode)
{
    struct arena arena = {0};
    struct text out;

    EXPECT(uri_decode(TEXT("/%25%C3%a9~1"), &arena, &out));
    EXPECT_TEXT(out, "/%\xC3\xA9~1");
    EXPECT(!uri_decode(TEXT("%"), &arena, &out));
    EXPECT(!uri_decode(TEXT("%2"), &arena, &out));
    EXPECT(!uri_decode(TEXT("%zz"), &arena, &out));
    EXPECT(!uri_decode(TEXT("%C3"), &arena, &out));
    arena_release(&arena);
}

TEST(the_nearest_uri_is_looked_for_behind_common_folders)
{
    const struct text names[] = {
        TEXT_INIT("file:///where/the/schemas/of/this/company/have/their/place/lost.json"),
        TEXT_INIT("file:///where/the/schemas/of/this/company/have/their/place/shared/money.json"),
    };

    EXPECT_TEXT(uri_nearest(TEXT("file:///where/the/schemas/of/this/company/have/their/place/"
                                 "shared/monney.json"),
                            names, 2),
                names[1].at);
    EXPECT_TEXT(uri_nearest(TEXT("file:///where/the/schemas/of/this/company/have/their/place/"
                                 "shared/dates.json"),
                            names, 2),
                "");
    EXPECT_TEXT(uri_nearest(TEXT("money.json"), names, 2), "");
}
