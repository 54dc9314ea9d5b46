/* Idempotency-Keys. Whether a key is new is found out in the writer, which is alone: of two calls
 * with the same key one begins and the other is told what it has met. Only the one that has begun a
 * key ends it or lets go of it; so a command of one that was given up changes nothing of another's.
 */
#include "store/lmdb_impl.h"

enum {
    ANSWER_BYTES = 64 << 10, /* what a usual answer will need: found before it is begun */
    ENDING_PERCENT = 100     /* what was begun is ended in whatever room there is */
};

/* One that does not read expires whenever it is asked. */
static bool expires_at(struct text key, struct text value, int64_t expires_ms)
{
    struct idempotency_record record;
    struct arena arena = {0};
    bool expires = !record_get_idempotency(key, value, &arena, &record, NULL) ||
                   record.expires_ms == expires_ms;

    arena_release(&arena);
    return expires;
}

static const struct lmdb_expiring keys = {TABLE_IDEMPOTENCY, TABLE_IDEMPOTENCY_EXPIRY, expires_at};

/* What stands under the command's key, copied; NULL when there is nothing. A damaged record is the
 * command's error: what it was about is not to happen again. */
static int find(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                struct idempotency_record **out)
{
    struct text key = idempotency_key(&command->idempotency), value;
    int rc = lmdb_get(store, txn, TABLE_IDEMPOTENCY, key, &value);

    *out = NULL;
    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    *out = ARENA_NEW(&command->arena, struct idempotency_record);
    record_get_idempotency(key, arena_copy(&command->arena, value), &command->arena, *out,
                           &command->error);
    return 0;
}

int lmdb_read_idempotency(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct idempotency_record *found;
    int rc = find(store, txn, command, &found);

    if (rc == 0 && command->error.code == ERROR_NONE && found != NULL &&
        found->expires_ms > command->now_ms)
        command->kept = found;
    return rc;
}

/* With the index in step: `before` is what it replaces, or NULL. */
static int put(struct lmdb_store *store, MDB_txn *txn, const struct idempotency_record *record,
               const struct idempotency_record *before)
{
    unsigned char bytes[RECORD_DIGEST_EXPIRY_BYTES];
    struct text key = idempotency_key(record), expiry;
    int rc;

    record_put_idempotency(&store->value, key, record);
    rc = lmdb_put(store, txn, TABLE_IDEMPOTENCY, key);
    if (rc != 0 || (before != NULL && before->expires_ms == record->expires_ms))
        return rc;
    if (before != NULL)
        rc = lmdb_del(store, txn, TABLE_IDEMPOTENCY_EXPIRY,
                      record_digest_expiry(before->expires_ms, key, bytes));
    if (rc != 0)
        return rc;
    expiry = record_digest_expiry(record->expires_ms, key, bytes);
    record_put_idempotency_expiry(&store->value, expiry);
    return lmdb_put(store, txn, TABLE_IDEMPOTENCY_EXPIRY, expiry);
}

int lmdb_begin_idempotency(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct idempotency_record record = command->idempotency, *found;
    int rc = find(store, txn, command, &found);

    command->kept = NULL;
    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    if (found != NULL && found->expires_ms > command->now_ms) {
        command->kept = found;
        return 0;
    }
    rc = lmdb_find_room(store, ANSWER_BYTES, LMDB_ADDITION_PERCENT);
    if (rc != 0)
        return rc;
    record.epoch = store->base.epoch;
    record.state = IDEMPOTENCY_OPEN;
    return put(store, txn, &record, found);
}

/* The command's key as its own call has begun it; NULL when it is not, or not any more. */
static int find_own(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                    struct idempotency_record **out)
{
    int rc = find(store, txn, command, out);

    if (rc == 0 && *out != NULL &&
        (command->error.code != ERROR_NONE || (*out)->state != IDEMPOTENCY_OPEN ||
         (*out)->epoch != store->base.epoch || (*out)->owner != command->idempotency.owner))
        *out = NULL;
    return rc;
}

int lmdb_end_idempotency(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct idempotency_record record = command->idempotency, *own;
    int rc = find_own(store, txn, command, &own);

    if (rc != 0 || own == NULL)
        return rc;
    rc = lmdb_find_room(store, record.body.len, ENDING_PERCENT);
    if (rc != 0)
        return rc;
    memcpy(record.fingerprint, own->fingerprint, sizeof record.fingerprint);
    record.epoch = own->epoch;
    record.expires_ms = own->expires_ms;
    record.busy_until_ms = own->busy_until_ms;
    return put(store, txn, &record, own);
}

int lmdb_drop_idempotency(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct idempotency_record *own;
    int rc = find_own(store, txn, command, &own);

    if (rc != 0 || own == NULL)
        return rc;
    return lmdb_remove_expiring(store, txn, &keys, idempotency_key(own), own->expires_ms);
}

int lmdb_purge_idempotency(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    return lmdb_purge_expired(store, txn, &keys, command);
}
