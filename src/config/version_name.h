/* config/version_name.h
 * How a version of an endpoint is named: "summarize@7", "summarize@1f0c3b5a9d2e", and "summarize"
 * alone for the one in force. Pure. */
#pragma once
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { VERSION_DIGITS_MAX = 9, VERSION_HASH_CHARS_MIN = 12, VERSION_HASH_CHARS_MAX = 64 };

struct version_name {
    struct text slug;
    uint64_t number;  /* 0: none was named */
    struct text hash; /* its beginning; empty: none was named */
};

/* What stands behind the '@': at most 9 digits are a number, 12 to 64 lower-case hexadecimal digits
 * the beginning of a hash. False when it is neither; only number and hash are filled in. */
bool version_read(struct text text, struct version_name *out);
/* The whole; false when what stands behind the '@' is no version. Whether the slug is one is not
 * looked at. */
bool version_name_read(struct text text, struct version_name *out);
/* Whether a version is named. */
static inline bool version_is_named(const struct version_name *name)
{
    return name->number > 0 || name->hash.len > 0;
}
