/* Reading a store that this process does not have open: LMDB lets any number of processes read
 * beside the one that writes. Nothing is created and nothing changed. */
#include "store/lmdb_impl.h"

#include "base/check.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static bool is_store(const char *folder)
{
    char path[PATH_MAX];
    struct stat file;

    snprintf(path, sizeof path, "%s/data.mdb", folder);
    return stat(path, &file) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool lmdb_open_beside(struct lmdb_store *store, struct text folder, struct arena *arena,
                      bool *out_there, struct error *err)
{
    *store = (struct lmdb_store){.folder = (char *)(uintptr_t)arena_terminated(arena, folder),
                                 .lock_fd = -1};
    *out_there = is_store(store->folder);
    if (!*out_there)
        return false;
    atomic_store(&store->base.map_bytes, LMDB_DEFAULT_MAP_BYTES);
    return lmdb_open(store, MDB_RDONLY, err);
}

static int read_beside(struct lmdb_store *store, struct store_command *command)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

    if (rc != 0)
        return rc;
    rc = lmdb_row(command->kind)->run(store, txn, command);
    mdb_txn_abort(txn);
    return rc;
}

bool store_peek(struct text folder, struct store_command *command)
{
    struct lmdb_store store;
    bool there;
    int rc;

    command->error = (struct error){0};
    if (!lmdb_open_beside(&store, folder, &command->arena, &there, &command->error))
        return there;
    rc = read_beside(&store, command);
    mdb_env_close(store.env);
    if (rc != 0) {
        command->error = (struct error){0};
        lmdb_failed(&store, rc, &command->error);
    }
    return true;
}
