/* session/session_text.h
 * Sessions as the JSON that operators read, over the admin listener and on the command line. */
#pragma once
#include "base/buffer.h"
#include "store/session_record.h"

/* {"id", "object": "session", "endpoint", "token_id", "created_at", "updated_at", "expires_at",
 * "revision", "message_count", "bytes"}, and where it was read whole "messages"; of a damaged one
 * {"id", "object", "damaged": true}. */
void session_put(struct buffer *out, const struct session_record *session);
/* {"id", "object": "session", "deleted": true} */
void session_put_deleted(struct buffer *out, struct text id);
/* Its messages, one JSON object a line, each with the session's id, endpoint and token: for what
 * reads JSON Lines. */
void session_put_lines(struct buffer *out, const struct session_record *session);
