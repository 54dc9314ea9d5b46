#include "listen/tls.h"

#include "base/check.h"

#include <errno.h>
#include <openssl/err.h>
#include <unistd.h>

/* Of all listeners with TLS there is one, so one name for its sessions. */
static const unsigned char session_context[] = "pinion";

/* RFC 7301 section 3.2: who offers protocols and not ours is refused. (The library closes before it
 * has sent the alert that says so.) */
static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned int offered_len, void *context)
{
    static const unsigned char ours[] = "\x08http/1.1";

    (void)ssl;
    (void)context;
    if (SSL_select_next_proto((unsigned char **)out, out_len, ours, sizeof ours - 1, offered,
                              offered_len) == OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_OK;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* The file cannot be read at all, or what it says is wrong. */
static bool explain(const char *path, const char *what, struct error *err)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    if (access(path, R_OK) != 0) {
        error_set(err, ERROR_FILE_UNREADABLE, path, "cannot read the TLS %s: %s", what,
                  strerror(errno));
        error_hint(err, "check the path in 'tls:' of pinion.yaml, and that the gateway's user may "
                        "read the file");
    } else {
        error_set(err, ERROR_CONFIG_INVALID, path, "the TLS %s cannot be used: %s", what,
                  reason ? reason : "unknown reason");
        error_hint(err, "it must be PEM; the certificate file holds the chain, and the key belongs "
                        "to its first certificate");
    }
    ERR_clear_error();
    return false;
}

static bool load(SSL_CTX *tls, const struct tls_files *files, struct error *err)
{
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(tls, files->certificate) != 1)
        return explain(files->certificate, "certificate", err);
    if (SSL_CTX_use_PrivateKey_file(tls, files->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(tls) != 1)
        return explain(files->key, "key", err);
    return true;
}

SSL_CTX *tls_open(const struct tls_files *files,
                  const unsigned char ticket_keys[TLS_TICKET_KEY_BYTES], struct error *err)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    CHECK(tls != NULL);
    CHECK(SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    /* Forward secrecy and authenticated encryption also in 1.2. */
    CHECK(SSL_CTX_set_cipher_list(tls, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
    CHECK(SSL_CTX_set_session_id_context(tls, session_context, sizeof session_context - 1) == 1);
    CHECK(SSL_CTX_set_tlsext_ticket_keys(tls, (void *)ticket_keys, TLS_TICKET_KEY_BYTES) == 1);
    SSL_CTX_set_alpn_select_cb(tls, select_protocol, NULL);
    if (!load(tls, files, err)) {
        SSL_CTX_free(tls);
        return NULL;
    }
    return tls;
}
