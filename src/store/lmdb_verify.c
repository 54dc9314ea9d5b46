/* Walks every table in key order. Messages are walked in step with the sessions they belong to,
 * both being ordered by session id, so memory does not grow with the store. */
#include "store/lmdb_verify.h"

void walk_note(struct walk *walk, bool good, const struct error *err)
{
    if (good)
        return;
    if (walk->census.damaged++ == 0)
        walk->first = *err;
}

bool walk_finds(struct walk *walk, enum lmdb_table table, enum record_kind kind, struct text key,
                struct error *err)
{
    MDB_val key_val = val_of_text(key), value;
    int rc = mdb_get(walk->txn, walk->store->tables[table], &key_val, &value);

    return rc == 0 || record_missing(kind, key, err);
}

int walk_table(struct walk *walk, enum lmdb_table table, enum record_kind kind,
               bool (*good)(struct walk *walk, struct text key, struct text value,
                            struct error *err),
               uint64_t *out_count)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc;

    if (walk->store->tables[table] == 0)
        return 0; /* read-only, and last written before there was such a table */
    rc = mdb_cursor_open(walk->txn, walk->store->tables[table], &cursor);
    if (rc != 0)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        struct error error = {0};

        walk_note(walk,
                  walk_finds(walk, table, kind, text_of_val(key), &error) &&
                      good(walk, text_of_val(key), text_of_val(value), &error),
                  &error);
        arena_release(&walk->arena);
        ++*out_count;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int walk_format(struct walk *walk)
{
    static const struct text key = TEXT_INIT("format");
    struct error error = {0};
    struct text value;
    uint32_t format;
    int rc = lmdb_get(walk->store, walk->txn, TABLE_META, key, &value);

    if (rc == 0)
        walk_note(walk, record_get_format(key, value, &format, &error), &error);
    return rc;
}

static bool good_token(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct token_record token;

    return record_get_token(key, value, &walk->arena, &token, err);
}

static bool good_secret(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct secret_record secret;

    (void)walk;
    return record_get_secret(key, value, &secret, err);
}

static bool good_canary(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct canary_record canary;

    (void)walk;
    return record_get_canary(key, value, &canary, err);
}

static bool good_note(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct note_record note;

    (void)walk;
    return record_get_note(key, value, &note, err);
}

static bool good_webhook(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct webhook_record webhook;

    (void)walk;
    return record_get_webhook(key, value, &webhook, err);
}

/* Names a token that was provisioned for it. */
static bool good_deployment(struct walk *walk, struct text key, struct text value,
                            struct error *err)
{
    struct token_record token;
    MDB_val id_val, token_val;
    struct text id;

    if (!record_get_deployment(key, value, &id, err))
        return false;
    id_val = val_of_text(id);
    return (mdb_get(walk->txn, walk->store->tables[TABLE_TOKENS], &id_val, &token_val) == 0 &&
            record_get_token(id, text_of_val(token_val), &walk->arena, &token, NULL) &&
            text_equal(token.deployment, key)) ||
           error_set(err, ERROR_RECORD_DAMAGED, NULL,
                     "a deployment names a token that is not its own");
}

/* Whether the expiry index has this entry. */
static bool expires(struct walk *walk, struct text id, int64_t expires_ms, struct error *err)
{
    unsigned char bytes[RECORD_NUMBERED_KEY_BYTES];
    MDB_val key = {sizeof bytes, bytes}, value;

    if (expires_ms <= 0)
        return true;
    record_expiry_key(expires_ms, id, bytes);
    if (mdb_get(walk->txn, walk->store->tables[TABLE_EXPIRY], &key, &value) != 0)
        return record_missing(RECORD_EXPIRY, key_text(bytes), err);
    return record_get_expiry(key_text(bytes), text_of_val(value), err);
}

/* The messages of one session, the cursor standing on the first key not before them; leaves it on
 * the first key after them. *rc is what the cursor last said. */
