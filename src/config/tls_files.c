/* The files are read here as they will be read when serving, so that a wrong one is found by
 * `pinion check` and not by the first client. Their bytes are not kept. */
#include "config/tls_files.h"

#include "base/check.h"
#include "config/value.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static bool refuse(struct load *load, const struct document *document, uint32_t cell,
                   const char *what, const char *hint)
{
    struct diagnostic *it =
        diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0604, "%s", what);

    ERR_clear_error();
    diagnostic_hint(load->diagnostics, it, "%s", hint);
    return false;
}

static bool read_file(struct load *load, const struct document *document, uint32_t cell,
                      struct text path, struct text *out_bytes)
{
    const char *why = "it is no regular file of at most 1 MiB";
    struct text relative;
    struct diagnostic *it;
    enum folder_status status;

    if (path.len > 0 && path.at[0] != '/') {
        if (!load_path(load, document, cell, &relative))
            return false;
        return load_bytes(load, relative, document, cell, out_bytes);
    }
    status = path.len == 0
                 ? FOLDER_MISSING
                 : load->folder->read_absolute(load->folder, path, load->arena, out_bytes, &why);
    if (status == FOLDER_OK) {
        load_digest(load, path, *out_bytes);
        return true;
    }
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0602,
                  "the file named here cannot be read: %s",
                  status == FOLDER_MISSING ? "it does not exist" : why);
    diagnostic_hint(load->diagnostics, it,
                    "relative paths start at the configuration folder; the user that pinion runs "
                    "as must be able to read the file");
    return false;
}

/* A key behind a password is refused: nobody is there to type it. */
static int no_password(char *out, int size, int writing, void *context)
{
    (void)out, (void)size, (void)writing;
    *(bool *)context = true;
    return -1;
}

static BIO *bytes_open(struct text bytes)
{
    BIO *bio = BIO_new_mem_buf(bytes.at, (int)bytes.len);

    CHECK(bio != NULL);
    return bio;
}

static X509 *first_certificate(struct text bytes)
{
    BIO *bio = bytes_open(bytes);
    bool asked = false;
    X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, &asked);

    BIO_free(bio);
    return certificate;
}

static EVP_PKEY *private_key(struct text bytes, bool *out_asked)
{
    BIO *bio = bytes_open(bytes);
    EVP_PKEY *key;

    *out_asked = false;
    key = PEM_read_bio_PrivateKey(bio, NULL, no_password, out_asked);
    BIO_free(bio);
    OPENSSL_cleanse((char *)(uintptr_t)bytes.at, bytes.len);
    return key;
}

static X509 *check_certificate(struct load *load, const struct document *document,
                               const struct tls_file *file)
{
    struct text bytes;
    X509 *x509;

    if (file->cell == CELL_NONE || !read_file(load, document, file->cell, file->path, &bytes))
        return NULL;
    x509 = first_certificate(bytes);
    if (x509 == NULL)
        refuse(load, document, file->cell, "the file holds no certificate in PEM form",
               "it must contain -----BEGIN CERTIFICATE-----, the server's own certificate first");
    return x509;
}

static EVP_PKEY *check_key(struct load *load, const struct document *document,
                           const struct tls_file *file)
{
    struct text bytes;
    EVP_PKEY *key;
    bool asked;

    if (file->cell == CELL_NONE || !read_file(load, document, file->cell, file->path, &bytes))
        return NULL;
    key = private_key(bytes, &asked);
    if (key == NULL)
        refuse(load, document, file->cell,
               asked ? "the private key is protected by a password"
                     : "the file holds no private key in PEM form",
               asked ? "remove the password with openssl pkey -in FILE -out FILE"
                     : "it must contain -----BEGIN PRIVATE KEY-----");
    return key;
}

bool tls_files_check(struct load *load, const struct document *document,
                     const struct tls_file *certificate, const struct tls_file *key)
{
    X509 *x509 = check_certificate(load, document, certificate);
    EVP_PKEY *pkey = check_key(load, document, key);
    bool good = x509 != NULL && pkey != NULL;

    if (good && X509_check_private_key(x509, pkey) != 1)
        good =
            refuse(load, document, key->cell, "the private key does not belong to the certificate",
                   "certificate and key must be made together; check that both names are right");
    X509_free(x509);
    EVP_PKEY_free(pkey);
    return good;
}

bool tls_anchors_check(struct load *load, const struct document *document, uint32_t cell,
                       struct text path)
{
    struct text bytes;
    X509 *x509;

    if (!read_file(load, document, cell, path, &bytes))
        return false;
    x509 = first_certificate(bytes);
    X509_free(x509);
    if (x509 == NULL)
        return refuse(load, document, cell, "the file holds no certificate in PEM form",
                      "it must contain -----BEGIN CERTIFICATE-----");
    return true;
}
