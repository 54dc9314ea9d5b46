/* Bytes are gathered into lines, lines into an event. A line that lies whole in the piece is read
 * where it is; only what is cut is copied. A delivered event stays in `data`, its name behind it,
 * until the next call finds has_data false and drops both. */
#include "provider/sse.h"

enum { EVENT_BYTES_DEFAULT = 1 << 20, WINDOW_BYTES = 256 };

static size_t bytes_max(const struct sse_reader *reader)
{
    return reader->event_bytes_max ? reader->event_bytes_max : EVENT_BYTES_DEFAULT;
}

static bool fail_too_long(struct sse_reader *reader, struct error *err)
{
    reader->failed = true;
    return error_set(err, ERROR_UPSTREAM_TOO_LARGE, NULL,
                     "the provider sent an event of more than %zu bytes", bytes_max(reader));
}

/* Bytes before the first CR or LF. In windows, so that a piece full of CR is not searched to its
 * end for LF once per line. */
static size_t line_bytes(struct text piece)
{
    for (size_t at = 0; at < piece.len; at += WINDOW_BYTES) {
        struct text window = text_first(text_after(piece, at), WINDOW_BYTES);
        size_t found = text_find_byte(text_first(window, text_find_byte(window, '\n')), '\r');

        if (found < window.len)
            return at + found;
    }
    return piece.len;
}

/* Takes one line off the piece: true with the line, false when it goes on in the next piece. */
static bool take_line(struct sse_reader *reader, struct text *piece, struct text *out_line)
{
    struct text head;

    if (reader->after_cr && piece->len > 0) {
        reader->after_cr = false;
        if (piece->at[0] == '\n')
            *piece = text_after(*piece, 1);
    }
    head = text_first(*piece, line_bytes(*piece));
    if (head.len == piece->len) {
        buffer_put(&reader->line, head);
        *piece = (struct text){0};
        return false;
    }
    reader->after_cr = piece->at[head.len] == '\r';
    *piece = text_after(*piece, head.len + 1);
    *out_line = head;
    if (reader->line.len > 0) {
        buffer_put(&reader->line, head);
        *out_line = buffer_text(&reader->line);
        reader->line.len = 0;
    }
    return true;
}

static bool read_line(struct sse_reader *reader, struct text line)
{
    struct text name, value = line;

    if (!reader->started && text_starts(line, TEXT("\xEF\xBB\xBF")))
        value = text_after(line, 3);
    reader->started = true;
    name = text_split(&value, ':'); /* empty for a comment */
    if (value.len > 0 && value.at[0] == ' ')
        value = text_after(value, 1);
    if (text_equal(name, TEXT("data"))) {
        if (reader->has_data)
            buffer_put_byte(&reader->data, '\n');
        buffer_put(&reader->data, value);
        reader->has_data = true;
    } else if (text_equal(name, TEXT("event"))) {
        reader->name.len = 0;
        buffer_put(&reader->name, value);
    }
    return reader->data.len + reader->name.len <= bytes_max(reader);
}

static void deliver(struct sse_reader *reader, struct wire_event *out)
{
    size_t data_bytes = reader->data.len;

    buffer_put(&reader->data, buffer_text(&reader->name));
    out->data = text_first(buffer_text(&reader->data), data_bytes);
    out->name = text_after(buffer_text(&reader->data), data_bytes);
    if (text_equal(out->name, TEXT("message")))
        out->name = (struct text){0};
    reader->name.len = 0;
    reader->has_data = false;
}

bool sse_next(struct sse_reader *reader, struct text *piece, struct wire_event *out,
              struct error *err)
{
    struct text line;

    if (reader->failed)
        return fail_too_long(reader, err);
    if (!reader->has_data)
        reader->data.len = 0;
    while (take_line(reader, piece, &line)) {
        if (line.len > bytes_max(reader))
            return fail_too_long(reader, err);
        if (line.len > 0) {
            if (!read_line(reader, line))
                return fail_too_long(reader, err);
        } else if (reader->has_data) {
            deliver(reader, out);
            return true;
        } else {
            reader->started = true;
            reader->name.len = 0;
        }
    }
    if (reader->line.len > bytes_max(reader))
        return fail_too_long(reader, err);
    return false;
}

bool sse_finish(struct sse_reader *reader, struct wire_event *out)
{
    if (reader->failed)
        return false;
    if (!reader->has_data)
        reader->data.len = 0;
    if (reader->line.len > 0)
        reader->failed = !read_line(reader, buffer_text(&reader->line));
    reader->line.len = 0;
    if (reader->failed || !reader->has_data)
        return false;
    deliver(reader, out);
    return true;
}
