#include "audit/chain.h"

#include "base/check.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

struct audit_chain {
    EVP_MD *sha256;
    EVP_MD_CTX *hash;
    EVP_MAC_CTX *seal; /* has the key; NULL: none */
};

static EVP_MAC_CTX *keyed(const struct audit_key *key)
{
    char sha256[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context;

    CHECK(hmac != NULL);
    context = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    CHECK(context != NULL);
    CHECK(EVP_MAC_init(context, key->bytes, sizeof key->bytes, params) == 1);
    return context;
}

struct audit_chain *audit_chain_open(const struct audit_key *key)
{
    struct audit_chain *chain = calloc(1, sizeof *chain);

    CHECK(chain != NULL);
    chain->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    chain->hash = EVP_MD_CTX_new();
    CHECK(chain->sha256 != NULL && chain->hash != NULL);
    if (key != NULL)
        chain->seal = keyed(key);
    return chain;
}

void audit_chain_close(struct audit_chain *chain)
{
    if (chain == NULL)
        return;
    EVP_MAC_CTX_free(chain->seal);
    EVP_MD_CTX_free(chain->hash);
    EVP_MD_free(chain->sha256);
    free(chain);
}

void audit_chain_hash(struct audit_chain *chain, const unsigned char before[AUDIT_HASH_BYTES],
                      struct text record, unsigned char out[AUDIT_HASH_BYTES])
{
    CHECK(EVP_DigestInit_ex(chain->hash, chain->sha256, NULL) == 1);
    CHECK(EVP_DigestUpdate(chain->hash, before, AUDIT_HASH_BYTES) == 1);
    CHECK(EVP_DigestUpdate(chain->hash, record.at, record.len) == 1);
    CHECK(EVP_DigestFinal_ex(chain->hash, out, NULL) == 1);
}

static void begin_seal(struct audit_chain *chain, const char *of)
{
    CHECK(chain->seal != NULL);
    CHECK(EVP_MAC_init(chain->seal, NULL, 0, NULL) == 1);
    CHECK(EVP_MAC_update(chain->seal, (const unsigned char *)of, strlen(of)) == 1);
}

static void end_seal(struct audit_chain *chain, unsigned char out[AUDIT_HASH_BYTES])
{
    size_t bytes;

    CHECK(EVP_MAC_final(chain->seal, out, &bytes, AUDIT_HASH_BYTES) == 1);
    CHECK(bytes == AUDIT_HASH_BYTES);
}

void audit_chain_seal_record(struct audit_chain *chain, const unsigned char hash[AUDIT_HASH_BYTES],
                             unsigned char out[AUDIT_HASH_BYTES])
{
    begin_seal(chain, "record");
    CHECK(EVP_MAC_update(chain->seal, hash, AUDIT_HASH_BYTES) == 1);
    end_seal(chain, out);
}

static void seal_link(struct audit_chain *chain, const struct audit_link *link)
{
    unsigned char number[8];

    for (int i = 0; i < 8; i++)
        number[i] = (unsigned char)(link->sequence >> (8 * i));
    CHECK(EVP_MAC_update(chain->seal, number, sizeof number) == 1);
    CHECK(EVP_MAC_update(chain->seal, link->hash, sizeof link->hash) == 1);
}

void audit_chain_seal_head(struct audit_chain *chain, const struct audit_head *head,
                           unsigned char out[AUDIT_HASH_BYTES])
{
    begin_seal(chain, "head");
    seal_link(chain, &head->before);
    seal_link(chain, &head->last);
    end_seal(chain, out);
}

bool audit_hash_equal(const unsigned char a[AUDIT_HASH_BYTES],
                      const unsigned char b[AUDIT_HASH_BYTES])
{
    return CRYPTO_memcmp(a, b, AUDIT_HASH_BYTES) == 0;
}
