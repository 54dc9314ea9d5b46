/* What routing conditions are told of targets. All of it is read without a lock; the percentile,
 * which adds up two thousand counters, is kept for a second. */
#include "gateway/health.h"

enum { FRESH_MS = 60000 };

enum route_health target_health_state(const struct target_health *target, uint64_t now_ms)
{
    enum breaker_state state = breaker_state(&target->breaker, now_ms);

    if (state == BREAKER_OPEN)
        return ROUTE_DOWN;
    if (state == BREAKER_HALF_OPEN ||
        atomic_load_explicit(&target->rests_until_ms, memory_order_relaxed) > now_ms)
        return ROUTE_DEGRADED;
    return ROUTE_UP;
}

static bool is_fresh(const struct target_health *target, uint64_t now_ms)
{
    uint64_t at_ms = atomic_load_explicit(&target->answered_ms, memory_order_relaxed);

    return at_ms > 0 && now_ms < at_ms + FRESH_MS;
}

enum route_health provider_health_state(const struct health_table *table, size_t provider,
                                        uint64_t now_ms)
{
    const struct provider_targets *targets = &table->of_providers[provider];
    bool down = false, trouble = false, fine = false;

    for (size_t i = 0; i < targets->count; i++) {
        enum route_health state = target_health_state(targets->items[i], now_ms);

        down |= state == ROUTE_DOWN;
        trouble |= state != ROUTE_UP;
        fine |= state == ROUTE_UP && is_fresh(targets->items[i], now_ms);
    }
    if (down && !fine)
        return ROUTE_DOWN;
    return trouble ? ROUTE_DEGRADED : ROUTE_UP;
}

enum key_state provider_key_state(const struct provider_health *provider, uint32_t key,
                                  uint64_t now_ms)
{
    if (provider->keys.count == 1)
        return (enum key_state)atomic_load_explicit(&provider->only_key, memory_order_relaxed);
    return key_pool_state(&provider->keys, key, now_ms);
}

/* A word: the second in which it was worked out, and the milliseconds and one; 0: not known. */
bool target_p95_ms(struct target_health *target, uint64_t now_ms, int64_t *out_ms)
{
    uint64_t second = (now_ms / 1000 + 1) & UINT32_MAX, took_us;
    uint64_t word = atomic_load_explicit(&target->p95, memory_order_relaxed);

    if (word >> 32 != second) {
        word = second << 32;
        if (latency_quantile(&target->latency, 95, TARGET_CALLS_MIN, now_ms, &took_us))
            word |= took_us / 1000 + 1; /* LATENCY_MAX_US is far below 32 bits of them */
        atomic_store_explicit(&target->p95, word, memory_order_relaxed);
    }
    *out_ms = (int64_t)(word & UINT32_MAX) - 1;
    return *out_ms >= 0;
}
