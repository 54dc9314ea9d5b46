/* What all values have in common; record_*.c have one subject each. */
#include "store/record_io.h"

#include "base/check.h"

#include <stdio.h>

#include <zlib.h>

enum { RECORD_VERSION = 1, CRC_AT = 2 };

void record_key_number(unsigned char out[8], uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(value >> (56 - 8 * i));
}

uint64_t record_key_read(const unsigned char at[8])
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

static uint32_t checksum(struct text key, struct text value)
{
    uLong crc = crc32_z(0, (const unsigned char *)key.at, key.len);

    crc = crc32_z(crc, (const unsigned char *)value.at, CRC_AT);
    if (value.len > RECORD_HEAD_BYTES)
        crc = crc32_z(crc, (const unsigned char *)value.at + RECORD_HEAD_BYTES,
                      value.len - RECORD_HEAD_BYTES);
    return (uint32_t)crc;
}

void record_put_number(struct buffer *out, uint64_t value, size_t bytes)
{
    char *at = buffer_reserve(out, bytes);

    for (size_t i = 0; i < bytes; i++)
        at[i] = (char)(unsigned char)(value >> (8 * i));
    out->len += bytes;
}

void record_put_text(struct buffer *out, struct text text)
{
    CHECK(text.len <= UINT32_MAX);
    record_put_number(out, text.len, 4);
    buffer_put(out, text);
}

size_t record_begin(struct buffer *out, enum record_kind kind)
{
    size_t at = out->len;

    record_put_number(out, RECORD_VERSION, 1);
    record_put_number(out, (uint64_t)kind, 1);
    record_put_number(out, 0, 4);
    return at;
}

void record_seal(struct text key, char *value, size_t len)
{
    uint32_t crc;

    CHECK(len >= RECORD_HEAD_BYTES);
    crc = checksum(key, (struct text){value, len});
    for (size_t i = 0; i < 4; i++)
        value[CRC_AT + i] = (char)(unsigned char)(crc >> (8 * i));
}

void record_finish(struct buffer *out, size_t at, struct text key)
{
    record_seal(key, out->at + at, out->len - at);
}

void record_put_format(struct buffer *out, struct text key, uint32_t format)
{
    size_t at = record_begin(out, RECORD_FORMAT);

    record_put_number(out, format, 4);
    record_finish(out, at, key);
}

const unsigned char *payload_take(struct payload *payload, size_t bytes)
{
    const unsigned char *at = payload->at;

    if (payload->is_short || bytes > payload->left) {
        payload->is_short = true;
        return NULL;
    }
    payload->at += bytes;
    payload->left -= bytes;
    return at;
}

