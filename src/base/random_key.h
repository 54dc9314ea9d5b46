/* base/random_key.h
 * A key of 32 random bytes in a file of its own, which nobody but its owner may read (0600). */
#pragma once
#include "base/error.h"

enum { RANDOM_KEY_BYTES = 32 };

/* Reads the key file, or creates it with fresh bytes when it does not exist and `create`. `what`
 * names it in errors: "token key". */
bool random_key_load(const char *path, const char *what, bool create,
                     unsigned char out[RANDOM_KEY_BYTES], struct error *err);
