/* secret/vault_impl.h
 * Private to the vault: its steps, all under its lock. */
#pragma once
#include "secret/vault.h"

/* The records as they are; *out_there is false where there is no store. With ERROR_RECORD_DAMAGED
 * those that are whole. */
bool vault_records(struct vault *vault, struct arena *arena, const struct secret_record **out,
                   size_t *out_count, bool *out_there, struct error *err);
/* See STORE_SECRET_PUT. */
bool vault_put(struct vault *vault, const struct secret_record *record, struct text replaces,
               const struct audit_event *act, enum audit_action action, struct error *err);
/* Makes the first key of an empty ring, unless there are secrets already. */
bool vault_first_key(struct vault *vault, struct key_ring *ring, size_t secrets, struct error *err);