static bool walk_messages(struct walk *walk, MDB_cursor *cursor, MDB_val *key, MDB_val *value,
                          int *rc, struct text id, const struct record_session *session,
                          struct error *err)
{
    unsigned char wanted[RECORD_NUMBERED_KEY_BYTES];
    uint64_t bytes = 0;
    bool good = true;

    for (uint64_t n = session->first; n < session->next; n++) {
        struct chat_message message;
        struct session_note note;

        record_message_key(id, n, wanted);
        if (*rc != 0 || !text_equal(text_of_val(*key), key_text(wanted)))
            return record_missing(RECORD_MESSAGE, key_text(wanted), err);
        if (good)
            good = walk_finds(walk, TABLE_MESSAGES, RECORD_MESSAGE, key_text(wanted), err);
        good = record_get_message(key_text(wanted), text_of_val(*value), &message, &note,
                                  good ? err : NULL) &&
               good;
        bytes += value->mv_size;
        walk->census.messages++;
        *rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    }
    if (good && bytes != session->bytes)
        return error_set(err, ERROR_RECORD_DAMAGED, NULL,
                         "session '%.*s' counts its bytes wrong: %llu, they are %llu", TEXT_ARG(id),
                         (unsigned long long)session->bytes, (unsigned long long)bytes);
    return good;
}

/* Steps over messages that belong to no session before `id` (or to none at all). */
static void skip_orphans(struct walk *walk, MDB_cursor *cursor, MDB_val *key, MDB_val *value,
                         int *rc, const struct text *id)
{
    struct error error;

    while (*rc == 0 &&
           (id == NULL || text_compare(text_first(text_of_val(*key), id->len), *id) < 0)) {
        error = (struct error){0};
        error_set(&error, ERROR_RECORD_DAMAGED, NULL, "a stored message belongs to no session");
        walk_note(walk, false, &error);
        walk->census.messages++;
        *rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    }
}

static int walk_sessions(struct walk *walk)
{
    MDB_cursor *sessions, *messages;
    MDB_val key, value, message_key, message;
    int rc = mdb_cursor_open(walk->txn, walk->store->tables[TABLE_SESSIONS], &sessions), at;

    if (rc != 0)
        return rc;
    rc = mdb_cursor_open(walk->txn, walk->store->tables[TABLE_MESSAGES], &messages);
    if (rc != 0) {
        mdb_cursor_close(sessions);
        return rc;
    }
    at = mdb_cursor_get(messages, &message_key, &message, MDB_FIRST);
    while ((rc = mdb_cursor_get(sessions, &key, &value, MDB_NEXT)) == 0) {
        struct text id = text_of_val(key);
        struct record_session session;
        struct error error = {0};

        skip_orphans(walk, messages, &message_key, &message, &at, &id);
        walk_note(
            walk,
            walk_finds(walk, TABLE_SESSIONS, RECORD_SESSION, id, &error) &&
                record_get_session(id, text_of_val(value), &session, &error) &&
                expires(walk, id, session.expires_ms, &error) &&
                walk_messages(walk, messages, &message_key, &message, &at, id, &session, &error),
            &error);
        walk->census.sessions++;
    }
    skip_orphans(walk, messages, &message_key, &message, &at, NULL);
    mdb_cursor_close(messages);
    mdb_cursor_close(sessions);
    return rc != MDB_NOTFOUND ? rc : at == MDB_NOTFOUND ? 0 : at;
}

