/* The request log: blocks of rows under keys that only grow, whatever the clock does, so that new
 * ones go to the end of the tree and the oldest are at its front. */
#include "store/lmdb_impl.h"

enum { DROPPED_AT_ONCE_MAX = 64 };

static uint64_t log_bytes(struct lmdb_store *store, MDB_txn *txn)
{
    MDB_stat stat;

    if (mdb_stat(txn, store->tables[TABLE_LOG], &stat) != 0)
        return 0;
    return (uint64_t)stat.ms_psize *
           (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
}

/* The key behind all others: of this time, or of the last one's where the clock was set back. */
static int next_key(MDB_cursor *cursor, int64_t wall_ms, unsigned char out[RECORD_LOG_KEY_BYTES])
{
    MDB_val key, value;
    int64_t last_ms;
    uint64_t number;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_LAST);

    record_log_key(wall_ms, 0, out);
    if (rc == 0 && record_log_split(text_of_val(key), &last_ms, &number) && last_ms >= wall_ms)
        record_log_key(last_ms, number + 1, out);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The oldest go while there are too many bytes; more than were added, so that it comes to an end.
 */
static int drop_oldest(struct lmdb_store *store, MDB_txn *txn, MDB_cursor *cursor, uint64_t most)
{
    int rc = 0;

    for (int i = 0; i < DROPPED_AT_ONCE_MAX && rc == 0 && log_bytes(store, txn) > most; i++) {
        MDB_val key, value;

        rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
        if (rc == 0)
            rc = mdb_cursor_del(cursor, 0);
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_put_rows(struct lmdb_store *store, MDB_txn *txn, const struct ledger_entries *entries)
{
    unsigned char bytes[RECORD_LOG_KEY_BYTES];
    struct text key = {(const char *)bytes, sizeof bytes};
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_LOG], &cursor);

    if (rc != 0)
        return rc;
    if (entries->log_bytes_max > 0)
        rc = drop_oldest(store, txn, cursor, entries->log_bytes_max);
    if (rc == 0)
        rc = next_key(cursor, entries->newest_ms, bytes);
    mdb_cursor_close(cursor);
    if (rc != 0)
        return rc;
    record_put_log(&store->value, key, entries->rows);
    return lmdb_put(store, txn, TABLE_LOG, key);
}
