/* 48 bits of milliseconds, 12 bits that count within a millisecond (RFC 9562 section 6.2, method
 * 1), 62 random bits. Random bytes are drawn for 256 ids at a time, per thread. */
#include "base/id.h"

#include "base/random.h"

#include <stdio.h>

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void next_random(unsigned char out[8])
{
    static _Thread_local unsigned char pool[2048];
    static _Thread_local size_t used = sizeof pool;

    if (used == sizeof pool) {
        random_fill(pool, sizeof pool);
        used = 0;
    }
    memcpy(out, pool + used, 8);
    used += 8;
}

static void next_uuid(unsigned char uuid[16], int64_t wall_ms)
{
    static _Thread_local int64_t last_ms;
    static _Thread_local unsigned count;

    if (wall_ms > last_ms) {
        last_ms = wall_ms;
        count = 0;
    } else if (++count > 0xFFF) {
        last_ms++;
        count = 0;
    }
    for (int i = 0; i < 6; i++)
        uuid[i] = (unsigned char)(last_ms >> (40 - 8 * i));
    next_random(uuid + 8);
    uuid[6] = (unsigned char)(0x70 | count >> 8);
    uuid[7] = (unsigned char)count;
    uuid[8] = (unsigned char)(0x80 | (uuid[8] & 0x3F));
}

void id_write(char out[ID_CHARS], int64_t wall_ms)
{
    unsigned char uuid[16];
    __uint128_t value = 0;

    next_uuid(uuid, wall_ms);
    for (int i = 0; i < 16; i++)
        value = value << 8 | uuid[i];
    for (int i = ID_CHARS - 1; i >= 0; i--) {
        out[i] = alphabet[(unsigned)value & 31];
        value >>= 5;
    }
}

struct text id_new(struct arena *arena, const char *prefix, int64_t wall_ms)
{
    size_t prefix_len = strlen(prefix);
    char *out = arena_bytes(arena, prefix_len + ID_CHARS + 1);

    memcpy(out, prefix, prefix_len);
    id_write(out + prefix_len, wall_ms);
    out[prefix_len + ID_CHARS] = '\0';
    return (struct text){out, prefix_len + ID_CHARS};
}

bool id_valid(struct text text, struct text prefix)
{
    if (text.len != prefix.len + ID_CHARS || !text_starts(text, prefix))
        return false;
    for (size_t i = prefix.len; i < text.len; i++)
        if (text.at[i] == '\0' || strchr(alphabet, text.at[i]) == NULL)
            return false;
    return true;
}

bool id_time(struct text id, struct text prefix, int64_t *out_wall_ms)
{
    __uint128_t value = 0;

    if (!id_valid(id, prefix))
        return false;
    for (size_t i = prefix.len; i < id.len; i++)
        value = value << 5 | (unsigned)(strchr(alphabet, id.at[i]) - alphabet);
    *out_wall_ms = (int64_t)(value >> 80);
    return true;
}
