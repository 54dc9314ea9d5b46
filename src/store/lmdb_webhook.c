/* Events on their way to receivers. The key begins with what has become of one and its receiver,
 * then says when it is to be sent, so that the first of a receiver's is the next to go; of those
 * that were given up the first is the oldest.
 *
 * What an attempt came to moves it under another key; whoever asks for one that has moved on
 * meanwhile changes nothing. */
#include "store/lmdb_impl.h"

enum {
    BATCH = 200, /* of one command */
    ROOM_PERCENT = 90
};

static struct text begin_of(enum webhook_state state, struct text webhook,
                            unsigned char out[RECORD_WEBHOOK_KEY_BYTES_MAX])
{
    return record_webhook_begin(state, webhook, out);
}

/* Steps to the next key that begins so; MDB_NOTFOUND behind the last. */
static int next_of(MDB_cursor *cursor, struct text begin, bool *begun, MDB_val *key, MDB_val *value)
{
    int rc;

    if (*begun) {
        rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    } else {
        *key = val_of_text(begin);
        rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
        *begun = true;
    }
    return rc == 0 && !text_starts(text_of_val(*key), begin) ? MDB_NOTFOUND : rc;
}

/* How many begin so, and the key of the first. */
static int count_of(struct lmdb_store *store, MDB_txn *txn, struct text begin, uint64_t *out_count,
                    unsigned char out[RECORD_WEBHOOK_KEY_BYTES_MAX], struct text *out_first)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    bool begun = false;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_WEBHOOKS], &cursor);

    *out_count = 0;
    if (rc != 0)
        return rc;
    while ((rc = next_of(cursor, begin, &begun, &key, &value)) == 0) {
        if ((*out_count)++ > 0 || key.mv_size > RECORD_WEBHOOK_KEY_BYTES_MAX)
            continue;
        memcpy(out, key.mv_data, key.mv_size);
        *out_first = (struct text){(const char *)out, key.mv_size};
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int put(struct lmdb_store *store, MDB_txn *txn, const struct webhook_record *webhook)
{
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct text key = record_webhook_key(webhook, bytes);

    record_put_webhook(&store->value, key, webhook);
    return lmdb_put(store, txn, TABLE_WEBHOOKS, key);
}

static bool is_whole(const struct webhook_record *webhook)
{
    return webhook->webhook.len > 0 && webhook->webhook.len <= WEBHOOK_NAME_BYTES_MAX &&
           webhook->id.len == WEBHOOK_ID_BYTES && webhook->body.len <= WEBHOOK_BODY_BYTES_MAX &&
           webhook->type.len <= WEBHOOK_TYPE_BYTES_MAX && webhook->at_ms >= 0;
}

/* One that there is no place for any more is not taken: `purged` counts them. */
static int put_waiting(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                       const struct webhook_record *webhook)
{
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX], first[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct text oldest;
    uint64_t count;
    int rc = count_of(store, txn, begin_of(WEBHOOK_WAITING, webhook->webhook, bytes), &count, first,
                      &oldest);

    if (rc != 0)
        return rc;
    if (count >= WEBHOOK_WAITING_MAX) {
        command->purged++;
        return 0;
    }
    return put(store, txn, webhook);
}

int lmdb_put_webhooks(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    size_t bytes = 0;
    int rc;

    command->purged = 0;
    for (size_t i = 0; i < command->webhook_count; i++) {
        if (!is_whole(&command->webhooks[i])) {
            error_set(&command->error, ERROR_INVALID_REQUEST, NULL, "that is no event to be sent");
            return 0;
        }
        bytes += command->webhooks[i].body.len;
    }
    rc = lmdb_find_room(store, bytes, ROOM_PERCENT);
    if (rc != 0) { /* refused alone, as an event is worth less than what others write */
        lmdb_failed(store, rc, &command->error);
        return 0;
    }
    for (size_t i = 0; i < command->webhook_count && rc == 0; i++)
        rc = put_waiting(store, txn, command, &command->webhooks[i]);
    return rc;
}

/* --- what became of one --------------------------------------------------------------------------
 */

static int put_dead(struct lmdb_store *store, MDB_txn *txn, const struct webhook_record *webhook)
{
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX], first[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct text oldest;
    uint64_t count;
    int rc = count_of(store, txn, begin_of(WEBHOOK_DEAD, webhook->webhook, bytes), &count, first,
                      &oldest);

    if (rc == 0 && count >= WEBHOOK_DEAD_MAX)
        rc = lmdb_del(store, txn, TABLE_WEBHOOKS, oldest);
    return rc != 0 ? rc : put(store, txn, webhook);
}

int lmdb_settle_webhook(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct webhook_record webhook = command->webhook;
    struct text key, old;
    int rc;

    webhook.state = WEBHOOK_WAITING;
    key = record_webhook_key(&webhook, bytes);
    rc = lmdb_get(store, txn, TABLE_WEBHOOKS, key, &old);
    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    rc = lmdb_del(store, txn, TABLE_WEBHOOKS, key);
    webhook.at_ms = command->now_ms;
    if (rc != 0 || command->webhook_act == WEBHOOK_DELIVERED)
        return rc;
    if (command->webhook_act == WEBHOOK_AGAIN)
        return put(store, txn, &webhook);
    webhook.state = WEBHOOK_DEAD;
    return put_dead(store, txn, &webhook);
}

/* --- reading -------------------------------------------------------------------------------------
 */

/* Into the command's arena, so that it outlives the transaction. */
static bool read_copy(struct store_command *command, MDB_val key, MDB_val value,
                      struct webhook_record *out, struct error *err)
{
    return record_get_webhook(lmdb_copy(&command->arena, key), lmdb_copy(&command->arena, value),
                              out, err);
}

/* A damaged one is in nobody's way: the next that is whole goes. */
int lmdb_next_webhook(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct text begin = begin_of(WEBHOOK_WAITING, command->webhook.webhook, bytes);
    struct webhook_record *found;
    MDB_cursor *cursor;
    MDB_val key, value;
    bool begun = false;
    int rc;

    if (store->tables[TABLE_WEBHOOKS] == 0)
        return 0;
    rc = mdb_cursor_open(txn, store->tables[TABLE_WEBHOOKS], &cursor);
    if (rc != 0)
        return rc;
    found = ARENA_NEW(&command->arena, struct webhook_record);
    while ((rc = next_of(cursor, begin, &begun, &key, &value)) == 0)
        if (read_copy(command, key, value, found, NULL)) {
            command->webhooks = found;
            command->webhook_count = 1;
            break;
        }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Those behind `after`, which is a key, of one state; a damaged one is left out and told. */
static int read_page(MDB_cursor *cursor, struct store_command *command, struct text begin)
{
    size_t most = command->most > 0 && command->most < BATCH ? command->most : BATCH;
    struct webhook_record *out = ARENA_ARRAY(&command->arena, struct webhook_record, BATCH);
    struct text after = command->after.len > 0 ? command->after : begin;
    struct error err = {0};
    MDB_val key, value;
    int rc = lmdb_seek_behind(cursor, after, &key, &value);

    command->webhooks = out;
    for (; rc == 0 && text_starts(text_of_val(key), begin);
         rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        if (command->webhook_count == most) {
            command->more = true;
            break;
        }
        command->last = lmdb_copy(&command->arena, key);
        if (read_copy(command, key, value, &out[command->webhook_count], &err))
            command->webhook_count++;
        else if (command->error.code == ERROR_NONE)
            command->error = err;
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_list_webhooks(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX];
    MDB_cursor *cursor;
    int rc;

    if (store->tables[TABLE_WEBHOOKS] == 0)
        return 0;
    rc = mdb_cursor_open(txn, store->tables[TABLE_WEBHOOKS], &cursor);
    if (rc != 0)
        return rc;
    rc = read_page(cursor, command,
                   begin_of(command->webhook.state, command->webhook.webhook, bytes));
    mdb_cursor_close(cursor);
    return rc;
}

int lmdb_count_webhooks(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX], first[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct text oldest;

    if (store->tables[TABLE_WEBHOOKS] == 0)
        return 0;
    return count_of(store, txn, begin_of(command->webhook.state, command->webhook.webhook, bytes),
                    &command->entries, first, &oldest);
}

/* --- those that were given up, and old ones ------------------------------------------------------
 */

static bool is_meant(const struct store_command *command, const struct webhook_record *webhook)
{
    return command->webhook.id.len == 0 || text_equal(command->webhook.id, webhook->id);
}

/* Sends it once more, as if it were new. */
static int revive(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                  struct webhook_record *webhook)
{
    webhook->state = WEBHOOK_WAITING;
    webhook->at_ms = webhook->since_ms = command->now_ms;
    webhook->tries = 0;
    return put(store, txn, webhook);
}

/* Every one that is meant goes from the dead, and, where it is to be sent again, waits. */
static int raise_dead(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                      bool again)
{
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct store_command page = {.most = BATCH, .after = command->after};
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_WEBHOOKS], &cursor);

    if (rc != 0)
        return rc;
    rc = read_page(cursor, &page, begin_of(WEBHOOK_DEAD, command->webhook.webhook, bytes));
    mdb_cursor_close(cursor);
    command->purged = 0;
    command->more = page.more;
    command->last = arena_copy(&command->arena, page.last);
    for (size_t i = 0; i < page.webhook_count && rc == 0; i++) {
        struct webhook_record webhook = page.webhooks[i];

        if (!is_meant(command, &webhook))
            continue;
        rc = lmdb_del(store, txn, TABLE_WEBHOOKS, record_webhook_key(&webhook, bytes));
        if (rc == 0 && again)
            rc = revive(store, txn, command, &webhook);
        command->purged++;
    }
    arena_release(&page.arena);
    command->unchanged = command->purged == 0;
    return rc;
}

int lmdb_retry_webhooks(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    return raise_dead(store, txn, command, true);
}

int lmdb_forget_webhooks(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    return raise_dead(store, txn, command, false);
}

/* By keys alone; one that is none is as old as can be. */
int lmdb_purge_webhooks(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_WEBHOOKS], &cursor);

    command->purged = 0;
    if (rc != 0)
        return rc;
    rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    while (rc == 0 && command->purged < BATCH) {
        struct webhook_record webhook;

        if (!record_webhook_split(text_of_val(key), &webhook) ||
            webhook.at_ms < command->now_ms - WEBHOOK_KEPT_MS) {
            rc = mdb_cursor_del(cursor, 0);
            command->purged++;
        }
        if (rc == 0)
            rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}
