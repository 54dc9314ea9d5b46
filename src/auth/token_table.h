/* auth/token_table.h
 * All tokens in memory, so that authentication never waits for the store. Shared by all threads;
 * records are immutable and live as long as the table, revocation is one atomic store and takes
 * effect on the next look-up. */
#pragma once
#include "auth/token.h"

struct token_table;
struct token_entry {
    struct token_record record; /* const after insertion, but for what is below */
    _Atomic int64_t revoked_ms; /* 0: live */
};

struct token_table *token_table_new(const struct token_key *key);
void token_table_free(struct token_table *table);
/* Copies the record in, or, for a known id, takes over its revocation. Any thread. */
void token_table_put(struct token_table *table, const struct token_record *record);
/* Says who bears `secret` at this time: fills *out, which lives as long as the table, and returns
 * true; or ERROR_MISSING_TOKEN,
 * _INVALID_TOKEN, _EXPIRED_TOKEN, _REVOKED_TOKEN. Any thread; digests are compared in constant
 * time. */
bool token_table_authenticate(struct token_table *table, struct text secret, int64_t wall_ms,
                              const struct token_record **out, struct error *err);
/* By id, or NULL. */
const struct token_entry *token_table_find(struct token_table *table, struct text id);
/* Calls `each` for every token, in order of creation; the table may grow meanwhile. */
void token_table_each(struct token_table *table,
                      void (*each)(const struct token_entry *entry, void *context), void *context);
