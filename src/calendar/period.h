/* calendar/period.h
 * The day and the month that an instant is in, where the clocks of a time zone stand. */
#pragma once
#include "calendar/zone.h"

enum period_kind { PERIOD_DAY, PERIOD_MONTH, PERIOD_KIND_COUNT };
enum { PERIOD_NAME_BYTES = 11 };

struct period {
    char name[PERIOD_NAME_BYTES]; /* "2026-11-26" or "2026-11"; sorts as time does; ends in NUL */
    int64_t from_ms;  /* wall time: the first instant of it */
    int64_t until_ms; /* wall time: the first instant after it that has another name. Not more than
                         the length of the period away, and never in the past */
};
/* The period of that kind around an instant (wall milliseconds of the years 1970 to 9999; others
 * are taken as the nearest of those). `zone` NULL: UTC. Where clocks are set back over midnight the
 * earlier name holds twice. */
void period_at(const struct zone *zone, enum period_kind kind, int64_t wall_ms, struct period *out);
const char *period_word(enum period_kind kind); /* "daily", "monthly" */
