/* A bucket's number is the exponent and the four bits below the leading one, so the number grows
 * with the time and finding it takes no search. A step is reused by swapping its number for
 * WIPING, emptying it, and storing the new number: whoever sees another number than its own passes
 * by. */
#include "health/latency.h"

#include <stddef.h>

#define WIPING UINT64_MAX

enum { PART_BITS = 4, MIN_BITS = 10 };

static size_t bucket_of(uint64_t us)
{
    unsigned exponent;

    if (us < LATENCY_MIN_US)
        us = LATENCY_MIN_US;
    if (us > LATENCY_MAX_US)
        us = LATENCY_MAX_US;
    exponent = 63 - (unsigned)__builtin_clzll(us);
    return (exponent - MIN_BITS) * LATENCY_PARTS + (us >> (exponent - PART_BITS)) % LATENCY_PARTS;
}

/* The middle of a bucket. */
static uint64_t time_of(size_t bucket)
{
    unsigned exponent = (unsigned)(bucket / LATENCY_PARTS) + MIN_BITS;
    uint64_t part = LATENCY_PARTS + bucket % LATENCY_PARTS;

    return (2 * part + 1) << (exponent - PART_BITS - 1);
}

static uint64_t number_of(uint64_t now_ms)
{
    return now_ms / LATENCY_STEP_MS + 1;
}

/* Makes the step count for `number`; false while another thread does so, or when it is past. */
static bool turn_to(struct latency_step *step, uint64_t number)
{
    uint64_t was = step->number;

    if (was == number)
        return true;
    if (was > number || !atomic_compare_exchange_strong(&step->number, &was, WIPING))
        return was == number;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        atomic_store_explicit(&step->counts[i], 0, memory_order_relaxed);
    step->number = number;
    return true;
}

void latency_note(struct latency *latency, uint64_t took_us, uint64_t now_ms)
{
    uint64_t number = number_of(now_ms);
    struct latency_step *step = &latency->steps[number % LATENCY_STEPS];

    if (turn_to(step, number))
        atomic_fetch_add_explicit(&step->counts[bucket_of(took_us)], 1, memory_order_relaxed);
}

/* Adds up the steps of the last minute; returns how many calls there are. */
static uint64_t add_up(const struct latency *latency, uint64_t now_ms,
                       uint64_t out_counts[LATENCY_BUCKETS])
{
    uint64_t now = number_of(now_ms), calls = 0;

    for (size_t s = 0; s < LATENCY_STEPS; s++) {
        const struct latency_step *step = &latency->steps[s];
        uint64_t number = step->number;

        if (number == 0 || number > now || now - number >= LATENCY_STEPS)
            continue;
        for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
            uint64_t count = atomic_load_explicit(&step->counts[i], memory_order_relaxed);

            out_counts[i] += count;
            calls += count;
        }
    }
    return calls;
}

bool latency_quantile(const struct latency *latency, unsigned pct, uint64_t calls_min,
                      uint64_t now_ms, uint64_t *out_us)
{
    uint64_t counts[LATENCY_BUCKETS] = {0};
    uint64_t calls = add_up(latency, now_ms, counts);
    uint64_t rank = (calls * pct + 99) / 100; /* of the call that is the quantile, from 1 on */
    size_t bucket = 0;

    if (calls == 0 || calls < calls_min)
        return false;
    while (bucket < LATENCY_BUCKETS - 1 && counts[bucket] < rank)
        rank -= counts[bucket++];
    *out_us = time_of(bucket);
    return true;
}
