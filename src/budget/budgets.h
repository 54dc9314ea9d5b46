/* budget/budgets.h
 * What may still be spent, in memory: exact across threads, and never more than the store has
 * granted. Money is integer nano-USD.
 *
 * Before a call is sent, the worst it can cost is held on every account that it counts against, on
 * all of them or on none; afterwards what it did cost is settled and the rest is free again. What
 * is held is covered by leases (store/budget_record.h), which are durable before they are used, so
 * that a hold takes a lock for less than a microsecond and waits for the disk only where a lease
 * runs out before the next one has come. Leases are renewed ahead of need; how much is leased at a
 * time follows how fast it is spent, is at most BUDGET_LEASE_PART of a limit where holds are
 * smaller than that, and at most 1024 holds where there is no limit. So a crash counts too much by
 * at most what was held and 1.5 such leases.
 *
 * Of K calls that fit, exactly K are held, whatever the number of threads: a hold is refused only
 * if what is settled, held by others and asked for passes the limit. */
#pragma once
#include "base/error.h"
#include "base/loop.h"
#include "calendar/period.h"
#include "store/store.h"

enum {
    BUDGET_CLAIMS_MAX = 8,
    BUDGET_WARNINGS_MAX = 4,
    BUDGET_LEASE_PART = 50, /* of a limit: 2 % */
    BUDGET_MARKUP_WHOLE = 10000
};
/* The most that one call is held for or charged, markup included: sums of it stay far from what 64
 * bits can hold. */
#define BUDGET_CALL_MAX INT64_C(100000000000000) /* 100,000 USD */

/* What an owner of a budget may spend. All zero: nothing is limited. */
struct budget_rule {
    int64_t limits[PERIOD_KIND_COUNT];    /* of a day and a month ... */
    bool limited[PERIOD_KIND_COUNT];      /* ... where this says so */
    int64_t request_tokens;               /* of one call, input and output; 0: no limit */
    uint8_t warn_at[BUDGET_WARNINGS_MAX]; /* percent of a limit, ascending; 0: no more of them */
};

/* One account that a call counts against. */
struct budget_claim {
    struct text account; /* "endpoint/summarize" */
    enum period_kind kind;
    int64_t limit;   /* STORE_BUDGET_UNLIMITED */
    uint32_t markup; /* what the account is charged beyond the cost, of BUDGET_MARKUP_WHOLE */
    const uint8_t *warn_at; /* BUDGET_WARNINGS_MAX of them; NULL: none */
};

struct budgets;
struct budget_account;

/* What one call holds; zeroed: nothing. */
struct budget_hold {
    struct budget_part {
        struct budget_account *account;
        struct budget_claim claim; /* without its name */
        int64_t held;              /* markup included */
    } parts[BUDGET_CLAIMS_MAX];
    size_t count;
    int64_t cost; /* that is held for */
};

struct budget_refusal {
    struct error error; /* ERROR_MONTHLY_ or _DAILY_BUDGET_EXCEEDED, or what the store says */
    char key[STORE_BUDGET_KEY_BYTES + 1]; /* of the account that is used up; empty: none */
    enum period_kind kind;
    int64_t limit, spent, held, needed;
    int64_t until_ms; /* wall: when the period ends */
};

/* Somebody who waits for a lease. On the heap of whoever waits, and his until `ready`. */
struct budget_waiter {
    struct loop_task task;
    struct loop *loop;
    void (*ready)(struct budget_waiter *waiter); /* in the loop's thread */
    void *context;
    struct budget_hold *hold;
    int64_t cost;
    bool refused;
    struct budget_refusal refusal;
    /* of the budgets */
    struct budget_renewal *renewal;
    struct budget_waiter *next;
};

enum budget_answer { BUDGET_HELD, BUDGET_REFUSED, BUDGET_WAITS };

/* The store is kept. */
struct budgets *budgets_new(struct store *store);
/* Counts as spent what a process that died had leased, and learns from the account that every call
 * counts against which periods have begun; for the start, before the first hold. Gives the command
 * that found it, with `budgets`, or with its error. */
struct store_command *budgets_recover(struct budgets *budgets, struct text account,
                                      int64_t wall_ms);
/* Gives back every lease, waiting for the store, and frees. No hold, no waiter is left. NULL does
 * nothing. */
void budgets_close(struct budgets *budgets);

/* Names the accounts of a call; nothing is held yet. Periods are those at that time in that zone,
 * but never earlier ones than were named before. At most BUDGET_CLAIMS_MAX. Any thread. */
void budgets_open(struct budgets *budgets, struct budget_hold *hold,
                  const struct budget_claim *claims, size_t count, const struct zone *zone,
                  struct text zone_name, int64_t wall_ms);
/* Has the hold hold at least `cost`. BUDGET_WAITS: the waiter (loop, ready and context filled in)
 * is taken until its `ready`, which comes once from its loop, with `refused` saying which of the
 * other two it became; until then the hold is not to be touched. NULL: rather than wait it is
 * BUDGET_WAITS, and nothing is held; a lease is then on its way. */
enum budget_answer budgets_hold(struct budgets *budgets, struct budget_hold *hold, int64_t cost,
                                struct budget_waiter *waiter, struct budget_refusal *out);
/* The waiter is not interested any more, and its hold is its owner's again, to be settled. True: so
 * is the waiter. False: its `ready` is on its way and still comes. */
bool budgets_leave(struct budgets *budgets, struct budget_waiter *waiter);

/* What a call has brought an account to. */
struct budget_crossing {
    char key[STORE_BUDGET_KEY_BYTES + 1];
    unsigned percent; /* of the limit, which was crossed */
    int64_t spent, limit;
};
/* What the call has cost is spent, the rest is free; the hold holds nothing and names no accounts
 * any more. Fills in which warnings are due, and gives their number. */
size_t budgets_settle(struct budgets *budgets, struct budget_hold *hold, int64_t cost,
                      struct budget_crossing out[BUDGET_CLAIMS_MAX]);
/* What the account of a part is charged for a cost; at most BUDGET_CALL_MAX. */
int64_t budget_charge(int64_t cost, uint32_t markup);
/* "endpoint/summarize/2026-11"; valid as long as the hold names it. */
struct text budget_part_key(const struct budget_part *part);

/* How an account stands, now or at a time that is asked about: looking makes no time go by. */
struct budget_view {
    char key[STORE_BUDGET_KEY_BYTES + 1];
    bool known; /* what follows is as exact as can be; else only the store's record says it */
    int64_t spent, held;
    int64_t until_ms;
};
void budgets_view(struct budgets *budgets, const struct budget_claim *claim,
                  const struct zone *zone, struct text zone_name, int64_t wall_ms,
                  struct budget_view *out);

/* Gives back the leases of accounts at rest, and forgets those; every few seconds, any thread.
 * Monotonic time. */
void budgets_sweep(struct budgets *budgets, uint64_t now_ms);

struct budget_stats {
    uint64_t holds, waits, renewals, accounts;
};
struct budget_stats budgets_stats(struct budgets *budgets);
