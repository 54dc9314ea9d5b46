/* Stored responses, and when each expires, as keys and bytes. */
#include "store/record_io.h"

#include "base/check.h"

#include <openssl/evp.h>

bool response_has_previous(const struct response_record *record)
{
    for (size_t i = 0; i < sizeof record->previous; i++)
        if (record->previous[i] != 0)
            return true;
    return false;
}

/* With the length in front, so that no two owners and ids are the same bytes. */
void response_key(struct text token_id, struct text id, unsigned char out[RESPONSE_DIGEST_BYTES])
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    const uint64_t len = token_id.len;
    bool good = hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(hash, &len, sizeof len) == 1 &&
                EVP_DigestUpdate(hash, token_id.at, token_id.len) == 1 &&
                EVP_DigestUpdate(hash, id.at, id.len) == 1 &&
                EVP_DigestFinal_ex(hash, out, NULL) == 1;

    CHECK(good);
    EVP_MD_CTX_free(hash);
}

void record_put_response(struct buffer *out, struct text key, const struct response_record *record)
{
    size_t at = record_begin(out, RECORD_RESPONSE);

    CHECK(record->output_at <= record->body.len &&
          record->output.len <= record->body.len - record->output_at);
    buffer_put(out, (struct text){(const char *)record->previous, sizeof record->previous});
    record_put_number(out, (uint64_t)record->created_ms, 8);
    record_put_number(out, (uint64_t)record->expires_ms, 8);
    record_put_text(out, record->id);
    record_put_text(out, record->token_id);
    record_put_text(out, record->endpoint);
    record_put_text(out, record->input);
    record_put_text(out, record->asked);
    record_put_text(out, record->body);
    record_put_number(out, record->output_at, 4);
    record_put_number(out, record->output.len, 4);
    record_finish(out, at, key);
}

bool record_get_response(struct text key, struct text value, struct response_record *out,
                         struct error *err)
{
    const unsigned char *previous;
    struct payload payload;
    size_t output_bytes;

    if (!payload_open(RECORD_RESPONSE, key, value, &payload, err))
        return false;
    *out = (struct response_record){0};
    if (key.len != sizeof out->key)
        return record_damaged(RECORD_RESPONSE, key, "its key is no digest", err);
    memcpy(out->key, key.at, sizeof out->key);
    previous = payload_take(&payload, sizeof out->previous);
    if (previous != NULL)
        memcpy(out->previous, previous, sizeof out->previous);
    out->created_ms = (int64_t)payload_number(&payload, 8);
    out->expires_ms = (int64_t)payload_number(&payload, 8);
    out->id = payload_text(&payload);
    out->token_id = payload_text(&payload);
    out->endpoint = payload_text(&payload);
    out->input = payload_text(&payload);
    out->asked = payload_text(&payload);
    out->body = payload_text(&payload);
    out->output_at = (size_t)payload_number(&payload, 4);
    output_bytes = (size_t)payload_number(&payload, 4);
    if (out->expires_ms < 0)
        return record_damaged(RECORD_RESPONSE, key, "it never expires", err);
    if (out->output_at > out->body.len || output_bytes > out->body.len - out->output_at)
        return record_damaged(RECORD_RESPONSE, key, "its output is not in it", err);
    out->output = text_first(text_after(out->body, out->output_at), output_bytes);
    return payload_close(&payload, RECORD_RESPONSE, key, err);
}

void record_put_response_expiry(struct buffer *out, struct text key,
                                const struct response_record *record)
{
    size_t at = record_begin(out, RECORD_RESPONSE_EXPIRY);

    record_put_text(out, record->token_id);
    record_put_text(out, record->endpoint);
    record_finish(out, at, key);
}

bool record_get_response_expiry(struct text key, struct text value, struct response_record *out,
                                struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_RESPONSE_EXPIRY, key, value, &payload, err))
        return false;
    *out = (struct response_record){0};
    out->token_id = payload_text(&payload);
    out->endpoint = payload_text(&payload);
    return payload_close(&payload, RECORD_RESPONSE_EXPIRY, key, err);
}
