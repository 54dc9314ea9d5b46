/* Letting go of the oldest records of the audit log. The head keeps the hash of the last one that
 * went, under its seal: the chain begins behind it from then on, and nobody without the key can
 * move that place. That they went is itself recorded. */
#include "store/lmdb_impl.h"

enum { BATCH = 1000 };

/* Deletes what stands first, if it is old enough and not the last there is; *go_on is whether. */
static int delete_first(MDB_cursor *cursor, struct store_command *command,
                        struct record_audit_head *head, bool *go_on)
{
    struct audit_record record;
    MDB_val key, value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

    *go_on = false;
    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    if (!record_get_audit(text_of_val(key), text_of_val(value), &record, NULL) ||
        record.sequence != head->ends.before.sequence + 1)
        return MDB_CORRUPTED; /* what is wrong there is not to be wiped out */
    if (record.wall_ms >= command->now_ms || record.sequence >= head->ends.last.sequence)
        return 0;
    head->ends.before.sequence = record.sequence;
    memcpy(head->ends.before.hash, record.hash, sizeof record.hash);
    *go_on = true;
    return mdb_cursor_del(cursor, 0);
}

static int delete_oldest(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                         struct record_audit_head *head)
{
    MDB_cursor *cursor;
    bool go_on = true;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_AUDIT], &cursor);

    if (rc != 0)
        return rc;
    while (rc == 0 && go_on && command->purged < BATCH) {
        rc = delete_first(cursor, command, head, &go_on);
        command->purged += go_on;
    }
    mdb_cursor_close(cursor);
    return rc;
}

int lmdb_purge_audit(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct record_audit_head head;
    int rc = lmdb_get_audit_head(store, txn, &head, NULL);

    command->purged = 0;
    if (rc == 0 && head.ends.last.sequence > 0)
        rc = delete_oldest(store, txn, command, &head);
    command->unchanged = command->purged == 0;
    if (rc != 0 || command->unchanged)
        return rc;
    if (command->audit != NULL)
        command->audit->object = arena_printf(&command->arena, "up to record %llu",
                                              (unsigned long long)head.ends.before.sequence);
    return lmdb_put_audit_head(store, txn, &head);
}
