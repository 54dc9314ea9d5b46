/* listen/tls.h
 * What a TLS connection of ours is: 1.2 or 1.3, HTTP/1.1 and nothing else, no renegotiation, no
 * compression. Each worker has a context of its own, so that they do not wait for each other's
 * locks; the keys of session tickets are common to them, so that a client resumes with any worker.
 */
#pragma once
#include "base/error.h"
#include "base/text.h"

#include <openssl/ssl.h>

enum { TLS_TICKET_KEY_BYTES = 80 };

struct tls_files {
    const char *certificate, *key; /* PEM; the certificate with its chain */
};

/* Gives a context, or NULL with ERROR_FILE_UNREADABLE or ERROR_CONFIG_INVALID, at = the file. */
SSL_CTX *tls_open(const struct tls_files *files,
                  const unsigned char ticket_keys[TLS_TICKET_KEY_BYTES], struct error *err);
