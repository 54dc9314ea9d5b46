/* The writes. Each first finds out whether it is to be refused, and only then changes anything: a
 * refused one shares its transaction with others that go on.
 *
 * What is removed needs pages, too, before it frees any. So what adds stops below the full map:
 * new sessions at 90 %, other additions at 95 %, and never the last RESERVED_PAGES. */
#include "store/lmdb_impl.h"

#include "store/store_ballast.h"

#include "base/check.h"

#include <errno.h>

enum {
    RESERVED_PAGES = 64,
    IDLE_PAGES_LEFT = 256, /* for deletes, when the disk gives none */
    PAGES_PER_WRITE = 8,   /* what one write touches in trees of usual depth */
    PURGE_MAX = 1000,
    TOKEN_ID_BYTES_MAX = 64
};

/* 0 when so many bytes may be added, else how the store is full. Without its ballast it grows no
 * more, but what was freed inside its file may be used. */
int lmdb_find_room(struct lmdb_store *store, size_t bytes, unsigned percent)
{
    size_t limit = store->map_pages / 100 * percent;
    size_t planned = store->planned_pages + PAGES_PER_WRITE + bytes / store->page_bytes;

    if (store->ballast_spent && store_ballast_fill(store->folder))
        store->ballast_spent = false;
    if (store->ballast_spent && store->idle_pages < planned + IDLE_PAGES_LEFT)
        return ENOSPC;
    if (store->map_pages < RESERVED_PAGES)
        return MDB_MAP_FULL;
    if (limit > store->map_pages - RESERVED_PAGES)
        limit = store->map_pages - RESERVED_PAGES;
    if (store->used_pages + planned > limit)
        return MDB_MAP_FULL;
    store->planned_pages = planned;
    return 0;
}

int lmdb_get(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key,
             struct text *out)
{
    MDB_val key_val = val_of_text(key), value;
    int rc = mdb_get(txn, store->tables[table], &key_val, &value);

    if (rc == 0)
        *out = text_of_val(value);
    return rc;
}

int lmdb_put(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key)
{
    MDB_val key_val = val_of_text(key), value = val_of_text(buffer_text(&store->value));
    int rc = mdb_put(txn, store->tables[table], &key_val, &value, 0);

    store->value.len = 0;
    return rc;
}

int lmdb_del(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key)
{
    MDB_val key_val = val_of_text(key);
    int rc = mdb_del(txn, store->tables[table], &key_val, NULL);

    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int put_token(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct token_record *token = &command->token;
    struct text old;
    int rc;

    if (token->id.len == 0 || token->id.len > TOKEN_ID_BYTES_MAX ||
        token->scope_count > RECORD_SCOPES_MAX) {
        error_set(&command->error, ERROR_INVALID_REQUEST, NULL,
                  "a token needs an id of 1 to %d bytes and at most %d scopes, this one has %zu "
                  "and %zu",
                  TOKEN_ID_BYTES_MAX, RECORD_SCOPES_MAX, token->id.len, token->scope_count);
        return 0;
    }
    rc = lmdb_get(store, txn, TABLE_TOKENS, token->id, &old);
    if (rc == MDB_NOTFOUND)
        rc = lmdb_find_room(store, store->page_bytes, LMDB_ADDITION_PERCENT);
    if (rc != 0)
        return rc;
    record_put_token(&store->value, token->id, token);
    return lmdb_put(store, txn, TABLE_TOKENS, token->id);
}

void lmdb_refuse_unknown(struct store_command *command)
{
    error_set(&command->error, ERROR_SESSION_NOT_FOUND, NULL, "there is no such session");
    error_hint(&command->error, "leave session_id out to begin a new session");
}

/* Reads a session's record; *found is false when there is none. Its texts are copied, because
 * writes move what a transaction has read. */
int lmdb_get_session(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                     struct record_session *out, bool *found)
{
    struct text value, id = command->session.id;
    int rc = MDB_NOTFOUND;

    if (id.len == RECORD_SESSION_ID_BYTES)
        rc = lmdb_get(store, txn, TABLE_SESSIONS, id, &value);
    *found = rc == 0;
    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    if (record_get_session(id, value, out, &command->error)) {
        out->endpoint = arena_copy(&command->arena, out->endpoint);
        out->token_id = arena_copy(&command->arena, out->token_id);
    }
    return 0;
}

int lmdb_move_expiry(struct lmdb_store *store, MDB_txn *txn, struct text id, int64_t from_ms,
                     int64_t to_ms)
{
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];
    int rc = 0;

    if (from_ms > 0 && from_ms != to_ms) {
        record_expiry_key(from_ms, id, key);
        rc = lmdb_del(store, txn, TABLE_EXPIRY, key_text(key));
    }
    if (rc != 0 || to_ms <= 0)
        return rc;
    record_expiry_key(to_ms, id, key);
    record_put_expiry(&store->value, key_text(key));
    return lmdb_put(store, txn, TABLE_EXPIRY, key_text(key));
}

