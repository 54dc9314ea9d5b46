/* When things expire, as keys: a time, then what expires, so that the first is first. */
#include "store/record_io.h"

#include "base/check.h"

void record_expiry_key(int64_t expires_ms, struct text session_id,
                       unsigned char out[RECORD_NUMBERED_KEY_BYTES])
{
    CHECK(session_id.len == RECORD_SESSION_ID_BYTES && expires_ms >= 0);
    record_key_number(out, (uint64_t)expires_ms);
    memcpy(out + 8, session_id.at, RECORD_SESSION_ID_BYTES);
}

static bool split(struct text key, size_t bytes, int64_t *out_expires_ms, struct text *out)
{
    uint64_t expires_ms;

    if (key.len != bytes)
        return false;
    expires_ms = record_key_read((const unsigned char *)key.at);
    if (expires_ms > INT64_MAX)
        return false;
    *out_expires_ms = (int64_t)expires_ms;
    *out = text_after(key, 8);
    return true;
}

bool record_expiry_split(struct text key, int64_t *out_expires_ms, struct text *out_session_id)
{
    return split(key, RECORD_NUMBERED_KEY_BYTES, out_expires_ms, out_session_id);
}

struct text record_digest_expiry(int64_t expires_ms, struct text digest,
                                 unsigned char out[RECORD_DIGEST_EXPIRY_BYTES])
{
    CHECK(digest.len == IDEMPOTENCY_DIGEST_BYTES && expires_ms >= 0);
    record_key_number(out, (uint64_t)expires_ms);
    memcpy(out + 8, digest.at, digest.len);
    return (struct text){(const char *)out, RECORD_DIGEST_EXPIRY_BYTES};
}

bool record_digest_expiry_split(struct text expiry, int64_t *out_expires_ms,
                                struct text *out_digest)
{
    return split(expiry, RECORD_DIGEST_EXPIRY_BYTES, out_expires_ms, out_digest);
}
