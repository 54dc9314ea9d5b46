/* Reading the history of endpoints. */
#include "store/lmdb_impl.h"

enum { LOOKED_AT_MAX = HISTORY_KEEP_MAX };

static struct history_entry *copy_of(struct arena *arena, const struct history_entry *entry)
{
    struct history_entry *copy = ARENA_NEW(arena, struct history_entry);
    struct history_file *files = ARENA_ARRAY(arena, struct history_file, entry->file_count);

    *copy = *entry;
    copy->slug = arena_copy(arena, entry->slug);
    copy->hash = arena_copy(arena, entry->hash);
    copy->actor = arena_copy(arena, entry->actor);
    copy->actor_id = arena_copy(arena, entry->actor_id);
    copy->cause = arena_copy(arena, entry->cause);
    for (size_t i = 0; i < entry->file_count; i++) {
        files[i] = entry->files[i];
        files[i].path = arena_copy(arena, entry->files[i].path);
    }
    copy->files = files;
    return copy;
}

/* Whether it is the endpoint's pin, and what for. */
static void look_for_pin(struct lmdb_store *store, MDB_txn *txn, struct history_entry *entry)
{
    struct history_entry pin;
    struct text value;

    if (store->tables[TABLE_PINS] == 0 ||
        lmdb_get(store, txn, TABLE_PINS, entry->slug, &value) != 0 ||
        !record_get_pin(entry->slug, value, &pin, NULL) || pin.number != entry->number)
        return;
    entry->pinned = true;
    memcpy(entry->replaced, pin.replaced, sizeof entry->replaced);
}

/* Fills in the bytes of its files. */
static int read_files(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                      struct history_entry *entry)
{
    struct history_file *files = (struct history_file *)(uintptr_t)entry->files;
    unsigned char bytes[RECORD_HISTORY_FILE_KEY_BYTES_MAX];
    struct text value;

    for (size_t i = 0; i < entry->file_count; i++) {
        struct text key = record_history_file_key(entry->slug, files[i].digest, bytes);
        int rc = lmdb_get(store, txn, TABLE_HISTORY_FILES, key, &value);

        if (rc == MDB_NOTFOUND) {
            record_missing(RECORD_HISTORY_FILE, key, &command->error);
            return 0;
        }
        if (rc != 0)
            return rc;
        if (!record_get_history_file(key, value, &files[i].bytes, &command->error))
            return 0;
        files[i].bytes = arena_copy(&command->arena, files[i].bytes);
    }
    return 0;
}

static void refuse_unknown(struct store_command *command)
{
    const struct history_order *order = &command->history;
    struct text slug = text_first(order->slug, HISTORY_SLUG_BYTES_MAX);

    if (order->number > 0)
        error_set(&command->error, ERROR_VERSION_NOT_FOUND, NULL,
                  "endpoint '%.*s' has no version %llu in its history", TEXT_ARG(slug),
                  (unsigned long long)order->number);
    else
        error_set(&command->error, ERROR_VERSION_NOT_FOUND, NULL,
                  "endpoint '%.*s' has no version '%.*s' in its history", TEXT_ARG(slug),
                  TEXT_ARG(text_first(order->hash, HISTORY_HASH_CHARS)));
    error_hint(&command->error, "list them with 'pinion history %.*s'", TEXT_ARG(slug));
}

static bool is_wanted(const struct history_order *order, const struct history_entry *entry)
{
    return order->number > 0 ? entry->number == order->number
                             : order->hash.len > 0 && text_starts(entry->hash, order->hash);
}

/* From the newest on, or from the number. */
static int find(MDB_cursor *cursor, struct store_command *command, struct history_entry *out)
{
    const struct history_order *order = &command->history;
    uint64_t below = order->number > 0 && order->number < UINT64_MAX ? order->number + 1 : 0;
    int rc;

    for (int i = 0; i < LOOKED_AT_MAX; i++) {
        rc = lmdb_last_version(cursor, order->slug, below, &command->arena, out, &command->error);
        if (rc != 0 || is_wanted(order, out))
            return rc;
        if (order->number > 0)
            break;
        below = out->number;
    }
    return MDB_NOTFOUND;
}

/* A damaged record is the command's failure and not the store's. */
static int told(struct store_command *command, int rc)
{
    return rc == MDB_CORRUPTED && command->error.code == ERROR_RECORD_DAMAGED ? 0 : rc;
}

int lmdb_read_history(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct history_entry found, *copy;
    MDB_cursor *cursor;
    int rc = MDB_NOTFOUND;

    if (store->tables[TABLE_HISTORY] != 0) {
        rc = mdb_cursor_open(txn, store->tables[TABLE_HISTORY], &cursor);
        if (rc != 0)
            return rc;
        rc = find(cursor, command, &found);
        mdb_cursor_close(cursor);
    }
    if (rc == MDB_NOTFOUND) {
        refuse_unknown(command);
        return 0;
    }
    if (rc != 0)
        return told(command, rc);
    copy = copy_of(&command->arena, &found);
    look_for_pin(store, txn, copy);
    command->history.found = copy;
    command->history.found_count = 1;
    return read_files(store, txn, command, copy);
}

