/* Budgets: a record per account and period, and an index of those with a lease open, so that what a
 * dead process has left open is found without walking all that was ever spent.
 *
 * Sums saturate: at 9.2 thousand million USD nothing is exact any more, and nothing turns over. */
#include "store/lmdb_impl.h"

#include "base/check.h"

enum { LISTED_MAX = 1000 };

static int64_t sum(int64_t a, int64_t b)
{
    int64_t out;

    if (!__builtin_add_overflow(a, b, &out))
        return out;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

/* A record that is not there is one of nothing spent. False when it is damaged. */
static int get_budget(struct lmdb_store *store, MDB_txn *txn, struct text key,
                      struct budget_record *out, struct error *err)
{
    struct text value;
    int rc = lmdb_get(store, txn, TABLE_BUDGETS, key, &value);

    *out = (struct budget_record){.key = key};
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc == 0)
        record_get_budget(key, value, out, err);
    return rc;
}

static int put_budget(struct lmdb_store *store, MDB_txn *txn, const struct budget_record *record)
{
    record_put_budget(&store->value, record->key, record);
    return lmdb_put(store, txn, TABLE_BUDGETS, record->key);
}

static int mark_open(struct lmdb_store *store, MDB_txn *txn, struct text key)
{
    struct text there;
    int rc = lmdb_get(store, txn, TABLE_LEASES, key, &there);

    if (rc != MDB_NOTFOUND)
        return rc;
    record_put_lease(&store->value, key);
    return lmdb_put(store, txn, TABLE_LEASES, key);
}

/* How much an order gets: what it wants, or what is left under the limit, if that is enough. */
static int64_t grant_of(const struct budget_order *order, const struct budget_record *record)
{
    int64_t left;

    if (order->limit == STORE_BUDGET_UNLIMITED)
        return order->want;
    left = order->limit - budget_committed(record);
    if (left < order->need || left <= 0)
        return 0;
    return order->want < left ? order->want : left;
}

static bool fits(struct store_command *command, const struct budget_order *order)
{
    if (order->key.len > 0 && order->key.len <= STORE_BUDGET_KEY_BYTES && order->need >= 0 &&
        order->want >= order->need && order->limit >= STORE_BUDGET_UNLIMITED)
        return true;
    return error_set(&command->error, ERROR_INVALID_REQUEST, NULL,
                     "an account's name has 1 to %d bytes, and no amount is negative",
                     STORE_BUDGET_KEY_BYTES);
}

static int lease(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                 struct budget_order *order)
{
    struct budget_record record;
    int rc = get_budget(store, txn, order->key, &record, &command->error);

    if (rc != 0)
        return rc;
    order->granted = grant_of(order, &record);
    if (order->granted > 0) {
        rc = lmdb_find_room(store, 0, LMDB_ADDITION_PERCENT);
        record.open = sum(record.open, order->granted);
        if (rc == 0)
            rc = put_budget(store, txn, &record);
        if (rc == 0)
            rc = mark_open(store, txn, order->key);
    }
    order->record = record;
    order->record.key = (struct text){0};
    return rc;
}

/* Nothing is leased where one of the records cannot be read: whoever asks is told so, and would
 * not know of the others. */
int lmdb_lease_budgets(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct budget_record record;
    int rc = 0;

    for (size_t i = 0; i < command->order_count && rc == 0; i++) {
        if (!fits(command, &command->orders[i]))
            return 0;
        rc = get_budget(store, txn, command->orders[i].key, &record, &command->error);
        if (command->error.code != ERROR_NONE)
            return rc;
    }
    for (size_t i = 0; i < command->order_count && rc == 0; i++)
        rc = lease(store, txn, command, &command->orders[i]);
    return rc;
}

int lmdb_return_budgets(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    int rc = 0;

    for (size_t i = 0; i < command->order_count && rc == 0; i++) {
        const struct budget_order *order = &command->orders[i];
        struct budget_record record;
        struct error damaged = {0};

        rc = get_budget(store, txn, order->key, &record, &damaged);
        if (rc != 0 || damaged.code != ERROR_NONE)
            continue; /* nothing can be taken off what cannot be read */
        record.open = sum(record.open, -order->need);
        rc = put_budget(store, txn, &record);
        if (rc == 0 && record.open <= 0)
            rc = lmdb_del(store, txn, TABLE_LEASES, order->key);
    }
    return rc;
}

