#include "secret/vault_impl.h"

#include "base/check.h"
#include "document/diagnostic.h"
#include "secret/memory.h"

#include <stdio.h>

void vault_init(struct vault *vault, const struct key_source *source, struct text folder,
                struct store *store)
{
    *vault = (struct vault){.source = *source, .folder = folder, .store = store};
    CHECK(pthread_mutex_init(&vault->lock, NULL) == 0);
}

void vault_release(struct vault *vault)
{
    pthread_mutex_destroy(&vault->lock);
}

/* Copies what a command has found, which ends with the command. */
static void copy_records(const struct store_command *command, struct arena *arena,
                         const struct secret_record **out, size_t *out_count)
{
    struct secret_record *copies = ARENA_ARRAY(arena, struct secret_record, command->secret_count);

    for (size_t i = 0; i < command->secret_count; i++) {
        copies[i] = command->secrets[i];
        copies[i].name = arena_copy(arena, copies[i].name);
        copies[i].key_id = arena_copy(arena, copies[i].key_id);
        copies[i].sealed = arena_copy(arena, copies[i].sealed);
    }
    *out = copies;
    *out_count = command->secret_count;
}

bool vault_records(struct vault *vault, struct arena *arena, const struct secret_record **out,
                   size_t *out_count, bool *out_there, struct error *err)
{
    struct store_command *command = store_command_new(STORE_SECRET_LIST);
    bool good;

    *out_there = true;
    if (vault->store == NULL)
        *out_there = store_peek(vault->folder, command);
    else
        store_wait(vault->store, command);
    copy_records(command, arena, out, out_count);
    good = command->error.code == ERROR_NONE;
    if (!good)
        *err = command->error;
    store_command_free(command);
    return good;
}

/* The command on this secret is recorded. */
static void record_act(struct store_command *command, const struct audit_event *act,
                       enum audit_action action, struct text name)
{
    command->audit = audit_event_copy(&command->arena, act);
    command->audit->action = action;
    command->audit->object = arena_copy(&command->arena, name);
}

bool vault_put(struct vault *vault, const struct secret_record *record, struct text replaces,
               const struct audit_event *act, enum audit_action action, struct error *err)
{
    struct store_command *command = store_command_new(STORE_SECRET_PUT);
    bool good;

    command->secret = *record;
    command->replaces = replaces;
    record_act(command, act, action, record->name);
    store_wait(vault->store, command);
    good = command->error.code == ERROR_NONE;
    if (!good)
        *err = command->error;
    store_command_free(command);
    return good;
}

/* --- set ----------------------------------------------------------------------------------------
 */

static bool no_key(const struct vault *vault, size_t secrets, struct error *err)
{
    const char *name = key_source_name(&vault->source).at;

    if (secrets > 0 && vault->source.origin != KEY_ORIGIN_NONE) {
        error_set(err, ERROR_MASTER_KEY_UNUSABLE, name,
                  "there is no master key in '%s', but secrets in the store are sealed under one",
                  name);
        error_hint(err, "bring the key back there; or delete those secrets and set them anew");
    } else if (vault->source.origin == KEY_ORIGIN_NONE) {
        error_set(err, ERROR_MASTER_KEY_UNUSABLE, NULL,
                  "there is no master key, and no home folder to put one in");
        error_hint(err, "name a file of your own: master_key: ${file:/etc/pinion/master.key}, or "
                        "set PINION_MASTER_KEY");
    } else {
        error_set(err, ERROR_MASTER_KEY_UNUSABLE, name, "there is no master key in '%s'", name);
        error_hint(err, "make one with: openssl rand -base64 32");
    }
    return false;
}

/* A new key beside secrets that need another one would hide that the other is lost. */
bool vault_first_key(struct vault *vault, struct key_ring *ring, size_t secrets, struct error *err)
{
    if (ring->count > 0)
        return true;
    if (secrets > 0 || !key_source_writable(&vault->source))
        return no_key(vault, secrets, err);
    return key_ring_renew(&vault->source, ring, err);
}

