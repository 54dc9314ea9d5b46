/* Responses under the digest of whose they are and their ids, and beside them an index by when they
 * expire, which says whose they are, too.
 *
 * A conversation is a chain of them, each naming the one it goes on from. It is read within one
 * transaction, so that nothing of it goes in between. Whoever goes on from a chain has its members
 * live on with it: their times are moved, in the same transaction as the new one is put. */
#include "store/lmdb_impl.h"

/* One that does not read expires whenever it is asked. */
static bool expires_at(struct text key, struct text value, int64_t expires_ms)
{
    struct response_record record;

    return !record_get_response(key, value, &record, NULL) || record.expires_ms == expires_ms;
}

static const struct lmdb_expiring responses = {TABLE_RESPONSES, TABLE_RESPONSE_EXPIRY, expires_at};

/* A token may keep large answers and go on from all of them: what is looked at is bounded, too. */
enum { LOOKED_AT_TIMES = 16 };

/* --- reading
 * --------------------------------------------------------------------------------------- */

/* A record under a key, where it lies; *found is false where none is kept. A damaged one is the
 * command's error. */
static int get_live(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                    const unsigned char *digest, struct response_record *out, bool *found)
{
    struct text key = {(const char *)digest, RESPONSE_DIGEST_BYTES}, value;
    int rc = lmdb_get(store, txn, TABLE_RESPONSES, key, &value);

    *found = false;
    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    *found =
        record_get_response(key, value, out, &command->error) && out->expires_ms > command->now_ms;
    return 0;
}

/* Copies what is wanted of it; false where that is more than there may be. */
static bool copy_wanted(struct store_command *command, struct response_record *record, bool whole,
                        uint64_t *looked_at)
{
    struct text said = whole ? record->body : record->output;

    command->bytes += record->input.len + record->asked.len + said.len;
    *looked_at += record->body.len;
    if (command->bytes > command->bytes_max || *looked_at / LOOKED_AT_TIMES > command->bytes_max)
        return false;
    record->id = arena_copy(&command->arena, record->id);
    record->token_id = arena_copy(&command->arena, record->token_id);
    record->endpoint = arena_copy(&command->arena, record->endpoint);
    record->input = arena_copy(&command->arena, record->input);
    record->asked = arena_copy(&command->arena, record->asked);
    said = arena_copy(&command->arena, said);
    record->body = whole ? said : (struct text){0};
    record->output =
        whole ? text_first(text_after(said, record->output_at), record->output.len) : said;
    return true;
}

/* From the wanted one back to the first, put the other way round. */
static int read_chain(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                      struct response_want *want, uint64_t *looked_at)
{
    struct response_record *backwards[RESPONSE_CHAIN_MAX], *record, *all;
    const unsigned char *key = want->key;
    size_t count = 0;

    do {
        bool found;
        int rc;

        record = ARENA_NEW(&command->arena, struct response_record);
        rc = get_live(store, txn, command, key, record, &found);
        if (rc != 0 || !found)
            return rc;
        want->too_long =
            count == RESPONSE_CHAIN_MAX || !copy_wanted(command, record, want->whole, looked_at);
        if (want->too_long)
            return 0;
        backwards[count++] = record;
        key = record->previous;
    } while (want->chain && response_has_previous(record));
    all = ARENA_ARRAY(&command->arena, struct response_record, count);
    for (size_t i = 0; i < count; i++)
        all[i] = *backwards[count - 1 - i];
    want->found = all;
    want->found_count = count;
    return 0;
}

int lmdb_read_responses(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    uint64_t looked_at = 0;
    int rc = 0;

    command->bytes = 0;
    for (size_t i = 0; i < command->want_count && rc == 0 && command->error.code == ERROR_NONE; i++)
        rc = read_chain(store, txn, command, &command->wants[i], &looked_at);
    return rc;
}

/* --- writing
 * --------------------------------------------------------------------------------------- */

/* Whether it read is of no importance. */
static int remove_response(struct lmdb_store *store, MDB_txn *txn, struct text key)
{
    struct response_record record;
    struct text value;
    int rc = lmdb_get(store, txn, TABLE_RESPONSES, key, &value);

    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    return record_get_response(key, value, &record, NULL)
               ? lmdb_remove_expiring(store, txn, &responses, key, record.expires_ms)
               : lmdb_del(store, txn, TABLE_RESPONSES, key);
}

