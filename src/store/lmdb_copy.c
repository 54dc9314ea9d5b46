/* Copying the whole store. LMDB does it from a snapshot that lasts as long as the copying: the
 * thread that asks walks over the pages, another one writes. */
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
