/* provider/http_trust.h
 * Whom TLS believes: the system's certificate authorities and, where a provider names a file, those
 * in it. Loaded once per process and file; shared by all threads. */
#pragma once
#include "base/error.h"
#include "base/text.h"

struct x509_store_st;

/* The trust anchors for a ca_file (empty: the system's alone), which the caller holds one reference
 * of and gives back with trust_release. A file that has changed since is read anew. NULL when it
 * cannot be read or holds no certificate: *err says so with ERROR_UPSTREAM_TLS. */
struct x509_store_st *trust_acquire(struct text ca_file, struct error *err);
void trust_release(struct x509_store_st *store);
