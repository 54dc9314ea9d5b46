/* store/lmdb_impl.h
 * The LMDB store's parts among themselves. Functions that speak LMDB return its codes: 0, MDB_*, or
 * an errno. */
#pragma once
#include "store/record.h"
#include "store/store_audit.h"
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
    TABLE_BUDGETS,
    TABLE_LEASES,
    TABLE_AUDIT,
    TABLE_USAGE,
    TABLE_LOG,
    TABLE_DEPLOYMENTS,
    TABLE_CONTENT,
    TABLE_IDEMPOTENCY,
    TABLE_IDEMPOTENCY_EXPIRY,
    TABLE_HISTORY,
    TABLE_HISTORY_FILES,
    TABLE_PINS,
    TABLE_CACHE,
    TABLE_CACHE_EXPIRY,
    TABLE_CANARIES,
    TABLE_RESPONSES,
    TABLE_RESPONSE_EXPIRY,
    TABLE_ROLLUPS,
    TABLE_WEBHOOKS,
    TABLE_NOTES,
    TABLE_COUNT
};

struct lmdb_store {
    struct store base; /* first */
    char *folder;
    int lock_fd;
    MDB_env *env;
    MDB_dbi tables[TABLE_COUNT];
    size_t page_bytes, map_pages;
    pthread_mutex_t copying; /* held by whoever copies the whole store; env stays open then */
    /* reader thread */
    MDB_txn *read_txn; /* reset between reads; NULL: none yet */
    bool reopened;     /* read-only, after an error that LMDB cannot be written after */
    /* writer thread */
    size_t used_pages;    /* as of the last commit */
    size_t idle_pages;    /* free ones inside the file; counted only when it matters */
    bool ballast_spent;   /* the disk was too full to delete without it */
    size_t planned_pages; /* what the transaction in work may add, estimated */
    struct buffer value;  /* the value being written */
    struct audit_chain *chain;
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
static inline struct text lmdb_copy(struct arena *arena, MDB_val val)
{
    return arena_copy(arena, text_of_val(val));
}
static inline struct text key_text(const unsigned char key[RECORD_NUMBERED_KEY_BYTES])
{
    return (struct text){(const char *)key, RECORD_NUMBERED_KEY_BYTES};
}

/* lmdb_open.c: opens the environment and its tables; read-only never writes a byte. */
bool lmdb_open(struct lmdb_store *store, unsigned flags, struct error *err);
const char *lmdb_table_name(enum lmdb_table table);
/* lmdb_store.c: fills *err for a failed LMDB call: full, damaged or error. */
bool lmdb_failed(const struct lmdb_store *store, int rc, struct error *err);
/* Whether it failed for want of space. */
bool lmdb_is_full(const struct lmdb_store *store, int rc);

/* lmdb_group.c */
void lmdb_write(struct store *store, struct store_command *const *group, size_t count);
/* Counts used pages anew; after a commit. */
void lmdb_count_pages(struct lmdb_store *store);

/* Which commands may use what is held back for a full disk: what makes room, and what must not wait
 * for it. */
enum lmdb_urgency { LMDB_NEVER, LMDB_WHEN_REVOKED, LMDB_WITHOUT_ROWS, LMDB_ALWAYS };

/* lmdb_row.c: what a kind of command does. A write finds out first whether it is to be refused, and
 * only then changes anything, because it shares its transaction with others that go on. It may run
 * more than once before it is durable, so it writes its results beside its inputs, never over them.
 * Returns 0, with command->error filled when it was refused; or what LMDB says, in which case the
 * transaction is to be aborted. MDB_MAP_FULL also when it would eat into what is kept for deletes.
 */
typedef int lmdb_run(struct lmdb_store *store, MDB_txn *txn, struct store_command *command);
struct lmdb_row {
    lmdb_run *run;
    enum lmdb_urgency urgent;
};
const struct lmdb_row *lmdb_row(enum store_kind kind);
bool lmdb_is_urgent(const struct store_command *command);

/* lmdb_access.c */
/* What additions leave of the map. */
enum { LMDB_NEW_SESSION_PERCENT = 90, LMDB_ADDITION_PERCENT = 95 };

/* 0 when so many bytes may be added, else how the store is full. Without its ballast it grows no
 * more, but what was freed inside its file may be used. */
int lmdb_find_room(struct lmdb_store *store, size_t bytes, unsigned percent);
/* The value borrows from the transaction until its next write. */
int lmdb_get(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key,
             struct text *out);
/* Puts store->value and empties it. */
int lmdb_put(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key);
/* Being absent already is as good. */
int lmdb_del(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, struct text key);
/* Stands the cursor on the first entry behind `after`, which need not be there itself; empty: on
 * the first of all. */
int lmdb_seek_behind(MDB_cursor *cursor, struct text after, MDB_val *out_key, MDB_val *out_value);

/* lmdb_expiry.c */
/* A table of things under a digest that expire, and its index by when (record_digest_expiry). */
struct lmdb_expiring {
    enum lmdb_table table, index;
    /* Whether what stands under the key expires then, or does not read. */
    bool (*expires_at)(struct text key, struct text value, int64_t expires_ms);
};
/* Removes a thing and its entry in the index. */
int lmdb_remove_expiring(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                         struct text key, int64_t expires_ms);
/* Removes an entry of the index, and what it names unless that expires at another time: it has been
 * stored anew since. The entry may lie in the transaction. */
int lmdb_remove_expired(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                        struct text expiry);
/* Removes what has expired before command->now_ms, a bounded number, and says how many in
 * command->purged. */
int lmdb_purge_expired(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                       struct store_command *command);
/* Removes what expires first while the table has more bytes; a bounded number. */
int lmdb_drop_expiring(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                       uint64_t most);
/* Removes what is meant, by its entry in the index, in a bounded part of it behind command->after;
 * says in command how many, and whether it goes on behind command->last. */
int lmdb_erase_expiring(struct lmdb_store *store, MDB_txn *txn, const struct lmdb_expiring *of,
                        struct store_command *command,
                        bool (*is_meant)(const struct store_command *command, struct text key,
                                         struct text value));

/* lmdb_token.c */
lmdb_run lmdb_put_token, lmdb_list_tokens, lmdb_change_token, lmdb_note_uses;
/* Reads a token into the command's arena. *out is NULL when there is none; command->error is filled
 * when it is damaged. */
int lmdb_get_token(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                   struct text id, struct token_record **out);
/* lmdb_provision.c */
lmdb_run lmdb_provision_token, lmdb_find_token;
/* The id of the token that was last provisioned for that deployment, in the command's arena; empty:
 * none. Errors as above. */
int lmdb_get_deployment(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                        struct text deployment, struct text *out_id);

/* lmdb_session.c, lmdb_append.c */
lmdb_run lmdb_read_session, lmdb_append, lmdb_delete_session, lmdb_purge_sessions;
/* Reads the command's session without its messages into its arena; *found is false when there is
 * none, command->error is filled when it is damaged. */
int lmdb_get_session(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                     struct record_session *out, bool *found);
/* Keeps the expiry index in step with a session's record; 0 stands for never. */
int lmdb_move_expiry(struct lmdb_store *store, MDB_txn *txn, struct text id, int64_t from_ms,
                     int64_t to_ms);
/* Fills the command's error: there is no such session; another change came first. */
void lmdb_refuse_unknown(struct store_command *command);
void lmdb_refuse_overtaken(struct store_command *command);
/* Removes a session with all that belongs to it, whatever its values look like, and counts what it
 * removed; MDB_NOTFOUND when there is none. */
int lmdb_forget_session(struct lmdb_store *store, MDB_txn *txn, struct text id, size_t *removed);
/* lmdb_sessions.c */
lmdb_run lmdb_list_sessions, lmdb_rewind, lmdb_erase_sessions;

/* lmdb_secret.c */
lmdb_run lmdb_put_secret, lmdb_delete_secret, lmdb_list_secrets;

/* lmdb_budget.c */
lmdb_run lmdb_lease_budgets, lmdb_return_budgets, lmdb_recover_budgets, lmdb_read_budgets,
    lmdb_list_budgets;
lmdb_run lmdb_purge_budgets; /* lmdb_budget_purge.c */
/* Adds the cost of calls that are over to an account; for STORE_LEDGER_APPEND. */
int lmdb_settle_budget(struct lmdb_store *store, MDB_txn *txn, struct text key, int64_t nano);
/* lmdb_peek.c: opens a store that this process does not have open, to read; false where there is
 * none, and *err where it cannot be. mdb_env_close(store->env) follows. */
bool lmdb_open_beside(struct lmdb_store *store, struct text folder, struct arena *arena,
                      bool *out_there, struct error *err);

/* lmdb_verify_audit.c: as store_verify_audit. */
bool lmdb_verify_audit(struct lmdb_store *store, const struct audit_order *order,
                       struct audit_check *out, struct error *err);

/* lmdb_audit.c, lmdb_audit_read.c, lmdb_audit_purge.c */
lmdb_run lmdb_append_audit, lmdb_read_audit, lmdb_purge_audit;
/* Puts it with its seal. */
int lmdb_put_audit_head(struct lmdb_store *store, MDB_txn *txn, struct record_audit_head *head);
/* Writes the record of what the command has done, which was not refused. */
int lmdb_chain(struct lmdb_store *store, MDB_txn *txn, struct store_command *command);
/* Reads where the log begins and ends; all zero when there is nothing yet. MDB_CORRUPTED, and *err
 * unless NULL, when that is damaged. */
int lmdb_get_audit_head(struct lmdb_store *store, MDB_txn *txn, struct record_audit_head *out,
                        struct error *err);
/* Reads the key of the chain's seals from the store's folder, or makes it for a log that is empty.
 */
bool lmdb_open_chain(struct lmdb_store *store, struct error *err);
/* lmdb_ledger.c */
lmdb_run lmdb_append_ledger;
/* lmdb_usage.c */
lmdb_run lmdb_read_usage;
/* lmdb_rollup.c, lmdb_rollup_purge.c, lmdb_rollup_read.c */
/* Adds what ended to the sums of its minute, hour and day. Without room for them, minutes are left
 * out: they add records where the others replace them. */
int lmdb_add_rollups(struct lmdb_store *store, MDB_txn *txn, const struct ledger_entries *entries);
/* Deletes buckets that are kept no longer as of command->now_ms, a bounded number of each length,
 * and adds how many to command->purged. */
int lmdb_purge_rollups(struct lmdb_store *store, MDB_txn *txn, struct store_command *command);
lmdb_run lmdb_read_rollups;
/* lmdb_log_read.c */
lmdb_run lmdb_read_log;
/* lmdb_content.c */
lmdb_run lmdb_read_content, lmdb_delete_content, lmdb_erase_content;
int lmdb_put_contents(struct lmdb_store *store, MDB_txn *txn, const struct ledger_entries *entries);
/* lmdb_log.c */
lmdb_run lmdb_purge_log;
/* Of all its pages, but not those that are free. */
uint64_t lmdb_table_bytes(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table);
/* Deletes a table's first entries while it has more bytes; a bounded number. */
int lmdb_drop_first(struct lmdb_store *store, MDB_txn *txn, enum lmdb_table table, uint64_t most);
/* Keeps a block of rows behind all others, and lets the oldest go for it. */
int lmdb_put_rows(struct lmdb_store *store, MDB_txn *txn, const struct ledger_entries *entries);

/* lmdb_idempotency.c */
lmdb_run lmdb_read_idempotency, lmdb_begin_idempotency, lmdb_end_idempotency, lmdb_drop_idempotency,
    lmdb_purge_idempotency;

/* lmdb_history.c, lmdb_history_read.c */
lmdb_run lmdb_append_history, lmdb_read_history, lmdb_list_history, lmdb_list_heads, lmdb_list_pins;
/* Stands the cursor on the endpoint's version of the greatest number that is below `below` (0: on
 * its last one) and reads it without its files' bytes, borrowing until the next write; MDB_NOTFOUND
 * when there is none, MDB_CORRUPTED and *err when it is damaged. */
int lmdb_last_version(MDB_cursor *cursor, struct text slug, uint64_t below, struct arena *arena,
                      struct history_entry *out, struct error *err);

/* lmdb_cache.c */
lmdb_run lmdb_read_cache, lmdb_put_cache, lmdb_erase_cache, lmdb_purge_cache, lmdb_drop_cache,
    lmdb_count_cache;

/* lmdb_response.c */
lmdb_run lmdb_read_responses, lmdb_put_response, lmdb_delete_response, lmdb_purge_responses,
    lmdb_erase_responses;

/* lmdb_canary.c */
lmdb_run lmdb_put_canary, lmdb_delete_canary, lmdb_list_canaries;

/* lmdb_note.c */
lmdb_run lmdb_put_note, lmdb_list_notes;

/* lmdb_webhook.c */
lmdb_run lmdb_put_webhooks, lmdb_next_webhook, lmdb_settle_webhook, lmdb_list_webhooks,
    lmdb_count_webhooks, lmdb_retry_webhooks, lmdb_forget_webhooks, lmdb_purge_webhooks;

/* lmdb_read.c */
void lmdb_read(struct store *store, struct store_command *command);
/* Lets go of the snapshot and takes a newer one, in the midst of a read that is long. */
int lmdb_snapshot_anew(struct lmdb_store *store);
