/* store/store.h
 * Everything durable. Each durable effect and each read is a command, answered asynchronously in
 * the loop of whoever sent it; a write is answered only after it is durable. Nothing here says what
 * the store is made of: store/lmdb_*.c is the first implementation (one writer thread with group
 * commit, one reader thread), another one fits behind `struct store_ops`.
 *
 * A command owns its memory: copy into its arena what it carries, because the request that sent it
 * may be gone when it runs. */
#pragma once
#include "audit/record.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/loop.h"
#include "store/budget_record.h"
#include "store/cache_record.h"
#include "store/canary_record.h"
#include "store/history_record.h"
#include "store/idempotency_record.h"
#include "store/ledger_record.h"
#include "store/note_record.h"
#include "store/response_record.h"
#include "store/secret_record.h"
#include "store/session_record.h"
#include "store/token_record.h"
#include "store/webhook_record.h"

struct store;

enum store_kind {
    STORE_TOKEN_PUT,    /* inserts or replaces `token` by id */
    STORE_TOKEN_CHANGE, /* sets `token_fields` of `token` in the one with its id or, where that is
                           empty, its deployment; out: `tokens`, that one as it is now.
                           ERROR_TOKEN_NOT_FOUND, _TOKEN_IS_REVOKED. To revoke it twice is no error
                           and changes nothing */
    STORE_TOKEN_PROVISION, /* the live token of token.deployment as of now_ms, or else inserts
                              `token` as that; out: `tokens`, one; `unchanged` */
    STORE_TOKEN_FIND,      /* token.deployment in; out: `tokens`, one; ERROR_TOKEN_NOT_FOUND */
    STORE_TOKEN_USED,      /* notes `uses`, of the tokens among them that there are */
    STORE_TOKEN_LIST,   /* out: `tokens`, oldest id first; with ERROR_RECORD_DAMAGED those that are
                           whole */
    STORE_SESSION_READ, /* session.id, and session.token_id (empty: whosever it is) in; out:
                           `session`; ERROR_SESSION_NOT_FOUND */
    STORE_SESSION_APPEND, /* session: id, endpoint, token_id, expires_ms, updated_ms, revision as
                             read (0: it is new), messages to add with their notes, created_ms when
                             new; keep_messages: the oldest beyond it are dropped (0: none).
                             ERROR_SESSION_BUSY when the revision has moved on. Out: `revision` */
    STORE_SESSION_DELETE, /* session.id and .token_id as for a read; ERROR_SESSION_NOT_FOUND */
    STORE_SESSION_REWIND, /* session: id, revision as read; forgets all but the oldest keep_messages
                             messages. ERROR_SESSION_NOT_FOUND, _BUSY as for an append. Out:
                             `revision`, which is another unless nothing was to be forgotten */
    STORE_SESSION_LIST,   /* session.endpoint and .token_id (empty: any), after, most in; newest
                             first. Looks at a bounded number: out `sessions`, perhaps none; `more`:
                             go on behind `last`. Damaged ones are marked, where no owner is asked
                             for */
    STORE_SESSION_ERASE,  /* deletes `sessions`, of which only ids count, in a bounded batch; out:
                             purged, of how many of them nothing is left */
    STORE_SESSION_PURGE,  /* deletes what expired before now_ms, and what was begun before
                             created_before_ms, a bounded batch; out: purged */
    STORE_SECRET_PUT,    /* inserts or replaces `secret` by name; with `replaces` only where that is
                            what is sealed there, else ERROR_SECRET_NOT_FOUND */
    STORE_SECRET_DELETE, /* secret.name in; ERROR_SECRET_NOT_FOUND */
    STORE_AUDIT_APPEND,  /* nothing but `audit` */
    STORE_AUDIT_READ,  /* page, in and out; with ERROR_RECORD_DAMAGED its records that are whole */
    STORE_AUDIT_PURGE, /* lets records from before now_ms go, a bounded batch, never the last; its
                          own record says up to which; out: purged */
    STORE_SECRET_LIST, /* out: `secrets`, by name; with ERROR_RECORD_DAMAGED those that are whole */
    STORE_BUDGET_LEASE,  /* lets this gateway spend of accounts: `orders`, in and out. An order that
                            does not fit under its limit is granted nothing; that is no error */
    STORE_BUDGET_RETURN, /* gives back what was leased and will not be spent: `orders` */
    STORE_BUDGET_RECOVER, /* for the start: counts as spent what a process that died had open, as of
                             now_ms; out: `budgets`, those it found, `open` being what was recovered
                           */
    STORE_BUDGET_READ,    /* orders[].key in; out: orders[].record, of nothing spent where there is
                             none */
    STORE_BUDGET_LIST,    /* prefix, after, most in; out: `budgets` by key, `more`; with
                             ERROR_RECORD_DAMAGED those that are whole */
    STORE_LEDGER_APPEND,  /* `ledger`: settles budgets, adds usage and roll-ups, keeps rows, all or
                             nothing.
                             ERROR_STORAGE_FULL when there is no room for the rows; without any it
                             may use what is held back */
    STORE_CONTENT_READ, /* content: expires_ms, request_id in; out: `found`; ERROR_LOG_NOT_FOUND */
    STORE_CONTENT_DELETE, /* likewise in; ERROR_LOG_NOT_FOUND */
    STORE_BUDGET_PURGE,   /* prefix in: of an account that is spent from in every period, up to its
                             name; deletes what was spent 14 months or more before its last one, a
                             bounded part of the table behind `after`; out: purged; `more`: go on
                             behind `last` */
    STORE_CONTENT_ERASE,  /* content.token_id in: deletes those of this token, a bounded part of the
                             table behind `after`; out: purged; `more`: go on behind `last` */
    STORE_LOG_PURGE,      /* deletes contents that expired before now_ms, rows written before
                             created_before_ms, usage of days before `after`, and roll-ups that are
                             kept no longer, a bounded batch; out: purged */
    STORE_LOG_READ,       /* log_query in; out: log_page */
    STORE_USAGE_READ,     /* usage_query in; out: usage_page; with ERROR_RECORD_DAMAGED those that
                             are whole */
    STORE_ROLLUP_READ,    /* rollup_query in; out: rollup_page; `more`: what was found so far, and
                             the command is to be submitted again as it is. Damaged ones are left
                             out: ERROR_RECORD_DAMAGED */
    /* Of an Idempotency-Key; `idempotency` and now_ms are in. READ: idempotency.key; out: `kept`,
     * or NULL. BEGIN: all but epoch and state; begins the key, or changes nothing; out: `kept`,
     * what it has met, or NULL. END: key, owner, state and what was answered; nothing happens where
     * the owner has not begun it, or has ended it. DROP: key, owner; likewise: as if it had not
     * been begun. PURGE: deletes what expired before now_ms, a bounded batch; out: purged. */
    STORE_IDEMPOTENCY_READ,
    STORE_IDEMPOTENCY_BEGIN,
    STORE_IDEMPOTENCY_END,
    STORE_IDEMPOTENCY_DROP,
    STORE_IDEMPOTENCY_PURGE,
    /* Of the versions of endpoints; `history` and now_ms are in. APPEND: `entries`; each that is
     * not its endpoint's last version becomes a new one, and pinned or not as it says; out:
     * `numbers`; `unchanged`. READ: slug and number, or the beginning of its hash, of several the
     * newest; out: `found`, with its files; ERROR_VERSION_NOT_FOUND. LIST: of slug, newest first;
     * out: `found`, of whose files there are only names and digests. HEADS: the last of each
     * endpoint, likewise. PINS: those that are pinned, with their files. Lists come with
     * ERROR_RECORD_DAMAGED where not all are whole. */
    STORE_HISTORY_APPEND,
    STORE_HISTORY_READ,
    STORE_HISTORY_LIST,
    STORE_HISTORY_HEADS,
    STORE_HISTORY_PINS,
    /* Of cached answers, which nobody needs: READ: cache.key, now_ms, and the earliest that it may
     * have been stored at, in cache.stored_ms; out: `cached`, or NULL. PUT: `cache`; others go
     * where the table has more than bytes_max; ERROR_STORAGE_FULL. ERASE: those of cache.endpoint
     * and cache.project, an empty one being any, in a bounded part of the table behind `after`;
     * out: purged; `more`: go on behind `last`. PURGE: deletes what expired before now_ms, a
     * bounded batch; out: purged. DROP: cache.key. COUNT: out: entries, bytes. */
    STORE_CACHE_READ,
    STORE_CACHE_PUT,
    STORE_CACHE_ERASE,
    STORE_CACHE_PURGE,
    STORE_CACHE_DROP,
    STORE_CACHE_COUNT,
    /* Of responses; now_ms is in. READ: `wants`, in and out; sees all of them as they are at one
     * time, and gives no more than bytes_max of them. PUT: `response`; has what `wants` names live as long as they say; others go where the table
     * has more than bytes_max; ERROR_STORAGE_FULL. DELETE: response.key;
     * ERROR_RESPONSE_NOT_FOUND. PURGE: deletes what expired before now_ms, a bounded batch; out:
     * purged. ERASE: those of response.token_id and response.endpoint, an empty one being any, in
     * a bounded part of the table behind `after`; out: purged; `more`: go on behind `last`. */
    STORE_RESPONSE_READ,
    STORE_RESPONSE_PUT,
    STORE_RESPONSE_DELETE,
    STORE_RESPONSE_PURGE,
    STORE_RESPONSE_ERASE,
    STORE_CANARY_OFF,   /* inserts or replaces `canary`, by endpoint and digest */
    STORE_CANARY_REARM, /* deletes it, canary.endpoint and .digest in, if it is there */
    STORE_CANARY_LIST,  /* out: `canaries`; with ERROR_RECORD_DAMAGED those that are whole */
    /* Of events on their way. PUT: `webhooks`, to wait for their receivers; out: purged, of how many
     * there was no place for; ERROR_STORAGE_FULL. NEXT: webhook.webhook; out: `webhooks`, at most
     * one, that which is to be sent first. SETTLE: `webhook` as it waits, with what is known now,
     * and webhook_act as of now_ms, which is when it is to be sent where it waits on; nothing
     * happens to one that does not wait so. LIST: of webhook.state, to webhook.webhook (empty: to
     * any), after, most; out: `webhooks` by receiver, oldest first, `last`, `more`; with
     * ERROR_RECORD_DAMAGED those that are whole. COUNT: likewise; out: entries. RETRY, FORGET: of
     * those given up that of webhook.id (empty: any) to webhook.webhook (likewise), in a bounded
     * part of them behind `after`; they wait from now_ms on, or are gone; out: purged, of how many;
     * `more`: go on behind `last`. PURGE: those of whatever state that would have been sent, or
     * were given up, more than WEBHOOK_KEPT_MS before now_ms, a bounded batch; out: purged. */
    STORE_WEBHOOK_PUT,
    STORE_WEBHOOK_NEXT,
    STORE_WEBHOOK_SETTLE,
    STORE_WEBHOOK_LIST,
    STORE_WEBHOOK_COUNT,
    STORE_WEBHOOK_RETRY,
    STORE_WEBHOOK_FORGET,
    STORE_WEBHOOK_PURGE,
    /* Of notes. PUT: `note`, inserted or replaced by its time and id. LIST: from the newest on, or
     * from behind `after`, most; out: `notes`, `last`, `more`; with ERROR_RECORD_DAMAGED those that
     * are whole. */
    STORE_NOTE_PUT,
    STORE_NOTE_LIST,
    STORE_KIND_COUNT
};

