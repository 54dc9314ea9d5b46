/* Records of the audit log, and its head, as bytes. What a record's hash is over is part of what
 * docs/audit.md promises: it does not change. */
#include "store/record_io.h"

#include "base/check.h"

void record_audit_key(uint64_t sequence, unsigned char out[RECORD_AUDIT_KEY_BYTES])
{
    record_key_number(out, sequence);
}

uint64_t record_audit_number(struct text key)
{
    CHECK(key.len == RECORD_AUDIT_KEY_BYTES);
    return record_key_read((const unsigned char *)key.at);
}

void record_put_audit_said(struct buffer *out, const struct audit_record *record)
{
    record_put_number(out, record->sequence, 8);
    record_put_number(out, (uint64_t)record->wall_ms, 8);
    record_put_text(out, record->actor);
    record_put_text(out, record->actor_id);
    record_put_text(out, record->peer);
    record_put_text(out, record->action);
    record_put_text(out, record->object);
    record_put_text(out, record->outcome);
    record_put_text(out, record->details);
    record_put_text(out, record->request_id);
}

static struct text hash_text(const unsigned char hash[AUDIT_HASH_BYTES])
{
    return (struct text){(const char *)hash, AUDIT_HASH_BYTES};
}

void record_put_audit(struct buffer *out, struct text key, const struct audit_record *record)
{
    size_t at = record_begin(out, RECORD_AUDIT);

    record_put_audit_said(out, record);
    buffer_put(out, hash_text(record->hash));
    buffer_put(out, hash_text(record->seal));
    record_finish(out, at, key);
}

static void take_hash(struct payload *payload, unsigned char out[AUDIT_HASH_BYTES])
{
    const unsigned char *at = payload_take(payload, AUDIT_HASH_BYTES);

    if (at != NULL)
        memcpy(out, at, AUDIT_HASH_BYTES);
}

bool record_get_audit(struct text key, struct text value, struct audit_record *out,
                      struct error *err)
{
    struct payload payload;
    const char *begin;

    if (!payload_open(RECORD_AUDIT, key, value, &payload, err))
        return false;
    begin = (const char *)payload.at;
    *out = (struct audit_record){.sequence = payload_number(&payload, 8)};
    out->wall_ms = (int64_t)payload_number(&payload, 8);
    out->actor = payload_text(&payload);
    out->actor_id = payload_text(&payload);
    out->peer = payload_text(&payload);
    out->action = payload_text(&payload);
    out->object = payload_text(&payload);
    out->outcome = payload_text(&payload);
    out->details = payload_text(&payload);
    out->request_id = payload_text(&payload);
    out->said = (struct text){begin, (size_t)((const char *)payload.at - begin)};
    take_hash(&payload, out->hash);
    take_hash(&payload, out->seal);
    return payload_close(&payload, RECORD_AUDIT, key, err);
}

static void put_link(struct buffer *out, const struct audit_link *link)
{
    record_put_number(out, link->sequence, 8);
    buffer_put(out, hash_text(link->hash));
}

void record_put_audit_head(struct buffer *out, struct text key,
                           const struct record_audit_head *head)
{
    size_t at = record_begin(out, RECORD_AUDIT_HEAD);

    put_link(out, &head->ends.before);
    put_link(out, &head->ends.last);
    buffer_put(out, hash_text(head->seal));
    record_finish(out, at, key);
}

static void take_link(struct payload *payload, struct audit_link *out)
{
    out->sequence = payload_number(payload, 8);
    take_hash(payload, out->hash);
}

bool record_get_audit_head(struct text key, struct text value, struct record_audit_head *out,
                           struct error *err)
{
    struct payload payload;

    *out = (struct record_audit_head){0};
    if (!payload_open(RECORD_AUDIT_HEAD, key, value, &payload, err))
        return false;
    take_link(&payload, &out->ends.before);
    take_link(&payload, &out->ends.last);
    take_hash(&payload, out->seal);
    return payload_close(&payload, RECORD_AUDIT_HEAD, key, err);
}
