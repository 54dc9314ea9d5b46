/* The reply is lines (status, fields, chunk sizes, trailers) and runs of body bytes. Lines are read
 * where they lie when they are whole; only one that is cut is put together in `line`. Body bytes
 * are never copied. Each kind of line has a reader of its own, called through the table `parts`. */
#include "transport/http_reply.h"

#include "base/check.h"
#include "provider/http_field.h"

enum {
    INTERIMS_MAX = 8,
    FIELDS_MAX = 256,
    CHUNK_LINE_MAX = 1024,
    EXTENSION_BYTES_MAX = 16 * 1024, /* of all chunks of a reply */
    CHUNK_DIGITS_MAX = 16
};

enum part {
    PART_STATUS,
    PART_FIELDS,
    PART_CHUNK_SIZE,
    PART_CHUNK_END,
    PART_TRAILERS,
    PART_LINES, /* those above are read by lines */
    PART_LENGTH = PART_LINES,
    PART_CHUNK,
    PART_UNTIL_CLOSE,
    PART_END,
    PART_FAILED
};

static enum http_step fail(struct http_reply *reply, struct error *err, enum error_code code,
                           const char *message)
{
    reply->at = PART_FAILED;
    reply->last_use = true;
    error_set(err, code, NULL, "%s", message);
    return HTTP_FAILED;
}

static enum http_step fail_protocol(struct http_reply *reply, struct error *err,
                                    const char *message)
{
    return fail(reply, err, ERROR_UPSTREAM_PROTOCOL, message);
}

static enum http_step fail_too_large(struct http_reply *reply, struct error *err)
{
    reply->at = PART_FAILED;
    reply->last_use = true;
    error_set(err, ERROR_UPSTREAM_TOO_LARGE, NULL,
              "sent a reply body longer than the %zu bytes that are allowed",
              reply->body_bytes_max);
    return HTTP_FAILED;
}

static enum http_step end(struct http_reply *reply)
{
    reply->at = PART_END;
    return HTTP_END;
}

/* -- the head --------------------------------------------------------------------------------- */

/* RFC 9112 section 4: "HTTP/1.1 200 OK"; the reason, and the blank before it, may be missing. */
static enum http_step read_status(struct http_reply *reply, struct text line, struct error *err)
{
    uint64_t status;

    if (!text_starts(line, TEXT("HTTP/1.")) || line.len < 12 || line.at[7] < '0' ||
        line.at[7] > '9' || line.at[8] != ' ' || (line.len > 12 && line.at[12] != ' ') ||
        !text_to_u64((struct text){line.at + 9, 3}, &status) || status < 100 || status > 599 ||
        !field_value_clean(text_after(line, 12)))
        return fail_protocol(reply, err, "did not answer in HTTP/1.1");
    if (line.at[7] == '0')
        reply->last_use = true;
    reply->status = (int)status;
    reply->at = PART_FIELDS;
    return HTTP_MORE;
}

static enum http_step read_length(struct http_reply *reply, struct text value, struct error *err)
{
    uint64_t length;

    if (!text_to_u64(value, &length))
        return fail_protocol(reply, err, "sent a Content-Length that is not one number");
    if (reply->has_length && length != reply->length)
        return fail_protocol(reply, err, "sent two different Content-Length headers");
    if (reply->has_length)
        reply->last_use = true; /* twice the same: clear enough, but nobody to rely on */
    reply->has_length = true;
    reply->length = length;
    return HTTP_MORE;
}

/* Remembers a field for whoever is told of the head. Cookies would tie calls of several callers
 * together, and are nobody's. */
static void keep_field(struct http_reply *reply, struct text name, struct text value)
{
    char *at = buffer_reserve(&reply->fields, name.len + value.len + 2);

    for (size_t i = 0; i < name.len; i++)
        *at++ = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] | 0x20 : name.at[i]);
    *at++ = ':';
    if (value.len > 0)
        memcpy(at, value.at, value.len);
    at[value.len] = '\n';
    reply->fields.len += name.len + value.len + 2;
}

static bool is_handed_on(enum http_field field)
{
    switch (field) {
    case FIELD_CONTENT_LENGTH:
    case FIELD_TRANSFER_ENCODING:
    case FIELD_CONTENT_ENCODING:
    case FIELD_CONNECTION:
    case FIELD_KEEP_ALIVE:
    case FIELD_SET_COOKIE:
        return false;
    default:
        return true;
    }
}

