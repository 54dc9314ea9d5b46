/* What is kept under every Idempotency-Key is whole and in the index of what expires, which names
 * no others. */
#include "store/lmdb_verify.h"

static struct text expiry_text(const unsigned char key[RECORD_IDEMPOTENCY_EXPIRY_KEY_BYTES])
{
    return (struct text){(const char *)key, RECORD_IDEMPOTENCY_EXPIRY_KEY_BYTES};
}

static bool good_key(struct walk *walk, struct text key, struct text value, struct error *err)
{
    unsigned char expiry[RECORD_IDEMPOTENCY_EXPIRY_KEY_BYTES];
    struct idempotency_record record;
    struct text entry;
    int rc;

    if (!record_get_idempotency(key, value, &walk->arena, &record, err))
        return false;
    record_idempotency_expiry_key(record.expires_ms, key, expiry);
    rc = lmdb_get(walk->store, walk->txn, TABLE_IDEMPOTENCY_EXPIRY, expiry_text(expiry), &entry);
    return rc != 0 ? record_missing(RECORD_IDEMPOTENCY_EXPIRY, expiry_text(expiry), err)
                   : record_get_idempotency_expiry(expiry_text(expiry), entry, err);
}

static bool good_expiry(struct walk *walk, struct text expiry, struct text value, struct error *err)
{
    struct idempotency_record record;
    int64_t expires_ms;
    struct text key;

    if (!record_get_idempotency_expiry(expiry, value, err))
        return false;
    if (record_idempotency_expiry_split(expiry, &expires_ms, &key) &&
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
