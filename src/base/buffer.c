#include "base/buffer.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

char *buffer_reserve(struct buffer *buffer, size_t bytes)
{
    size_t room = buffer->room ? buffer->room : 256;
    size_t needed;

    CHECK(!__builtin_add_overflow(buffer->len, bytes, &needed));
    if (needed <= buffer->room)
        return buffer->at + buffer->len;
    while (room < needed)
        CHECK(!__builtin_mul_overflow(room, 2, &room));
    if (buffer->arena != NULL) {
        buffer->at = arena_grow(buffer->arena, buffer->at, buffer->room, room);
    } else {
        buffer->at = realloc(buffer->at, room);
        CHECK(buffer->at != NULL);
    }
    buffer->room = room;
    return buffer->at + buffer->len;
}

void buffer_put(struct buffer *buffer, struct text text)
{
    if (text.len == 0)
        return;
    memcpy(buffer_reserve(buffer, text.len), text.at, text.len);
    buffer->len += text.len;
}

void buffer_put_byte(struct buffer *buffer, char byte)
{
    *buffer_reserve(buffer, 1) = byte;
    buffer->len++;
}

void buffer_put_u64(struct buffer *buffer, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buffer_put(buffer, (struct text){digits + at, sizeof digits - at});
}

void buffer_put_i64(struct buffer *buffer, int64_t value)
{
    if (value < 0)
        buffer_put_byte(buffer, '-');
    buffer_put_u64(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    int len;

    CHECK(format != NULL);
    va_start(arguments, format);
    va_copy(again, arguments);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    CHECK(len >= 0);
    vsnprintf(buffer_reserve(buffer, (size_t)len + 1), (size_t)len + 1, format, arguments);
    va_end(arguments);
    buffer->len += (size_t)len;
}

void buffer_consume(struct buffer *buffer, size_t bytes)
{
    CHECK(bytes <= buffer->len);
    buffer->len -= bytes;
    if (buffer->len > 0)
        memmove(buffer->at, buffer->at + bytes, buffer->len);
}

void buffer_release(struct buffer *buffer)
{
    if (buffer->arena == NULL)
        free(buffer->at);
    *buffer = (struct buffer){.arena = buffer->arena};
}
