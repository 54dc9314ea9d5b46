/* Leases: asked for, granted, given back. The store answers in its own thread, which books what was
 * granted and tries again for those who wait, first come first served; their loops hear of it.
 *
 * How much is leased at a time: a few of the largest holds at first; twice as much whenever
 * somebody had to wait, or the last lease did not last for LASTING_MS; half as much when one lasted
 * for LONG_MS; never more than HOLDS_MAX of the largest, nor than a small part of the limit. */
#include "budget/account.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdlib.h>

enum {
    FIRST_HOLDS = 8,
    HOLDS_MAX = 1024,
    LASTING_MS = 20,
    LONG_MS = 2000,
    REST_MS = 60000,
    SWEEP_ORDERS_MAX = 256
};

static int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t times(int64_t amount, int64_t factor)
{
    int64_t product;

    return __builtin_mul_overflow(amount, factor, &product) ? INT64_MAX / 4 : product;
}

/* Between one and some holds, and no more than a small part of the limit. */
static void size_lease(struct budget_account *account, int64_t limit, bool ran_dry, uint64_t now_ms)
{
    uint64_t lasted_ms = now_ms - account->renewed_ms;

    if (account->lease == 0)
        account->lease = times(account->largest, FIRST_HOLDS);
    else if (ran_dry || lasted_ms < LASTING_MS)
        account->lease = times(account->lease, 2);
    else if (lasted_ms > LONG_MS)
        account->lease /= 2;
    account->lease = at_most(account->lease, times(account->largest, HOLDS_MAX));
    if (limit != STORE_BUDGET_UNLIMITED)
        account->lease = at_most(account->lease, limit / BUDGET_LEASE_PART);
    if (account->lease < account->largest)
        account->lease = account->largest;
    account->renewed_ms = now_ms;
}

static void renewed(struct store_command *command);

struct budget_renewal *renewal_start(struct budgets *budgets, struct budget_hold *hold,
                                     const bool short_of[BUDGET_CLAIMS_MAX],
                                     const int64_t missing[BUDGET_CLAIMS_MAX])
{
    struct store_command *command = store_command_new(STORE_BUDGET_LEASE);
    struct budget_renewal *renewal = ARENA_NEW(&command->arena, struct budget_renewal);
    uint64_t now_ms = clock_monotonic_ms();

    renewal->budgets = budgets;
    renewal->number = ++budgets->renewal_count;
    renewal->end = &renewal->first;
    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, hold->count);
    for (size_t i = 0; i < hold->count; i++) {
        const struct budget_part *part = &hold->parts[i];
        struct budget_account *account = part->account;
        int64_t lack = account->demand > missing[i] ? account->demand : missing[i];

        if (!short_of[i] || account->renewal != NULL)
            continue;
        if (account->largest < missing[i])
            account->largest = missing[i];
        size_lease(account, part->claim.limit, missing[i] > 0 && account->known, now_ms);
        account->renewal = renewal;
        account->demand = 0;
        renewal->accounts[renewal->count++] = account;
        command->orders[command->order_count++] = (struct budget_order){
            .key = text_of(account->key),
            .need = missing[i],
            .want = at_most(lack, INT64_MAX / 4) + at_most(account->lease, INT64_MAX / 4),
            .limit = part->claim.limit};
    }
    CHECK(renewal->count > 0);
    command->done = renewed;
    command->context = renewal;
    budgets->renewals_open++;
    budgets->stats.renewals++;
    store_submit(budgets->store, command);
    return renewal;
}

static void book(struct budget_account *account, const struct budget_order *order)
{
    account->asked_ms = clock_monotonic_ms();
    account->granted += order->granted;
    account->committed = budget_committed(&order->record);
    if (!account->known)
        account->before = order->record.settled + order->record.recovered;
    account->known = true;
}

static void deliver(struct loop_task *task)
{
    struct budget_waiter *waiter = (struct budget_waiter *)task;

    waiter->ready(waiter);
}

