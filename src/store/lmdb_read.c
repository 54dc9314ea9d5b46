/* The reads, each in a snapshot of its own that is let go as soon as what it found is copied: a
 * snapshot that is kept stops LMDB from using free pages again. */
#include "store/lmdb_impl.h"

#include "base/check.h"

enum { TOKENS_PER_SNAPSHOT = 10000 };

/* After a failed write LMDB refuses even reads, until its files are opened anew. By then the writer
 * has stopped using them. */
static int open_again(struct lmdb_store *store)
{
    if (atomic_load(&store->base.usable) || store->reopened)
        return MDB_PANIC;
    store->reopened = true;
    mdb_txn_abort(store->read_txn);
    store->read_txn = NULL;
    mdb_env_close(store->env);
    if (!lmdb_open(store, MDB_RDONLY, NULL))
        return MDB_PANIC;
    return mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->read_txn);
}

static int begin(struct lmdb_store *store)
{
    int rc;

    if (store->env == NULL)
        return MDB_PANIC;
    if (store->read_txn != NULL)
        rc = mdb_txn_renew(store->read_txn);
    else
        rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->read_txn);
    return rc == MDB_PANIC ? open_again(store) : rc;
}

static void end(struct lmdb_store *store)
{
    mdb_txn_reset(store->read_txn);
}

static struct text copy(struct arena *arena, MDB_val val)
{
    return arena_copy(arena, text_of_val(val));
}

/* Reads messages first ... next - 1 and nothing else. */
static int read_messages(struct lmdb_store *store, struct store_command *command,
                         const struct record_session *session)
{
    size_t count = (size_t)(session->next - session->first);
    struct chat_message *messages = ARENA_ARRAY(&command->arena, struct chat_message, count);
    unsigned char wanted[RECORD_NUMBERED_KEY_BYTES];
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(store->read_txn, store->tables[TABLE_MESSAGES], &cursor);

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
            record_get_message(key_text(wanted), copy(&command->arena, value), &messages[i],
                               &command->error);
        rc = 0;
    }
    mdb_cursor_close(cursor);
    command->session.messages = messages;
    command->session.message_count = count;
    return rc;
}

static int read_session(struct lmdb_store *store, struct store_command *command)
{
    struct text id = command->session.id;
    struct record_session session;
    MDB_val key = val_of_text(id), value;
    int rc = MDB_NOTFOUND;

    if (id.len == RECORD_SESSION_ID_BYTES)
        rc = mdb_get(store->read_txn, store->tables[TABLE_SESSIONS], &key, &value);
    if (rc == MDB_NOTFOUND) {
        lmdb_refuse_unknown(command);
        return 0;
    }
    if (rc != 0 || !record_get_session(id, copy(&command->arena, value), &session, &command->error))
        return rc;
    command->session = (struct session_record){.id = id,
                                               .endpoint = session.endpoint,
                                               .token_id = session.token_id,
                                               .created_ms = session.created_ms,
                                               .expires_ms = session.expires_ms,
                                               .revision = session.revision};
    return read_messages(store, command, &session);
}

struct token_list {
    struct token_record *tokens;
    size_t count, room;
};

static struct token_record *add(struct arena *arena, struct token_list *list)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 64;

        list->tokens = arena_grow(arena, list->tokens, list->room * sizeof *list->tokens,
                                  room * sizeof *list->tokens);
        list->room = room;
    }
    return &list->tokens[list->count++];
}

/* One snapshot's worth after *last; false in *more when that was all. A damaged one is left out and
 * the first such is told. */
static int list_some(struct lmdb_store *store, struct store_command *command,
                     struct token_list *list, struct text *last, bool *more)
{
    struct arena *arena = &command->arena;
    MDB_val key = val_of_text(*last), value;
    MDB_cursor *cursor;
    size_t seen = 0;
    int rc = mdb_cursor_open(store->read_txn, store->tables[TABLE_TOKENS], &cursor);

    if (rc != 0)
        return rc;
    rc = mdb_cursor_get(cursor, &key, &value, last->len > 0 ? MDB_SET_RANGE : MDB_FIRST);
    if (rc == 0 && text_equal(text_of_val(key), *last))
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    for (; rc == 0 && seen < TOKENS_PER_SNAPSHOT; seen++) {
        struct token_record *token = add(arena, list);
        struct error error = {0};

        *last = copy(arena, key);
        if (!record_get_token(*last, copy(arena, value), arena, token, &error)) {
            list->count--;
            if (command->error.code == ERROR_NONE)
                command->error = error;
        }
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    *more = rc == 0;
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int list_tokens(struct lmdb_store *store, struct store_command *command)
{
    struct token_list list = {0};
    struct text last = {0};
    bool more = true;
    int rc = list_some(store, command, &list, &last, &more);

    while (rc == 0 && more) {
        end(store);
        rc = begin(store);
        if (rc == 0)
            rc = list_some(store, command, &list, &last, &more);
    }
    command->tokens = list.tokens;
    command->token_count = list.count;
    return rc;
}

void lmdb_read(struct store *base, struct store_command *command)
{
    struct lmdb_store *store = lmdb_of(base);
    int rc = begin(store);

    if (rc == 0) {
        if (command->kind == STORE_SESSION_READ)
            rc = read_session(store, command);
        else if (command->kind == STORE_SECRET_LIST)
            rc = lmdb_list_secrets(store, store->read_txn, command);
        else
            rc = list_tokens(store, command);
        end(store);
    }
    if (rc != 0) {
        command->error = (struct error){0};
        lmdb_failed(store, rc, &command->error);
    }
}