/* Puts a copy behind those found so far; `room` is how many there may be. */
static void add(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                const struct history_entry *entry, struct history_entry *all)
{
    struct history_entry *copy = copy_of(&command->arena, entry);

    look_for_pin(store, txn, copy);
    all[command->history.found_count++] = *copy;
}

int lmdb_list_history(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct history_order *order = &command->history;
    size_t most =
        order->most > 0 && order->most < HISTORY_PAGE_MAX ? order->most : HISTORY_PAGE_MAX;
    struct history_entry *all = ARENA_ARRAY(&command->arena, struct history_entry, most), entry;
    uint64_t below = order->number;
    MDB_cursor *cursor;
    int rc;

    order->found = all;
    order->found_count = 0;
    order->more = false;
    if (store->tables[TABLE_HISTORY] == 0)
        return 0;
    rc = mdb_cursor_open(txn, store->tables[TABLE_HISTORY], &cursor);
    if (rc != 0)
        return rc;
    while ((rc = lmdb_last_version(cursor, order->slug, below, &command->arena, &entry,
                                   &command->error)) == 0) {
        if (order->found_count == most) {
            order->more = true;
            break;
        }
        add(store, txn, command, &entry, all);
        below = entry.number;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : told(command, rc);
}

/* How many endpoints have one, which is also how far a walk may go. */
static int count_of(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, size_t *out)
{
    MDB_stat stat = {0};
    int rc = store->tables[table] == 0 ? 0 : mdb_stat(txn, store->tables[table], &stat);

    *out = stat.ms_entries;
    return rc;
}

/* From one endpoint's first version to the next one's, and back to the last before it. */
static int list_heads(struct lmdb_store *store, MDB_txn *txn, MDB_cursor *cursor,
                      struct store_command *command, struct history_entry *all)
{
    MDB_val key, value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

    while (rc == 0) {
        unsigned char bytes[RECORD_HISTORY_KEY_BYTES_MAX];
        struct history_entry entry;
        struct error damaged = {0};
        struct text slug;
        uint64_t number;

        if (!record_history_split(text_of_val(key), &slug, &number))
            return MDB_CORRUPTED;
        slug = arena_copy(&command->arena, slug);
        rc = lmdb_last_version(cursor, slug, 0, &command->arena, &entry, &damaged);
        if (rc == 0)
            add(store, txn, command, &entry, all);
        else if (damaged.code != ERROR_NONE)
            command->error = damaged;
        else
            return rc;
        key = val_of_text(record_history_key(slug, UINT64_MAX, bytes));
        rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    }
    return rc;
}

int lmdb_list_heads(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct history_entry *all;
    MDB_cursor *cursor;
    size_t count;
    int rc = count_of(store, txn, TABLE_HISTORY, &count);

    command->history.found_count = 0;
    if (rc != 0 || count == 0)
        return rc;
    command->history.found = all = ARENA_ARRAY(&command->arena, struct history_entry, count);
    rc = mdb_cursor_open(txn, store->tables[TABLE_HISTORY], &cursor);
    if (rc != 0)
        return rc;
    rc = list_heads(store, txn, cursor, command, all);
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The version that a pin names, which takes on what the pin says. */
static int read_pinned(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                       const struct history_entry *pin, struct history_entry *out)
{
    unsigned char bytes[RECORD_HISTORY_KEY_BYTES_MAX];
    struct text key = record_history_key(pin->slug, pin->number, bytes), value;
    struct history_entry entry;
    int rc = lmdb_get(store, txn, TABLE_HISTORY, key, &value);

    if (rc == MDB_NOTFOUND)
        record_missing(RECORD_HISTORY, key, &command->error);
    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    if (!record_get_history(key, value, &command->arena, &entry, &command->error))
        return 0;
    *out = *copy_of(&command->arena, &entry);
    out->pinned = true;
    memcpy(out->replaced, pin->replaced, sizeof out->replaced);
    return read_files(store, txn, command, out);
}

int lmdb_list_pins(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct history_entry *all, pin;
    MDB_cursor *cursor;
    MDB_val key, value;
    size_t count, found = 0;
    int rc = count_of(store, txn, TABLE_PINS, &count);

    command->history.found_count = 0;
    if (rc != 0 || count == 0)
        return rc;
    command->history.found = all = ARENA_ARRAY(&command->arena, struct history_entry, count);
    rc = mdb_cursor_open(txn, store->tables[TABLE_PINS], &cursor);
    if (rc != 0)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0 && found < count) {
        if (!record_get_pin(text_of_val(key), text_of_val(value), &pin, &command->error))
            break;
        rc = read_pinned(store, txn, command, &pin, &all[found]);
        if (rc != 0 || command->error.code != ERROR_NONE)
            break;
        found++;
    }
    mdb_cursor_close(cursor);
    command->history.found_count = found;
    return rc == MDB_NOTFOUND ? 0 : rc;
}
