/* auth/token.h
 * Bearer tokens: pin_live_<36 base62 characters><_><6 base62 CRC-32>, pin_test_ likewise, and for
 * operators pin_admin_ with 35; more than 208 bits from the kernel. At rest only HMAC-SHA-256 under
 * a key kept beside the store; the digest is the look-up key. The checksum lets a malformed token
 * be refused without a look-up. */
#pragma once
#include "base/random_key.h"
#include "store/store.h"

enum { TOKEN_CHARS = 9 + 36 + 1 + 6, TOKEN_KEY_BYTES = RANDOM_KEY_BYTES };

/* The id of a caller that is nobody in particular, where it is only tried what a call would come
 * to: always the same, so that what is drawn by it stays. No token that is issued has it. */
#define TOKEN_ANYBODY "tok_anybody"

struct token_key {
    unsigned char bytes[TOKEN_KEY_BYTES];
};
/* Reads the key file (0600), or creates it with fresh bytes when it does not exist and `create`. */
bool token_key_load(const char *path, bool create, struct token_key *out, struct error *err);

/* Draws a new secret: TOKEN_CHARS characters, no NUL. */
void token_secret_new(enum token_kind kind, bool test, char out[TOKEN_CHARS]);
/* Whether form and checksum are right, whatever the kind. */
bool token_secret_valid(struct text secret);
void token_digest(const struct token_key *key, struct text secret,
                  unsigned char out[STORE_DIGEST_BYTES]);

/* Whether the pattern, in which `*` stands for any run of characters, takes all of the text. */
bool token_pattern_takes(struct text pattern, struct text text);
/* A scope is a slug or a pattern with `*` for any run of characters ("support-*", "*"): those
 * endpoints as they are in force, and aliases likewise. With "@7" it is of one version of them, by
 * number, and with "@*" of every version, the one in force included. With a ':' it is of a
 * provider's models by their own names: "openai:gpt-4o-mini", "openai:*", "*:*"; no other scope is.
 */
bool token_scope_valid(struct text scope);
/* Whether it allows the endpoint as it is in force. */
bool token_scope_allows(const struct token_record *token, struct text slug);
/* Whether it allows a version that is asked for as such; 0: some version. */
bool token_scope_allows_version(const struct token_record *token, struct text slug,
                                uint64_t number);
/* Whether it allows that model of that provider to be called by its own name. */
bool token_scope_allows_model(const struct token_record *token, struct text provider,
                              struct text model);
