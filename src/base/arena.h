/* base/arena.h
 * Memory with one owner and one end: everything allocated from an arena, and everything that was
 * registered to be undone, ends with arena_release. A zeroed arena is empty and ready for use;
 * releasing an empty one does nothing. Not shared between threads while it grows. */
#pragma once
#include "base/text.h"

#include <stdarg.h>

struct arena_block;
struct arena_undo;
struct arena {
    char *at; /* next free byte of the newest block */
    char *end;
    struct arena_block *blocks;
    struct arena_undo *undos;
    size_t total_bytes; /* of all blocks */
    size_t block_bytes; /* size of the next block; 0: the default, 4 KiB, growing to 64 KiB */
};

/* Zeroed memory for `bytes`, aligned to 16. Never NULL: a machine out of memory is a CHECK, because
 * bodies and files are capped where they come in. */
void *arena_alloc(struct arena *arena, size_t bytes);
/* As arena_alloc, without zeroing and with an alignment of one: for bytes. */
char *arena_bytes(struct arena *arena, size_t bytes);
/* `count` zeroed elements of `type`; CHECKs that the product does not overflow. */
#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))
void *arena_array(struct arena *arena, size_t count, size_t element_bytes);
/* Grows `old` (of old_bytes, may be NULL), in place when it was the newest allocation. The new part
 * is not zeroed. */
void *arena_grow(struct arena *arena, void *old, size_t old_bytes, size_t new_bytes);
/* A copy with a terminating NUL behind it (not counted in len). */
struct text arena_copy(struct arena *arena, struct text text);
const char *arena_terminated(struct arena *arena, struct text text);
struct text arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct text arena_vprintf(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* Has undo(thing) called by arena_release, last registered first, before any memory is freed. */
void arena_defer(struct arena *arena, void (*undo)(void *thing), void *thing);
/* Runs the undos and empties the arena, which keeps its largest block: for work of the same kind
 * over and over. */
void arena_clear(struct arena *arena);
/* Runs the undos, frees everything; the arena is empty and usable again. */
void arena_release(struct arena *arena);
