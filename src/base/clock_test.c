#include "unit.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

static struct text written(int64_t wall_ms, char out[CLOCK_RFC3339_BYTES])
{
    return clock_rfc3339(wall_ms, out);
}

TEST(times_are_written_with_milliseconds_in_utc)
{
    char out[CLOCK_RFC3339_BYTES];

    EXPECT_TEXT(written(0, out), "1970-01-01T00:00:00.000Z");
    EXPECT_TEXT(written(1795190400123, out), "2026-11-20T16:00:00.123Z");
    EXPECT_TEXT(written(-1, out), "1969-12-31T23:59:59.999Z");
}

TEST(times_are_read_with_any_offset)
{
    int64_t ms;

    EXPECT(clock_parse_rfc3339(TEXT("2026-11-20"), &ms) && ms == 1795132800000);
    EXPECT(clock_parse_rfc3339(TEXT("2026-11-20T18:00:00.123+02:00"), &ms) && ms == 1795190400123);
    EXPECT(!clock_parse_rfc3339(TEXT("2026-02-29"), &ms));
    EXPECT(!clock_parse_rfc3339(TEXT("2026-11-20T18:00"), &ms));
    EXPECT(!clock_parse_rfc3339(TEXT("2026-11-20T18:00:00Zx"), &ms));
}

TEST(ids_sort_by_time_and_within_a_millisecond)
{
    char earlier[ID_CHARS], later[ID_CHARS];

    id_write(earlier, 1000);
    for (int i = 0; i < 10000; i++) {
        id_write(later, 1000);
        EXPECT(memcmp(earlier, later, ID_CHARS) < 0);
        memcpy(earlier, later, ID_CHARS);
    }
}

TEST(a_long_message_is_cut_at_a_code_point)
{
    struct error err = {0};

    EXPECT(!error_set(&err, ERROR_INTERNAL, NULL, "%0254d\xC3\xA9", 0));
    EXPECT_EQ(strlen(err.message), 254);
}
