/* base/author_file.h
 * Files that are written for an author. Nothing is left half-written: a file is there whole,
 * or as it was. */
#pragma once
#include "base/arena.h"
#include "base/error.h"

/* Makes a file that is not there yet, and the folders above it. One that is there stays as it is,
 * and is ERROR_INVALID_REQUEST; what the system refuses, ERROR_FILE_UNREADABLE. */
bool author_file_create(struct text path, struct text bytes, struct arena *arena,
                        struct error *err);
/* Puts a file in the place of one that may be there, with its permissions; through a symbolic link.
 */
bool author_file_replace(struct text path, struct text bytes, struct arena *arena,
                         struct error *err);
