/* Cached answers under the digest of what was asked, and beside them an index by when they expire,
 * which says whose they are, so that a purge reads no answers. What expires first is what goes when
 * there is more than there may be: it is the least lost, and needs no count of uses on the disk.
 *
 * Nothing here is needed by anybody: a record that does not read is as good as none, and a store
 * that is short of room takes no more of them long before it refuses anything else. */
#include "store/lmdb_impl.h"

enum {
    EXPIRY_KEY_BYTES = RECORD_IDEMPOTENCY_EXPIRY_KEY_BYTES, /* likewise a time and a digest */
    DROPPED_AT_ONCE_MAX = 64,
    PURGE_MAX = 256,
    LOOKED_AT_MAX = 2000,
    ROOM_PERCENT = 80 /* of the map */
};

struct expiry_key {
    unsigned char bytes[EXPIRY_KEY_BYTES];
};

static struct text expiry_of(int64_t expires_ms, struct text key, struct expiry_key *out)
{
    record_idempotency_expiry_key(expires_ms, key, out->bytes);
    return (struct text){(const char *)out->bytes, sizeof out->bytes};
}

int lmdb_read_cache(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text key = cache_record_key(&command->cache), value;
    struct cache_record *found;
    int rc = lmdb_get(store, txn, TABLE_CACHE, key, &value);

    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    found = ARENA_NEW(&command->arena, struct cache_record);
    if (!record_get_cache(key, arena_copy(&command->arena, value), found, &command->error))
        return 0;
    if (found->expires_ms > command->now_ms && found->stored_ms >= command->cache.stored_ms)
        command->cached = found;
    return 0;
}

/* The answer and its entry in the index. */
static int remove_both(struct lmdb_store *store, MDB_txn *txn, struct text key, int64_t expires_ms)
{
    struct expiry_key expiry;
    int rc = lmdb_del(store, txn, TABLE_CACHE, key);

    return rc != 0 ? rc
                   : lmdb_del(store, txn, TABLE_CACHE_EXPIRY, expiry_of(expires_ms, key, &expiry));
}

/* What an entry of the index names goes with it, unless that has been stored anew since. */
static int remove_entry(struct lmdb_store *store, MDB_txn *txn, struct text expiry)
{
    struct expiry_key copy;
    struct cache_record record;
    struct text key, value;
    int64_t expires_ms;
    int rc;

    if (!record_idempotency_expiry_split(expiry, &expires_ms, &key))
        return lmdb_del(store, txn, TABLE_CACHE_EXPIRY, expiry);
    memcpy(copy.bytes, expiry.at, sizeof copy.bytes); /* writes move what was read */
    key = (struct text){(const char *)copy.bytes + 8, CACHE_DIGEST_BYTES};
    rc = lmdb_get(store, txn, TABLE_CACHE, key, &value);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    if (rc == 0 &&
        (!record_get_cache(key, value, &record, NULL) || record.expires_ms == expires_ms))
        return remove_both(store, txn, key, expires_ms);
    return lmdb_del(store, txn, TABLE_CACHE_EXPIRY,
                    (struct text){(const char *)copy.bytes, sizeof copy.bytes});
}

static int drop_for_room(struct lmdb_store *store, MDB_txn *txn, uint64_t most)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_CACHE_EXPIRY], &cursor);

    if (rc != 0)
        return rc;
    for (int i = 0;
         i < DROPPED_AT_ONCE_MAX && rc == 0 && lmdb_table_bytes(store, txn, TABLE_CACHE) > most;
         i++) {
        MDB_val expiry, value;

        rc = mdb_cursor_get(cursor, &expiry, &value, MDB_FIRST);
        if (rc == 0)
            rc = remove_entry(store, txn, text_of_val(expiry));
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The index entry of what stood under the key goes; whether it read is of no importance. */
static int remove_old(struct lmdb_store *store, MDB_txn *txn, struct text key)
{
    struct cache_record record;
    struct text value;
    int rc = lmdb_get(store, txn, TABLE_CACHE, key, &value);

    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    return record_get_cache(key, value, &record, NULL)
               ? remove_both(store, txn, key, record.expires_ms)
               : lmdb_del(store, txn, TABLE_CACHE, key);
}

int lmdb_put_cache(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct cache_record *record = &command->cache;
    struct text key = cache_record_key(record), entry;
    struct expiry_key expiry;
    int rc = drop_for_room(store, txn, command->bytes_max);

    if (rc == 0)
        rc = remove_old(store, txn, key);
    if (rc != 0)
        return rc;
    rc = lmdb_find_room(store, record->bytes.len, ROOM_PERCENT);
    if (rc !=
        0) { /* refused alone: who writes in the same transaction is not to be held up by it */
        lmdb_failed(store, rc, &command->error);
        return 0;
    }
    record_put_cache(&store->value, key, record);
    rc = lmdb_put(store, txn, TABLE_CACHE, key);
    if (rc != 0)
        return rc;
    entry = expiry_of(record->expires_ms, key, &expiry);
    record_put_cache_expiry(&store->value, entry, record);
    return lmdb_put(store, txn, TABLE_CACHE_EXPIRY, entry);
}

int lmdb_purge_cache(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_CACHE_EXPIRY], &cursor);

    command->purged = 0;
    if (rc != 0)
        return rc;
    while (rc == 0 && command->purged < PURGE_MAX) {
        MDB_val entry, value;
        struct text key;
        int64_t expires_ms;

        rc = mdb_cursor_get(cursor, &entry, &value, MDB_FIRST);
        if (rc != 0 || (record_idempotency_expiry_split(text_of_val(entry), &expires_ms, &key) &&
                        expires_ms >= command->now_ms))
            break;
        rc = remove_entry(store, txn, text_of_val(entry));
        command->purged++;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* An entry that does not read may be anybody's, and goes. */
static bool is_meant(const struct store_command *command, struct text key, struct text value)
{
    struct text endpoint = command->cache.endpoint, project = command->cache.project;
    struct cache_record record;

    return !record_get_cache_expiry(key, value, &record, NULL) ||
           ((endpoint.len == 0 || text_equal(record.endpoint, endpoint)) &&
            (project.len == 0 || text_equal(record.project, project)));
}

int lmdb_erase_cache(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_val key = val_of_text(command->after), value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_CACHE_EXPIRY], &cursor);

    command->purged = 0;
    command->more = false;
    if (rc != 0)
        return rc;
    rc = mdb_cursor_get(cursor, &key, &value, key.mv_size > 0 ? MDB_SET_RANGE : MDB_FIRST);
    if (rc == 0 && command->after.len > 0 && text_equal(text_of_val(key), command->after))
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    for (size_t seen = 0; rc == 0; seen++) {
        MDB_val next;

        command->more = seen == LOOKED_AT_MAX || command->purged == PURGE_MAX;
        if (command->more)
            break;
        command->last = lmdb_copy(&command->arena, key);
        if (!is_meant(command, text_of_val(key), text_of_val(value))) {
            rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
            continue;
        }
        rc = remove_entry(store, txn, command->last);
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

int lmdb_drop_cache(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    return remove_old(store, txn, cache_record_key(&command->cache));
}

int lmdb_count_cache(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_stat stat;
    int rc = mdb_stat(txn, store->tables[TABLE_CACHE], &stat);

    if (rc != 0)
        return rc;
    command->entries = stat.ms_entries;
    command->bytes = lmdb_table_bytes(store, txn, TABLE_CACHE);
    return 0;
}
