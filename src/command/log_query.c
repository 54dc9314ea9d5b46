#include "command/log_query.h"

#include "base/clock.h"
#include "config/value.h"

#include <ctype.h>

const char *const log_filter_names[] = {"endpoint", "project", "token",        "session", "trace",
                                        "provider", "model",   "status",       "code",    "tag",
                                        "from",     "to",      "min-duration", NULL};

void query_put(struct buffer *path, const char *name, struct text value)
{
    bool first = memchr(path->at, '?', path->len) == NULL;

    buffer_put_byte(path, first ? '?' : '&');
    for (const char *at = name; *at != '\0'; at++)
        buffer_put_byte(path, *at == '-' ? '_' : *at);
    buffer_put_byte(path, '=');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.at[i];

        if (isalnum(byte) || (byte != '\0' && strchr("-._~", byte) != NULL))
            buffer_put_byte(path, (char)byte);
        else
            buffer_printf(path, "%%%02X", byte);
    }
}

/* "2h" is a time, too: two hours ago. */
static struct text time_of(const struct command_line *line, struct text given)
{
    int64_t now_ms = clock_wall_ms();
    char when[CLOCK_RFC3339_BYTES];
    uint64_t ago_ms;

    if (!duration_parse(given, &ago_ms) || ago_ms > (uint64_t)now_ms)
        return given;
    return arena_copy(line->arena, clock_rfc3339(now_ms - (int64_t)ago_ms, when));
}

/* One that was given several times is a list. */
static struct text value_of(const struct command_line *line, const char *name)
{
    struct buffer list = buffer_in(line->arena);
    const char *const *texts;
    size_t count = option_texts(line, name, &texts);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(&list, ',');
        buffer_put(&list, text_of(texts[i]));
    }
    return buffer_text(&list);
}

bool query_put_options(const struct command_line *line, const char *const *names,
                       struct buffer *path, struct error *err)
{
    for (; *names != NULL; names++) {
        bool is_time = strcmp(*names, "from") == 0 || strcmp(*names, "to") == 0;
        struct text given = value_of(line, *names), value = given;
        int64_t wall_ms;

        if (option_text(line, *names) == NULL)
            continue;
        if (is_time)
            value = time_of(line, value);
        if (is_time && !clock_parse_rfc3339(value, &wall_ms))
            return error_set(
                err, ERROR_INVALID_REQUEST, arena_printf(line->arena, "--%s", *names).at,
                "'%.*s' is neither a date, nor an RFC 3339 time, nor a duration", TEXT_ARG(given));
        query_put(path, *names, value);
    }
    return true;
}
