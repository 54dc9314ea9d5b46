/* Every cached answer is whole and in the index of what expires. The index may name more: what was
 * stored anew over a record that did not read. */
#include "store/lmdb_verify.h"

static bool good_answer(struct walk *walk, struct text key, struct text value, struct error *err)
{
    unsigned char bytes[RECORD_DIGEST_EXPIRY_BYTES];
    struct text expiry, entry;
    struct cache_record record;
    int rc;

    if (!record_get_cache(key, value, &record, err))
        return false;
    expiry = record_digest_expiry(record.expires_ms, key, bytes);
    rc = lmdb_get(walk->store, walk->txn, TABLE_CACHE_EXPIRY, expiry, &entry);
    return rc != 0 ? record_missing(RECORD_CACHE_EXPIRY, expiry, err)
                   : record_get_cache_expiry(expiry, entry, &record, err);
}

static bool good_expiry(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct cache_record record;

    (void)walk;
    return record_get_cache_expiry(key, value, &record, err);
}

int walk_cache(struct walk *walk)
{
    uint64_t entries = 0;
    int rc = walk_table(walk, TABLE_CACHE, RECORD_CACHE, good_answer, &walk->census.answers);

    return rc != 0
               ? rc
               : walk_table(walk, TABLE_CACHE_EXPIRY, RECORD_CACHE_EXPIRY, good_expiry, &entries);
}
