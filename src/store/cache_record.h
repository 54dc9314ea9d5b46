/* store/cache_record.h
 * A provider's answer that is kept for the next call that is the same. Its bytes are
 * cache/answer.h's business. */
#pragma once
#include "base/text.h"

#include <stdint.h>

enum { CACHE_DIGEST_BYTES = 32 };

struct cache_record {
    unsigned char key[CACHE_DIGEST_BYTES]; /* which calls it answers */
    int64_t stored_ms, expires_ms;         /* wall */
    struct text endpoint, project;         /* whose it is, for a purge */
    struct text bytes;
};
static inline struct text cache_record_key(const struct cache_record *record)
{
    return (struct text){(const char *)record->key, sizeof record->key};
}