/* Money that was spent is counted whatever happens: only a record that cannot be read stays as it
 * is, and refuses every further lease. */
int lmdb_settle_budget(struct lmdb_store *store, MDB_txn *txn, struct text key, int64_t nano)
{
    struct budget_record record;
    struct error damaged = {0};
    int rc = get_budget(store, txn, key, &record, &damaged);

    if (rc != 0 || damaged.code != ERROR_NONE)
        return rc;
    record.settled = sum(record.settled, nano);
    record.open = sum(record.open, -nano);
    return put_budget(store, txn, &record);
}

/* --- after a crash
 * ---------------------------------------------------------------------------------- */

static void list_one(struct store_command *command, const struct budget_record *record, size_t room)
{
    struct budget_record *budgets = (struct budget_record *)(uintptr_t)command->budgets;

    if (command->budget_count == room)
        return;
    budgets[command->budget_count] = *record;
    budgets[command->budget_count++].key = arena_copy(&command->arena, record->key);
}

static int recover(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                   struct text key, size_t room)
{
    struct budget_record record, told;
    struct error damaged = {0};
    int rc = get_budget(store, txn, key, &record, &damaged);

    if (rc != 0 || damaged.code != ERROR_NONE)
        return rc;
    told = record;
    if (record.open > 0) {
        record.recovered = sum(record.recovered, record.open);
        record.recovered_ms = command->now_ms;
        list_one(command, &told, room);
    }
    record.open = 0;
    rc = put_budget(store, txn, &record);
    return rc != 0 ? rc : lmdb_del(store, txn, TABLE_LEASES, key);
}

int lmdb_recover_budgets(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    MDB_stat stat;
    int rc = mdb_stat(txn, store->tables[TABLE_LEASES], &stat);

    if (rc == 0)
        rc = mdb_cursor_open(txn, store->tables[TABLE_LEASES], &cursor);
    if (rc != 0)
        return rc;
    command->budget_count = 0;
    command->budgets = ARENA_ARRAY(&command->arena, struct budget_record, stat.ms_entries);
    while (rc == 0 && (rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST)) == 0)
        rc = recover(store, txn, command, lmdb_copy(&command->arena, key), stat.ms_entries);
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* --- reading
 * ---------------------------------------------------------------------------------------- */

int lmdb_read_budgets(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    int rc = 0;

    for (size_t i = 0; i < command->order_count && rc == 0; i++) {
        struct budget_order *order = &command->orders[i];
        struct error damaged = {0};

        if (store->tables[TABLE_BUDGETS] == 0)
            order->record = (struct budget_record){0};
        else
            rc = get_budget(store, txn, order->key, &order->record, &damaged);
        order->record.key = (struct text){0};
        if (damaged.code != ERROR_NONE && command->error.code == ERROR_NONE)
            command->error = damaged;
    }
    return rc;
}

int lmdb_list_budgets(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    size_t most = command->most > 0 && command->most < LISTED_MAX ? command->most : LISTED_MAX;
    struct text from = command->after.len > 0 ? command->after : command->prefix;
    MDB_val key = val_of_text(from), value;
    MDB_cursor *cursor;
    int rc;

    command->budget_count = 0;
    command->more = false;
    if (store->tables[TABLE_BUDGETS] == 0)
        return 0;
    rc = mdb_cursor_open(txn, store->tables[TABLE_BUDGETS], &cursor);
    if (rc != 0)
        return rc;
    command->budgets = ARENA_ARRAY(&command->arena, struct budget_record, most);
    rc = mdb_cursor_get(cursor, &key, &value, from.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
    for (; rc == 0; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        struct budget_record record = {0};
        struct error damaged = {0};

        if (!text_starts(text_of_val(key), command->prefix))
            break;
        if (command->after.len > 0 && text_equal(text_of_val(key), command->after))
            continue;
        command->more = command->budget_count == most;
        if (command->more)
            break;
        if (record_get_budget(text_of_val(key), text_of_val(value), &record, &damaged))
            list_one(command, &record, most);
        else if (command->error.code == ERROR_NONE)
            command->error = damaged;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}
