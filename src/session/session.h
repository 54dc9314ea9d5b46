/* session/session.h
 * What was said before: turns a stored session into the history that is put before a new turn, and
 * decides what is kept. Pure but for building store commands. */
#pragma once
#include "store/store.h"

enum { SESSION_WAITING = 8 }; /* max_waiting where an endpoint does not say */

enum session_on_full { SESSION_SLIDE, SESSION_REJECT };
/* As an endpoint configures it; all-zero: no sessions. */
struct session_rule {
    uint64_t ttl_ms; /* since the last turn; 0: the endpoint has no sessions */
    size_t max_messages;
    int64_t max_tokens; /* estimated, of the history; 0: no limit */
    enum session_on_full on_full;
    size_t max_waiting;    /* turns that may wait for the one under way */
    uint64_t retention_ms; /* it ends at the latest so long after its first turn; 0: no limit */
};

/* Which session, and whose. */
struct session_key {
    struct text id, endpoint, token_id;
};

/* Whether `record` may be continued by this token at this endpoint now, with `coming` messages
 * more: ERROR_SESSION_NOT_FOUND (also for a foreign one), _SESSION_EXPIRED, _SESSION_FULL (on_full:
 * reject, or no room for the bytes of a turn). */
bool session_admit(const struct session_rule *rule, const struct session_record *record,
                   const struct session_key *key, size_t coming, int64_t now_ms, struct error *err);
/* Whether one may begin with so many messages: ERROR_SESSION_FULL. */
bool session_admit_new(const struct session_rule *rule, size_t coming, struct error *err);
/* The history to send: the newest messages that, with `coming` more, fit the rule. Never starts
 * with an assistant message. Borrowed from the record. */
void session_history(const struct session_rule *rule, const struct session_record *record,
                     size_t coming, const struct chat_message **out_messages, size_t *out_count);
/* One turn: a question and its answer, and in front of them what the caller told of the
 * conversation before. */
struct session_turn {
    const struct chat_message *earlier;
    size_t earlier_count;
    struct text question, answer;
    struct text request_id;
    bool interrupted; /* the answer broke off */
};
/* A STORE_SESSION_APPEND of one turn, ready but for loop, done and context. `record` is what was
 * read, or NULL for a new session. */
struct store_command *session_append(const struct session_rule *rule,
                                     const struct session_record *record,
                                     const struct session_key *key, const struct session_turn *turn,
                                     int64_t now_ms);
/* Whether the oldest `count` messages are whole turns: ERROR_INVALID_REQUEST with the numbers that
 * would be. */
bool session_cut(const struct session_record *record, uint64_t count, struct error *err);
