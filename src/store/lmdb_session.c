/* Sessions: reading, deleting and forgetting them; lmdb_append.c makes them longer. */
#include "store/lmdb_impl.h"

enum { PURGE_MAX = 1000 };

void lmdb_refuse_unknown(struct store_command *command)
{
    error_set(&command->error, ERROR_SESSION_NOT_FOUND, NULL, "there is no such session");
    error_hint(&command->error, "leave session_id out to begin a new session");
}

void lmdb_refuse_overtaken(struct store_command *command)
{
    error_set(&command->error, ERROR_SESSION_BUSY, NULL, "the session was changed meanwhile");
    error_hint(&command->error, "send it again: it is then built on the session as it is now");
    command->error.retry_after_s = 1;
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

/* Of a damaged one the place in the expiry index is left to a purge. */
int lmdb_forget_session(struct lmdb_store *store, MDB_txn *txn, struct text id, size_t *removed)
{
    struct record_session session;
    struct text value;
    int rc = MDB_NOTFOUND;

    if (id.len == RECORD_SESSION_ID_BYTES)
        rc = lmdb_get(store, txn, TABLE_SESSIONS, id, &value);
    if (rc == 0 && record_get_session(id, value, &session, NULL))
        rc = lmdb_move_expiry(store, txn, id, session.expires_ms, 0);
    return rc == 0 ? remove_session(store, txn, id, removed) : rc;
}

/* Whether the session may be what was asked for: with an owner, only that one's, which a damaged
 * one does not tell. */
static int check_owner(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct record_session session = {0};
    bool found;
    int rc = command->session.token_id.len > 0
                 ? lmdb_get_session(store, txn, command, &session, &found)
                 : 0;

    if (rc != 0 || command->session.token_id.len == 0 || command->error.code != ERROR_NONE)
        return rc;
    if (!found || !text_equal(session.token_id, command->session.token_id))
        lmdb_refuse_unknown(command);
    return 0;
}

int lmdb_delete_session(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    size_t removed = 0;
    int rc = check_owner(store, txn, command);

    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    rc = lmdb_forget_session(store, txn, command->session.id, &removed);
    if (rc != MDB_NOTFOUND)
        return rc;
    lmdb_refuse_unknown(command);
    return 0;
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

static int purge_expired(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                         size_t *removed)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_EXPIRY], &cursor);

    if (rc != 0)
        return rc;
    while (rc == 0 && *removed < PURGE_MAX) {
        MDB_val key, value;
        struct text id;
        int64_t expires_ms;

        rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
        if (rc != 0 || (record_expiry_split(text_of_val(key), &expires_ms, &id) &&
                        expires_ms >= command->now_ms))
            break;
        rc = purge_one(store, txn, text_of_val(key), removed);
        command->purged++;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The first session, in the order of ids and so of creation, that can be read. */
static int find_oldest(MDB_cursor *cursor, struct text *out_id, struct record_session *out)
{
    MDB_val key, value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

    while (rc == 0 && !record_get_session(text_of_val(key), text_of_val(value), out, NULL))
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    if (rc == 0)
        *out_id = text_of_val(key);
    return rc;
}

/* What was begun before the time, whenever it expires. */
static int purge_old(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                     size_t *removed)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_SESSIONS], &cursor);

    while (rc == 0 && *removed < PURGE_MAX) {
        struct record_session session;
        char id[RECORD_SESSION_ID_BYTES]; /* writes move what was read */
        struct text found;

        rc = find_oldest(cursor, &found, &session);
        if (rc != 0 || session.created_ms >= command->created_before_ms)
            break;
        memcpy(id, found.at, sizeof id);
        rc = lmdb_forget_session(store, txn, (struct text){id, sizeof id}, removed);
        command->purged++;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_purge_sessions(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    size_t removed = 0;
    int rc;

    command->purged = 0;
    rc = purge_expired(store, txn, command, &removed);
    if (rc == 0 && command->created_before_ms > 0)
        rc = purge_old(store, txn, command, &removed);
    return rc;
}

/* Reads messages first ... next - 1 and nothing else. */
static int read_messages(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                         const struct record_session *session)
{
    size_t count = (size_t)(session->next - session->first);
    struct chat_message *messages = ARENA_ARRAY(&command->arena, struct chat_message, count);
    struct session_note *notes = ARENA_ARRAY(&command->arena, struct session_note, count);
    unsigned char wanted[RECORD_NUMBERED_KEY_BYTES];
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_MESSAGES], &cursor);

    if (rc != 0)
        return rc;
    for (size_t i = 0; i < count && command->error.code == ERROR_NONE; i++) {
        MDB_val key = {sizeof wanted, wanted}, value;

        record_message_key(command->session.id, session->first + i, wanted);
        rc = mdb_cursor_get(cursor, &key, &value, i == 0 ? MDB_SET : MDB_NEXT);
        if (rc != 0 && rc != MDB_NOTFOUND)
            break;
        if (rc == MDB_NOTFOUND || !text_equal(text_of_val(key), key_text(wanted)))
            record_missing(RECORD_MESSAGE, key_text(wanted), &command->error);
        else
            record_get_message(key_text(wanted), lmdb_copy(&command->arena, value), &messages[i],
                               &notes[i], &command->error);
        rc = 0;
    }
    mdb_cursor_close(cursor);
    command->session.messages = messages;
    command->session.notes = notes;
    command->session.message_count = count;
    return rc;
}

int lmdb_read_session(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text id = command->session.id;
    struct record_session session;
    MDB_val key = val_of_text(id), value;
    int rc = MDB_NOTFOUND;

    if (id.len == RECORD_SESSION_ID_BYTES)
        rc = mdb_get(txn, store->tables[TABLE_SESSIONS], &key, &value);
    if (rc == MDB_NOTFOUND) {
        lmdb_refuse_unknown(command);
        return 0;
    }
    if (rc != 0 ||
        !record_get_session(id, lmdb_copy(&command->arena, value), &session, &command->error))
        return rc;
    if (command->session.token_id.len > 0 &&
        !text_equal(session.token_id, command->session.token_id)) {
        lmdb_refuse_unknown(command);
        return 0;
    }
    command->session = (struct session_record){.id = id,
                                               .endpoint = session.endpoint,
                                               .token_id = session.token_id,
                                               .created_ms = session.created_ms,
                                               .expires_ms = session.expires_ms,
                                               .updated_ms = session.updated_ms,
                                               .bytes = session.bytes,
                                               .revision = session.revision};
    return read_messages(store, txn, command, &session);
}
