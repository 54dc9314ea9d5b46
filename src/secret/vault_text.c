#include "secret/vault_text.h"

#include "base/clock.h"
#include "document/json_write.h"

static void put_text(struct buffer *out, const char *name, struct text value)
{
    json_put_name(out, name);
    if (value.len > 0)
        json_put_string(out, value);
    else
        buffer_put(out, TEXT("null"));
}

static void put_boolean(struct buffer *out, const char *name, bool value)
{
    json_put_name(out, name);
    buffer_put(out, value ? TEXT("true") : TEXT("false"));
}

void vault_put_secret(struct buffer *out, const struct vault_secret *secret)
{
    char created[CLOCK_RFC3339_BYTES];

    buffer_put_byte(out, '{');
    put_text(out, "name", secret->name);
    put_text(out, "hint", secret->hint);
    put_text(out, "created_at", clock_rfc3339(secret->created_ms, created));
    put_text(out, "key_id", secret->key_id);
    put_boolean(out, "opens", secret->opens);
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
    put_text(out, "key_id", rotation->key_id);
    put_boolean(out, "renewed", rotation->renewed);
    json_put_name(out, "resealed");
    buffer_put_u64(out, rotation->resealed);
    put_text(out, "file", rotation->file);
    json_put_name(out, "retired");
    buffer_put_u64(out, rotation->retired);
    put_boolean(out, "retire_by_hand", rotation->retire_by_hand);
    buffer_put_byte(out, '}');
}
