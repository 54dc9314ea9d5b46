/* Routing rules that are switched off, as keys and bytes. */
#include "store/record_io.h"

enum { KEY_REST = 1 + CANARY_DIGEST_BYTES };

struct text record_canary_key(struct text endpoint, const unsigned char digest[CANARY_DIGEST_BYTES],
                              unsigned char out[RECORD_CANARY_KEY_BYTES_MAX])
{
    struct text name = text_first(endpoint, CANARY_ENDPOINT_BYTES_MAX);

    memcpy(out, name.at, name.len);
    out[name.len] = '\0';
    memcpy(out + name.len + 1, digest, CANARY_DIGEST_BYTES);
    return (struct text){(const char *)out, name.len + KEY_REST};
}

static void put_sums(struct buffer *out, const struct canary_sums *sums)
{
    record_put_number(out, sums->calls, 8);
    record_put_number(out, sums->refused, 8);
    record_put_number(out, sums->costed, 8);
    record_put_number(out, (uint64_t)sums->cost_nano, 8);
}

void record_put_canary(struct buffer *out, struct text key, const struct canary_record *canary)
{
    size_t at = record_begin(out, RECORD_CANARY);

    record_put_text(out, canary->rule);
    record_put_number(out, (uint64_t)canary->off_ms, 8);
    record_put_number(out, (uint64_t)canary->why, 1);
    record_put_number(out, canary->window_ms, 8);
    put_sums(out, &canary->taken);
    put_sums(out, &canary->rest);
    record_finish(out, at, key);
}

static void get_sums(struct payload *payload, struct canary_sums *out)
{
    out->calls = payload_number(payload, 8);
    out->refused = payload_number(payload, 8);
    out->costed = payload_number(payload, 8);
    out->cost_nano = (int64_t)payload_number(payload, 8);
}

static bool make_sense(const struct canary_sums *sums)
{
    return sums->refused <= sums->calls && sums->costed <= sums->calls && sums->cost_nano >= 0;
}

bool record_get_canary(struct text key, struct text value, struct canary_record *out,
                       struct error *err)
{
    size_t name = text_find_byte(key, '\0');
    struct payload payload;

    *out = (struct canary_record){0};
    if (name == 0 || name > CANARY_ENDPOINT_BYTES_MAX || key.len != name + KEY_REST)
        return record_damaged(RECORD_CANARY, key, "its key is none", err);
    if (!payload_open(RECORD_CANARY, key, value, &payload, err))
        return false;
    out->endpoint = text_first(key, name);
    memcpy(out->digest, key.at + name + 1, CANARY_DIGEST_BYTES);
    out->rule = payload_text(&payload);
    out->off_ms = (int64_t)payload_number(&payload, 8);
    out->why = (enum canary_why)payload_number(&payload, 1);
    out->window_ms = payload_number(&payload, 8);
    get_sums(&payload, &out->taken);
    get_sums(&payload, &out->rest);
    if ((out->why != CANARY_REFUSED && out->why != CANARY_COST) || out->off_ms < 0 ||
        out->rule.len > CANARY_RULE_BYTES_MAX || !make_sense(&out->taken) ||
        !make_sense(&out->rest))
        return record_damaged(RECORD_CANARY, key, "what it says makes no sense", err);
    return payload_close(&payload, RECORD_CANARY, key, err);
}
