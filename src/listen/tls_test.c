#include "listen/fake.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define HOST "Host: a\r\n"

/* -- certificates ----------------------------------------------------------------------------- */

static char folder[] = "/tmp/pinion-tls-XXXXXX";
static char certificate_path[64], key_path[64];

static void write_pair(const char *name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    FILE *file;

    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    EXPECT(X509_sign(certificate, key, EVP_sha256()) > 0);
    file = fopen(certificate_path, "we");
    EXPECT_EQ(PEM_write_X509(file, certificate), 1);
    fclose(file);
    file = fopen(key_path, "we");
    EXPECT_EQ(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static struct settings tls_settings(void)
{
    struct settings settings = fake_settings();

    strcpy(folder + sizeof folder - 7, "XXXXXX");
    EXPECT(mkdtemp(folder) != NULL);
    snprintf(certificate_path, sizeof certificate_path, "%s/cert.pem", folder);
    snprintf(key_path, sizeof key_path, "%s/key.pem", folder);
    write_pair("first");
    settings.certificate = text_of(certificate_path);
    settings.key = text_of(key_path);
    return settings;
}

static void remove_files(void)
{
    unlink(certificate_path);
    unlink(key_path);
    rmdir(folder);
}

/* -- a client --------------------------------------------------------------------------------- */

struct caller {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
    SSL_SESSION *session; /* the newest ticket */
};

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct caller *caller = SSL_get_app_data(ssl);

    SSL_SESSION_free(caller->session);
    caller->session = session;
    return 1;
}

/* Keeps the session of an earlier call, to resume it. */
static bool call_with(struct caller *caller, struct server *server, int version, const char *alpn)
{
    caller->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(caller->context, 0);
    SSL_CTX_set_min_proto_version(caller->context, version);
    SSL_CTX_set_max_proto_version(caller->context, version);
    SSL_CTX_set_session_cache_mode(caller->context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(caller->context, keep_session);
    caller->ssl = SSL_new(caller->context);
    SSL_set_app_data(caller->ssl, caller);
    if (alpn != NULL)
        SSL_set_alpn_protos(caller->ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn));
    if (caller->session != NULL)
        SSL_set_session(caller->ssl, caller->session);
    caller->fd = dial(server);
    SSL_set_fd(caller->ssl, caller->fd);
    ERR_clear_error();
    return SSL_connect(caller->ssl) == 1;
}

static void hang_up(struct caller *caller)
{
    SSL_free(caller->ssl);
    SSL_CTX_free(caller->context);
    close(caller->fd);
}

static void forget(struct caller *caller)
{
    SSL_SESSION_free(caller->session);
    caller->session = NULL;
}

static void tls_say(struct caller *caller, const char *bytes)
{
    EXPECT_EQ(SSL_write(caller->ssl, bytes, (int)strlen(bytes)), (int)strlen(bytes));
}

static void tls_hear_until(struct caller *caller, struct buffer *all, const char *what)
{
    while (!heard(all, what)) {
        int got = SSL_read(caller->ssl, buffer_reserve(all, 16384), 16384);

        if (got <= 0)
            fail_msg("'%s' was not heard, but: %.*s", what, (int)all->len, all->at);
        all->len += (size_t)got;
    }
}

static void tls_ask(struct caller *caller)
{
    struct buffer all = {0};

    tls_say(caller, "GET /x HTTP/1.1\r\n" HOST "\r\n");
    tls_hear_until(caller, &all, "GET /x");
    buffer_release(&all);
}

static bool shows(const struct caller *caller, const char *name)
{
    X509 *certificate = SSL_get0_peer_certificate(caller->ssl);
    char subject[64];

    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, subject,
                              sizeof subject);
    return strcmp(subject, name) == 0;
}

/* -- tests ------------------------------------------------------------------------------------ */

TEST(tls_1_2_and_1_3_are_spoken_and_nothing_older)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION, TLS1_1_VERSION, TLS1_VERSION};
    struct settings settings = tls_settings();
    struct server *server = fake_serve(&settings);

    for (int i = 0; i < 4; i++) {
        struct caller caller = {0};

        EXPECT(call_with(&caller, server, versions[i], NULL) == (i < 2));
        if (i < 2)
            tls_ask(&caller);
        forget(&caller);
        hang_up(&caller);
    }
    fake_end(server);
    remove_files();
}