uint64_t payload_number(struct payload *payload, size_t bytes)
{
    const unsigned char *at = payload_take(payload, bytes);
    uint64_t value = 0;

    for (size_t i = 0; at != NULL && i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

struct text payload_text(struct payload *payload)
{
    size_t len = (size_t)payload_number(payload, 4);
    const unsigned char *at = payload_take(payload, len);

    return at != NULL ? (struct text){(const char *)at, len} : (struct text){0};
}

/* What a person calls a record of that kind; what follows is its key, as far as it can be shown. */
static const char *word_of(enum record_kind kind)
{
    switch (kind) {
    case RECORD_FORMAT:
        return "store";
    case RECORD_TOKEN:
        return "token";
    case RECORD_SESSION:
        return "session";
    case RECORD_MESSAGE:
        return "message of session";
    case RECORD_EXPIRY:
        return "expiry of session";
    case RECORD_SECRET:
        return "secret";
    case RECORD_BUDGET:
        return "budget";
    case RECORD_LEASE:
        return "lease of budget";
    case RECORD_AUDIT:
        return "audit record";
    case RECORD_AUDIT_HEAD:
        return "head of the audit log";
    case RECORD_USAGE:
        return "usage of";
    case RECORD_CONTENT:
        return "content of request";
    case RECORD_LOG:
        return "rows of the request log";
    case RECORD_DEPLOYMENT:
        return "deployment";
    case RECORD_IDEMPOTENCY:
        return "answer under an idempotency key";
    case RECORD_IDEMPOTENCY_EXPIRY:
        return "expiry of an idempotency key";
    case RECORD_HISTORY:
        return "version of endpoint";
    case RECORD_HISTORY_FILE:
        return "file of a version of endpoint";
    case RECORD_PIN:
        return "pinned version of endpoint";
    case RECORD_CACHE:
        return "cached answer";
    case RECORD_CACHE_EXPIRY:
        return "expiry of a cached answer";
    case RECORD_CANARY:
        return "rule switched off of endpoint";
    case RECORD_RESPONSE:
        return "stored response";
    case RECORD_RESPONSE_EXPIRY:
        return "expiry of a stored response";
    case RECORD_ROLLUP:
    case RECORD_ROLLUP_NAMES:
        return "roll-up";
    case RECORD_NOTE:
        return "note";
    case RECORD_WEBHOOK:
        return "event for webhook";
    }
    NEVER("a kind of record");
}

/* "message of session ses_01h..., 12": a key for a person. */
static void describe(enum record_kind kind, struct text key, char out[160])
{
    struct text shown = key;
    bool numbered = kind == RECORD_MESSAGE && key.len == RECORD_NUMBERED_KEY_BYTES;
    struct rollup_place place;

    if (kind == RECORD_EXPIRY && key.len == RECORD_NUMBERED_KEY_BYTES)
        shown = text_after(key, 8);
    if (kind == RECORD_AUDIT && key.len == RECORD_AUDIT_KEY_BYTES) {
        snprintf(out, 160, "%s %llu", word_of(kind),
                 (unsigned long long)record_key_read((const unsigned char *)key.at));
        return;
    }
    if (kind == RECORD_CONTENT || kind == RECORD_NOTE)
        shown = text_after(key, 8);
    if (kind == RECORD_ROLLUP || kind == RECORD_ROLLUP_NAMES)
        shown = record_rollup_split(key, &place) ? place.name : TEXT("");
    if (kind == RECORD_WEBHOOK)
        shown = text_after(key, 1);
    if (kind == RECORD_USAGE)
        shown = text_first(key, RECORD_DAY_BYTES);
    shown = text_first(shown, numbered ? RECORD_SESSION_ID_BYTES : 64);
    for (size_t i = 0; i < shown.len; i++)
        if (shown.at[i] < ' ' || shown.at[i] > '~')
            shown.len = i;
    if (numbered)
        snprintf(out, 160, "%s %.*s, %llu", word_of(kind), TEXT_ARG(shown),
                 (unsigned long long)record_key_read((const unsigned char *)key.at +
                                                     RECORD_SESSION_ID_BYTES));
    else
        snprintf(out, 160, "%s %.*s", word_of(kind), TEXT_ARG(shown));
}

bool record_damaged(enum record_kind kind, struct text key, const char *why, struct error *err)
{
    char at[160];

    if (err == NULL)
        return false;
    describe(kind, key, at);
    error_set(err, ERROR_RECORD_DAMAGED, at, "a stored record is damaged: %s", why);
    error_hint(err, "restore the store from a backup");
    return false;
}

bool record_missing(enum record_kind kind, struct text key, struct error *err)
{
    return record_damaged(kind, key, "it is missing", err);
}

bool payload_open(enum record_kind kind, struct text key, struct text value, struct payload *out,
                  struct error *err)
{
    const unsigned char *at = (const unsigned char *)value.at;
    uint32_t crc = 0;

    if (value.len < RECORD_HEAD_BYTES)
        return record_damaged(kind, key, "it is too short", err);
    for (size_t i = 0; i < 4; i++)
        crc |= (uint32_t)at[CRC_AT + i] << (8 * i);
    if (crc != checksum(key, value))
        return record_damaged(kind, key, "its checksum does not match", err);
    if (at[0] != RECORD_VERSION)
        return record_damaged(kind, key, "its version is not known to this program", err);
    if (at[1] != (unsigned char)kind)
        return record_damaged(kind, key, "it is of another kind", err);
    *out = (struct payload){.at = at + RECORD_HEAD_BYTES, .left = value.len - RECORD_HEAD_BYTES};
    return true;
}

/* Beyond the checksum: a writer of ours never leaves bytes over or too few. */
bool payload_close(const struct payload *payload, enum record_kind kind, struct text key,
                   struct error *err)
{
    if (payload->is_short)
        return record_damaged(kind, key, "it ends early", err);
    if (payload->left > 0)
        return record_damaged(kind, key, "bytes follow its end", err);
    return true;
}

bool record_get_format(struct text key, struct text value, uint32_t *out, struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_FORMAT, key, value, &payload, err))
        return false;
    *out = (uint32_t)payload_number(&payload, 4);
    return payload_close(&payload, RECORD_FORMAT, key, err);
}
