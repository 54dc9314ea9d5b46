/* version (1) kind (1) CRC-32 (4) payload. Numbers are little-endian, a text is its length (4) and
 * its bytes, times are two's complement. The CRC runs over key, version, kind and payload. */
#include "store/record.h"

#include "base/check.h"

#include <stdio.h>

#include <zlib.h>

enum { RECORD_VERSION = 1, CRC_AT = 2, TOKEN_TEST = 1 };

static void put_be64(unsigned char *out, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(value >> (56 - 8 * i));
}

static uint64_t get_be64(const unsigned char *at)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

void record_message_key(struct text session_id, uint64_t number,
                        unsigned char out[RECORD_NUMBERED_KEY_BYTES])
{
    CHECK(session_id.len == RECORD_SESSION_ID_BYTES);
    memcpy(out, session_id.at, RECORD_SESSION_ID_BYTES);
    put_be64(out + RECORD_SESSION_ID_BYTES, number);
}

void record_expiry_key(int64_t expires_ms, struct text session_id,
                       unsigned char out[RECORD_NUMBERED_KEY_BYTES])
{
    CHECK(session_id.len == RECORD_SESSION_ID_BYTES && expires_ms >= 0);
    put_be64(out, (uint64_t)expires_ms);
    memcpy(out + 8, session_id.at, RECORD_SESSION_ID_BYTES);
}

