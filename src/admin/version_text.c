#include "admin/version_text.h"

#include "base/clock.h"
#include "document/json_write.h"
#include "document/utf8.h"

static void put_number(struct buffer *out, const char *name, uint64_t number)
{
    json_put_name(out, name);
    if (number > 0)
        buffer_put_u64(out, number);
    else
        buffer_put(out, TEXT("null"));
}

static void put_hex(struct buffer *out, const char *name,
                    const unsigned char digest[HISTORY_DIGEST_BYTES])
{
    json_put_name(out, name);
    buffer_put_byte(out, '"');
    for (size_t i = 0; i < HISTORY_DIGEST_BYTES; i++)
        buffer_printf(out, "%02x", digest[i]);
    buffer_put_byte(out, '"');
}

/* A file that was accepted is UTF-8. */
static void put_files(struct buffer *out, const struct history_file *files, size_t count,
                      bool content)
{
    json_put_name(out, "files");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        buffer_put(out, i > 0 ? TEXT(",{") : TEXT("{"));
        json_put_text(out, "path", files[i].path);
        put_hex(out, "sha256", files[i].digest);
        if (content && utf8_valid(files[i].bytes) == files[i].bytes.len)
            json_put_text(out, "content", files[i].bytes);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, ']');
}

static void put_endpoint(struct buffer *out, const struct endpoint *endpoint, bool content)
{
    buffer_put(out, TEXT("{\"object\":\"endpoint\""));
    json_put_text(out, "id", endpoint->slug);
    put_number(out, "version", *endpoint->number);
    json_put_text(out, "hash", endpoint->version);
    json_put_flag(out, "rolled_back", endpoint->pinned);
    put_hex(out, "files_sha256", endpoint->files_digest);
    if (endpoint->pinned)
        put_hex(out, "replaced_sha256", endpoint->replaced);
    put_files(out, endpoint->files, endpoint->file_count, content);
    buffer_put_byte(out, '}');
}

void version_put_endpoint(struct buffer *out, const struct endpoint *endpoint)
{
    put_endpoint(out, endpoint, false);
}

void version_put_current(struct buffer *out, const struct endpoint *endpoint)
{
    put_endpoint(out, endpoint, true);
}

static const struct history_file *find(const struct history_entry *entry, struct text path)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (text_equal(entry->files[i].path, path))
            return &entry->files[i];
    return NULL;
}

static void put_change(struct buffer *out, const char *change, struct text path)
{
    if (out->at[out->len - 1] != '[')
        buffer_put_byte(out, ',');
    buffer_put_byte(out, '{');
    json_put_text(out, "path", path);
    json_put_text(out, "change", text_of(change));
    buffer_put_byte(out, '}');
}

/* Nothing changed: what pinion.yaml says of it has. */
static void put_changes(struct buffer *out, const struct history_entry *entry,
                        const struct history_entry *before)
{
    json_put_name(out, "changes");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < entry->file_count; i++) {
        const struct history_file *old = find(before, entry->files[i].path);

        if (old == NULL)
            put_change(out, "added", entry->files[i].path);
        else if (memcmp(old->digest, entry->files[i].digest, sizeof old->digest) != 0)
            put_change(out, "changed", entry->files[i].path);
    }
    for (size_t i = 0; i < before->file_count; i++)
        if (find(entry, before->files[i].path) == NULL)
            put_change(out, "removed", before->files[i].path);
    buffer_put_byte(out, ']');
}

void version_put_entry(struct buffer *out, const struct history_entry *entry,
                       const struct history_entry *before, bool content)
{
    char when[CLOCK_RFC3339_BYTES];

    buffer_put(out, TEXT("{\"object\":\"version\""));
    json_put_text(out, "endpoint", entry->slug);
    put_number(out, "version", entry->number);
    json_put_text(out, "hash", entry->hash);
    json_put_text(out, "at", clock_rfc3339(entry->wall_ms, when));
    json_put_text(out, "cause", entry->cause);
    json_put_text(out, "actor", entry->actor);
    if (entry->actor_id.len > 0)
        json_put_text(out, "actor_id", entry->actor_id);
    if (entry->of > 0)
        put_number(out, "of", entry->of);
    json_put_flag(out, "pinned", entry->pinned);
    if (before != NULL)
        put_changes(out, entry, before);
    put_files(out, entry->files, entry->file_count, content);
    buffer_put_byte(out, '}');
}

void version_put_rollback(struct buffer *out, const struct history_entry *wanted,
                          const struct rollback *done)
{
    buffer_put(out, TEXT("{\"ok\":true,\"object\":\"rollback\""));
    json_put_text(out, "endpoint", wanted->slug);
    put_number(out, "of", wanted->number);
    put_number(out, "version", done->number);
    json_put_text(out, "hash", done->hash);
    json_put_flag(out, "pinned", done->pinned);
    buffer_put_byte(out, '}');
}
