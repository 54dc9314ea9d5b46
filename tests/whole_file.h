/* tests/whole_file.h
 * What a file of the tests' data holds. */
#pragma once
#include "base/arena.h"

#include <stdio.h>

/* Reads all of a file into the arena; false, and an empty text, when there is none. */
static inline bool whole_file(const char *path, struct arena *arena, struct text *out)
{
    FILE *file = fopen(path, "rb");
    long bytes;
    char *at;

    *out = (struct text){0};
    if (file == NULL)
        return false;
    fseek(file, 0, SEEK_END);
    bytes = ftell(file);
    rewind(file);
    at = arena_bytes(arena, (size_t)bytes + 1);
    *out = (struct text){at, fread(at, 1, (size_t)bytes, file)};
    fclose(file);
    return true;
}
