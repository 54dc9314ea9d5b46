/* secret/secret.h
 * A secret, such as a provider's key, sealed for the store: its record says under which master key,
 * and is bound as a whole (its name, its key's id, its time) to what is sealed, so that no part of
 * one record opens in the place of another. Nothing of the value is in the record but its length.
 */
#pragma once
#include "secret/key_ring.h"
#include "store/store.h"

enum { SECRET_NAME_BYTES_MAX = 63, SECRET_VALUE_BYTES_MAX = 65536, SECRET_HINT_CHARS = 4 };

/* 1 to 63 of a-z, 0-9, '-' and '_', the first a letter or digit. */
bool secret_name_valid(struct text name);
/* UTF-8 text of 1 to 65536 bytes without NUL; else false with ERROR_INVALID_REQUEST. */
bool secret_value_valid(struct text value, struct error *err);

/* Fills a record whose parts live in the arena. Name and value must be valid. */
void secret_seal(const struct master_key *key, struct text name, struct text value,
                 int64_t created_ms, struct arena *arena, struct secret_record *out);
/* Opens a record of any bytes with the key of the ring that it names. The value is in secret memory
 * and ends with the arena. False with ERROR_MASTER_KEY_UNUSABLE when the ring has no such key, or
 * ERROR_RECORD_DAMAGED when it does not open with it. */
bool secret_open(const struct key_ring *ring, const struct secret_record *record,
                 struct arena *arena, struct text *out_value, struct error *err);
/* What people may see of a value to know it again: its last characters, and none of a short one. */
struct text secret_hint(struct text value);
