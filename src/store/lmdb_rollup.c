/* Roll-ups, written. What ended together is first added up in memory under each of its names, so
 * that a commit reads and writes each sum once for each length of bucket, whatever the number of
 * requests. A name that is new in its bucket takes one of the places there; where none is left,
 * "other" is counted instead. */
#include "store/lmdb_impl.h"

#include "base/check.h"

enum {
    FIRST_ROOM = 64,
    RECORD_BYTES = 512, /* a new one, about */
    PURGED_AT_ONCE_MAX = 500
};

/* What is written, and what of a cell it is called after. */
static const struct {
    enum rollup_kind kind;
    enum rollup_name name;
    bool attempt, in_endpoint;
} parts[] = {
    {ROLLUP_BY_ENDPOINT, ROLLUP_ENDPOINT, false, false},
    {ROLLUP_BY_TOKEN, ROLLUP_TOKEN, false, false},
    {ROLLUP_BY_PROJECT, ROLLUP_PROJECT, false, false},
    {ROLLUP_BY_STATUS, ROLLUP_STATUS, false, false},
    {ROLLUP_BY_SURFACE, ROLLUP_SURFACE, false, false},
    {ROLLUP_BY_TAG, ROLLUP_TAGS, false, false},
    {ROLLUP_BY_ENDPOINT_TOKEN, ROLLUP_TOKEN, false, true},
    {ROLLUP_BY_ENDPOINT_STATUS, ROLLUP_STATUS, false, true},
    {ROLLUP_BY_PROVIDER, ROLLUP_PROVIDER, true, false},
    {ROLLUP_BY_MODEL, ROLLUP_MODEL, true, false},
    {ROLLUP_BY_ENDPOINT_PROVIDER, ROLLUP_PROVIDER, true, true},
    {ROLLUP_BY_ENDPOINT_MODEL, ROLLUP_MODEL, true, true},
};

/* The sum of one name in one minute. */
struct part {
    int64_t minute, day;
    enum rollup_kind kind;
    struct text group, name;
    uint64_t hash;
    struct rollup_sums sums;
};
struct parts {
    struct arena arena;
    struct part *items;
    size_t count, room;
    uint32_t *places; /* by hash, 1-based; 0: free; twice as many as there is room */
};

/* --- adding up
 * ------------------------------------------------------------------------------------------ */

static void index_part(struct parts *all, size_t i)
{
    size_t mask = 2 * all->room - 1, at = all->items[i].hash & mask;

    while (all->places[at] != 0)
        at = (at + 1) & mask;
    all->places[at] = (uint32_t)i + 1;
}

static void make_room(struct parts *all)
{
    size_t room = all->room > 0 ? 2 * all->room : FIRST_ROOM;

    if (all->count < all->room)
        return;
    all->items = arena_grow(&all->arena, all->items, all->room * sizeof *all->items,
                            room * sizeof *all->items);
    all->room = room;
    all->places = ARENA_ARRAY(&all->arena, uint32_t, 2 * room);
    for (size_t i = 0; i < all->count; i++)
        index_part(all, i);
}

static void add_part(struct parts *all, const struct part *part, const struct rollup_sums *sums)
{
    size_t mask, at;
    struct part *item;

    make_room(all);
    mask = 2 * all->room - 1;
    for (at = part->hash & mask; all->places[at] != 0; at = (at + 1) & mask) {
        item = &all->items[all->places[at] - 1];
        if (item->hash == part->hash && item->minute == part->minute && item->kind == part->kind &&
            text_equal(item->name, part->name) && text_equal(item->group, part->group)) {
            rollup_add(&item->sums, sums);
            return;
        }
    }
    item = &all->items[all->count++];
    *item = *part;
    item->sums = *sums;
    all->places[at] = (uint32_t)all->count;
}

static void add_named(struct parts *all, const struct rollup_cell *cell, enum rollup_kind kind,
                      struct text group, struct text name)
{
    struct part part = {.minute = cell->minute,
                        .day = cell->day,
                        .kind = kind,
                        .group = text_cut(group, ROLLUP_NAME_BYTES_MAX),
                        .name = text_cut(name, ROLLUP_NAME_BYTES_MAX)};

    part.hash = text_hash(part.name) ^ (text_hash(part.group) << 7 | text_hash(part.group) >> 57) ^
                ((uint64_t)cell->minute * 0x9E3779B97F4A7C15 + (uint64_t)kind * 0x100000001B3);
    add_part(all, &part, &cell->sums);
}

