/* Checks the audit log record by record: numbers dense, hashes chained, seals made with the key,
 * and both ends where the head says they are. Memory does not grow with the log, and no snapshot is
 * held for long, so that it can be done beside a gateway that writes. */
#include "store/lmdb_impl.h"

#include "base/check.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECORDS_PER_SNAPSHOT = 10000 };

struct audit_walk {
    struct lmdb_store *store;
    MDB_txn *txn;
    struct audit_chain *chain;
    bool sealed; /* the seals are looked at */
    struct record_audit_head head;
    struct audit_link at;                       /* the last one that is as it should be */
    const struct audit_link *heads, *heads_end; /* kept elsewhere, in order; those to come */
    struct audit_check *out;
    struct error *err;
};

static unsigned long long shown(uint64_t number)
{
    return (unsigned long long)number;
}

/* What is wrong with the record of that number. */
static int broken(struct audit_walk *walk, uint64_t sequence, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int broken(struct audit_walk *walk, uint64_t sequence, const char *format, ...)
{
    char what[200], at[64];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(at, sizeof at, "audit record %llu", shown(sequence));
    error_set(walk->err, ERROR_AUDIT_BROKEN, at, "%s", what);
    walk->out->broken_at = sequence;
    return 0;
}

static bool is_broken(const struct audit_walk *walk)
{
    return walk->err->code != ERROR_NONE;
}

/* --- the heads ---------------------------------------------------------------------------------
 */

static int compare_links(const void *a, const void *b)
{
    const struct audit_link *x = a, *y = b;

    return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* Those that were kept of the place the walk has come to. */
static int check_heads(struct audit_walk *walk)
{
    for (; walk->heads < walk->heads_end && walk->heads->sequence <= walk->at.sequence;
         walk->heads++) {
        if (walk->heads->sequence < walk->at.sequence)
            walk->out->heads_too_old++;
        else if (!audit_hash_equal(walk->heads->hash, walk->at.hash))
            return broken(walk, walk->at.sequence,
                          "the record is another one than when its hash was kept: the log was "
                          "written anew, up to here or further");
        else
            walk->out->heads_met++;
    }
    return 0;
}

static int check_head_seal(struct audit_walk *walk)
{
    unsigned char seal[AUDIT_HASH_BYTES];
    const struct record_audit_head *head = &walk->head;

    if (!walk->sealed || (head->ends.last.sequence == 0 && head->ends.before.sequence == 0))
        return 0;
    audit_chain_seal_head(walk->chain, &head->ends, seal);
    if (audit_hash_equal(seal, head->seal))
        return 0;
    broken(walk, head->ends.last.sequence,
           "where the log ends was written by somebody who has not the audit key");
    error_hint(walk->err, "or 'audit.key' is not the key of this log");
    return 0;
}

static int read_head(struct audit_walk *walk)
{
    int rc = lmdb_get_audit_head(walk->store, walk->txn, &walk->head, walk->err);

    return rc == MDB_CORRUPTED && is_broken(walk) ? 0 : rc;
}

/* --- the records -------------------------------------------------------------------------------
 */

static int check_place(struct audit_walk *walk, uint64_t expected, uint64_t found)
{
    if (found == expected + 1)
        return broken(walk, expected, "the record is missing: record %llu is followed by %llu",
                      shown(expected - 1), shown(found));
    return broken(walk, expected, "records %llu to %llu are missing", shown(expected),
                  shown(found - 1));
}

static int check_record(struct audit_walk *walk, struct text key, struct text value)
{
    uint64_t expected = walk->at.sequence + 1;
    unsigned char hash[AUDIT_HASH_BYTES];
    struct audit_record record;

    if (key.len != RECORD_AUDIT_KEY_BYTES)
        return broken(walk, expected, "an entry that is no record stands in its place");
    if (record_audit_number(key) != expected)
        return check_place(walk, expected, record_audit_number(key));
    if (!record_get_audit(key, value, &record, walk->err)) {
        walk->out->broken_at = expected;
        return 0;
    }
    if (record.sequence != expected)
        return broken(walk, expected, "the record was moved here: it was written as number %llu",
                      shown(record.sequence));
    audit_chain_hash(walk->chain, walk->at.hash, record.said, hash);
    if (!audit_hash_equal(hash, record.hash))
        return broken(walk, expected,
                      "the record was changed, or the one before it was exchanged: its hash is not "
                      "that of what it says behind the one before it");
    if (walk->sealed)
        audit_chain_seal_record(walk->chain, record.hash, hash);
    if (walk->sealed && !audit_hash_equal(hash, record.seal)) {
        broken(walk, expected, "the record was written by somebody who has not the audit key");
        error_hint(walk->err, "or 'audit.key' is not the key of this log");
        return 0;
    }
    walk->at.sequence = expected;
    memcpy(walk->at.hash, record.hash, sizeof walk->at.hash);
    walk->out->records++;
    return check_heads(walk);
}

/* One snapshot's worth. */
static int check_some(struct audit_walk *walk, bool *more)
{
    unsigned char bytes[RECORD_AUDIT_KEY_BYTES];
    MDB_val key = {sizeof bytes, bytes}, value;
    MDB_cursor *cursor;
    size_t seen = 0;
    int rc = mdb_cursor_open(walk->txn, walk->store->tables[TABLE_AUDIT], &cursor);

    if (rc != 0)
        return rc;
    record_audit_key(walk->at.sequence + 1, bytes);
    /* from the very front, so that what stands before the first record is seen, too */
    rc = mdb_cursor_get(cursor, &key, &value, walk->out->records == 0 ? MDB_FIRST : MDB_SET_RANGE);
    while (rc == 0 && seen++ < RECORDS_PER_SNAPSHOT && !is_broken(walk) &&
           walk->at.sequence < walk->out->ends.last.sequence) {
        rc = check_record(walk, text_of_val(key), text_of_val(value));
        if (rc == 0 && !is_broken(walk))
            rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    *more = rc == 0 && !is_broken(walk) && walk->at.sequence < walk->out->ends.last.sequence;
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Records may have been added since the walk began, and old ones have been let go. */
static int go_on(struct audit_walk *walk)
{
    int rc;

    mdb_txn_reset(walk->txn);
    rc = mdb_txn_renew(walk->txn);
    if (rc == 0)
        rc = read_head(walk);
    if (rc != 0 || is_broken(walk))
        return rc;
    if (walk->head.ends.before.sequence > walk->at.sequence)
        walk->at = walk->head.ends.before;
    return 0;
}

/* The head's own seal comes last, so that of a forged log the first record is told. */
static int check_end(struct audit_walk *walk)
{
    const struct audit_link *last = &walk->out->ends.last;
    unsigned char bytes[RECORD_AUDIT_KEY_BYTES];
    MDB_val key = {sizeof bytes, bytes}, value;
    int rc;

    if (walk->at.sequence < last->sequence)
        return broken(walk, walk->at.sequence + 1,
                      "the end is cut off: records %llu to %llu are missing",
                      shown(walk->at.sequence + 1), shown(last->sequence));
    if (!audit_hash_equal(walk->at.hash, last->hash))
        return broken(walk, last->sequence, "the last record is not the one that the head names");
    if (walk->heads < walk->heads_end)
        return broken(walk, walk->heads->sequence,
                      "the end is cut off: a head of %llu records was kept, and there are %llu",
                      shown(walk->heads_end[-1].sequence), shown(last->sequence));
    record_audit_key(walk->head.ends.last.sequence + 1, bytes);
    rc = mdb_get(walk->txn, walk->store->tables[TABLE_AUDIT], &key, &value);
    if (rc == 0)
        return broken(walk, walk->head.ends.last.sequence + 1,
                      "the record is beyond the end that the head names");
    return rc == MDB_NOTFOUND ? check_head_seal(walk) : rc;
}

static int check_all(struct audit_walk *walk)
{
    bool more = true;
    int rc = read_head(walk);

    if (rc != 0 || is_broken(walk))
        return rc;
    walk->out->ends = walk->head.ends;
    walk->at = walk->head.ends.before;
    rc = check_heads(walk);
    while (rc == 0 && !is_broken(walk) && more) {
        rc = check_some(walk, &more);
        if (rc == 0 && more)
            rc = go_on(walk);
    }
    return rc == 0 && !is_broken(walk) ? check_end(walk) : rc;
}

static int compare_and_check(struct audit_walk *walk, const struct audit_order *order)
{
    struct audit_link *heads = NULL;
    int rc;

    if (order->head_count > 0) {
        heads = calloc(order->head_count, sizeof *heads);
        CHECK(heads != NULL);
        memcpy(heads, order->heads, order->head_count * sizeof *heads);
        qsort(heads, order->head_count, sizeof *heads, compare_links);
    }
    walk->heads = heads;
    walk->heads_end = heads != NULL ? heads + order->head_count : NULL;
    rc = check_all(walk);
    free(heads);
    return rc;
}

bool lmdb_verify_audit(struct lmdb_store *store, const struct audit_order *order,
                       struct audit_check *out, struct error *err)
{
    struct error found = {0};
    struct audit_walk walk = {.store = store, .out = out, .err = &found};
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &walk.txn);

    *out = (struct audit_check){0};
    if (rc != 0)
        return lmdb_failed(store, rc, err);
    walk.sealed = order->key != NULL;
    walk.chain = audit_chain_open(order->key);
    if (store->tables[TABLE_AUDIT] != 0)
        rc = compare_and_check(&walk, order);
    else if (order->head_count > 0)
        broken(&walk, order->heads[0].sequence, "the log is empty, and heads of it were kept");
    audit_chain_close(walk.chain);
    mdb_txn_abort(walk.txn);
    if (rc != 0)
        return lmdb_failed(store, rc, err);
    if (found.code != ERROR_NONE && err != NULL)
        *err = found;
    return found.code == ERROR_NONE;
}

/* --- the store of another process --------------------------------------------------------------
 */

bool store_audit_key(struct text folder, struct audit_key *out, struct error *err)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%.*s/audit.key", TEXT_ARG(folder));
    return random_key_load(path, "audit key", false, out->bytes, err);
}

bool store_verify_audit(struct text folder, const struct audit_order *order,
                        struct audit_check *out, struct error *err)
{
    struct lmdb_store store;
    struct arena arena = {0};
    bool there, good = lmdb_open_beside(&store, folder, &arena, &there, err);

    *out = (struct audit_check){0};
    if (good) {
        good = lmdb_verify_audit(&store, order, out, err);
        mdb_env_close(store.env);
    } else if (!there) {
        error_set(err, ERROR_STORAGE_ERROR, arena_terminated(&arena, folder),
                  "there is no store here");
    }
    arena_release(&arena);
    return good;
}
