/* store/lmdb_verify.h
 * What the walks over the tables share. */
#pragma once
#include "store/lmdb_impl.h"

struct walk {
    struct lmdb_store *store;
    MDB_txn *txn;
    struct store_census census;
    struct error first;
    struct arena arena; /* of one record */
};

/* Counts a damage, and keeps the first one, unless `good`. */
void walk_note(struct walk *walk, bool good, const struct error *err);
/* Whether a key that was walked over is also found from the root, as a read does: a damaged page
 * above it hides it from one and not from the other. */
bool walk_finds(struct walk *walk, enum lmdb_table table, enum record_kind kind, struct text key,
                struct error *err);
/* Walks a table whose records stand alone. */
int walk_table(struct walk *walk, enum lmdb_table table, enum record_kind kind,
               bool (*good)(struct walk *walk, struct text key, struct text value,
                            struct error *err),
               uint64_t *out_count);

/* lmdb_verify_ledger.c */
int walk_ledger(struct walk *walk);
/* lmdb_verify_idempotency.c */
int walk_idempotency(struct walk *walk);
/* lmdb_verify_cache.c */
int walk_cache(struct walk *walk);
/* lmdb_verify_response.c */
int walk_responses(struct walk *walk);
/* lmdb_verify_history.c */
int walk_history(struct walk *walk);
