/* Cached answers, and when each expires, as keys and bytes. */
#include "store/record_io.h"

void record_put_cache(struct buffer *out, struct text key, const struct cache_record *record)
{
    size_t at = record_begin(out, RECORD_CACHE);

    record_put_number(out, (uint64_t)record->stored_ms, 8);
    record_put_number(out, (uint64_t)record->expires_ms, 8);
    record_put_text(out, record->endpoint);
    record_put_text(out, record->project);
    record_put_text(out, record->bytes);
    record_finish(out, at, key);
}

bool record_get_cache(struct text key, struct text value, struct cache_record *out,
                      struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_CACHE, key, value, &payload, err))
        return false;
    *out = (struct cache_record){0};
    if (key.len != sizeof out->key)
        return record_damaged(RECORD_CACHE, key, "its key is no digest", err);
    memcpy(out->key, key.at, sizeof out->key);
    out->stored_ms = (int64_t)payload_number(&payload, 8);
    out->expires_ms = (int64_t)payload_number(&payload, 8);
    out->endpoint = payload_text(&payload);
    out->project = payload_text(&payload);
    out->bytes = payload_text(&payload);
    if (out->expires_ms < 0)
        return record_damaged(RECORD_CACHE, key, "it never expires", err);
    return payload_close(&payload, RECORD_CACHE, key, err);
}

void record_put_cache_expiry(struct buffer *out, struct text key, const struct cache_record *record)
{
    size_t at = record_begin(out, RECORD_CACHE_EXPIRY);

    record_put_text(out, record->endpoint);
    record_put_text(out, record->project);
    record_finish(out, at, key);
}

bool record_get_cache_expiry(struct text key, struct text value, struct cache_record *out,
                             struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_CACHE_EXPIRY, key, value, &payload, err))
        return false;
    *out = (struct cache_record){0};
    out->endpoint = payload_text(&payload);
    out->project = payload_text(&payload);
    return payload_close(&payload, RECORD_CACHE_EXPIRY, key, err);
}
