/* The system's authorities are looked up one by one in their directory, where files are named after
 * the hash of whom they are about (openssl-rehash(1)); to read the bundle of them all takes 13 ms,
 * as long as which a thread would serve nobody. The bundle is for systems that have no such
 * directory. What a provider's file adds is read at once. */
#include "transport/http_trust.h"

#include "base/check.h"

#include <ctype.h>
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

static bool unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* "5ad8a5d6.0" */
static bool is_hash_name(const char *name)
{
    size_t digits = 0;

    while (isxdigit((unsigned char)name[digits]))
        digits++;
    return digits == 8 && name[8] == '.' && isdigit((unsigned char)name[9]);
}

static bool is_hashed(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    bool found = false;

    if (directory == NULL)
        return false;
    while (!found && (entry = readdir(directory)) != NULL)
        found = is_hash_name(entry->d_name);
    closedir(directory);
    return found;
}

/* Where OpenSSL would look, SSL_CERT_DIR and SSL_CERT_FILE included. May find nothing: a machine
 * without authorities has no public TLS, but still that of a ca_file. */
static void add_system(X509_STORE *store)
{
    const char *chosen_dirs = secure_getenv(X509_get_default_cert_dir_env());
    const char *chosen_file = secure_getenv(X509_get_default_cert_file_env());
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    bool hashed = chosen_dirs != NULL || is_hashed(X509_get_default_cert_dir());

    CHECK(lookup != NULL);
    if (hashed)
        X509_LOOKUP_add_dir(lookup, chosen_dirs ? chosen_dirs : X509_get_default_cert_dir(),
                            X509_FILETYPE_PEM);
    if (chosen_file != NULL || !hashed)
        X509_STORE_load_file(store, chosen_file ? chosen_file : X509_get_default_cert_file());
}

bool trust_refresh(struct trust *trust, const char *ca_file, struct error *err)
{
    struct stat now = {0};
    X509_STORE *store;

    if (*ca_file != '\0')
        (void)stat(ca_file, &now); /* a file that is gone differs from one that was there */
    if (trust->store != NULL && unchanged(&trust->seen, &now))
        return true;
    store = X509_STORE_new();
    CHECK(store != NULL);
    add_system(store);
    if (*ca_file != '\0' && X509_STORE_load_file(store, ca_file) != 1) {
        X509_STORE_free(store);
        ERR_clear_error();
        return error_set(err, ERROR_UPSTREAM_TLS, NULL,
                         "has a ca_file without readable certificates: '%s'", ca_file);
    }
    ERR_clear_error();
    X509_STORE_free(trust->store);
    *trust = (struct trust){store, now};
    return true;
}

void trust_release(struct trust *trust)
{
    X509_STORE_free(trust->store);
    *trust = (struct trust){0};
}
