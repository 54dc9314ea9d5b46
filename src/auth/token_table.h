/* auth/token_table.h
 * All tokens in memory, so that authentication never waits for the store. Shared by all threads.
 * Records are immutable: a change puts another version in the place of the one before, which lives
 * on for the requests under way, as long as the table (some 500 bytes a change). A change is in
 * force for every look-up that begins after the put has returned. */
#pragma once
#include "auth/token.h"

struct token_table;

struct token_table *token_table_new(const struct token_key *key);
void token_table_free(struct token_table *table);
/* Copies the record in; for a known id, if its revision is later than the one there. Any thread. */
void token_table_put(struct token_table *table, const struct token_record *record);
/* Says who bears `secret` at this time, and notes that it was used: fills *out, which lives as long
 * as the table, and returns true; or ERROR_MISSING_TOKEN, _INVALID_TOKEN (also for a token of
 * another kind), _EXPIRED_TOKEN, _REVOKED_TOKEN (also for a secret that was replaced, when its time
 * is over). Any thread; digests are compared in constant time. */
bool token_table_authenticate(struct token_table *table, enum token_kind kind, struct text secret,
                              int64_t wall_ms, const struct token_record **out, struct error *err);

/* Likewise by the digest that a secret was found good by before (a browser that logged in with it). */
bool token_table_authenticate_digest(struct token_table *table, enum token_kind kind,
                                     const unsigned char digest[STORE_DIGEST_BYTES],
                                     int64_t wall_ms, const struct token_record **out,
                                     struct error *err);

struct token_view {
    const struct token_record *record; /* as of now */
    int64_t used_ms;                   /* to the second; 0: never */
};
/* By id; false when there is none. Any thread. */
bool token_table_find(struct token_table *table, struct text id, struct token_view *out);
/* The one that was made after that, or the first where the id is empty; false: there is none. */
bool token_table_next(struct token_table *table, struct text after, struct token_view *out);
/* Calls `take` for each token that was used since the last time. Any thread. */
void token_table_take_uses(struct token_table *table,
                           void (*take)(struct text id, int64_t used_ms, void *context),
                           void *context);
