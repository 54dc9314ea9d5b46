#include "secret/secret.h"

#include "document/utf8.h"
#include "secret/memory.h"

enum { SHORT_BYTES = 16 };

bool secret_name_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool alphanumeric = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');

        if (!alphanumeric && (i == 0 || (byte != '-' && byte != '_')))
            return false;
    }
    return name.len > 0 && name.len <= SECRET_NAME_BYTES_MAX;
}

bool secret_value_valid(struct text value, struct error *err)
{
    if (value.len == 0)
        return error_set(err, ERROR_INVALID_REQUEST, "/value", "the value is empty");
    if (value.len > SECRET_VALUE_BYTES_MAX)
        return error_set(err, ERROR_INVALID_REQUEST, "/value", "the value has more than %d bytes",
                         SECRET_VALUE_BYTES_MAX);
    if (text_find_byte(value, '\0') != value.len || utf8_valid(value) != value.len)
        return error_set(err, ERROR_INVALID_REQUEST, "/value",
                         "the value is not UTF-8 text without NUL bytes");
    return true;
}

static void put_part(struct buffer *out, struct text part)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_put_byte(out, (char)(unsigned char)(part.len >> shift));
    buffer_put(out, part);
}

/* Each part with its length, so that no two records have the same bytes. */
static struct text associated(const struct secret_record *record, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, TEXT("pinion secret 1"));
    put_part(&out, record->name);
    put_part(&out, record->key_id);
    for (int shift = 56; shift >= 0; shift -= 8)
        buffer_put_byte(&out, (char)(unsigned char)((uint64_t)record->created_ms >> shift));
    return buffer_text(&out);
}

void secret_seal(const struct master_key *key, struct text name, struct text value,
                 int64_t created_ms, struct arena *arena, struct secret_record *out)
{
    struct buffer sealed = buffer_in(arena);

    *out = (struct secret_record){.name = arena_copy(arena, name),
                                  .key_id = arena_copy(arena, master_key_id(key)),
                                  .created_ms = created_ms};
    master_key_seal(key, associated(out, arena), value, &sealed);
    out->sealed = buffer_text(&sealed);
}

bool secret_open(const struct key_ring *ring, const struct secret_record *record,
                 struct arena *arena, struct text *out_value, struct error *err)
{
    const struct master_key *key = key_ring_find(ring, record->key_id);
    struct text name = text_first(record->name, SECRET_NAME_BYTES_MAX);
    struct text key_id = text_first(record->key_id, MASTER_KEY_ID_CHARS);

    *out_value = (struct text){0};
    if (key == NULL) {
        error_set(err, ERROR_MASTER_KEY_UNUSABLE, NULL,
                  "the secret '%.*s' is sealed under the master key %.*s, which is not here",
                  TEXT_ARG(name), TEXT_ARG(key_id));
        if (err != NULL)
            error_hint(err, "bring that key back, or set the secret again");
        return false;
    }
    if (record->sealed.len > SEAL_EXTRA_BYTES && record->sealed.len <= STORE_SEALED_BYTES_MAX) {
        size_t bytes = record->sealed.len - SEAL_EXTRA_BYTES;
        char *room = secret_room(arena, bytes);

        *out_value = (struct text){room, bytes};
        if (master_key_open(key, associated(record, arena), record->sealed, room))
            return true;
    }
    error_set(err, ERROR_RECORD_DAMAGED, NULL,
              "the secret '%.*s' does not open: its record was "
              "changed",
              TEXT_ARG(name));
    if (err != NULL)
        error_hint(err, "set the secret again, or restore the store from a backup");
    return false;
}

struct text secret_hint(struct text value)
{
    struct text last = text_after(value, value.len - SECRET_HINT_CHARS);

    if (value.len < SHORT_BYTES)
        return (struct text){0};
    for (size_t i = 0; i < last.len; i++)
        if (last.at[i] <= ' ' || last.at[i] > '~')
            return (struct text){0};
    return last;
}
