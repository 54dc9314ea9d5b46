/* Routing rules that are switched off: few, small, and all read at once. A rule whose content has
 * changed is another one, so that its record is of no use any more; when there are too many, the
 * oldest goes. */
#include "store/lmdb_impl.h"

static struct text key_of(const struct store_command *command,
                          unsigned char out[RECORD_CANARY_KEY_BYTES_MAX])
{
    return record_canary_key(command->canary.endpoint, command->canary.digest, out);
}

/* Its key, copied to `out`, for as long as nothing is written. A damaged one is as old as can be.
 */
static int find_oldest(MDB_cursor *cursor, unsigned char out[RECORD_CANARY_KEY_BYTES_MAX],
                       struct text *out_key)
{
    int64_t oldest_ms = INT64_MAX;
    MDB_val key, value;
    int rc;

    *out_key = (struct text){0};
    for (rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST); rc == 0;
         rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        struct canary_record canary;
        bool good = record_get_canary(text_of_val(key), text_of_val(value), &canary, NULL);
        int64_t off_ms = good ? canary.off_ms : -1;

        if (off_ms >= oldest_ms || key.mv_size > RECORD_CANARY_KEY_BYTES_MAX)
            continue;
        oldest_ms = off_ms;
        memcpy(out, key.mv_data, key.mv_size);
        *out_key = (struct text){(const char *)out, key.mv_size};
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int make_place(struct lmdb_store *store, MDB_txn *txn)
{
    unsigned char bytes[RECORD_CANARY_KEY_BYTES_MAX];
    struct text oldest;
    MDB_cursor *cursor;
    MDB_stat stat;
    int rc = mdb_stat(txn, store->tables[TABLE_CANARIES], &stat);

    if (rc != 0 || stat.ms_entries < STORE_CANARIES_MAX)
        return rc;
    rc = mdb_cursor_open(txn, store->tables[TABLE_CANARIES], &cursor);
    if (rc != 0)
        return rc;
    rc = find_oldest(cursor, bytes, &oldest);
    mdb_cursor_close(cursor);
    return rc != 0 ? rc : lmdb_del(store, txn, TABLE_CANARIES, oldest);
}

int lmdb_put_canary(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct canary_record *canary = &command->canary;
    unsigned char bytes[RECORD_CANARY_KEY_BYTES_MAX];
    struct text key = key_of(command, bytes), old;
    int rc;

    if (canary->endpoint.len == 0 || canary->endpoint.len > CANARY_ENDPOINT_BYTES_MAX ||
        canary->rule.len > CANARY_RULE_BYTES_MAX) {
        error_set(&command->error, ERROR_INVALID_REQUEST, NULL,
                  "the names of an endpoint and of a rule have at most %d bytes",
                  CANARY_RULE_BYTES_MAX);
        return 0;
    }
    rc = lmdb_get(store, txn, TABLE_CANARIES, key, &old);
    if (rc == MDB_NOTFOUND)
        rc = make_place(store, txn);
    if (rc != 0)
        return rc;
    record_put_canary(&store->value, key, canary);
    return lmdb_put(store, txn, TABLE_CANARIES, key);
}

int lmdb_delete_canary(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    unsigned char bytes[RECORD_CANARY_KEY_BYTES_MAX];
    struct text key = key_of(command, bytes), old;
    int rc = lmdb_get(store, txn, TABLE_CANARIES, key, &old);

    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    return lmdb_del(store, txn, TABLE_CANARIES, key);
}

/* A damaged one is left out and the first such is told. */
static int read_all(MDB_cursor *cursor, struct store_command *command, struct canary_record *out)
{
    struct arena *arena = &command->arena;
    MDB_val key, value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

    for (; rc == 0 && command->canary_count < STORE_CANARIES_MAX;
         rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        struct text copy = arena_copy(arena, text_of_val(value));
        struct error error = {0};

        if (record_get_canary(arena_copy(arena, text_of_val(key)), copy,
                              &out[command->canary_count], &error))
            command->canary_count++;
        else if (command->error.code == ERROR_NONE)
            command->error = error;
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_list_canaries(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct canary_record *canaries;
    MDB_cursor *cursor;
    int rc;

    if (store->tables[TABLE_CANARIES] == 0)
        return 0;
    rc = mdb_cursor_open(txn, store->tables[TABLE_CANARIES], &cursor);
    if (rc != 0)
        return rc;
    canaries = ARENA_ARRAY(&command->arena, struct canary_record, STORE_CANARIES_MAX);
    rc = read_all(cursor, command, canaries);
    mdb_cursor_close(cursor);
    command->canaries = canaries;
    return rc;
}
