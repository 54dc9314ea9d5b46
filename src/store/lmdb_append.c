/* Appending a turn: first the whole change is planned, which is when it may be refused, then it is
 * written. The revision is compared inside the write transaction, so that of two turns built on the
 * same history one is refused. */
#include "store/lmdb_impl.h"

/* How an append changes a session, planned before anything is written. */
struct append {
    struct record_session before, after;
    bool is_new;
    size_t added_bytes;
};

/* What the oldest `drop` messages take; those the append itself adds are not stored yet. */
static int stored_bytes(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                        const struct record_session *session, uint64_t drop, uint64_t *out)
{
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];
    struct text value;

    *out = 0;
    for (uint64_t n = session->first; n < session->next && n - session->first < drop; n++) {
        int rc;

        record_message_key(command->session.id, n, key);
        rc = lmdb_get(store, txn, TABLE_MESSAGES, key_text(key), &value);
        if (rc == MDB_NOTFOUND) {
            record_missing(RECORD_MESSAGE, key_text(key), &command->error);
            return 0;
        }
        if (rc != 0)
            return rc;
        *out += value.len;
    }
    return 0;
}

/* Fills in what is known before sizes are: who, when, which revision. Refuses what is not based on
 * the newest revision. */
static bool plan_identity(struct store_command *command, bool found, struct append *plan)
{
    const struct session_record *session = &command->session;

    if (!found && (session->revision != 0 || session->id.len != RECORD_SESSION_ID_BYTES)) {
        lmdb_refuse_unknown(command);
        return false;
    }
    if (found && session->revision != plan->before.revision) {
        lmdb_refuse_overtaken(command);
        return false;
    }
    if (!found)
        plan->before = (struct record_session){.endpoint = session->endpoint,
                                               .token_id = session->token_id,
                                               .created_ms = session->created_ms,
                                               .first = 1,
                                               .next = 1};
    plan->is_new = !found;
    plan->after = plan->before;
    plan->after.expires_ms = session->expires_ms > 0 ? session->expires_ms : 0;
    plan->after.updated_ms = session->updated_ms;
    plan->after.revision++;
    return true;
}

static void refuse_full(struct store_command *command, const char *what)
{
    error_set(&command->error, ERROR_SESSION_FULL, NULL, "the session has reached %s", what);
    error_hint(&command->error, "begin a new session");
}

/* Encodes the new messages into the command's arena, to know their size. */
static struct text *encode_messages(struct store_command *command, struct append *plan)
{
    const struct session_record *session = &command->session;
    struct text *values = ARENA_ARRAY(&command->arena, struct text, session->message_count);
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];

    for (size_t i = 0; i < session->message_count; i++) {
        struct buffer value = buffer_in(&command->arena);

        buffer_reserve(&value, session->messages[i].text.len + 256);
        record_message_key(session->id, plan->before.next + i, key);
        record_put_message(&value, key_text(key), &session->messages[i],
                           session->notes != NULL ? &session->notes[i] : NULL);
        values[i] = buffer_text(&value);
        plan->added_bytes += value.len;
    }
    return values;
}

static int plan_append(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                       struct append *plan, struct text **out_values)
{
    uint64_t added = command->session.message_count, count, dropped_bytes = 0, drop = 0;
    bool found;
    int rc = lmdb_get_session(store, txn, command, &plan->before, &found);

    if (rc != 0 || command->error.code != ERROR_NONE || !plan_identity(command, found, plan))
        return rc;
    count = plan->before.next - plan->before.first + added;
    if (command->keep_messages > 0 && count > command->keep_messages)
        drop = count - command->keep_messages;
    if (count - drop > RECORD_SESSION_MESSAGES_MAX || added > RECORD_SESSION_MESSAGES_MAX) {
        refuse_full(command, "the most messages one can hold");
        return 0;
    }
    rc = stored_bytes(store, txn, command, &plan->before, drop, &dropped_bytes);
    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    *out_values = encode_messages(command, plan);
    for (uint64_t i = 0; i + (plan->before.next - plan->before.first) < drop; i++)
        dropped_bytes += (*out_values)[i].len;
    plan->after.first += drop;
    plan->after.next += added;
    plan->after.bytes += plan->added_bytes;
    plan->after.bytes -= dropped_bytes < plan->after.bytes ? dropped_bytes : plan->after.bytes;
    if (plan->after.bytes > SESSION_BYTES_MAX)
        refuse_full(command, "the most bytes one can hold");
    return 0;
}

static int write_append(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                        const struct append *plan, const struct text *values)
{
    struct text id = command->session.id;
    unsigned char key[RECORD_NUMBERED_KEY_BYTES];
    int rc = 0;

    for (uint64_t n = plan->before.first; n < plan->after.first && n < plan->before.next && rc == 0;
         n++) {
        record_message_key(id, n, key);
        rc = lmdb_del(store, txn, TABLE_MESSAGES, key_text(key));
    }
    for (uint64_t n = plan->before.next; n < plan->after.next && rc == 0; n++) {
        if (n < plan->after.first)
            continue;
        record_message_key(id, n, key);
        buffer_put(&store->value, values[n - plan->before.next]);
        rc = lmdb_put(store, txn, TABLE_MESSAGES, key_text(key));
    }
    if (rc == 0)
        rc = lmdb_move_expiry(store, txn, id, plan->before.expires_ms, plan->after.expires_ms);
    if (rc != 0)
        return rc;
    record_put_session(&store->value, id, &plan->after);
    return lmdb_put(store, txn, TABLE_SESSIONS, id);
}

int lmdb_append(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct append plan = {0};
    struct text *values = NULL;
    int rc = plan_append(store, txn, command, &plan, &values);

    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    rc = lmdb_find_room(store, plan.added_bytes,
                        plan.is_new ? LMDB_NEW_SESSION_PERCENT : LMDB_ADDITION_PERCENT);
    if (rc != 0)
        return rc;
    command->revision = plan.after.revision;
    return write_append(store, txn, command, &plan, values);
}
