/* Roll-ups that are kept no longer go, from the first bucket of each length on. */
#include "store/lmdb_impl.h"

enum { PURGED_AT_ONCE_MAX = 500 };

/* From the first bucket of that length on, up to one that is kept. */
static int purge_step(MDB_cursor *cursor, enum rollup_step step, int64_t before, uint64_t *purged)
{
    unsigned char first[1] = {(unsigned char)step};
    int rc = 0;

    for (int i = 0; i < PURGED_AT_ONCE_MAX && rc == 0; i++) {
        MDB_val key = {sizeof first, first}, value;
        struct rollup_place place;
        bool read;

        rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        if (rc != 0)
            break;
        read = record_rollup_split(text_of_val(key), &place);
        if (read && (place.step != step || place.bucket >= before))
            break;
        if (!read && key.mv_size > 0 && *(unsigned char *)key.mv_data != first[0])
            break;
        rc = mdb_cursor_del(cursor, 0); /* a key that is none goes with the old ones */
        (*purged)++;
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_purge_rollups(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    static const int64_t kept[ROLLUP_STEP_COUNT] = {
        [ROLLUP_MINUTE] = ROLLUP_MINUTES_KEPT_H * 60,
        [ROLLUP_HOUR] = (int64_t)ROLLUP_HOURS_KEPT_D * 24 * 60,
        [ROLLUP_DAY] = (int64_t)ROLLUP_DAYS_KEPT_D * 24 * 60,
    };
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_ROLLUPS], &cursor);

    if (rc != 0)
        return rc;
    for (int step = 0; step < ROLLUP_STEP_COUNT && rc == 0; step++)
        rc = purge_step(cursor, (enum rollup_step)step, command->now_ms / 60000 - kept[step],
                        &command->purged);
    mdb_cursor_close(cursor);
    return rc;
}
