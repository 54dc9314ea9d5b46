/* The reads, each in a snapshot of its own that is let go as soon as what it found is copied: a
 * snapshot that is kept stops LMDB from using free pages again. */
#include "store/lmdb_impl.h"

/* After a failed write LMDB refuses even reads, until its files are opened anew. By then the writer
 * has stopped using them. */
static int open_again(struct lmdb_store *store)
{
    bool good;

    if (atomic_load(&store->base.usable) || store->reopened ||
        pthread_mutex_trylock(&store->copying) != 0)
        return MDB_PANIC; /* a backup in the making still has the old ones; it will fail */
    store->reopened = true;
    mdb_txn_abort(store->read_txn);
    store->read_txn = NULL;
    mdb_env_close(store->env);
    good = lmdb_open(store, MDB_RDONLY, NULL);
    pthread_mutex_unlock(&store->copying);
    if (!good)
        return MDB_PANIC;
    return mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->read_txn);
}

static int begin(struct lmdb_store *store)
{
    int rc;

    if (store->env == NULL)
        return MDB_PANIC;
    if (store->read_txn != NULL)
        rc = mdb_txn_renew(store->read_txn);
    else
        rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->read_txn);
    return rc == MDB_PANIC ? open_again(store) : rc;
}

static void end(struct lmdb_store *store)
{
    mdb_txn_reset(store->read_txn);
}

int lmdb_snapshot_anew(struct lmdb_store *store)
{
    end(store);
    return begin(store);
}

void lmdb_read(struct store *base, struct store_command *command)
{
    struct lmdb_store *store = lmdb_of(base);
    int rc = begin(store);

    if (rc == 0) {
        rc = lmdb_row(command->kind)->run(store, store->read_txn, command);
        end(store);
    }
    if (rc != 0) {
        command->error = (struct error){0};
        lmdb_failed(store, rc, &command->error);
    }
}
