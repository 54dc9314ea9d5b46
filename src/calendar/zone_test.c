/* The zone files in here are built by hand after RFC 8536. One test compares against the C library
 * over every zone the system has; it is skipped where there is no zone data. */
#include "calendar/zone.h"

#include "base/buffer.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t utc(int year, int month, int day, int hour, int minute)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute};

    return timegm(&tm);
}

static int32_t tail_offset(const char *tail, int64_t utc_s)
{
    struct zone_tail read;

    if (!zone_read_tail(text_of(tail), &read))
        fail_msg("refused: %s", tail);
    return zone_tail_offset_s(&read, utc_s);
}

TEST(clocks_in_berlin_change_at_one_utc_on_the_last_sundays)
{
    const char *berlin = "CET-1CEST,M3.5.0,M10.5.0/3";

    EXPECT_EQ(tail_offset(berlin, utc(2026, 3, 29, 1, 0) - 1), 3600);
    EXPECT_EQ(tail_offset(berlin, utc(2026, 3, 29, 1, 0)), 7200);
    EXPECT_EQ(tail_offset(berlin, utc(2026, 10, 25, 1, 0) - 1), 7200);
    EXPECT_EQ(tail_offset(berlin, utc(2026, 10, 25, 1, 0)), 3600);
    EXPECT_EQ(tail_offset(berlin, utc(2099, 7, 1, 0, 0)), 7200);
}

TEST(summer_in_the_south_goes_over_the_year)
{
    const char *sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";

    EXPECT_EQ(tail_offset(sydney, utc(2026, 1, 1, 0, 0)), 11 * 3600);
    EXPECT_EQ(tail_offset(sydney, utc(2026, 12, 31, 23, 0)), 11 * 3600);
    EXPECT_EQ(tail_offset(sydney, utc(2026, 7, 1, 0, 0)), 10 * 3600);
    EXPECT_EQ(tail_offset(sydney, utc(2026, 4, 4, 16, 0) - 1), 11 * 3600);
    EXPECT_EQ(tail_offset(sydney, utc(2026, 4, 4, 16, 0)), 10 * 3600);
}