/* Its record is in store->value; what the index says of it must not lie in the transaction. */
static int put_both(struct lmdb_store *store, MDB_txn *txn, const struct response_record *record)
{
    unsigned char bytes[RECORD_DIGEST_EXPIRY_BYTES];
    struct text key = response_record_key(record);
    struct text expiry = record_digest_expiry(record->expires_ms, key, bytes);
    int rc = lmdb_put(store, txn, TABLE_RESPONSES, key);

    if (rc != 0)
        return rc;
    record_put_response_expiry(&store->value, expiry, record);
    return lmdb_put(store, txn, TABLE_RESPONSE_EXPIRY, expiry);
}

/* It lives as long as what goes on from it. One that has gone meanwhile stays away. */
static int renew(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                 const struct response_want *want)
{
    struct response_record record;
    unsigned char bytes[RECORD_DIGEST_EXPIRY_BYTES];
    struct text key = {(const char *)want->key, sizeof want->key}, value;
    int64_t before_ms;
    int rc = lmdb_get(store, txn, TABLE_RESPONSES, key, &value);

    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    if (!record_get_response(key, value, &record, NULL) || record.expires_ms >= want->until_ms)
        return 0;
    rc = lmdb_find_room(store, value.len, LMDB_NEW_SESSION_PERCENT);
    if (rc != 0)
        return 0; /* then it goes when it would have gone */
    before_ms = record.expires_ms;
    record.expires_ms = want->until_ms;
    record_put_response(&store->value, key, &record);
    record.token_id = arena_copy(&command->arena, record.token_id);
    record.endpoint = arena_copy(&command->arena, record.endpoint);
    rc = put_both(store, txn, &record);
    return rc != 0 ? rc
                   : lmdb_del(store, txn, TABLE_RESPONSE_EXPIRY,
                              record_digest_expiry(before_ms, key, bytes));
}

int lmdb_put_response(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct response_record *record = &command->response;
    struct text key = response_record_key(record);
    int rc = lmdb_drop_expiring(store, txn, &responses, command->bytes_max);

    if (rc == 0)
        rc = remove_response(store, txn, key);
    if (rc != 0)
        return rc;
    rc = lmdb_find_room(store, record->input.len + record->asked.len + record->body.len,
                        LMDB_NEW_SESSION_PERCENT);
    if (rc != 0) { /* refused alone: who writes in the same transaction is not held up by it */
        lmdb_failed(store, rc, &command->error);
        return 0;
    }
    record_put_response(&store->value, key, record);
    rc = put_both(store, txn, record);
    for (size_t i = 0; i < command->want_count && rc == 0; i++)
        rc = renew(store, txn, command, &command->wants[i]);
    return rc;
}

/* One that does not read is gone as well. */
int lmdb_delete_response(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text key = response_record_key(&command->response), value;
    struct response_record record;
    int rc = lmdb_get(store, txn, TABLE_RESPONSES, key, &value);

    if (rc == 0 && record_get_response(key, value, &record, NULL) &&
        record.expires_ms <= command->now_ms)
        rc = MDB_NOTFOUND;
    if (rc == 0)
        return remove_response(store, txn, key);
    if (rc != MDB_NOTFOUND)
        return rc;
    error_set(&command->error, ERROR_RESPONSE_NOT_FOUND, NULL, "there is no such response");
    return 0;
}

int lmdb_purge_responses(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    return lmdb_purge_expired(store, txn, &responses, command);
}

/* An entry that does not read may be anybody's, and goes. */
static bool is_meant(const struct store_command *command, struct text key, struct text value)
{
    struct text token_id = command->response.token_id, endpoint = command->response.endpoint;
    struct response_record record;

    return !record_get_response_expiry(key, value, &record, NULL) ||
           ((token_id.len == 0 || text_equal(record.token_id, token_id)) &&
            (endpoint.len == 0 || text_equal(record.endpoint, endpoint)));
}

int lmdb_erase_responses(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    return lmdb_erase_expiring(store, txn, &responses, command, is_meant);
}
