/* gateway/gateway.h
 * What all workers share. Const after gateway_open but for what says otherwise; members are safe
 * for all threads by themselves. */
#pragma once
#include "auth/logins.h"
#include "auth/token_table.h"
#include "base/log.h"
#include "config/config.h"
#include "health/retry.h"
#include "limit/rate.h"
#include "secret/vault.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

struct anomalies;
struct answers;
struct aside;
struct audit_trail;
struct budgets;
struct call_states;
struct exporter;
struct health;
struct meter;
struct metrics;
struct old_versions;
struct repeats;
struct request;
struct schema_cache;
struct session_counts;
struct shared_config;
struct turns;
struct webhooks;
struct worker;

enum { GATEWAY_WORKERS_MAX = 64 };

struct gateway {
    void (*admin)(struct request *request); /* serves /admin/v1/... on the admin listener */
    struct store *store;
    struct vault vault; /* of the store */
    struct token_key token_key;
    struct token_table *tokens;
    struct logins *logins; /* of browsers */
    struct rate_table *rates;
    struct budgets *budgets;
    struct log *log;
    struct exporter *exporter; /* of spans; NULL: there is none */
    struct meter *meter;       /* of what a receiver is told of calls; NULL: there is none */
    struct audit_trail *audit;
    struct webhooks *webhooks; /* who is told of what the log says */
    struct anomalies *anomalies; /* notes on endpoints; NULL: none are made */
    bool tells;                /* ... are those of the configuration; else nobody */
    struct metrics *metrics;
    struct repeats *repeats;               /* calls of the last minute */
    struct session_counts *session_counts; /* for metrics */
    struct health *health;                 /* of targets and providers */
    struct shadows *shadows;               /* of answered calls */
    bool alone;                            /* calls stay without copies */
    struct canaries *canaries;             /* routing rules that are watched */
    struct retry_budget retries;           /* of all workers' calls */
    struct schema_cache *tool_schemas;     /* that callers brought along */
    struct call_states *call_states;
    struct answers *answers; /* the cache, and calls under way that are shared */
    struct turns *turns;     /* of sessions */
    struct old_versions *old_versions;
    struct aside *aside;   /* what is done outside of the loops */
    bool metrics_apart;    /* they have a listener of their own, and are not told to callers */
    _Atomic bool draining; /* /readyz fails; new work is refused with shutting_down */
    _Atomic int last_reload_ok;
    _Atomic int64_t last_reload_ms;
    _Atomic uint64_t log_dropped; /* rows of the request log that the store never got */
    _Atomic size_t draft_count;   /* admin calls about drafts that are under way */
    _Atomic size_t tail_count;    /* streams that follow it: log_tail.h */
    struct config_options config_options;
    struct transport_options transport; /* of all workers */
    int64_t at_ms;                      /* when all calls are made, wall time; 0: when they are */
    struct text address; /* where callers are listened to; set before the workers run */
    struct text folder;
    struct text store_folder, backups; /* of the store, and of the copies of it */

    pthread_mutex_t reload_lock; /* one reload at a time */
    pthread_mutex_t lock;        /* of what is below */
    struct shared_config *current;
    struct worker *workers[GATEWAY_WORKERS_MAX];
    struct arena reload_arena;
    size_t jobs; /* threads that work for a worker's request */
    pthread_cond_t jobs_done;
    struct text reload_report; /* why the last reload was refused, human form; else empty */
    struct arena arena;
};

struct gateway_options {
    void (*admin)(struct request *request); /* of gateway */
    struct text folder;
    struct config_options config;
    struct text store;             /* its folder; empty: the one that the configuration names */
    const struct key_source *keys; /* of its secrets; NULL: none */
    struct log *log;               /* kept */
    struct exporter *exporter;     /* kept; NULL: spans are nobody's */
    struct meter *meter;           /* likewise */
    struct transport_options transport;
    int64_t at_ms;    /* as if all calls were made at that wall time; 0: the clock's */
    bool history;     /* its endpoints' versions are kept in their history, and known by number */
    bool tells;       /* its webhooks are told of events */
    bool alone;       /* no copies of calls are made: what is called is all that is called */
    bool config_lent; /* the configuration is kept, and freed by the caller; no reload follows */
};
/* Opens the store and loads tokens; takes `config`. */
bool gateway_open(struct gateway *gateway, const struct gateway_options *options,
                  struct config *config, struct error *err);
/* All workers must have left. */
void gateway_close(struct gateway *gateway);

/* Reads the folder again. A good configuration that differs goes to every worker; requests in
 * flight finish on theirs. A bad one changes nothing: false, and the diagnostics in human form in
 * *out_report (in `arena`). Settings of listeners, store and workers take effect at the next start
 * only; a changed one is reported by a log line. `act` says who wants it; what came of it goes into
 * the audit log. Any thread but a worker's: it reads files. */
bool gateway_reload(struct gateway *gateway, const struct audit_event *act, struct arena *arena,
                    struct text *out_report);

/* What came of a rollback. */
struct rollback {
    uint64_t number;    /* of the version that is new in the history and in force */
    struct text hash;   /* in the arena; so is */
    struct text report; /* why the old version does not load any more, human form */
    bool pinned;        /* it stands in for what the folder has; else it is that */
};
/* Puts `wanted`, a version with its files, into force in place of what the folder has for its
 * endpoint, until that is changed: durable, recorded as `act`, and all or nothing. The folder is
 * not read: what of it is in force stays so. False with *err: ERROR_ENDPOINT_NOT_FOUND,
 * _CONFIG_INVALID with a report, or what the store says. Any thread but a worker's. */
bool gateway_rollback(struct gateway *gateway, const struct history_entry *wanted,
                      const struct audit_event *act, struct arena *arena, struct rollback *out,
                      struct error *err);

/* A thread that will post to a worker's loop begins and ends; closing waits for all of them. */
void gateway_job_begin(struct gateway *gateway);
void gateway_job_end(struct gateway *gateway);
void gateway_jobs_wait(struct gateway *gateway);
