/* Looking at a store, or at a copy of one, from outside. */
#include "store/backup_impl.h"
#include "store/lmdb_impl.h"
#include "store/store_lock.h"

#include <stdio.h>
#include <sys/stat.h>

static int count_tables(struct lmdb_store *store, MDB_txn *txn, struct arena *arena,
                        struct store_sight *out)
{
    struct store_table *tables = ARENA_ARRAY(arena, struct store_table, TABLE_COUNT);

    for (int i = 0; i < TABLE_COUNT; i++) {
        MDB_stat stat = {0};
        int rc = store->tables[i] == 0 ? 0 : mdb_stat(txn, store->tables[i], &stat);

        if (rc != 0)
            return rc;
        tables[i] =
            (struct store_table){text_of(lmdb_table_name((enum lmdb_table)i)), stat.ms_entries};
    }
    out->tables = tables;
    out->table_count = TABLE_COUNT;
    return 0;
}

static bool look(struct lmdb_store *store, bool deep, struct arena *arena, struct store_sight *out,
                 struct error *err)
{
    struct record_audit_head head = {0};
    struct store_census census;
    MDB_envinfo info;
    MDB_txn *txn;
    int rc = mdb_env_info(store->env, &info);

    if (rc == 0)
        rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    if (rc == 0) {
        rc = count_tables(store, txn, arena, out);
        if (rc == 0)
            rc = lmdb_get_audit_head(store, txn, &head, err);
        mdb_txn_abort(txn);
    }
    if (rc != 0)
        return lmdb_failed(store, rc, err);
    out->map_bytes = info.me_mapsize;
    out->audited = head.ends.last;
    out->used_bytes = (info.me_last_pgno + 1) * store->page_bytes;
    return !deep || store_verify_lmdb(&store->base, &census, err);
}

/* Opens and looks; a copy that nobody else has open needs no locks, and so nothing beside it. */
static bool inspect(struct text folder, unsigned flags, bool deep, struct arena *arena,
                    struct store_sight *out, struct error *err)
{
    struct text path = arena_copy(arena, folder);
    struct lmdb_store store = {.folder = (char *)(uintptr_t)path.at, .lock_fd = -1};
    bool good;

    atomic_store(&store.base.map_bytes, LMDB_DEFAULT_MAP_BYTES);
    if (!lmdb_open(&store, MDB_RDONLY | flags, err))
        return false;
    good = look(&store, deep, arena, out, err);
    mdb_env_close(store.env);
    return good;
}

bool lmdb_copy_verify(struct text folder, struct arena *arena, struct store_sight *out,
                      struct error *err)
{
    *out = (struct store_sight){.there = true};
    return inspect(folder, MDB_NOLOCK, true, arena, out, err);
}

bool store_inspect(struct text folder, bool deep, struct arena *arena, struct store_sight *out,
                   struct error *err)
{
    struct text path = arena_printf(arena, "%.*s/%s", TEXT_ARG(folder), BACKUP_DATA);
    struct stat file;

    *out = (struct store_sight){0};
    if (stat(path.at, &file) != 0)
        return true;
    out->there = true;
    out->written_ms = (int64_t)file.st_mtim.tv_sec * 1000 + file.st_mtim.tv_nsec / 1000000;
    return inspect(folder, 0, deep, arena, out, err);
}

bool store_in_use(struct text folder, uint64_t *out_pid)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%.*s", TEXT_ARG(folder)) >= (int)sizeof path)
        return false;
    return store_lock_held(path, out_pid);
}
