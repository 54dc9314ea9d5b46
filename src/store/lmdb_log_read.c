/* Looking through the request log, from either end or from any place. A block's key is not before
 * any of its rows, and not long behind them: so times are found by keys. One read looks at a
 * bounded number of bytes, so that it neither holds its snapshot nor keeps other readers waiting
 * for long. A row is first searched for the very bytes that a member must have, and read as JSON
 * only when it has them all. */
#include "store/lmdb_impl.h"

#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"

enum {
    SCAN_BYTES = 2 << 20,
    LATE_MS =
        60000, /* by which a row may stand behind its time: a store that was slow to take it */
    ROWS_MAX = 1000
};

struct scan {
    struct store_command *command;
    const struct log_query *query;
    struct text needles[LOG_WORD_COUNT], tag_needles[TOKEN_TAGS_MAX];
    struct log_row *rows;
    struct log_place *places;
    struct log_page page;
    size_t most, bytes;
    struct arena scratch; /* of one row, or one block */
    bool full;            /* one more row than was asked for was found */
};

/* `"endpoint":"summarize"`, as the journal writes it. */
static struct text make_needle(struct scan *scan, struct text name, struct text value)
{
    struct buffer needle = buffer_in(&scan->command->arena);

    json_put_string(&needle, name);
    buffer_put_byte(&needle, ':');
    json_put_string(&needle, value);
    return buffer_text(&needle);
}

static void make_needles(struct scan *scan)
{
    const struct log_query *query = scan->query;

    for (size_t i = 0; i < LOG_WORD_COUNT; i++)
        if (query->words[i].len > 0)
            scan->needles[i] =
                make_needle(scan, text_of(log_word((enum log_word)i)), query->words[i]);
    CHECK(query->tag_count <= TOKEN_TAGS_MAX);
    for (size_t i = 0; i < query->tag_count; i++)
        scan->tag_needles[i] = make_needle(scan, query->tags[i].name, query->tags[i].value);
}

static bool is_said(const struct document *document, uint32_t object, struct text name,
                    struct text value)
{
    uint32_t at = document_member(document, object, name);

    return at != CELL_NONE && document->cells[at].type == CELL_STRING &&
           text_equal(document_text(document, at), value);
}

static bool has_tags(const struct log_query *query, const struct document *document)
{
    uint32_t tags;

    if (query->tag_count == 0)
        return true;
    tags = document_member(document, 0, TEXT("tags"));
    if (tags == CELL_NONE || document->cells[tags].type != CELL_OBJECT)
        return false;
    for (size_t i = 0; i < query->tag_count; i++)
        if (!is_said(document, tags, query->tags[i].name, query->tags[i].value))
            return false;
    return true;
}

/* The needles were found somewhere in the line: whether they are members of the row itself. */
static bool has_words(struct scan *scan, const struct log_row *row)
{
    struct document document;
    bool has = json_read(row->line, NULL, &scan->scratch, &document, NULL, NULL);

    for (size_t i = 0; i < LOG_WORD_COUNT && has; i++)
        has = scan->needles[i].len == 0 ||
              is_said(&document, 0, text_of(log_word((enum log_word)i)), scan->query->words[i]);
    return has && has_tags(scan->query, &document);
}

/* Whether the line has the bytes of all that is looked for; *out_sought: that there is any. */
static bool has_needles(const struct scan *scan, struct text line, bool *out_sought)
{
    size_t tags = scan->query->tag_count;

    *out_sought = false;
    for (size_t i = 0; i < LOG_WORD_COUNT + tags; i++) {
        struct text needle =
            i < LOG_WORD_COUNT ? scan->needles[i] : scan->tag_needles[i - LOG_WORD_COUNT];

        if (needle.len == 0)
            continue;
        if (memmem(line.at, line.len, needle.at, needle.len) == NULL)
            return false;
        *out_sought = true;
    }
    return true;
}

static bool matches(struct scan *scan, const struct log_row *row)
{
    const struct log_query *query = scan->query;
    bool sought;

    if (row->wall_ms < query->from_ms || (query->to_ms > 0 && row->wall_ms >= query->to_ms) ||
        row->duration_us < query->min_duration_us)
        return false;
    if (query->status > 0 && row->status != query->status &&
        (query->status > 5 || row->status / 100 != query->status))
        return false;
    return has_needles(scan, row->line, &sought) && (!sought || has_words(scan, row));
}

/* False when the page is full. */
static bool look_at(struct scan *scan, const struct log_row *row, const struct log_place *place)
{
    if (matches(scan, row)) {
        if (scan->page.count == scan->most) {
            scan->full = true;
            return false;
        }
        scan->rows[scan->page.count] = *row;
        scan->rows[scan->page.count].line = arena_copy(&scan->command->arena, row->line);
        scan->places[scan->page.count++] = *place;
    }
    scan->page.last = *place;
    return true;
}