static bool set_with(struct vault *vault, struct key_ring *ring, const struct audit_event *act,
                     struct text name, struct text value, struct arena *arena,
                     struct vault_secret *out, struct text *out_new_key, struct error *err)
{
    const struct secret_record *records = NULL;
    struct secret_record record;
    size_t count = 0;
    bool there, new_key = ring->count == 0;

    if (new_key && !vault_records(vault, arena, &records, &count, &there, err))
        return false;
    if (!vault_first_key(vault, ring, count, err))
        return false;
    *out_new_key = new_key ? arena_copy(arena, key_source_name(&vault->source)) : (struct text){0};
    secret_seal(&ring->keys[0], name, value, act->wall_ms, arena, &record);
    if (!vault_put(vault, &record, (struct text){0}, act, AUDIT_SECRET_SET, err))
        return false;
    *out = (struct vault_secret){.name = record.name,
                                 .key_id = record.key_id,
                                 .hint = arena_copy(arena, secret_hint(value)),
                                 .created_ms = record.created_ms,
                                 .opens = true};
    return true;
}

bool vault_set(struct vault *vault, struct text name, struct text value,
               const struct audit_event *act, struct arena *arena, struct vault_secret *out,
               struct text *out_new_key, struct error *err)
{
    struct key_ring *ring;
    bool good;

    CHECK(vault->store != NULL);
    if (!secret_name_valid(name)) {
        error_set(err, ERROR_INVALID_REQUEST, "/name",
                  "the name of a secret has 1 to %d of a-z, 0-9, '-' and '_'",
                  SECRET_NAME_BYTES_MAX);
        error_hint(err, "it is what stands in ${secret:NAME}");
        return false;
    }
    if (!secret_value_valid(value, err))
        return false;
    pthread_mutex_lock(&vault->lock);
    ring = key_ring_open(&vault->source, err);
    good = ring != NULL && set_with(vault, ring, act, name, value, arena, out, out_new_key, err);
    key_ring_close(ring);
    pthread_mutex_unlock(&vault->lock);
    return good;
}

/* --- delete, list -------------------------------------------------------------------------------
 */

bool vault_delete(struct vault *vault, struct text name, const struct audit_event *act,
                  struct error *err)
{
    struct store_command *command = store_command_new(STORE_SECRET_DELETE);
    bool good;

    CHECK(vault->store != NULL);
    command->secret.name = name;
    record_act(command, act, AUDIT_SECRET_DELETE, name);
    pthread_mutex_lock(&vault->lock);
    store_wait(vault->store, command);
    pthread_mutex_unlock(&vault->lock);
    good = command->error.code == ERROR_NONE;
    if (!good)
        *err = command->error;
    store_command_free(command);
    return good;
}

static void show(const struct key_ring *ring, const struct secret_record *record,
                 struct arena *arena, struct vault_secret *out)
{
    struct arena scratch = {0};
    struct text value;

    *out = (struct vault_secret){
        .name = record->name, .key_id = record->key_id, .created_ms = record->created_ms};
    out->opens = ring != NULL && secret_open(ring, record, &scratch, &value, NULL);
    if (out->opens)
        out->hint = arena_copy(arena, secret_hint(value));
    arena_release(&scratch);
}

bool vault_list(struct vault *vault, struct arena *arena, const struct vault_secret **out,
                size_t *out_count, struct error *err)
{
    const struct secret_record *records = NULL;
    struct error unheard = {0};
    struct vault_secret *shown;
    struct key_ring *ring;
    bool there, good;

    pthread_mutex_lock(&vault->lock);
    ring = key_ring_open(&vault->source, &unheard);
    good = vault_records(vault, arena, &records, out_count, &there, err);
    pthread_mutex_unlock(&vault->lock);
    shown = ARENA_ARRAY(arena, struct vault_secret, *out_count);
    for (size_t i = 0; i < *out_count; i++)
        show(ring, &records[i], arena, &shown[i]);
    key_ring_close(ring);
    *out = shown;
    return good;
}

/* --- for a load ---------------------------------------------------------------------------------
 */

static bool has_all_keys(const struct vault_reading *reading)
{
    for (size_t i = 0; reading->ring != NULL && i < reading->count; i++)
        if (key_ring_find(reading->ring, reading->records[i].key_id) == NULL)
            return false;
    return true;
}

