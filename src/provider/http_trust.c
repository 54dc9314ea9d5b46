/* The system's authorities are looked up one by one in their hashed directory as they are needed;
 * reading the whole bundle would take milliseconds. What a file adds is read at once. */
#include "provider/http_trust.h"

#include "base/check.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

static bool unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
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
    /* Only the file may fail: a machine without authorities of its own has no public TLS at all. */
    X509_STORE_set_default_paths(store);
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
