/* provider/sse.h
 * Server-sent events (WHATWG HTML section 9.2.6) from bytes cut anywhere: CR, LF and CRLF line
 * ends, comments, several data lines, a missing space after the colon, a BOM, a last event without
 * an empty line (sse_finish). A zeroed reader with an arena or heap buffer is ready. */
#pragma once
#include "base/buffer.h"
#include "base/error.h"
#include "provider/wire_event.h"

struct sse_reader {
    struct buffer line; /* of an unfinished line */
    struct buffer data; /* of an unfinished event */
    struct buffer name;
    size_t event_bytes_max; /* 0: 1 MiB */
    bool has_data, after_cr, started, failed;
};
/* Takes the front of *piece up to and including the next whole event, which it gives in *out (valid
 * until the next call): true. False when *piece is used up without completing one, or when an event
 * is too long: then `failed` is set and *err filled. */
bool sse_next(struct sse_reader *reader, struct text *piece, struct wire_event *out,
              struct error *err);
/* At the end of input: true when an event was left without its empty line. */
bool sse_finish(struct sse_reader *reader, struct wire_event *out);
