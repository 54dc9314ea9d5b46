/* backup.json, written and read. */
#include "store/backup_impl.h"

#include "base/clock.h"
#include "document/json_read.h"
#include "document/json_write.h"

enum { MANIFEST_FORMAT = 1, TABLES_MAX = 256 };

static void put_tables(struct buffer *out, const struct backup *backup)
{
    json_put_name(out, "records");
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < backup->table_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, backup->tables[i].name);
        buffer_put_byte(out, ':');
        buffer_put_u64(out, backup->tables[i].records);
    }
    buffer_put_byte(out, '}');
}

/* The digests of the keys, by the names of their files. */
static void put_keys(struct buffer *out, const struct backup *backup)
{
    json_put_name(out, "keys");
    buffer_put_byte(out, '{');
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        json_put_text_or_null(out, backup_key_names[key], backup->key_sha256[key]);
    buffer_put_byte(out, '}');
}

void backup_put(struct buffer *out, const struct backup *backup)
{
    char when[CLOCK_RFC3339_BYTES];

    buffer_put(out, TEXT("{\"object\":\"backup\""));
    json_put_text_or_null(out, "name", backup->name);
    if (backup->unreadable) {
        buffer_put(out, TEXT(",\"readable\":false}"));
        return;
    }
    buffer_printf(out, ",\"readable\":true,\"format\":%d", MANIFEST_FORMAT);
    json_put_text_or_null(out, "version", backup->version);
    json_put_text_or_null(out, "taken_at", clock_rfc3339(backup->taken_ms, when));
    json_put_count(out, "transaction", backup->transaction);
    json_put_count(out, "bytes", backup->bytes);
    json_put_text_or_null(out, "sha256", backup->sha256);
    put_keys(out, backup);
    buffer_printf(out, ",\"audit\":{\"sequence\":%llu", (unsigned long long)backup->audit_sequence);
    json_put_text_or_null(out, "hash", backup->audit_hash);
    buffer_put_byte(out, '}');
    put_tables(out, backup);
    buffer_put_byte(out, '}');
}

bool backup_put_list(struct buffer *out, struct text backups, struct arena *arena,
                     struct error *err)
{
    const struct backup *list;
    size_t count;

    if (!backup_list(backups, arena, &list, &count, err))
        return false;
    buffer_put(out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        backup_put(out, &list[i]);
    }
    buffer_put_byte(out, ']');
    json_put_text_or_null(out, "first_id", count > 0 ? list[0].name : (struct text){0});
    json_put_text_or_null(out, "last_id", count > 0 ? list[count - 1].name : (struct text){0});
    buffer_put(out, TEXT(",\"has_more\":false}"));
    return true;
}

/* A member as text; empty when it is none. */
static struct text text_member(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE || document->cells[at].type != CELL_STRING)
        return (struct text){0};
    return document_text(document, at);
}

static bool count_of(const struct document *document, uint32_t at, uint64_t *out)
{
    if (at == CELL_NONE || document->cells[at].type != CELL_INTEGER ||
        document->cells[at].integer < 0)
        return false;
    *out = (uint64_t)document->cells[at].integer;
    return true;
}

static bool read_tables(const struct document *document, struct arena *arena, struct backup *out)
{
    uint32_t at = document_member(document, 0, TEXT("records"));
    struct store_table *tables;

    if (at == CELL_NONE || document->cells[at].type != CELL_OBJECT ||
        document->cells[at].size > TABLES_MAX)
        return false;
    tables = ARENA_ARRAY(arena, struct store_table, document->cells[at].size);
    for (uint32_t i = at + 1; i < document->cells[at].end; i = document_next(document, i + 1)) {
        struct store_table *table = &tables[out->table_count++];

        table->name = document_text(document, i);
        if (!count_of(document, i + 1, &table->records))
            return false;
    }
    out->tables = tables;
    return true;
}

bool backup_read(struct text json, struct arena *arena, struct backup *out, struct error *err)
{
    struct document document;
    struct backup it = {0};
    uint64_t format;

    if (!json_read(json, NULL, arena, &document, NULL, NULL) ||
        !count_of(&document, document_member(&document, 0, TEXT("format")), &format))
        return error_set(err, ERROR_RECORD_DAMAGED, BACKUP_MANIFEST,
                         "the backup's manifest does not read");
    if (format != MANIFEST_FORMAT)
        return error_set(err, ERROR_RECORD_DAMAGED, BACKUP_MANIFEST,
                         "the backup has format %llu, this program reads format %d",
                         (unsigned long long)format, MANIFEST_FORMAT);
    it.name = text_member(&document, 0, "name");
    it.version = text_member(&document, 0, "version");
    it.sha256 = text_member(&document, 0, "sha256");
    for (int key = 0; key < BACKUP_KEY_COUNT; key++)
        it.key_sha256[key] = text_member(&document, document_member(&document, 0, TEXT("keys")),
                                         backup_key_names[key]);
    it.audit_hash = text_member(&document, document_member(&document, 0, TEXT("audit")), "hash");
    if (backup_name_valid(it.name) && it.sha256.len == BACKUP_SHA256_CHARS &&
        clock_parse_rfc3339(text_member(&document, 0, "taken_at"), &it.taken_ms) &&
        count_of(&document, document_member(&document, 0, TEXT("transaction")), &it.transaction) &&
        count_of(&document, document_member(&document, 0, TEXT("bytes")), &it.bytes) &&
        count_of(&document, document_at(&document, 0, TEXT("/audit/sequence")),
                 &it.audit_sequence) &&
        read_tables(&document, arena, &it)) {
        *out = it;
        return true;
    }
    return error_set(err, ERROR_RECORD_DAMAGED, BACKUP_MANIFEST,
                     "the backup's manifest lacks what it must say");
}
