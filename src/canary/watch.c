#include "canary/watch.h"

#include <math.h>

/* One in WATCH_CHANCE of a normal distribution lies so many standard deviations above its mean. */
static const double deviations = 4.265;
/* What counts as equal: sums of costs are rounded. */
static const double rounding = 1e-9;

/* --- counting ------------------------------------------------------------------------------------
 */

static uint64_t slot_number(const struct watch_rule *rule, uint64_t now_ms)
{
    return now_ms / (rule->window_ms / WATCH_SLOTS) + 1; /* 0 is that of a zeroed slot */
}

/* Loops read the time now and then, so that one may be a little behind another: what it saw goes
 * into the part that has begun. */
static struct watch_slot *slot_at(struct watch *watch, uint64_t number)
{
    struct watch_slot *slot = &watch->slots[number % WATCH_SLOTS];

    if (slot->number < number)
        *slot = (struct watch_slot){.number = number};
    return slot;
}

void watch_note(struct watch *watch, const struct watch_rule *rule, enum watch_side side,
                const struct watch_call *call, uint64_t now_ms)
{
    struct watch_counts *counts = &slot_at(watch, slot_number(rule, now_ms))->sides[side];
    double cost = (double)call->cost_nano, logarithm = log(cost > 1 ? cost : 1);

    counts->calls++;
    counts->refused += call->refused;
    if (call->cost_nano < 0)
        return;
    counts->costed++;
    counts->cost += cost;
    counts->cost_squares += cost * cost;
    counts->logs += logarithm;
    counts->log_squares += logarithm * logarithm;
}

static void add(struct watch_counts *to, const struct watch_counts *counts)
{
    to->calls += counts->calls;
    to->refused += counts->refused;
    to->costed += counts->costed;
    to->cost += counts->cost;
    to->cost_squares += counts->cost_squares;
    to->logs += counts->logs;
    to->log_squares += counts->log_squares;
}

void watch_sum(const struct watch *watch, const struct watch_rule *rule, uint64_t now_ms,
               struct watch_counts out[WATCH_SIDES])
{
    uint64_t number = slot_number(rule, now_ms);

    out[WATCH_TAKEN] = out[WATCH_REST] = (struct watch_counts){0};
    for (size_t i = 0; i < WATCH_SLOTS; i++) {
        const struct watch_slot *slot = &watch->slots[i];

        if (slot->number + WATCH_SLOTS <= number)
            continue;
        for (size_t side = 0; side < WATCH_SIDES; side++)
            add(&out[side], &slot->sides[side]);
    }
}

/* --- chances -------------------------------------------------------------------------------------
 */

static double log_factorial(uint64_t n)
{
    int sign;

    return lgamma_r((double)n + 1, &sign);
}

static double log_choose(uint64_t n, uint64_t k)
{
    return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

double watch_binomial_tail(uint64_t hits, uint64_t calls, double rate)
{
    double term, sum = 0;

    if (hits == 0 || rate >= 1)
        return 1;
    if (rate <= 0 || hits > calls)
        return 0;
    if ((double)hits <= (double)calls * rate)
        return 1; /* about a half or more; nobody asks how much */
    term = exp(log_choose(calls, hits) + (double)hits * log(rate) +
               (double)(calls - hits) * log1p(-rate));
    for (uint64_t k = hits; k <= calls && term > sum * 1e-16; k++) {
        sum += term;
        term *= (double)(calls - k) / (double)(k + 1) * rate / (1 - rate);
    }
    return sum;
}

double watch_drawn_tail(uint64_t hits, uint64_t calls, uint64_t all_hits, uint64_t all_calls)
{
    uint64_t missed = all_calls - all_hits;
    double term, sum = 0;

    if ((double)hits * (double)all_calls <= (double)calls * (double)all_hits)
        return 1; /* likewise */
    if (calls - hits > missed)
        return 1; /* so many must be hits */
    term = exp(log_choose(all_hits, hits) + log_choose(missed, calls - hits) -
               log_choose(all_calls, calls));
    for (uint64_t k = hits; k <= all_hits && k <= calls && term > sum * 1e-16; k++) {
        sum += term;
        term *= (double)(all_hits - k) / (double)(k + 1) * (double)(calls - k) /
                (double)(missed - (calls - k) + 1);
    }
    return sum;
}

/* --- judging -------------------------------------------------------------------------------------
 */

static bool is_rare(double chance)
{
    return chance * WATCH_CHANCE < 1;
}

static bool refused_too_often(const struct watch_rule *rule, const struct watch_counts *taken,
                              const struct watch_counts *rest)
{
    if (!rule->refusals || taken->calls < rule->min_calls ||
        !is_rare(watch_binomial_tail(taken->refused, taken->calls, rule->refused_most)))
        return false;
    return rest->calls < rule->min_calls ||
           is_rare(watch_drawn_tail(taken->refused, taken->calls, taken->refused + rest->refused,
                                    taken->calls + rest->calls));
}

struct mean {
    double value, variance; /* the square of its standard error */
};

static struct mean mean_of(double sum, double squares, uint64_t count)
{
    double n = (double)count, mean = sum / n;
    double variance = (squares - n * mean * mean) / (n - 1) / n;

    return (struct mean){mean, variance > 0 ? variance : 0};
}

/* Whether what lies above zero would hardly do so by chance. */
static bool is_above(double value, double variance, double scale)
{
    return value > scale * rounding && value > deviations * sqrt(variance);
}

static bool costs_too_much(const struct watch_rule *rule, const struct watch_counts *taken,
                           const struct watch_counts *rest)
{
    uint64_t least = rule->min_calls > 2 ? rule->min_calls : 2;
    double ratio = rule->cost_ratio;
    struct mean ours, others;

    if (ratio <= 0 || taken->costed < least || rest->costed < least || rest->cost <= 0)
        return false;
    ours = mean_of(taken->cost, taken->cost_squares, taken->costed);
    others = mean_of(rest->cost, rest->cost_squares, rest->costed);
    if (!is_above(ours.value - ratio * others.value,
                  ours.variance + ratio * ratio * others.variance, ours.value))
        return false;
    ours = mean_of(taken->logs, taken->log_squares, taken->costed);
    others = mean_of(rest->logs, rest->log_squares, rest->costed);
    return is_above(ours.value - others.value - (ratio < 1 ? log(ratio) : 0),
                    ours.variance + others.variance, ours.value);
}

enum canary_why watch_judge(const struct watch_rule *rule,
                            const struct watch_counts counts[WATCH_SIDES])
{
    const struct watch_counts *taken = &counts[WATCH_TAKEN], *rest = &counts[WATCH_REST];

    if (refused_too_often(rule, taken, rest))
        return CANARY_REFUSED;
    return costs_too_much(rule, taken, rest) ? CANARY_COST : CANARY_FINE;
}
