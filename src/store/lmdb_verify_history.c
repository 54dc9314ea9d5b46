/* Every version has its files, every file a version that has it, and every pin its version. */
#include "store/lmdb_verify.h"

/* Whether the number is what a read gives that looks backwards from `below`, or a later one. */
static bool leads_to(struct walk *walk, struct text slug, uint64_t below, uint64_t number)
{
    struct history_entry entry = {0};
    MDB_cursor *cursor;
    int rc;

    if (mdb_cursor_open(walk->txn, walk->store->tables[TABLE_HISTORY], &cursor) != 0)
        return false;
    rc = lmdb_last_version(cursor, slug, below, &walk->arena, &entry, NULL);
    mdb_cursor_close(cursor);
    return rc == 0 && (below > 0 ? entry.number == number : entry.number >= number);
}

static bool good_version(struct walk *walk, struct text key, struct text value, struct error *err)
{
    unsigned char bytes[RECORD_HISTORY_FILE_KEY_BYTES_MAX];
    struct history_entry entry;

    if (!record_get_history(key, value, &walk->arena, &entry, err))
        return false;
    if (!leads_to(walk, entry.slug, entry.number + 1, entry.number) ||
        !leads_to(walk, entry.slug, 0, entry.number))
        return record_missing(RECORD_HISTORY, key, err);
    for (size_t i = 0; i < entry.file_count; i++) {
        struct text file = record_history_file_key(entry.slug, entry.files[i].digest, bytes);

        if (lmdb_get(walk->store, walk->txn, TABLE_HISTORY_FILES, file, &value) != 0)
            return record_missing(RECORD_HISTORY_FILE, file, err);
    }
    return true;
}

static bool has(const struct history_entry *entry, struct text digest)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (memcmp(entry->files[i].digest, digest.at, digest.len) == 0)
            return true;
    return false;
}

static bool is_used(struct walk *walk, struct text slug, struct text digest)
{
    struct history_entry entry;
    MDB_cursor *cursor;
    uint64_t below = 0;
    bool found = false;

    if (mdb_cursor_open(walk->txn, walk->store->tables[TABLE_HISTORY], &cursor) != 0)
        return false;
    while (!found && lmdb_last_version(cursor, slug, below, &walk->arena, &entry, NULL) == 0) {
        found = has(&entry, digest);
        below = entry.number;
    }
    mdb_cursor_close(cursor);
    return found;
}

static bool good_file(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct text slug, digest, bytes;

    if (!record_get_history_file(key, value, &bytes, err))
        return false;
    return (record_history_file_split(key, &slug, &digest) && is_used(walk, slug, digest)) ||
           error_set(err, ERROR_RECORD_DAMAGED, NULL, "a stored file belongs to no version");
}

static bool good_pin(struct walk *walk, struct text key, struct text value, struct error *err)
{
    unsigned char bytes[RECORD_HISTORY_KEY_BYTES_MAX];
    struct history_entry pin;
    struct text version;

    if (!record_get_pin(key, value, &pin, err))
        return false;
    version = record_history_key(key, pin.number, bytes);
    return lmdb_get(walk->store, walk->txn, TABLE_HISTORY, version, &value) == 0 ||
           record_missing(RECORD_HISTORY, version, err);
}

int walk_history(struct walk *walk)
{
    uint64_t files = 0, pins = 0;
    int rc = walk_table(walk, TABLE_HISTORY, RECORD_HISTORY, good_version, &walk->census.versions);

    if (rc == 0)
        rc = walk_table(walk, TABLE_HISTORY_FILES, RECORD_HISTORY_FILE, good_file, &files);
    return rc != 0 ? rc : walk_table(walk, TABLE_PINS, RECORD_PIN, good_pin, &pins);
}
