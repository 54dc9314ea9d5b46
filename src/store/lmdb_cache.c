/* Cached answers under the digest of what was asked, and beside them an index by when they expire,
 * which says whose they are, so that a purge reads no answers. What expires first is what goes when
 * there is more than there may be: it is the least lost, and needs no count of uses on the disk.
 *
 * Nothing here is needed by anybody: a record that does not read is as good as none, and a store
 * that is short of room takes no more of them long before it refuses anything else. */
#include "store/lmdb_impl.h"

enum { ROOM_PERCENT = 80 }; /* of the map */

/* One that does not read expires whenever it is asked. */
static bool expires_at(struct text key, struct text value, int64_t expires_ms)
{
    struct cache_record record;

    return !record_get_cache(key, value, &record, NULL) || record.expires_ms == expires_ms;
}

static const struct lmdb_expiring answers = {TABLE_CACHE, TABLE_CACHE_EXPIRY, expires_at};

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

/* The index entry of what stood under the key goes; whether it read is of no importance. */
static int remove_old(struct lmdb_store *store, MDB_txn *txn, struct text key)
{
    struct cache_record record;
    struct text value;
    int rc = lmdb_get(store, txn, TABLE_CACHE, key, &value);

    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    return record_get_cache(key, value, &record, NULL)
               ? lmdb_remove_expiring(store, txn, &answers, key, record.expires_ms)
               : lmdb_del(store, txn, TABLE_CACHE, key);
}

int lmdb_put_cache(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct cache_record *record = &command->cache;
    struct text key = cache_record_key(record), entry;
    unsigned char expiry[RECORD_DIGEST_EXPIRY_BYTES];
    int rc = lmdb_drop_expiring(store, txn, &answers, command->bytes_max);

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
    entry = record_digest_expiry(record->expires_ms, key, expiry);
    record_put_cache_expiry(&store->value, entry, record);
    return lmdb_put(store, txn, TABLE_CACHE_EXPIRY, entry);
}

int lmdb_purge_cache(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    return lmdb_purge_expired(store, txn, &answers, command);
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
    return lmdb_erase_expiring(store, txn, &answers, command, is_meant);
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
