#include "audit/record_text.h"

#include "base/clock.h"
#include "document/json_write.h"

#include <stdio.h>

static const char digits[] = "0123456789abcdef";

const char *const audit_columns[AUDIT_COLUMNS] = {
    "sequence", "at",      "actor",   "actor_id",   "peer", "action",
    "object",   "outcome", "details", "request_id", "hash", "seal",
};

static void write_hex(const unsigned char hash[AUDIT_HASH_BYTES], char *out)
{
    for (size_t i = 0; i < AUDIT_HASH_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
}

static void put_hash(struct buffer *out, const char *name,
                     const unsigned char hash[AUDIT_HASH_BYTES])
{
    char hex[2 * AUDIT_HASH_BYTES];

    write_hex(hash, hex);
    json_put_text(out, name, (struct text){hex, sizeof hex});
}

/* A time that no clock shows is one that somebody wrote there. */
static void put_time(struct buffer *out, int64_t wall_ms)
{
    static const int64_t year_10000_ms = 253402300800000;
    char when[CLOCK_RFC3339_BYTES];

    if (wall_ms >= 0 && wall_ms < year_10000_ms) {
        json_put_text(out, "at", clock_rfc3339(wall_ms, when));
        return;
    }
    json_put_name(out, "at");
    buffer_put(out, TEXT("null"));
}

void audit_put_record(struct buffer *out, const struct audit_record *record)
{
    buffer_put_byte(out, '{');
    json_put_count(out, "sequence", record->sequence);
    put_time(out, record->wall_ms);
    json_put_text(out, "actor", record->actor);
    json_put_text(out, "actor_id", record->actor_id);
    json_put_text(out, "peer", record->peer);
    json_put_text(out, "action", record->action);
    json_put_text(out, "object", record->object);
    json_put_text(out, "outcome", record->outcome);
    json_put_name(out, "details");
    buffer_put(out, record->details.len > 0 ? record->details : TEXT("null"));
    json_put_text(out, "request_id", record->request_id);
    put_hash(out, "hash", record->hash);
    put_hash(out, "seal", record->seal);
    buffer_put_byte(out, '}');
}

void audit_put_page(struct buffer *out, const struct audit_page *page)
{
    uint64_t first = page->count > 0 ? page->records[0].sequence : page->reached;

    buffer_put(out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < page->count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        audit_put_record(out, &page->records[i]);
    }
    buffer_printf(out, "],\"first_id\":\"%llu\",\"last_id\":\"%llu\",\"has_more\":%s}",
                  (unsigned long long)first, (unsigned long long)page->reached,
                  page->more ? "true" : "false");
}

void audit_put_ends(struct buffer *out, const struct audit_head *ends)
{
    char head[AUDIT_LINK_CHARS];

    buffer_put_byte(out, '{');
    json_put_text(out, "head", audit_link_write(&ends->last, head));
    buffer_printf(out, ",\"first\":%llu}", (unsigned long long)ends->before.sequence + 1);
}

struct text audit_link_write(const struct audit_link *link, char out[AUDIT_LINK_CHARS])
{
    char number[24];
    size_t len =
        (size_t)snprintf(number, sizeof number, "%llu:", (unsigned long long)link->sequence);

    memcpy(out, number, len);
    write_hex(link->hash, out + len);
    return (struct text){out, len + 2 * AUDIT_HASH_BYTES};
}

static int digit_of(char byte)
{
    const char *at = byte != '\0' ? strchr(digits, byte) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

bool audit_link_read(struct text text, struct audit_link *out)
{
    struct text number = text_split(&text, ':');

    if (!text_to_u64(number, &out->sequence) || text.len != 2 * AUDIT_HASH_BYTES)
        return false;
    for (size_t i = 0; i < AUDIT_HASH_BYTES; i++) {
        int high = digit_of(text.at[2 * i]), low = digit_of(text.at[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out->hash[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
