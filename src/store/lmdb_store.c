/* The store in LMDB: one environment per process, and these tables:
 *
 *   meta              "format"                        the format of everything here
 *   tokens            token id                        a token
 *   sessions          session id (30 bytes)           a session without its messages
 *   session_messages  session id, number (8 bytes)    one message; numbers are dense per session
 *   session_expiry    wall milliseconds (8), session id   nothing; what expires first is first
 *   secrets           name                          a sealed secret
 *   budgets           account, '/', period          what was spent of it, and what is leased
 *   budget_leases     likewise                      nothing; the budgets of which a lease is open
 *   audit             number (8)                    one record of the audit log; numbers are dense
 *   usage             day (10), digests of token (8) and names (16)   what was used
 *   request_log       wall milliseconds (8), number (8)   rows, oldest first
 *   deployments       name                          the token that was last provisioned for it
 *   request_content   wall milliseconds (8), request id   what was said, until that time
 *   idempotency       digest of an Idempotency-Key  what was begun or answered under it
 *   idempotency_expiry  wall milliseconds (8), digest  nothing; what expires first is first
 *   cache             digest of what was asked      a provider's answer to it
 *   cache_expiry      wall milliseconds (8), digest   whose it is; what expires first is first
 *   responses         digest of token and id        an answer that may be gone on from
 *   response_expiry   wall milliseconds (8), digest   whose it is; what expires first is first
 *   rollups           step (1), minutes (4), kind (1), names   what came of requests, added up
 *   canaries          endpoint, zero byte, digest     a routing rule that is switched off
 *   notes             wall milliseconds (8), id     that an endpoint was not as usual
 *   webhooks          state, receiver, zero byte, wall milliseconds (8), id   an event to be sent
 *
 * "audit_head" in meta says where the audit log begins and ends (audit/chain.h).
 *
 * Numbers in keys are big-endian. Every value carries a checksum (record.h); LMDB has none.
 *
 * A full disk, or a full map, refuses what adds; for deletes and revocations room is held back
 * (store_ballast.h, lmdb_access.c), and nothing needs a restart when there is room again.
 *
 * When a write or sync fails for another reason than space, what the disk holds is not known any
 * more, and the kernel may forget the pages it could not write. So nothing more is written until
 * the process is started again; reading goes on. */
#include "store/lmdb_impl.h"

#include "store/store_ballast.h"
#include "store/store_lock.h"

#include "base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { LITTLE_SPACE = 1 << 20, FULL_RETRY_S = 10 };

/* LMDB says EIO for a write that was cut short, as the last one onto a full disk is. */
static bool disk_is_full(const struct lmdb_store *store)
{
    struct statvfs disk;

    return statvfs(store->folder, &disk) == 0 &&
           (uint64_t)disk.f_bavail * disk.f_frsize < LITTLE_SPACE;
}

bool lmdb_is_full(const struct lmdb_store *store, int rc)
{
    return rc == MDB_MAP_FULL || rc == MDB_TXN_FULL || rc == ENOSPC || rc == EDQUOT ||
           (rc == EIO && disk_is_full(store));
}

bool lmdb_failed(const struct lmdb_store *store, int rc, struct error *err)
{
    if (err == NULL)
        return false;
    if (lmdb_is_full(store, rc)) {
        error_set(err, ERROR_STORAGE_FULL, NULL, "the store is full: %s",
                  rc == ENOSPC || rc == EDQUOT || rc == EIO ? "no space left on its disk"
                                                            : "it has reached its greatest size");
        error_hint(err, "delete sessions or make room, then try again");
        err->retry_after_s = FULL_RETRY_S;
        return false;
    }
    if (rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID) {
        error_set(err, ERROR_RECORD_DAMAGED, NULL, "the store is damaged: %s", mdb_strerror(rc));
        error_hint(err, "restore the store from a backup");
        return false;
    }
    error_set(err, ERROR_STORAGE_ERROR, NULL, "the store failed: %s", mdb_strerror(rc));
    if (rc == EIO || rc == MDB_PANIC)
        error_hint(err, "look at the disk, then start pinion again");
    return false;
}

static void check_readers(struct store *store)
{
    int dead;

    if (lmdb_of(store)->env != NULL)
        mdb_reader_check(lmdb_of(store)->env, &dead);
}

static void free_store(struct lmdb_store *store)
{
    if (store->read_txn != NULL)
        mdb_txn_abort(store->read_txn);
    if (store->env != NULL)
        mdb_env_close(store->env);
    store_lock_close(store->lock_fd);
    pthread_mutex_destroy(&store->copying);
    buffer_release(&store->value);
    audit_chain_close(store->chain);
    free(store->folder);
    free(store);
}

static void close_store(struct store *store)
{
    free_store(lmdb_of(store));
}

static const struct store_ops lmdb_ops = {
    .write = lmdb_write,
    .read = lmdb_read,
    .tick = check_readers,
    .close = close_store,
};

/* Errors while opening are for the operator, who is to know which store; later ones may reach
 * callers, who are not. */
static void say_where(const struct lmdb_store *store, struct error *err)
{
    if (err != NULL && err->at[0] == '\0')
        snprintf(err->at, sizeof err->at, "%s", store->folder);
}

struct store *store_open_lmdb_sized(struct text folder, size_t map_bytes, struct error *err)
{
    struct lmdb_store *store = calloc(1, sizeof *store);

    CHECK(store != NULL);
    store->base.ops = &lmdb_ops;
    store->lock_fd = -1;
    CHECK(pthread_mutex_init(&store->copying, NULL) == 0);
    store->folder = strndup(folder.at, folder.len);
    CHECK(store->folder != NULL);
    atomic_store(&store->base.map_bytes, map_bytes);
    atomic_store(&store->base.usable, true);
    if (mkdir(store->folder, 0700) != 0 && errno != EEXIST) {
        error_set(err, ERROR_STORAGE_ERROR, store->folder, "cannot create the store's folder: %s",
                  strerror(errno));
    } else if ((store->lock_fd = store_lock_open(store->folder, err)) >= 0 &&
               lmdb_open(store, 0, err) && lmdb_open_chain(store, err)) {
        store->ballast_spent = !store_ballast_fill(store->folder);
        lmdb_count_pages(store);
        if (store_start(&store->base, err))
            return &store->base;
    }
    say_where(store, err);
    free_store(store);
    return NULL;
}

struct store *store_open_lmdb(struct text folder, struct error *err)
{
    return store_open_lmdb_sized(folder, LMDB_DEFAULT_MAP_BYTES, err);
}
