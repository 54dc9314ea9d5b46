/* Secrets: few, small, and all read at once. What is stored is sealed; nothing here can open it. */
#include "store/lmdb_impl.h"

enum { NAME_BYTES_MAX = 64 };

static bool refuse_unknown(struct store_command *command)
{
    return error_set(&command->error, ERROR_SECRET_NOT_FOUND, NULL, "there is no secret '%.*s'",
                     TEXT_ARG(text_first(command->secret.name, NAME_BYTES_MAX)));
}

static bool fits(struct store_command *command)
{
    const struct secret_record *secret = &command->secret;

    if (secret->name.len > 0 && secret->name.len <= NAME_BYTES_MAX && secret->sealed.len > 0 &&
        secret->sealed.len <= STORE_SEALED_BYTES_MAX)
        return true;
    return error_set(&command->error, ERROR_INVALID_REQUEST, NULL,
                     "a secret needs a name of 1 to %d bytes and at most %d bytes, this one has "
                     "%zu and %zu",
                     NAME_BYTES_MAX, STORE_SEALED_BYTES_MAX, secret->name.len, secret->sealed.len);
}

/* Room for one that is new. */
static int find_place(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_stat stat;
    int rc = mdb_stat(txn, store->tables[TABLE_SECRETS], &stat);

    if (rc == 0 && stat.ms_entries >= STORE_SECRETS_MAX) {
        error_set(&command->error, ERROR_STORAGE_FULL, NULL, "there are already %d secrets",
                  STORE_SECRETS_MAX);
        return 0;
    }
    return rc != 0 ? rc
                   : lmdb_find_room(store, store->page_bytes + command->secret.sealed.len,
                                    LMDB_ADDITION_PERCENT);
}

/* Whether what is there is what is to be replaced. One that is damaged is not. */
static bool still_there(struct store_command *command, struct text value)
{
    struct secret_record there;

    return record_get_secret(command->secret.name, value, &there, NULL) &&
           text_equal(there.sealed, command->replaces);
}

int lmdb_put_secret(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct secret_record *secret = &command->secret;
    struct text old;
    int rc;

    if (!fits(command))
        return 0;
    rc = lmdb_get(store, txn, TABLE_SECRETS, secret->name, &old);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    if (command->replaces.len > 0 && (rc == MDB_NOTFOUND || !still_there(command, old))) {
        refuse_unknown(command);
        return 0;
    }
    rc = rc == MDB_NOTFOUND ? find_place(store, txn, command) : 0;
    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    record_put_secret(&store->value, secret->name, secret);
    return lmdb_put(store, txn, TABLE_SECRETS, secret->name);
}

int lmdb_delete_secret(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text old;
    int rc = MDB_NOTFOUND;

    if (command->secret.name.len > 0 && command->secret.name.len <= NAME_BYTES_MAX)
        rc = lmdb_get(store, txn, TABLE_SECRETS, command->secret.name, &old);
    if (rc == MDB_NOTFOUND) {
        refuse_unknown(command);
        return 0;
    }
    return rc != 0 ? rc : lmdb_del(store, txn, TABLE_SECRETS, command->secret.name);
}

/* A damaged one is left out and the first such is told. */
static int read_all(MDB_cursor *cursor, struct arena *arena, struct secret_record *out,
                    size_t *out_count, struct error *err)
{
    MDB_val key, value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

    for (*out_count = 0; rc == 0 && *out_count < STORE_SECRETS_MAX;
         rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        struct text name = arena_copy(arena, text_of_val(key));
        struct error error = {0};

        if (record_get_secret(name, arena_copy(arena, text_of_val(value)), &out[*out_count],
                              &error))
            ++*out_count;
        else if (err->code == ERROR_NONE)
            *err = error;
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_list_secrets(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct secret_record *secrets;
    MDB_cursor *cursor;
    MDB_stat stat;
    int rc;

    if (store->tables[TABLE_SECRETS] == 0)
        return 0;
    rc = mdb_stat(txn, store->tables[TABLE_SECRETS], &stat);
    if (rc == 0)
        rc = mdb_cursor_open(txn, store->tables[TABLE_SECRETS], &cursor);
    if (rc != 0)
        return rc;
    secrets = ARENA_ARRAY(&command->arena, struct secret_record, STORE_SECRETS_MAX);
    rc = read_all(cursor, &command->arena, secrets, &command->secret_count, &command->error);
    mdb_cursor_close(cursor);
    command->secrets = secrets;
    return rc;
}
