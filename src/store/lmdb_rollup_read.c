/* Roll-ups, read. Of each bucket only the records of the kind that is asked for are looked at, and
 * a bucket without any costs one step. A read is short, so that others need not wait for it: what
 * was added up so far, and where to go on, stay with the command. */
#include "store/lmdb_impl.h"

#include <stdlib.h>

enum { LOOKED_AT_MAX = 2000, FIRST_ROOM = 16 };

/* What one key has, of a bucket or of all of them. */
struct group {
    struct text key;
    uint64_t hash;
    struct rollup_sums sums;
};
struct rollup_walk {
    size_t span; /* that is being read */
    int64_t at;  /* the bucket there */
    bool begun;  /* ... in the midst of which it goes on, behind `last` */
    struct text last;
    struct group *groups;
    size_t count, room;
    uint32_t *places; /* by hash, 1-based; 0: free; twice as many as there is room */
    struct rollup_point *points;
    size_t point_count, point_room;
    struct error damage; /* the first that was met */
};

/* --- adding up
 * -------------------------------------------------------------------------------------------- */

static void index_group(struct rollup_walk *walk, size_t i)
{
    size_t mask = 2 * walk->room - 1, at = walk->groups[i].hash & mask;

    while (walk->places[at] != 0)
        at = (at + 1) & mask;
    walk->places[at] = (uint32_t)i + 1;
}

static void make_room(struct store_command *command, struct rollup_walk *walk)
{
    size_t room = walk->room > 0 ? 2 * walk->room : FIRST_ROOM;

    if (walk->count < walk->room)
        return;
    walk->groups = arena_grow(&command->arena, walk->groups, walk->room * sizeof *walk->groups,
                              room * sizeof *walk->groups);
    walk->room = room;
    walk->places = ARENA_ARRAY(&command->arena, uint32_t, 2 * room);
    for (size_t i = 0; i < walk->count; i++)
        index_group(walk, i);
}

static struct group *group_of(struct store_command *command, struct rollup_walk *walk,
                              struct text key)
{
    uint64_t hash = text_hash(key);
    struct group *group;
    size_t mask, at;

    make_room(command, walk);
    mask = 2 * walk->room - 1;
    for (at = hash & mask; walk->places[at] != 0; at = (at + 1) & mask) {
        group = &walk->groups[walk->places[at] - 1];
        if (group->hash == hash && text_equal(group->key, key))
            return group;
    }
    group = &walk->groups[walk->count++];
    *group = (struct group){.key = arena_copy(&command->arena, key), .hash = hash};
    walk->places[at] = (uint32_t)walk->count;
    return group;
}

static void add(struct store_command *command, struct text name, const struct rollup_sums *sums)
{
    struct rollup_page *page = &command->rollup_page;
    char of_hundred[] = "0xx";
    struct group *group;

    if (command->rollup_query.classes && name.len > 0) {
        of_hundred[0] = name.at[0];
        name = text_of(of_hundred);
    }
    if (command->rollup_query.total)
        name = (struct text){0};
    group = group_of(command, page->walk, name);
    rollup_add(&group->sums, sums);
    page->too_many = page->walk->count > command->rollup_query.most;
}

/* --- points
 * -----------------------------------------------------------------------------------------------
 */

static void add_point(struct store_command *command, struct rollup_walk *walk, int64_t at,
                      const struct group *group)
{
    struct rollup_point *point;
    size_t room = walk->point_room > 0 ? 2 * walk->point_room : FIRST_ROOM;

    if (walk->point_count == walk->point_room) {
        walk->points =
            arena_grow(&command->arena, walk->points, walk->point_room * sizeof *walk->points,
                       room * sizeof *walk->points);
        walk->point_room = room;
    }
    point = &walk->points[walk->point_count++];
    *point = (struct rollup_point){.at = at,
                                   .key = group->key,
                                   .p50_us = rollup_percentile_us(group->sums.took, 50),
                                   .p95_us = rollup_percentile_us(group->sums.took, 95)};
    memcpy(point->sums, group->sums.sums, sizeof point->sums);
    for (size_t i = 0; i < ROLLUP_RANGES; i++)
        point->timed += group->sums.took[i];
}

static int by_key(const void *a, const void *b)
{
    return text_compare(((const struct group *)a)->key, ((const struct group *)b)->key);
}

/* What was added up becomes points of that time. */
static void flush(struct store_command *command, int64_t at)
{
    struct rollup_page *page = &command->rollup_page;
    struct rollup_walk *walk = page->walk;

    if (walk->count > 0)
        qsort(walk->groups, walk->count, sizeof *walk->groups, by_key);
    for (size_t i = 0; i < walk->count && !page->too_many; i++) {
        page->too_many = walk->point_count == command->rollup_query.most;
        if (!page->too_many)
            add_point(command, walk, at, &walk->groups[i]);
    }
    if (walk->count > 0)
        memset(walk->places, 0, 2 * walk->room * sizeof *walk->places);
    walk->count = 0;
}

/* --- reading
 * ---------------------------------------------------------------------------------------------- */

/* What a record is added up under. */
static struct text key_of(const struct rollup_query *query, const struct rollup_place *place)
{
    return query->groups ? place->group : place->name;
}

static bool is_wanted(const struct rollup_query *query, const struct rollup_place *place)
{
    struct text name = key_of(query, place);

    return query->only.len == 0 || text_equal(query->only, name) ||
           (query->classes && name.len > 0 && query->only.at[0] == name.at[0]);
}