struct store_command {
    enum store_kind kind;
    struct arena arena; /* its memory */
    struct token_record token;
    unsigned token_fields;        /* enum token_field */
    const struct token_use *uses; /* in the command's arena */
    size_t use_count;
    struct session_record session;
    struct secret_record secret;
    struct text replaces;
    struct audit_event *audit; /* of a write: the record of it, made in the same transaction unless
                                  the write is refused; NULL: none */
    const struct ledger_entries *ledger; /* in the arena */
    struct audit_page page;              /* of the audit log */
    struct log_query log_query;
    struct log_content content;
    struct usage_query usage_query;
    struct rollup_query rollup_query;
    size_t keep_messages;
    int64_t now_ms;
    int64_t created_before_ms;   /* 0: whenever */
    struct budget_order *orders; /* in the command's arena */
    size_t order_count;
    struct idempotency_record idempotency;
    struct history_order history;
    struct cache_record cache;
    struct canary_record canary;
    struct note_record note;
    const struct note_record *notes;
    size_t note_count;
    struct webhook_record webhook;
    enum webhook_act webhook_act;
    const struct webhook_record *webhooks; /* in the command's arena; results, too */
    size_t webhook_count;
    struct response_record response;
    struct response_want *wants; /* in the command's arena */
    size_t want_count;
    uint64_t bytes_max; /* of a table */
    /* a page of a list */
    struct text prefix; /* keys that begin with it */
    struct text after;  /* keys behind it; empty: from the first */
    size_t most;        /* 0: as many as a page may have */
    /* results */
    struct error error; /* ERROR_NONE, the above, ERROR_STORAGE_FULL, _ERROR, ERROR_RECORD_DAMAGED,
                           ERROR_SESSION_FULL (10000 messages or 64 MiB), ERROR_OVERLOADED (too much
                           is queued) */
    uint64_t revision;
    const struct token_record *tokens;
    size_t token_count;
    bool unchanged; /* all was so before; no record of the act is made */
    const struct secret_record *secrets;
    size_t secret_count;
    const struct session_record *sessions;
    size_t session_count;
    struct text last; /* key behind which a list goes on */
    const struct budget_record *budgets;
    size_t budget_count;
    const struct idempotency_record *kept;
    const struct cache_record *cached;
    const struct canary_record *canaries;
    size_t canary_count;
    uint64_t entries, bytes; /* of a table */
    bool more;               /* the list goes on behind its last */
    uint64_t purged;
    struct log_page log_page;
    struct log_content found;
    struct usage_page usage_page;
    struct rollup_page rollup_page; /* NULL and zeros before the first read */
    struct audit_link recorded; /* where `audit` stands; its number 0: it was not recorded */
    /* who asked */
    struct loop *loop;
    void (*done)(struct store_command *command); /* in the loop's thread; takes the command */
    void *context;
    /* the store's own */
    struct loop_task task;
    struct store_command *next;
};

