/* Every stored response is whole and in the index of what expires. The index may name more: what
 * was stored anew over a record that did not read. */
#include "store/lmdb_verify.h"

static bool good_response(struct walk *walk, struct text key, struct text value, struct error *err)
{
    unsigned char bytes[RECORD_DIGEST_EXPIRY_BYTES], whose[RESPONSE_DIGEST_BYTES];
    struct text expiry, entry;
    struct response_record record;
    int rc;

    if (!record_get_response(key, value, &record, err))
        return false;
    response_key(record.token_id, record.id, whose);
    if (memcmp(whose, record.key, sizeof whose) != 0)
        return error_set(err, ERROR_RECORD_DAMAGED, NULL,
                         "a stored response is kept as another one, or as somebody else's");
    expiry = record_digest_expiry(record.expires_ms, key, bytes);
    rc = lmdb_get(walk->store, walk->txn, TABLE_RESPONSE_EXPIRY, expiry, &entry);
    return rc != 0 ? record_missing(RECORD_RESPONSE_EXPIRY, expiry, err)
                   : record_get_response_expiry(expiry, entry, &record, err);
}

static bool good_expiry(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct response_record record;

    (void)walk;
    return record_get_response_expiry(key, value, &record, err);
}

int walk_responses(struct walk *walk)
{
    uint64_t entries = 0;
    int rc =
        walk_table(walk, TABLE_RESPONSES, RECORD_RESPONSE, good_response, &walk->census.responses);

    return rc != 0 ? rc
                   : walk_table(walk, TABLE_RESPONSE_EXPIRY, RECORD_RESPONSE_EXPIRY, good_expiry,
                                &entries);
}