static void add_tags(struct parts *all, const struct rollup_cell *cell)
{
    struct text rest = cell->names[ROLLUP_TAGS];

    while (rest.len > 0) {
        struct text tag = text_split(&rest, '\n'), name = text_split(&tag, '=');

        if (name.len > 0)
            add_named(all, cell, ROLLUP_BY_TAG, name, tag);
    }
}

static void add_cell(struct parts *all, const struct rollup_cell *cell)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct text name = cell->names[parts[i].name], group = {0};

        if (parts[i].in_endpoint)
            group = cell->names[ROLLUP_ENDPOINT];
        if (parts[i].attempt != cell->attempt || name.len == 0 ||
            (parts[i].in_endpoint && group.len == 0))
            continue;
        if (parts[i].kind == ROLLUP_BY_TAG)
            add_tags(all, cell);
        else
            add_named(all, cell, parts[i].kind, group, name);
    }
}

struct key {
    unsigned char bytes[RECORD_ROLLUP_KEY_BYTES_MAX];
    struct text text;
};

static void make_key(struct key *key, const struct rollup_place *place)
{
    key->text = record_rollup_key(place, key->bytes);
}

/* --- how many names there are
 * ---------------------------------------------------------------------------------------------- */

/* Where the number of names of a group is, or of groups, or of names in all groups together. */
static struct rollup_place names_of(struct rollup_place place)
{
    place.counts_names = true;
    place.name = (struct text){0};
    return place;
}

static struct rollup_place names_of_all(struct rollup_place place)
{
    place.group = (struct text){0};
    return names_of(place);
}

static struct rollup_place groups_of(struct rollup_place place)
{
    place = names_of_all(place);
    place.name = TEXT("groups");
    return place;
}