static enum http_step read_field(struct http_reply *reply, enum http_field field, struct text value,
                                 struct error *err)
{
    switch (field) {
    case FIELD_CONTENT_LENGTH:
        return read_length(reply, value, err);
    case FIELD_TRANSFER_ENCODING:
        if (reply->has_encoding || !text_equal_nocase(value, TEXT("chunked")))
            return fail_protocol(reply, err, "sent a Transfer-Encoding other than 'chunked'");
        reply->has_encoding = true;
        break;
    case FIELD_CONTENT_ENCODING:
        if (value.len > 0 && !text_equal_nocase(value, TEXT("identity")))
            return fail_protocol(reply, err,
                                 "sent an encoded body although 'identity' was asked for");
        break;
    case FIELD_CONTENT_TYPE:
        field_media_type(value, reply->content_type, sizeof reply->content_type);
        break;
    case FIELD_CONNECTION:
        if (field_lists(value, TEXT("close")))
            reply->last_use = true;
        break;
    case FIELD_KEEP_ALIVE:
        reply->keep_alive_s = field_keep_alive_s(value);
        break;
    case FIELD_SET_COOKIE:
    case FIELD_OTHER:
        break;
    }
    return HTTP_MORE;
}

/* RFC 9112 section 6.3, in its order. */
static enum http_step end_head(struct http_reply *reply, struct error *err)
{
    if (reply->has_encoding && reply->has_length)
        return fail_protocol(reply, err, "sent both Content-Length and Transfer-Encoding");
    if (reply->status == 204 || reply->status == 304) {
        reply->at = PART_LENGTH;
        reply->left = 0;
    } else if (reply->has_encoding) {
        reply->at = PART_CHUNK_SIZE;
    } else if (reply->has_length) {
        if (reply->length > reply->body_bytes_max)
            return fail_too_large(reply, err);
        reply->at = PART_LENGTH;
        reply->left = reply->length;
    } else {
        reply->at = PART_UNTIL_CLOSE;
        reply->last_use = true;
    }
    return HTTP_HEAD;
}

/* An interim reply is followed by another head; what it said does not count. RFC 9110 section 15.2.
 */
static enum http_step skip_interim(struct http_reply *reply, struct error *err)
{
    struct http_reply next = {
        .head_bytes_max = reply->head_bytes_max,
        .body_bytes_max = reply->body_bytes_max,
        .line = reply->line,
        .fields = {.at = reply->fields.at, .room = reply->fields.room},
        .head_bytes = reply->head_bytes,
        .interims = reply->interims + 1,
        .begun = true,
        .last_use = reply->last_use,
    };

    if (reply->status == 101)
        return fail_protocol(reply, err, "switched to another protocol unasked");
    if (reply->has_length || reply->has_encoding)
        return fail_protocol(reply, err, "sent an interim reply with a body");
    if (next.interims > INTERIMS_MAX)
        return fail_protocol(reply, err, "sent too many interim replies");
    *reply = next;
    return HTTP_MORE;
}

static enum http_step read_field_line(struct http_reply *reply, struct text line, struct error *err)
{
    struct text name, value;
    enum http_field field;

    if (line.len == 0)
        return reply->status < 200 ? skip_interim(reply, err) : end_head(reply, err);
    if (++reply->field_count > FIELDS_MAX)
        return fail(reply, err, ERROR_UPSTREAM_TOO_LARGE, "sent too many headers");
    if (!field_split(line, &name, &value))
        return fail_protocol(reply, err, "sent a header line that is not 'name: value'");
    field = field_find(name);
    if (is_handed_on(field))
        keep_field(reply, name, value);
    return read_field(reply, field, value, err);
}

/* -- chunks (RFC 9112 section 7.1) ------------------------------------------------------------ */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum http_step read_chunk_size(struct http_reply *reply, struct text line, struct error *err)
{
    uint64_t size = 0;
    size_t digits = 0;
    struct text rest;

    while (digits < line.len && digits < CHUNK_DIGITS_MAX && hex_digit(line.at[digits]) >= 0)
        size = size << 4 | (uint64_t)hex_digit(line.at[digits++]);
    rest = text_after(line, digits);
    reply->extension_bytes += rest.len;
    if (reply->extension_bytes > EXTENSION_BYTES_MAX)
        return fail_protocol(reply, err, "sent too many chunk extensions");
    if (digits == 0 || !field_value_clean(rest) ||
        ((rest = text_trim(rest)).len > 0 && rest.at[0] != ';'))
        return fail_protocol(reply, err, "sent a chunk size that is not a number");
    if (size > reply->body_bytes_max - reply->body_bytes)
        return fail_too_large(reply, err);
    reply->left = size;
    reply->at = size > 0 ? PART_CHUNK : PART_TRAILERS;
    return HTTP_MORE;
}

static enum http_step read_chunk_end(struct http_reply *reply, struct text line, struct error *err)
{
    if (line.len > 0)
        return fail_protocol(reply, err, "sent a chunk longer than announced");
    reply->at = PART_CHUNK_SIZE;
    return HTTP_MORE;
}

static enum http_step read_trailer(struct http_reply *reply, struct text line, struct error *err)
{
    (void)err;
    return line.len == 0 ? end(reply) : HTTP_MORE;
}

/* -- lines and runs --------------------------------------------------------------------------- */

