/* Versions of endpoints, the files they were made of, and which of them is pinned. */
#include "store/record_io.h"

#include "base/check.h"

#include <openssl/evp.h>

/* Slug, a zero byte, and what tells its records apart. */
static struct text keyed(struct text slug, const unsigned char *rest, size_t bytes,
                         unsigned char *out)
{
    struct text name = text_first(slug, HISTORY_SLUG_BYTES_MAX);

    memcpy(out, name.at, name.len);
    out[name.len] = '\0';
    memcpy(out + name.len + 1, rest, bytes);
    return (struct text){(const char *)out, name.len + 1 + bytes};
}

static bool split(struct text key, size_t bytes, struct text *out_slug, struct text *out_rest)
{
    size_t len = text_find_byte(key, '\0');

    if (len == 0 || len > HISTORY_SLUG_BYTES_MAX || key.len != len + 1 + bytes)
        return false;
    *out_slug = text_first(key, len);
    *out_rest = text_after(key, len + 1);
    return true;
}

struct text record_history_key(struct text slug, uint64_t number,
                               unsigned char out[RECORD_HISTORY_KEY_BYTES_MAX])
{
    unsigned char bytes[8];

    record_key_number(bytes, number);
    return keyed(slug, bytes, sizeof bytes, out);
}

bool record_history_split(struct text key, struct text *out_slug, uint64_t *out_number)
{
    struct text rest;

    if (!split(key, 8, out_slug, &rest))
        return false;
    *out_number = record_key_read((const unsigned char *)rest.at);
    return true;
}

struct text record_history_file_key(struct text slug,
                                    const unsigned char digest[HISTORY_DIGEST_BYTES],
                                    unsigned char out[RECORD_HISTORY_FILE_KEY_BYTES_MAX])
{
    return keyed(slug, digest, HISTORY_DIGEST_BYTES, out);
}

bool record_history_file_split(struct text key, struct text *out_slug, struct text *out_digest)
{
    return split(key, HISTORY_DIGEST_BYTES, out_slug, out_digest);
}

static void put_digest(struct buffer *out, const unsigned char digest[HISTORY_DIGEST_BYTES])
{
    buffer_put(out, (struct text){(const char *)digest, HISTORY_DIGEST_BYTES});
}

static void get_digest(struct payload *payload, unsigned char out[HISTORY_DIGEST_BYTES])
{
    const unsigned char *at = payload_take(payload, HISTORY_DIGEST_BYTES);

    if (at != NULL)
        memcpy(out, at, HISTORY_DIGEST_BYTES);
}

void record_put_history(struct buffer *out, struct text key, const struct history_entry *entry)
{
    size_t at = record_begin(out, RECORD_HISTORY);

    record_put_text(out, entry->hash);
    record_put_number(out, (uint64_t)entry->wall_ms, 8);
    record_put_text(out, entry->actor);
    record_put_text(out, entry->actor_id);
    record_put_text(out, entry->cause);
    record_put_number(out, entry->of, 8);
    record_put_number(out, entry->file_count, 4);
    for (size_t i = 0; i < entry->file_count; i++) {
        record_put_text(out, entry->files[i].path);
        put_digest(out, entry->files[i].digest);
    }
    record_finish(out, at, key);
}

bool record_get_history(struct text key, struct text value, struct arena *arena,
                        struct history_entry *out, struct error *err)
{
    struct history_file *files;
    struct payload payload;

    *out = (struct history_entry){0};
    if (!record_history_split(key, &out->slug, &out->number))
        return record_damaged(RECORD_HISTORY, key, "its key is none", err);
    if (!payload_open(RECORD_HISTORY, key, value, &payload, err))
        return false;
    out->hash = payload_text(&payload);
    out->wall_ms = (int64_t)payload_number(&payload, 8);
    out->actor = payload_text(&payload);
    out->actor_id = payload_text(&payload);
    out->cause = payload_text(&payload);
    out->of = payload_number(&payload, 8);
    out->file_count = payload_number(&payload, 4);
    if (out->file_count > HISTORY_FILES_MAX || out->hash.len != HISTORY_HASH_CHARS)
        return record_damaged(RECORD_HISTORY, key, "what it counts makes no sense", err);
    out->files = files = ARENA_ARRAY(arena, struct history_file, out->file_count);
    for (size_t i = 0; i < out->file_count; i++) {
        files[i].path = payload_text(&payload);
        get_digest(&payload, files[i].digest);
    }
    return payload_close(&payload, RECORD_HISTORY, key, err);
}

void record_put_history_file(struct buffer *out, struct text key, struct text bytes)
{
    size_t at = record_begin(out, RECORD_HISTORY_FILE);

    record_put_text(out, bytes);
    record_finish(out, at, key);
}

bool record_get_history_file(struct text key, struct text value, struct text *out_bytes,
                             struct error *err)
{
    unsigned char digest[HISTORY_DIGEST_BYTES];
    struct payload payload;
    struct text slug, wanted;

    if (!payload_open(RECORD_HISTORY_FILE, key, value, &payload, err))
        return false;
    *out_bytes = payload_text(&payload);
    if (!payload_close(&payload, RECORD_HISTORY_FILE, key, err))
        return false;
    CHECK(EVP_Digest(out_bytes->at, out_bytes->len, digest, NULL, EVP_sha256(), NULL) == 1);
    if (record_history_file_split(key, &slug, &wanted) &&
        memcmp(wanted.at, digest, sizeof digest) == 0)
        return true;
    return record_damaged(RECORD_HISTORY_FILE, key, "its bytes are not those of its key", err);
}

void record_put_pin(struct buffer *out, struct text key, const struct history_entry *entry)
{
    size_t at = record_begin(out, RECORD_PIN);

    record_put_number(out, entry->number, 8);
    put_digest(out, entry->replaced);
    record_finish(out, at, key);
}

bool record_get_pin(struct text key, struct text value, struct history_entry *out,
                    struct error *err)
{
    struct payload payload;

    *out = (struct history_entry){.slug = key, .pinned = true};
    if (!payload_open(RECORD_PIN, key, value, &payload, err))
        return false;
    out->number = payload_number(&payload, 8);
    get_digest(&payload, out->replaced);
    return payload_close(&payload, RECORD_PIN, key, err);
}
