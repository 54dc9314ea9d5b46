/* Blocks are chained newest first; allocations bump a pointer. A request larger than a quarter of
 * the block size gets a block of its own behind the newest, so that small ones keep filling it. */
#include "base/arena.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 65536, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *next;
    size_t bytes;
    _Alignas(16) char data[];
};

struct arena_undo {
    struct arena_undo *next;
    void (*undo)(void *thing);
    void *thing;
};

static struct arena_block *new_block(struct arena *arena, size_t bytes)
{
    struct arena_block *block = malloc(sizeof *block + bytes);

    CHECK(block != NULL);
    block->bytes = bytes;
    arena->total_bytes += bytes;
    return block;
}

static void *own_block(struct arena *arena, size_t bytes)
{
    struct arena_block *block = new_block(arena, bytes);

    if (arena->blocks == NULL) {
        block->next = NULL;
        arena->blocks = block;
        arena->at = arena->end = block->data + bytes;
    } else {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    }
    return block->data;
}

static void *take(struct arena *arena, size_t bytes, size_t alignment)
{
    char *start = (char *)(((uintptr_t)arena->at + alignment - 1) & ~(uintptr_t)(alignment - 1));
    size_t block_bytes = arena->block_bytes ? arena->block_bytes : FIRST_BLOCK;
    struct arena_block *block;

    if (arena->at != NULL && start <= arena->end && (size_t)(arena->end - start) >= bytes) {
        arena->at = start + bytes;
        return start;
    }
    if (bytes > block_bytes / 4)
        return own_block(arena, bytes);
    block = new_block(arena, block_bytes);
    block->next = arena->blocks;
    arena->blocks = block;
    arena->at = block->data + bytes;
    arena->end = block->data + block_bytes;
    if (block_bytes < LARGEST_BLOCK)
        arena->block_bytes = block_bytes * 2;
    return block->data;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    void *memory = take(arena, bytes ? bytes : 1, ALIGNMENT);

    memset(memory, 0, bytes);
    return memory;
}

char *arena_bytes(struct arena *arena, size_t bytes)
{
    return take(arena, bytes ? bytes : 1, 1);
}

void *arena_array(struct arena *arena, size_t count, size_t element_bytes)
{
    size_t bytes;

    CHECK(!__builtin_mul_overflow(count, element_bytes, &bytes));
    return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *old, size_t old_bytes, size_t new_bytes)
{
    void *grown;

    if (old != NULL && (char *)old + old_bytes == arena->at && new_bytes >= old_bytes &&
        (size_t)(arena->end - arena->at) >= new_bytes - old_bytes) {
        arena->at += new_bytes - old_bytes;
        return old;
    }
    grown = take(arena, new_bytes ? new_bytes : 1, ALIGNMENT);
    if (old_bytes > 0)
        memcpy(grown, old, old_bytes < new_bytes ? old_bytes : new_bytes);
    return grown;
}

struct text arena_copy(struct arena *arena, struct text text)
{
    char *copy = arena_bytes(arena, text.len + 1);

    if (text.len > 0)
        memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return (struct text){copy, text.len};
}

const char *arena_terminated(struct arena *arena, struct text text)
{
    return arena_copy(arena, text).at;
}

/* Formats into the rest of the newest block, and again only where that was too small. */
struct text arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    size_t room = arena->at != NULL ? (size_t)(arena->end - arena->at) : 0;
    va_list again;
    char *text = arena->at;
    int len;

    CHECK(format != NULL);
    va_copy(again, arguments);
    len = vsnprintf(room > 0 ? text : NULL, room, format, arguments);
    CHECK(len >= 0);
    if ((size_t)len < room) {
        arena->at += len + 1;
    } else {
        text = arena_bytes(arena, (size_t)len + 1);
        vsnprintf(text, (size_t)len + 1, format, again);
    }
    va_end(again);
    return (struct text){text, (size_t)len};
}

struct text arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    struct text text;

    va_start(arguments, format);
    text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

void arena_defer(struct arena *arena, void (*undo)(void *thing), void *thing)
{
    struct arena_undo *entry = ARENA_NEW(arena, struct arena_undo);

    *entry = (struct arena_undo){arena->undos, undo, thing};
    arena->undos = entry;
}

static void run_undos(struct arena *arena)
{
    while (arena->undos != NULL) {
        struct arena_undo *entry = arena->undos;

        arena->undos = entry->next;
        entry->undo(entry->thing);
    }
}

void arena_clear(struct arena *arena)
{
    struct arena_block *block, *largest = NULL, *next;

    run_undos(arena);
    for (block = arena->blocks; block != NULL; block = next) {
        struct arena_block *smaller = largest;

        next = block->next;
        if (largest == NULL || block->bytes > largest->bytes)
            largest = block;
        else
            smaller = block;
        free(smaller);
    }
    arena->blocks = largest;
    if (largest == NULL)
        return;
    largest->next = NULL;
    arena->at = largest->data;
    arena->end = largest->data + largest->bytes;
    arena->total_bytes = largest->bytes;
}

void arena_release(struct arena *arena)
{
    struct arena_block *block;

    run_undos(arena);
    block = arena->blocks;
    while (block != NULL) {
        struct arena_block *next = block->next;

        free(block);
        block = next;
    }
    *arena = (struct arena){0};
}
