/* provider/framing.h
 * How a streamed reply is cut into events, one reader for every way. */
#pragma once
#include "provider/ndjson.h"
#include "provider/sse.h"

enum framing {
    FRAMING_SSE,  /* text/event-stream */
    FRAMING_LINES /* application/x-ndjson: one JSON value a line */
};

/* Whether a reply of this content type (without parameters) is a stream in that framing. */
bool framing_fits(enum framing framing, struct text content_type);

struct framing_reader {
    enum framing framing;
    union {
        struct sse_reader sse;
        struct ndjson_reader lines;
    };
};
/* A reader whose memory is the arena's. */
void framing_init(struct framing_reader *reader, enum framing framing, struct arena *arena);
/* As sse_next and sse_finish; framing_failed says whether a false means too long an event. */
bool framing_next(struct framing_reader *reader, struct text *piece, struct wire_event *out,
                  struct error *err);
bool framing_finish(struct framing_reader *reader, struct wire_event *out);
bool framing_failed(const struct framing_reader *reader);
