/* The history of endpoints. A version is one record; the bytes of its files are records of their
 * own, each content once for each endpoint, and go with the last version that has them. Which
 * version stands in for the folder's files is the endpoint's pin, written with the version. */
#include "store/lmdb_impl.h"

#include "base/check.h"

enum { TRIMMED_AT_ONCE = 16 }; /* versions */

struct history_work {
    struct lmdb_store *store;
    MDB_txn *txn;
    MDB_cursor *versions;
    struct store_command *command;
    struct arena scratch; /* of one endpoint */
    bool changed;
};

int lmdb_last_version(MDB_cursor *cursor, struct text slug, uint64_t below, struct arena *arena,
                      struct history_entry *out, struct error *err)
{
    unsigned char bytes[RECORD_HISTORY_KEY_BYTES_MAX];
    MDB_val key = val_of_text(record_history_key(slug, below > 0 ? below : UINT64_MAX, bytes));
    MDB_val value;
    struct text its;
    uint64_t number;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

    rc = mdb_cursor_get(cursor, &key, &value, rc == 0 ? MDB_PREV : MDB_LAST);
    if (rc != 0)
        return rc;
    if (!record_history_split(text_of_val(key), &its, &number) || !text_equal(its, slug))
        return MDB_NOTFOUND;
    return record_get_history(text_of_val(key), text_of_val(value), arena, out, err)
               ? 0
               : MDB_CORRUPTED;
}

/* --- files
 * ---------------------------------------------------------------------------------------------- */

static int put_files(struct history_work *work, const struct history_entry *entry)
{
    struct lmdb_store *store = work->store;
    unsigned char bytes[RECORD_HISTORY_FILE_KEY_BYTES_MAX];
    int rc = 0;

    for (size_t i = 0; i < entry->file_count && rc == 0; i++) {
        const struct history_file *file = &entry->files[i];
        struct text key = record_history_file_key(entry->slug, file->digest, bytes), there;

        rc = lmdb_get(store, work->txn, TABLE_HISTORY_FILES, key, &there);
        if (rc != MDB_NOTFOUND)
            continue;
        rc = lmdb_find_room(store, store->page_bytes + file->bytes.len, LMDB_ADDITION_PERCENT);
        if (rc != 0)
            break;
        record_put_history_file(&store->value, key, file->bytes);
        rc = lmdb_put(store, work->txn, TABLE_HISTORY_FILES, key);
    }
    return rc;
}

static bool has_file(const struct history_entry *entry, const unsigned char *digest)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (memcmp(entry->files[i].digest, digest, HISTORY_DIGEST_BYTES) == 0)
            return true;
    return false;
}

/* Whether one of the endpoint's versions still has that content; one that is damaged may. There may
 * be very many, so each is read into memory of its own. */
static int still_used(struct history_work *work, struct text slug, const unsigned char *digest,
                      bool *out)
{
    uint64_t below = 0;
    int rc = 0;

    for (*out = false; rc == 0 && !*out;) {
        struct arena arena = {0};
        struct history_entry entry = {0};

        rc = lmdb_last_version(work->versions, slug, below, &arena, &entry, NULL);
        *out = rc == MDB_CORRUPTED || (rc == 0 && has_file(&entry, digest));
        below = entry.number;
        arena_release(&arena);
    }
    return rc == MDB_NOTFOUND || rc == MDB_CORRUPTED ? 0 : rc;
}

static int drop_version(struct history_work *work, const struct history_entry *entry)
{
    unsigned char bytes[RECORD_HISTORY_FILE_KEY_BYTES_MAX];
    struct text slug = arena_copy(&work->scratch, entry->slug);
    const struct history_file *files = entry->files;
    int rc = lmdb_del(work->store, work->txn, TABLE_HISTORY,
                      record_history_key(slug, entry->number, bytes));

    for (size_t i = 0; files != NULL && i < entry->file_count && rc == 0; i++) {
        bool used;

        rc = still_used(work, slug, files[i].digest, &used);
        if (rc == 0 && !used)
            rc = lmdb_del(work->store, work->txn, TABLE_HISTORY_FILES,
                          record_history_file_key(slug, files[i].digest, bytes));
    }
    return rc;
}

/* The oldest go, some with each new version: whether files are still used is looked up in all
 * others, and the store waits meanwhile. One that is damaged takes no files along. */
