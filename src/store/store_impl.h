/* store/store_impl.h
 * What an implementation of the store gives and gets: two threads and their queues are common,
 * what is durable and how is the implementation's. Only for store/ and its tests. */
#pragma once
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    STORE_GROUP_MAX = 128,
    STORE_QUEUE_COMMANDS_MAX = 65536,
    STORE_QUEUE_BYTES_MAX = 256 << 20,
    STORE_TICK_MS = 60000
};

struct store_ops {
    /* Carries out a group of writes, at most STORE_GROUP_MAX, durable when it returns; fills every
     * command's error and results. One that fails leaves no trace and does not fail the others.
     * Writer thread. */
    void (*write)(struct store *store, struct store_command *const *group, size_t count);
    /* Carries out one read. Sees every write that was answered before. Reader thread. */
    void (*read)(struct store *store, struct store_command *command);
    /* Once a minute. Reader thread. */
    void (*tick)(struct store *store);
    /* Closes and frees; both threads have ended. */
    void (*close)(struct store *store);
};

struct store_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* on the monotonic clock */
    struct store_command *first, **end;
    size_t count, bytes;
    bool closing;
};

/* The common part; an implementation's struct begins with it. */
struct store {
    const struct store_ops *ops;
    pthread_t writer, reader;
    struct store_queue writes, reads;
    void (*on_audit)(void *context, const struct audit_event *event,
                     const struct audit_link *place);
    void *on_audit_context;
    /* kept by the implementation, read by anybody */
    _Atomic uint64_t commits, commands, used_bytes, map_bytes;
    _Atomic bool usable;
    _Atomic bool backing_up; /* one backup at a time */
    uint64_t epoch;          /* drawn by store_start; const from then on */
};

/* Starts the threads of a zeroed store whose ops are set. False with ERROR_STORAGE_ERROR when none
 * can be had; then nothing is to be undone. */
bool store_start(struct store *store, struct error *err);

/* As store_open_lmdb, with a map of `map_bytes` (rounded up to pages): the most the store may ever
 * hold. */
struct store *store_open_lmdb_sized(struct text folder, size_t map_bytes, struct error *err);

struct store_census {
    uint64_t tokens, sessions, messages, expiries, secrets, budgets, leases, usages, log_blocks,
        audit_records, deployments, contents;
    uint64_t idempotencies, versions, answers, canaries, responses, rollups, webhooks, notes;
    uint64_t damaged; /* records that do not read, or do not fit the others */
};
/* Walks everything, with a snapshot of its own: every record is read, sessions must be dense and
 * counted right, and the expiry index must name exactly the sessions that expire. True when all is
 * well; else ERROR_RECORD_DAMAGED or ERROR_AUDIT_BROKEN with the first damage. For a store that
 * nobody writes to. */
bool store_verify_lmdb(struct store *store, struct store_census *out, struct error *err);
