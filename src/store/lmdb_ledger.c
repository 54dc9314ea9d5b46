/* What a worker has to write down: budgets, usage, roll-ups and rows, in one transaction. Only rows may find
 * no room: sums are what money is counted by, and replace records more often than they add one. */
#include "store/lmdb_impl.h"

static int add_usage(struct lmdb_store *store, MDB_txn *txn, const struct usage_record *usage)
{
    unsigned char bytes[RECORD_USAGE_KEY_BYTES];
    struct text key = {(const char *)bytes, sizeof bytes}, value;
    struct usage_record sum = *usage, before;
    int rc;

    record_usage_key(usage, bytes);
    rc = lmdb_get(store, txn, TABLE_USAGE, key, &value);
    /* What a damaged record held is lost; what comes from now on is counted all the same. */
    if (rc == 0 && record_get_usage(key, value, &before, NULL))
        usage_add(&sum, &before);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    record_put_usage(&store->value, key, &sum);
    return lmdb_put(store, txn, TABLE_USAGE, key);
}

int lmdb_append_ledger(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct ledger_entries *entries = command->ledger;
    int rc = 0;

    if (entries->row_count > 0)
        rc = lmdb_find_room(store, entries->rows.len + entries->content_bytes,
                            LMDB_ADDITION_PERCENT);
    if (rc != 0) {
        lmdb_failed(store, rc, &command->error);
        return 0;
    }
    for (size_t i = 0; i < entries->settlement_count && rc == 0; i++)
        rc = lmdb_settle_budget(store, txn, entries->settlements[i].key,
                                entries->settlements[i].nano);
    for (size_t i = 0; i < entries->usage_count && rc == 0; i++)
        rc = add_usage(store, txn, &entries->usage[i]);
    if (rc == 0 && entries->rollup_count > 0)
        rc = lmdb_add_rollups(store, txn, entries);
    if (rc == 0 && entries->row_count > 0)
        rc = lmdb_put_rows(store, txn, entries);
    if (rc == 0 && entries->content_count > 0)
        rc = lmdb_put_contents(store, txn, entries);
    return rc;
}
