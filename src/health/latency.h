/* health/latency.h
 * How long one target takes to its first byte, as a live quantile: the delay before a hedge, and
 * what conditions on `p95_ms` look at. A histogram over the last minute in 8 KiB: every doubling of
 * the time is cut into 16 equal parts, so a quantile is off by 1/32 (3.2 %) at most, between
 * LATENCY_MIN_US and LATENCY_MAX_US; times beyond are taken as those.
 *
 * Shared by all threads without a lock: noting a time is one atomic addition (10 ns), reading adds
 * up two thousand counters (1 us). Time (monotonic) is an argument. The minute moves on
 * in steps of ten seconds, so the last 50 to 60 s are seen. Between threads: times noted while
 * the old counts of a step are being wiped, the first microsecond of ten seconds, are dropped; and
 * a thread that stands still for a minute between two instructions notes one in the wrong step. A
 * zeroed one has seen nothing; there is nothing to release. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LATENCY_MIN_US (UINT64_C(1) << 10) /* 1 ms */
#define LATENCY_MAX_US (UINT64_C(1) << 30) /* 18 minutes */

enum {
    LATENCY_STEP_MS = 10000,
    LATENCY_STEPS = 6,
    LATENCY_PARTS = 16,
    LATENCY_BUCKETS = 20 * LATENCY_PARTS + 1,
};
struct latency_step {
    _Atomic uint64_t number; /* which ten seconds, from 1 on; 0: none */
    _Atomic uint32_t counts[LATENCY_BUCKETS];
};
struct latency {
    struct latency_step steps[LATENCY_STEPS];
};

void latency_note(struct latency *latency, uint64_t took_us, uint64_t now_ms);
/* The time within which `pct` percent (1 to 99) of calls answered; false when fewer than
 * `calls_min` were seen, or none. */
bool latency_quantile(const struct latency *latency, unsigned pct, uint64_t calls_min,
                      uint64_t now_ms, uint64_t *out_us);
