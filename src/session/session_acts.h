/* session/session_acts.h
 * What operators do with stored sessions, whosever they are. Each act waits for the store, so it is
 * for threads that run no loop: those of admin calls, and the command line. Answers are appended to
 * `out` as JSON (session_text.h); on failure nothing is. An id that names no session is
 * ERROR_SESSION_NOT_FOUND, one that is damaged ERROR_RECORD_DAMAGED.
 *
 * An act that changes something takes the command it is to send, new and of the kind that is named
 * there, which may bring along what is to be recorded in the same transaction. */
#pragma once
#include "base/buffer.h"
#include "store/store.h"

enum { SESSION_PAGE = 20, SESSION_PAGE_MAX = 1000 };

/* Empty texts ask for no more than the others do. */
struct session_query {
    struct text endpoint, token_id;
    struct text after; /* the last of the page before */
    size_t limit;      /* 1 ... SESSION_PAGE_MAX */
};
/* A page, newest first: {"object": "list", "data", "first_id", "last_id", "has_more"}. A damaged
 * session is listed where nothing is asked for that would have to be read. */
bool sessions_list(struct store *store, const struct session_query *query, struct buffer *out,
                   struct error *err);
/* With its messages. */
bool session_show(struct store *store, struct text id, struct buffer *out, struct error *err);
/* Its messages alone, as JSON Lines. */
bool session_export(struct store *store, struct text id, struct buffer *out, struct error *err);
/* Forgets all but the oldest `messages`, which must be whole turns; a turn under way is refused
 * then. Takes a STORE_SESSION_REWIND. Answers with the session as it is after it. */
bool session_rewind(struct store *store, struct text id, uint64_t messages,
                    struct store_command *write, struct buffer *out, struct error *err);
/* A new session of the same endpoint and token with the oldest `messages` (UINT64_MAX: all), whole
 * turns; it lives as long from now as the other did from its last turn. Takes a
 * STORE_SESSION_APPEND. Answers with the new session. */
bool session_fork(struct store *store, struct text id, uint64_t messages, int64_t now_ms,
                  struct store_command *write, struct buffer *out, struct error *err);
/* Takes a STORE_SESSION_DELETE. Answers {"id", "object": "session", "deleted": true}. */
bool session_delete(struct store *store, struct text id, struct store_command *write,
                    struct buffer *out, struct error *err);
/* Deletes all sessions that the query's endpoint and token name, and all stored responses, in
 * batches; with neither, ERROR_INVALID_REQUEST. Answers {"object": "sessions", "deleted": N,
 * "responses": N}. After a failure it may be called again. */
bool sessions_erase(struct store *store, const struct session_query *query, struct buffer *out,
                    struct error *err);