/* Whether this is the block that reading begins in the midst of. */
static bool is_after(const struct log_query *query, const struct log_place *place)
{
    return query->has_after && place->wall_ms == query->after.wall_ms &&
           place->number == query->after.number;
}

/* Whether the row is to be looked at, and not before where reading begins. */
static bool is_behind(const struct log_query *query, const struct log_place *place)
{
    if (!is_after(query, place))
        return true;
    return query->oldest_first ? place->row > query->after.row : place->row < query->after.row;
}

/* The rows of a block in the order of reading; false when the page is full. */
static bool look_through(struct scan *scan, struct log_place place, struct text rows)
{
    struct arena arena = {0};
    struct buffer list = buffer_in(&arena);
    struct log_row row;
    size_t count = 0;
    bool going = true;

    while (log_row_take(&rows, &row)) {
        buffer_put(&list, (struct text){(const char *)&row, sizeof row});
        count++;
    }
    for (size_t i = 0; i < count && going; i++) {
        place.row = (uint32_t)(scan->query->oldest_first ? i : count - 1 - i);
        memcpy(&row, list.at + place.row * sizeof row, sizeof row);
        if (is_behind(scan->query, &place))
            going = look_at(scan, &row, &place);
        arena_clear(&scan->scratch);
    }
    arena_release(&arena);
    return going;
}

/* Sets the cursor on the first block in the order of reading. */
static int begin(MDB_cursor *cursor, const struct log_query *query, MDB_val *key, MDB_val *value)
{
    unsigned char bytes[RECORD_LOG_KEY_BYTES], last[RECORD_LOG_KEY_BYTES];
    int rc;

    if (query->has_after)
        record_log_key(query->after.wall_ms, query->after.number, bytes);
    else if (query->oldest_first)
        record_log_key(query->from_ms, 0, bytes);
    else
        record_log_key(query->to_ms > 0 && query->to_ms < INT64_MAX - LATE_MS
                           ? query->to_ms + LATE_MS
                           : INT64_MAX,
                       UINT64_MAX, bytes);
    *key = (MDB_val){sizeof bytes, bytes};
    memcpy(last, bytes, sizeof last);
    rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (query->oldest_first)
        return rc;
    if (rc == MDB_NOTFOUND)
        return mdb_cursor_get(cursor, key, value, MDB_LAST);
    if (rc == 0 && !text_equal(text_of_val(*key), (struct text){(const char *)last, sizeof last}))
        return mdb_cursor_get(cursor, key, value, MDB_PREV);
    return rc;
}

/* Whether no block from here on has a row that is looked for. */
static bool is_past(const struct log_query *query, int64_t wall_ms)
{
    if (!query->oldest_first)
        return wall_ms < query->from_ms;
    return query->to_ms > 0 && query->to_ms < INT64_MAX - LATE_MS &&
           wall_ms >= query->to_ms + LATE_MS;
}

static int walk(struct scan *scan, MDB_cursor *cursor)
{
    MDB_val key, value;
    int rc = begin(cursor, scan->query, &key, &value);

    for (; rc == 0; rc = mdb_cursor_get(cursor, &key, &value,
                                        scan->query->oldest_first ? MDB_NEXT : MDB_PREV)) {
        struct log_place place = {0};
        struct text rows = {0};
        bool read = record_log_split(text_of_val(key), &place.wall_ms, &place.number);

        if (read && is_past(scan->query, place.wall_ms))
            return MDB_NOTFOUND;
        scan->page.more = scan->bytes >= SCAN_BYTES;
        if (scan->page.more)
            return 0;
        if (scan->page.seen++ == 0)
            scan->page.gap = scan->query->has_after && !is_after(scan->query, &place);
        if (!is_after(scan->query, &place)) /* so that every read gets further */
            scan->bytes += value.mv_size;
        if (!read || !record_get_log(text_of_val(key), text_of_val(value), &rows, NULL))
            scan->page.damaged++;
        else if (!look_through(scan, place, rows))
            return 0;
        scan->page.last = place;
        scan->page.last.row = scan->query->oldest_first ? UINT32_MAX : 0;
    }
    return rc;
}

int lmdb_read_log(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    const struct log_query *query = &command->log_query;
    struct scan scan = {.command = command, .query = query};
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_LOG], &cursor);

    if (rc != 0)
        return rc;
    scan.most = query->most < ROWS_MAX ? query->most : ROWS_MAX;
    scan.rows = ARENA_ARRAY(&command->arena, struct log_row, scan.most);
    scan.places = ARENA_ARRAY(&command->arena, struct log_place, scan.most);
    make_needles(&scan);
    rc = walk(&scan, cursor);
    mdb_cursor_close(cursor);
    arena_release(&scan.scratch);
    scan.page.rows = scan.rows;
    scan.page.places = scan.places;
    scan.page.more = scan.page.more || scan.full;
    command->log_page = scan.page;
    return rc == MDB_NOTFOUND ? 0 : rc;
}
