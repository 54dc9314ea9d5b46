/* What every effect does with a table, and the room it needs for that.
 *
 * What is removed needs pages, too, before it frees any. So what adds stops below the full map:
 * new sessions at 90 %, other additions at 95 %, and never the last RESERVED_PAGES. */
#include "store/lmdb_impl.h"

#include "store/store_ballast.h"

#include <errno.h>

enum {
    RESERVED_PAGES = 64,
    IDLE_PAGES_LEFT = 256, /* for deletes, when the disk gives none */
    PAGES_PER_WRITE = 8    /* what one write touches in trees of usual depth */
};

/* 0 when so many bytes may be added, else how the store is full. Without its ballast it grows no
 * more, but what was freed inside its file may be used. */
int lmdb_find_room(struct lmdb_store *store, size_t bytes, unsigned percent)
{
    size_t limit = store->map_pages / 100 * percent;
    size_t planned = store->planned_pages + PAGES_PER_WRITE + bytes / store->page_bytes;

    if (store->ballast_spent && store_ballast_fill(store->folder))
        store->ballast_spent = false;
    if (store->ballast_spent && store->idle_pages < planned + IDLE_PAGES_LEFT)
        return ENOSPC;
    if (store->map_pages < RESERVED_PAGES)
        return MDB_MAP_FULL;
    if (limit > store->map_pages - RESERVED_PAGES)
        limit = store->map_pages - RESERVED_PAGES;
    if (store->used_pages + planned > limit)
        return MDB_MAP_FULL;
    store->planned_pages = planned;
    return 0;
}

int lmdb_get(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key,
             struct text *out)
{
    MDB_val key_val = val_of_text(key), value;
    int rc = mdb_get(txn, store->tables[table], &key_val, &value);

    if (rc == 0)
        *out = text_of_val(value);
    return rc;
}

int lmdb_put(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key)
{
    MDB_val key_val = val_of_text(key), value = val_of_text(buffer_text(&store->value));
    int rc = mdb_put(txn, store->tables[table], &key_val, &value, 0);

    store->value.len = 0;
    return rc;
}

int lmdb_del(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key)
{
    MDB_val key_val = val_of_text(key);
    int rc = mdb_del(txn, store->tables[table], &key_val, NULL);

    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_seek_behind(MDB_cursor *cursor, struct text after, MDB_val *out_key, MDB_val *out_value)
{
    int rc;

    *out_key = val_of_text(after);
    rc = mdb_cursor_get(cursor, out_key, out_value, after.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
    if (rc == 0 && after.len > 0 && text_equal(text_of_val(*out_key), after))
        rc = mdb_cursor_get(cursor, out_key, out_value, MDB_NEXT);
    return rc;
}
