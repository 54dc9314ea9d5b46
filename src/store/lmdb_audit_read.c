/* Reading the audit log, a page at a time. What a page looks at is bounded, whatever it finds, so
 * that no snapshot is held for long: a page may be short, or empty, and more follow. */
#include "store/lmdb_impl.h"

enum { RECORDS_MAX = 1000, LOOKED_AT_MAX = 20000 };

static bool is_wanted(const struct audit_page *page, const struct audit_record *record)
{
    return record->wall_ms >= page->from_ms &&
           (page->to_ms == 0 || record->wall_ms < page->to_ms) &&
           (page->kind.len == 0 || audit_action_is(record->action, page->kind));
}

/* Onto the first record of the page. */
static int begin(MDB_cursor *cursor, const struct audit_page *page, MDB_val *key, MDB_val *value)
{
    unsigned char bytes[RECORD_AUDIT_KEY_BYTES];
    int rc;

    if (page->after == 0)
        return mdb_cursor_get(cursor, key, value, page->newest_first ? MDB_LAST : MDB_FIRST);
    record_audit_key(page->newest_first ? page->after : page->after + 1, bytes);
    *key = (MDB_val){sizeof bytes, bytes};
    rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (!page->newest_first)
        return rc;
    return mdb_cursor_get(cursor, key, value, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

/* A damaged one is left out and the first such is told. */
static void take(struct store_command *command, MDB_val key, MDB_val value,
                 struct audit_record *records)
{
    struct audit_page *page = &command->page;
    struct text name = text_of_val(key);
    struct audit_record record;
    struct error error = {0};

    page->reached = name.len == RECORD_AUDIT_KEY_BYTES ? record_audit_number(name) : page->reached;
    if (!record_get_audit(name, text_of_val(value), &record, &error)) {
        if (command->error.code == ERROR_NONE)
            command->error = error;
    } else if (is_wanted(page, &record)) {
        record_get_audit(name, lmdb_copy(&command->arena, value), &records[page->count++], NULL);
    }
}

static int read_page(MDB_cursor *cursor, struct store_command *command)
{
    struct audit_page *page = &command->page;
    size_t most = page->most < RECORDS_MAX ? page->most : RECORDS_MAX, seen = 0;
    struct audit_record *records = ARENA_ARRAY(&command->arena, struct audit_record, most);
    MDB_val key, value;
    int rc = begin(cursor, page, &key, &value);

    for (; rc == 0 && page->count < most && seen < LOOKED_AT_MAX; seen++) {
        take(command, key, value, records);
        rc = mdb_cursor_get(cursor, &key, &value, page->newest_first ? MDB_PREV : MDB_NEXT);
    }
    page->records = records;
    page->more = rc == 0;
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_read_audit(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct record_audit_head head;
    struct audit_page *page = &command->page;
    MDB_cursor *cursor;
    int rc;

    page->count = 0;
    page->reached = page->after;
    rc = lmdb_get_audit_head(store, txn, &head, &command->error);
    if (rc == MDB_CORRUPTED && command->error.code != ERROR_NONE)
        return 0;
    page->ends = head.ends;
    if (rc != 0 || page->most == 0 || store->tables[TABLE_AUDIT] == 0)
        return rc;
    rc = mdb_cursor_open(txn, store->tables[TABLE_AUDIT], &cursor);
    if (rc != 0)
        return rc;
    rc = read_page(cursor, command);
    mdb_cursor_close(cursor);
    return rc;
}
