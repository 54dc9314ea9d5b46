/* Copies of the whole store, made and looked at. LMDB makes one from a snapshot that lasts as long
 * as the copying: a loop over its pages in the thread that asks and one that writes. */
#include "store/backup_impl.h"
#include "store/lmdb_impl.h"

static bool copy(struct lmdb_store *store, int fd, uint64_t *out_transaction, struct error *err)
{
    MDB_envinfo info;
    int rc = mdb_env_info(store->env, &info);

    if (rc == 0)
        rc = mdb_env_copyfd2(store->env, fd, MDB_CP_COMPACT);
    if (rc != 0)
        return lmdb_failed(store, rc, err);
    *out_transaction = info.me_last_txnid;
    return true;
}

bool lmdb_copy_to(struct store *base, int fd, uint64_t *out_transaction, struct error *err)
{
    struct lmdb_store *store = lmdb_of(base);
    bool good;

    pthread_mutex_lock(&store->copying);
    if (atomic_load(&store->base.usable))
        good = copy(store, fd, out_transaction, err);
    else
        good = lmdb_failed(store, MDB_PANIC, err);
    pthread_mutex_unlock(&store->copying);
    return good;
}

static int count_tables(struct lmdb_store *store, MDB_txn *txn, struct arena *arena,
                        const struct backup_table **out, size_t *out_count)
{
    struct backup_table *tables = ARENA_ARRAY(arena, struct backup_table, TABLE_COUNT);

    for (int i = 0; i < TABLE_COUNT; i++) {
        MDB_stat stat = {0};
        int rc = store->tables[i] == 0 ? 0 : mdb_stat(txn, store->tables[i], &stat);

        if (rc != 0)
            return rc;
        tables[i] =
            (struct backup_table){text_of(lmdb_table_name((enum lmdb_table)i)), stat.ms_entries};
    }
    *out = tables;
    *out_count = TABLE_COUNT;
    return 0;
}

static bool look(struct lmdb_store *store, struct arena *arena, const struct backup_table **out,
                 size_t *out_count, struct error *err)
{
    struct store_census census;
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

    if (rc == 0) {
        rc = count_tables(store, txn, arena, out, out_count);
        mdb_txn_abort(txn);
    }
    if (rc != 0)
        return lmdb_failed(store, rc, err);
    return store_verify_lmdb(&store->base, &census, err);
}

/* Nobody else has the copy open, and nothing is left beside it. */
bool lmdb_copy_verify(struct text folder, struct arena *arena, const struct backup_table **out,
                      size_t *out_count, struct error *err)
{
    struct text path = arena_copy(arena, folder);
    struct lmdb_store store = {.folder = (char *)(uintptr_t)path.at, .lock_fd = -1};
    bool good;

    atomic_store(&store.base.map_bytes, LMDB_DEFAULT_MAP_BYTES);
    if (!lmdb_open(&store, MDB_RDONLY | MDB_NOLOCK, err))
        return false;
    good = look(&store, arena, out, out_count, err);
    mdb_env_close(store.env);
    return good;
}
