/* Reads a head by its lines, then counts the body's bytes; keeps nothing between two calls. */
#include "request.h"

#include <string.h>
#include <strings.h>

struct head {
    size_t content_length;
    bool is_valid;
    bool is_too_large;
};

static bool is_white(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static const char *skip_white(const char *at, const char *end)
{
    while (at < end && is_white(*at))
        at++;
    return at;
}

/* The name is its opening quote to its closing one: inside a JSON text both would be escaped. */
static bool asks_for_stream(const char *at, size_t len)
{
    static const char name[] = "\"stream\"";
    const char *end = at + len;

    while (at < end && (at = memmem(at, (size_t)(end - at), name, sizeof name - 1)) != NULL) {
        at = skip_white(at + sizeof name - 1, end);
        if (at == end || *at != ':')
            continue;
        at = skip_white(at + 1, end);
        return end - at >= 4 && memcmp(at, "true", 4) == 0;
    }
    return false;
}

/* Whether the line is the field `name`; then its value without white space around it. */
static bool field(const char *line, size_t len, const char *name, const char **value,
                  size_t *value_len)
{
    size_t name_len = strlen(name);
    const char *at = line + name_len + 1, *end = line + len;

    if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
        return false;
    at = skip_white(at, end);
    while (end > at && is_white(end[-1]))
        end--;
    *value = at;
    *value_len = (size_t)(end - at);
    return true;
}

static void read_length(struct head *head, const char *at, size_t len)
{
    size_t value = 0;

    head->is_valid &= len > 0;
    for (size_t i = 0; i < len; i++) {
        if (at[i] < '0' || at[i] > '9') {
            head->is_valid = false;
            return;
        }
        if (value <= BODY_BYTES_MAX)
            value = value * 10 + (size_t)(at[i] - '0');
    }
    head->content_length = value;
    head->is_too_large = value > BODY_BYTES_MAX;
}

static void read_line(const char *line, size_t len, struct head *head, struct request *out)
{
    const char *value;
    size_t value_len;

    /* The first letter spares most fields the comparisons. */
    switch (line[0] | 0x20) {
    case 'c':
        if (field(line, len, "content-length", &value, &value_len))
            read_length(head, value, value_len);
        else if (field(line, len, "connection", &value, &value_len))
            out->closing = value_len == 5 && strncasecmp(value, "close", 5) == 0;
        break;
    case 'e':
        if (field(line, len, "expect", &value, &value_len))
            out->expects = true;
        break;
    case 't':
        if (field(line, len, "transfer-encoding", &value, &value_len))
            head->is_valid = false;
        break;
    default:
        break;
    }
}

static struct head read_head(const char *at, size_t len, struct request *out)
{
    const char *end = at + len, *line_end = memchr(at, '\n', len);
    struct head head = {.is_valid = true};
    size_t first = (size_t)(line_end - at);

    if (first < 10 || memcmp(line_end - 9, "HTTP/1.", 7) != 0)
        head.is_valid = false;
    else if (line_end[-2] == '0')
        out->closing = true;
    while (line_end + 1 < end) {
        const char *line = line_end + 1;

        line_end = memchr(line, '\n', (size_t)(end - line));
        if (line_end == NULL)
            break;
        read_line(line, (size_t)(line_end - line), &head, out);
    }
    return head;
}

enum request_state request_read(const char *at, size_t len, struct request *out)
{
    const char *head_end = memmem(at, len < HEAD_BYTES_MAX ? len : HEAD_BYTES_MAX, "\r\n\r\n", 4);
    struct head head;
    size_t head_len;

    *out = (struct request){0};
    if (head_end == NULL)
        return len >= HEAD_BYTES_MAX ? REQUEST_TOO_LARGE : REQUEST_HEAD_MISSING;
    head_len = (size_t)(head_end - at) + 4;
    head = read_head(at, head_len, out);
    if (!head.is_valid)
        return REQUEST_UNSUPPORTED;
    if (head.is_too_large)
        return REQUEST_TOO_LARGE;
    out->len = head_len + head.content_length;
    if (out->len > len)
        return REQUEST_BODY_MISSING;
    out->stream = asks_for_stream(at + head_len, head.content_length);
    return REQUEST_WHOLE;
}
