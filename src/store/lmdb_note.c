/* Notes on endpoints, by when they were made; when there are too many the oldest goes. */
#include "store/lmdb_impl.h"

enum { PAGE_MAX = 200 };

static int make_place(struct lmdb_store *store, MDB_txn *txn)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    MDB_stat stat;
    int rc = mdb_stat(txn, store->tables[TABLE_NOTES], &stat);

    if (rc != 0 || stat.ms_entries < STORE_NOTES_MAX)
        return rc;
    rc = mdb_cursor_open(txn, store->tables[TABLE_NOTES], &cursor);
    if (rc != 0)
        return rc;
    rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    if (rc == 0)
        rc = mdb_cursor_del(cursor, 0);
    mdb_cursor_close(cursor);
    return rc;
}

int lmdb_put_note(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct note_record *note = &command->note;
    unsigned char bytes[RECORD_NOTE_KEY_BYTES];
    struct text key = record_note_key(note, bytes), old;
    int rc;

    if (note->id.len != NOTE_ID_BYTES || note->endpoint.len == 0 ||
        note->endpoint.len > NOTE_ENDPOINT_BYTES_MAX || note->kind.len > NOTE_KIND_BYTES_MAX) {
        error_set(&command->error, ERROR_INVALID_REQUEST, NULL, "that is no note on an endpoint");
        return 0;
    }
    rc = lmdb_get(store, txn, TABLE_NOTES, key, &old);
    if (rc == MDB_NOTFOUND)
        rc = make_place(store, txn);
    if (rc != 0)
        return rc;
    record_put_note(&store->value, key, note);
    return lmdb_put(store, txn, TABLE_NOTES, key);
}

/* The last one before `after`, or of all. */
static int seek_before(MDB_cursor *cursor, struct text after, MDB_val *key, MDB_val *value)
{
    int rc;

    if (after.len == 0)
        return mdb_cursor_get(cursor, key, value, MDB_LAST);
    *key = val_of_text(after);
    rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (rc == 0)
        return mdb_cursor_get(cursor, key, value, MDB_PREV);
    return rc == MDB_NOTFOUND ? mdb_cursor_get(cursor, key, value, MDB_LAST) : rc;
}

static int read_page(MDB_cursor *cursor, struct store_command *command)
{
    size_t most = command->most > 0 && command->most < PAGE_MAX ? command->most : PAGE_MAX;
    struct note_record *out = ARENA_ARRAY(&command->arena, struct note_record, PAGE_MAX);
    MDB_val key, value;
    int rc = seek_before(cursor, command->after, &key, &value);

    command->notes = out;
    for (; rc == 0; rc = mdb_cursor_get(cursor, &key, &value, MDB_PREV)) {
        struct error err = {0};

        if (command->note_count == most) {
            command->more = true;
            return 0;
        }
        command->last = lmdb_copy(&command->arena, key);
        if (record_get_note(command->last, lmdb_copy(&command->arena, value),
                            &out[command->note_count], &err))
            command->note_count++;
        else if (command->error.code == ERROR_NONE)
            command->error = err;
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_list_notes(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_cursor *cursor;
    int rc;

    if (store->tables[TABLE_NOTES] == 0)
        return 0;
    rc = mdb_cursor_open(txn, store->tables[TABLE_NOTES], &cursor);
    if (rc != 0)
        return rc;
    rc = read_page(cursor, command);
    mdb_cursor_close(cursor);
    return rc;
}
