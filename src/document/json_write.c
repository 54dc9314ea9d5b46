/* Runs of bytes that need no escape go out whole. Subtrees are written without recursion: the
 * containers around the current cell are kept on a stack as deep as a reader lets one nest. */
#include "document/json_write.h"

#include "base/check.h"
#include "document/json_token.h"
#include "document/names.h"

static void put_escape(struct buffer *buffer, char byte)
{
    static const char plain[] = "\"\\\b\f\n\r\t", escaped[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char *found = byte != '\0' ? strchr(plain, byte) : NULL;
    char unicode[6] = {'\\', 'u', '0', '0', hex[(byte >> 4) & 15], hex[byte & 15]};

    if (found == NULL) {
        buffer_put(buffer, (struct text){unicode, sizeof unicode});
        return;
    }
    unicode[1] = escaped[found - plain];
    buffer_put(buffer, (struct text){unicode, 2});
}

void json_put_escaped(struct buffer *buffer, struct text text)
{
    unsigned high = 0;

    while (text.len > 0) {
        size_t plain = json_plain_bytes(text.at, text.at + text.len, &high);

        buffer_put(buffer, text_first(text, plain));
        if (plain == text.len)
            break;
        put_escape(buffer, text.at[plain]);
        text = text_after(text, plain + 1);
    }
}

void json_put_string(struct buffer *buffer, struct text text)
{
    buffer_reserve(buffer, text.len + 2);
    buffer_put_byte(buffer, '"');
    json_put_escaped(buffer, text);
    buffer_put_byte(buffer, '"');
}

static void put_scalar(struct buffer *buffer, const struct cell *cell)
{
    switch (cell->type) {
    case CELL_NULL:
        buffer_put(buffer, TEXT("null"));
        break;
    case CELL_BOOLEAN:
        buffer_put(buffer, cell->boolean ? TEXT("true") : TEXT("false"));
        break;
    case CELL_INTEGER:
        if (cell->integer == 0 && cell->size == 2)
            buffer_put_byte(buffer, '-'); /* "-0" */
        buffer_put_i64(buffer, cell->integer);
        break;
    case CELL_NUMBER:
        buffer_put(buffer, cell_text(cell));
        break;
    case CELL_STRING:
        json_put_string(buffer, cell_text(cell));
        break;
    default:
        NEVER("a container is no scalar");
    }
}

struct level {
    uint32_t cell;
    uint32_t written; /* children, names counted */
};

static void put_separator(struct buffer *buffer, const struct document *document,
                          struct level *level)
{
    bool object = document->cells[level->cell].type == CELL_OBJECT;

    if (object && level->written % 2 == 1)
        buffer_put_byte(buffer, ':');
    else if (level->written > 0)
        buffer_put_byte(buffer, ',');
    level->written++;
}

static void put_container(struct buffer *buffer, const struct document *document, uint32_t at)
{
    const struct cell *cells = document->cells;
    uint32_t end = document_next(document, at), depth = 0;
    struct level open[DOCUMENT_DEPTH_MAX + 1] __attribute__((uninitialized));

    for (; at < end; at++) {
        bool container = cells[at].type >= CELL_ARRAY;

        if (depth > 0)
            put_separator(buffer, document, &open[depth - 1]);
        if (container) {
            CHECK(depth <= DOCUMENT_DEPTH_MAX);
            open[depth++] = (struct level){at, 0};
            buffer_put_byte(buffer, cells[at].type == CELL_OBJECT ? '{' : '[');
        } else {
            put_scalar(buffer, &cells[at]);
        }
        while (depth > 0 && cells[open[depth - 1].cell].end == at + 1)
            buffer_put_byte(buffer, cells[open[--depth].cell].type == CELL_OBJECT ? '}' : ']');
    }
}

void json_put_cell(struct buffer *buffer, const struct document *document, uint32_t at)
{
    if (document->cells[at].type >= CELL_ARRAY)
        put_container(buffer, document, at);
    else
        put_scalar(buffer, &document->cells[at]);
}

static bool follows_another(const struct buffer *buffer)
{
    return buffer->len > 0 && buffer->at[buffer->len - 1] != '{';
}

void json_put_own_name(struct buffer *buffer, struct text name)
{
    char *at = buffer_reserve(buffer, name.len + 4), *start = at;

    if (follows_another(buffer))
        *at++ = ',';
    *at++ = '"';
    memcpy(at, name.at, name.len);
    at += name.len;
    *at++ = '"';
    *at++ = ':';
    buffer->len += (size_t)(at - start);
}

void json_put_foreign_name(struct buffer *buffer, struct text name)
{
    if (follows_another(buffer))
        buffer_put_byte(buffer, ',');
    json_put_string(buffer, name);
    buffer_put_byte(buffer, ':');
}

void json_put_text(struct buffer *buffer, const char *name, struct text value)
{
    json_put_name(buffer, name);
    json_put_string(buffer, value);
}

void json_put_text_or_null(struct buffer *buffer, const char *name, struct text value)
{
    json_put_name(buffer, name);
    if (value.len > 0)
        json_put_string(buffer, value);
    else
        buffer_put(buffer, TEXT("null"));
}

void json_put_count(struct buffer *buffer, const char *name, uint64_t count)
{
    json_put_name(buffer, name);
    buffer_put_u64(buffer, count);
}

void json_put_flag(struct buffer *buffer, const char *name, bool flag)
{
    json_put_name(buffer, name);
    buffer_put(buffer, flag ? TEXT("true") : TEXT("false"));
}

void json_put_nano(struct buffer *buffer, int64_t nano)
{
    uint64_t size = nano < 0 ? 0 - (uint64_t)nano : (uint64_t)nano;
    uint64_t fraction = size % 1000000000;
    char digits[10];

    if (nano < 0)
        buffer_put_byte(buffer, '-');
    buffer_put_u64(buffer, size / 1000000000);
    digits[0] = '.';
    for (size_t i = 9; i > 0; i--, fraction /= 10)
        digits[i] = (char)('0' + fraction % 10);
    buffer_put(buffer, (struct text){digits, sizeof digits});
}

void json_put_usd(struct buffer *buffer, const char *name, int64_t nano)
{
    json_put_name(buffer, name);
    if (nano < 0) {
        buffer_put(buffer, TEXT("null"));
        return;
    }
    buffer_put_byte(buffer, '"');
    json_put_nano(buffer, nano);
    buffer_put_byte(buffer, '"');
}
