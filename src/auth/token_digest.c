/* HMAC-SHA-256. Setting a context up costs more than the digest, so each thread keeps one that has
 * been given the key; starting again without a key takes the same one. */
#include "auth/token.h"

#include "base/check.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>

struct keyed {
    EVP_MAC_CTX *context;
    struct token_key key;
};

static EVP_MAC *hmac;
static pthread_key_t slot;
static pthread_once_t ready = PTHREAD_ONCE_INIT;
static _Thread_local struct keyed *mine;

static void forget(void *thing)
{
    struct keyed *keyed = thing;

    EVP_MAC_CTX_free(keyed->context);
    OPENSSL_cleanse(keyed, sizeof *keyed);
    free(keyed);
}

static void prepare(void)
{
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    CHECK(hmac != NULL);
    CHECK(pthread_key_create(&slot, forget) == 0);
}

static void set_key(struct keyed *keyed, const struct token_key *key)
{
    char sha256[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
                           OSSL_PARAM_construct_end()};

    CHECK(EVP_MAC_init(keyed->context, key->bytes, sizeof key->bytes, params) == 1);
    keyed->key = *key;
}

static EVP_MAC_CTX *begin(const struct token_key *key)
{
    if (mine == NULL) {
        pthread_once(&ready, prepare);
        mine = calloc(1, sizeof *mine);
        CHECK(mine != NULL);
        mine->context = EVP_MAC_CTX_new(hmac);
        CHECK(mine->context != NULL);
        CHECK(pthread_setspecific(slot, mine) == 0);
        set_key(mine, key);
    } else if (CRYPTO_memcmp(mine->key.bytes, key->bytes, sizeof key->bytes) != 0) {
        set_key(mine, key);
    } else {
        CHECK(EVP_MAC_init(mine->context, NULL, 0, NULL) == 1);
    }
    return mine->context;
}

void token_digest(const struct token_key *key, struct text secret,
                  unsigned char out[STORE_DIGEST_BYTES])
{
    EVP_MAC_CTX *context = begin(key);
    size_t bytes;

    CHECK(EVP_MAC_update(context, (const unsigned char *)secret.at, secret.len) == 1);
    CHECK(EVP_MAC_final(context, out, &bytes, STORE_DIGEST_BYTES) == 1);
    CHECK(bytes == STORE_DIGEST_BYTES);
}
