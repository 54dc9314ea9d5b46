/* auth/token_issue.h
 * New tokens and changes of tokens, from what somebody asked for: checks it, draws the secret where
 * there is to be one, and gives the store command that makes it last, ready but for loop, done and
 * context. What the order's texts are stays the caller's. NULL with *err when it is malformed. */
#pragma once
#include "auth/token.h"

enum { TOKEN_NAME_BYTES = 128 };
#define TOKEN_OVERLAP_MS     (24 * 3600 * 1000LL) /* of a rotation that does not say another */
#define TOKEN_OVERLAP_MAX_MS (366 * 24 * 3600 * 1000LL)

/* Which members of a token somebody asked for may be what they are; `fields` are looked at. */
bool token_check(const struct token_record *token, unsigned fields, int64_t now_ms,
                 struct error *err);

/* A STORE_TOKEN_PUT, or, for a deployment, STORE_TOKEN_PROVISION; `secret` exists nowhere else. Of
 * the order all is taken but what a token only comes to have: id, digests, times of the past. */
struct store_command *token_issue(const struct token_key *key, const struct token_record *order,
                                  int64_t now_ms, char secret[TOKEN_CHARS], struct error *err);
/* A STORE_TOKEN_CHANGE of the token with `to->id`. */
struct store_command *token_update(const struct token_record *to, unsigned fields, int64_t now_ms,
                                   struct error *err);
/* One that gives it another secret; the one that it has stays good for `overlap_ms`. */
struct store_command *token_rotate(const struct token_key *key, const struct token_record *token,
                                   int64_t overlap_ms, int64_t now_ms, char secret[TOKEN_CHARS]);
/* One that revokes it, found by its id or by its deployment. */
struct store_command *token_revoke(struct text id, struct text deployment, int64_t now_ms);