/* 0 where nothing was counted yet, or that is damaged. */
static int get_count(struct lmdb_store *store, MDB_txn *txn, struct rollup_place place,
                     uint32_t *out)
{
    struct key key;
    struct text value;
    int rc;

    make_key(&key, &place);
    rc = lmdb_get(store, txn, TABLE_ROLLUPS, key.text, &value);
    if (rc != 0 || !record_get_rollup_names(key.text, value, out, NULL))
        *out = 0;
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int count_one(struct lmdb_store *store, MDB_txn *txn, struct rollup_place place)
{
    struct key key;
    uint32_t count;
    int rc = get_count(store, txn, place, &count);

    if (rc != 0)
        return rc;
    make_key(&key, &place);
    record_put_rollup_names(&store->value, key.text, count + 1);
    return lmdb_put(store, txn, TABLE_ROLLUPS, key.text);
}

/* A tag whose values its bucket does not have yet takes one of the places for tags, or becomes
 * "other". */
static int admit_group(struct lmdb_store *store, MDB_txn *txn, struct rollup_place *place)
{
    uint32_t names, groups;
    int rc = get_count(store, txn, names_of(*place), &names);

    if (rc == 0)
        rc = get_count(store, txn, groups_of(*place), &groups);
    if (rc != 0 || names > 0)
        return rc;
    if (groups < ROLLUP_TAG_NAMES_MAX)
        return count_one(store, txn, groups_of(*place));
    place->group = place->name = ROLLUP_OTHER;
    return 0;
}

/* A name that its bucket does not have yet takes one of the places there, or becomes "other", which
 * needs none. */
static int admit(struct lmdb_store *store, MDB_txn *txn, struct rollup_place *place)
{
    bool grouped = rollup_is_grouped(place->kind);
    uint32_t names = 0, all = 0;
    int rc = 0;

    if (place->kind == ROLLUP_BY_TAG)
        rc = admit_group(store, txn, place);
    if (rc == 0)
        rc = get_count(store, txn, names_of(*place), &names);
    if (rc == 0 && grouped)
        rc = get_count(store, txn, names_of_all(*place), &all);
    if (rc != 0)
        return rc;
    if (names >= rollup_names_max[place->step] || all >= rollup_grouped_max[place->step])
        place->name = ROLLUP_OTHER;
    if (text_equal(place->name, ROLLUP_OTHER)) /* a group is known by having a name */
        return names == 0 ? count_one(store, txn, names_of(*place)) : 0;
    rc = count_one(store, txn, names_of(*place));
    return rc == 0 && grouped ? count_one(store, txn, names_of_all(*place)) : rc;
}

/* --- writing
 * -------------------------------------------------------------------------------------------- */

static int put_sums(struct lmdb_store *store, MDB_txn *txn, struct rollup_place place,
                    const struct rollup_sums *sums)
{
    struct rollup_sums sum = *sums, before;
    struct text value;
    struct key key;
    int rc;

    make_key(&key, &place);
    rc = lmdb_get(store, txn, TABLE_ROLLUPS, key.text, &value);
    if (rc == MDB_NOTFOUND) {
        rc = admit(store, txn, &place);
        if (rc != 0)
            return rc;
        make_key(&key, &place);
        rc = lmdb_get(store, txn, TABLE_ROLLUPS, key.text, &value);
    }
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    /* What a damaged record held is lost; what comes from now on is counted all the same. */
    if (rc == 0 && record_get_rollup(key.text, value, &before, NULL))
        rollup_add(&sum, &before);
    record_put_rollup(&store->value, key.text, &sum);
    return lmdb_put(store, txn, TABLE_ROLLUPS, key.text);
}

static int put_part(struct lmdb_store *store, MDB_txn *txn, const struct part *part, bool minutes)
{
    struct rollup_place place = {.kind = part->kind, .group = part->group, .name = part->name};
    const int64_t buckets[ROLLUP_STEP_COUNT] = {
        [ROLLUP_MINUTE] = part->minute,
        [ROLLUP_HOUR] = part->minute - part->minute % 60,
        [ROLLUP_DAY] = part->day,
    };
    int rc = 0;

    for (int step = 0; step < ROLLUP_STEP_COUNT && rc == 0; step++) {
        if (step == ROLLUP_MINUTE && (!minutes || part->kind > ROLLUP_BY_TAG))
            continue;
        place.step = (enum rollup_step)step;
        place.bucket = buckets[step];
        rc = put_sums(store, txn, place, &part->sums);
    }
    return rc;
}

int lmdb_add_rollups(struct lmdb_store *store, MDB_txn *txn, const struct ledger_entries *entries)
{
    struct parts all = {0};
    bool minutes;
    int rc = 0;

    for (size_t i = 0; i < entries->rollup_count; i++)
        add_cell(&all, &entries->rollups[i]);
    minutes = lmdb_find_room(store, all.count * RECORD_BYTES, LMDB_ADDITION_PERCENT) == 0;
    for (size_t i = 0; i < all.count && rc == 0; i++)
        rc = put_part(store, txn, &all.items[i], minutes);
    arena_release(&all.arena);
    return rc;
}

/* --- what is kept no longer
 * -------------------------------------------------------------------------------- */

/* From the first bucket of that length on, up to one that is kept. */
static int purge_step(MDB_cursor *cursor, enum rollup_step step, int64_t before, uint64_t *purged)
{
    unsigned char first[1] = {(unsigned char)step};
    int rc = 0;

    for (int i = 0; i < PURGED_AT_ONCE_MAX && rc == 0; i++) {
        MDB_val key = {sizeof first, first}, value;
        struct rollup_place place;
        bool read;

        rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        if (rc != 0)
            break;
        read = record_rollup_split(text_of_val(key), &place);
        if (read && (place.step != step || place.bucket >= before))
            break;
        if (!read && key.mv_size > 0 && *(unsigned char *)key.mv_data != first[0])
            break;
        rc = mdb_cursor_del(cursor, 0); /* a key that is none goes with the old ones */
        (*purged)++;
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_purge_rollups(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    static const int64_t kept[ROLLUP_STEP_COUNT] = {
        [ROLLUP_MINUTE] = ROLLUP_MINUTES_KEPT_H * 60,
        [ROLLUP_HOUR] = (int64_t)ROLLUP_HOURS_KEPT_D * 24 * 60,
        [ROLLUP_DAY] = (int64_t)ROLLUP_DAYS_KEPT_D * 24 * 60,
    };
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_ROLLUPS], &cursor);

    if (rc != 0)
        return rc;
    for (int step = 0; step < ROLLUP_STEP_COUNT && rc == 0; step++)
        rc = purge_step(cursor, (enum rollup_step)step, command->now_ms / 60000 - kept[step],
                        &command->purged);
    mdb_cursor_close(cursor);
    return rc;
}
