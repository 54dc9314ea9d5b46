/* What was said in requests of endpoints that keep it. Keys begin with the time at which an entry
 * is forgotten, so that a purge and a limit take from the front. */
#include "store/lmdb_impl.h"

enum { ERASE_LOOKED_AT_MAX = 500, ERASE_DELETED_MAX = 100 };

int lmdb_put_contents(struct lmdb_store *store, MDB_txn *txn, const struct ledger_entries *entries)
{
    int rc = 0;

    if (entries->log_bytes_max > 0)
        rc = lmdb_drop_first(store, txn, TABLE_CONTENT, entries->log_bytes_max);
    for (size_t i = 0; i < entries->content_count && rc == 0; i++) {
        const struct log_content *content = &entries->contents[i];
        unsigned char bytes[RECORD_CONTENT_KEY_BYTES_MAX];
        struct text key = record_content_key(content->expires_ms, content->request_id, bytes);

        record_put_content(&store->value, key, content);
        rc = lmdb_put(store, txn, TABLE_CONTENT, key);
    }
    return rc;
}

static void refuse_unknown(struct store_command *command)
{
    error_set(&command->error, ERROR_LOG_NOT_FOUND, NULL,
              "what was said in this request is not kept any more");
}

int lmdb_read_content(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    unsigned char bytes[RECORD_CONTENT_KEY_BYTES_MAX];
    struct text key =
        record_content_key(command->content.expires_ms, command->content.request_id, bytes);
    struct text value;
    int rc = lmdb_get(store, txn, TABLE_CONTENT, key, &value);

    if (rc == MDB_NOTFOUND) {
        refuse_unknown(command);
        return 0;
    }
    if (rc == 0)
        record_get_content(arena_copy(&command->arena, key), arena_copy(&command->arena, value),
                           &command->found, &command->error);
    return rc;
}

int lmdb_delete_content(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    unsigned char bytes[RECORD_CONTENT_KEY_BYTES_MAX];
    struct text key =
        record_content_key(command->content.expires_ms, command->content.request_id, bytes);
    struct text value;
    int rc = lmdb_get(store, txn, TABLE_CONTENT, key, &value);

    if (rc == MDB_NOTFOUND) {
        refuse_unknown(command);
        return 0;
    }
    return rc == 0 ? lmdb_del(store, txn, TABLE_CONTENT, key) : rc;
}

/* Whether it is of that token. Whose a damaged one is cannot be known: it goes, too, because what
 * is to be erased must not stay. */
static bool is_theirs(struct text key, struct text value, struct text token_id)
{
    struct log_content content;

    return !record_get_content(key, value, &content, NULL) ||
           text_equal(content.token_id, token_id);
}

int lmdb_erase_content(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_val key, value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_CONTENT], &cursor);

    command->purged = 0;
    command->more = false;
    if (rc != 0)
        return rc;
    rc = lmdb_seek_behind(cursor, command->after, &key, &value);
    for (size_t seen = 0; rc == 0; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        command->more = seen++ == ERASE_LOOKED_AT_MAX || command->purged == ERASE_DELETED_MAX;
        if (command->more)
            break;
        command->last = lmdb_copy(&command->arena, key);
        if (!is_theirs(text_of_val(key), text_of_val(value), command->content.token_id))
            continue;
        rc = mdb_cursor_del(cursor, 0);
        if (rc != 0)
            break;
        command->purged++;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}
