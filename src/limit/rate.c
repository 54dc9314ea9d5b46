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
 * Weights. A weight w moves the instant on by w steps, and the argument holds with the sum of the
 * weights for n. One above the limit could never pass; it does when the counter is full, and so
 * adds what it is above the limit to the bound of the spans that it is in. The counter is then
 * further from full than `limit` steps, and refuses until that is made up: in the long run the
 * limit holds.
 *
 * A weight that is known only afterwards is estimated, taken, and corrected by the difference.
 * Subtracting moves the instant back, though never into the past, where it would mean no more than
 * "full", and never by more than the time that was left, when it is corrected, until the instant at
 * which the counter was to be full after it was taken: what has come back by itself is not given
 * once more. What was let through in some time, in true weights, is what was taken less what was
 * given back, that is at most what the counter is from full at its end and one step for each step
 * of time: so with corrections, too, the true weights keep to the limit in the long run. In a span
 * shorter than the window there can be, besides the bound above, as much as was given back in it of
 * what was taken before it: less than was under way when it began.
 *
 * Between threads. A call is one compare-and-swap, so calls happen one after the other whatever the
 * threads, and the argument above holds for their order. A thread whose clock lags only refuses
 * sooner. A word is idle when it lies in the past by a second; those that follow it in its place
 * are later instants for ever, because nothing is given back into the past. (counter.h asks for
 * that.)
 *
 * Concurrency is the other kind of word: how many are inside, below a number that is new each time
 * a key is added, so that no word comes twice. */
#include "limit/rate.h"

#include "base/check.h"
#include "limit/counter.h"

#include <stdlib.h>

#define NS_PER_MS 1000000u
#define NS_PER_S  1000000000u
#define SPAN_MAX  (UINT64_C(1) << 60)  /* 36 years: three of them still are no overflow */
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

/* How long a weight takes to come back; no longer than instants can be added up. */
static uint64_t span_of(const struct rule *rule, uint64_t weight)
{
    return weight < SPAN_MAX / rule->step_ns ? weight * rule->step_ns : SPAN_MAX;
}

static uint32_t whole_seconds(uint64_t ns)
{
    uint64_t seconds = (ns + NS_PER_S - 1) / NS_PER_S;

    return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

static uint64_t debt_of(uint64_t full_at_ns, uint64_t now_ns)
{
    return full_at_ns > now_ns ? full_at_ns - now_ns : 0;
}

/* How much sooner the call comes than it may. */
static uint64_t wait_of(const struct rule *rule, uint64_t debt_ns, uint64_t span_ns)
{
    uint64_t room_ns = span_ns < rule->most_ns ? rule->most_ns - span_ns : 0;

    return debt_ns > room_ns ? debt_ns - room_ns : 0;
}

/* What to say of a counter that is `debt_ns` from full. */
static struct rate_verdict verdict_of(const struct rule *rule, uint64_t debt_ns, uint64_t wait_ns)
{
    uint64_t room_ns = debt_ns < rule->most_ns ? rule->most_ns - debt_ns : 0;

    return (struct rate_verdict){
        .allowed = wait_ns == 0,
        .limit = rule->limit,
        .remaining = (uint32_t)(room_ns / rule->step_ns),
        .retry_after_s = whole_seconds(wait_ns),
        .reset_s = whole_seconds(debt_ns),
    };
}

static struct rate_verdict passed(const struct rule *rule, uint64_t cost, uint64_t full_at_ns,
                                  uint64_t now_ns)
{
    struct rate_verdict verdict = verdict_of(rule, full_at_ns - now_ns, 0);

    verdict.cost = cost;
    verdict.full_at_ns = full_at_ns;
    return verdict;
}

struct rate_verdict rate_charge(struct rate_table *table, uint64_t key, uint32_t limit,
                                uint32_t window_ms, uint64_t cost, uint64_t now_ms)
{
    const struct rule rule = rule_of(limit, window_ms);
    uint64_t now_ns = now_ms * NS_PER_MS, span_ns = span_of(&rule, cost);

    for (;;) {
        uint64_t full_at_ns, debt_ns, wait_ns;
        counter_place place = counter_find(&table->rates, key, &full_at_ns);

        if (place == NULL) {
            if (counter_add(&table->rates, key, now_ns + span_ns, now_ns, true) == COUNTER_ADDED)
                return passed(&rule, cost, now_ns + span_ns, now_ns);
            continue;
        }
        debt_ns = debt_of(full_at_ns, now_ns);
        wait_ns = wait_of(&rule, debt_ns, span_ns);
        if (wait_ns > 0)
            return verdict_of(&rule, debt_ns, wait_ns);
        if (atomic_compare_exchange_weak(place, &full_at_ns, now_ns + debt_ns + span_ns))
            return passed(&rule, cost, now_ns + debt_ns + span_ns, now_ns);
    }
}

struct rate_verdict rate_look(struct rate_table *table, uint64_t key, uint32_t limit,
                              uint32_t window_ms, uint64_t cost, uint64_t now_ms)
{
    const struct rule rule = rule_of(limit, window_ms);
    uint64_t now_ns = now_ms * NS_PER_MS, full_at_ns, debt_ns = 0;

    if (counter_find(&table->rates, key, &full_at_ns) != NULL)
        debt_ns = debt_of(full_at_ns, now_ns);
    return verdict_of(&rule, debt_ns, wait_of(&rule, debt_ns, span_of(&rule, cost)));
}

static void give_back(struct rate_table *table, uint64_t key, uint64_t span_ns, uint64_t now_ns)
{
    uint64_t full_at_ns, debt_ns;
    counter_place place;

    do {
        place = counter_find(&table->rates, key, &full_at_ns);
        if (place == NULL || full_at_ns <= now_ns)
            return;
        debt_ns = full_at_ns - now_ns;
    } while (!atomic_compare_exchange_weak(place, &full_at_ns,
                                           full_at_ns - (span_ns < debt_ns ? span_ns : debt_ns)));
}

/* Beyond the limit, too: it has happened. */
static void take_more(struct rate_table *table, uint64_t key, uint64_t span_ns, uint64_t now_ns)
{
    uint64_t full_at_ns, debt_ns;
    counter_place place;

    for (;;) {
        place = counter_find(&table->rates, key, &full_at_ns);
        if (place == NULL) {
            if (counter_add(&table->rates, key, now_ns + span_ns, now_ns, true) == COUNTER_ADDED)
                return;
            continue;
        }
        debt_ns = debt_of(full_at_ns, now_ns);
        if (debt_ns > SPAN_MAX ||
            atomic_compare_exchange_weak(place, &full_at_ns, now_ns + debt_ns + span_ns))
            return;
    }
}

void rate_correct(struct rate_table *table, uint64_t key, uint32_t window_ms,
                  const struct rate_verdict *taken, uint64_t used, uint64_t now_ms)
{
    const struct rule rule = rule_of(taken->limit, window_ms);
    uint64_t now_ns = now_ms * NS_PER_MS, left_ns = debt_of(taken->full_at_ns, now_ns), span_ns;

    if (used > taken->cost) {
        take_more(table, key, span_of(&rule, used - taken->cost), now_ns);
    } else if (used < taken->cost) {
        span_ns = span_of(&rule, taken->cost - used);
        give_back(table, key, span_ns < left_ns ? span_ns : left_ns, now_ns);
    }
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

uint32_t rate_inside(struct rate_table *table, uint64_t key)
{
    uint64_t word;

    return counter_find(&table->places, key, &word) != NULL ? (uint32_t)(word & INSIDE) : 0;
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
