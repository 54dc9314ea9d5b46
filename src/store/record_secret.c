/* Sealed secrets as bytes. */
#include "store/record_io.h"

void record_put_secret(struct buffer *out, struct text key, const struct secret_record *secret)
{
    size_t at = record_begin(out, RECORD_SECRET);

    record_put_text(out, secret->key_id);
    record_put_number(out, (uint64_t)secret->created_ms, 8);
    record_put_text(out, secret->sealed);
    record_finish(out, at, key);
}

bool record_get_secret(struct text key, struct text value, struct secret_record *out,
                       struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_SECRET, key, value, &payload, err))
        return false;
    *out = (struct secret_record){.name = key};
    out->key_id = payload_text(&payload);
    out->created_ms = (int64_t)payload_number(&payload, 8);
    out->sealed = payload_text(&payload);
    return payload_close(&payload, RECORD_SECRET, key, err);
}
