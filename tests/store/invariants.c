/* What must hold of a store whatever happened to it: invariants FOLDER [stopped]. With no server on
 * it. Run after every destructive test; prints what the store says was spent, as one JSON object.
 *
 *   every record reads and fits the others (the walk): sessions dense and in order, the audit log
 *     whole, indexes exact
 *   usage and budgets agree: what an account has settled in a period is what the calls that count
 *     against it have cost in the days of that period; less only where the account is younger
 *   no balance is negative
 *   with `stopped`, after a clean end: nothing is leased any more */
#include "base/check.h"
#include "store/lmdb_impl.h"

#include <stdio.h>
#include <stdlib.h>

struct totals {
    int64_t calls, cost, estimated;
    int64_t settled, recovered, open; /* of the organisation */
    uint64_t leases, budgets;
};

struct check {
    struct lmdb_store *store;
    MDB_txn *txn;
    struct totals totals;
    bool stopped;
    unsigned wrong;
};

static void complain(struct check *check, struct text key, const char *what, int64_t a, int64_t b)
{
    fprintf(stderr, "invariants: %.*s: %s: %lld, %lld\n", TEXT_ARG(key), what, (long long)a,
            (long long)b);
    check->wrong++;
}

/* --- what the calls have cost --------------------------------------------------------------------
 */

/* "endpoint/summarize/2026-11": what kind, whose, when. */
struct account {
    struct text kind, owner, period;
};

static bool account_of(struct text key, struct account *out)
{
    size_t slash = 0, last = key.len;

    *out = (struct account){0};
    while (slash < key.len && key.at[slash] != '/')
        slash++;
    while (last > 0 && key.at[last - 1] != '/')
        last--;
    if (slash == key.len || last == 0)
        return false;
    out->kind = text_first(key, slash);
    out->period = text_after(key, last);
    if (last - 1 > slash)
        out->owner = text_between(key.at + slash + 1, key.at + last - 1);
    return true;
}

/* Whether a call counts against the account, and with how much. */
static int64_t share(const struct account *account, const struct usage_record *usage)
{
    struct text kind = account->kind;

    if (!text_starts(usage->names[USAGE_DAY], account->period))
        return 0;
    if (text_equal(kind, TEXT("organisation")))
        return usage->all[USAGE_COST];
    if (text_equal(kind, TEXT("endpoint")) &&
        text_equal(account->owner, usage->names[USAGE_ENDPOINT]))
        return usage->all[USAGE_COST];
    if (text_equal(kind, TEXT("project")) &&
        text_equal(account->owner, usage->names[USAGE_PROJECT]))
        return usage->all[USAGE_BILLED];
    if (text_equal(kind, TEXT("token")) && text_equal(account->owner, usage->names[USAGE_TOKEN]))
        return usage->all[USAGE_BILLED];
    return 0;
}

static int64_t used(struct check *check, const struct account *account)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int64_t sum = 0;

    CHECK(mdb_cursor_open(check->txn, check->store->tables[TABLE_USAGE], &cursor) == 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        struct usage_record usage;

        if (record_get_usage(text_of_val(key), text_of_val(value), &usage, NULL))
            sum += share(account, &usage);
    }
    mdb_cursor_close(cursor);
    return sum;
}

static void add_usage(struct check *check)
{
    MDB_cursor *cursor;
    MDB_val key, value;

    CHECK(mdb_cursor_open(check->txn, check->store->tables[TABLE_USAGE], &cursor) == 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        struct usage_record usage;

        if (!record_get_usage(text_of_val(key), text_of_val(value), &usage, NULL))
            continue; /* the walk has said so */
        for (int i = 0; i < USAGE_SUM_COUNT; i++)
            if (usage.all[i] < 0 || usage.estimated[i] < 0 || usage.estimated[i] > usage.all[i])
                complain(check, usage.names[USAGE_ENDPOINT], usage_sum_word((enum usage_sum)i),
                         usage.all[i], usage.estimated[i]);
        check->totals.calls += usage.all[USAGE_CALLS];
        check->totals.cost += usage.all[USAGE_COST];
        check->totals.estimated += usage.estimated[USAGE_COST];
    }
    mdb_cursor_close(cursor);
}

/* --- what the budgets say ------------------------------------------------------------------------
 */

static void check_budget(struct check *check, struct text key, const struct budget_record *budget)
{
    struct account account;
    int64_t cost;

    if (budget->settled < 0 || budget->recovered < 0)
        complain(check, key, "a negative balance", budget->settled, budget->recovered);
    if (check->stopped && budget->open > 0)
        complain(check, key, "still leased after a clean end", budget->open, 0);
    if (!account_of(key, &account))
        return;
    cost = used(check, &account);
    if (budget->settled > cost ||
        (budget->settled != cost && text_equal(account.kind, TEXT("organisation"))))
        complain(check, key, "settled, and used", budget->settled, cost);
    if (text_equal(account.kind, TEXT("organisation")) && account.period.len == 7) {
        check->totals.settled += budget->settled;
        check->totals.recovered += budget->recovered;
        check->totals.open += budget->open;
    }
}

static void check_budgets(struct check *check)
{
    MDB_cursor *cursor;
    MDB_val key, value;

    CHECK(mdb_cursor_open(check->txn, check->store->tables[TABLE_BUDGETS], &cursor) == 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        struct budget_record budget;

        if (record_get_budget(text_of_val(key), text_of_val(value), &budget, NULL))
            check_budget(check, text_of_val(key), &budget);
        check->totals.budgets++;
    }
    mdb_cursor_close(cursor);
}

static void check_leases(struct check *check)
{
    MDB_stat stat;

    CHECK(mdb_stat(check->txn, check->store->tables[TABLE_LEASES], &stat) == 0);
    check->totals.leases = stat.ms_entries;
    if (check->stopped && stat.ms_entries > 0)
        complain(check, TEXT("budget_leases"), "entries after a clean end",
                 (int64_t)stat.ms_entries, 0);
}

int main(int argc, char **argv)
{
    struct check check = {.stopped = argc > 2 && strcmp(argv[2], "stopped") == 0};
    struct store_census census;
    struct error err = {0};
    struct store *store;

    if (argc < 2) {
        fprintf(stderr, "invariants FOLDER [stopped]\n");
        return 2;
    }
    store = store_open_lmdb(text_of(argv[1]), &err);
    if (store == NULL || !store_verify_lmdb(store, &census, &err)) {
        fprintf(stderr, "invariants: %s: %s\n", err.at, err.message);
        return 1;
    }
    check.store = lmdb_of(store);
    CHECK(mdb_txn_begin(check.store->env, NULL, MDB_RDONLY, &check.txn) == 0);
    add_usage(&check);
    check_budgets(&check);
    check_leases(&check);
    mdb_txn_abort(check.txn);
    store_close(store);
    printf("{\"calls\":%lld,\"cost_nano\":%lld,\"estimated_nano\":%lld,\"settled_nano\":%lld,"
           "\"recovered_nano\":%lld,\"open_nano\":%lld,\"leases\":%llu,\"budgets\":%llu,"
           "\"sessions\":%llu,\"messages\":%llu,\"tokens\":%llu}\n",
           (long long)check.totals.calls, (long long)check.totals.cost,
           (long long)check.totals.estimated, (long long)check.totals.settled,
           (long long)check.totals.recovered, (long long)check.totals.open,
           (unsigned long long)check.totals.leases, (unsigned long long)check.totals.budgets,
           (unsigned long long)census.sessions, (unsigned long long)census.messages,
           (unsigned long long)census.tokens);
    return check.wrong == 0 ? 0 : 1;
}
