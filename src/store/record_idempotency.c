/* What is kept under an Idempotency-Key, as bytes. */
#include "store/record_io.h"

#include "base/check.h"

enum { STATUS_LEAST = 100, STATUS_MOST = 599 };

void record_put_idempotency(struct buffer *out, struct text key,
                            const struct idempotency_record *record)
{
    size_t at = record_begin(out, RECORD_IDEMPOTENCY);

    CHECK(record->header_count <= IDEMPOTENCY_HEADERS_MAX);
    buffer_put(out, (struct text){(const char *)record->fingerprint, sizeof record->fingerprint});
    record_put_number(out, record->epoch, 8);
    record_put_number(out, record->owner, 8);
    record_put_number(out, (uint64_t)record->expires_ms, 8);
    record_put_number(out, (uint64_t)record->busy_until_ms, 8);
    record_put_number(out, (uint64_t)record->state, 1);
    if (record->state == IDEMPOTENCY_ANSWERED) {
        record_put_number(out, (uint64_t)record->status, 2);
        record_put_number(out, record->header_count, 1);
        for (size_t i = 0; i < record->header_count; i++) {
            record_put_text(out, record->headers[i].name);
            record_put_text(out, record->headers[i].value);
        }
        record_put_text(out, record->body);
    }
    record_finish(out, at, key);
}

static bool get_answer(struct payload *payload, struct arena *arena, struct idempotency_record *out)
{
    struct idempotency_header *headers;

    out->status = (int)payload_number(payload, 2);
    out->header_count = (size_t)payload_number(payload, 1);
    if (out->status < STATUS_LEAST || out->status > STATUS_MOST ||
        out->header_count > IDEMPOTENCY_HEADERS_MAX)
        return false;
    out->headers = headers = ARENA_ARRAY(arena, struct idempotency_header, out->header_count);
    for (size_t i = 0; i < out->header_count; i++) {
        headers[i].name = payload_text(payload);
        headers[i].value = payload_text(payload);
    }
    out->body = payload_text(payload);
    return true;
}

bool record_get_idempotency(struct text key, struct text value, struct arena *arena,
                            struct idempotency_record *out, struct error *err)
{
    const unsigned char *fingerprint;
    struct payload payload;
    uint64_t state;

    if (!payload_open(RECORD_IDEMPOTENCY, key, value, &payload, err))
        return false;
    *out = (struct idempotency_record){0};
    if (key.len != sizeof out->key)
        return record_damaged(RECORD_IDEMPOTENCY, key, "its key is no digest", err);
    memcpy(out->key, key.at, sizeof out->key);
    fingerprint = payload_take(&payload, sizeof out->fingerprint);
    if (fingerprint != NULL)
        memcpy(out->fingerprint, fingerprint, sizeof out->fingerprint);
    out->epoch = payload_number(&payload, 8);
    out->owner = payload_number(&payload, 8);
    out->expires_ms = (int64_t)payload_number(&payload, 8);
    out->busy_until_ms = (int64_t)payload_number(&payload, 8);
    state = payload_number(&payload, 1);
    if (state >= IDEMPOTENCY_STATE_COUNT || out->expires_ms < 0)
        return record_damaged(RECORD_IDEMPOTENCY, key, "its state is not known", err);
    out->state = (enum idempotency_state)state;
    if (out->state == IDEMPOTENCY_ANSWERED && !get_answer(&payload, arena, out))
        return record_damaged(RECORD_IDEMPOTENCY, key, "its answer makes no sense", err);
    return payload_close(&payload, RECORD_IDEMPOTENCY, key, err);
}

void record_put_idempotency_expiry(struct buffer *out, struct text key)
{
    record_finish(out, record_begin(out, RECORD_IDEMPOTENCY_EXPIRY), key);
}

bool record_get_idempotency_expiry(struct text key, struct text value, struct error *err)
{
    struct payload payload;

    return payload_open(RECORD_IDEMPOTENCY_EXPIRY, key, value, &payload, err) &&
           payload_close(&payload, RECORD_IDEMPOTENCY_EXPIRY, key, err);
}
