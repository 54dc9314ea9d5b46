#include "unit.h"

#include "schema/format.h"

enum { EXAMPLES = 14 };

TEST(every_format_takes_what_its_rfc_takes_and_nothing_else)
{
    static const struct {
        enum format format;
        const char *good[EXAMPLES], *bad[EXAMPLES];
    } rows[] = {
        {FORMAT_DATE,
         {"2024-02-29", "1999-12-31", "2000-02-29"},
         {"2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-32", "24-01-01",
          "2024-1-01", "2024-01-01Z", "", "2024/01/01",
          "\xD9\xA2"
          "024-01-01"}},
        {FORMAT_TIME,
         {"00:00:00Z", "23:59:59.999999+23:59", "23:59:60Z", "15:59:60-08:00", "01:02:03z"},
         {"24:00:00Z", "00:60:00Z", "00:00:60Z", "00:00:00", "00:00:00.Z", "00:00:00+1:00",
          "00:00:00+24:00", "1:00:00Z", "00:00:00Zx", "23:59:60+01:00"}},
        {FORMAT_DATE_TIME,
         {"2024-02-29T00:00:00Z", "1990-12-31t15:59:60-08:00"},
         {"2024-02-30T00:00:00Z", "2024-02-29 00:00:00Z", "2024-02-29", "2024-02-29T00:00:00"}},
        {FORMAT_DURATION,
         {"P1Y", "P1M", "PT1M", "P3W", "P1Y2M3DT4H5M6S", "PT0S"},
         {"P", "PT", "P1", "1Y", "P1W1D", "PT1D", "P1DT", "P1M1Y", "P1Y1D", "P-1D", "P1.5D",
          "p1D"}},
        {FORMAT_EMAIL,
         {"a@b", "a.b+c@d.example", "\"a b@c\"@d", "a@[10.0.0.1]", "a@[IPv6:::1]"},
         {"a", "@b", "a@", "a..b@c", ".a@b", "a.@b", "a@b@c", "a b@c", "a@[10.0.0.999]", "\"a@b",
          "a@-b", "a@b_c"}},
        {FORMAT_HOSTNAME,
         {"a", "a.b-c.d", "1.2.3.4", "xn--bcher-kva.example"},
         {"", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "xn--", "ab--c-", "xn--\xC3\xBC",
          "a\xEF\xBC\x8E"
          "b"}},
        {FORMAT_IPV4,
         {"0.0.0.0", "255.255.255.255"},
         {"256.0.0.1", "01.2.3.4", "1.2.3", "1.2.3.4.5", "1.2.3.", "1..2.3", "a.b.c.d", " 1.2.3.4",
          ""}},
        {FORMAT_IPV6,
         {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1::8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4",
          "2001:DB8::a"},
         {":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g",
          "::1.2.3.04", "1:2:3:4:5:6:7:1.2.3.4", "::1%lo", "1:2:3:4:5:6:7:8::", ":1:2:3:4:5:6:7",
          "1:2:3:4:5:6:7:"}},
        {FORMAT_URI,
         {"a:b", "http://u:p@h:80/p;x?q/?#f/?", "urn:x:y", "http://[v1.a:b]/", "http://[::1]",
          "mailto:a@b", "x+y-z.1:"},
         {"", "/a", "//h/p", "1a:b", "a:b c", "a:%zz", "a:%1", "http://h:x", "http://[::1",
          "http://[::1]x", "a:#b#c", "a:[", "a:\xC3\xA9"}},
        {FORMAT_URI_REFERENCE,
         {"", "/a", "a/b:c", "?q", "#f", "//h", "./a:b", "a:b"},
         {"1a:b", " a", "a\\b", "#a#b", "%", "//h:p", "[a]"}},
        {FORMAT_UUID,
         {"00000000-0000-0000-0000-000000000000", "ABCDEFab-0123-4567-89ab-cdefCDEF0123"},
         {"", "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000",
          "0000000000000-0000-0000-000000000000", "g0000000-0000-0000-0000-000000000000",
          "{0000000-0000-0000-0000-000000000000}"}},
        {FORMAT_JSON_POINTER, {"", "/", "/a~0~1/b", "/ "}, {"a", "#/a", "/~", "/~2", "/a~"}},
        {FORMAT_REGEX,
         {"", "^a$", "(?<n>a)\\k<n>", "[^]", "\\p{Letter}"},
         {"(", "a**", "\\a", "a{2,1}", "\\-", "(?i)a", "]"}},
    };
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int k = 0; k < EXAMPLES && rows[i].good[k] != NULL; k++) {
            if (!format_holds(rows[i].format, text_of(rows[i].good[k]), &arena))
                fail_msg("%s must hold", rows[i].good[k]);
        }
        for (int k = 0; k < EXAMPLES && rows[i].bad[k] != NULL; k++) {
            if (format_holds(rows[i].format, text_of(rows[i].bad[k]), &arena))
                fail_msg("%s must not hold", rows[i].bad[k]);
        }
    }
    arena_release(&arena);
}

TEST(formats_are_found_by_their_names)
{
    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++)
        EXPECT_EQ(format_find(format_name((enum format)i)), i);
    EXPECT_EQ(format_find(TEXT("Date")), FORMAT_NONE);
    EXPECT_EQ(format_find(TEXT("phone")), FORMAT_NONE);
    EXPECT_TEXT(format_nearest(TEXT("datetime")), "date-time");
}

TEST(nul_bytes_are_bytes_like_others)
{
    struct arena arena = {0};

    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++) {
        if (i != FORMAT_REGEX)
            EXPECT(!format_holds((enum format)i, TEXT("a\0b"), &arena));
    }
    EXPECT(format_holds(FORMAT_JSON_POINTER, TEXT("/a\0b"), &arena));
    arena_release(&arena);
}
