/* A table that is looked through from end to end: there are few logins, and each use of one is a
 * person's. */
#include "auth/logins.h"

#include "base/check.h"
#include "base/random.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

enum { DIGEST_BYTES = 32 };

struct entry {
    unsigned char secret[DIGEST_BYTES]; /* its digest */
    struct login login;
    uint64_t used_ms;
    bool taken;
};

struct logins {
    pthread_mutex_t lock; /* of all that follows */
    struct entry entries[LOGINS_MAX];
};

struct logins *logins_new(void)
{
    struct logins *logins = calloc(1, sizeof *logins);

    CHECK(logins != NULL && pthread_mutex_init(&logins->lock, NULL) == 0);
    return logins;
}

void logins_free(struct logins *logins)
{
    if (logins == NULL)
        return;
    pthread_mutex_destroy(&logins->lock);
    OPENSSL_cleanse(logins, sizeof *logins);
    free(logins);
}

static void digest_of(const char *about, struct text secret, unsigned char out[DIGEST_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    CHECK(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    CHECK(EVP_DigestUpdate(context, about, strlen(about) + 1) == 1);
    CHECK(EVP_DigestUpdate(context, secret.at, secret.len) == 1);
    CHECK(EVP_DigestFinal_ex(context, out, NULL) == 1);
    EVP_MD_CTX_free(context);
}

static void put_hex(const unsigned char *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

void login_proof(struct text secret, char out[LOGIN_PROOF_CHARS])
{
    unsigned char digest[DIGEST_BYTES];

    digest_of("pinion login proof", secret, digest);
    put_hex(digest, LOGIN_PROOF_CHARS / 2, out);
}

static bool over(const struct entry *entry, uint64_t now_ms)
{
    return now_ms >= entry->login.ends_ms || now_ms >= entry->login.ends_at_latest_ms;
}

/* One for a new login of that token: free, or in the place of the one used longest ago, of the same
 * token where it has as many as it may. */
static struct entry *place_for(struct logins *logins, const unsigned char *token, uint64_t now_ms)
{
    struct entry *unused = NULL, *oldest = NULL, *oldest_own = NULL;
    size_t own = 0;

    for (size_t i = 0; i < LOGINS_MAX; i++) {
        struct entry *entry = &logins->entries[i];

        if (!entry->taken || over(entry, now_ms)) {
            unused = unused != NULL ? unused : entry;
            continue;
        }
        if (oldest == NULL || entry->used_ms < oldest->used_ms)
            oldest = entry;
        if (memcmp(entry->login.digest, token, STORE_DIGEST_BYTES) != 0)
            continue;
        own++;
        if (oldest_own == NULL || entry->used_ms < oldest_own->used_ms)
            oldest_own = entry;
    }
    if (own >= LOGINS_A_TOKEN)
        return oldest_own;
    return unused != NULL ? unused : oldest;
}

void logins_begin(struct logins *logins, enum token_kind kind,
                  const unsigned char digest[STORE_DIGEST_BYTES], uint64_t now_ms,
                  char out_secret[LOGIN_SECRET_CHARS])
{
    unsigned char drawn[LOGIN_SECRET_CHARS / 2];
    struct entry fresh = {.login = {.kind = kind,
                                    .ends_ms = now_ms + LOGIN_IDLE_MS,
                                    .ends_at_latest_ms = now_ms + LOGIN_LIFE_MS},
                          .used_ms = now_ms,
                          .taken = true};

    random_fill(drawn, sizeof drawn);
    put_hex(drawn, sizeof drawn, out_secret);
    OPENSSL_cleanse(drawn, sizeof drawn);
    digest_of("pinion login", (struct text){out_secret, LOGIN_SECRET_CHARS}, fresh.secret);
    memcpy(fresh.login.digest, digest, STORE_DIGEST_BYTES);
    pthread_mutex_lock(&logins->lock);
    *place_for(logins, digest, now_ms) = fresh;
    pthread_mutex_unlock(&logins->lock);
}

/* Under the lock. */
static struct entry *find(struct logins *logins, const unsigned char secret[DIGEST_BYTES])
{
    for (size_t i = 0; i < LOGINS_MAX; i++)
        if (logins->entries[i].taken &&
            CRYPTO_memcmp(logins->entries[i].secret, secret, DIGEST_BYTES) == 0)
            return &logins->entries[i];
    return NULL;
}

bool logins_use(struct logins *logins, struct text secret, uint64_t now_ms, struct login *out)
{
    unsigned char digest[DIGEST_BYTES];
    struct entry *entry;
    bool good;

    if (secret.len != LOGIN_SECRET_CHARS)
        return false;
    digest_of("pinion login", secret, digest);
    pthread_mutex_lock(&logins->lock);
    entry = find(logins, digest);
    good = entry != NULL && !over(entry, now_ms);
    if (good) {
        entry->used_ms = now_ms;
        entry->login.ends_ms = now_ms + LOGIN_IDLE_MS;
        *out = entry->login;
    } else if (entry != NULL) {
        *entry = (struct entry){0};
    }
    pthread_mutex_unlock(&logins->lock);
    return good;
}

void logins_end(struct logins *logins, struct text secret)
{
    unsigned char digest[DIGEST_BYTES];
    struct entry *entry;

    if (secret.len != LOGIN_SECRET_CHARS)
        return;
    digest_of("pinion login", secret, digest);
    pthread_mutex_lock(&logins->lock);
    entry = find(logins, digest);
    if (entry != NULL)
        *entry = (struct entry){0};
    pthread_mutex_unlock(&logins->lock);
}
