/* store/idempotency_record.h
 * What is kept of a call that came with an Idempotency-Key: from before anything is sent until it
 * expires, so that a repeat is never sent twice. */
#pragma once
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum idempotency_state {
    IDEMPOTENCY_OPEN,     /* begun; how it ends or ended is not known */
    IDEMPOTENCY_ANSWERED, /* what was answered is kept */
    IDEMPOTENCY_LEFT,     /* its client left before it was answered */
    IDEMPOTENCY_LARGE,    /* what was answered is too large to be kept */
    IDEMPOTENCY_STATE_COUNT
};
enum {
    IDEMPOTENCY_DIGEST_BYTES = 32,
    IDEMPOTENCY_HEADERS_MAX = 16,
    IDEMPOTENCY_BODY_MAX = 8 << 20
};

struct idempotency_header {
    struct text name, value;
};

struct idempotency_record {
    unsigned char key[IDEMPOTENCY_DIGEST_BYTES];         /* of whose key it is, and the key */
    unsigned char fingerprint[IDEMPOTENCY_DIGEST_BYTES]; /* of what was asked */
    uint64_t epoch;        /* of the process that began it: store_epoch(); filled by the store */
    uint64_t owner;        /* a number of its own, by which the one that began it ends it */
    int64_t expires_ms;    /* wall; from then on the key is new */
    int64_t busy_until_ms; /* wall; by then it has ended, or nobody knows how */
    enum idempotency_state state;
    /* ANSWERED */
    int status;
    const struct idempotency_header *headers;
    size_t header_count;
    struct text body;
};
static inline struct text idempotency_key(const struct idempotency_record *record)
{
    return (struct text){(const char *)record->key, sizeof record->key};
}
