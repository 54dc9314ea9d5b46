/* The request log: blocks of rows under keys that only grow, whatever the clock does, so that new
 * ones go to the end of the tree and the oldest are at its front. What is too much or too old goes
 * from there, a bounded number at a time. */
#include "store/lmdb_impl.h"

enum { DROPPED_AT_ONCE_MAX = 64 };

uint64_t lmdb_table_bytes(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table)
{
    MDB_stat stat;

    if (mdb_stat(txn, store->tables[table], &stat) != 0)
        return 0;
    return (uint64_t)stat.ms_psize *
           (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
}

int lmdb_drop_first(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, uint64_t most)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[table], &cursor);

    if (rc != 0)
        return rc;
    for (int i = 0;
         i < DROPPED_AT_ONCE_MAX && rc == 0 && lmdb_table_bytes(store, txn, table) > most; i++) {
        MDB_val key, value;

        rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
        if (rc == 0)
            rc = mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
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

int lmdb_put_rows(struct lmdb_store *store, MDB_txn *txn, const struct ledger_entries *entries)
{
    unsigned char bytes[RECORD_LOG_KEY_BYTES];
    struct text key = {(const char *)bytes, sizeof bytes};
    MDB_cursor *cursor;
    int rc = 0;

    if (entries->log_bytes_max > 0)
        rc = lmdb_drop_first(store, txn, TABLE_LOG, entries->log_bytes_max);
    if (rc == 0)
        rc = mdb_cursor_open(txn, store->tables[TABLE_LOG], &cursor);
    if (rc != 0)
        return rc;
    rc = next_key(cursor, entries->newest_ms, bytes);
    mdb_cursor_close(cursor);
    if (rc != 0)
        return rc;
    record_put_log(&store->value, key, entries->rows);
    return lmdb_put(store, txn, TABLE_LOG, key);
}

/* --- what is old
 * ---------------------------------------------------------------------------------------- */

enum { PURGE_MAX = 200 };

/* Deletes a table's entries from the first on while `is_old` says so. */
static int purge_table(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                       enum lmdb_table table,
                       bool (*is_old)(const struct store_command *command, struct text key))
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[table], &cursor);

    if (rc != 0)
        return rc;
    for (size_t i = 0; i < PURGE_MAX && rc == 0; i++) {
        MDB_val key, value;

        rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
        if (rc != 0 || !is_old(command, text_of_val(key)))
            break;
        rc = mdb_cursor_del(cursor, 0);
        command->purged++;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* A key that is none is of a damaged entry, which goes with the first that are old. */
static bool is_old_block(const struct store_command *command, struct text key)
{
    int64_t wall_ms;
    uint64_t number;

    return !record_log_split(key, &wall_ms, &number) || wall_ms < command->created_before_ms;
}

static bool is_old_content(const struct store_command *command, struct text key)
{
    struct text id;
    int64_t expires_ms;

    return !record_content_split(key, &expires_ms, &id) || expires_ms < command->now_ms;
}

static bool is_old_usage(const struct store_command *command, struct text key)
{
    return text_compare(text_first(key, RECORD_DAY_BYTES), command->after) < 0;
}

int lmdb_purge_log(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    int rc;

    command->purged = 0;
    rc = purge_table(store, txn, command, TABLE_CONTENT, is_old_content);
    if (rc == 0)
        rc = purge_table(store, txn, command, TABLE_LOG, is_old_block);
    if (rc == 0)
        rc = purge_table(store, txn, command, TABLE_USAGE, is_old_usage);
    if (rc == 0)
        rc = lmdb_purge_rollups(store, txn, command);
    return rc;
}
