#include "provider/framing.h"

bool framing_fits(enum framing framing, struct text content_type)
{
    if (framing == FRAMING_SSE)
        return text_equal_nocase(content_type, TEXT("text/event-stream"));
    return text_equal_nocase(content_type, TEXT("application/x-ndjson")) ||
           text_equal_nocase(content_type, TEXT("application/ndjson"));
}

void framing_init(struct framing_reader *reader, enum framing framing, struct arena *arena)
{
    *reader = (struct framing_reader){.framing = framing};
    if (framing == FRAMING_SSE)
        reader->sse.line = reader->sse.data = reader->sse.name = buffer_in(arena);
    else
        reader->lines.line = buffer_in(arena);
}

bool framing_next(struct framing_reader *reader, struct text *piece, struct wire_event *out,
                  struct error *err)
{
    return reader->framing == FRAMING_SSE ? sse_next(&reader->sse, piece, out, err)
                                          : ndjson_next(&reader->lines, piece, out, err);
}

bool framing_finish(struct framing_reader *reader, struct wire_event *out)
{
    return reader->framing == FRAMING_SSE ? sse_finish(&reader->sse, out)
                                          : ndjson_finish(&reader->lines, out);
}

bool framing_failed(const struct framing_reader *reader)
{
    return reader->framing == FRAMING_SSE ? reader->sse.failed : reader->lines.failed;
}
