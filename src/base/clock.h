/* base/clock.h
 * The clocks. Deadlines, latencies and rate windows use the monotonic one; expiry, logs and
 * budgets the wall clock. Capabilities take the time as an argument; only loops and main read it.
 */
#pragma once
#include "base/text.h"

/* Since some fixed point in the past; never goes back. */
uint64_t clock_monotonic_us(void);
static inline uint64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}
/* Processor time this thread has used: what work costs, however busy the machine is. */
uint64_t clock_thread_us(void);
/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_ms(void);

enum { CLOCK_RFC3339_BYTES = 24 };
/* Writes "2026-11-20T08:15:30.123Z" (exactly CLOCK_RFC3339_BYTES, no NUL) and returns it as text.
 * RFC 3339 section 5.6; years 0 to 9999, CHECKed. */
struct text clock_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_BYTES]);
/* Reads "2026-11-20", or a full RFC 3339 date-time with any offset; false when it is neither. A
 * bare date is its first instant in UTC. */
bool clock_parse_rfc3339(struct text text, int64_t *out_wall_ms);
