/* schema/cache.h
 * Schemas that callers send along with their requests, compiled once. They are known by the SHA-256
 * of their text: equal bytes, equal schema. Bounded in number and in bytes; the one unused longest
 * goes first. A schema that does not compile is remembered with its error, so that sending it again
 * costs no more than looking it up; unless it was the time that ran out.
 *
 * A cache is shared by threads; what it gives stays valid until it is given back, also when it has
 * been put out of the cache meanwhile. Compiling happens outside the lock, so two threads that ask
 * for the same new schema at once both compile it, and one result is kept. */
#pragma once
#include "base/error.h"
#include "schema/schema.h"

struct schema_cache;
struct schema_held; /* a schema somebody uses */

struct schema_cache_limits {
    size_t entries; /* kept at once; 0: 1,000 */
    size_t bytes;   /* of texts and programs together; 0: 64 MiB */
};
/* Gives a cache; schema_cache_free, when nothing of it is held any more. NULL limits: the defaults.
 */
struct schema_cache *schema_cache_new(const struct schema_cache_limits *limits);
void schema_cache_free(struct schema_cache *cache);

/* Gives the compiled form of a caller's schema (JSON, within the limits for callers), to be given
 * back by schema_cache_return. NULL with ERROR_INVALID_REQUEST, or ERROR_INVALID_JSON, when it is
 * none: the message says what is wrong, `at` is a JSON Pointer into it, or "byte N". */
const struct schema_held *schema_cache_take(struct schema_cache *cache, struct text source,
                                            struct error *err);
const struct schema *schema_of(const struct schema_held *held);
/* NULL does nothing. */
void schema_cache_return(struct schema_cache *cache, const struct schema_held *held);

struct schema_cache_counts {
    size_t entries, bytes;
    uint64_t hits, misses, evictions;
};
struct schema_cache_counts schema_cache_counts(struct schema_cache *cache);
