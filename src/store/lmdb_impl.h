/* store/lmdb_impl.h
 * The LMDB store's parts among themselves. Functions that speak LMDB return its codes: 0, MDB_*, or
 * an errno. */
#pragma once
#include "store/record.h"
#include "store/store_impl.h"

#include <lmdb.h>

/* The most a store may ever hold, and address space only. */
#define LMDB_DEFAULT_MAP_BYTES ((size_t)64 << 30)

enum lmdb_table {
    TABLE_META,
    TABLE_TOKENS,
    TABLE_SESSIONS,
    TABLE_MESSAGES,
    TABLE_EXPIRY,
    TABLE_SECRETS,
    TABLE_COUNT
};

/* What a write yields once it is durable. */
struct lmdb_outcome {
    uint64_t revision, purged;
};

struct lmdb_store {
    struct store base; /* first */
    char *folder;
    int lock_fd;
    MDB_env *env;
    MDB_dbi tables[TABLE_COUNT];
    size_t page_bytes, map_pages;
    /* reader thread */
    MDB_txn *read_txn; /* reset between reads; NULL: none yet */
    bool reopened;     /* read-only, after an error that LMDB cannot be written after */
    /* writer thread */
    size_t used_pages;    /* as of the last commit */
    size_t idle_pages;    /* free ones inside the file; counted only when it matters */
    bool ballast_spent;   /* the disk was too full to delete without it */
    size_t planned_pages; /* what the transaction in work may add, estimated */
    struct buffer value;  /* the value being written */
    struct lmdb_outcome outcomes[STORE_GROUP_MAX];
};

static inline struct lmdb_store *lmdb_of(struct store *store)
{
    return (struct lmdb_store *)store;
}
static inline struct text text_of_val(MDB_val val)
{
    return (struct text){val.mv_data, val.mv_size};
}
static inline MDB_val val_of_text(struct text text)
{
    return (MDB_val){text.len, (void *)(uintptr_t)text.at};
}
static inline struct text key_text(const unsigned char key[RECORD_NUMBERED_KEY_BYTES])
{
    return (struct text){(const char *)key, RECORD_NUMBERED_KEY_BYTES};
}

/* lmdb_open.c: opens the environment and its tables; read-only never writes a byte. */
bool lmdb_open(struct lmdb_store *store, unsigned flags, struct error *err);
/* lmdb_store.c: fills *err for a failed LMDB call: full, damaged or error. */
bool lmdb_failed(const struct lmdb_store *store, int rc, struct error *err);
/* Whether it failed for want of space. */
bool lmdb_is_full(const struct lmdb_store *store, int rc);

/* lmdb_group.c */
void lmdb_write(struct store *store, struct store_command *const *group, size_t count);
/* Counts used pages anew; after a commit. */
void lmdb_count_pages(struct lmdb_store *store);

/* lmdb_effect.c: carries out one write inside `txn`. Returns 0, with command->error filled when it
 * was refused, in which case nothing was changed; or what LMDB says, in which case the transaction
 * is to be aborted. MDB_MAP_FULL also when it would eat into what is kept for deletes. */
int lmdb_effect(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                struct lmdb_outcome *out);

/* What additions leave of the map. */
enum { LMDB_NEW_SESSION_PERCENT = 90, LMDB_ADDITION_PERCENT = 95 };

/* 0 when so many bytes may be added, else how the store is full. */
int lmdb_find_room(struct lmdb_store *store, size_t bytes, unsigned percent);
/* The value borrows from the transaction until its next write. */
int lmdb_get(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key,
             struct text *out);
/* Puts store->value and empties it. */
int lmdb_put(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key);
/* Being absent already is as good. */
int lmdb_del(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key);
/* Reads the command's session without its messages into its arena; *found is false when there is
 * none, command->error is filled when it is damaged. */
int lmdb_get_session(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                     struct record_session *out, bool *found);
/* Keeps the expiry index in step with a session's record; 0 stands for never. */
int lmdb_move_expiry(struct lmdb_store *store, MDB_txn *txn, struct text id, int64_t from_ms,
                     int64_t to_ms);
/* Fills the command's error: there is no such session. */
void lmdb_refuse_unknown(struct store_command *command);

/* lmdb_append.c: as lmdb_effect, for STORE_SESSION_APPEND. */
int lmdb_append(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                struct lmdb_outcome *out);

/* lmdb_secret.c: as lmdb_effect, and a read in `txn`. */
int lmdb_put_secret(struct lmdb_store *store, MDB_txn *txn, struct store_command *command);
int lmdb_delete_secret(struct lmdb_store *store, MDB_txn *txn, struct store_command *command);
int lmdb_list_secrets(struct lmdb_store *store, MDB_txn *txn, struct store_command *command);

/* lmdb_read.c */
void lmdb_read(struct store *store, struct store_command *command);
