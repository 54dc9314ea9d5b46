/* GCRA: of a counter, only the instant is kept at which it is full again. A call moves it on by one
 * step, window / limit, and is refused if that led further into the future than `limit` steps.
 *
 * What that bounds. Let a first call pass at s and the n-th of those that follow at e, and let none
 * be given back. After the first the counter is full again at s + step or later, each further call
 * moves that on by a step at least, and the last was allowed: s + n x step <= e + limit x step. So
 * n <= limit + (e - s) / step. In one instant that is `limit`, exactly, and `limit` do pass, as the
 * counter can only refuse when they have. In a window's length, e - s < window <= limit x step, it
 * is 2 x limit - 1 at the very most: a burst after a long rest, and then what has come back in the
 * meantime. In the long run it is one call per step. Steps are whole nanoseconds, rounded up: the
 * limit is never exceeded in the long run, and missed by less than limit / window_ns of itself,
 * which is nothing where the step is a whole number (60 a minute, 1,000 an hour are).
 *
 * Between threads. A call is one compare-and-swap, so calls happen one after the other whatever the
 * threads, and the argument above holds for their order. A thread whose clock lags only refuses
 * sooner. A word is idle when it lies in the past; those that follow it in its place are later
 * instants for ever, as giving back never takes more steps than calls have added. (counter.h asks
 * for that.)
 *
 * Concurrency is the other kind of word: how many are inside, below a number that is new each time
 * a key is added, so that no word comes twice. */
#include "limit/rate.h"

#include "base/check.h"
#include "limit/counter.h"

#include <stdlib.h>

#define NS_PER_MS 1000000u
#define NS_PER_S  1000000000u
#define INSIDE    UINT64_C(0xFFFFFFFF) /* the half of a concurrency word that counts */

struct rate_table {
    struct counters rates;
    struct counters places;
    _Atomic uint32_t additions; /* the other half */
};

/* Past by a second, so that it is past for threads too whose clock lags. */
static bool is_past(uint64_t full_at_ns, uint64_t now_ns)
{
    return full_at_ns + NS_PER_S < now_ns;
}

static bool is_empty(uint64_t word, uint64_t now_ns)
{
    (void)now_ns;
    return (word & INSIDE) == 0;
}

struct rate_table *rate_table_new(size_t keys)
{
    struct rate_table *table = calloc(1, sizeof *table);

    if (table == NULL)
        return NULL;
    if (counters_init(&table->rates, keys, is_past)) {
        if (counters_init(&table->places, keys, is_empty))
            return table;
        counters_release(&table->places);
    }
    counters_release(&table->rates);
    free(table);
    return NULL;
}

void rate_table_free(struct rate_table *table)
{
    if (table == NULL)
        return;
    counters_release(&table->rates);
    counters_release(&table->places);
    free(table);
}

/* A limit as the arithmetic sees it. */
struct rule {
    uint32_t limit;
    uint64_t step_ns;
    uint64_t most_ns; /* as far as the counter may be from full */
};

static struct rule rule_of(uint32_t limit, uint32_t window_ms)
{
    uint64_t window_ns = (uint64_t)window_ms * NS_PER_MS;
    uint64_t step_ns;

    CHECK(limit > 0 && window_ms > 0);
    step_ns = (window_ns + limit - 1) / limit;
    return (struct rule){limit, step_ns, step_ns * limit};
}

static uint32_t whole_seconds(uint64_t ns)
{
    uint64_t seconds = (ns + NS_PER_S - 1) / NS_PER_S;

    return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

/* What to say when the counter is `debt_ns` from full, with the call in question if it passed. */
static struct rate_verdict verdict_of(const struct rule *rule, uint64_t debt_ns, bool allowed)
{
    uint64_t room_ns = debt_ns < rule->most_ns ? rule->most_ns - debt_ns : 0;

    return (struct rate_verdict){
        .allowed = allowed,
        .limit = rule->limit,
        .remaining = (uint32_t)(room_ns / rule->step_ns),
        .retry_after_s = allowed ? 0 : whole_seconds(debt_ns + rule->step_ns - rule->most_ns),
        .reset_s = whole_seconds(debt_ns),
    };
}

struct rate_verdict rate_take(struct rate_table *table, uint64_t key, uint32_t limit,
                              uint32_t window_ms, uint64_t now_ms)
{
    const struct rule rule = rule_of(limit, window_ms);
    uint64_t now_ns = now_ms * NS_PER_MS;

    for (;;) {
        uint64_t full_at_ns, debt_ns;
        counter_place place = counter_find(&table->rates, key, &full_at_ns);

        if (place == NULL) {
            if (counter_add(&table->rates, key, now_ns + rule.step_ns, now_ns, true) ==
                COUNTER_ADDED)
                return verdict_of(&rule, rule.step_ns, true);
            continue;
        }
        debt_ns = full_at_ns > now_ns ? full_at_ns - now_ns : 0;
        if (debt_ns + rule.step_ns > rule.most_ns)
            return verdict_of(&rule, debt_ns, false);
        debt_ns += rule.step_ns;
        if (atomic_compare_exchange_weak(place, &full_at_ns, now_ns + debt_ns))
            return verdict_of(&rule, debt_ns, true);
    }
}

void rate_give_back(struct rate_table *table, uint64_t key, uint32_t limit, uint32_t window_ms)
{
    const struct rule rule = rule_of(limit, window_ms);
    uint64_t full_at_ns;
    counter_place place;

    do {
        place = counter_find(&table->rates, key, &full_at_ns);
    } while (place != NULL && full_at_ns >= rule.step_ns &&
             !atomic_compare_exchange_weak(place, &full_at_ns, full_at_ns - rule.step_ns));
}

/* A word for a key that comes in anew, with one inside. The half that tells it from all before is
 * never all ones, as counter.h asks. */
static uint64_t first_inside(struct rate_table *table)
{
    return (uint64_t)(table->additions++ & 0x7FFFFFFF) << 32 | 1;
}

bool rate_enter(struct rate_table *table, uint64_t key, uint32_t limit)
{
    CHECK(limit > 0);
    for (;;) {
        uint64_t word;
        counter_place place = counter_find(&table->places, key, &word);

        if (place == NULL) {
            enum counter_added added =
                counter_add(&table->places, key, first_inside(table), 0, false);

            if (added != COUNTER_PRESENT)
                return added == COUNTER_ADDED;
            continue;
        }
        if ((word & INSIDE) >= limit)
            return false;
        if (atomic_compare_exchange_weak(place, &word, word + 1))
            return true;
    }
}

void rate_leave(struct rate_table *table, uint64_t key)
{
    uint64_t word;
    counter_place place;

    do {
        place = counter_find(&table->places, key, &word);
        CHECK(place != NULL && (word & INSIDE) > 0); /* whoever is inside is never forgotten */
    } while (!atomic_compare_exchange_weak(place, &word, word - 1));
}
