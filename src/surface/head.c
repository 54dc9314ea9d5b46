#include "surface/head.h"

#include "base/clock.h"

/* "12s", "1m0s", "1h0m0s". */
static void put_duration(uint32_t reset_s, int64_t wall_ms, struct buffer *out)
{
    (void)wall_ms;
    if (reset_s >= 3600)
        buffer_printf(out, "%uh", reset_s / 3600);
    if (reset_s >= 60)
        buffer_printf(out, "%um", reset_s / 60 % 60);
    buffer_printf(out, "%us", reset_s % 60);
}

/* RFC 3339, as in "2026-11-27T08:15:30Z". */
static void put_time(uint32_t reset_s, int64_t wall_ms, struct buffer *out)
{
    char time[CLOCK_RFC3339_BYTES];

    buffer_put(out, text_first(clock_rfc3339(wall_ms + (int64_t)reset_s * 1000, time), 19));
    buffer_put_byte(out, 'Z');
}

// clang-format off
const struct surface_head surface_head_openai = {
    .calls   = {"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
    .tokens  = {"x-ratelimit-limit-tokens",   "x-ratelimit-remaining-tokens",   "x-ratelimit-reset-tokens"},
    .put_reset = put_duration,
    .took_ms = "openai-processing-ms",
};
const struct surface_head surface_head_anthropic = {
    .calls   = {"anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
    .tokens  = {"anthropic-ratelimit-tokens-limit",   "anthropic-ratelimit-tokens-remaining",   "anthropic-ratelimit-tokens-reset"},
    .put_reset = put_time,
    .id      = "request-id",
};
// clang-format on
