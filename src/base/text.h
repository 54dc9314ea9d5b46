/* base/text.h
 * A run of bytes with its length, passed by value. The bytes belong to somebody else and there is
 * no terminating NUL unless a function says so; a zeroed text is the empty text. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *at;
    size_t len;
};

/* A text of a string literal, usable in static initialisers through TEXT_INIT. */
#define TEXT(literal) ((struct text){"" literal, sizeof(literal) - 1})
#define TEXT_INIT(literal)                                                                         \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
/* Arguments for the "%.*s" of printf. */
#define TEXT_ARG(text) (int)(text).len, (text).at

static inline struct text text_of(const char *terminated)
{
    return (struct text){terminated, terminated ? strlen(terminated) : 0};
}

static inline struct text text_between(const char *from, const char *to)
{
    return (struct text){from, (size_t)(to - from)};
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* The text from byte `from` on; empty when there are fewer bytes. */
static inline struct text text_after(struct text text, size_t from)
{
    return from < text.len ? (struct text){text.at + from, text.len - from} : (struct text){0};
}

/* At most the first `len` bytes. */
static inline struct text text_first(struct text text, size_t len)
{
    return (struct text){text.at, len < text.len ? len : text.len};
}

/* Byte order, shorter first among equals: negative, zero or positive as with memcmp. */
int text_compare(struct text a, struct text b);
/* ASCII letters alike whatever their case. */
bool text_equal_nocase(struct text a, struct text b);
bool text_starts(struct text text, struct text prefix);
bool text_ends(struct text text, struct text suffix);
/* Offset of the first `byte` or `needle`, or text.len when there is none. */
size_t text_find_byte(struct text text, char byte);
size_t text_find(struct text text, struct text needle);
/* Without the bytes of " \t\r\n" at both ends. */
struct text text_trim(struct text text);
/* Takes everything before the first `byte` off the front of *rest, the byte itself dropped; the
 * whole rest when there is none. */
struct text text_split(struct text *rest, char byte);
/* Reads all of `text` as a decimal number without sign; false when it is anything else or does not
 * fit. */
bool text_to_u64(struct text text, uint64_t *out_value);
/* The longest prefix of at most `len` bytes that does not cut a UTF-8 sequence. */
struct text text_cut(struct text text, size_t len);
/* Without an unfinished UTF-8 sequence at its end. */
struct text text_whole(struct text text);
/* Number of edits (insert, delete, replace, swap neighbours) from a to b; texts over 64 bytes count
 * as far apart (SIZE_MAX). For "did you mean". */
size_t text_edits(struct text a, struct text b);
/* 64-bit hash for tables inside this process; the seed is drawn once per process, so callers
 * cannot choose colliding keys. */
uint64_t text_hash(struct text text);
