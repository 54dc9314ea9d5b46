/* store/session_record.h
 * A session as stored. `revision` counts its appends; a reader hands it back with the next append,
 * so that of two turns built on the same history only one is stored. */
#pragma once
#include "chat/chat.h"

struct session_record {
    struct text id; /* "ses_" + 26 */
    struct text endpoint;
    struct text token_id;
    int64_t created_ms, expires_ms;
    uint64_t revision;
    const struct chat_message *messages; /* oldest first */
    size_t message_count;
};
