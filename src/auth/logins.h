/* auth/logins.h
 * Browsers that are logged in. Each has a secret of its own, in a cookie, which stands for a bearer
 * secret that it showed once; of both only digests are kept, in memory: a login ends with the
 * process. Whether the token behind it is still good is for the token table to say, each time.
 *
 * Bounded: a login that is one too many ends the one that was used longest ago, of the same token
 * where that has its share. Any thread; time is an argument (monotonic). */
#pragma once
#include "auth/token.h"

enum {
    LOGIN_SECRET_CHARS = 64,
    LOGIN_PROOF_CHARS = 32,
    LOGINS_MAX = 1024,
    LOGINS_A_TOKEN = 32,
    LOGIN_IDLE_MS = 3600000,     /* it ends when it is not used for that long, */
    LOGIN_LIFE_MS = 12 * 3600000 /* and then in any case */
};

struct logins;

/* What is known of one. */
struct login {
    unsigned char digest[STORE_DIGEST_BYTES]; /* of the bearer secret: token_table_bearer */
    enum token_kind kind;
    uint64_t ends_ms; /* unless it is used before, and at the latest */
    uint64_t ends_at_latest_ms;
};

struct logins *logins_new(void);
/* NULL does nothing. */
void logins_free(struct logins *logins);
/* Draws the secret of a new login. */
void logins_begin(struct logins *logins, enum token_kind kind,
                  const unsigned char digest[STORE_DIGEST_BYTES], uint64_t now_ms,
                  char out_secret[LOGIN_SECRET_CHARS]);
/* Whether there is such a login; then it is used. */
bool logins_use(struct logins *logins, struct text secret, uint64_t now_ms, struct login *out);
/* Ends it, if there is one. */
void logins_end(struct logins *logins, struct text secret);
/* What only a page that was told it can send along: worked out from the secret, which no script can
 * read. */
void login_proof(struct text secret, char out[LOGIN_PROOF_CHARS]);
