/* What expires stands in a table under a digest, and beside it in an index under the time and that
 * digest, so that a purge takes from the front and reads nothing that stays. */
#include "store/lmdb_impl.h"

enum {
    PURGED_AT_ONCE_MAX = 256,
    DROPPED_AT_ONCE_MAX = 64,
    ERASED_AT_ONCE_MAX = 256,
    LOOKED_AT_MAX = 2000
};

int lmdb_remove_expiring(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                         struct text key, int64_t expires_ms)
{
    unsigned char bytes[RECORD_DIGEST_EXPIRY_BYTES];
    struct text expiry = record_digest_expiry(expires_ms, key, bytes);
    int rc = lmdb_del(store, txn, of->table, key);

    return rc != 0 ? rc : lmdb_del(store, txn, of->index, expiry);
}

int lmdb_remove_expired(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                        struct text expiry)
{
    unsigned char bytes[RECORD_DIGEST_EXPIRY_BYTES];
    struct text key, value;
    int64_t expires_ms;
    int rc;

    if (!record_digest_expiry_split(expiry, &expires_ms, &key))
        return lmdb_del(store, txn, of->index, expiry);
    memcpy(bytes, expiry.at, sizeof bytes); /* writes move what was read */
    expiry.at = (const char *)bytes;
    record_digest_expiry_split(expiry, &expires_ms, &key);
    rc = lmdb_get(store, txn, of->table, key, &value);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    if (rc == 0 && of->expires_at(key, value, expires_ms))
        return lmdb_remove_expiring(store, txn, of, key, expires_ms);
    return lmdb_del(store, txn, of->index, expiry);
}

int lmdb_purge_expired(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                       struct store_command *command)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[of->index], &cursor);

    command->purged = 0;
    if (rc != 0)
        return rc;
    while (rc == 0 && command->purged < PURGED_AT_ONCE_MAX) {
        MDB_val entry, value;
        struct text key;
        int64_t expires_ms;

        rc = mdb_cursor_get(cursor, &entry, &value, MDB_FIRST);
        if (rc != 0 || (record_digest_expiry_split(text_of_val(entry), &expires_ms, &key) &&
                        expires_ms >= command->now_ms))
            break;
        rc = lmdb_remove_expired(store, txn, of, text_of_val(entry));
        command->purged++;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_drop_expiring(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                       uint64_t most)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[of->index], &cursor);

    if (rc != 0)
        return rc;
    for (int i = 0;
         i < DROPPED_AT_ONCE_MAX && rc == 0 && lmdb_table_bytes(store, txn, of->table) > most;
         i++) {
        MDB_val expiry, value;

        rc = mdb_cursor_get(cursor, &expiry, &value, MDB_FIRST);
        if (rc == 0)
            rc = lmdb_remove_expired(store, txn, of, text_of_val(expiry));
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_erase_expiring(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                        struct store_command *command,
                        bool (*is_meant)(const struct store_command *command, struct text key,
                                         struct text value))
{
    MDB_val key, value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[of->index], &cursor);

    command->purged = 0;
    command->more = false;
    if (rc != 0)
        return rc;
    rc = lmdb_seek_behind(cursor, command->after, &key, &value);
    for (size_t seen = 0; rc == 0; seen++) {
        MDB_val next;

        command->more = seen == LOOKED_AT_MAX || command->purged == ERASED_AT_ONCE_MAX;
        if (command->more)
            break;
        command->last = lmdb_copy(&command->arena, key);
        if (!is_meant(command, text_of_val(key), text_of_val(value))) {
            rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
            continue;
        }
        rc = lmdb_remove_expired(store, txn, of, command->last);
        command->purged++;
        if (rc != 0)
            break;
        next = key = val_of_text(command->last); /* the cursor's place is gone */
        rc = mdb_cursor_get(cursor, &next, &value, MDB_SET_RANGE);
        key = next;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}
