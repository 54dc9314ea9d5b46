/* A short list of loaded stores behind a mutex. Reading a bundle of authorities takes milliseconds,
 * too long to be done for every connection; the system's own are looked up one by one in their
 * hashed directory as they are needed. */
#include "provider/http_trust.h"

#include "base/check.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { STORES_MAX = 32 };

struct entry {
    char *path; /* empty: the system's */
    struct stat seen;
    X509_STORE *store;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry entries[STORES_MAX];
static size_t entry_count, next_victim;

static bool load(const char *path, X509_STORE **out_store, struct error *err)
{
    X509_STORE *store = X509_STORE_new();
    bool loaded;

    CHECK(store != NULL);
    /* Only extra anchors may fail: a machine without any of its own has no public TLS at all. */
    X509_STORE_set_default_paths(store);
    loaded = *path == '\0' || X509_STORE_load_file(store, path) == 1;
    ERR_clear_error();
    *out_store = store;
    if (loaded)
        return true;
    X509_STORE_free(store);
    return error_set(err, ERROR_UPSTREAM_TLS, NULL, "cannot read certificates from ca_file '%s'",
                     path);
}

static bool unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct entry *find(struct text path)
{
    for (size_t i = 0; i < entry_count; i++) {
        if (text_equal(text_of(entries[i].path), path))
            return &entries[i];
    }
    return NULL;
}

/* An entry without a store: a new one, or that of somebody else once all are taken. Connections in
 * use hold their stores themselves. */
static struct entry *add(const char *path)
{
    struct entry *entry;

    if (entry_count < STORES_MAX) {
        entry = &entries[entry_count++];
    } else {
        entry = &entries[next_victim++ % STORES_MAX];
        free(entry->path);
        X509_STORE_free(entry->store);
    }
    *entry = (struct entry){.path = strdup(path)};
    CHECK(entry->path != NULL);
    return entry;
}

static X509_STORE *acquire(const char *path, struct error *err)
{
    struct entry *entry = find(text_of(path));
    struct stat now = {0};
    X509_STORE *store;

    if (*path != '\0')
        stat(path, &now); /* a file that is gone differs from one that was there */
    if (entry == NULL || entry->store == NULL || !unchanged(&entry->seen, &now)) {
        if (!load(path, &store, err))
            return NULL;
        if (entry == NULL)
            entry = add(path);
        X509_STORE_free(entry->store);
        entry->store = store;
        entry->seen = now;
    }
    X509_STORE_up_ref(entry->store);
    return entry->store;
}

struct x509_store_st *trust_acquire(struct text ca_file, struct error *err)
{
    char *path = strndup(ca_file.len ? ca_file.at : "", ca_file.len);
    X509_STORE *store;

    CHECK(path != NULL);
    pthread_mutex_lock(&lock);
    store = acquire(path, err);
    pthread_mutex_unlock(&lock);
    free(path);
    return store;
}

void trust_release(struct x509_store_st *store)
{
    X509_STORE_free(store);
}
