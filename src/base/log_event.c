/* Events are JSON built by hand, as nothing below this room can. A value may hold anything: what
 * could move a cursor or end a line is escaped, controls beyond ASCII too, and bytes that are no
 * UTF-8 become the replacement character, so that a collector never meets a line it cannot read. */
#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"

enum { VALUE_BYTES = 4096 }; /* of one value; the rest is cut off */

static const char *const levels[] = {"debug", "info", "warn", "error"};

/* Bytes of the UTF-8 sequence (RFC 3629) that text begins with; 0 when it is none. */
static size_t sequence_bytes(struct text text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xC2 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    unsigned char low = at[0] == 0xE0 ? 0xA0 : at[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = at[0] == 0xED ? 0x9F : at[0] == 0xF4 ? 0x8F : 0xBF;

    if (len == 0 || at[0] > 0xF4 || len > text.len || (len > 1 && (at[1] < low || at[1] > high)))
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

/* One code point of `len` bytes, or, with none, a byte that belongs to no code point. */
static void put_point(struct buffer *out, struct text text, size_t len)
{
    const unsigned char *at = (const unsigned char *)text.at;

    if (len == 0)
        buffer_put(out, TEXT("\xEF\xBF\xBD"));
    else if (len == 1 && at[0] == '\n')
        buffer_put(out, TEXT("\\n"));
    else if (len == 1 && (at[0] == '"' || at[0] == '\\'))
        buffer_printf(out, "\\%c", at[0]);
    else if (len == 1 && (at[0] < 0x20 || at[0] == 0x7F))
        buffer_printf(out, "\\u%04x", at[0]);
    else if (len == 2 && at[0] == 0xC2 && at[1] < 0xA0)
        buffer_printf(out, "\\u%04x", at[1]);
    else
        buffer_put(out, text_first(text, len));
}

static void put_value(struct buffer *out, struct text value)
{
    size_t len = value.len;

    value = text_cut(value, VALUE_BYTES);
    len -= value.len;
    buffer_put_byte(out, '"');
    while (value.len > 0) {
        size_t bytes = sequence_bytes(value);

        put_point(out, value, bytes);
        value = text_after(value, bytes > 0 ? bytes : 1);
    }
    if (len > 0)
        buffer_put(out, TEXT("\xE2\x80\xA6")); /* an ellipsis: there was more */
    buffer_put_byte(out, '"');
}

static void put_pair(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, ",\"%s\":", name);
    put_value(out, text_of(value));
}

void log_event(struct log *log, enum log_level level, const char *event, const char *message, ...)
{
    char time[CLOCK_RFC3339_BYTES];
    struct buffer line = {0};
    va_list pairs;
    const char *name;
    bool wanted = log_wants(log, level);

    if (!wanted && !log_is_observed(log, level, event))
        return;
    buffer_printf(&line, "{\"ts\":\"%.*s\"", TEXT_ARG(clock_rfc3339(clock_wall_ms(), time)));
    put_pair(&line, "level", levels[level]);
    put_pair(&line, "event", event);
    put_pair(&line, "msg", message);
    va_start(pairs, message);
    while ((name = va_arg(pairs, const char *)) != NULL)
        put_pair(&line, name, va_arg(pairs, const char *));
    va_end(pairs);
    buffer_put_byte(&line, '}');
    if (wanted)
        log_line(log, buffer_text(&line));
    log_tell(log, level, event, buffer_text(&line));
    buffer_release(&line);
}
