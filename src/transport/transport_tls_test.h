/* transport/transport_tls_test.h
 * For the transport's tests over TLS: certificates made on the spot, and a server in threads of its
 * own that shows them. */
#pragma once
#include "transport/transport_test.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>

/* -- certificates ----------------------------------------------------------------------------- */

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static inline void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    CHECK(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* A certificate signed by `issuer`, or by itself when that is NULL. */
static inline struct identity identity_new(const struct identity *issuer, const char *name,
                                           const char *alternative, long valid_s)
{
    static long serial = 1;
    struct identity made = {.key = EVP_EC_gen("P-256"), .certificate = X509_new()};
    X509 *certificate = made.certificate;
    X509 *by = issuer ? issuer->certificate : certificate;
    X509_NAME *subject = X509_get_subject_name(certificate);

    CHECK(made.key != NULL && certificate != NULL);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), valid_s);
    X509_set_pubkey(certificate, made.key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(by));
    extend(certificate, by, NID_basic_constraints, alternative ? "CA:FALSE" : "critical,CA:TRUE");
    if (alternative != NULL)
        extend(certificate, by, NID_subject_alt_name, alternative);
    CHECK(X509_sign(certificate, issuer ? issuer->key : made.key, EVP_sha256()) > 0);
    return made;
}

static inline void identity_release(struct identity *identity)
{
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
}

static inline void write_pem(const struct identity *identity, char *path)
{
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    CHECK(file != NULL && PEM_write_X509(file, identity->certificate) == 1);
    fclose(file);
}

/* -- a server in threads of its own ----------------------------------------------------------- */

enum manner {
    ECHO,      /* the body, with a length */
    CLOSE,     /* the body, ended by the end of TLS */
    CUT,       /* likewise, but the line is just cut */
    LAST_ECHO, /* Connection: close */
    ECHO_ONCE, /* the next request on the connection is read, and the line closed */
};

enum { PEERS_MAX = 256 };

struct tls_peer {
    struct tls_server *server;
    pthread_t thread;
    int fd;
};

struct tls_server {
    SSL_CTX *context;
    enum manner manner;
    int fd;
    uint16_t port;
    pthread_t thread;
    struct tls_peer peers[PEERS_MAX];
    _Atomic unsigned connections, requests, resumed;
};

/* The body of the next request; false when there is none. */
static inline bool read_request(SSL *ssl, struct buffer *in, struct text *out_body)
{
    for (;;) {
        struct text all = buffer_text(in), rest;
        size_t head = text_find(all, TEXT("\r\n\r\n")) + 4;
        uint64_t length = 0;
        int count;

        if (head <= all.len) {
            rest = text_after(all, text_find(all, TEXT("Content-Length: ")) + 16);
            CHECK(text_to_u64(text_split(&rest, '\r'), &length));
            if (all.len >= head + length) {
                *out_body = (struct text){all.at + head, (size_t)length};
                return true;
            }
        }
        count = SSL_read(ssl, buffer_reserve(in, 65536), 65536);
        if (count <= 0)
            return false;
        in->len += (size_t)count;
    }
}

static inline void write_reply(SSL *ssl, enum manner manner, struct text body)
{
    struct buffer reply = {0};

    buffer_put(&reply, TEXT("HTTP/1.1 200 OK\r\n"));
    if (manner == LAST_ECHO)
        buffer_put(&reply, TEXT("Connection: close\r\n"));
    if (manner == ECHO || manner == LAST_ECHO || manner == ECHO_ONCE)
        buffer_printf(&reply, "Content-Length: %zu\r\n", body.len);
    buffer_put(&reply, TEXT("\r\n"));
    buffer_put(&reply, body);
    SSL_write(ssl, reply.at, (int)reply.len);
    buffer_release(&reply);
}