static void answer(struct budget_waiter *waiter, bool refused)
{
    waiter->renewal = NULL;
    waiter->refused = refused;
    waiter->task.run = deliver;
    loop_post(waiter->loop, &waiter->task);
}

static void put_behind(struct budget_waiter *waiter, struct budget_waiter ***end)
{
    waiter->next = NULL;
    **end = waiter;
    *end = &waiter->next;
}

/* Tries again for those who have waited, in the order in which they came. Some have to wait once
 * more, for another account or because others were faster: what all of these lack is asked for at
 * once. */
static void serve(struct budgets *budgets, struct budget_waiter *waiters)
{
    struct budget_waiter *left = NULL, **end = &left, *waiter, *next;
    struct budget_renewal *renewal;
    enum budget_answer said;

    for (waiter = waiters; waiter != NULL; waiter = next) {
        next = waiter->next;
        said = budgets_try(budgets, waiter->hold, waiter->cost, false, true, &renewal,
                           &waiter->refusal);
        if (said == BUDGET_WAITS)
            put_behind(waiter, &end);
        else
            answer(waiter, said == BUDGET_REFUSED);
    }
    for (waiter = left; waiter != NULL; waiter = next) {
        next = waiter->next;
        said = budgets_try(budgets, waiter->hold, waiter->cost, true, false, &renewal,
                           &waiter->refusal);
        if (said != BUDGET_WAITS) {
            answer(waiter, said == BUDGET_REFUSED);
            continue;
        }
        waiter->renewal = renewal;
        put_behind(waiter, &renewal->end);
    }
}

static void refuse_all(struct budget_waiter *waiter, const struct error *failed)
{
    struct budget_waiter *next;

    for (; waiter != NULL; waiter = next) {
        next = waiter->next;
        waiter->refusal = (struct budget_refusal){.error = *failed};
        answer(waiter, true);
    }
}

/* In the store's thread. */
static void renewed(struct store_command *command)
{
    struct budget_renewal *renewal = command->context;
    struct budgets *budgets = renewal->budgets;

    pthread_mutex_lock(&budgets->lock);
    for (size_t i = 0; i < renewal->count; i++) {
        if (command->error.code == ERROR_NONE)
            book(renewal->accounts[i], &command->orders[i]);
        renewal->accounts[i]->renewal = NULL;
    }
    if (command->error.code == ERROR_NONE)
        serve(budgets, renewal->first);
    else
        refuse_all(renewal->first, &command->error);
    if (--budgets->renewals_open == 0)
        pthread_cond_broadcast(&budgets->quiet);
    pthread_mutex_unlock(&budgets->lock);
    store_command_free(command);
}

/* --- the start
 * -------------------------------------------------------------------------------------- */

/* A period that an account was ever used in is not followed by an earlier one, even if the clock
 * was set back while nothing ran. */
static void remember_period(struct budgets *budgets, struct text key, struct text prefix)
{
    struct text name = text_after(key, prefix.len);
    enum period_kind kind = name.len == PERIOD_NAME_BYTES - 1 ? PERIOD_DAY : PERIOD_MONTH;
    char *known = budgets->periods[kind].name;

    if (name.len >= PERIOD_NAME_BYTES || text_compare(name, text_of(known)) <= 0)
        return;
    memcpy(known, name.at, name.len);
    known[name.len] = '\0';
}

static bool remember_periods(struct budgets *budgets, struct text account, struct error *err)
{
    struct arena arena = {0};
    struct text prefix = arena_printf(&arena, "%.*s/", TEXT_ARG(account)), after = {0};
    bool more = true;

    while (more && err->code == ERROR_NONE) {
        struct store_command *command = store_command_new(STORE_BUDGET_LIST);

        command->prefix = prefix;
        command->after = after;
        store_wait(budgets->store, command);
        *err = command->error;
        for (size_t i = 0; i < command->budget_count; i++)
            remember_period(budgets, command->budgets[i].key, prefix);
        more = command->more && command->budget_count > 0;
        if (more)
            after = arena_copy(&arena, command->budgets[command->budget_count - 1].key);
        store_command_free(command);
    }
    arena_release(&arena);
    return err->code == ERROR_NONE;
}

