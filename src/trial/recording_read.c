#include "trial/recording_file.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/http_field.h"

#include <openssl/evp.h>

struct reader {
    const struct document *document;
    struct arena *arena;
    struct error *err;
};

static bool refuse(const struct reader *reader, uint32_t at, const char *what)
{
    return error_set(
        reader->err, ERROR_INVALID_REQUEST,
        arena_terminated(reader->arena, document_pointer(reader->document, at, reader->arena)),
        "the recording is malformed: %s", what);
}

/* A member of that type; false where there is none, or it is of another type. */
static bool find(const struct reader *reader, uint32_t object, const char *name,
                 enum cell_type type, uint32_t *out_at)
{
    *out_at = document_member(reader->document, object, text_of(name));
    return *out_at != CELL_NONE && document_cell(reader->document, *out_at)->type == type;
}

static bool read_text(const struct reader *reader, uint32_t object, const char *name,
                      struct text *out)
{
    uint32_t at;

    if (!find(reader, object, name, CELL_STRING, &at))
        return false;
    *out = document_text(reader->document, at);
    return true;
}

static bool read_request(const struct reader *reader, uint32_t at, struct recorded *out)
{
    uint32_t request;

    if (!find(reader, at, "request", CELL_OBJECT, &request))
        return refuse(reader, at, "an exchange has an object 'request'");
    out->body = reader->document;
    out->body_at = document_member(reader->document, request, TEXT("body"));
    if (!read_text(reader, request, "provider", &out->provider) ||
        !read_text(reader, request, "path", &out->path) || out->body_at == CELL_NONE)
        return refuse(reader, request,
                      "a request has the texts 'provider' and 'path' and a 'body'");
    return true;
}

static bool read_headers(const struct reader *reader, uint32_t reply, struct taped_reply *out)
{
    struct buffer fields = buffer_in(reader->arena);
    uint32_t at;

    if (document_member(reader->document, reply, TEXT("headers")) == CELL_NONE)
        return true;
    if (!find(reader, reply, "headers", CELL_OBJECT, &at))
        return refuse(reader, reply, "'headers' is an object");
    for (uint32_t item = at + 1; item < document_next(reader->document, at);
         item = document_next(reader->document, item + 1)) {
        struct text name = document_text(reader->document, item), value;

        if (document_cell(reader->document, item + 1)->type != CELL_STRING ||
            !field_name_valid(name))
            return refuse(reader, item, "a header has a name and a text");
        value = document_text(reader->document, item + 1);
        if (!field_value_clean(value))
            return refuse(reader, item, "a header holds no control characters");
        buffer_put(&fields, name);
        buffer_put_byte(&fields, ':');
        buffer_put(&fields, value);
        buffer_put_byte(&fields, '\n');
        if (text_equal(name, TEXT("content-type")))
            out->content_type = text_trim(text_split(&value, ';'));
    }
    out->fields = buffer_text(&fields);
    return true;
}

/* A stream is told an event at a time: up to and with the blank line behind each. */
static bool read_lines(const struct reader *reader, uint32_t at, struct taped_reply *out)
{
    uint32_t count = document_cell(reader->document, at)->size, end;
    struct text *pieces = ARENA_ARRAY(reader->arena, struct text, (size_t)count + 1);
    struct buffer piece = buffer_in(reader->arena);

    end = document_next(reader->document, at);
    for (uint32_t item = at + 1; item < end; item++) {
        struct text line;

        if (document_cell(reader->document, item)->type != CELL_STRING)
            return refuse(reader, item, "'lines' is a list of texts");
        line = document_text(reader->document, item);
        buffer_put(&piece, line);
        if (item + 1 < end)
            buffer_put_byte(&piece, '\n');
        if (item + 1 < end && line.len > 0)
            continue;
        if (piece.len > 0)
            pieces[out->piece_count++] = buffer_text(&piece);
        piece = buffer_in(reader->arena);
    }
    out->pieces = pieces;
    return true;
}

static bool read_base64(const struct reader *reader, uint32_t at, struct text *out)
{
    struct text text = document_text(reader->document, at);
    unsigned char *bytes;
    size_t padding = text_ends(text, TEXT("==")) ? 2 : text_ends(text, TEXT("=")) ? 1 : 0;
    int len;

    if (text.len % 4 != 0 || text.len > INT32_MAX)
        return refuse(reader, at, "'base64' is base64");
    bytes = arena_alloc(reader->arena, text.len / 4 * 3 + 1);
    len = EVP_DecodeBlock(bytes, (const unsigned char *)text.at, (int)text.len);
    if (len < 0 || (size_t)len < padding)
        return refuse(reader, at, "'base64' is base64");
    *out = (struct text){(const char *)bytes, (size_t)len - padding};
    return true;
}

