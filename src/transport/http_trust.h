/* transport/http_trust.h
 * Whom TLS believes: the system's certificate authorities and, where a provider names a file, those
 * in it. Belongs to one thread. Zeroed it is empty and ready. */
#pragma once
#include "base/error.h"

#include <sys/stat.h>

struct x509_store_st;

struct trust {
    struct x509_store_st *store;
    struct stat seen; /* the file as it was read */
};

/* Reads ca_file (empty: the system's authorities alone) unless that was done and it has not
 * changed. Keeps what it had, and says ERROR_UPSTREAM_TLS, when the file cannot be read or holds no
 * certificate. */
bool trust_refresh(struct trust *trust, const char *ca_file, struct error *err);
void trust_release(struct trust *trust);
