#include "telemetry/otlp.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "document/utf8.h"

enum { FLAG_HAS_REMOTE = 0x100, FLAG_REMOTE = 0x200, STATUS_ERROR = 2, REPLY_BYTES = 65536 };

static void put_text_value(struct buffer *out, struct text value)
{
    buffer_put(out, TEXT("{\"stringValue\":"));
    json_put_string(out, value);
    buffer_put_byte(out, '}');
}

static bool is_integer(struct text value)
{
    bool minus = value.len > 0 && value.at[0] == '-';
    uint64_t magnitude;

    return text_to_u64(text_after(value, minus), &magnitude) &&
           magnitude <= (uint64_t)INT64_MAX + minus;
}

/* A list of strings, or one string. False when it is neither. */
static bool put_texts(struct buffer *out, struct text json)
{
    struct arena arena = {0};
    struct document document;
    bool good = json_read(json, NULL, &arena, &document, NULL, NULL);
    bool first = true;

    buffer_put(out, TEXT("{\"arrayValue\":{\"values\":["));
    for (uint32_t i = 0; good && i < document.count; i++) {
        enum cell_type type = document.cells[i].type;

        if (i == 0 && type == CELL_ARRAY)
            continue;
        good = type == CELL_STRING;
        if (!good)
            break;
        if (!first)
            buffer_put_byte(out, ',');
        first = false;
        put_text_value(out, document_text(&document, i));
    }
    buffer_put(out, TEXT("]}}"));
    arena_release(&arena);
    return good;
}

static bool put_value(struct buffer *out, enum span_type type, struct text value)
{
    switch (type) {
    case SPAN_TEXT:
        put_text_value(out, value);
        return true;
    case SPAN_INT:
        buffer_put(out, TEXT("{\"intValue\":\""));
        buffer_put(out, value);
        buffer_put(out, TEXT("\"}"));
        return is_integer(value);
    case SPAN_DOUBLE:
        buffer_put(out, TEXT("{\"doubleValue\":"));
        break;
    case SPAN_BOOL:
        buffer_put(out, TEXT("{\"boolValue\":"));
        break;
    case SPAN_TEXTS:
        return put_texts(out, value);
    }
    buffer_put(out, value);
    buffer_put_byte(out, '}');
    return true;
}

/* False, and nothing added, when the value cannot be said. */
static bool put_attribute(struct buffer *out, bool first, enum span_attribute attribute,
                          struct text value)
{
    const struct span_attribute_row *row = span_attribute_row(attribute);
    size_t before = out->len;

    if (utf8_valid(value) != value.len)
        return false;
    if (!first)
        buffer_put_byte(out, ',');
    buffer_put(out, TEXT("{\"key\":"));
    json_put_string(out, text_of(row->word));
    buffer_put(out, TEXT(",\"value\":"));
    if (!put_value(out, row->type, value)) {
        out->len = before;
        return false;
    }
    buffer_put_byte(out, '}');
    return true;
}

static void put_hex(struct buffer *out, const char *name, const uint8_t *id, size_t bytes)
{
    json_put_name(out, name);
    buffer_put_byte(out, '"');
    trace_hex(buffer_reserve(out, 2 * bytes), id, bytes);
    out->len += 2 * bytes;
    buffer_put_byte(out, '"');
}

static void put_time(struct buffer *out, const char *name, int64_t wall_us)
{
    json_put_name(out, name);
    buffer_put_byte(out, '"');
    buffer_put_i64(out, wall_us);
    buffer_put(out, TEXT("000\""));
}

static void put_attributes(struct buffer *out, const struct span *span)
{
    struct text rest = {span->attributes, span->used}, value;
    enum span_attribute attribute;
    uint64_t dropped = span->dropped;
    bool first = true;

    json_put_name(out, "attributes");
    buffer_put_byte(out, '[');
    while (span_next(&rest, &attribute, &value)) {
        bool put = put_attribute(out, first, attribute, value);

        first = first && !put;
        dropped += !put;
    }
    buffer_put_byte(out, ']');
    if (dropped > 0)
        json_put_count(out, "droppedAttributesCount", dropped);
}

static void put_span(struct buffer *out, const struct span *span)
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
    put_time(out, "startTimeUnixNano", span->start_us);
    put_time(out, "endTimeUnixNano", span->end_us);
    put_attributes(out, span);
    json_put_name(out, "status");
    buffer_put_byte(out, '{');
    if (span->failed)
        json_put_count(out, "code", STATUS_ERROR);
    buffer_put(out, TEXT("}}"));
}

void otlp_put_spans(struct buffer *out, const struct otlp_attribute *resource,
                    size_t resource_count, const struct span *spans, size_t count)
{
    buffer_put(out, TEXT("{\"resourceSpans\":[{\"resource\":{\"attributes\":["));
    for (size_t i = 0; i < resource_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",{\"key\":") : TEXT("{\"key\":"));
        json_put_string(out, resource[i].key);
        buffer_put(out, TEXT(",\"value\":"));
        put_text_value(out, resource[i].value);
        buffer_put_byte(out, '}');
    }
    buffer_put(
        out, TEXT("]},\"scopeSpans\":[{\"scope\":{\"name\":\"pinion\",\"version\":\"" PINION_VERSION
                  "\"},\"spans\":["));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        put_span(out, &spans[i]);
    }
    buffer_put(out, TEXT("]}]}]}"));
}

/* A 64-bit integer is a string there; some write a number. */
uint64_t otlp_rejected(struct text body)
{
    struct arena arena = {0};
    struct document document;
    uint64_t rejected = 0;
    uint32_t at = CELL_NONE;

    if (body.len > 0 && body.len <= REPLY_BYTES &&
        json_read(body, NULL, &arena, &document, NULL, NULL) &&
        document.cells[0].type == CELL_OBJECT)
        at = document_member(&document, 0, TEXT("partialSuccess"));
    if (at != CELL_NONE && document.cells[at].type == CELL_OBJECT)
        at = document_member(&document, at, TEXT("rejectedSpans"));
    else
        at = CELL_NONE;
    if (at != CELL_NONE && document.cells[at].type == CELL_INTEGER)
        rejected = document.cells[at].integer > 0 ? (uint64_t)document.cells[at].integer : 0;
    else if (at != CELL_NONE && document.cells[at].type == CELL_STRING &&
             !text_to_u64(document_text(&document, at), &rejected))
        rejected = 0;
    arena_release(&arena);
    return rejected;
}
