/* Opening: the folder, the environment, the tables and the format they are in. Durability is
 * LMDB's default: no flag that trades it for speed, and no writable map. */
#include "store/lmdb_impl.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* One table more is no other format: who does not know it leaves it alone. */
enum { FORMAT = 1 };

static const struct text format_key = TEXT_INIT("format");
static const char *const table_names[TABLE_COUNT] = {
    [TABLE_META] = "meta",
    [TABLE_TOKENS] = "tokens",
    [TABLE_SESSIONS] = "sessions",
    [TABLE_MESSAGES] = "session_messages",
    [TABLE_EXPIRY] = "session_expiry",
    [TABLE_SECRETS] = "secrets",
    [TABLE_BUDGETS] = "budgets",
    [TABLE_LEASES] = "budget_leases",
    [TABLE_AUDIT] = "audit",
    [TABLE_USAGE] = "usage",
    [TABLE_LOG] = "request_log",
    [TABLE_DEPLOYMENTS] = "deployments",
    [TABLE_CONTENT] = "request_content",
    [TABLE_IDEMPOTENCY] = "idempotency",
    [TABLE_IDEMPOTENCY_EXPIRY] = "idempotency_expiry",
    [TABLE_HISTORY] = "history",
    [TABLE_HISTORY_FILES] = "history_files",
    [TABLE_PINS] = "pins",
    [TABLE_CACHE] = "cache",
    [TABLE_CACHE_EXPIRY] = "cache_expiry",
    [TABLE_CANARIES] = "canaries",
    [TABLE_RESPONSES] = "responses",
    [TABLE_RESPONSE_EXPIRY] = "response_expiry",
    [TABLE_ROLLUPS] = "rollups",
    [TABLE_WEBHOOKS] = "webhooks",
    [TABLE_NOTES] = "notes",
};

const char *lmdb_table_name(enum lmdb_table table)
{
    return table_names[table];
}

/* Reads the format, or writes it into a store that was made just now. */
static bool check_format(struct lmdb_store *store, MDB_txn *txn, bool writable, struct error *err)
{
    MDB_val key = val_of_text(format_key), value;
    struct buffer record = {0};
    uint32_t format;
    int rc = mdb_get(txn, store->tables[TABLE_META], &key, &value);

    if (rc == 0) {
        if (!record_get_format(format_key, text_of_val(value), &format, err))
            return false;
        if (format == FORMAT)
            return true;
        error_set(err, ERROR_STORAGE_ERROR, store->folder,
                  "the store has format %u, this program reads format %d", format, FORMAT);
        if (err != NULL)
            error_hint(err, "use the version of pinion that wrote it, or another store");
        return false;
    }
    if (rc == MDB_NOTFOUND && writable) {
        record_put_format(&record, format_key, FORMAT);
        value = val_of_text(buffer_text(&record));
        rc = mdb_put(txn, store->tables[TABLE_META], &key, &value, 0);
        buffer_release(&record);
    }
    return rc == 0 || lmdb_failed(store, rc, err);
}

/* The format comes first: a store of another format is not touched. */
static bool open_tables(struct lmdb_store *store, MDB_txn *txn, bool writable, struct error *err)
{
    unsigned flags = writable ? MDB_CREATE : 0;
    int rc;

    for (size_t i = 0; i < TABLE_COUNT; i++) {
        rc = mdb_dbi_open(txn, table_names[i], flags, &store->tables[i]);
        if (rc == MDB_NOTFOUND && i >= TABLE_SECRETS)
            continue; /* read-only, and last written before there was such a table: it stays 0 */
        if (rc != 0)
            return lmdb_failed(store, rc, err);
        if (i == TABLE_META && !check_format(store, txn, writable, err))
            return false;
    }
    return true;
}

static bool begin_tables(struct lmdb_store *store, bool writable, struct error *err)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, writable ? 0 : MDB_RDONLY, &txn);

    if (rc != 0)
        return lmdb_failed(store, rc, err);
    if (!open_tables(store, txn, writable, err)) {
        mdb_txn_abort(txn);
        return false;
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 || lmdb_failed(store, rc, err);
}

/* A data file cut short would kill the process when a lost page is touched. With zeros in place of
 * the lost pages LMDB reports them as damaged; where nothing may be written it is refused. */
static bool mend_length(struct lmdb_store *store, bool writable, struct error *err)
{
    MDB_envinfo info;
    struct stat file;
    uint64_t expected;
    int fd;

    if (mdb_env_info(store->env, &info) != 0 || mdb_env_get_fd(store->env, &fd) != 0 ||
        fstat(fd, &file) != 0)
        return true;
    expected = (info.me_last_pgno + 1) * (uint64_t)store->page_bytes;
    if ((uint64_t)file.st_size >= expected)
        return true;
    if (!writable)
        return lmdb_failed(store, MDB_CORRUPTED, err);
    (void)!ftruncate(fd, (off_t)expected);
    return true;
}

static bool set_sizes(struct lmdb_store *store, struct error *err)
{
    MDB_envinfo info;
    MDB_stat stat;
    int rc = mdb_env_stat(store->env, &stat);

    if (rc == 0)
        rc = mdb_env_info(store->env, &info);
    if (rc != 0)
        return lmdb_failed(store, rc, err);
    store->page_bytes = stat.ms_psize;
    store->map_pages = info.me_mapsize / stat.ms_psize;
    atomic_store(&store->base.map_bytes, info.me_mapsize);
    return true;
}

bool lmdb_open(struct lmdb_store *store, unsigned flags, struct error *err)
{
    uint64_t map_bytes = atomic_load(&store->base.map_bytes);
    bool writable = (flags & MDB_RDONLY) == 0;
    int rc = mdb_env_create(&store->env);
    int dead;

    if (rc != 0) {
        store->env = NULL;
        return lmdb_failed(store, rc, err);
    }
    mdb_env_set_maxdbs(store->env, TABLE_COUNT);
    rc = mdb_env_set_mapsize(store->env, map_bytes);
    if (rc == 0)
        rc = mdb_env_open(store->env, store->folder, MDB_NOTLS | flags, 0600);
    if (rc == 0)
        rc = mdb_reader_check(store->env, &dead);
    if (rc != 0) {
        lmdb_failed(store, rc, err);
    } else if (set_sizes(store, err) && mend_length(store, writable, err) &&
               begin_tables(store, writable, err)) {
        if (writable)
            folder_sync(store->folder); /* LMDB does not make the names of its files durable */
        return true;
    }
    mdb_env_close(store->env);
    store->env = NULL;
    return false;
}
