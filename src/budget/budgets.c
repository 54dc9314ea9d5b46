/* A hold is all or nothing: first every account is looked at, then all are changed, under one lock
 * that is held for a few hundred nanoseconds. An account whose lease does not cover what is asked
 * for is one of two: what is missing fits under the limit, as far as is known, and then a lease is
 * asked for; or it does not, and the call is refused. What is known of the limit may be a little
 * old where several gateways share an account, so once a second the store is asked again. */
#include "budget/account.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { ASK_AGAIN_MS = 1000 };

struct budgets *budgets_new(struct store *store)
{
    struct budgets *budgets = calloc(1, sizeof *budgets);

    CHECK(budgets != NULL);
    budgets->store = store;
    CHECK(pthread_mutex_init(&budgets->lock, NULL) == 0);
    CHECK(pthread_cond_init(&budgets->quiet, NULL) == 0);
    return budgets;
}

int64_t budget_charge(int64_t cost, uint32_t markup)
{
    unsigned __int128 extra;

    if (cost <= 0)
        return 0;
    extra = ((unsigned __int128)cost * markup + BUDGET_MARKUP_WHOLE - 1) / BUDGET_MARKUP_WHOLE;
    extra += (unsigned __int128)cost;
    return extra > BUDGET_CALL_MAX ? BUDGET_CALL_MAX : (int64_t)extra;
}

struct text budget_part_key(const struct budget_part *part)
{
    return text_of(part->account->key);
}

/* Sums do not turn over, and leave room to subtract from. */
static int64_t add(int64_t sum, int64_t more)
{
    return sum > INT64_MAX / 4 - more ? INT64_MAX / 4 : sum + more;
}

/* --- holding
 * ---------------------------------------------------------------------------------------- */

static void refuse(const struct budget_part *part, int64_t needed, struct budget_refusal *out)
{
    const struct budget_account *account = part->account;
    bool daily = part->claim.kind == PERIOD_DAY;

    *out = (struct budget_refusal){.kind = part->claim.kind,
                                   .limit = part->claim.limit,
                                   .spent = account_used(account),
                                   .held = account->held,
                                   .needed = needed,
                                   .until_ms = account->until_ms};
    memcpy(out->key, account->key, sizeof out->key);
    error_set(&out->error, daily ? ERROR_DAILY_BUDGET_EXCEEDED : ERROR_MONTHLY_BUDGET_EXCEEDED,
              NULL, "the %s budget of '%s' is used up", period_word(part->claim.kind),
              account->key);
}

/* Whether so much more is certainly too much, whatever is leased: a limit may have been lowered
 * since it was. */
static bool passes_limit(const struct budget_part *part, int64_t more)
{
    const struct budget_account *account = part->account;

    return part->claim.limit != STORE_BUDGET_UNLIMITED && account->known && more > 0 &&
           more > part->claim.limit - account_used(account) - account->held;
}

/* Whether so much more may fit under the limit, as far as is known. */
static bool may_fit(const struct budget_part *part, int64_t missing, uint64_t now_ms)
{
    const struct budget_account *account = part->account;
    int64_t limit = part->claim.limit;

    if (limit == STORE_BUDGET_UNLIMITED || !account->known)
        return true;
    if (missing <= limit && account->committed <= limit - missing)
        return true;
    return now_ms - account->asked_ms >= ASK_AGAIN_MS;
}

static void take(struct budget_hold *hold, int64_t cost, uint64_t now_ms)
{
    for (size_t i = 0; i < hold->count; i++) {
        struct budget_part *part = &hold->parts[i];
        int64_t amount = budget_charge(cost, part->claim.markup);

        part->account->held += amount - part->held;
        part->account->used_ms = now_ms;
        if (amount > part->account->largest)
            part->account->largest = amount;
        part->held = amount;
    }
    hold->cost = cost;
}

/* Half of a lease is what is left to renew it in good time. */
static void renew_early(struct budgets *budgets, struct budget_hold *hold)
{
    bool short_of[BUDGET_CLAIMS_MAX] = {false}, any = false;
    int64_t missing[BUDGET_CLAIMS_MAX] = {0};

    for (size_t i = 0; i < hold->count; i++) {
        const struct budget_part *part = &hold->parts[i];
        const struct budget_account *account = part->account;

        short_of[i] =
            account->renewal == NULL && account_free(account) < account->lease / 2 &&
            (part->claim.limit == STORE_BUDGET_UNLIMITED || account->committed < part->claim.limit);
        any |= short_of[i];
    }
    if (any)
        renewal_start(budgets, hold, short_of, missing);
}

/* Of renewals under way the one that ends last. */
static struct budget_renewal *later(struct budget_renewal *a, struct budget_renewal *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    return a->number > b->number ? a : b;
}

enum budget_answer budgets_try(struct budgets *budgets, struct budget_hold *hold, int64_t cost,
                               bool ask, bool note, struct budget_renewal **out_renewal,
                               struct budget_refusal *out)
{
    bool short_of[BUDGET_CLAIMS_MAX] = {false}, any = false, new = false;
    int64_t missing[BUDGET_CLAIMS_MAX];
    uint64_t now_ms = clock_monotonic_ms();