static void look_at(struct store_command *command, const struct rollup_place *place,
                    struct text key, struct text value)
{
    struct rollup_walk *walk = command->rollup_page.walk;
    struct rollup_sums sums;
    struct error error = {0};

    if (!is_wanted(&command->rollup_query, place))
        return;
    if (record_get_rollup(key, value, &sums, &error))
        add(command, key_of(&command->rollup_query, place), &sums);
    else if (walk->damage.code == ERROR_NONE)
        walk->damage = error;
}

/* Where the records of a kind, or of one name of it, begin in a bucket. */
static struct text seek_of(const struct rollup_query *query, enum rollup_step step, int64_t bucket,
                           unsigned char out[RECORD_ROLLUP_KEY_BYTES_MAX])
{
    const struct rollup_place place = {.step = step,
                                       .bucket = bucket,
                                       .kind = query->kind,
                                       .group = query->group,
                                       .name = query->classes || query->groups ? (struct text){0}
                                                                               : query->only};

    return record_rollup_key(&place, out);
}

/* Names are in order: behind the only one that is wanted there is none. */
static bool is_behind_only(const struct rollup_query *query, const struct rollup_place *place)
{
    return query->only.len > 0 && !query->classes && !query->groups &&
           text_compare(place->name, query->only) > 0;
}

/* Whether the record is one of the bucket that is asked for; else *next is where others may be. */
static bool is_of(const struct rollup_query *query, const struct rollup_place *place,
                  int64_t bucket, int64_t *next)
{
    bool behind = place->bucket > bucket || place->counts_names || place->kind > query->kind;
    struct text group = text_cut(query->group, ROLLUP_NAME_BYTES_MAX);

    *next = place->bucket > bucket ? place->bucket : behind ? bucket + 1 : bucket;
    if (behind || place->kind < query->kind)
        return false;
    if ((query->groups || text_equal(place->group, group)) && !is_behind_only(query, place))
        return true;
    *next = bucket + 1;
    return false;
}

/* The records of the bucket that the walk is in, and where the next one may be; false when the read
 * has been long enough before its end. */
static bool walk_bucket(struct store_command *command, MDB_cursor *cursor, size_t *looked,
                        int64_t *out_next, int *out_rc)
{
    const struct rollup_query *query = &command->rollup_query;
    struct rollup_walk *walk = command->rollup_page.walk;
    const struct rollup_span *span = &query->spans[walk->span];
    unsigned char bytes[RECORD_ROLLUP_KEY_BYTES_MAX];
    struct text seek = walk->begun ? walk->last : seek_of(query, span->step, walk->at, bytes);
    MDB_val key = val_of_text(seek), value;
    struct rollup_place place;

    *out_next = span->until;
    *out_rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    if (*out_rc == 0 && walk->begun && text_equal(text_of_val(key), walk->last))
        *out_rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    walk->begun = false;
    for (; *out_rc == 0; *out_rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        ++*looked;
        if (!record_rollup_split(text_of_val(key), &place))
            continue;
        if (place.step != span->step || !is_of(query, &place, walk->at, out_next))
            return true;
        look_at(command, &place, text_of_val(key), text_of_val(value));
        if (command->rollup_page.too_many)
            return true;
        if (*looked >= LOOKED_AT_MAX) {
            walk->begun = true;
            walk->last = lmdb_copy(&command->arena, key);
            return false;
        }
    }
    *out_next = span->until;
    return true;
}

/* The buckets of the span that the walk is in; false when the read has been long enough. */
static bool walk_span(struct store_command *command, MDB_cursor *cursor, size_t *looked,
                      int *out_rc)
{
    const struct rollup_query *query = &command->rollup_query;
    struct rollup_walk *walk = command->rollup_page.walk;
    const struct rollup_span *span = &query->spans[walk->span];
    int64_t next;

    if (walk->at < span->from)
        walk->at = span->from;
    while (walk->at < span->until && !command->rollup_page.too_many) {
        if (*looked >= LOOKED_AT_MAX || !walk_bucket(command, cursor, looked, &next, out_rc))
            return false;
        if (*out_rc != 0 && *out_rc != MDB_NOTFOUND)
            return true;
        if (query->stepped)
            flush(command, walk->at);
        walk->at = next > walk->at ? next : walk->at + 1;
    }
    walk->at = 0;
    return true;
}

int lmdb_read_rollups(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct rollup_page *page = &command->rollup_page;
    const struct rollup_query *query = &command->rollup_query;
    MDB_cursor *cursor;
    size_t looked = 0;
    bool whole = true;
    int rc = mdb_cursor_open(txn, store->tables[TABLE_ROLLUPS], &cursor);

    if (rc != 0)
        return rc;
    if (page->walk == NULL)
        page->walk = ARENA_NEW(&command->arena, struct rollup_walk);
    while (page->walk->span < query->span_count && !page->too_many && rc == 0 && whole) {
        whole = walk_span(command, cursor, &looked, &rc);
        rc = rc == MDB_NOTFOUND ? 0 : rc;
        page->walk->span += whole;
    }
    mdb_cursor_close(cursor);
    page->more = rc == 0 && !whole;
    if (!page->more && !query->stepped)
        flush(command, 0);
    command->error = page->walk->damage;
    page->points = page->walk->points;
    page->count = page->walk->point_count;
    return rc;
}
