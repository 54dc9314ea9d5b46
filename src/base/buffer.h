/* base/buffer.h
 * Bytes that grow at the end. With an arena the memory is the arena's and needs no release; without
 * one (a zeroed buffer) it is the heap's and buffer_release frees it. */
#pragma once
#include "base/arena.h"

struct buffer {
    char *at;
    size_t len;
    size_t room;
    struct arena *arena; /* kept; NULL: heap */
};

static inline struct buffer buffer_in(struct arena *arena)
{
    return (struct buffer){.arena = arena};
}

static inline struct text buffer_text(const struct buffer *buffer)
{
    return (struct text){buffer->at, buffer->len};
}

/* The slow half of buffer_reserve. */
char *buffer_grow(struct buffer *buffer, size_t bytes);
/* Room for at least `bytes` more at the end, returned uninitialised; buffer->len is not changed. */
static inline char *buffer_reserve(struct buffer *buffer, size_t bytes)
{
    if (bytes > buffer->room - buffer->len || buffer->room == 0)
        return buffer_grow(buffer, bytes);
    return buffer->at + buffer->len;
}

static inline void buffer_put(struct buffer *buffer, struct text text)
{
    if (text.len == 0)
        return;
    memcpy(buffer_reserve(buffer, text.len), text.at, text.len);
    buffer->len += text.len;
}

static inline void buffer_put_byte(struct buffer *buffer, char byte)
{
    *buffer_reserve(buffer, 1) = byte;
    buffer->len++;
}

void buffer_put_u64(struct buffer *buffer, uint64_t value);
void buffer_put_i64(struct buffer *buffer, int64_t value);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Drops the first `bytes`, moving the rest to the front. */
void buffer_consume(struct buffer *buffer, size_t bytes);
void buffer_release(struct buffer *buffer);