/* From beside another process there is no lock: a rotation there may go by between the two. Keys
 * are there before anything is sealed with them, so the records come last, and then once more the
 * keys.
 */
static void read_now(struct vault_reading *reading)
{
    struct vault *vault = reading->vault;

    reading->read = true;
    if (vault == NULL)
        return;
    pthread_mutex_lock(&vault->lock);
    reading->ring = key_ring_open(&vault->source, &reading->ring_error);
    vault_records(vault, &reading->arena, &reading->records, &reading->count, &reading->there,
                  &reading->error);
    if (!has_all_keys(reading)) {
        key_ring_close(reading->ring);
        reading->ring = key_ring_open(&vault->source, &reading->ring_error);
    }
    pthread_mutex_unlock(&vault->lock);
}

static struct text nearest_secret(const struct vault_reading *reading, struct text name)
{
    struct arena scratch = {0};
    struct text *names = ARENA_ARRAY(&scratch, struct text, reading->count), near;

    for (size_t i = 0; i < reading->count; i++)
        names[i] = reading->records[i].name;
    near = nearest_name(name, names, reading->count);
    arena_release(&scratch);
    return near;
}

static bool not_there(const struct vault_reading *reading, struct text name, struct error *err)
{
    struct text near = nearest_secret(reading, name);

    if (reading->vault == NULL)
        error_set(err, ERROR_SECRET_NOT_FOUND, NULL, "is sealed in a store, and none is at hand");
    else if (!reading->there)
        error_set(err, ERROR_SECRET_NOT_FOUND, NULL,
                  "is not in the store: there is no store in '%.*s' yet",
                  TEXT_ARG(text_first(reading->vault->folder, 100)));
    else
        error_set(err, ERROR_SECRET_NOT_FOUND, NULL, "is not among the %zu secrets in the store",
                  reading->count);
    if (near.len > 0)
        error_hint(err, "did you mean ${secret:%.*s}?", TEXT_ARG(near));
    else
        error_hint(err, "put it there with: pinion secret set %.*s",
                   TEXT_ARG(text_first(name, SECRET_NAME_BYTES_MAX)));
    return false;
}

/* The store's own errors name what they are about; these follow the name of the secret. */
static bool does_not_open(const struct vault_reading *reading, const struct secret_record *record,
                          const struct error *why, struct error *err)
{
    if (why->code == ERROR_RECORD_DAMAGED)
        error_set(err, why->code, NULL, "does not open: its record in the store was changed");
    else if (reading->ring == NULL)
        error_set(err, reading->ring_error.code, NULL, "cannot be opened: %s (%s)",
                  reading->ring_error.message, reading->ring_error.at);
    else
        error_set(err, why->code, NULL,
                  "is sealed under the master key %.*s, which is not in '%.*s'",
                  TEXT_ARG(text_first(record->key_id, MASTER_KEY_ID_CHARS)),
                  TEXT_ARG(text_first(key_source_name(&reading->vault->source), 100)));
    error_hint(err, "%s", reading->ring == NULL ? reading->ring_error.hint : why->hint);
    return false;
}

bool vault_find(struct vault_reading *reading, struct text name, struct arena *arena,
                struct text *out_value, struct error *err)
{
    static const struct key_ring none;
    struct error why = {0};

    if (!reading->read)
        read_now(reading);
    for (size_t i = 0; i < reading->count; i++) {
        const struct secret_record *record = &reading->records[i];

        if (!text_equal(record->name, name))
            continue;
        if (secret_open(reading->ring != NULL ? reading->ring : &none, record, arena, out_value,
                        &why))
            return true;
        return does_not_open(reading, record, &why, err);
    }
    if (reading->error.code == ERROR_NONE)
        return not_there(reading, name, err);
    error_set(err, reading->error.code, NULL, "cannot be read: %s", reading->error.message);
    error_hint(err, "%s", reading->error.hint);
    return false;
}

void vault_reading_release(struct vault_reading *reading)
{
    key_ring_close(reading->ring);
    arena_release(&reading->arena);
    *reading = (struct vault_reading){.vault = reading->vault};
}
