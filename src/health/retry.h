/* health/retry.h
 * Whether and when to try again, and how much of that there may be. The plan is pure: time
 * (monotonic) and randomness are arguments.
 *
 * The budget keeps retries from making an outage worse (reliability: retries are at most a share of
 * the calls that are active). It is shared by all threads and exact: one atomic word, changed by
 * one compare-and-swap, so the share holds at the instant of every grant whatever the number of
 * threads. A zeroed budget has no active calls; there is nothing to release. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct retry_pace {
    uint32_t base_ms;     /* the first wait is at most that, each further one at most twice that */
    uint32_t max_ms;      /* ... up to this */
    uint32_t hint_max_ms; /* a provider that asks for more is not waited for */
    uint32_t left_min_ms; /* no attempt starts with less than that left before the deadline */
    uint32_t retries_pct; /* of active calls may be retries at once ... */
    uint32_t retries_min; /* ... and this many in any case */
    uint32_t hedges_pct;  /* of all calls may have been hedged; 0: none */
};
/* 0.5 s to 8 s, hints up to 60 s, 200 ms; 20 % but 3 retries, 5 % hedges. */
extern const struct retry_pace retry_pace_default;

/* Full jitter: anything from 0 to base x 2^retries, evenly. `retries` were made before; `random` is
 * any uniform number. */
uint64_t retry_delay_ms(const struct retry_pace *pace, unsigned retries, uint32_t random);

/* Whether an attempt may start now, or in `wait_ms`. */
bool retry_in_time(const struct retry_pace *pace, uint64_t now_ms, uint64_t wait_ms,
                   uint64_t deadline_ms);

enum retry_choice {
    RETRY_HERE,      /* the same target, after wait_ms */
    RETRY_ELSEWHERE, /* not this one: it asks for too long a wait, or there is no time for it */
    RETRY_TOO_LATE,  /* nothing may start any more */
};
struct retry_plan {
    enum retry_choice choice;
    uint64_t wait_ms; /* RETRY_HERE */
};
/* `hint_ms` is what the provider asked for, 0 for nothing. A hint is waited for in full, plus up to
 * an eighth of it but 1 s, so that those who were told the same do not come back as one. */
struct retry_plan retry_plan(const struct retry_pace *pace, unsigned retries, uint64_t hint_ms,
                             uint64_t now_ms, uint64_t deadline_ms, uint32_t random);

struct retry_budget {
    _Atomic uint64_t word; /* calls and retries there are, and what hedges may cost: retry.c */
};
/* A call begins and ends, whatever the number of its attempts. */
void retry_budget_enter(struct retry_budget *budget, const struct retry_pace *pace);
void retry_budget_leave(struct retry_budget *budget);
/* Takes a place for one retry of an active call, from the wait before it to its end; false when
 * there is none: do not retry. */
bool retry_budget_take(struct retry_budget *budget, const struct retry_pace *pace);
void retry_budget_give_back(struct retry_budget *budget);
/* Takes one hedge; false when there would be more than the share. Counted over all calls there
 * were, so that the share holds from the first call on; at most RETRY_HEDGES_SAVED_MAX can be
 * saved up while none is needed. */
bool retry_budget_hedge(struct retry_budget *budget);
enum { RETRY_HEDGES_SAVED_MAX = 20 };
