/* store/session_record.h
 * A session as stored. `revision` counts its changes; a reader hands it back with the next one, so
 * that of two turns built on the same history only one is stored. */
#pragma once
#include "chat/chat.h"

enum { SESSION_BYTES_MAX = 64 << 20 }; /* of its messages, as stored */

/* What is known about a message beside it; all-zero of one that an older version stored. */
struct session_note {
    int64_t stored_ms;
    struct text request_id;
    bool interrupted; /* an answer that broke off: the text is as far as it was sent */
};

struct session_record {
    struct text id; /* "ses_" + 26 */
    struct text endpoint;
    struct text token_id;
    int64_t created_ms, expires_ms;
    int64_t updated_ms; /* of its last turn; 0: an older version stored it */
    uint64_t revision;
    uint64_t bytes;                      /* of its messages, as stored */
    const struct chat_message *messages; /* oldest first; NULL in a list */
    const struct session_note *notes;    /* one for each; NULL: nothing is known */
    size_t message_count;
    bool damaged; /* in a list: no more than the id can be read */
};