static const struct {
    enum http_step (*read)(struct http_reply *reply, struct text line, struct error *err);
    size_t line_bytes_max; /* 0: what is left of the head */
    enum error_code too_long;
    const char *message;
} parts[PART_LINES] = {
    // clang-format off
    [PART_STATUS]     = {read_status, 0, ERROR_UPSTREAM_TOO_LARGE, "sent a reply head that is too long"},
    [PART_FIELDS]     = {read_field_line, 0, ERROR_UPSTREAM_TOO_LARGE, "sent a reply head that is too long"},
    [PART_CHUNK_SIZE] = {read_chunk_size, CHUNK_LINE_MAX, ERROR_UPSTREAM_PROTOCOL, "sent a chunk size line that is too long"},
    [PART_CHUNK_END]  = {read_chunk_end, 2, ERROR_UPSTREAM_PROTOCOL, "sent a chunk longer than announced"},
    [PART_TRAILERS]   = {read_trailer, 0, ERROR_UPSTREAM_TOO_LARGE, "sent trailers that are too long"},
    // clang-format on
};

/* True when a whole line is in *out_line, without its end; false when the input is used up, or
 * after fail(). */
static bool take_line(struct http_reply *reply, struct text *input, struct text *out_line,
                      struct error *err)
{
    size_t max = parts[reply->at].line_bytes_max;
    bool head = max == 0;
    size_t end_at = text_find_byte(*input, '\n');
    bool whole = end_at < input->len;
    size_t taken = whole ? end_at + 1 : input->len;

    if (head)
        max = reply->head_bytes_max - reply->head_bytes;
    if (reply->line.len + taken > max) {
        fail(reply, err, parts[reply->at].too_long, parts[reply->at].message);
        return false;
    }
    *out_line = text_first(*input, taken);
    if (!whole || reply->line.len > 0) {
        buffer_put(&reply->line, *out_line);
        *out_line = buffer_text(&reply->line);
    }
    *input = text_after(*input, taken);
    if (!whole)
        return false;
    reply->line.len = 0;
    if (head)
        reply->head_bytes += out_line->len;
    out_line->len--;
    if (out_line->len > 0 && out_line->at[out_line->len - 1] == '\r')
        out_line->len--;
    else
        reply->last_use = true; /* a bare LF: readable, but not what anybody should send */
    return true;
}

static enum http_step take_run(struct http_reply *reply, struct text *input, struct text *out_piece)
{
    *out_piece = text_first(*input, reply->left < input->len ? (size_t)reply->left : input->len);
    *input = text_after(*input, out_piece->len);
    reply->left -= out_piece->len;
    reply->body_bytes += out_piece->len;
    if (reply->left == 0 && reply->at == PART_CHUNK)
        reply->at = PART_CHUNK_END;
    return HTTP_BODY;
}

static enum http_step take_rest(struct http_reply *reply, struct text *input,
                                struct text *out_piece, struct error *err)
{
    if (input->len > reply->body_bytes_max - reply->body_bytes)
        return fail_too_large(reply, err);
    *out_piece = *input;
    *input = (struct text){0};
    reply->body_bytes += out_piece->len;
    return HTTP_BODY;
}

static enum http_step next(struct http_reply *reply, struct text *input, struct text *out_piece,
                           struct error *err)
{
    struct text line;

    while (reply->at < PART_LINES) {
        enum http_step step;

        if (!take_line(reply, input, &line, err))
            return reply->at == PART_FAILED ? HTTP_FAILED : HTTP_MORE;
        step = parts[reply->at].read(reply, line, err);
        if (step != HTTP_MORE)
            return step;
    }
    if (reply->at == PART_LENGTH && reply->left == 0)
        return end(reply);
    if (input->len == 0)
        return HTTP_MORE;
    return reply->at == PART_UNTIL_CLOSE ? take_rest(reply, input, out_piece, err)
                                         : take_run(reply, input, out_piece);
}

enum http_step http_reply_next(struct http_reply *reply, struct text *input, struct text *out_piece,
                               struct error *err)
{
    enum http_step step;

    CHECK(reply->at < PART_END);
    *out_piece = (struct text){0};
    reply->begun |= input->len > 0;
    step = next(reply, input, out_piece, err);
    if (step == HTTP_END && input->len > 0)
        reply->last_use = true;
    return step;
}

bool http_reply_close(struct http_reply *reply, struct error *err)
{
    reply->last_use = true;
    if (reply->at == PART_UNTIL_CLOSE)
        reply->at = PART_END;
    if (reply->at == PART_END)
        return true;
    if (!reply->begun)
        fail(reply, err, ERROR_UPSTREAM_FAILED, "closed the connection without a reply");
    else
        fail(reply, err, ERROR_UPSTREAM_TRUNCATED,
             "closed the connection in the middle of its reply");
    return false;
}

bool http_reply_reusable(const struct http_reply *reply)
{
    return reply->at == PART_END && !reply->last_use;
}

void http_reply_release(struct http_reply *reply)
{
    buffer_release(&reply->line);
    buffer_release(&reply->fields);
}
