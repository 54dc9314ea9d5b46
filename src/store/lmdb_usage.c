/* Reading usage: by day, and within a day by token; a page per read, so that a long span keeps no
 * snapshot and no other reader waiting. */
#include "store/lmdb_impl.h"

#include "base/check.h"

enum { SCANNED_MAX = 2000 };

static bool is_wanted(const struct usage_query *query, const struct usage_record *usage)
{
    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        if (query->names[i].len > 0 && !text_equal(query->names[i], usage->names[i]))
            return false;
    return true;
}

/* What the records of the token that is asked for begin with, on the day of `key`. */
static void token_prefix(const struct usage_query *query, struct text key,
                         unsigned char out[RECORD_USAGE_KEY_BYTES])
{
    struct usage_record usage = {.names = {[USAGE_DAY] = text_first(key, RECORD_DAY_BYTES),
                                           [USAGE_TOKEN] = query->names[USAGE_TOKEN]}};

    record_usage_key(&usage, out);
}

/* Moves the cursor to where the next record of the token may be: in this day, or in the next. */
static int skip_to_token(MDB_cursor *cursor, const struct usage_query *query, MDB_val *key,
                         MDB_val *value)
{
    unsigned char wanted[RECORD_USAGE_KEY_BYTES];
    int rc = 0;

    while (rc == 0) {
        int order;

        token_prefix(query, text_of_val(*key), wanted);
        order = text_compare(text_first(text_of_val(*key), RECORD_USAGE_TOKEN_BYTES),
                             (struct text){(const char *)wanted, RECORD_USAGE_TOKEN_BYTES});
        if (order == 0)
            return 0;
        memset(wanted + RECORD_USAGE_TOKEN_BYTES, 0, sizeof wanted - RECORD_USAGE_TOKEN_BYTES);
        if (order > 0) /* behind it: on to the next day */
            memset(wanted + RECORD_DAY_BYTES, 0xFF, sizeof wanted - RECORD_DAY_BYTES);
        *key = (MDB_val){sizeof wanted, wanted};
        rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
        if (rc == 0 && order > 0 &&
            text_equal(text_of_val(*key), (struct text){(const char *)wanted, sizeof wanted}))
            rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    }
    return rc;
}

static void look_at(struct store_command *command, struct usage_record *list, struct text key,
                    MDB_val value)
{
    struct usage_record usage;
    struct error error = {0};

    if (!record_get_usage(key, text_of_val(value), &usage, &error)) {
        if (command->error.code == ERROR_NONE)
            command->error = error;
        return;
    }
    if (!is_wanted(&command->usage_query, &usage))
        return;
    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        usage.names[i] = arena_copy(&command->arena, usage.names[i]);
    list[command->usage_page.count++] = usage;
}

static int walk(struct store_command *command, MDB_cursor *cursor, struct usage_record *list)
{
    const struct usage_query *query = &command->usage_query;
    struct usage_page *page = &command->usage_page;
    MDB_val key = val_of_text(query->after.len > 0 ? query->after : query->from_day), value;
    int rc = mdb_cursor_get(cursor, &key, &value, key.mv_size > 0 ? MDB_SET_RANGE : MDB_FIRST);

    if (rc == 0 && query->after.len > 0 && text_equal(text_of_val(key), query->after))
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    for (size_t seen = 0; rc == 0; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        if (query->names[USAGE_TOKEN].len > 0)
            rc = skip_to_token(cursor, query, &key, &value);
        if (rc != 0 ||
            (query->to_day.len > 0 &&
             text_compare(text_first(text_of_val(key), RECORD_DAY_BYTES), query->to_day) > 0))
            break;
        page->more = seen++ == SCANNED_MAX;
        if (page->more)
            break;
        look_at(command, list, text_of_val(key), value);
        page->last = lmdb_copy(&command->arena, key);
    }
    return rc;
}

int lmdb_read_usage(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct usage_record *list = ARENA_ARRAY(&command->arena, struct usage_record, SCANNED_MAX);
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_USAGE], &cursor);

    command->usage_page = (struct usage_page){.records = list};
    if (rc != 0)
        return rc;
    rc = walk(command, cursor, list);
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}
