#include "secret/vault_text.h"

#include "base/clock.h"
#include "document/json_write.h"

void vault_put_members(struct buffer *out, const struct vault_secret *secret)
{
    char created[CLOCK_RFC3339_BYTES];

    json_put_text_or_null(out, "name", secret->name);
    json_put_text_or_null(out, "hint", secret->hint);
    json_put_text_or_null(out, "created_at", clock_rfc3339(secret->created_ms, created));
    json_put_text_or_null(out, "key_id", secret->key_id);
    json_put_flag(out, "opens", secret->opens);
}

void vault_put_secret(struct buffer *out, const struct vault_secret *secret)
{
    buffer_put_byte(out, '{');
    vault_put_members(out, secret);
    buffer_put_byte(out, '}');
}

void vault_put_list(struct buffer *out, const struct vault_secret *secrets, size_t count)
{
    buffer_put(out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        vault_put_secret(out, &secrets[i]);
    }
    buffer_put(out, TEXT("],\"has_more\":false}"));
}

void vault_put_rotation(struct buffer *out, const struct vault_rotation *rotation)
{
    buffer_put_byte(out, '{');
    json_put_text_or_null(out, "key_id", rotation->key_id);
    json_put_flag(out, "renewed", rotation->renewed);
    json_put_count(out, "resealed", rotation->resealed);
    json_put_text_or_null(out, "file", rotation->file);
    json_put_count(out, "retired", rotation->retired);
    json_put_flag(out, "retire_by_hand", rotation->retire_by_hand);
    buffer_put_byte(out, '}');
}
