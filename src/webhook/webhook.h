/* webhook/webhook.h
 * Who is told of what: one receiver of events, as pinion.yaml names it, and the kinds of events
 * that there are. */
#pragma once
#include "base/log.h"

enum { WEBHOOKS_MAX = 16, WEBHOOK_SECRETS_MAX = 2, WEBHOOK_SECRET_BYTES_MIN = 16 };

/* One row per kind: name, the word, and whether a receiver that names no kinds gets it. */
#define WEBHOOK_EVENTS(X)                                                                          \
    X(BUDGET, "budget", true)             /* a budget has reached a part of its limit */           \
    X(ANOMALY, "anomaly", true)           /* an endpoint is not as it usually is */                \
    X(CANARY, "canary", true)             /* a routing rule was switched off */                    \
    X(BREAKER, "breaker", true)           /* a target is left alone, or answers again */           \
    X(PROVIDER_KEY, "provider_key", true) /* a provider takes a key no more, or again */           \
    X(RELOAD, "reload", true)             /* a configuration was refused, or needs a restart */    \
    X(ROLLBACK, "rollback", true)         /* an endpoint was rolled back */                        \
    X(STORAGE, "storage", true)           /* room runs out, or something could not be written */   \
    X(PROCESS, "process", false)          /* a process is ready, or ends */                        \
    X(AUDIT, "audit", false)              /* a record of the audit log */

enum webhook_event {
#define X(name, word, usual) WEBHOOK_##name,
    WEBHOOK_EVENTS(X)
#undef X
        WEBHOOK_EVENT_COUNT
};

const char *webhook_event_word(enum webhook_event event);
/* Those that a receiver gets which names none: bits 1 << event. */
unsigned webhook_usual_events(void);
/* The kind that an event of the log is of, at that level; WEBHOOK_EVENT_COUNT: of none. */
enum webhook_event webhook_event_of(enum log_level level, const char *event);

struct webhook {
    struct text name;
    struct text url;            /* with its query, which may hold a credential */
    struct text shown;          /* the part of it that anybody may see */
    const struct text *secrets; /* each signs; at most WEBHOOK_SECRETS_MAX; none: see `missing` */
    size_t secret_count;
    unsigned events; /* bits 1 << webhook_event */
    bool allow_private;
    struct text ca_file; /* or empty */
    bool missing;        /* its URL or a secret is not there: nothing is sent */
};
