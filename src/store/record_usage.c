/* Usage as bytes. The sums are counted, so that a later version may have more of them. */
#include "store/record_io.h"

#include "base/check.h"

#include <openssl/evp.h>

/* Each name behind its length, so that no two lists of names are the same bytes. */
static void digest_of(const struct text *names, size_t count, unsigned char *out, size_t bytes)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char full[EVP_MAX_MD_SIZE], len[8];

    CHECK(digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < count; i++) {
        record_key_number(len, names[i].len);
        CHECK(EVP_DigestUpdate(digest, len, sizeof len) == 1);
        CHECK(EVP_DigestUpdate(digest, names[i].at, names[i].len) == 1);
    }
    CHECK(EVP_DigestFinal_ex(digest, full, NULL) == 1);
    EVP_MD_CTX_free(digest);
    memcpy(out, full, bytes);
}

/* Names may be longer than a key can be, so the key has digests of them. */
void record_usage_key(const struct usage_record *usage, unsigned char out[RECORD_USAGE_KEY_BYTES])
{
    struct text day = text_first(usage->names[USAGE_DAY], RECORD_DAY_BYTES);

    memset(out, 0, RECORD_DAY_BYTES);
    if (day.len > 0)
        memcpy(out, day.at, day.len);
    digest_of(&usage->names[USAGE_TOKEN], 1, out + RECORD_DAY_BYTES,
              RECORD_USAGE_TOKEN_BYTES - RECORD_DAY_BYTES);
    digest_of(usage->names, USAGE_NAME_COUNT, out + RECORD_USAGE_TOKEN_BYTES,
              RECORD_USAGE_KEY_BYTES - RECORD_USAGE_TOKEN_BYTES);
}

void record_put_usage(struct buffer *out, struct text key, const struct usage_record *usage)
{
    size_t at = record_begin(out, RECORD_USAGE);

    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        record_put_text(out, usage->names[i]);
    record_put_number(out, USAGE_SUM_COUNT, 1);
    for (size_t i = 0; i < USAGE_SUM_COUNT; i++) {
        record_put_number(out, (uint64_t)usage->all[i], 8);
        record_put_number(out, (uint64_t)usage->estimated[i], 8);
    }
    record_finish(out, at, key);
}

bool record_get_usage(struct text key, struct text value, struct usage_record *out,
                      struct error *err)
{
    struct payload payload;
    size_t count;

    if (!payload_open(RECORD_USAGE, key, value, &payload, err))
        return false;
    *out = (struct usage_record){0};
    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        out->names[i] = payload_text(&payload);
    count = (size_t)payload_number(&payload, 1);
    if (count > USAGE_SUM_COUNT)
        return record_damaged(RECORD_USAGE, key, "it has more sums than this program knows", err);
    for (size_t i = 0; i < count; i++) {
        out->all[i] = (int64_t)payload_number(&payload, 8);
        out->estimated[i] = (int64_t)payload_number(&payload, 8);
    }
    return payload_close(&payload, RECORD_USAGE, key, err);
}
