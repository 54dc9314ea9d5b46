/* What expires stands in a table under a digest, and beside it in an index under the time and that
 * digest, so that a purge takes from the front and reads nothing that stays. */
#include "store/lmdb_impl.h"

enum { PURGED_AT_ONCE_MAX = 256 };

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
