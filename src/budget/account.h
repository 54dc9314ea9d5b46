/* budget/account.h
 * Private to budget: one account in one period, and the leases under way. All of it is guarded by
 * the lock of the budgets. */
#pragma once
#include "budget/budgets.h"

#include <pthread.h>

enum { BUDGET_CHAINS = 1 << 14 };

struct budget_account {
    struct budget_account *next; /* of its chain */
    char key[STORE_BUDGET_KEY_BYTES + 1];
    uint64_t hash;
    size_t holders;                 /* holds that name it */
    struct budget_renewal *renewal; /* under way; NULL: none */
    int64_t granted, settled, held; /* by this process, since the account was taken up */
    int64_t before;                 /* spent when it was taken up: what is not in `settled` */
    int64_t committed;              /* what the store counted against the limit when it last said */
    bool known;                     /* the store has said something since it was taken up */
    int64_t lease;                  /* how much to ask for beyond need, next time */
    int64_t largest;                /* hold there was */
    int64_t demand; /* what those who wait lack, beyond what was asked for already */
    uint64_t asked_ms, used_ms, renewed_ms; /* monotonic; asked: when the store last said */
    int64_t until_ms;
};

/* One STORE_BUDGET_LEASE under way, and who waits for it. Renewals end in the order in which they
 * began, as the store's writes do. */
struct budget_renewal {
    struct budgets *budgets;
    uint64_t number;
    struct budget_account *accounts[BUDGET_CLAIMS_MAX];
    size_t count;
    struct budget_waiter *first, **end;
};

struct budgets {
    struct store *store;
    pthread_mutex_t lock;
    struct budget_account *chains[BUDGET_CHAINS];
    struct period periods[PERIOD_KIND_COUNT];
    int64_t look_again_ms[PERIOD_KIND_COUNT]; /* wall: until when those hold without a look */
    char zone_name[80];
    uint64_t renewal_count, renewals_open;
    pthread_cond_t quiet; /* no renewal is open */
    struct budget_stats stats;
};

/* What is spent of it, by anybody. */
static inline int64_t account_used(const struct budget_account *account)
{
    return account->before + account->settled;
}
/* What is leased and neither spent nor held. */
static inline int64_t account_free(const struct budget_account *account)
{
    return account->granted - account->settled - account->held;
}

/* budgets.c: as budgets_hold, with the lock held. `ask`: where a lease is short, one is asked for
 * that covers all demand. `note`: what nobody asks for now is noted as demand. */
enum budget_answer budgets_try(struct budgets *budgets, struct budget_hold *hold, int64_t cost,
                               bool ask, bool note, struct budget_renewal **out_renewal,
                               struct budget_refusal *out);

/* renewal.c, with the lock held. */
/* Asks the store for what these parts need beyond what is free, and for a lease. */
struct budget_renewal *renewal_start(struct budgets *budgets, struct budget_hold *hold,
                                     const bool short_of[BUDGET_CLAIMS_MAX],
                                     const int64_t missing[BUDGET_CLAIMS_MAX]);