    *out_renewal = NULL;
    for (size_t i = 0; i < hold->count; i++) {
        struct budget_part *part = &hold->parts[i];
        int64_t more = budget_charge(cost, part->claim.markup) - part->held;

        if (passes_limit(part, more)) {
            refuse(part, more, out);
            return BUDGET_REFUSED;
        }
        missing[i] = more - account_free(part->account);
        if (missing[i] <= 0 && (part->account->known || more == 0))
            continue; /* what costs nothing needs no lease */
        if (missing[i] < 0)
            missing[i] = 0;
        if (!may_fit(part, missing[i], now_ms)) {
            refuse(part, more, out);
            return BUDGET_REFUSED;
        }
        any = true;
        *out_renewal = later(*out_renewal, part->account->renewal);
        short_of[i] = part->account->renewal == NULL;
        new |= short_of[i];
        if (note && !(short_of[i] && ask))
            part->account->demand = add(part->account->demand, missing[i]);
    }
    if (!any) {
        take(hold, cost, now_ms);
        budgets->stats.holds++;
        renew_early(budgets, hold);
        return BUDGET_HELD;
    }
    if (new &&ask)
        *out_renewal = renewal_start(budgets, hold, short_of, missing);
    return BUDGET_WAITS;
}

enum budget_answer budgets_hold(struct budgets *budgets, struct budget_hold *hold, int64_t cost,
                                struct budget_waiter *waiter, struct budget_refusal *out)
{
    struct budget_renewal *renewal;
    enum budget_answer answer;

    if (cost <= hold->cost && hold->cost > 0)
        return BUDGET_HELD;
    pthread_mutex_lock(&budgets->lock);
    answer = budgets_try(budgets, hold, cost, true, waiter != NULL, &renewal, out);
    if (answer == BUDGET_WAITS && waiter != NULL) {
        waiter->hold = hold;
        waiter->cost = cost;
        waiter->renewal = renewal;
        waiter->next = NULL;
        *renewal->end = waiter;
        renewal->end = &waiter->next;
        budgets->stats.waits++;
    }
    pthread_mutex_unlock(&budgets->lock);
    return answer;
}

bool budgets_leave(struct budgets *budgets, struct budget_waiter *waiter)
{
    struct budget_renewal *renewal;
    bool waited;

    pthread_mutex_lock(&budgets->lock);
    renewal = waiter->renewal;
    waited = renewal != NULL;
    if (waited) {
        struct budget_waiter **link = &renewal->first;

        while (*link != waiter)
            link = &(*link)->next;
        *link = waiter->next;
        if (waiter->next == NULL)
            renewal->end = link;
    }
    pthread_mutex_unlock(&budgets->lock);
    return waited;
}

/* --- settling
 * --------------------------------------------------------------------------------------- */

static unsigned percent_of(int64_t spent, int64_t limit)
{
    return limit <= 0
               ? 100
               : (unsigned)((__int128)spent * 100 / limit > 1000 ? 1000
                                                                 : (__int128)spent * 100 / limit);
}

/* The highest warning between two sums, if there is one. */
static bool crossed(const struct budget_part *part, int64_t before, int64_t after,
                    struct budget_crossing *out)
{
    unsigned from = percent_of(before, part->claim.limit),
             to = percent_of(after, part->claim.limit);
    bool any = false;

    if (part->claim.limit == STORE_BUDGET_UNLIMITED || part->claim.warn_at == NULL)
        return false;
    for (size_t i = 0; i < BUDGET_WARNINGS_MAX && part->claim.warn_at[i] > 0; i++) {
        if (from >= part->claim.warn_at[i] || to < part->claim.warn_at[i])
            continue;
        any = true;
        out->percent = part->claim.warn_at[i];
    }
    if (!any)
        return false;
    memcpy(out->key, part->account->key, sizeof out->key);
    out->spent = after;
    out->limit = part->claim.limit;
    return true;
}

size_t budgets_settle(struct budgets *budgets, struct budget_hold *hold, int64_t cost,
                      struct budget_crossing out[BUDGET_CLAIMS_MAX])
{
    size_t crossings = 0;

    if (hold->count == 0)
        return 0;
    pthread_mutex_lock(&budgets->lock);
    for (size_t i = 0; i < hold->count; i++) {
        struct budget_part *part = &hold->parts[i];
        struct budget_account *account = part->account;
        int64_t before = account_used(account);

        account->held -= part->held;
        account->settled = add(account->settled, budget_charge(cost, part->claim.markup));
        account->holders--;
        if (account->known && crossed(part, before, account_used(account), &out[crossings]))
            crossings++;
    }
    pthread_mutex_unlock(&budgets->lock);
    *hold = (struct budget_hold){0};
    return crossings;
}

struct budget_stats budgets_stats(struct budgets *budgets)
{
    struct budget_stats stats;

    pthread_mutex_lock(&budgets->lock);
    stats = budgets->stats;
    pthread_mutex_unlock(&budgets->lock);
    return stats;
}
