/* A sealed value is nonce (12), ciphertext, tag (16). */
#include "secret/master_key.h"

#include "base/check.h"
#include "base/random.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

static void derive(const struct master_key *key, const char *purpose, unsigned char *out,
                   size_t bytes)
{
    char sha256[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key->bytes,
                                          sizeof key->bytes),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)purpose,
                                          strlen(purpose)),
        OSSL_PARAM_construct_end()};
    EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(hkdf);

    CHECK(context != NULL && EVP_KDF_derive(context, out, bytes, params) == 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(hkdf);
}

/* What follows from the bytes. */
static void complete(struct master_key *key)
{
    unsigned char id[(MASTER_KEY_ID_CHARS - 3) / 2];

    derive(key, "pinion secrets, sealing", key->sealing, sizeof key->sealing);
    derive(key, "pinion secrets, key id", id, sizeof id);
    memcpy(key->id, "mk_", 3);
    for (size_t i = 0; i < sizeof id; i++) {
        key->id[3 + 2 * i] = "0123456789abcdef"[id[i] >> 4];
        key->id[4 + 2 * i] = "0123456789abcdef"[id[i] & 15];
    }
    key->id[MASTER_KEY_ID_CHARS] = '\0';
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static bool read_hex(struct text written, unsigned char out[MASTER_KEY_BYTES])
{
    if (written.len != 2 * MASTER_KEY_BYTES)
        return false;
    for (size_t i = 0; i < MASTER_KEY_BYTES; i++) {
        int high = hex_value(written.at[2 * i]), low = hex_value(written.at[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* 32 bytes are 43 characters of base64 and one of padding, which may be left out. The last
 * character's two spare bits must be zero, or two texts would be one key. */
static bool read_base64(struct text written, unsigned char out[MASTER_KEY_BYTES])
{
    unsigned char padded[MASTER_KEY_CHARS], decoded[MASTER_KEY_BYTES + 1];
    char again[MASTER_KEY_CHARS + 1];
    bool good;

    if (written.len == MASTER_KEY_CHARS && written.at[MASTER_KEY_CHARS - 1] == '=')
        written.len--;
    if (written.len != MASTER_KEY_CHARS - 1)
        return false;
    for (size_t i = 0; i < written.len; i++)
        padded[i] = (unsigned char)(written.at[i] == '-'   ? '+'
                                    : written.at[i] == '_' ? '/'
                                                           : written.at[i]);
    padded[MASTER_KEY_CHARS - 1] = '=';
    good = EVP_DecodeBlock(decoded, padded, sizeof padded) == (int)sizeof decoded &&
           EVP_EncodeBlock((unsigned char *)again, decoded, MASTER_KEY_BYTES) == MASTER_KEY_CHARS &&
           CRYPTO_memcmp(again, padded, sizeof padded) == 0;
    if (good)
        memcpy(out, decoded, MASTER_KEY_BYTES);
    OPENSSL_cleanse(padded, sizeof padded);
    OPENSSL_cleanse(decoded, sizeof decoded);
    OPENSSL_cleanse(again, sizeof again);
    return good;
}

/* Zeros and other fillers are what a placeholder looks like. */
static bool all_the_same(const unsigned char bytes[MASTER_KEY_BYTES])
{
    unsigned char differences = 0;

    for (size_t i = 1; i < MASTER_KEY_BYTES; i++)
        differences |= bytes[i] ^ bytes[0];
    return differences == 0;
}

bool master_key_parse(struct text written, struct master_key *out)
{
    if ((read_hex(written, out->bytes) || read_base64(written, out->bytes)) &&
        !all_the_same(out->bytes)) {
        complete(out);
        return true;
    }
    OPENSSL_cleanse(out, sizeof *out);
    return false;
}

void master_key_new(struct master_key *out)
{
    random_fill(out->bytes, sizeof out->bytes);
    complete(out);
}

void master_key_write(const struct master_key *key, char out[MASTER_KEY_CHARS])
{
    char terminated[MASTER_KEY_CHARS + 1];

    CHECK(EVP_EncodeBlock((unsigned char *)terminated, key->bytes, sizeof key->bytes) ==
          MASTER_KEY_CHARS);
    memcpy(out, terminated, MASTER_KEY_CHARS);
    OPENSSL_cleanse(terminated, sizeof terminated);
}

struct text master_key_id(const struct master_key *key)
{
    return (struct text){key->id, MASTER_KEY_ID_CHARS};
}

static const unsigned char *bytes_of(struct text text)
{
    return (const unsigned char *)text.at;
}

void master_key_seal(const struct master_key *key, struct text associated, struct text plain,
                     struct buffer *out)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char *nonce = (unsigned char *)buffer_reserve(out, plain.len + SEAL_EXTRA_BYTES);
    unsigned char *cipher = nonce + SEAL_NONCE_BYTES, *tag = cipher + plain.len;
    int len;

    CHECK(plain.len > 0 && plain.len <= INT_MAX && associated.len <= INT_MAX && context != NULL);
    random_fill(nonce, SEAL_NONCE_BYTES);
    CHECK(EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), key->sealing, nonce, NULL) == 1);
    CHECK(EVP_EncryptUpdate(context, NULL, &len, bytes_of(associated), (int)associated.len) == 1);
    CHECK(EVP_EncryptUpdate(context, cipher, &len, bytes_of(plain), (int)plain.len) == 1);
    CHECK(len == (int)plain.len && EVP_EncryptFinal_ex(context, tag, &len) == 1 && len == 0);
    CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_BYTES, tag) == 1);
    EVP_CIPHER_CTX_free(context);
    out->len += plain.len + SEAL_EXTRA_BYTES;
}

bool master_key_open(const struct master_key *key, struct text associated, struct text sealed,
                     char *out)
{
    struct text cipher = text_after(sealed, SEAL_NONCE_BYTES);
    unsigned char tag[SEAL_TAG_BYTES], *plain = (unsigned char *)out;
    EVP_CIPHER_CTX *context;
    int len = 0, last = 0;
    bool good;

    if (sealed.len <= SEAL_EXTRA_BYTES || sealed.len > INT_MAX || associated.len > INT_MAX)
        return false;
    cipher.len -= SEAL_TAG_BYTES;
    memcpy(tag, cipher.at + cipher.len, sizeof tag);
    context = EVP_CIPHER_CTX_new();
    CHECK(context != NULL);
    good =
        EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), key->sealing, bytes_of(sealed), NULL) == 1;
    good = good &&
           EVP_DecryptUpdate(context, NULL, &len, bytes_of(associated), (int)associated.len) == 1;
    good = good && EVP_DecryptUpdate(context, plain, &len, bytes_of(cipher), (int)cipher.len) == 1;
    good = good && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_BYTES, tag) == 1 &&
           EVP_DecryptFinal_ex(context, plain + len, &last) == 1;
    EVP_CIPHER_CTX_free(context);
    if (!good)
        OPENSSL_cleanse(out, cipher.len);
    return good;
}
