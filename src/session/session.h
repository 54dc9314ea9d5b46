/* session/session.h
 * What was said before: turns a stored session into the history that is put before a new turn, and
 * decides what is kept. Pure but for building store commands. */
#pragma once
#include "store/store.h"

enum session_on_full { SESSION_SLIDE, SESSION_REJECT };
/* As an endpoint configures it; all-zero: no sessions. */
struct session_rule {
    uint64_t ttl_ms; /* since the last turn; 0: the endpoint has no sessions */
    size_t max_messages;
    int64_t max_tokens; /* estimated, of the history; 0: no limit */
    enum session_on_full on_full;
};

/* Whether `record` may be continued by this token at this endpoint now: ERROR_SESSION_NOT_FOUND
 * (also for a foreign one), _SESSION_EXPIRED, _SESSION_FULL (on_full: reject). */
bool session_admit(const struct session_rule *rule, const struct session_record *record,
                   struct text endpoint, struct text token_id, int64_t now_ms, struct error *err);
/* The history to send: the newest messages that, with `coming` more, fit the rule. Never starts
 * with an assistant message. Borrowed from the record. */
void session_history(const struct session_rule *rule, const struct session_record *record,
                     size_t coming, const struct chat_message **out_messages, size_t *out_count);
/* A STORE_SESSION_APPEND of one turn (user and assistant), ready but for loop, done and context.
 * `record` is what was read, or NULL for a new session with `id`. */
struct store_command *session_append(const struct session_rule *rule,
                                     const struct session_record *record, struct text id,
                                     struct text endpoint, struct text token_id,
                                     const struct chat_message *turn, size_t turn_count,
                                     int64_t now_ms);
