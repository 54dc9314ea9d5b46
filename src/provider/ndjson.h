/* provider/ndjson.h
 * Newline-delimited JSON from bytes cut anywhere: one event a line; CR LF is taken for LF, blank
 * lines are none, and the last line need not end. A zeroed reader with an arena or heap buffer is
 * ready. */
#pragma once
#include "base/buffer.h"
#include "base/error.h"
#include "provider/wire_event.h"

struct ndjson_reader {
    struct buffer line;    /* of an unfinished line */
    size_t line_bytes_max; /* 0: 1 MiB */
    bool given, failed;
};
/* As sse_next and sse_finish. */
bool ndjson_next(struct ndjson_reader *reader, struct text *piece, struct wire_event *out,
                 struct error *err);
bool ndjson_finish(struct ndjson_reader *reader, struct wire_event *out);
