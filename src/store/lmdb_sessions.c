/* Sessions as operators see them: listed, rewound, erased. */
#include "store/lmdb_impl.h"

/* LOOK_MAX: how many sessions one list looks at, so that reads of turns get their share of the
 * reader's time; ERASE_MAX: records that one erasing removes. */
enum { PAGE_MAX = 1001, LOOK_MAX = 4096, ERASE_MAX = 1000 };

/* --- list
 * -------------------------------------------------------------------------------------------- */

/* Sets the cursor on the newest session before `after`, or on the newest of all. */
static int find_start(MDB_cursor *cursor, struct text after, MDB_val *key, MDB_val *value)
{
    int rc;

    if (after.len == 0)
        return mdb_cursor_get(cursor, key, value, MDB_LAST);
    *key = val_of_text(after);
    rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    return mdb_cursor_get(cursor, key, value, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

/* Whether the session is asked for. One that cannot be read belongs to nobody who is. */
static bool is_wanted(const struct session_record *wanted, const struct record_session *session,
                      bool readable)
{
    if (!readable)
        return wanted->endpoint.len == 0 && wanted->token_id.len == 0;
    return (wanted->endpoint.len == 0 || text_equal(session->endpoint, wanted->endpoint)) &&
           (wanted->token_id.len == 0 || text_equal(session->token_id, wanted->token_id));
}

static void add_found(struct store_command *command, struct session_record *found, struct text id,
                      const struct record_session *session)
{
    struct arena *arena = &command->arena;

    *found = (struct session_record){.id = arena_copy(arena, id), .damaged = session == NULL};
    command->session_count++;
    if (session == NULL)
        return;
    found->endpoint = arena_copy(arena, session->endpoint);
    found->token_id = arena_copy(arena, session->token_id);
    found->created_ms = session->created_ms;
    found->expires_ms = session->expires_ms;
    found->updated_ms = session->updated_ms;
    found->revision = session->revision;
    found->bytes = session->bytes;
    found->message_count = (size_t)(session->next - session->first);
}

int lmdb_list_sessions(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    size_t most = command->most > 0 && command->most < PAGE_MAX ? command->most : PAGE_MAX;
    struct session_record *found = ARENA_ARRAY(&command->arena, struct session_record, most);
    struct text last = {0};
    MDB_val key, value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_SESSIONS], &cursor);

    if (rc != 0)
        return rc;
    command->session_count = 0;
    command->sessions = found;
    rc = find_start(cursor, command->after, &key, &value);
    for (size_t looked = 0; rc == 0 && looked < LOOK_MAX && command->session_count < most;
         looked++) {
        struct record_session session;
        bool readable = record_get_session(text_of_val(key), text_of_val(value), &session, NULL);

        last = text_of_val(key);
        if (is_wanted(&command->session, &session, readable))
            add_found(command, &found[command->session_count], last, readable ? &session : NULL);
        rc = mdb_cursor_get(cursor, &key, &value, MDB_PREV);
    }
    command->more = rc == 0;
    command->last = arena_copy(&command->arena, last);
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* --- rewind
 * ------------------------------------------------------------------------------------------ */

/* Plans the change; false: it is refused, or there is nothing to change. */
static bool plan_rewind(struct store_command *command, bool found,
                        const struct record_session *before)
{
    if (!found)
        lmdb_refuse_unknown(command);
    else if (command->error.code == ERROR_NONE && command->session.revision != before->revision)
        lmdb_refuse_overtaken(command);
    return found && command->error.code == ERROR_NONE &&
           command->keep_messages < before->next - before->first;
}

/* Removes the session's messages from `from` on; *out_bytes is what they took. */
static int remove_messages(struct lmdb_store *store, MDB_txn *txn, struct text id, uint64_t from,
                           uint64_t next, uint64_t *out_bytes)
{
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];
    int rc = 0;

    *out_bytes = 0;
    for (uint64_t n = from; n < next && rc == 0; n++) {
        struct text value;

        record_message_key(id, n, key);
        rc = lmdb_get(store, txn, TABLE_MESSAGES, key_text(key), &value);
        if (rc == 0)
            *out_bytes += value.len;
        if (rc == 0)
            rc = lmdb_del(store, txn, TABLE_MESSAGES, key_text(key));
        else if (rc == MDB_NOTFOUND) /* damaged, and gone then as well */
            rc = 0;
    }
    return rc;
}

int lmdb_rewind(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text id = command->session.id;
    struct record_session session = {0};
    uint64_t bytes, from;
    bool found;
    int rc = lmdb_get_session(store, txn, command, &session, &found);

    if (rc != 0 || !plan_rewind(command, found, &session))
        return rc;
    from = session.first + command->keep_messages;
    rc = remove_messages(store, txn, id, from, session.next, &bytes);
    if (rc != 0)
        return rc;
    session.next = from;
    session.bytes -= bytes < session.bytes ? bytes : session.bytes;
    session.revision++;
    command->revision = session.revision;
    record_put_session(&store->value, id, &session);
    return lmdb_put(store, txn, TABLE_SESSIONS, id);
}

/* --- erase
 * ------------------------------------------------------------------------------------------- */

int lmdb_erase_sessions(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    size_t removed = 0;
    int rc = 0;

    command->purged = 0;
    while (rc == 0 && command->purged < command->session_count && removed < ERASE_MAX) {
        rc = lmdb_forget_session(store, txn, command->sessions[command->purged].id, &removed);
        if (rc == MDB_NOTFOUND)
            rc = 0;
        command->purged++;
    }
    return rc;
}
