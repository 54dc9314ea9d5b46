/* Events on their way to receivers, as keys and bytes. */
#include "store/record_io.h"

enum { KEY_REST = 1 + 8 + WEBHOOK_ID_BYTES }; /* behind the name */

struct text record_webhook_begin(enum webhook_state state, struct text webhook,
                                 unsigned char out[RECORD_WEBHOOK_KEY_BYTES_MAX])
{
    struct text name = text_first(webhook, WEBHOOK_NAME_BYTES_MAX);

    out[0] = (unsigned char)state;
    if (name.len == 0)
        return (struct text){(const char *)out, 1};
    memcpy(out + 1, name.at, name.len);
    out[1 + name.len] = '\0';
    return (struct text){(const char *)out, name.len + 2};
}

struct text record_webhook_key(const struct webhook_record *webhook,
                               unsigned char out[RECORD_WEBHOOK_KEY_BYTES_MAX])
{
    size_t begin = record_webhook_begin(webhook->state, webhook->webhook, out).len;
    struct text id = text_first(webhook->id, WEBHOOK_ID_BYTES);

    record_key_number(out + begin, (uint64_t)webhook->at_ms);
    memcpy(out + begin + 8, id.at, id.len);
    return (struct text){(const char *)out, begin + 8 + id.len};
}

void record_put_webhook(struct buffer *out, struct text key, const struct webhook_record *webhook)
{
    size_t at = record_begin(out, RECORD_WEBHOOK);

    record_put_text(out, webhook->type);
    record_put_number(out, (uint64_t)webhook->created_ms, 8);
    record_put_number(out, (uint64_t)webhook->since_ms, 8);
    record_put_number(out, webhook->tries, 4);
    record_put_number(out, webhook->status, 2);
    record_put_text(out, webhook->reason);
    record_put_text(out, webhook->body);
    record_finish(out, at, key);
}

bool record_webhook_split(struct text key, struct webhook_record *out)
{
    struct text rest = text_after(key, 1);
    size_t name = text_find_byte(rest, '\0');

    *out = (struct webhook_record){0};
    if (key.len < 2 || (key.at[0] != WEBHOOK_WAITING && key.at[0] != WEBHOOK_DEAD) || name == 0 ||
        name > WEBHOOK_NAME_BYTES_MAX || rest.len != name + KEY_REST)
        return false;
    out->state = (enum webhook_state)key.at[0];
    out->webhook = text_first(rest, name);
    out->at_ms = (int64_t)record_key_read((const unsigned char *)rest.at + name + 1);
    out->id = text_after(rest, name + 1 + 8);
    return out->at_ms >= 0;
}

bool record_get_webhook(struct text key, struct text value, struct webhook_record *out,
                        struct error *err)
{
    struct payload payload;

    if (!record_webhook_split(key, out))
        return record_damaged(RECORD_WEBHOOK, key, "its key is none", err);
    if (!payload_open(RECORD_WEBHOOK, key, value, &payload, err))
        return false;
    out->type = payload_text(&payload);
    out->created_ms = (int64_t)payload_number(&payload, 8);
    out->since_ms = (int64_t)payload_number(&payload, 8);
    out->tries = (uint32_t)payload_number(&payload, 4);
    out->status = (uint32_t)payload_number(&payload, 2);
    out->reason = payload_text(&payload);
    out->body = payload_text(&payload);
    if (out->created_ms < 0 || out->since_ms < 0 || out->type.len > WEBHOOK_TYPE_BYTES_MAX ||
        out->reason.len > WEBHOOK_REASON_BYTES_MAX || out->body.len > WEBHOOK_BODY_BYTES_MAX)
        return record_damaged(RECORD_WEBHOOK, key, "what it says makes no sense", err);
    return payload_close(&payload, RECORD_WEBHOOK, key, err);
}
