/* calendar/zone.h
 * Time zones, from the IANA data of the system (TZif files, RFC 8536) into the
 * arena, so that asking for an offset touches neither files nor the process's own zone. A loaded
 * zone is const and shared between threads. */
#pragma once
#include "base/arena.h"

/* When the clocks change in a year: one half of the rule at the end of a POSIX TZ string. */
struct zone_change {
    enum { ZONE_DAY_NO_LEAP, ZONE_DAY, ZONE_WEEKDAY } kind; /* Jn, n and Mm.w.d */
    int day, month, week;                                   /* weekday in `day`: 0 is Sunday */
    int32_t at_s; /* local time of that day; -167 to 167 hours */
};
/* What holds after the last transition that is listed. Offsets are seconds east of UTC. */
struct zone_tail {
    int32_t standard_s, daylight_s;
    bool has_daylight;
    struct zone_change start, end; /* of daylight time */
};
struct zone {
    struct text name;
    const int64_t *changes_s; /* ascending; from changes_s[i] on, offsets_s[i] holds */
    const int32_t *offsets_s;
    size_t count;
    int32_t first_s; /* before all of them */
    bool has_tail;
    struct zone_tail tail;
};

enum zone_problem {
    ZONE_FOUND,
    ZONE_MALFORMED, /* no name of a time zone at all */
    ZONE_UNKNOWN,
    ZONE_NO_DATA, /* the system has no zone data */
    ZONE_DAMAGED, /* the file is not what RFC 8536 says */
};
#define ZONE_FOLDER "/usr/share/zoneinfo"
/* Loads a zone by its IANA name ("Europe/Berlin") and gives it in *out_zone, NULL for UTC, which
 * needs no data. */
enum zone_problem zone_load(struct text name, struct arena *arena, const struct zone **out_zone);
/* The name nearest to one that is unknown, or an empty text. */
struct text zone_nearest(struct text wrong, struct arena *arena);

/* Reads the bytes of a TZif file, version 1 to 4; false when they are not one, or count leap
 * seconds. */
bool zone_read(struct text bytes, struct arena *arena, struct zone *out);
/* Reads a POSIX TZ string with the extensions of RFC 8536 section 3.3.1. */
bool zone_read_tail(struct text text, struct zone_tail *out);

/* Seconds east of UTC at an instant; 0 when `zone` is NULL. */
int32_t zone_offset_s(const struct zone *zone, int64_t utc_s);
int32_t zone_tail_offset_s(const struct zone_tail *tail, int64_t utc_s);
