/* Roll-ups as bytes. Most of their numbers are small or nought, so they are written seven bits to a
 * byte, the least significant first, and of the ranges of time only those that count something. */
#include "store/record_io.h"

#include "base/check.h"

enum { HEAD_BIT = 0x80, KEY_HEAD_BYTES = 6 };

static void put_short(struct buffer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buffer_put_byte(out, (char)(unsigned char)(value | 0x80));
    buffer_put_byte(out, (char)(unsigned char)value);
}

/* A number has one form: no zeros in front, and it fits. */
static uint64_t get_short(struct payload *payload)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        const unsigned char *at = payload_take(payload, 1);

        if (at == NULL)
            return 0;
        value |= (uint64_t)(*at & 0x7F) << shift;
        if (*at >= 0x80)
            continue;
        payload->is_short |= (*at == 0 && shift > 0) || (shift == 63 && *at > 1);
        return value;
    }
    payload->is_short = true;
    return 0;
}

struct text record_rollup_key(const struct rollup_place *place,
                              unsigned char out[RECORD_ROLLUP_KEY_BYTES_MAX])
{
    struct buffer key = {.at = (char *)out, .room = RECORD_ROLLUP_KEY_BYTES_MAX};
    uint32_t bucket = place->bucket > 0 ? (uint32_t)place->bucket : 0;

    buffer_put_byte(&key, (char)place->step);
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_put_byte(&key, (char)(unsigned char)(bucket >> shift));
    buffer_put_byte(
        &key, (char)(unsigned char)((unsigned)place->kind | (place->counts_names ? HEAD_BIT : 0)));
    if (rollup_is_grouped(place->kind)) {
        buffer_put(&key, text_cut(place->group, ROLLUP_NAME_BYTES_MAX));
        buffer_put_byte(&key, '\0');
    }
    buffer_put(&key, text_cut(place->name, ROLLUP_NAME_BYTES_MAX));
    return buffer_text(&key);
}

bool record_rollup_split(struct text key, struct rollup_place *out)
{
    const unsigned char *at = (const unsigned char *)key.at;

    *out = (struct rollup_place){0};
    if (key.len < KEY_HEAD_BYTES || key.len > RECORD_ROLLUP_KEY_BYTES_MAX)
        return false;
    out->step = at[0];
    out->bucket =
        (int64_t)((uint32_t)at[1] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 8 | at[4]);
    out->kind = at[5] & ~HEAD_BIT;
    out->counts_names = (at[5] & HEAD_BIT) != 0;
    if (at[0] >= ROLLUP_STEP_COUNT || out->kind == 0 || out->kind >= ROLLUP_KIND_END)
        return false;
    out->name = text_after(key, KEY_HEAD_BYTES);
    if (!rollup_is_grouped(out->kind))
        return true;
    if (memchr(out->name.at, '\0', out->name.len) == NULL)
        return false;
    out->group = text_split(&out->name, '\0');
    return true;
}

void record_put_rollup(struct buffer *out, struct text key, const struct rollup_sums *sums)
{
    size_t at = record_begin(out, RECORD_ROLLUP), next = 0;

    record_put_number(out, ROLLUP_SUM_COUNT, 1);
    for (size_t i = 0; i < ROLLUP_SUM_COUNT; i++)
        put_short(out, (uint64_t)sums->sums[i]);
    for (size_t i = 0; i < ROLLUP_RANGES; i++) {
        if (sums->took[i] == 0)
            continue;
        put_short(out, i - next); /* ranges that are left out before it */
        put_short(out, sums->took[i]);
        next = i + 1;
    }
    record_finish(out, at, key);
}

bool record_get_rollup(struct text key, struct text value, struct rollup_sums *out,
                       struct error *err)
{
    struct payload payload;
    size_t count, next = 0;

    if (!payload_open(RECORD_ROLLUP, key, value, &payload, err))
        return false;
    *out = (struct rollup_sums){0};
    count = (size_t)payload_number(&payload, 1);
    if (count > ROLLUP_SUM_COUNT)
        return record_damaged(RECORD_ROLLUP, key, "it has more sums than this program knows", err);
    for (size_t i = 0; i < count; i++)
        out->sums[i] = (int64_t)get_short(&payload);
    while (payload.left > 0 && !payload.is_short) {
        uint64_t left_out = get_short(&payload), calls = get_short(&payload);

        if (payload.is_short || calls == 0 || left_out >= ROLLUP_RANGES - next)
            return record_damaged(RECORD_ROLLUP, key, "it has a time out of range", err);
        next += left_out;
        out->took[next++] = calls;
    }
    return payload_close(&payload, RECORD_ROLLUP, key, err);
}

void record_put_rollup_names(struct buffer *out, struct text key, uint32_t names)
{
    size_t at = record_begin(out, RECORD_ROLLUP_NAMES);

    record_put_number(out, names, 4);
    record_finish(out, at, key);
}

bool record_get_rollup_names(struct text key, struct text value, uint32_t *out, struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_ROLLUP_NAMES, key, value, &payload, err))
        return false;
    *out = (uint32_t)payload_number(&payload, 4);
    return payload_close(&payload, RECORD_ROLLUP_NAMES, key, err);
}
