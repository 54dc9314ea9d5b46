/* What is kept under every Idempotency-Key is whole and in the index of what expires, which names
 * no others. */
#include "store/lmdb_verify.h"

static bool good_key(struct walk *walk, struct text key, struct text value, struct error *err)
{
    unsigned char bytes[RECORD_DIGEST_EXPIRY_BYTES];
    struct idempotency_record record;
    struct text expiry, entry;
    int rc;

    if (!record_get_idempotency(key, value, &walk->arena, &record, err))
        return false;
    expiry = record_digest_expiry(record.expires_ms, key, bytes);
    rc = lmdb_get(walk->store, walk->txn, TABLE_IDEMPOTENCY_EXPIRY, expiry, &entry);
    return rc != 0 ? record_missing(RECORD_IDEMPOTENCY_EXPIRY, expiry, err)
                   : record_get_idempotency_expiry(expiry, entry, err);
}

static bool good_expiry(struct walk *walk, struct text expiry, struct text value, struct error *err)
{
    struct idempotency_record record;
    int64_t expires_ms;
    struct text key;

    if (!record_get_idempotency_expiry(expiry, value, err))
        return false;
    if (record_digest_expiry_split(expiry, &expires_ms, &key) &&
        lmdb_get(walk->store, walk->txn, TABLE_IDEMPOTENCY, key, &value) == 0 &&
        record_get_idempotency(key, value, &walk->arena, &record, NULL) &&
        record.expires_ms == expires_ms)
        return true;
    return error_set(err, ERROR_RECORD_DAMAGED, NULL,
                     "the expiry index names an idempotency key that does not expire then");
}

int walk_idempotency(struct walk *walk)
{
    uint64_t entries = 0;
    int rc = walk_table(walk, TABLE_IDEMPOTENCY, RECORD_IDEMPOTENCY, good_key,
                        &walk->census.idempotencies);

    return rc != 0 ? rc
                   : walk_table(walk, TABLE_IDEMPOTENCY_EXPIRY, RECORD_IDEMPOTENCY_EXPIRY,
                                good_expiry, &entries);
}
