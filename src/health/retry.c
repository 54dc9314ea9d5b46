/* The budget's word, from its low end: what may be spent on hedges, in hundredths of one; active
 * retries; active calls. Every call brings `hedges_pct` hundredths and a hedge costs a whole one,
 * so hedges can never exceed that share of the calls there have been. */
#include "health/retry.h"

#include "base/check.h"

const struct retry_pace retry_pace_default = {
    .base_ms = 500,
    .max_ms = 8000,
    .hint_max_ms = 60000,
    .left_min_ms = 200,
    .retries_pct = 20,
    .retries_min = 3,
    .hedges_pct = 5,
};

/* ---- When ---- */

/* Up to most_ms, evenly. */
static uint64_t jitter(uint64_t most_ms, uint32_t random)
{
    return (most_ms + 1) * random >> 32;
}

uint64_t retry_delay_ms(const struct retry_pace *pace, unsigned retries, uint32_t random)
{
    uint64_t most_ms = (uint64_t)pace->base_ms << (retries < 16 ? retries : 16);

    if (most_ms > pace->max_ms)
        most_ms = pace->max_ms;
    return jitter(most_ms, random);
}

bool retry_in_time(const struct retry_pace *pace, uint64_t now_ms, uint64_t wait_ms,
                   uint64_t deadline_ms)
{
    uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;

    return left_ms >= pace->left_min_ms && left_ms - pace->left_min_ms >= wait_ms;
}

struct retry_plan retry_plan(const struct retry_pace *pace, unsigned retries, uint64_t hint_ms,
                             uint64_t now_ms, uint64_t deadline_ms, uint32_t random)
{
    struct retry_plan plan = {RETRY_HERE, 0};

    if (!retry_in_time(pace, now_ms, 0, deadline_ms))
        return (struct retry_plan){RETRY_TOO_LATE, 0};
    if (hint_ms > pace->hint_max_ms)
        return (struct retry_plan){RETRY_ELSEWHERE, 0};
    if (hint_ms > 0)
        plan.wait_ms = hint_ms + jitter(hint_ms < 8000 ? hint_ms / 8 : 1000, random);
    else
        plan.wait_ms = retry_delay_ms(pace, retries, random);
    if (!retry_in_time(pace, now_ms, plan.wait_ms, deadline_ms))
        return (struct retry_plan){RETRY_ELSEWHERE, 0};
    return plan;
}

/* ---- How much ---- */

enum { SAVED_BITS = 16, RETRIES_BITS = 20, HEDGE_COST = 100 };
#define RETRY_ONE (UINT64_C(1) << SAVED_BITS)
#define CALL_ONE  (UINT64_C(1) << (SAVED_BITS + RETRIES_BITS))

static uint64_t calls_in(uint64_t word)
{
    return word / CALL_ONE;
}

static uint64_t retries_in(uint64_t word)
{
    return word % CALL_ONE / RETRY_ONE;
}

static uint64_t saved_in(uint64_t word)
{
    return word % RETRY_ONE;
}

void retry_budget_enter(struct retry_budget *budget, const struct retry_pace *pace)
{
    uint64_t word = budget->word, saved;

    do {
        saved = saved_in(word) + pace->hedges_pct;
        if (saved > RETRY_HEDGES_SAVED_MAX * HEDGE_COST)
            saved = RETRY_HEDGES_SAVED_MAX * HEDGE_COST;
    } while (!atomic_compare_exchange_weak(&budget->word, &word,
                                           word - saved_in(word) + saved + CALL_ONE));
}

void retry_budget_leave(struct retry_budget *budget)
{
    CHECK(calls_in(atomic_fetch_sub(&budget->word, CALL_ONE)) > 0);
}

bool retry_budget_take(struct retry_budget *budget, const struct retry_pace *pace)
{
    uint64_t word = budget->word, most;

    do {
        most = calls_in(word) * pace->retries_pct / 100;
        if (most < pace->retries_min)
            most = pace->retries_min;
        if (retries_in(word) >= most || retries_in(word) == (1u << RETRIES_BITS) - 1)
            return false;
    } while (!atomic_compare_exchange_weak(&budget->word, &word, word + RETRY_ONE));
    return true;
}

void retry_budget_give_back(struct retry_budget *budget)
{
    CHECK(retries_in(atomic_fetch_sub(&budget->word, RETRY_ONE)) > 0);
}

bool retry_budget_hedge(struct retry_budget *budget)
{
    uint64_t word = budget->word;

    do {
        if (saved_in(word) < HEDGE_COST)
            return false;
    } while (!atomic_compare_exchange_weak(&budget->word, &word, word - HEDGE_COST));
    return true;
}