/* Gives a zeroed command on the heap. */
struct store_command *store_command_new(enum store_kind kind);
/* Frees a command that was not submitted, or that `done` received. NULL does nothing. */
void store_command_free(struct store_command *command);
/* Takes the command (loop and done filled in); any thread. Exactly one done() follows, never from
 * inside, unless it is abandoned. Without a loop it is called in the store's own thread, which it
 * must not hold up, and the command is queued however many wait: who submits such has a bound of
 * his own. */
void store_submit(struct store *store, struct store_command *command);
/* The asker is gone: done() is not called, the effect still happens, the store frees the command.
 * Only in the loop's thread, between submit and done. */
void store_abandon(struct store_command *command);
/* Submits and waits: for start-up and the command line, in threads that run no loop. `done` and
 * `loop` are not used; the command stays the caller's. */
void store_wait(struct store *store, struct store_command *command);

/* Opens the LMDB store in `folder`, creating it (0700) when absent. Refuses with
 * ERROR_STORAGE_ERROR when another process has it open (says which pid) or its format version is
 * not ours. */
struct store *store_open_lmdb(struct text folder, struct error *err);
/* Has `told` called for each record of the audit log as soon as it is durable, before the act is
 * answered: in a thread of the store's, which it must not keep waiting. Before anything is
 * submitted; both are kept. */
void store_on_audit(struct store *store,
                    void (*told)(void *context, const struct audit_event *event,
                                 const struct audit_link *place),
                    void *context);
/* Answers everything that was submitted, makes it durable, closes. The loops of the askers must
 * still be there. */
void store_close(struct store *store);

/* Carries out a command that only reads, in the caller's thread, on the LMDB store in `folder`,
 * beside the process that has it open, if one does; this one must not. Creates and changes nothing.
 * False where there is no store; command->error says when it cannot be read. */
bool store_peek(struct text folder, struct store_command *command);

/* A number that is this process's and no other's: what carries another was begun by one that has
 * ended. */
uint64_t store_epoch(const struct store *store);

struct store_stats {
    uint64_t commits, commands, used_bytes, map_bytes;
    bool usable; /* false: read-only after an input/output error */
};
struct store_stats store_stats(const struct store *store);