struct store_command *budgets_recover(struct budgets *budgets, struct text account, int64_t wall_ms)
{
    struct store_command *command = store_command_new(STORE_BUDGET_RECOVER);

    command->now_ms = wall_ms;
    store_wait(budgets->store, command);
    if (command->error.code == ERROR_NONE)
        remember_periods(budgets, account, &command->error);
    return command;
}

/* --- giving back
 * ------------------------------------------------------------------------------------ */

static void add_return(struct store_command *command, struct budget_account *account)
{
    int64_t rest = account_free(account);

    command->orders[command->order_count++] = (struct budget_order){
        .key = arena_copy(&command->arena, text_of(account->key)), .need = rest, .want = rest};
    account->granted -= rest;
}

static struct store_command *new_return(void)
{
    struct store_command *command = store_command_new(STORE_BUDGET_RETURN);

    command->orders = ARENA_ARRAY(&command->arena, struct budget_order, SWEEP_ORDERS_MAX);
    return command;
}

/* Takes accounts that have rested off their chain, up to what one command may hold. */
static bool sweep_chain(struct budgets *budgets, struct budget_account **link,
                        struct store_command *command, uint64_t now_ms, uint64_t rest_ms)
{
    while (*link != NULL) {
        struct budget_account *account = *link;
        bool rests = account->holders == 0 && account->renewal == NULL &&
                     now_ms - account->used_ms >= rest_ms;

        if (!rests) {
            link = &account->next;
            continue;
        }
        if (account_free(account) != 0) {
            if (command->order_count == SWEEP_ORDERS_MAX)
                return false;
            add_return(command, account);
        }
        *link = account->next;
        budgets->stats.accounts--;
        free(account);
    }
    return true;
}

/* In the store's thread. */
static void returned(struct store_command *command)
{
    struct budgets *budgets = command->context;

    pthread_mutex_lock(&budgets->lock);
    if (--budgets->renewals_open == 0)
        pthread_cond_broadcast(&budgets->quiet);
    pthread_mutex_unlock(&budgets->lock);
    store_command_free(command);
}

static void submit_return(struct budgets *budgets, struct store_command *command)
{
    if (command->order_count == 0) {
        store_command_free(command);
        return;
    }
    command->done = returned;
    command->context = budgets;
    budgets->renewals_open++;
    store_submit(budgets->store, command);
}

static void sweep(struct budgets *budgets, uint64_t now_ms, uint64_t rest_ms)
{
    struct store_command *command = new_return();

    for (size_t i = 0; i < BUDGET_CHAINS; i++) {
        while (!sweep_chain(budgets, &budgets->chains[i], command, now_ms, rest_ms)) {
            submit_return(budgets, command);
            command = new_return();
        }
    }
    submit_return(budgets, command);
}

void budgets_sweep(struct budgets *budgets, uint64_t now_ms)
{
    pthread_mutex_lock(&budgets->lock);
    sweep(budgets, now_ms, REST_MS);
    pthread_mutex_unlock(&budgets->lock);
}

void budgets_close(struct budgets *budgets)
{
    if (budgets == NULL)
        return;
    pthread_mutex_lock(&budgets->lock);
    while (budgets->renewals_open > 0) /* what is granted late is given back, too */
        pthread_cond_wait(&budgets->quiet, &budgets->lock);
    sweep(budgets, UINT64_MAX, 0);
    while (budgets->renewals_open > 0)
        pthread_cond_wait(&budgets->quiet, &budgets->lock);
    for (size_t i = 0; i < BUDGET_CHAINS; i++) {
        struct budget_account *account = budgets->chains[i], *next;

        for (; account != NULL; account = next) {
            next = account->next;
            free(account);
        }
    }
    pthread_mutex_unlock(&budgets->lock);
    pthread_mutex_destroy(&budgets->lock);
    pthread_cond_destroy(&budgets->quiet);
    free(budgets);
}
