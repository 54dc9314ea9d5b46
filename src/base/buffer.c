#include "base/buffer.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

char *buffer_grow(struct buffer *buffer, size_t bytes)
{
    size_t room = buffer->room ? buffer->room : 256;
    size_t needed;

    CHECK(!__builtin_add_overflow(buffer->len, bytes, &needed));
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

void buffer_put_u64(struct buffer *buffer, uint64_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
                                "34353637383940414243444546474849505152535455565758596061626364656667"
                                "6869707172737475767778798081828384858687888990919293949596979899";
    enum { MOST = 20 };
    char digits[2 * MOST] = {0}, *at = digits + MOST; /* what follows them is copied along */
    size_t len;

    for (; value >= 100; value /= 100)
        memcpy(at -= 2, pairs + value % 100 * 2, 2);
    if (value >= 10)
        memcpy(at -= 2, pairs + value * 2, 2);
    else
        *--at = (char)('0' + value);
    len = (size_t)(digits + MOST - at);
    memcpy(buffer_reserve(buffer, MOST), at, MOST);
    buffer->len += len;
}

void buffer_put_i64(struct buffer *buffer, int64_t value)
{
    if (value < 0)
        buffer_put_byte(buffer, '-');
    buffer_put_u64(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* Formats into the room there is, and again only where that was too small. */
void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    size_t room = buffer->room - buffer->len;
    int len;

    CHECK(format != NULL);
    va_start(arguments, format);
    va_copy(again, arguments);
    len = vsnprintf(room > 0 ? buffer->at + buffer->len : NULL, room, format, arguments);
    CHECK(len >= 0);
    if ((size_t)len >= room)
        vsnprintf(buffer_grow(buffer, (size_t)len + 1), (size_t)len + 1, format, again);
    va_end(again);
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
