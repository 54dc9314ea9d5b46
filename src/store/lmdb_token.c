/* Tokens: put by id, changed where they lie, and all read at once. */
#include "store/lmdb_impl.h"

enum { TOKEN_ID_BYTES_MAX = 64, TOKENS_PER_SNAPSHOT = 10000 };

int lmdb_put_token(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
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

int lmdb_get_token(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                   struct text id, struct token_record **out)
{
    struct arena *arena = &command->arena;
    struct token_record *token;
    struct text value;
    int rc = id.len > 0 && id.len <= TOKEN_ID_BYTES_MAX
                 ? lmdb_get(store, txn, TABLE_TOKENS, id, &value)
                 : MDB_NOTFOUND;

    *out = NULL;
    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    token = ARENA_NEW(arena, struct token_record);
    if (record_get_token(arena_copy(arena, id), arena_copy(arena, value), arena, token,
                         &command->error))
        *out = token;
    return 0;
}

static void refuse_unknown(struct store_command *command)
{
    const struct token_record *token = &command->token;

    if (command->error.code != ERROR_NONE)
        return; /* it is there, and damaged */
    if (token->id.len > 0)
        error_set(&command->error, ERROR_TOKEN_NOT_FOUND, NULL, "there is no token '%.*s'",
                  TEXT_ARG(text_first(token->id, TOKEN_ID_BYTES_MAX)));
    else
        error_set(&command->error, ERROR_TOKEN_NOT_FOUND, NULL,
                  "nothing was provisioned for the deployment '%.*s'",
                  TEXT_ARG(text_first(token->deployment, 128)));
}

int lmdb_change_token(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text id = command->token.id;
    struct token_record *token = NULL;
    int rc = 0;

    if (id.len == 0)
        rc = lmdb_get_deployment(store, txn, command, command->token.deployment, &id);
    if (rc == 0 && command->error.code == ERROR_NONE)
        rc = lmdb_get_token(store, txn, command, id, &token);
    if (rc != 0)
        return rc;
    command->tokens = token;
    command->token_count = token != NULL;
    if (token == NULL) {
        refuse_unknown(command);
        return 0;
    }
    command->unchanged = token->revoked_ms != 0;
    if (command->unchanged) {
        if (command->token_fields != TOKEN_SET_REVOKED)
            error_set(&command->error, ERROR_TOKEN_IS_REVOKED, NULL,
                      "token '%.*s' was revoked; nothing makes it good again",
                      TEXT_ARG(text_first(token->id, TOKEN_ID_BYTES_MAX)));
        return 0;
    }
    token_record_set(token, &command->token, command->token_fields);
    token->revision++;
    record_put_token(&store->value, token->id, token);
    return lmdb_put(store, txn, TABLE_TOKENS, token->id);
}

int lmdb_note_uses(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    for (size_t i = 0; i < command->use_count; i++) {
        const struct token_use *use = &command->uses[i];
        struct token_record *token;
        int rc = lmdb_get_token(store, txn, command, use->id, &token);

        if (rc == 0 && token != NULL && token->last_used_ms < use->used_ms) {
            token->last_used_ms = use->used_ms;
            record_put_token(&store->value, token->id, token);
            rc = lmdb_put(store, txn, TABLE_TOKENS, token->id);
        }
        if (rc != 0)
            return rc;
    }
    return 0;
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
static int list_some(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                     struct token_list *list, struct text *last, bool *more)
{
    struct arena *arena = &command->arena;
    MDB_val key, value;
    MDB_cursor *cursor;
    size_t seen = 0;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_TOKENS], &cursor);

    if (rc != 0)
        return rc;
    rc = lmdb_seek_behind(cursor, *last, &key, &value);
    for (; rc == 0 && seen < TOKENS_PER_SNAPSHOT; seen++) {
        struct token_record *token = add(arena, list);
        struct error error = {0};

        *last = lmdb_copy(arena, key);
        if (!record_get_token(*last, lmdb_copy(arena, value), arena, token, &error)) {
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

int lmdb_list_tokens(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct token_list list = {0};
    struct text last = {0};
    bool more = true;
    int rc = list_some(store, txn, command, &list, &last, &more);

    while (rc == 0 && more) {
        rc = lmdb_snapshot_anew(store);
        if (rc == 0)
            rc = list_some(store, txn, command, &list, &last, &more);
    }
    command->tokens = list.tokens;
    command->token_count = list.count;
    return rc;
}