bool record_expiry_split(struct text key, int64_t *out_expires_ms, struct text *out_session_id)
{
    uint64_t expires_ms;

    if (key.len != RECORD_NUMBERED_KEY_BYTES)
        return false;
    expires_ms = get_be64((const unsigned char *)key.at);
    if (expires_ms > INT64_MAX)
        return false;
    *out_expires_ms = (int64_t)expires_ms;
    *out_session_id = text_after(key, 8);
    return true;
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

static void put_number(struct buffer *out, uint64_t value, size_t bytes)
{
    char *at = buffer_reserve(out, bytes);

    for (size_t i = 0; i < bytes; i++)
        at[i] = (char)(unsigned char)(value >> (8 * i));
    out->len += bytes;
}

static void put_text(struct buffer *out, struct text text)
{
    CHECK(text.len <= UINT32_MAX);
    put_number(out, text.len, 4);
    buffer_put(out, text);
}

static size_t begin(struct buffer *out, enum record_kind kind)
{
    size_t at = out->len;

    put_number(out, RECORD_VERSION, 1);
    put_number(out, (uint64_t)kind, 1);
    put_number(out, 0, 4);
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

static void finish(struct buffer *out, size_t at, struct text key)
{
    record_seal(key, out->at + at, out->len - at);
}

void record_put_format(struct buffer *out, struct text key, uint32_t format)
{
    size_t at = begin(out, RECORD_FORMAT);

    put_number(out, format, 4);
    finish(out, at, key);
}

void record_put_token(struct buffer *out, struct text key, const struct token_record *token)
{
    size_t at = begin(out, RECORD_TOKEN);

    CHECK(token->scope_count <= RECORD_SCOPES_MAX);
    put_number(out, token->test ? TOKEN_TEST : 0, 1);
    buffer_put(out, (struct text){(const char *)token->digest, sizeof token->digest});
    put_number(out, (uint64_t)token->created_ms, 8);
    put_number(out, (uint64_t)token->expires_ms, 8);
    put_number(out, (uint64_t)token->revoked_ms, 8);
    put_text(out, token->name);
    put_text(out, token->hint);
    put_number(out, token->scope_count, 4);
    for (size_t i = 0; i < token->scope_count; i++)
        put_text(out, token->scopes[i]);
    finish(out, at, key);
}

void record_put_session(struct buffer *out, struct text key, const struct record_session *session)
{
    size_t at = begin(out, RECORD_SESSION);

    put_text(out, session->endpoint);
    put_text(out, session->token_id);
    put_number(out, (uint64_t)session->created_ms, 8);
    put_number(out, (uint64_t)session->expires_ms, 8);
    put_number(out, session->revision, 8);
    put_number(out, session->first, 8);
    put_number(out, session->next, 8);
    put_number(out, session->bytes, 8);
    finish(out, at, key);
}

void record_put_message(struct buffer *out, struct text key, const struct chat_message *message)
{
    size_t at = begin(out, RECORD_MESSAGE);

    put_number(out, (uint64_t)message->role, 1);
    put_text(out, message->text);
    finish(out, at, key);
}

void record_put_expiry(struct buffer *out, struct text key)
{
    finish(out, begin(out, RECORD_EXPIRY), key);
}

void record_put_secret(struct buffer *out, struct text key, const struct secret_record *secret)
{
    size_t at = begin(out, RECORD_SECRET);

    put_text(out, secret->key_id);
    put_number(out, (uint64_t)secret->created_ms, 8);
    put_text(out, secret->sealed);
    finish(out, at, key);
}

/* What is left of a payload. Reading past its end yields zeros and marks it short. */
struct payload {
    const unsigned char *at;
    size_t left;
    bool is_short;
};

static const unsigned char *take(struct payload *payload, size_t bytes)
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

static uint64_t take_number(struct payload *payload, size_t bytes)
{
    const unsigned char *at = take(payload, bytes);
    uint64_t value = 0;

    for (size_t i = 0; at != NULL && i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static struct text take_text(struct payload *payload)
{
    size_t len = (size_t)take_number(payload, 4);
    const unsigned char *at = take(payload, len);

    return at != NULL ? (struct text){(const char *)at, len} : (struct text){0};
}

/* "session ses_01h..., message 12": a key for a person. */
static void describe(enum record_kind kind, struct text key, char out[160])
{
    struct text id = key;

    if (kind == RECORD_EXPIRY && id.len == RECORD_NUMBERED_KEY_BYTES)
        id = text_after(key, 8);
    id = text_first(id,
                    kind == RECORD_TOKEN || kind == RECORD_SECRET ? 64 : RECORD_SESSION_ID_BYTES);
    for (size_t i = 0; i < id.len; i++)
        if (id.at[i] < ' ' || id.at[i] > '~')
            id.len = i;
    switch (kind) {
    case RECORD_FORMAT:
        snprintf(out, 160, "store format");
        return;
    case RECORD_TOKEN:
        snprintf(out, 160, "token %.*s", TEXT_ARG(id));
        return;
    case RECORD_SESSION:
        snprintf(out, 160, "session %.*s", TEXT_ARG(id));
        return;
    case RECORD_MESSAGE:
        snprintf(out, 160, "session %.*s, message %llu", TEXT_ARG(id),
                 key.len == RECORD_NUMBERED_KEY_BYTES
                     ? (unsigned long long)get_be64((const unsigned char *)key.at +
                                                    RECORD_SESSION_ID_BYTES)
                     : 0ULL);
        return;
    case RECORD_EXPIRY:
        snprintf(out, 160, "expiry of session %.*s", TEXT_ARG(id));
        return;
    case RECORD_SECRET:
        snprintf(out, 160, "secret %.*s", TEXT_ARG(id));
        return;
    }
    NEVER("a kind of record");
}

static bool damaged(enum record_kind kind, struct text key, const char *why, struct error *err)
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
    return damaged(kind, key, "it is missing", err);
}

static bool open_payload(enum record_kind kind, struct text key, struct text value,
                         struct payload *out, struct error *err)
{
    const unsigned char *at = (const unsigned char *)value.at;
    uint32_t crc = 0;

    if (value.len < RECORD_HEAD_BYTES)
        return damaged(kind, key, "it is too short", err);
    for (size_t i = 0; i < 4; i++)
        crc |= (uint32_t)at[CRC_AT + i] << (8 * i);
    if (crc != checksum(key, value))
        return damaged(kind, key, "its checksum does not match", err);
    if (at[0] != RECORD_VERSION)
        return damaged(kind, key, "its version is not known to this program", err);
    if (at[1] != (unsigned char)kind)
        return damaged(kind, key, "it is of another kind", err);
    *out = (struct payload){.at = at + RECORD_HEAD_BYTES, .left = value.len - RECORD_HEAD_BYTES};
    return true;
}

/* Beyond the checksum: a writer of ours never leaves bytes over or too few. */
static bool close_payload(const struct payload *payload, enum record_kind kind, struct text key,
                          struct error *err)
{
    if (payload->is_short)
        return damaged(kind, key, "it ends early", err);
    if (payload->left > 0)
        return damaged(kind, key, "bytes follow its end", err);
    return true;
}

bool record_get_format(struct text key, struct text value, uint32_t *out, struct error *err)
{
    struct payload payload;

    if (!open_payload(RECORD_FORMAT, key, value, &payload, err))
        return false;
    *out = (uint32_t)take_number(&payload, 4);
    return close_payload(&payload, RECORD_FORMAT, key, err);
}

bool record_get_token(struct text key, struct text value, struct arena *arena,
                      struct token_record *out, struct error *err)
{
    struct payload payload;
    struct text *scopes;
    const unsigned char *digest;
    size_t count;

    if (!open_payload(RECORD_TOKEN, key, value, &payload, err))
        return false;
    *out = (struct token_record){.id = key};
    out->test = (take_number(&payload, 1) & TOKEN_TEST) != 0;
    digest = take(&payload, sizeof out->digest);
    if (digest != NULL)
        memcpy(out->digest, digest, sizeof out->digest);
    out->created_ms = (int64_t)take_number(&payload, 8);
    out->expires_ms = (int64_t)take_number(&payload, 8);
    out->revoked_ms = (int64_t)take_number(&payload, 8);
    out->name = take_text(&payload);
    out->hint = take_text(&payload);
    count = (size_t)take_number(&payload, 4);
    if (count > RECORD_SCOPES_MAX || count > payload.left / 4)
        return damaged(RECORD_TOKEN, key, "it counts more scopes than it holds", err);
    scopes = ARENA_ARRAY(arena, struct text, count);
    for (size_t i = 0; i < count; i++)
        scopes[i] = take_text(&payload);
    out->scopes = scopes;
    out->scope_count = count;
    return close_payload(&payload, RECORD_TOKEN, key, err);
}

bool record_get_session(struct text key, struct text value, struct record_session *out,
                        struct error *err)
{
    struct payload payload;

    if (!open_payload(RECORD_SESSION, key, value, &payload, err))
        return false;
    out->endpoint = take_text(&payload);
    out->token_id = take_text(&payload);
    out->created_ms = (int64_t)take_number(&payload, 8);
    out->expires_ms = (int64_t)take_number(&payload, 8);
    out->revision = take_number(&payload, 8);
    out->first = take_number(&payload, 8);
    out->next = take_number(&payload, 8);
    out->bytes = take_number(&payload, 8);
    if (out->first > out->next || out->next - out->first > RECORD_SESSION_MESSAGES_MAX)
        return damaged(RECORD_SESSION, key, "its message numbers make no sense", err);
    return close_payload(&payload, RECORD_SESSION, key, err);
}

bool record_get_message(struct text key, struct text value, struct chat_message *out,
                        struct error *err)
{
    struct payload payload;
    uint64_t role;

    if (!open_payload(RECORD_MESSAGE, key, value, &payload, err))
        return false;
    role = take_number(&payload, 1);
    if (role >= CHAT_ROLE_COUNT)
        return damaged(RECORD_MESSAGE, key, "its role is not known", err);
    out->role = (enum chat_role)role;
    out->text = take_text(&payload);
    return close_payload(&payload, RECORD_MESSAGE, key, err);
}

bool record_get_expiry(struct text key, struct text value, struct error *err)
{
    struct payload payload;

    return open_payload(RECORD_EXPIRY, key, value, &payload, err) &&
           close_payload(&payload, RECORD_EXPIRY, key, err);
}

bool record_get_secret(struct text key, struct text value, struct secret_record *out,
                       struct error *err)
{
    struct payload payload;

    if (!open_payload(RECORD_SECRET, key, value, &payload, err))
        return false;
    *out = (struct secret_record){.name = key};
    out->key_id = take_text(&payload);
    out->created_ms = (int64_t)take_number(&payload, 8);
    out->sealed = take_text(&payload);
    return close_payload(&payload, RECORD_SECRET, key, err);
}