TEST(the_protocol_is_http_1_1_and_never_another)
{
    static const struct {
        const char *offered;
        bool taken;
    } offers[] = {{"\x08http/1.1", true},
                  {"\x02h2\x08http/1.1", true},
                  {"\x08http/1.1\x02h2", true},
                  {"\x02h2", false},
                  {"\x03h2c\x08http/1.0", false}};
    struct settings settings = tls_settings();
    struct server *server = fake_serve(&settings);

    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        struct caller caller = {0};
        const unsigned char *chosen;
        unsigned len;

        EXPECT(call_with(&caller, server, TLS1_3_VERSION, offers[i].offered) == offers[i].taken);
        SSL_get0_alpn_selected(caller.ssl, &chosen, &len);
        if (offers[i].taken)
            EXPECT_TEXT(((struct text){(const char *)chosen, len}), "http/1.1");
        else
            EXPECT_EQ(len, 0);
        forget(&caller);
        hang_up(&caller);
    }
    fake_end(server);
    remove_files();
}

TEST(sessions_are_resumed_with_any_worker)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    struct settings settings = tls_settings();
    struct server *server;

    settings.workers = 4;
    server = fake_serve(&settings);
    for (int v = 0; v < 2; v++) {
        struct caller caller = {0};

        for (int i = 0; i < 24; i++) {
            EXPECT(call_with(&caller, server, versions[v], NULL));
            tls_ask(&caller);
            EXPECT_EQ(SSL_session_reused(caller.ssl), i > 0);
            SSL_shutdown(caller.ssl);
            hang_up(&caller);
        }
        forget(&caller);
    }
    fake_end(server);
    remove_files();
}

TEST(a_new_certificate_is_shown_to_new_connections_and_a_bad_one_to_nobody)
{
    struct settings settings = tls_settings();
    struct server *server = fake_serve(&settings);
    struct caller old = {0}, new = {0};
    struct error err = {0};
    FILE *file;

    EXPECT(call_with(&old, server, TLS1_3_VERSION, NULL));
    EXPECT(shows(&old, "first"));
    write_pair("second");
    EXPECT(server_reload_tls(server, &err));
    for (int i = 0;; i++) { /* until each worker has taken it */
        forget(&new);
        EXPECT(call_with(&new, server, TLS1_3_VERSION, NULL));
        if (shows(&new, "second") || i == 1000)
            break;
        hang_up(&new);
    }
    EXPECT(shows(&new, "second"));
    tls_ask(&new);
    tls_ask(&old);
    forget(&old);
    hang_up(&old);
    hang_up(&new);
    file = fopen(key_path, "we");
    fputs("not a key\n", file);
    fclose(file);
    EXPECT(!server_reload_tls(server, &err));
    EXPECT_EQ(err.code, ERROR_CONFIG_INVALID);
    EXPECT_STR(err.at, key_path);
    unlink(certificate_path);
    EXPECT(!server_reload_tls(server, &err));
    EXPECT_EQ(err.code, ERROR_FILE_UNREADABLE);
    EXPECT_STR(err.at, certificate_path);
    forget(&new);
    EXPECT(call_with(&new, server, TLS1_3_VERSION, NULL));
    tls_ask(&new);
    forget(&new);
    hang_up(&new);
    fake_end(server);
    remove_files();
}

TEST(certificates_are_reloaded_while_handshakes_are_under_way)
{
    struct settings settings = tls_settings();
    struct server *server = fake_serve(&settings);
    int fds[8];

    for (int i = 0; i < 8; i++)
        fds[i] = dial(server);
    AWAIT(server_connections(server) == 8);
    for (int i = 0; i < 5; i++) {
        struct caller caller = {0};
        struct error err;

        EXPECT(server_reload_tls(server, &err));
        EXPECT(call_with(&caller, server, TLS1_3_VERSION, NULL));
        tls_ask(&caller);
        forget(&caller);
        hang_up(&caller);
    }
    /* Those that came before the reloads use a context that nobody else has any more. */
    for (int i = 0; i < 8; i++) {
        SSL_CTX *context = SSL_CTX_new(TLS_client_method());
        SSL *ssl = SSL_new(context);

        SSL_set_fd(ssl, fds[i]);
        EXPECT_EQ(SSL_connect(ssl), 1);
        SSL_free(ssl);
        SSL_CTX_free(context);
        close(fds[i]);
    }
    fake_end(server);
    remove_files();
}

