#include "provider/transport_test.h"

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

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    CHECK(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* A certificate signed by `issuer`, or by itself when that is NULL. */
static struct identity identity_new(const struct identity *issuer, const char *name,
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

static void identity_release(struct identity *identity)
{
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
}

static void write_pem(const struct identity *identity, char *path)
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
static bool read_request(SSL *ssl, struct buffer *in, struct text *out_body)
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

static void write_reply(SSL *ssl, enum manner manner, struct text body)
{
    struct buffer reply = {0};

    buffer_put(&reply, TEXT("HTTP/1.1 200 OK\r\n"));
    if (manner == LAST_ECHO)
        buffer_put(&reply, TEXT("Connection: close\r\n"));
    if (manner == ECHO || manner == LAST_ECHO)
        buffer_printf(&reply, "Content-Length: %zu\r\n", body.len);
    buffer_put(&reply, TEXT("\r\n"));
    buffer_put(&reply, body);
    SSL_write(ssl, reply.at, (int)reply.len);
    buffer_release(&reply);
}

static void *serve_peer(void *context)
{
    struct tls_peer *peer = context;
    struct tls_server *server = peer->server;
    enum manner manner = server->manner;
    SSL *ssl = SSL_new(server->context);
    struct buffer in = {0};
    struct text body;
    bool more = true;

    SSL_set_fd(ssl, peer->fd);
    if (SSL_accept(ssl) == 1) {
        server->resumed += SSL_session_reused(ssl) ? 1 : 0;
        while (more && read_request(ssl, &in, &body)) {
            server->requests++;
            write_reply(ssl, manner, body);
            more = manner == ECHO;
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

static void *serve(void *context)
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

static void tls_server_open(struct tls_server *server, const struct identity *identity)
{
    server->context = SSL_CTX_new(TLS_server_method());
    CHECK(server->context != NULL);
    SSL_CTX_set_session_id_context(server->context, (const unsigned char *)"test", 4);
    CHECK(SSL_CTX_use_certificate(server->context, identity->certificate) == 1);
    CHECK(SSL_CTX_use_PrivateKey(server->context, identity->key) == 1);
    server->fd = listen_anywhere(&server->port);
    CHECK(fcntl(server->fd, F_SETFL, 0) == 0);
}

static void tls_server_start(struct tls_server *server)
{
    CHECK(pthread_create(&server->thread, NULL, serve, server) == 0);
}

static void tls_server_close(struct tls_server *server)
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

static void tls_scene_open(struct tls_scene *tls, const char *alternative, long valid_s)
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

static void tls_scene_close(struct tls_scene *tls)
{
    scene_close(&tls->scene);
    tls_server_close(tls->server);
    free(tls->server);
    identity_release(&tls->authority);
    identity_release(&tls->identity);
    unlink(tls->ca_path);
}

#define RIGHT_NAME "IP:127.0.0.1"

TEST(a_provider_with_the_right_certificate_is_spoken_to_over_one_connection)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls_server_start(tls.server);
    for (int i = 0; i < 4; i++) {
        struct call call = {0};

        scene_call(&tls.scene, &call);
        EXPECT_STR(call.err.message, "");
        EXPECT_EQ(call.reused, i > 0);
        EXPECT_TEXT(buffer_text(&call.body), "{\"over\": \"tls\"}");
        call_release(&call);
    }
    EXPECT_EQ(tls.server->connections, 1);
    EXPECT_EQ(tls.server->requests, 4);
    tls_scene_close(&tls);
}

TEST(a_second_connection_resumes_the_session_of_the_first)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = LAST_ECHO;
    tls_server_start(tls.server);
    for (int i = 0; i < 3; i++) {
        struct call call = {0};

        scene_call(&tls.scene, &call);
        EXPECT_EQ(call.err.code, ERROR_NONE);
        call_release(&call);
    }
    EXPECT_EQ(tls.server->connections, 3);
    EXPECT_EQ(tls.server->resumed, 2);
    tls_scene_close(&tls);
}

static void expect_distrust(struct tls_scene *tls, const char *why)
{
    struct call call = {0};

    tls_server_start(tls->server);
    scene_call(&tls->scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TLS);
    if (text_find(text_of(call.err.message), text_of(why)) == strlen(call.err.message))
        print_error("%s\n", call.err.message);
    EXPECT(text_find(text_of(call.err.message), text_of(why)) < strlen(call.err.message));
    EXPECT_EQ(tls->server->requests, 0);
    EXPECT_EQ(transport_counts(tls->scene.transport).open, 0);
    call_release(&call);
    tls_scene_close(tls);
}

TEST(a_certificate_for_another_name_is_refused)
{
    struct tls_scene tls;

    tls_scene_open(&tls, "DNS:other.test", 3600);
    expect_distrust(&tls, "no alternative certificate subject name matches");
}

TEST(an_expired_certificate_is_refused)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, -3600);
    expect_distrust(&tls, "certificate has expired");
}

TEST(a_self_signed_certificate_is_refused)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    identity_release(&tls.identity);
    tls.identity = identity_new(NULL, "provider", RIGHT_NAME, 3600);
    SSL_CTX_free(tls.server->context);
    close(tls.server->fd);
    tls_server_open(tls.server, &tls.identity);
    snprintf(tls.origin, sizeof tls.origin, "https://127.0.0.1:%u", tls.server->port);
    tls.scene.provider.origin = text_of(tls.origin);
    expect_distrust(&tls, "self-signed certificate");
}