static inline void *serve_peer(void *context)
{
    struct tls_peer *peer = context;
    struct tls_server *server = peer->server;
    enum manner manner = server->manner;
    SSL *ssl = SSL_new(server->context);
    struct buffer in = {0};
    struct text body;
    bool more = true, answered = false;

    SSL_set_fd(ssl, peer->fd);
    if (SSL_accept(ssl) == 1) {
        server->resumed += SSL_session_reused(ssl) ? 1 : 0;
        while (more && read_request(ssl, &in, &body)) {
            server->requests++;
            if (manner == ECHO_ONCE && answered)
                break;
            write_reply(ssl, manner, body);
            answered = true;
            more = manner == ECHO || manner == ECHO_ONCE;
            in.len = 0;
        }
        if (manner != CUT)
            SSL_shutdown(ssl);
    }
    buffer_release(&in);
    SSL_free(ssl);
    shutdown(peer->fd, SHUT_RDWR);
    ERR_clear_error();
    return NULL;
}

static inline void *serve(void *context)
{
    struct tls_server *server = context;
    int fd;

    while ((fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        struct tls_peer *peer = &server->peers[server->connections++];

        CHECK(server->connections <= PEERS_MAX);
        *peer = (struct tls_peer){.server = server, .fd = fd};
        CHECK(pthread_create(&peer->thread, NULL, serve_peer, peer) == 0);
    }
    return NULL;
}

static inline void tls_server_open(struct tls_server *server, const struct identity *identity)
{
    server->context = SSL_CTX_new(TLS_server_method());
    CHECK(server->context != NULL);
    SSL_CTX_set_session_id_context(server->context, (const unsigned char *)"test", 4);
    CHECK(SSL_CTX_use_certificate(server->context, identity->certificate) == 1);
    CHECK(SSL_CTX_use_PrivateKey(server->context, identity->key) == 1);
    server->fd = listen_anywhere(&server->port);
    CHECK(fcntl(server->fd, F_SETFL, 0) == 0);
}

static inline void tls_server_start(struct tls_server *server)
{
    CHECK(pthread_create(&server->thread, NULL, serve, server) == 0);
}

static inline void tls_server_close(struct tls_server *server)
{
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
    for (unsigned i = 0; i < server->connections; i++) {
        shutdown(server->peers[i].fd, SHUT_RDWR);
        pthread_join(server->peers[i].thread, NULL);
        close(server->peers[i].fd);
    }
    SSL_CTX_free(server->context);
}

/* -- scenes ----------------------------------------------------------------------------------- */

struct tls_scene {
    struct scene scene;
    struct identity authority, identity;
    struct tls_server *server;
    char ca_path[32];
    char origin[64];
};

static inline void tls_scene_open(struct tls_scene *tls, const char *alternative, long valid_s)
{
    *tls = (struct tls_scene){.ca_path = "/tmp/pinion-ca-XXXXXX"};
    tls->authority = identity_new(NULL, "Test Authority", NULL, 86400);
    tls->identity = identity_new(&tls->authority, "provider", alternative, valid_s);
    write_pem(&tls->authority, tls->ca_path);
    tls->server = calloc(1, sizeof *tls->server);
    CHECK(tls->server != NULL);
    tls_server_open(tls->server, &tls->identity);
    scene_open(&tls->scene);
    snprintf(tls->origin, sizeof tls->origin, "https://127.0.0.1:%u", tls->server->port);
    tls->scene.provider.origin = text_of(tls->origin);
    tls->scene.provider.https = true;
    tls->scene.provider.port = tls->server->port;
    tls->scene.provider.ca_file = text_of(tls->ca_path);
    tls->scene.provider.connect_ms = PATIENCE_MS;
    tls->scene.wire.body = TEXT("{\"over\": \"tls\"}");
}

static inline void tls_scene_close(struct tls_scene *tls)
{
    scene_close(&tls->scene);
    tls_server_close(tls->server);
    free(tls->server);
    identity_release(&tls->authority);
    identity_release(&tls->identity);
    unlink(tls->ca_path);
}

#define RIGHT_NAME "IP:127.0.0.1"
