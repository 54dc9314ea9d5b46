#include "store/rollup_record.h"

#include "store/usage_record.h"

/* They bound what a commit writes, and what all of it takes: of one kind with groups, with all its
 * places taken all the time, 9 million records of about 130 bytes. */
const uint32_t rollup_names_max[ROLLUP_STEP_COUNT] = {
    [ROLLUP_MINUTE] = 100, [ROLLUP_HOUR] = 500, [ROLLUP_DAY] = 1000};
const uint32_t rollup_grouped_max[ROLLUP_STEP_COUNT] = {
    [ROLLUP_MINUTE] = 500, [ROLLUP_HOUR] = 2000, [ROLLUP_DAY] = 5000};

enum { FIRST_BIT = 7, LAST_BIT = 30, RANGES_BITS = 3, RANGES_EACH = 1 << RANGES_BITS };

const char *rollup_sum_word(enum rollup_sum sum)
{
    static const char *const words[ROLLUP_SUM_COUNT] = {
#define X(name, word) [ROLLUP_##name] = (word),
        ROLLUP_SUMS(X)
#undef X
    };
    return words[sum];
}

const char *rollup_step_word(enum rollup_step step)
{
    static const char *const words[ROLLUP_STEP_COUNT] = {
        [ROLLUP_MINUTE] = "minute", [ROLLUP_HOUR] = "hour", [ROLLUP_DAY] = "day"};

    return words[step];
}

unsigned rollup_range(uint64_t us)
{
    unsigned bit;

    if (us >> FIRST_BIT == 0)
        return 0;
    if (us >> LAST_BIT != 0)
        return ROLLUP_RANGES - 1;
    bit = 63 - (unsigned)__builtin_clzll(us);
    return 1 + (bit - FIRST_BIT) * RANGES_EACH +
           (unsigned)((us >> (bit - RANGES_BITS)) & (RANGES_EACH - 1));
}

/* Where a range begins; the last one has no end, and is taken as ending where it begins. */
static uint64_t range_begin(unsigned range)
{
    unsigned bit = FIRST_BIT + (range - 1) / RANGES_EACH;

    if (range == 0)
        return 0;
    return range >= ROLLUP_RANGES - 1
               ? (uint64_t)1 << LAST_BIT
               : (uint64_t)(RANGES_EACH + (range - 1) % RANGES_EACH) << (bit - RANGES_BITS);
}

/* Those of one range are taken as spread evenly over it. */
uint64_t rollup_percentile_us(const uint64_t ranges[ROLLUP_RANGES], unsigned percent)
{
    uint64_t count = 0, before = 0;
    double wanted;

    for (unsigned i = 0; i < ROLLUP_RANGES; i++)
        count += ranges[i];
    wanted = (double)count * percent / 100;
    for (unsigned i = 0; i < ROLLUP_RANGES; i++) {
        uint64_t from = range_begin(i), to = range_begin(i + 1);

        if (ranges[i] > 0 && (double)(before + ranges[i]) >= wanted)
            return from +
                   (uint64_t)((double)(to - from) * (wanted - (double)before) / (double)ranges[i]);
        before += ranges[i];
    }
    return 0;
}

void rollup_add(struct rollup_sums *into, const struct rollup_sums *more)
{
    for (size_t i = 0; i < ROLLUP_SUM_COUNT; i++)
        into->sums[i] = usage_plus(into->sums[i], more->sums[i]);
    for (size_t i = 0; i < ROLLUP_RANGES; i++)
        into->took[i] += more->took[i];
}
