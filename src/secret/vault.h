/* secret/vault.h
 * The sealed secrets of one store and the master keys that open them: what the command line, the
 * admin API and the loader do with them. Everything here blocks (files, the store's disk): never in
 * a worker's thread. Any other thread; changes and readings of one vault take turns, so that a
 * rotation never takes a key away from under somebody who has sealed with it.
 *
 * Values come out of it only in secret memory, and only for the loader. */
#pragma once
#include "audit/event.h"
#include "secret/secret.h"

#include <pthread.h>

struct vault {
    struct key_source source; /* borrowed texts */
    struct text folder;       /* the store's; kept */
    struct store *store;      /* kept; NULL: another process may have it open, reading is all */
    pthread_mutex_t lock;
};
/* `source` and `folder` must live on. */
void vault_init(struct vault *vault, const struct key_source *source, struct text folder,
                struct store *store);
void vault_release(struct vault *vault);

/* What may be shown. */
struct vault_secret {
    struct text name, key_id;
    struct text hint; /* the value's last characters; empty: it is short, or does not open */
    int64_t created_ms;
    bool opens;
};

/* Who changes something says who that is, and when it is: `act`, of which action and object are
 * filled in here. Each secret that is changed has its record in the audit log in the same step.
 *
 * Seals and stores a value, new or in the place of another. The first one of a store makes the
 * master key where there is none and the source is writable: then *out_new_key is where. With
 * *err: a malformed name or value, ERROR_MASTER_KEY_UNUSABLE, what the store says. */
bool vault_set(struct vault *vault, struct text name, struct text value,
               const struct audit_event *act, struct arena *arena, struct vault_secret *out,
               struct text *out_new_key, struct error *err);
/* ERROR_SECRET_NOT_FOUND. */
bool vault_delete(struct vault *vault, struct text name, const struct audit_event *act,
                  struct error *err);
/* By name. A master key that cannot be used is no error: then nothing opens. */
bool vault_list(struct vault *vault, struct arena *arena, const struct vault_secret **out,
                size_t *out_count, struct error *err);

struct vault_rotation {
    struct text key_id;  /* that everything is sealed under now */
    bool renewed;        /* it was made just now; else the rotation was already begun */
    size_t resealed;     /* so many were under another */
    struct text file;    /* where the keys are, when that is a file */
    size_t retired;      /* keys that open nothing any more */
    bool retire_by_hand; /* the others are still in a source that is not ours to write */
};
/* A new master key, and everything sealed anew under it. The keys are put where they last before
 * anything is sealed with them, each secret is replaced by itself alone in one step, and the old
 * keys go last: whenever this ends, also by a crash, every secret opens, and the next rotation
 * finishes this one first. Where the source is not writable the new key is put in front there by
 * hand, and this seals anew. With *err also when a secret does not open: then the old keys stay. */
bool vault_rotate(struct vault *vault, const struct audit_event *act, struct arena *arena,
                  struct vault_rotation *out, struct error *err);

/* Everything as it is at one moment, for a load: read when the first secret is asked for. A zeroed
 * one with its vault is ready; the vault may be NULL, then there is no store to ask. */
struct vault_reading {
    struct vault *vault;
    bool read, there;
    struct error error; /* why it could not be read */
    struct arena arena;
    struct key_ring *ring;
    struct error ring_error;
    const struct secret_record *records;
    size_t count;
};
/* Gives a value in secret memory that ends with `arena`; or false, and why, with a hint:
 * ERROR_SECRET_NOT_FOUND or another. */
bool vault_find(struct vault_reading *reading, struct text name, struct arena *arena,
                struct text *out_value, struct error *err);
void vault_reading_release(struct vault_reading *reading);