/* Removes a session and its messages, whatever their values look like; not its expiry. */
static int remove_session(struct lmdb_store *store, MDB_txn *txn, struct text id, size_t *removed)
{
    unsigned char first[RECORD_NUMBERED_KEY_BYTES];
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_MESSAGES], &cursor);

    if (rc != 0)
        return rc;
    record_message_key(id, 0, first);
    while (rc == 0) {
        MDB_val key = val_of_text(key_text(first)), value;

        rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        if (rc == 0 && !text_starts(text_of_val(key), id))
            rc = MDB_NOTFOUND;
        if (rc == 0)
            rc = mdb_cursor_del(cursor, 0);
        ++*removed;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? lmdb_del(store, txn, TABLE_SESSIONS, id) : rc;
}

static int delete_session(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text id = command->session.id;
    struct record_session session = {0};
    size_t removed = 0;
    bool found;
    int rc = lmdb_get_session(store, txn, command, &session, &found);

    if (rc != 0)
        return rc;
    if (!found) {
        lmdb_refuse_unknown(command);
        return 0;
    }
    /* A damaged one must go, too; its place in the expiry index is then left to a purge. */
    if (command->error.code == ERROR_NONE)
        rc = lmdb_move_expiry(store, txn, id, session.expires_ms, 0);
    command->error = (struct error){0};
    return rc == 0 ? remove_session(store, txn, id, &removed) : rc;
}

/* Removes one entry of the expiry index, and its session, unless the session says that it expires
 * at another time. */
static int purge_one(struct lmdb_store *store, MDB_txn *txn, struct text key, size_t *removed)
{
    unsigned char entry[RECORD_NUMBERED_KEY_BYTES];
    struct record_session session;
    struct text id, value;
    int64_t expires_ms;
    int rc;

    ++*removed;
    if (!record_expiry_split(key, &expires_ms, &id))
        return lmdb_del(store, txn, TABLE_EXPIRY, key);
    memcpy(entry, key.at, sizeof entry); /* writes move what was read */
    record_expiry_split(key_text(entry), &expires_ms, &id);
    rc = lmdb_get(store, txn, TABLE_SESSIONS, id, &value);
    if (rc == 0 &&
        (!record_get_session(id, value, &session, NULL) || session.expires_ms == expires_ms))
        rc = remove_session(store, txn, id, removed);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    return lmdb_del(store, txn, TABLE_EXPIRY, key_text(entry));
}

static int purge(struct lmdb_store *store, MDB_txn *txn, int64_t now_ms, struct lmdb_outcome *out)
{
    MDB_cursor *cursor;
    size_t removed = 0;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_EXPIRY], &cursor);

    if (rc != 0)
        return rc;
    while (rc == 0 && removed < PURGE_MAX) {
        MDB_val key, value;
        struct text id;
        int64_t expires_ms;

        rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
        if (rc != 0 ||
            (record_expiry_split(text_of_val(key), &expires_ms, &id) && expires_ms >= now_ms))
            break;
        rc = purge_one(store, txn, text_of_val(key), &removed);
        out->purged++;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_effect(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                struct lmdb_outcome *out)
{
    switch (command->kind) {
    case STORE_TOKEN_PUT:
        return put_token(store, txn, command);
    case STORE_SESSION_APPEND:
        return lmdb_append(store, txn, command, out);
    case STORE_SESSION_DELETE:
        return delete_session(store, txn, command);
    case STORE_SESSION_PURGE:
        return purge(store, txn, command->now_ms, out);
    case STORE_SECRET_PUT:
        return lmdb_put_secret(store, txn, command);
    case STORE_SECRET_DELETE:
        return lmdb_delete_secret(store, txn, command);
    case STORE_TOKEN_LIST:
    case STORE_SESSION_READ:
    case STORE_SECRET_LIST:
        break;
    }
    NEVER("a read among the writes");
}
