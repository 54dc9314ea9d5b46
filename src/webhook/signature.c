#include "webhook/signature.h"

#include "base/check.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/* Over two texts, one behind the other, so that the body need not be copied. */
static void put_mac(struct buffer *out, EVP_MAC *mac, struct text secret, struct text head,
                    struct text body)
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    unsigned char digest[32];
    size_t len = 0;

    CHECK(context != NULL &&
          EVP_MAC_init(context, (const unsigned char *)secret.at, secret.len, params) == 1 &&
          EVP_MAC_update(context, (const unsigned char *)head.at, head.len) == 1 &&
          EVP_MAC_update(context, (const unsigned char *)body.at, body.len) == 1 &&
          EVP_MAC_final(context, digest, &len, sizeof digest) == 1 && len == sizeof digest);
    EVP_MAC_CTX_free(context);
    for (size_t i = 0; i < sizeof digest; i++)
        buffer_printf(out, "%02x", digest[i]);
}

void signature_put(struct buffer *out, const struct text *secrets, size_t secret_count,
                   int64_t time_s, struct text body)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    struct buffer head = {0};

    CHECK(mac != NULL);
    buffer_printf(&head, "%lld.", (long long)time_s);
    buffer_printf(out, "t=%lld", (long long)time_s);
    for (size_t i = 0; i < secret_count; i++) {
        buffer_put(out, TEXT(",v1="));
        put_mac(out, mac, secrets[i], buffer_text(&head), body);
    }
    buffer_release(&head);
    EVP_MAC_free(mac);
}
