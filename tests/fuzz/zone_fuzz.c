/* A time zone file: whatever is read gives offsets of less than a day or so at every instant. */
#include "base/check.h"
#include "calendar/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_instant(const struct zone *zone, int64_t utc_s)
{
    int32_t offset_s = zone_offset_s(zone, utc_s);

    CHECK(offset_s >= -26 * 3600 && offset_s <= 26 * 3600);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct zone zone = {0};

    if (zone_read((struct text){(const char *)data, size}, &arena, &zone)) {
        for (size_t i = 0; i < zone.count; i++)
            check_instant(&zone, zone.changes_s[i]);
        for (int64_t utc_s = -5000000000; utc_s < 20000000000; utc_s += 100000007)
            check_instant(&zone, utc_s);
        check_instant(&zone, INT64_MAX / 1000);
        check_instant(&zone, INT64_MIN / 1000);
    }
    arena_release(&arena);
    return 0;
}
