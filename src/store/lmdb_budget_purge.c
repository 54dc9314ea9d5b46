/* Budgets of periods that are long over go when the account that every call counts against has come
 * far beyond them. No clock is asked: one that is wrong for a while deletes nothing that counts. */
#include "store/lmdb_impl.h"

enum { LOOKED_AT_MAX = 1000, DELETED_MAX = 200, MONTHS_KEPT = 14, MONTH_BYTES = 7 };

/* The month that the period of a key is in, since the year 0; -1 where it ends in none. */
static int64_t month_of(struct text key)
{
    struct text name = key;
    uint64_t year, month;

    for (size_t at; (at = text_find_byte(name, '/')) < name.len;)
        name = text_after(name, at + 1);
    if (name.len < MONTH_BYTES || !text_to_u64(text_first(name, 4), &year) ||
        !text_to_u64(text_first(text_after(name, 5), 2), &month))
        return -1;
    return (int64_t)(year * 12 + month);
}

/* That of the last key that begins so; -1 where there is none. */
static int64_t last_month(MDB_cursor *cursor, struct text prefix, struct arena *arena)
{
    struct text end = arena_printf(arena, "%.*s:", TEXT_ARG(prefix)); /* behind every digit */
    MDB_val key = val_of_text(end), value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

    rc = mdb_cursor_get(cursor, &key, &value, rc == 0 ? MDB_PREV : MDB_LAST);
    return rc == 0 && text_starts(text_of_val(key), prefix) ? month_of(text_of_val(key)) : -1;
}

static int delete_here(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                       MDB_cursor *cursor)
{
    int rc = mdb_cursor_del(cursor, 0);

    command->purged++;
    return rc != 0 ? rc : lmdb_del(store, txn, TABLE_LEASES, command->last);
}

int lmdb_purge_budgets(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    MDB_val key = val_of_text(command->after), value;
    MDB_cursor *cursor;
    int64_t newest;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_BUDGETS], &cursor);

    command->purged = 0;
    command->more = false;
    if (rc != 0)
        return rc;
    newest = last_month(cursor, command->prefix, &command->arena);
    rc = mdb_cursor_get(cursor, &key, &value, key.mv_size > 0 ? MDB_SET_RANGE : MDB_FIRST);
    for (size_t seen = 0; rc == 0; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        int64_t month = month_of(text_of_val(key));

        command->more = seen++ == LOOKED_AT_MAX || command->purged == DELETED_MAX;
        if (command->more)
            break;
        command->last = lmdb_copy(&command->arena, key);
        if (month < 0 || newest - month < MONTHS_KEPT)
            continue;
        rc = delete_here(store, txn, command, cursor);
        if (rc != 0)
            break;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}
