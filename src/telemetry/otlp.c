#include "telemetry/otlp_parts.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "document/utf8.h"

enum { REPLY_BYTES = 65536 };

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

static bool put_value(struct buffer *out, enum telemetry_type type, struct text value)
{
    switch (type) {
    case VALUE_TEXT:
        put_text_value(out, value);
        return true;
    case VALUE_INT:
        buffer_put(out, TEXT("{\"intValue\":\""));
        buffer_put(out, value);
        buffer_put(out, TEXT("\"}"));
        return is_integer(value);
    case VALUE_DOUBLE:
        buffer_put(out, TEXT("{\"doubleValue\":"));
        break;
    case VALUE_BOOL:
        buffer_put(out, TEXT("{\"boolValue\":"));
        break;
    case VALUE_TEXTS:
        return put_texts(out, value);
    }
    buffer_put(out, value);
    buffer_put_byte(out, '}');
    return true;
}

bool otlp_put_attribute(struct buffer *out, bool first, const char *word, enum telemetry_type type,
                        struct text value)
{
    size_t before = out->len;

    if (utf8_valid(value) != value.len)
        return false;
    if (!first)
        buffer_put_byte(out, ',');
    buffer_put(out, TEXT("{\"key\":"));
    json_put_string(out, text_of(word));
    buffer_put(out, TEXT(",\"value\":"));
    if (!put_value(out, type, value)) {
        out->len = before;
        return false;
    }
    buffer_put_byte(out, '}');
    return true;
}

void otlp_put_time(struct buffer *out, const char *name, int64_t wall_us)
{
    json_put_name(out, name);
    buffer_put_byte(out, '"');
    buffer_put_i64(out, wall_us);
    buffer_put(out, TEXT("000\""));
}

void otlp_begin(struct buffer *out, const struct otlp_source *source, const char *things,
                const char *scoped, const char *items)
{
    buffer_put_byte(out, '{');
    json_put_name(out, things);
    buffer_put(out, TEXT("[{\"resource\":{\"attributes\":["));
    for (size_t i = 0; i < source->count; i++) {
        buffer_put(out, i > 0 ? TEXT(",{\"key\":") : TEXT("{\"key\":"));
        json_put_string(out, source->attributes[i].key);
        buffer_put(out, TEXT(",\"value\":"));
        put_text_value(out, source->attributes[i].value);
        buffer_put_byte(out, '}');
    }
    buffer_put(out, TEXT("]}"));
    json_put_name(out, scoped);
    buffer_put(out, TEXT("[{\"scope\":{\"name\":\"pinion\",\"version\":\"" PINION_VERSION "\"}"));
    json_put_name(out, items);
    buffer_put_byte(out, '[');
}

void otlp_end(struct buffer *out)
{
    buffer_put(out, TEXT("]}]}]}"));
}

/* A 64-bit integer is a string there; some write a number. */
uint64_t otlp_rejected(struct text body, const char *items)
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
        at = document_member(&document, at, text_of(items));
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
