/* auth/token_issue.h
 * A new token from what somebody asked for: draws the secret and builds the store command that
 * makes it last. */
#pragma once
#include "auth/token.h"

enum { TOKEN_NAME_BYTES = 128 };

struct token_order {
    struct text name; /* for people; may be empty */
    const struct text *scopes;
    size_t scope_count;
    int64_t expires_ms; /* wall; 0: never */
    bool test;
};

/* Gives a STORE_TOKEN_PUT, ready but for loop, done and context, and fills `secret`, which exists
 * nowhere else. NULL with *err when the order is malformed: no scope, too many, a bad pattern, an
 * expiry in the past, a name that is too long. */
struct store_command *token_issue(const struct token_key *key, const struct token_order *order,
                                  int64_t now_ms, char secret[TOKEN_CHARS], struct error *err);
/* Gives a STORE_TOKEN_PUT that revokes a known token. */
struct store_command *token_revoke(const struct token_record *record, int64_t now_ms);