TEST(a_wrong_key_is_said_at_the_start)
{
    struct settings settings = tls_settings();
    struct error err = {0};

    settings.key = settings.certificate;
    EXPECT(server_open_with(&fake_hooks, &fake_gateway, &settings, -1, &err) == NULL);
    EXPECT_EQ(err.code, ERROR_CONFIG_INVALID);
    EXPECT_STR(err.at, certificate_path);
    EXPECT(err.hint[0] != '\0');
    remove_files();
}

TEST(a_handshake_that_takes_too_long_is_cut_off)
{
    struct settings settings = tls_settings();
    struct server *server;
    struct buffer all = {0};
    int fd;

    settings.request_timeout_ms = 150;
    server = fake_serve(&settings);
    fd = dial(server);
    SAY(fd, "\x16\x03\x01\x02");
    hear_end(fd, &all);
    EXPECT_EQ(all.len, 0);
    close(fd);
    buffer_release(&all);
    fake_end(server);
    remove_files();
}

TEST(streams_refusals_and_clients_that_leave_are_the_same_over_tls)
{
    struct settings settings = tls_settings();
    struct server *server;
    struct caller caller = {0};
    struct buffer all = {0};

    settings.write_stall_ms = 300;
    server = fake_serve(&settings);
    EXPECT(call_with(&caller, server, TLS1_3_VERSION, NULL));
    tls_say(&caller, "GET /stream HTTP/1.1\r\n" HOST "\r\n");
    tls_hear_until(&caller, &all, "piece 1\n\r\n0\r\n\r\n");
    tls_say(&caller, "GET /x HTTP/1.1\r\n\r\nGET /y HTTP/1.1\r\n" HOST "\r\n");
    tls_hear_until(&caller, &all, "\"details\":{}}}");
    EXPECT(heard(&all, "HTTP/1.1 400 "));
    EXPECT_EQ(SSL_read(caller.ssl, buffer_reserve(&all, 64), 64), 0);
    hang_up(&caller);
    EXPECT(call_with(&caller, server, TLS1_3_VERSION, NULL));
    tls_say(&caller, "GET /never HTTP/1.1\r\n" HOST "\r\n");
    AWAIT(fake.started == 2);
    hang_up(&caller);
    AWAIT(fake.gone == 1 && fake.freed == 2);
    /* Reads nothing, and does not even close. */
    EXPECT(call_with(&caller, server, TLS1_3_VERSION, NULL));
    tls_say(&caller, "GET /endless HTTP/1.1\r\n" HOST "\r\n");
    AWAIT(fake.gone == 2 && fake.freed == 3);
    AWAIT(server_connections(server) == 0);
    hang_up(&caller);
    forget(&caller);
    buffer_release(&all);
    fake_end(server);
    remove_files();
}

TEST(draining_ends_connections_whose_handshake_comes_late)
{
    struct settings settings = tls_settings();
    struct server *server = fake_serve(&settings);
    struct caller idle = {0};
    struct buffer all = {0};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    int fd = dial(server);

    EXPECT(call_with(&idle, server, TLS1_3_VERSION, NULL));
    tls_ask(&idle);
    AWAIT(server_connections(server) == 2);
    server_drain(server);
    EXPECT(SSL_read(idle.ssl, buffer_reserve(&all, 64), 64) <= 0);
    SSL_set_fd(ssl, fd);
    EXPECT_EQ(SSL_connect(ssl), 1);
    EXPECT(server_wait_drained(server, PATIENCE_MS));
    SSL_free(ssl);
    SSL_CTX_free(context);
    close(fd);
    forget(&idle);
    hang_up(&idle);
    buffer_release(&all);
    fake_end(server);
    remove_files();
}
