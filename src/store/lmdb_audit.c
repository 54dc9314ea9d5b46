/* The audit log. A record is written in the transaction of the act that it tells of: there is not
 * one without the other. The head is read and written with each, so that a group which fails and is
 * tried again in parts takes its numbers anew. */
#include "store/lmdb_impl.h"

#include "base/check.h"

#include <limits.h>
#include <stdio.h>

static const struct text head_key = TEXT_INIT("audit_head");

static struct text audit_key_text(const unsigned char key[RECORD_AUDIT_KEY_BYTES])
{
    return (struct text){(const char *)key, RECORD_AUDIT_KEY_BYTES};
}

int lmdb_get_audit_head(struct lmdb_store *store, MDB_txn *txn, struct record_audit_head *out,
                        struct error *err)
{
    struct text value;
    int rc = lmdb_get(store, txn, TABLE_META, head_key, &value);

    *out = (struct record_audit_head){0};
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc == 0 && !record_get_audit_head(head_key, value, out, err))
        return MDB_CORRUPTED;
    return rc;
}

int lmdb_put_audit_head(struct lmdb_store *store, MDB_txn *txn, struct record_audit_head *head)
{
    audit_chain_seal_head(store->chain, &head->ends, head->seal);
    record_put_audit_head(&store->value, head_key, head);
    return lmdb_put(store, txn, TABLE_META, head_key);
}

/* What was added to an event after it was copied is as bounded as the rest of it. */
static struct audit_record record_of(const struct audit_event *event, uint64_t sequence)
{
    return (struct audit_record){.sequence = sequence,
                                 .wall_ms = event->wall_ms,
                                 .actor = text_of(audit_actor_word(event->actor)),
                                 .actor_id = event->actor_id,
                                 .peer = event->peer,
                                 .action = text_of(audit_action_word(event->action)),
                                 .object = text_cut(event->object, AUDIT_TEXT_BYTES_MAX),
                                 .outcome = text_cut(event->outcome, AUDIT_TEXT_BYTES_MAX),
                                 .details = audit_details(event),
                                 .request_id = event->request_id};
}

/* Appends the record behind `last`, which moves on to it. */
static int put_record(struct lmdb_store *store, MDB_txn *txn, struct audit_record *record,
                      struct audit_link *last)
{
    unsigned char key[RECORD_AUDIT_KEY_BYTES];
    MDB_val key_val = {sizeof key, key}, value;
    int rc;

    record_put_audit_said(&store->value, record);
    audit_chain_hash(store->chain, last->hash, buffer_text(&store->value), record->hash);
    audit_chain_seal_record(store->chain, record->hash, record->seal);
    store->value.len = 0;
    record_audit_key(record->sequence, key);
    record_put_audit(&store->value, audit_key_text(key), record);
    value = val_of_text(buffer_text(&store->value));
    rc = mdb_put(txn, store->tables[TABLE_AUDIT], &key_val, &value, MDB_NOOVERWRITE);
    store->value.len = 0;
    last->sequence = record->sequence;
    memcpy(last->hash, record->hash, sizeof last->hash);
    return rc == MDB_KEYEXIST ? MDB_CORRUPTED : rc; /* there is more than the head says */
}

int lmdb_chain(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct record_audit_head head;
    struct audit_record record;
    int rc = lmdb_get_audit_head(store, txn, &head, NULL);

    if (rc == 0 && !lmdb_is_urgent(command))
        rc = lmdb_find_room(store, store->page_bytes, LMDB_ADDITION_PERCENT);
    if (rc != 0)
        return rc;
    record = record_of(command->audit, head.ends.last.sequence + 1);
    rc = put_record(store, txn, &record, &head.ends.last);
    command->recorded = head.ends.last;
    return rc != 0 ? rc : lmdb_put_audit_head(store, txn, &head);
}

/* What there is to do follows it: lmdb_chain. */
int lmdb_append_audit(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    (void)store;
    (void)txn;
    CHECK(command->audit != NULL);
    return 0;
}

static int read_head(struct lmdb_store *store, struct record_audit_head *out, struct error *err)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

    if (rc != 0)
        return rc;
    rc = lmdb_get_audit_head(store, txn, out, err);
    mdb_txn_abort(txn);
    return rc;
}

/* A head that is damaged takes no records, and is told where they are to be written and where all
 * is verified; the store opens all the same. */
bool lmdb_open_chain(struct lmdb_store *store, struct error *err)
{
    struct record_audit_head head;
    struct audit_key key;
    char path[PATH_MAX];
    int rc = read_head(store, &head, NULL);
    bool fresh = rc == 0 && head.ends.last.sequence == 0;

    if (rc != 0 && rc != MDB_CORRUPTED)
        return lmdb_failed(store, rc, err);
    snprintf(path, sizeof path, "%s/audit.key", store->folder);
    if (!random_key_load(path, "audit key", fresh, key.bytes, err)) {
        if (!fresh && err != NULL && err->hint[0] == '\0')
            error_hint(err, "the audit log is sealed with it: bring it back from where the store's "
                            "keys are kept");
        return false;
    }
    store->chain = audit_chain_open(&key);
    explicit_bzero(&key, sizeof key);
    return true;
}
