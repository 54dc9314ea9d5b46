/* The request log as bytes: rows one behind the other, each with its time (8), duration (8), status
 * (2), length (4) and line. */
#include "store/record_io.h"

#include "base/check.h"

enum { ROW_HEAD_BYTES = 22 };

size_t log_row_begin(struct buffer *rows)
{
    size_t at = rows->len;

    buffer_reserve(rows, ROW_HEAD_BYTES);
    rows->len += ROW_HEAD_BYTES;
    return at;
}

void log_row_end(struct buffer *rows, size_t at, int64_t wall_ms, uint64_t duration_us, int status)
{
    struct buffer head = {.at = rows->at + at, .room = ROW_HEAD_BYTES};

    CHECK(rows->len - at - ROW_HEAD_BYTES <= UINT32_MAX);
    record_put_number(&head, (uint64_t)wall_ms, 8);
    record_put_number(&head, duration_us, 8);
    record_put_number(&head, (uint64_t)status, 2);
    record_put_number(&head, rows->len - at - ROW_HEAD_BYTES, 4);
}

bool log_row_take(struct text *rows, struct log_row *out)
{
    struct payload payload = {.at = (const unsigned char *)rows->at, .left = rows->len};

    out->wall_ms = (int64_t)payload_number(&payload, 8);
    out->duration_us = payload_number(&payload, 8);
    out->status = (int)payload_number(&payload, 2);
    out->line = payload_text(&payload);
    if (payload.is_short)
        return false;
    *rows = (struct text){(const char *)payload.at, payload.left};
    return true;
}

void record_log_key(int64_t wall_ms, uint64_t number, unsigned char out[RECORD_LOG_KEY_BYTES])
{
    record_key_number(out, wall_ms > 0 ? (uint64_t)wall_ms : 0);
    record_key_number(out + 8, number);
}

bool record_log_split(struct text key, int64_t *out_wall_ms, uint64_t *out_number)
{
    const unsigned char *at = (const unsigned char *)key.at;

    if (key.len != RECORD_LOG_KEY_BYTES || at[0] > 0x7F)
        return false;
    *out_wall_ms = (int64_t)record_key_read(at);
    *out_number = record_key_read(at + 8);
    return true;
}

void record_put_log(struct buffer *out, struct text key, struct text rows)
{
    size_t at = record_begin(out, RECORD_LOG);

    buffer_put(out, rows);
    record_finish(out, at, key);
}

bool record_get_log(struct text key, struct text value, struct text *out_rows, struct error *err)
{
    struct payload payload;
    struct text rest;
    struct log_row row;

    if (!payload_open(RECORD_LOG, key, value, &payload, err))
        return false;
    rest = *out_rows = (struct text){(const char *)payload.at, payload.left};
    while (rest.len > 0)
        if (!log_row_take(&rest, &row))
            return record_damaged(RECORD_LOG, key, "it ends in the midst of a row", err);
    return true;
}

struct text record_content_key(int64_t expires_ms, struct text request_id,
                               unsigned char out[RECORD_CONTENT_KEY_BYTES_MAX])
{
    struct text id = text_first(request_id, LOG_REQUEST_ID_BYTES_MAX);

    record_key_number(out, expires_ms > 0 ? (uint64_t)expires_ms : 0);
    if (id.len > 0)
        memcpy(out + 8, id.at, id.len);
    return (struct text){(const char *)out, 8 + id.len};
}

bool record_content_split(struct text key, int64_t *out_expires_ms, struct text *out_request_id)
{
    const unsigned char *at = (const unsigned char *)key.at;

    if (key.len <= 8 || key.len > RECORD_CONTENT_KEY_BYTES_MAX || at[0] > 0x7F)
        return false;
    *out_expires_ms = (int64_t)record_key_read(at);
    *out_request_id = text_after(key, 8);
    return true;
}

void record_put_content(struct buffer *out, struct text key, const struct log_content *content)
{
    size_t at = record_begin(out, RECORD_CONTENT);

    record_put_text(out, content->token_id);
    record_put_text(out, content->json);
    record_finish(out, at, key);
}

bool record_get_content(struct text key, struct text value, struct log_content *out,
                        struct error *err)
{
    struct payload payload;

    *out = (struct log_content){0};
    if (!payload_open(RECORD_CONTENT, key, value, &payload, err))
        return false;
    if (!record_content_split(key, &out->expires_ms, &out->request_id))
        return record_damaged(RECORD_CONTENT, key, "its key is none", err);
    out->token_id = payload_text(&payload);
    out->json = payload_text(&payload);
    return payload_close(&payload, RECORD_CONTENT, key, err);
}
