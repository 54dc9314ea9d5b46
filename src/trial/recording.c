/* The file:
 *
 *   {"format": 1, "endpoint": SLUG, "test": NAME, "exchanges": [
 *     {"request": {"provider": NAME, "path": PATH, "body": JSON},
 *      "reply": {"status": 200, "headers": {NAME: VALUE},
 *                "body": JSON | "lines": [TEXT] | "base64": TEXT,
 *                "broken_off": true | "failure": {"code": WORD, "message": TEXT, "sent": WORD}}}]}
 *
 * A body that is JSON is kept as that; anything else that is text by its lines, a stream above all,
 * and the rest as base64. A reply without status is one of which nothing came. */
#include "trial/recording.h"

#include "base/check.h"
#include "document/json_pretty.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/utf8.h"
#include "provider/http_field.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

enum { FORMAT = 1, NAME_CHARS = 60, DEPTH = 900 };

static const char *const sent_words[] = {
    [SENT_NOTHING] = "nothing", [SENT_PART] = "part", [SENT_ALL] = "all"};

/* --- reading -------------------------------------------------------------------------------------
 */

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
        if (text_equal(sent, text_of(sent_words[i])))
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
    static const struct json_limits limits = {.depth = DEPTH, .nodes = JSON_UNLIMITED};
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
        document_cell(document, format)->integer != FORMAT)
        return refuse(&reader, 0, "its 'format' is not 1, the one that this version reads");
    if (!read_text(&reader, 0, "endpoint", &out->endpoint) ||
        !read_text(&reader, 0, "test", &out->test))
        return refuse(&reader, 0, "it has the texts 'endpoint' and 'test'");
    return read_exchanges(&reader, out);
}

/* --- writing -------------------------------------------------------------------------------------
 */

static void put_text(struct buffer *out, const char *name, struct text text)
{
    json_put_name(out, name);
    json_put_string(out, text);
}

static void put_request(const struct recorded *it, struct buffer *out)
{
    json_put_name(out, "request");
    buffer_put_byte(out, '{');
    put_text(out, "provider", it->provider);
    put_text(out, "path", it->path);
    json_put_name(out, "body");
    json_put_cell(out, it->body, it->body_at);
    buffer_put_byte(out, '}');
}

static void put_headers(const struct taped_reply *reply, struct buffer *out)
{
    struct text fields = reply->fields, name, value;

    if (fields.len == 0)
        return;
    json_put_name(out, "headers");
    buffer_put_byte(out, '{');
    while (http_head_next(&fields, &name, &value)) {
        if (out->at[out->len - 1] != '{')
            buffer_put_byte(out, ',');
        json_put_string(out, name);
        buffer_put_byte(out, ':');
        json_put_string(out, value);
    }
    buffer_put_byte(out, '}');
}

static void put_lines(struct text body, struct buffer *out)
{
    bool more = true;

    json_put_name(out, "lines");
    buffer_put_byte(out, '[');
    while (more) {
        more = text_find_byte(body, '\n') < body.len;
        json_put_string(out, text_split(&body, '\n'));
        if (more)
            buffer_put_byte(out, ',');
    }
    buffer_put_byte(out, ']');
}

static void put_base64(struct text body, struct arena *scratch, struct buffer *out)
{
    unsigned char *text = arena_alloc(scratch, (body.len + 2) / 3 * 4 + 1);
    int len = EVP_EncodeBlock(text, (const unsigned char *)body.at, (int)body.len);

    put_text(out, "base64", (struct text){(const char *)text, (size_t)len});
}

static void put_body(const struct taped_reply *reply, struct arena *scratch, struct buffer *out)
{
    static const struct json_limits limits = {.depth = DEPTH / 2, .nodes = JSON_UNLIMITED};
    struct buffer whole = buffer_in(scratch);
    struct document document;
    struct text body;

    for (size_t i = 0; i < reply->piece_count; i++)
        buffer_put(&whole, reply->pieces[i]);
    body = buffer_text(&whole);
    if (body.len == 0)
        return;
    if (json_read(body, &limits, scratch, &document, NULL, NULL)) {
        json_put_name(out, "body");
        json_put_cell(out, &document, 0);
    } else if (utf8_valid(body) == body.len) {
        put_lines(body, out);
    } else {
        put_base64(body, scratch, out);
    }
}