static int trim(struct history_work *work, struct text slug, uint64_t last)
{
    uint64_t keep = work->command->history.keep;
    uint64_t below = last >= keep ? last - keep + 1 : 1; /* those before it go */
    struct history_entry entry = {0};
    int rc = 0;

    for (int i = 0; i < TRIMMED_AT_ONCE && rc == 0; i++) {
        rc = lmdb_last_version(work->versions, slug, below, &work->scratch, &entry, NULL);
        if (rc == 0 || (rc == MDB_CORRUPTED && entry.number > 0))
            rc = drop_version(work, &entry);
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* --- pins
 * ---------------------------------------------------------------------------------------------- */

static int put_pin(struct history_work *work, const struct history_entry *entry, uint64_t number)
{
    struct history_entry pin = *entry, there;
    struct text value;
    int rc = lmdb_get(work->store, work->txn, TABLE_PINS, entry->slug, &value);
    bool known = rc == 0 && record_get_pin(entry->slug, value, &there, NULL);

    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    if (!entry->pinned) {
        work->changed |= rc == 0;
        return rc == 0 ? lmdb_del(work->store, work->txn, TABLE_PINS, entry->slug) : 0;
    }
    pin.number = number;
    if (known && there.number == number &&
        memcmp(there.replaced, pin.replaced, sizeof pin.replaced) == 0)
        return 0;
    work->changed = true;
    rc = lmdb_find_room(work->store, work->store->page_bytes, LMDB_ADDITION_PERCENT);
    if (rc != 0)
        return rc;
    record_put_pin(&work->store->value, entry->slug, &pin);
    return lmdb_put(work->store, work->txn, TABLE_PINS, entry->slug);
}

static bool is_among(const struct history_order *order, struct text slug)
{
    size_t from = 0, to = order->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int side = text_compare(order->entries[middle].slug, slug);

        if (side == 0)
            return true;
        if (side < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

/* Pins of endpoints that are no longer there. */
static int drop_other_pins(struct history_work *work)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc = mdb_cursor_open(work->txn, work->store->tables[TABLE_PINS], &cursor);

    if (rc != 0)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
        if (!is_among(&work->command->history, text_of_val(key))) {
            rc = mdb_cursor_del(cursor, 0);
            if (rc != 0)
                break;
            work->changed = true;
        }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* --- appending
 * ---------------------------------------------------------------------------------------------- */

static int put_version(struct history_work *work, const struct history_entry *entry,
                       uint64_t number)
{
    unsigned char bytes[RECORD_HISTORY_KEY_BYTES_MAX];
    struct text key = record_history_key(entry->slug, number, bytes);
    struct history_entry put = *entry;
    int rc = lmdb_find_room(work->store, work->store->page_bytes, LMDB_ADDITION_PERCENT);

    put.wall_ms = work->command->now_ms;
    if (rc == 0)
        rc = put_files(work, entry);
    if (rc != 0)
        return rc;
    record_put_history(&work->store->value, key, &put);
    work->changed = true;
    rc = lmdb_put(work->store, work->txn, TABLE_HISTORY, key);
    return rc != 0 ? rc : trim(work, entry->slug, number);
}

/* A last version that is damaged is none that could be gone on from, but its number is taken. */
static int append_one(struct history_work *work, size_t i)
{
    const struct history_order *order = &work->command->history;
    const struct history_entry *entry = &order->entries[i];
    struct history_entry last = {0};
    int rc = lmdb_last_version(work->versions, entry->slug, 0, &work->scratch, &last, NULL);
    bool same = rc == 0 && !order->anew && text_equal(last.hash, entry->hash);

    if (rc != 0 && rc != MDB_NOTFOUND && last.number == 0)
        return rc;
    order->numbers[i] = last.number + !same;
    rc = same ? 0 : put_version(work, entry, order->numbers[i]);
    return rc != 0 ? rc : put_pin(work, entry, order->numbers[i]);
}

int lmdb_append_history(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct history_work work = {.store = store, .txn = txn, .command = command};
    int rc = mdb_cursor_open(txn, store->tables[TABLE_HISTORY], &work.versions);

    CHECK(command->history.keep > 0);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < command->history.count && rc == 0; i++) {
        CHECK(command->history.entries[i].slug.len <= HISTORY_SLUG_BYTES_MAX);
        rc = append_one(&work, i);
        arena_release(&work.scratch);
    }
    mdb_cursor_close(work.versions);
    if (rc == 0 && command->history.whole)
        rc = drop_other_pins(&work);
    command->unchanged = !work.changed;
    return rc;
}