static bool read_body(const struct reader *reader, uint32_t reply, struct taped_reply *out)
{
    struct text *piece = ARENA_NEW(reader->arena, struct text);
    uint32_t lines = document_member(reader->document, reply, TEXT("lines"));
    uint32_t base64 = document_member(reader->document, reply, TEXT("base64"));
    uint32_t body = document_member(reader->document, reply, TEXT("body"));
    struct buffer json = buffer_in(reader->arena);

    if ((lines != CELL_NONE) + (base64 != CELL_NONE) + (body != CELL_NONE) > 1)
        return refuse(reader, reply, "a reply has one of 'body', 'lines' and 'base64'");
    if (lines != CELL_NONE)
        return document_cell(reader->document, lines)->type == CELL_ARRAY
                   ? read_lines(reader, lines, out)
                   : refuse(reader, lines, "'lines' is a list of texts");
    if (base64 == CELL_NONE && body == CELL_NONE)
        return true;
    if (base64 != CELL_NONE) {
        if (document_cell(reader->document, base64)->type != CELL_STRING)
            return refuse(reader, base64, "'base64' is a text");
        if (!read_base64(reader, base64, piece))
            return false;
    } else {
        json_put_cell(&json, reader->document, body);
        *piece = buffer_text(&json);
    }
    out->pieces = piece;
    out->piece_count = piece->len > 0;
    return true;
}

static bool read_failure(const struct reader *reader, uint32_t at, struct taped_reply *out)
{
    struct text code, message, sent = {0};

    if (document_cell(reader->document, at)->type != CELL_OBJECT ||
        !read_text(reader, at, "code", &code) || !read_text(reader, at, "message", &message))
        return refuse(reader, at, "a failure has the texts 'code' and 'message'");
    for (int i = ERROR_UPSTREAM_FAILED; i <= ERROR_UPSTREAM_TIMEOUT; i++)
        if (text_equal(code, text_of(error_row((enum error_code)i)->word)))
            error_set(&out->failure, (enum error_code)i, NULL, "%.*s", TEXT_ARG(message));
    if (out->failure.code == ERROR_NONE)
        return refuse(reader, at,
                      "the code of a failure is one of a provider, such as "
                      "upstream_timeout");
    read_text(reader, at, "sent", &sent);
    for (int i = SENT_NOTHING; i <= SENT_ALL; i++)
        if (text_equal(sent, text_of(recording_sent_word((enum exchange_sent)i))))
            out->sent = (enum exchange_sent)i;
    return true;
}

static bool read_reply(const struct reader *reader, uint32_t at, struct taped_reply *out)
{
    const struct document *document = reader->document;
    uint32_t reply, status, failure, broken;

    if (!find(reader, at, "reply", CELL_OBJECT, &reply))
        return refuse(reader, at, "an exchange has an object 'reply'");
    out->sent = SENT_ALL;
    if (find(reader, reply, "status", CELL_INTEGER, &status)) {
        int64_t number = document_cell(document, status)->integer;

        if (number < 200 || number > 599)
            return refuse(reader, status, "a status is between 200 and 599");
        out->status = (int)number;
    }
    broken = document_member(document, reply, TEXT("broken_off"));
    out->broken_off = broken != CELL_NONE &&
                      document_cell(document, broken)->type == CELL_BOOLEAN &&
                      document_cell(document, broken)->boolean;
    failure = document_member(document, reply, TEXT("failure"));
    if (failure != CELL_NONE && !read_failure(reader, failure, out))
        return false;
    if (out->status == 0 && out->failure.code == ERROR_NONE && !out->broken_off)
        return refuse(reader, reply, "a reply has a 'status', or a 'failure' that says why not");
    return read_headers(reader, reply, out) && read_body(reader, reply, out);
}

static bool read_exchanges(const struct reader *reader, struct recording *out)
{
    struct recorded *items;
    uint32_t at;

    if (!find(reader, 0, "exchanges", CELL_ARRAY, &at))
        return refuse(reader, 0, "it has a list 'exchanges'");
    if (document_cell(reader->document, at)->size > RECORDED_MAX)
        return refuse(reader, at, "it has at most 100 exchanges");
    items = ARENA_ARRAY(reader->arena, struct recorded, document_cell(reader->document, at)->size);
    for (uint32_t item = at + 1; item < document_next(reader->document, at);
         item = document_next(reader->document, item)) {
        if (!read_request(reader, item, &items[out->count]) ||
            !read_reply(reader, item, &items[out->count].reply))
            return false;
        out->count++;
    }
    out->items = items;
    return true;
}

bool recording_read(struct text bytes, struct arena *arena, struct recording *out,
                    struct error *err)
{
    static const struct json_limits limits = {.depth = RECORDING_DEPTH, .nodes = JSON_UNLIMITED};
    struct document *document = ARENA_NEW(arena, struct document);
    struct reader reader = {document, arena, err};
    uint32_t format;

    *out = (struct recording){0};
    if (bytes.len > RECORDING_BYTES_MAX)
        return error_set(err, ERROR_INVALID_REQUEST, NULL, "a recording has at most %d MiB",
                         RECORDING_BYTES_MAX >> 20);
    if (!json_read(bytes, &limits, arena, document, NULL, err))
        return false;
    if (!find(&reader, 0, "format", CELL_INTEGER, &format) ||
        document_cell(document, format)->integer != RECORDING_FORMAT)
        return refuse(&reader, 0, "its 'format' is not 1, the one that this version reads");
    if (!read_text(&reader, 0, "endpoint", &out->endpoint) ||
        !read_text(&reader, 0, "test", &out->test))
        return refuse(&reader, 0, "it has the texts 'endpoint' and 'test'");
    return read_exchanges(&reader, out);
}
