/* base/input.h
 * Files that are given by name, "-" being standard input. */
#pragma once
#include "base/arena.h"
#include "base/error.h"

enum { INPUT_BYTES_MAX = 64 * 1024 * 1024 };

/* Reads all of it into the arena. On failure false, with ERROR_FILE_UNREADABLE, the name and what
 * the system says. */
bool input_read(const char *name, struct arena *arena, struct text *out, struct error *err);