TEST(an_authority_that_is_not_named_is_not_trusted)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.scene.provider.ca_file = TEXT("");
    expect_distrust(&tls, "unable to get local issuer certificate");
}

TEST(an_authority_of_the_system_is_trusted)
{
    char directory[] = "/tmp/pinion-certs-XXXXXX", path[64];
    struct call call = {0};
    struct tls_scene tls;
    X509_NAME *name;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls_server_start(tls.server);
    EXPECT(mkdtemp(directory) != NULL);
    name = X509_get_subject_name(tls.authority.certificate);
    snprintf(path, sizeof path, "%s/%08lx.0", directory, X509_NAME_hash_ex(name, NULL, NULL, NULL));
    EXPECT_EQ(rename(tls.ca_path, path), 0);
    setenv(X509_get_default_cert_dir_env(), directory, 1);
    tls.scene.provider.ca_file = TEXT("");
    scene_call(&tls.scene, &call);
    unsetenv(X509_get_default_cert_dir_env());
    EXPECT_STR(call.err.message, "");
    call_release(&call);
    tls_scene_close(&tls);
    unlink(path);
    rmdir(directory);
}

TEST(an_authority_trusted_for_one_provider_is_not_for_another)
{
    struct tls_scene tls;
    struct call call = {0};

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = LAST_ECHO;
    tls_server_start(tls.server);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    call_release(&call);
    tls.scene.provider.ca_file = TEXT(""); /* and the session is not resumed, either */
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TLS);
    EXPECT_EQ(tls.server->requests, 1);
    call_release(&call);
    tls_scene_close(&tls);
}

TEST(an_old_version_of_tls_is_refused)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    SSL_CTX_set_security_level(tls.server->context, 0);
    SSL_CTX_set_cipher_list(tls.server->context, "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(tls.server->context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls.server->context, TLS1_1_VERSION);
    expect_distrust(&tls, "protocol version");
}

TEST(a_trust_file_that_cannot_be_read_is_named)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.scene.provider.ca_file = TEXT("/no/such/ca.pem");
    expect_distrust(
        &tls, "provider 'local' has a ca_file without readable certificates: '/no/such/ca.pem'");
}

TEST(a_trust_file_that_has_changed_is_read_anew)
{
    struct tls_scene tls;
    struct identity stranger = identity_new(NULL, "Strange Authority", NULL, 3600);
    char path[] = "/tmp/pinion-ca-XXXXXX";
    struct call call = {0};

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = LAST_ECHO;
    tls_server_start(tls.server);
    write_pem(&stranger, path);
    tls.scene.provider.ca_file = text_of(path);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TLS);
    call_release(&call);
    EXPECT_EQ(rename(tls.ca_path, path), 0);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    call_release(&call);
    unlink(path);
    identity_release(&stranger);
    tls_scene_close(&tls);
}

static void expect_end(enum manner manner, enum error_code code)
{
    struct tls_scene tls;
    struct call call = {0};

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = manner;
    tls_server_start(tls.server);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, code);
    EXPECT_TEXT(buffer_text(&call.body), "{\"over\": \"tls\"}");
    call_release(&call);
    tls_scene_close(&tls);
}

TEST(a_reply_may_end_with_tls_but_not_with_a_cut_line)
{
    expect_end(CLOSE, ERROR_NONE);
    expect_end(CUT, ERROR_UPSTREAM_TRUNCATED);
}

static void fill(struct buffer *body, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        buffer_put_byte(body, (char)('a' + (i / 777 + i) % 26));
}

static void pause_sometimes(struct call *call)
{
    if (call->pieces % 3 == 0)
        exchange_pause(call->exchange);
}

TEST(large_bodies_pass_both_ways_with_and_without_pauses)
{
    static const size_t sizes[] = {16300, 16384, 16500, 100000, 4000000};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct tls_scene tls;
        struct buffer body = {0};

        tls_scene_open(&tls, RIGHT_NAME, 3600);
        tls_server_start(tls.server);
        fill(&body, sizes[i]);
        tls.scene.wire.body = buffer_text(&body);
        for (int round = 0; round < 2; round++) {
            struct call call = {.on_body = round == 1 ? pause_sometimes : NULL};

            scene_start(&tls.scene, &call);
            while (!call.done) {
                loop_turn(tls.scene.loop, 100);
                if (!call.done)
                    call_resume(&call);
            }
            EXPECT_STR(call.err.message, "");
            EXPECT(text_equal(buffer_text(&call.body), buffer_text(&body)));
            EXPECT_EQ(call.reused, round > 0);
            call_release(&call);
        }
        buffer_release(&body);
        tls_scene_close(&tls);
    }
}

TEST(many_calls_over_tls_spread_over_groups)
{
    enum { CALLS = 150 };
    struct call *calls = calloc(CALLS, sizeof *calls);
    struct tls_scene tls;

    CHECK(calls != NULL);
    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls_server_start(tls.server);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < CALLS; i++)
            scene_start(&tls.scene, &calls[i]);
        for (int i = 0; i < CALLS; i++) {
            if (round == 1 && i % 10 == 0 && !calls[i].done) {
                call_cancel(&calls[i]);
                call_release(&calls[i]);
                continue;
            }
            TURN_UNTIL(tls.scene.loop, calls[i].done);
            EXPECT_STR(calls[i].err.message, "");
            EXPECT_TEXT(buffer_text(&calls[i].body), "{\"over\": \"tls\"}");
            call_release(&calls[i]);
        }
    }
    free(calls);
    tls_scene_close(&tls);
}