/* Every entry has a session that expires then. */
static int walk_expiries(struct walk *walk)
{
    MDB_cursor *cursor;
    MDB_val key, value, session_key, session_value;
    int rc = mdb_cursor_open(walk->txn, walk->store->tables[TABLE_EXPIRY], &cursor);

    if (rc != 0)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        struct record_session session = {0};
        struct error error = {0};
        struct text id = {0};
        int64_t expires_ms = 0;
        bool good = record_get_expiry(text_of_val(key), text_of_val(value), &error);

        walk->census.expiries++;
        good = good && record_expiry_split(text_of_val(key), &expires_ms, &id);
        session_key = val_of_text(id);
        if (good && (mdb_get(walk->txn, walk->store->tables[TABLE_SESSIONS], &session_key,
                             &session_value) != 0 ||
                     !record_get_session(id, text_of_val(session_value), &session, NULL) ||
                     session.expires_ms != expires_ms))
            good = error_set(&error, ERROR_RECORD_DAMAGED, NULL,
                             "the expiry index names a session that does not expire then");
        walk_note(walk, good, &error);
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* With the key where there is one: without it the hashes are checked. */
static void walk_audit(struct walk *walk)
{
    struct audit_order order = {0};
    struct audit_key key;
    struct audit_check check;
    struct error error = {0};

    if (store_audit_key(text_of(walk->store->folder), &key, NULL))
        order.key = &key;
    walk_note(walk, lmdb_verify_audit(walk->store, &order, &check, &error), &error);
    walk->census.audit_records = check.records;
    explicit_bzero(&key, sizeof key);
}

/* A damaged page may lose records without a trace, but each table knows how many it has. */
static int walk_counts(struct walk *walk, enum lmdb_table table)
{
    struct error error = {0};
    MDB_cursor *cursor;
    MDB_val key, value;
    MDB_stat stat;
    uint64_t count = 0;
    int rc;

    if (walk->store->tables[table] == 0)
        return 0;
    rc = mdb_stat(walk->txn, walk->store->tables[table], &stat);
    if (rc == 0)
        rc = mdb_cursor_open(walk->txn, walk->store->tables[table], &cursor);
    if (rc != 0)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
        count++;
    mdb_cursor_close(cursor);
    if (rc == MDB_NOTFOUND && count != stat.ms_entries)
        walk_note(walk,
                  error_set(&error, ERROR_RECORD_DAMAGED, NULL,
                            "%s has %llu records, and should have %zu", lmdb_table_name(table),
                            (unsigned long long)count, stat.ms_entries),
                  &error);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

bool store_verify_lmdb(struct store *store, struct store_census *out, struct error *err)
{
    struct walk walk = {.store = lmdb_of(store)};
    int rc = mdb_txn_begin(walk.store->env, NULL, MDB_RDONLY, &walk.txn);

    if (rc != 0)
        return lmdb_failed(walk.store, rc, err);
    for (int table = 0; table < TABLE_COUNT && rc == 0; table++)
        rc = walk_counts(&walk, (enum lmdb_table)table);
    if (rc == 0)
        rc = walk_format(&walk);
    if (rc == 0)
        rc = walk_table(&walk, TABLE_TOKENS, RECORD_TOKEN, good_token, &walk.census.tokens);
    if (rc == 0)
        rc = walk_table(&walk, TABLE_SECRETS, RECORD_SECRET, good_secret, &walk.census.secrets);
    if (rc == 0)
        rc = walk_table(&walk, TABLE_DEPLOYMENTS, RECORD_DEPLOYMENT, good_deployment,
                        &walk.census.deployments);
    if (rc == 0)
        rc = walk_table(&walk, TABLE_CANARIES, RECORD_CANARY, good_canary, &walk.census.canaries);
    if (rc == 0)
        rc = walk_table(&walk, TABLE_NOTES, RECORD_NOTE, good_note, &walk.census.notes);
    if (rc == 0)
        rc = walk_table(&walk, TABLE_WEBHOOKS, RECORD_WEBHOOK, good_webhook, &walk.census.webhooks);
    if (rc == 0)
        rc = walk_ledger(&walk);
    if (rc == 0)
        rc = walk_idempotency(&walk);
    if (rc == 0)
        rc = walk_history(&walk);
    if (rc == 0)
        rc = walk_cache(&walk);
    if (rc == 0)
        rc = walk_responses(&walk);
    if (rc == 0)
        rc = walk_sessions(&walk);
    if (rc == 0)
        rc = walk_expiries(&walk);
    mdb_txn_abort(walk.txn);
    if (rc == 0)
        walk_audit(&walk);
    *out = walk.census;
    if (rc != 0)
        return lmdb_failed(walk.store, rc, err);
    if (walk.census.damaged == 0)
        return true;
    if (err != NULL)
        *err = walk.first;
    return false;
}
