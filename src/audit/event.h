/* audit/event.h
 * One act as it goes into the audit log: who did what to which thing, from where, and how it ended.
 * Nothing of it may be a secret, a token or a prompt.
 *
 * Texts are borrowed; who hands an event on to somebody who outlives it copies it first. */
#pragma once
#include "base/arena.h"

#include <stdint.h>

/* One row per act: name, and the word in the log. What is there once keeps its meaning. */
#define AUDIT_ACTIONS(X)                                                                           \
    /* the process */                                                                              \
    X(PROCESS_START, "process.start")                                                              \
    X(PROCESS_STOP, "process.stop")                                                                \
    X(CONFIG_RELOAD, "config.reload")                                                              \
    X(CANARY_OFF, "canary.off") /* by the process: its calls fared worse than the rest */          \
    X(CANARY_REARM, "canary.rearm")                                                                \
    X(CONFIG_ROLLBACK, "config.rollback")                                                          \
    /* who may call, and what */                                                                   \
    X(TOKEN_CREATE, "token.create")                                                                \
    X(TOKEN_UPDATE, "token.update")                                                                \
    X(TOKEN_ROTATE, "token.rotate")                                                                \
    X(TOKEN_REVOKE, "token.revoke")                                                                \
    X(DEPLOYMENT_CREATE, "deployment.create")                                                      \
    X(DEPLOYMENT_REVOKE, "deployment.revoke")                                                      \
    X(ADMIN_CREATE, "admin.create")                                                                \
    X(ADMIN_REVOKE, "admin.revoke")                                                                \
    X(ADMIN_USE, "admin.use") /* an admin credential, the first time in a while */                 \
    X(DASHBOARD_LOGIN, "dashboard.login")                                                          \
    X(DASHBOARD_LOGOUT, "dashboard.logout")                                                        \
    /* keys */                                                                                     \
    X(SECRET_SET, "secret.set")                                                                    \
    X(SECRET_DELETE, "secret.delete")                                                              \
    X(SECRET_ROTATE, "secret.rotate")                                                              \
    X(SECRET_OPEN, "secret.open")                                                                  \
    X(KEY_USE, "key.use") /* of a provider, the first time in this process */                      \
    X(KEY_REFUSED, "key.refused")                                                                  \
    X(KEY_SPENT, "key.spent")                                                                      \
    /* what callers said, and what is kept about them */                                           \
    X(SESSION_READ, "session.read")                                                                \
    X(SESSION_EXPORT, "session.export")                                                            \
    X(SESSION_REWIND, "session.rewind")                                                            \
    X(SESSION_FORK, "session.fork")                                                                \
    X(SESSION_DELETE, "session.delete")                                                            \
    X(RESPONSE_DELETE, "response.delete")                                                          \
    X(LOG_READ, "log.read")                                                                        \
    X(LOG_EXPORT, "log.export")                                                                    \
    X(LOG_DELETE, "log.delete")                                                                    \
    X(USAGE_EXPORT, "usage.export")                                                                \
    X(CALL_TRY, "call.try") /* by an operator, as the bearer of a token */                         \
    X(TEST_SAVE, "test.save") /* into the configuration folder */                                  \
    X(CACHE_PURGE, "cache.purge")                                                                  \
    X(WEBHOOK_TEST, "webhook.test")                                                                \
    X(WEBHOOK_RETRY, "webhook.retry")                                                              \
    X(WEBHOOK_FORGET, "webhook.forget")                                                            \
    X(BACKUP_CREATE, "backup.create")                                                              \
    X(BACKUP_RESTORE, "backup.restore")                                                            \
    X(BACKUP_DELETE, "backup.delete")                                                              \
    /* refusals, and the log itself */                                                             \
    X(AUTH_FAILURE, "auth.failure")                                                                \
    X(AUDIT_EXPORT, "audit.export")                                                                \
    X(AUDIT_PURGE, "audit.purge")                                                                  \
    X(AUDIT_LOST,                                                                                  \
      "audit.lost") /* records that could not be written: the store was full or failed */

enum audit_action {
#define X(name, word) AUDIT_##name,
    AUDIT_ACTIONS(X)
#undef X
        AUDIT_ACTION_COUNT
};

enum audit_actor {
    AUDIT_BY_SYSTEM, /* the process itself */
    AUDIT_BY_OWNER,  /* who may open the admin socket or the store: the user of that id, if known */
    AUDIT_BY_ADMIN,  /* an admin credential of that id */
    AUDIT_BY_TOKEN,  /* a caller's token of that id */
    AUDIT_BY_UNKNOWN, /* nobody that is known; the peer says from where */
    AUDIT_ACTOR_COUNT
};

/* Beyond these a text is cut, and details are left out and said to be. */
enum { AUDIT_TEXT_BYTES_MAX = 256, AUDIT_DETAIL_BYTES_MAX = 4096 };

struct audit_event {
    int64_t wall_ms;
    enum audit_actor actor;
    struct text actor_id; /* may be empty */
    struct text peer;     /* an address, "uid:1000"; empty: this machine */
    enum audit_action action;
    struct text object;     /* what it was done to: an id, a name */
    struct text outcome;    /* empty: "ok"; else the word of an error */
    struct text details;    /* a JSON object; may be empty */
    struct text request_id; /* may be empty */
};

const char *audit_action_word(enum audit_action action);
const char *audit_actor_word(enum audit_actor actor);
/* Whether the action is of the words' kind: "token.create" is of "token" and of "token.create". */
bool audit_action_is(struct text action, struct text kind);

/* The details as they are recorded: those that are too long are left out, and said to be. */
struct text audit_details(const struct audit_event *event);
/* Gives a copy in the arena, with its texts, each cut to size and made printable UTF-8. */
struct audit_event *audit_event_copy(struct arena *arena, const struct audit_event *event);
