#include "calendar/period.h"

#include "base/clock.h"
#include "unit.h"

static int64_t at(const char *time)
{
    int64_t wall_ms;

    EXPECT(clock_parse_rfc3339(text_of(time), &wall_ms));
    return wall_ms;
}

static void expect(const struct zone *zone, enum period_kind kind, const char *when,
                   const char *name, const char *until)
{
    struct period period;

    period_at(zone, kind, at(when), &period);
    EXPECT_STR(period.name, name);
    EXPECT_EQ(period.until_ms, at(until));
    EXPECT(period.from_ms <= at(when));
}

TEST(a_month_and_a_day_begin_at_midnight)
{
    expect(NULL, PERIOD_MONTH, "2026-11-26T12:00:00Z", "2026-11", "2026-12-01T00:00:00Z");
    expect(NULL, PERIOD_MONTH, "2026-12-31T23:59:59.999Z", "2026-12", "2027-01-01T00:00:00Z");
    expect(NULL, PERIOD_DAY, "2026-11-26T00:00:00Z", "2026-11-26", "2026-11-27T00:00:00Z");
    expect(NULL, PERIOD_DAY, "2028-02-28T23:59:59Z", "2028-02-28", "2028-02-29T00:00:00Z");
    expect(NULL, PERIOD_MONTH, "2028-02-29T10:00:00Z", "2028-02", "2028-03-01T00:00:00Z");
    expect(NULL, PERIOD_DAY, "1970-01-01T00:00:00Z", "1970-01-01", "1970-01-02T00:00:00Z");
}

TEST(a_zone_says_when_its_day_begins_and_days_have_23_to_25_hours)
{
    struct arena arena = {0};
    const struct zone *berlin;

    EXPECT_EQ(zone_load(TEXT("Europe/Berlin"), &arena, &berlin), ZONE_FOUND);
    expect(berlin, PERIOD_MONTH, "2026-11-30T22:59:59Z", "2026-11", "2026-11-30T23:00:00Z");
    expect(berlin, PERIOD_MONTH, "2026-11-30T23:00:00Z", "2026-12", "2026-12-31T23:00:00Z");
    expect(berlin, PERIOD_MONTH, "2026-06-30T22:00:00Z", "2026-07", "2026-07-31T22:00:00Z");
    expect(berlin, PERIOD_DAY, "2026-03-28T23:00:00Z", "2026-03-29", "2026-03-29T22:00:00Z");
    expect(berlin, PERIOD_DAY, "2026-10-25T12:00:00Z", "2026-10-25", "2026-10-25T23:00:00Z");
    arena_release(&arena);
}

TEST(a_midnight_that_is_skipped_ends_the_day_where_the_clocks_go_on)
{
    struct arena arena = {0};
    const struct zone *santiago;
    struct period period;

    /* 2026-09-06 00:00 does not exist there: clocks go from 24:00 to 01:00 */
    EXPECT_EQ(zone_load(TEXT("America/Santiago"), &arena, &santiago), ZONE_FOUND);
    expect(santiago, PERIOD_DAY, "2026-09-06T03:59:59Z", "2026-09-05", "2026-09-06T04:00:00Z");
    expect(santiago, PERIOD_DAY, "2026-09-06T04:00:00Z", "2026-09-06", "2026-09-07T03:00:00Z");
    period_at(santiago, PERIOD_DAY, at("2026-09-06T12:00:00Z"), &period);
    EXPECT_EQ(period.from_ms, at("2026-09-06T04:00:00Z"));
    arena_release(&arena);
}

/* Every hour of eleven years in three zones: a period lasts until its end and not a second less. */
TEST(names_go_on_as_time_does_and_change_exactly_at_the_end)
{
    static const char *const zones[] = {"UTC", "America/New_York", "Australia/Lord_Howe"};
    struct arena arena = {0};

    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        const struct zone *zone;

        EXPECT_EQ(zone_load(text_of(zones[z]), &arena, &zone), ZONE_FOUND);
        for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++) {
            int64_t now_ms = at("2020-01-01T00:00:00Z"), end_ms = at("2031-01-01T00:00:00Z");
            struct period before = {0}, period, last;

            for (; now_ms < end_ms; now_ms += 3600000) {
                period_at(zone, (enum period_kind)kind, now_ms, &period);
                EXPECT(strcmp(before.name, period.name) <= 0);
                EXPECT(period.until_ms > now_ms);
                EXPECT(period.from_ms <= now_ms);
                period_at(zone, (enum period_kind)kind, period.from_ms, &last);
                EXPECT_STR(last.name, period.name);
                period_at(zone, (enum period_kind)kind, period.from_ms - 1, &last);
                EXPECT(strcmp(last.name, period.name) < 0);
                period_at(zone, (enum period_kind)kind, period.until_ms - 1, &last);
                EXPECT_STR(last.name, period.name);
                period_at(zone, (enum period_kind)kind, period.until_ms, &last);
                EXPECT(strcmp(last.name, period.name) > 0);
                before = period;
            }
        }
    }
    arena_release(&arena);
}
