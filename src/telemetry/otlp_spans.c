#include "telemetry/otlp_parts.h"

#include "document/json_write.h"
#include "document/utf8.h"

enum { FLAG_HAS_REMOTE = 0x100, FLAG_REMOTE = 0x200, STATUS_ERROR = 2 };

static void put_hex(struct buffer *out, const char *name, const uint8_t *id, size_t bytes)
{
    json_put_name(out, name);
    buffer_put_byte(out, '"');
    trace_hex(buffer_reserve(out, 2 * bytes), id, bytes);
    out->len += 2 * bytes;
    buffer_put_byte(out, '"');
}

static void put_attributes(struct buffer *out, const struct span *span, bool latest)
{
    struct text rest = {span->attributes, span->used}, value;
    enum telemetry_name name;
    uint64_t dropped = span->dropped;
    bool first = true;

    json_put_name(out, "attributes");
    buffer_put_byte(out, '[');
    while (span_next(&rest, &name, &value)) {
        bool put = otlp_put_attribute(out, first, telemetry_word(name, latest),
                                      telemetry_type(name), value);

        first = first && !put;
        dropped += !put;
    }
    buffer_put_byte(out, ']');
    if (dropped > 0)
        json_put_count(out, "droppedAttributesCount", dropped);
}

static void put_link(struct buffer *out, const struct span *span)
{
    json_put_name(out, "links");
    buffer_put(out, TEXT("[{"));
    put_hex(out, "traceId", span->link_trace_id, TRACE_ID_BYTES);
    put_hex(out, "spanId", span->link_span_id, SPAN_ID_BYTES);
    json_put_count(out, "flags", (unsigned)(span->link_flags | FLAG_HAS_REMOTE | FLAG_REMOTE));
    buffer_put(out, TEXT("}]"));
}

static void put_span(struct buffer *out, const struct span *span, bool latest)
{
    static const uint8_t none[SPAN_ID_BYTES];
    bool child = memcmp(span->parent_id, none, sizeof none) != 0;
    struct text name = {span->name, span->name_len};

    buffer_put_byte(out, '{');
    put_hex(out, "traceId", span->trace_id, TRACE_ID_BYTES);
    put_hex(out, "spanId", span->span_id, SPAN_ID_BYTES);
    if (child)
        put_hex(out, "parentSpanId", span->parent_id, SPAN_ID_BYTES);
    json_put_count(
        out, "flags",
        (unsigned)(span->flags | FLAG_HAS_REMOTE | (child && span->remote ? FLAG_REMOTE : 0)));
    json_put_text(out, "name", text_first(name, utf8_valid(name)));
    json_put_count(out, "kind", span->kind);
    otlp_put_time(out, "startTimeUnixNano", span->start_us);
    otlp_put_time(out, "endTimeUnixNano", span->end_us);
    put_attributes(out, span, latest);
    if (span->linked)
        put_link(out, span);
    json_put_name(out, "status");
    buffer_put_byte(out, '{');
    if (span->failed)
        json_put_count(out, "code", STATUS_ERROR);
    buffer_put(out, TEXT("}}"));
}

void otlp_put_spans(struct buffer *out, const struct otlp_source *source, const struct span *spans,
                    size_t count)
{
    otlp_begin(out, source, "resourceSpans", "scopeSpans", "spans");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        put_span(out, &spans[i], source->latest);
    }
    otlp_end(out);
}
