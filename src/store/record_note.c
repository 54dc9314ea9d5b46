/* Notes on endpoints, as keys and bytes. */
#include "store/record_io.h"

struct text record_note_key(const struct note_record *note,
                            unsigned char out[RECORD_NOTE_KEY_BYTES])
{
    struct text id = text_first(note->id, NOTE_ID_BYTES);

    record_key_number(out, (uint64_t)note->noted_ms);
    memcpy(out + 8, id.at, id.len);
    return (struct text){(const char *)out, 8 + id.len};
}

void record_put_note(struct buffer *out, struct text key, const struct note_record *note)
{
    size_t at = record_begin(out, RECORD_NOTE);

    record_put_text(out, note->endpoint);
    record_put_text(out, note->kind);
    record_put_number(out, (uint64_t)note->since_ms, 8);
    record_put_number(out, (uint64_t)note->over_ms, 8);
    record_put_number(out, (uint64_t)note->usual, 8);
    record_put_number(out, (uint64_t)note->now, 8);
    record_put_number(out, (uint64_t)note->worst, 8);
    record_put_number(out, note->calls, 8);
    record_finish(out, at, key);
}

bool record_get_note(struct text key, struct text value, struct note_record *out, struct error *err)
{
    struct payload payload;

    *out = (struct note_record){0};
    if (key.len != RECORD_NOTE_KEY_BYTES)
        return record_damaged(RECORD_NOTE, key, "its key is none", err);
    if (!payload_open(RECORD_NOTE, key, value, &payload, err))
        return false;
    out->noted_ms = (int64_t)record_key_read((const unsigned char *)key.at);
    out->id = text_after(key, 8);
    out->endpoint = payload_text(&payload);
    out->kind = payload_text(&payload);
    out->since_ms = (int64_t)payload_number(&payload, 8);
    out->over_ms = (int64_t)payload_number(&payload, 8);
    out->usual = (int64_t)payload_number(&payload, 8);
    out->now = (int64_t)payload_number(&payload, 8);
    out->worst = (int64_t)payload_number(&payload, 8);
    out->calls = payload_number(&payload, 8);
    if (out->noted_ms < 0 || out->since_ms < 0 || out->over_ms < 0 || out->usual < 0 ||
        out->now < 0 || out->worst < 0 || out->endpoint.len > NOTE_ENDPOINT_BYTES_MAX ||
        out->kind.len > NOTE_KIND_BYTES_MAX)
        return record_damaged(RECORD_NOTE, key, "what it says makes no sense", err);
    return payload_close(&payload, RECORD_NOTE, key, err);
}
