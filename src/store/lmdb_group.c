/* One group of writes, one transaction, one sync. A command that is refused has changed nothing, so
 * the others go on; when LMDB itself fails inside a group, everything is undone and each command
 * gets a transaction of its own, so that only those fail that must. */
#include "store/lmdb_impl.h"
#include "store/store_ballast.h"

#include <errno.h>

enum { TRIES = 3, ALWAYS_COUNT_ABOVE_PERCENT = 80 };

/* Whether the next command may fare better. What an unknown error leaves behind is not known. */
static bool passes(const struct lmdb_store *store, int rc)
{
    return lmdb_is_full(store, rc) || rc == EINTR || rc == EAGAIN || rc == ENOMEM ||
           rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND;
}

/* Whether LMDB has given up: after it failed to say where the new data is, for whatever reason. */
static bool gave_up(struct lmdb_store *store)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

    if (rc == 0)
        mdb_txn_abort(txn);
    return rc == MDB_PANIC;
}

static void note_failure(struct lmdb_store *store, int rc)
{
    if (!passes(store, rc) || gave_up(store))
        atomic_store(&store->base.usable, false);
}

/* The group as one transaction: 0 when it is durable, else nothing has happened. */
static int commit_group(struct lmdb_store *store, struct store_command *const *group, size_t count)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, 0, &txn);

    if (rc != 0)
        return rc;
    store->planned_pages = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        group[i]->error = (struct error){0};
        group[i]->recorded.sequence = 0;
        rc = lmdb_row(group[i]->kind)->run(store, txn, group[i]);
        if (rc == 0 && group[i]->audit != NULL && group[i]->error.code == ERROR_NONE &&
            !group[i]->unchanged)
            rc = lmdb_chain(store, txn, group[i]);
    }
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = mdb_txn_commit(txn);
    if (rc != 0)
        return rc;
    atomic_fetch_add_explicit(&store->base.commits, 1, memory_order_relaxed);
    lmdb_count_pages(store);
    return 0;
}

static void fail(struct lmdb_store *store, struct store_command *command, int rc)
{
    command->error = (struct error){0};
    lmdb_failed(store, rc, &command->error);
}

static int try_alone(struct lmdb_store *store, struct store_command *command)
{
    int rc = EINTR;

    for (int i = 0; i < TRIES && rc == EINTR; i++)
        rc = commit_group(store, &command, 1);
    if (rc == 0 || rc == MDB_MAP_FULL || !lmdb_is_full(store, rc) || store->ballast_spent ||
        !lmdb_is_urgent(command) || gave_up(store))
        return rc;
    store_ballast_spend(store->folder);
    store->ballast_spent = true;
    return commit_group(store, &command, 1);
}

static void write_alone(struct lmdb_store *store, struct store_command *command)
{
    int rc;

    if (!atomic_load(&store->base.usable)) {
        fail(store, command, MDB_PANIC);
        return;
    }
    rc = try_alone(store, command);
    if (rc == 0)
        return;
    note_failure(store, rc);
    fail(store, command, rc);
}

void lmdb_write(struct store *base, struct store_command *const *group, size_t count)
{
    struct lmdb_store *store = lmdb_of(base);
    int rc = EINTR;

    if (atomic_load(&store->base.usable) && count > 1) {
        rc = commit_group(store, group, count);
        if (rc == 0)
            return;
        note_failure(store, rc);
    }
    for (size_t i = 0; i < count; i++)
        write_alone(store, group[i]);
}

/* Pages on LMDB's list of free ones, as many as are worth knowing. Its table 0 maps a transaction
 * to an array of page numbers that begins with its length. */
static size_t free_pages(struct lmdb_store *store, size_t enough)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    size_t pages = 0, count;

    if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) != 0)
        return 0;
    if (mdb_cursor_open(txn, 0, &cursor) == 0) {
        while (pages < enough && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
            if (value.mv_size >= sizeof count) {
                memcpy(&count, value.mv_data, sizeof count);
                pages += count;
            }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return pages;
}

/* Below the mark the highest page ever used is count enough, and the list is left alone. */
void lmdb_count_pages(struct lmdb_store *store)
{
    MDB_envinfo info;
    size_t mark = store->map_pages / 100 * ALWAYS_COUNT_ABOVE_PERCENT, highest;

    if (mdb_env_info(store->env, &info) != 0)
        return;
    highest = info.me_last_pgno + 1;
    store->idle_pages = 0;
    if (store->ballast_spent)
        store->idle_pages = free_pages(store, SIZE_MAX);
    else if (highest > mark)
        store->idle_pages = free_pages(store, highest - mark);
    store->used_pages = highest - (store->idle_pages < highest ? store->idle_pages : highest);
    atomic_store_explicit(&store->base.used_bytes, store->used_pages * store->page_bytes,
                          memory_order_relaxed);
}