/* RFC 8536 section 3.3.1: times beyond a day, names between angle brackets, days by number. */
TEST(every_form_of_a_tail_is_read)
{
    EXPECT_EQ(tail_offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", utc(2026, 7, 1, 0, 0)), -3600);
    EXPECT_EQ(tail_offset("<+0545>-5:45", utc(2026, 7, 1, 0, 0)), 5 * 3600 + 45 * 60);
    EXPECT_EQ(tail_offset("EST5EDT,0/0,J365/25", utc(2026, 1, 1, 5, 0)), -4 * 3600);
    EXPECT_EQ(tail_offset("EST5EDT,0/0,J365/25", utc(2026, 12, 31, 23, 59)), -4 * 3600);
    EXPECT_EQ(tail_offset("AAA0BBB,J60/0,J61/0", utc(2024, 3, 1, 0, 0)), 3600); /* never 29 Feb. */
    EXPECT_EQ(tail_offset("AAA0BBB,59/0,60/0", utc(2024, 2, 29, 12, 0)), 3600);
    EXPECT_EQ(tail_offset("AAA0:30:15BBB-2,M1.1.1,M2.5.1", utc(2026, 1, 20, 0, 0)), 7200);
}

TEST(a_malformed_tail_is_refused)
{
    static const char *const malformed[] = {
        "",
        "C-1",
        "CET",
        "CET-",
        "CET-25",
        "<CET-1",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1:60",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/168",
        "CET-1CEST,M3.5.0,M10.5.0x",
        "CET-1CEST,J0,J1",
        "CET-1CEST,366,1",
        "CET-1CEST4000,M3.5.0,M10.5.0",
    };
    struct zone_tail tail;

    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        if (zone_read_tail(text_of(malformed[i]), &tail))
            fail_msg("accepted: %s", malformed[i]);
}

static void put_number(struct buffer *out, int64_t value, size_t bytes)
{
    while (bytes-- > 0)
        buffer_put_byte(out, (char)(bytes < 8 ? (uint64_t)value >> (8 * bytes) : 0));
}

static void put_block(struct buffer *out, char version, size_t time_bytes, uint32_t leaps)
{
    static const int64_t times[] = {-1000, 500000};

    buffer_put(out, TEXT("TZif"));
    buffer_put_byte(out, version);
    put_number(out, 0, 15);
    put_number(out, 0, 4);
    put_number(out, 0, 4);
    put_number(out, leaps, 4);
    put_number(out, 2, 4); /* changes */
    put_number(out, 2, 4); /* types */
    put_number(out, 8, 4); /* characters */
    put_number(out, times[0], time_bytes);
    put_number(out, times[1], time_bytes);
    buffer_put(out, (struct text){"\1\0", 2});
    put_number(out, 1800, 4);
    put_number(out, 0, 2);
    put_number(out, 5400, 4);
    put_number(out, 0x0104, 2);
    buffer_put(out, (struct text){"AAA\0BBB", 8});
    put_number(out, 0, leaps * (time_bytes + 4));
}

TEST(a_zone_holds_its_offset_from_change_to_change)
{
    struct arena arena = {0};
    struct buffer file = buffer_in(&arena);
    struct zone zone = {0};

    put_block(&file, '2', 4, 0);
    put_block(&file, '2', 8, 0);
    buffer_put(&file, TEXT("\nCCC-2\n"));
    EXPECT(zone_read(buffer_text(&file), &arena, &zone));
    EXPECT_EQ(zone_offset_s(&zone, -1001), 1800);
    EXPECT_EQ(zone_offset_s(&zone, -1000), 5400);
    EXPECT_EQ(zone_offset_s(&zone, 499999), 5400);
    EXPECT_EQ(zone_offset_s(&zone, 500000), 7200); /* the rule at the end says so */
    arena_release(&arena);
}

TEST(a_zone_of_the_first_version_holds_its_last_offset)
{
    struct arena arena = {0};
    struct buffer file = buffer_in(&arena);
    struct zone zone = {0};

    put_block(&file, '\0', 4, 0);
    EXPECT(zone_read(buffer_text(&file), &arena, &zone));
    EXPECT_EQ(zone_offset_s(&zone, 0), 5400);
    EXPECT_EQ(zone_offset_s(&zone, 500000), 1800);
    arena_release(&arena);
}

TEST(a_zone_cut_anywhere_is_refused)
{
    struct arena arena = {0};
    struct buffer file = buffer_in(&arena);
    struct zone zone = {0};

    put_block(&file, '2', 4, 0);
    put_block(&file, '2', 8, 0);
    buffer_put(&file, TEXT("\nCCC-2\n"));
    for (size_t len = 0; len < file.len; len++)
        EXPECT(!zone_read(text_first(buffer_text(&file), len), &arena, &zone));
    arena_release(&arena);
}

TEST(a_zone_that_counts_leap_seconds_is_refused)
{
    struct arena arena = {0};
    struct buffer file = buffer_in(&arena);
    struct zone zone = {0};

    put_block(&file, '\0', 4, 1);
    EXPECT(!zone_read(buffer_text(&file), &arena, &zone));
    arena_release(&arena);
}

TEST(a_name_leads_to_no_file_outside_the_zone_data)
{
    static const char *const names[] = {"",
                                        "/etc/passwd",
                                        "../../../etc/passwd",
                                        "Europe/..",
                                        "Europe//Berlin",
                                        "Europe/",
                                        "localtime",
                                        "posixrules",
                                        "right/UTC",
                                        "posix/UTC",
                                        "Europe/Ber lin",
                                        ".",
                                        "Europe\\Berlin"};
    struct arena arena = {0};
    const struct zone *zone;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        EXPECT_EQ(zone_load(text_of(names[i]), &arena, &zone), ZONE_MALFORMED);
    EXPECT_EQ(zone_load((struct text){"UTC\0x", 5}, &arena, &zone), ZONE_MALFORMED);
    EXPECT(zone_load(TEXT("UTC"), &arena, &zone) == ZONE_FOUND && zone == NULL);
    arena_release(&arena);
}

static void compare_with_libc(struct text name, struct arena *arena)
{
    const struct zone *zone;

    setenv("TZ", arena_terminated(arena, name), 1);
    tzset();
    EXPECT_EQ(zone_load(name, arena, &zone), ZONE_FOUND);
    for (int64_t s = utc(1960, 1, 1, 0, 0); s < utc(2070, 1, 1, 0, 0); s += 86400 * 9 + 3571) {
        time_t when = (time_t)s;
        struct tm tm;

        localtime_r(&when, &tm);
        if (tm.tm_gmtoff != zone_offset_s(zone, s))
            fail_msg("%.*s at %lld: %ld, got %d", TEXT_ARG(name), (long long)s, tm.tm_gmtoff,
                     zone_offset_s(zone, s));
    }
}

TEST(every_zone_of_the_system_agrees_with_the_c_library)
{
    FILE *names = fopen(ZONE_FOLDER "/zone.tab", "r");
    char line[256];
    size_t count = 0;

    if (names == NULL)
        skip();
    while (fgets(line, sizeof line, names) != NULL) {
        struct text rest = text_trim(text_of(line));
        struct arena arena = {0};

        if (rest.len == 0 || rest.at[0] == '#')
            continue;
        text_split(&rest, '\t');
        text_split(&rest, '\t');
        compare_with_libc(text_split(&rest, '\t'), &arena);
        arena_release(&arena);
        count++;
    }
    fclose(names);
    unsetenv("TZ");
    EXPECT(count > 300);
}
