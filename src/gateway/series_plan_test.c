#include "gateway/series_plan.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "unit.h"

static int64_t at(const char *time)
{
    int64_t wall_ms;

    EXPECT(clock_parse_rfc3339(text_of(time), &wall_ms));
    return wall_ms / 60000;
}

static const char *const now = "2026-11-27T10:30:00Z";

static void put_time(struct buffer *out, int64_t minute)
{
    char text[CLOCK_RFC3339_BYTES];

    buffer_put(out, text_first(text_after(clock_rfc3339(minute * 60000, text), 5), 11));
}

/* "hour 11-26T09:00 11-27T10:00, minute ..." */
static struct text shown(struct arena *arena, const struct series_plan *plan)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < plan->count; i++) {
        buffer_printf(&out, "%s%s ", i > 0 ? ", " : "", rollup_step_word(plan->spans[i].step));
        put_time(&out, plan->spans[i].from);
        buffer_put_byte(&out, ' ');
        put_time(&out, plan->spans[i].until);
    }
    return buffer_text(&out);
}

static void expect_sum(const struct zone *zone, const char *from, const char *until,
                       const char *wanted)
{
    struct arena arena = {0};
    struct series_plan plan;

    series_plan_sum(zone, ROLLUP_MINUTE, at(now), at(from), at(until), &plan);
    EXPECT_TEXT(shown(&arena, &plan), wanted);
    for (size_t i = 0; i + 1 < plan.count; i++)
        EXPECT_EQ(plan.spans[i].until, plan.spans[i + 1].from);
    arena_release(&arena);
}

TEST(a_recent_span_has_minutes_at_its_ends_and_hours_between)
{
    expect_sum(NULL, "2026-11-27T09:45:00Z", "2026-11-27T10:05:00Z",
               "minute 11-27T09:45 11-27T10:05");
    expect_sum(NULL, "2026-11-26T21:58:00Z", "2026-11-27T03:02:00Z",
               "minute 11-26T21:58 11-26T22:00, hour 11-26T22:00 11-27T03:00, "
               "minute 11-27T03:00 11-27T03:02");
    expect_sum(NULL, "2026-11-25T23:00:00Z", "2026-11-27T01:00:00Z",
               "hour 11-25T23:00 11-26T00:00, day 11-26T00:00 11-27T00:00, "
               "hour 11-27T00:00 11-27T01:00");
}

TEST(what_goes_up_to_now_takes_the_buckets_that_are_not_full_yet)
{
    expect_sum(NULL, "2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", "day 11-01T00:00 11-28T00:00");
    expect_sum(NULL, "2026-11-27T08:00:00Z", "2026-11-27T10:31:00Z",
               "hour 11-27T08:00 11-27T11:00");
    expect_sum(NULL, "2026-11-27T10:30:00Z", "2026-11-27T10:31:00Z",
               "minute 11-27T10:30 11-27T10:31");
}

TEST(what_is_older_has_longer_buckets_and_the_span_becomes_as_long)
{
    expect_sum(NULL, "2026-11-20T08:15:00Z", "2026-11-20T09:15:00Z",
               "hour 11-20T08:00 11-20T10:00");
    expect_sum(NULL, "2026-06-01T08:15:00Z", "2026-06-01T09:15:00Z", "day 06-01T00:00 06-02T00:00");
    expect_sum(NULL, "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "");
    expect_sum(NULL, "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z", "");
}

TEST(days_are_those_of_the_zone_and_may_begin_within_an_hour)
{
    struct arena arena = {0};
    const struct zone *berlin, *kolkata;

    EXPECT_EQ(zone_load(TEXT("Europe/Berlin"), &arena, &berlin), ZONE_FOUND);
    EXPECT_EQ(zone_load(TEXT("Asia/Kolkata"), &arena, &kolkata), ZONE_FOUND);
    expect_sum(berlin, "2026-11-10T22:00:00Z", "2026-11-12T00:00:00Z",
               "hour 11-10T22:00 11-10T23:00, day 11-10T23:00 11-11T23:00, "
               "hour 11-11T23:00 11-12T00:00");
    /* Its days begin at 18:30Z: an hour that is cut there is kept in one piece only. */
    expect_sum(kolkata, "2026-11-10T10:00:00Z", "2026-11-12T10:00:00Z",
               "hour 11-10T10:00 11-12T10:00");
    expect_sum(kolkata, "2026-11-25T18:29:00Z", "2026-11-26T18:31:00Z",
               "minute 11-25T18:29 11-25T18:30, day 11-25T18:30 11-26T18:30, "
               "minute 11-26T18:30 11-26T18:31");
    expect_sum(kolkata, "2026-06-01T12:00:00Z", "2026-11-12T10:00:00Z",
               "day 05-31T18:30 11-12T18:30");
    arena_release(&arena);
}

TEST(steps_have_one_length_and_are_refused_where_they_are_kept_no_longer)
{
    struct arena arena = {0};
    struct series_plan plan;

    EXPECT(series_plan_steps(NULL, ROLLUP_HOUR, at(now), at("2026-11-26T09:59:00Z"),
                             at("2026-12-01T00:00:00Z"), &plan));
    EXPECT_TEXT(shown(&arena, &plan), "hour 11-26T09:00 11-27T11:00");
    EXPECT(!series_plan_steps(NULL, ROLLUP_MINUTE, at(now), at("2026-11-25T09:00:00Z"),
                              at("2026-11-25T11:00:00Z"), &plan));
    EXPECT(series_plan_steps(NULL, ROLLUP_MINUTE, at(now), at("2026-11-25T10:00:00Z"),
                             at("2026-11-25T11:00:00Z"), &plan));
    EXPECT(series_plan_steps(NULL, ROLLUP_DAY, at(now), at("2020-01-01T00:00:00Z"),
                             at("2026-11-25T11:00:00Z"), &plan));
    EXPECT_EQ(plan.spans[0].from, at("2025-10-23T00:00:00Z"));
    arena_release(&arena);
}

/* Whatever is asked for, spans follow one another without a gap and cover it. */
TEST(any_span_is_covered_without_gaps)
{
    static const char *const zones[] = {"UTC", "Asia/Kolkata", "America/New_York",
                                        "Australia/Lord_Howe"};
    struct arena arena = {0};
    uint64_t dice = 12345;

    for (int i = 0; i < 4000; i++) {
        struct series_plan plan;
        const struct zone *zone;
        int64_t ago, from, until;

        dice = dice * 6364136223846793005 + 1442695040888963407;
        ago = (int64_t)(dice >> 33) % (i % 3 == 0 ? 4000 : i % 3 == 1 ? 140000 : 560000);
        from = at(now) - ago;
        until = from + 1 + (int64_t)(dice >> 20) % (ago + 10);
        EXPECT_EQ(zone_load(text_of(zones[i % 4]), &arena, &zone), ZONE_FOUND);
        series_plan_sum(zone, i % 2 == 0 ? ROLLUP_MINUTE : ROLLUP_HOUR, at(now), from, until,
                        &plan);
        EXPECT(plan.count > 0 && plan.from <= from);
        EXPECT(plan.until >= until || plan.until > at(now));
        EXPECT_EQ(plan.spans[0].from, plan.from);
        EXPECT_EQ(plan.spans[plan.count - 1].until, plan.until);
        for (size_t s = 0; s + 1 < plan.count; s++)
            EXPECT_EQ(plan.spans[s].until, plan.spans[s + 1].from);
        arena_clear(&arena);
    }
    arena_release(&arena);
}
