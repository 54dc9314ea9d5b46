#include "config/config.h"

#include "config/load.h"
#include "memory_folder.h"
#include "unit.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static struct arena arena;

static struct text taken(BIO *bio)
{
    char *bytes;
    long len = BIO_get_mem_data(bio, &bytes);
    struct text copy = arena_copy(&arena, (struct text){bytes, (size_t)len});

    BIO_free(bio);
    return copy;
}

static struct text certificate_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    X509 *x509 = X509_new();

    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, key);
    assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(bio, x509), 1);
    X509_free(x509);
    return taken(bio);
}

static struct text key_pem(EVP_PKEY *key, const char *password)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, password ? EVP_aes_256_cbc() : NULL, NULL,
                                              0, NULL, (char *)(uintptr_t)password),
                     1);
    return taken(bio);
}

/* What is said of a configuration with these files; empty when it is good. */
static struct text said(struct text certificate, struct text key)
{
    const struct config_options options = {0};
    const struct memory_file files[] = {
        {"cert.pem", certificate},
        {"key.pem", key},
        {"pinion.yaml", text_of("tls: {certificate: cert.pem, key: key.pem}\n")}};
    struct memory_folder folder = memory_folder(files, 3, NULL);
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct config *config;

    diagnostics->arena = &arena;
    config = config_load_from(&folder.folder, TEXT("/etc/pinion"), &options, diagnostics);
    if (config == NULL) {
        assert_int_equal(diagnostics->items[0].code, DIAGNOSTIC_E0604);
        return diagnostics->items[0].message;
    }
    EXPECT_TEXT(config->settings.certificate, "/etc/pinion/cert.pem");
    EXPECT_TEXT(config->settings.key, "/etc/pinion/key.pem");
    config_free(config);
    return (struct text){0};
}

TEST(a_certificate_and_its_own_key_are_accepted_and_nothing_else_is)
{
    EVP_PKEY *one = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
    struct text certificate = certificate_pem(one);

    EXPECT_TEXT(said(certificate, key_pem(one, NULL)), "");
    EXPECT_TEXT(said(certificate, key_pem(other, NULL)),
                "the private key does not belong to the certificate");
    EXPECT_TEXT(said(certificate, key_pem(one, "secret")),
                "the private key is protected by a password");
    EXPECT_TEXT(said(certificate, certificate), "the file holds no private key in PEM form");
    EXPECT_TEXT(said(key_pem(one, NULL), key_pem(one, NULL)),
                "the file holds no certificate in PEM form");
    EXPECT_TEXT(said(TEXT("\xFF\x00garbage"), key_pem(one, NULL)),
                "the file holds no certificate in PEM form");
    EVP_PKEY_free(one);
    EVP_PKEY_free(other);
    arena_release(&arena);
}
