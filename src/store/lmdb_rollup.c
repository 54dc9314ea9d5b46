/* Roll-ups, written. What ended together is first added up in memory under each of its names
 * (rollup_parts.h), so that a commit reads and writes each sum once for each length of bucket,
 * whatever the number of requests. A name that is new in its bucket takes one of the places there;
 * where none is left it is "other", all of which are added up before they are written, too. */
#include "store/lmdb_impl.h"
#include "store/rollup_parts.h"

enum { RECORD_BYTES = 512 /* a new one, about */ };

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

/* Adds to what is there under the key: `value`, or nothing where that is NULL. What a damaged
 * record held is lost; what comes from now on is counted all the same. */
static int put_sums(struct lmdb_store *store, MDB_txn *txn, struct text key,
                    const struct text *value, const struct rollup_sums *sums)
{
    struct rollup_sums sum;

    if (value != NULL && record_get_rollup(key, *value, &sum, NULL)) {
        rollup_add(&sum, sums);
        sums = &sum;
    }
    record_put_rollup(&store->value, key, sums);
    return lmdb_put(store, txn, TABLE_ROLLUPS, key);
}

static int64_t bucket_of(const struct rollup_part *part, enum rollup_step step)
{
    return step == ROLLUP_MINUTE ? part->minute
           : step == ROLLUP_HOUR ? part->minute - part->minute % 60
                                 : part->day;
}

/* A name that its bucket has is added to there, a new one admitted. Whose group has had one that
 * was not is not asked for again in this commit. */
static int put_part(struct lmdb_store *store, MDB_txn *txn, enum rollup_step step,
                    const struct rollup_part *part, struct rollup_parts *others)
{
    struct rollup_place place = {.step = step,
                                 .bucket = bucket_of(part, step),
                                 .kind = part->kind,
                                 .group = part->group,
                                 .name = part->name};
    struct rollup_part other = {.minute = place.bucket,
                                .day = place.bucket,
                                .kind = part->kind,
                                .group = part->group,
                                .name = ROLLUP_OTHER};
    struct text value;
    struct key key;
    int rc;

    make_key(&key, &place);
    rc = lmdb_get(store, txn, TABLE_ROLLUPS, key.text, &value);
    if (rc == 0)
        return put_sums(store, txn, key.text, &value, part->sums);
    if (rc != MDB_NOTFOUND)
        return rc;
    if (!rollup_parts_have(others, &other)) {
        rc = admit(store, txn, &place);
        if (rc != 0)
            return rc;
        if (!text_equal(place.name, ROLLUP_OTHER))
            return put_sums(store, txn, key.text, NULL, part->sums);
        other.group = place.group;
    }
    rollup_parts_add(others, &other, part->sums);
    return 0;
}

static int put_other(struct lmdb_store *store, MDB_txn *txn, enum rollup_step step,
                     const struct rollup_part *other)
{
    const struct rollup_place place = {.step = step,
                                       .bucket = other->minute,
                                       .kind = other->kind,
                                       .group = other->group,
                                       .name = other->name};
    struct text value;
    struct key key;
    int rc;

    make_key(&key, &place);
    rc = lmdb_get(store, txn, TABLE_ROLLUPS, key.text, &value);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    return put_sums(store, txn, key.text, rc == 0 ? &value : NULL, other->sums);
}

static int put_step(struct lmdb_store *store, MDB_txn *txn, enum rollup_step step,
                    const struct rollup_parts *parts)
{
    struct rollup_parts others = {0};
    int rc = 0;

    for (size_t i = 0; i < parts->count && rc == 0; i++)
        if (step != ROLLUP_MINUTE || parts->items[i].kind <= ROLLUP_BY_TAG)
            rc = put_part(store, txn, step, &parts->items[i], &others);
    for (size_t i = 0; i < others.count && rc == 0; i++)
        rc = put_other(store, txn, step, &others.items[i]);
    rollup_parts_release(&others);
    return rc;
}

int lmdb_add_rollups(struct lmdb_store *store, MDB_txn *txn, const struct ledger_entries *entries)
{
    struct rollup_parts parts = {0};
    bool minutes;
    int rc = 0;

    for (size_t i = 0; i < entries->rollup_count; i++)
        rollup_parts_add_cell(&parts, &entries->rollups[i]);
    minutes = lmdb_find_room(store, parts.count * RECORD_BYTES, LMDB_ADDITION_PERCENT) == 0;
    for (int step = minutes ? ROLLUP_MINUTE : ROLLUP_HOUR; step < ROLLUP_STEP_COUNT && rc == 0;
         step++)
        rc = put_step(store, txn, (enum rollup_step)step, &parts);
    rollup_parts_release(&parts);
    return rc;
}