static void put_reply(const struct taped_reply *reply, struct arena *scratch, struct buffer *out)
{
    json_put_name(out, "reply");
    buffer_put_byte(out, '{');
    if (reply->status != 0) {
        json_put_name(out, "status");
        buffer_put_i64(out, reply->status);
    }
    put_headers(reply, out);
    put_body(reply, scratch, out);
    if (reply->broken_off) {
        json_put_name(out, "broken_off");
        buffer_put(out, TEXT("true"));
    }
    if (reply->failure.code != ERROR_NONE) {
        json_put_name(out, "failure");
        buffer_put_byte(out, '{');
        put_text(out, "code", text_of(error_row(reply->failure.code)->word));
        put_text(out, "message", text_of(reply->failure.message));
        put_text(out, "sent", text_of(sent_words[reply->sent]));
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, '}');
}

void recording_write(const struct recording *recording, struct buffer *out)
{
    static const struct json_limits limits = {.depth = DEPTH, .nodes = JSON_UNLIMITED};
    struct arena scratch = {0};
    struct buffer compact = buffer_in(&scratch);
    struct document document;

    buffer_printf(&compact, "{\"format\":%d", FORMAT);
    put_text(&compact, "endpoint", recording->endpoint);
    put_text(&compact, "test", recording->test);
    json_put_name(&compact, "exchanges");
    buffer_put_byte(&compact, '[');
    for (size_t i = 0; i < recording->count; i++) {
        buffer_put(&compact, i > 0 ? TEXT(",{") : TEXT("{"));
        put_request(&recording->items[i], &compact);
        put_reply(&recording->items[i].reply, &scratch, &compact);
        buffer_put_byte(&compact, '}');
    }
    buffer_put(&compact, TEXT("]}"));
    CHECK(json_read(buffer_text(&compact), &limits, &scratch, &document, NULL, NULL));
    json_put_pretty(out, &document, 0);
    buffer_put_byte(out, '\n');
    arena_release(&scratch);
}

/* --- names ---------------------------------------------------------------------------------------
 */

/* Of small letters and digits with single hyphens; *out_whole: nothing of it was lost. */
static struct text file_name(struct text name, struct arena *arena, bool *out_whole)
{
    struct buffer out = buffer_in(arena);
    char before = ' ';

    *out_whole = name.len <= NAME_CHARS && name.len > 0 && name.at[name.len - 1] != ' ';
    for (size_t i = 0; i < name.len && out.len < NAME_CHARS; i++) {
        char c = name.at[i], lower = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');

        *out_whole &= lower == c && (plain || (c == ' ' && before != ' '));
        before = c;
        if (plain)
            buffer_put_byte(&out, lower);
        else if (out.len > 0 && out.at[out.len - 1] != '-')
            buffer_put_byte(&out, '-');
    }
    if (out.len > 0 && out.at[out.len - 1] == '-')
        out.len--;
    return buffer_text(&out);
}

struct text recording_path(struct text slug, struct text test, struct arena *arena)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    bool whole;
    struct text name = file_name(test, arena, &whole);

    if (whole)
        return arena_printf(arena, "tests/recordings/%.*s/%.*s.json", TEXT_ARG(slug),
                            TEXT_ARG(name));
    SHA256((const unsigned char *)test.at, test.len, digest);
    return arena_printf(arena, "tests/recordings/%.*s/%.*s%s%02x%02x%02x%02x.json", TEXT_ARG(slug),
                        TEXT_ARG(name), name.len > 0 ? "-" : "", digest[0], digest[1], digest[2],
                        digest[3]);
}

struct text recording_request_path(const struct provider *provider, struct text path)
{
    if (text_starts(path, provider->path))
        path = text_after(path, provider->path.len);
    if (provider->query.len > 0 && text_ends(path, provider->query))
        path.len -= provider->query.len + 1;
    return path;
}

bool recording_keeps_field(struct text name, int status)
{
    return text_equal(name, TEXT("content-type")) ||
           (status != 200 &&
            (text_equal(name, TEXT("retry-after")) || text_equal(name, TEXT("retry-after-ms")) ||
             text_equal(name, TEXT("x-should-retry"))));
}
