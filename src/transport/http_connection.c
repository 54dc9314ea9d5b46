/* Dialling is libcurl's, under rules set once in `configure`. When it is done, a plain socket is
 * taken from libcurl: the handle is dropped while the call-back that closes sockets is told to
 * spare this one. So plain traffic costs no call of libcurl, and no connection of libcurl's is left
 * that it could find dead. */
#include "transport/http_connection.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEEPALIVE_AFTER_S = 30 };

/* "+host:port:" and what a resolver says. */
enum { RESOLVED_BYTES = 2048, RESOLVED_KEPT_S = 5 };

#define SET(easy, option, value) CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK)

/* -- rules for libcurl ------------------------------------------------------------------------ */

/* CURLOPT_OPENSOCKETFUNCTION: the last moment to refuse an address. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct connection *connection = context;
    enum address_kind kind = address_kind(&address->addr);
    int fd, one = 1;

    (void)purpose;
    if (kind == ADDRESS_NEVER || (kind == ADDRESS_PRIVATE && !connection->target.allow_private)) {
        connection->refused++;
        connection->refused_always = kind == ADDRESS_NEVER;
        address_write(&address->addr, connection->refused_address);
        return CURL_SOCKET_BAD;
    }
    connection->allowed++;
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                address->protocol);
    if (fd < 0) {
        connection->socket_errno = errno;
        return CURL_SOCKET_BAD;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* CURLOPT_CLOSESOCKETFUNCTION */
static int close_socket(void *context, curl_socket_t fd)
{
    struct connection *connection = context;

    if (fd == connection->kept_fd)
        return 0;
    dialer_unwatch(connection->group, fd);
    return close(fd);
}

/* CURLOPT_SSL_CTX_FUNCTION */
static CURLcode set_trust(CURL *easy, void *ssl_context, void *context)
{
    struct connection *connection = context;

    (void)easy;
    SSL_CTX_set1_cert_store(ssl_context, connection->target.trust);
    return CURLE_OK;
}

/* Of the time to connect; at least the one millisecond that libcurl knows how to wait. */
static long left_ms(const struct connection *connection)
{
    uint64_t passed_ms = loop_now_ms(dialer_loop(connection->dialer)) - connection->dialled_ms;
    uint32_t connect_ms = connection->target.connect_ms;

    return passed_ms < connect_ms ? (long)(connect_ms - passed_ms) : 1;
}

static void configure(CURL *easy, struct connection *connection)
{
    const struct dial_target *target = &connection->target;

    SET(easy, CURLOPT_URL, target->origin);
    SET(easy, CURLOPT_PRIVATE, connection);
    SET(easy, CURLOPT_SHARE, target->share);
    SET(easy, CURLOPT_CONNECT_ONLY, 1L);
    SET(easy, CURLOPT_FRESH_CONNECT, 1L);
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS, left_ms(connection));
    /* What it is told replaces what it remembers, which must only last until it is used. */
    SET(easy, CURLOPT_RESOLVE, connection->resolved);
    SET(easy, CURLOPT_DNS_CACHE_TIMEOUT, (long)RESOLVED_KEPT_S);
    /* Should it resolve after all, its thread is left alone: joining it would stop the loop. */
    SET(easy, CURLOPT_QUICK_EXIT, 1L);
    SET(easy, CURLOPT_ERRORBUFFER, connection->curl_text);
    /* Nothing but the origin decides where this goes: no proxy of the environment, no redirect. */
    SET(easy, CURLOPT_PROXY, "");
    SET(easy, CURLOPT_NOPROXY, "*");
    SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
    SET(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    SET(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_AFTER_S);
    SET(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(easy, CURLOPT_OPENSOCKETDATA, connection);
    SET(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    SET(easy, CURLOPT_CLOSESOCKETDATA, connection);
}

static void configure_tls(CURL *easy, struct connection *connection)
{
    SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* The trust anchors are ours: libcurl would read its own for every group. It must not remember
     * them either, since what it remembers it gives to every other connection of the group. */
    SET(easy, CURLOPT_CAINFO, NULL);
    SET(easy, CURLOPT_CAPATH, NULL);
    SET(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    SET(easy, CURLOPT_SSL_CTX_FUNCTION, set_trust);
    SET(easy, CURLOPT_SSL_CTX_DATA, connection);
}

/* -- opening and closing ---------------------------------------------------------------------- */

static void start_libcurl(struct connection *connection)
{
    connection->easy = curl_easy_init();
    CHECK(connection->easy != NULL);
    configure(connection->easy, connection);
    if (connection->tls)
        configure_tls(connection->easy, connection);
    connection->group = dialer_add(connection->dialer, connection->easy);
}

/* "host:port" of the origin, as libcurl knows it. */
static struct text authority_of(const struct connection *connection)
{
    struct text origin = text_of(connection->target.origin);

    return text_after(origin, text_find(origin, TEXT("://")) + 3);
}

static void start_resolved(struct connection *connection, const char *addresses)
{
    struct text authority = authority_of(connection);
    char entry[RESOLVED_BYTES];
    int len = snprintf(entry, sizeof entry, "+%.*s:%s", TEXT_ARG(authority), addresses);

    CHECK(len > 0 && (size_t)len < sizeof entry);
    connection->resolved = curl_slist_append(NULL, entry);
    CHECK(connection->resolved != NULL);
    start_libcurl(connection);
}

static void fail_lookup(struct connection *connection, const struct error *err)
{
    lookup_cancel(&connection->lookup);
    loop_stop_timer(dialer_loop(connection->dialer), &connection->timer);
    connection->events->dialled(connection, err);
}

static void on_resolved(struct lookup *lookup, const char *addresses)
{
    struct connection *connection =
        (struct connection *)((char *)lookup - offsetof(struct connection, lookup));
    struct error err = {0};

    if (addresses == NULL) {
        error_set(&err, ERROR_UPSTREAM_DNS, NULL, "has a host name that does not resolve");
        fail_lookup(connection, &err);
        return;
    }
    loop_stop_timer(dialer_loop(connection->dialer), &connection->timer);
    start_resolved(connection, addresses);
}

static void on_lookup_time(struct loop_timer *timer)
{
    struct connection *connection =
        (struct connection *)((char *)timer - offsetof(struct connection, timer));
    struct error err = {0};

    error_set(&err, ERROR_UPSTREAM_DNS, NULL, "has a host name that was not resolved within %u ms",
              connection->target.connect_ms);
    fail_lookup(connection, &err);
}

static void resolve(struct connection *connection, struct text host)
{
    const char *addresses;

    connection->lookup.resolved = on_resolved;
    addresses = resolver_find(connection->target.resolver, host, &connection->lookup);
    if (addresses != NULL) {
        start_resolved(connection, addresses);
        return;
    }
    connection->timer.fire = on_lookup_time;
    loop_start_timer(dialer_loop(connection->dialer), &connection->timer,
                     connection->dialled_ms + connection->target.connect_ms);
}

static bool is_address(struct text host)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;

    if (host.len > 0 && host.at[0] == '[')
        return true;
    if (host.len >= sizeof text)
        return false;
    memcpy(text, host.at, host.len);
    text[host.len] = '\0';
    return inet_pton(AF_INET, text, &address) == 1;
}

struct connection *connection_new(struct dialer *dialer, const struct dial_target *target,
                                  const struct connection_events *events, void *owner)
{
    struct connection *connection = calloc(1, sizeof *connection);

    CHECK(connection != NULL);
    connection->dialer = dialer;
    connection->target = *target;
    connection->events = events;
    connection->owner = owner;
    connection->fd = connection->kept_fd = -1;
    connection->tls = target->https;
    if (target->https)
        CHECK(X509_STORE_up_ref(target->trust) == 1);
    else
        connection->target.trust = NULL;
    return connection;
}

void connection_dial(struct connection *connection, uint64_t start_ms)
{
    struct text host = authority_of(connection);

    connection->dialled_ms = start_ms;
    while (host.len > 0 && host.at[host.len - 1] != ':')
        host.len--;
    host.len -= host.len > 0;
    if (is_address(host))
        start_libcurl(connection);
    else
        resolve(connection, host);
}

static void drop_handle(struct connection *connection)
{
    if (connection->easy == NULL)
        return;
    dialer_remove(connection->group, connection->easy);
    curl_easy_cleanup(connection->easy);
    connection->easy = NULL;
    connection->group = NULL;
    curl_slist_free_all(connection->resolved);
    connection->resolved = NULL;
}

void connection_close(struct connection *connection)
{
    struct loop *loop = dialer_loop(connection->dialer);

    lookup_cancel(&connection->lookup);
    loop_stop_timer(loop, &connection->timer);
    loop_unwatch(loop, &connection->watch);
    drop_handle(connection);
    if (connection->kept_fd >= 0)
        close(connection->kept_fd);
    X509_STORE_free(connection->target.trust);
    loop_free_later(loop, connection);
}

static void on_ready(struct loop_watch *watch, uint32_t events)
{
    struct connection *connection = (struct connection *)watch;
    bool over = (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0;

    connection->hung |= over;
    /* TLS may have to write in order to read, and the other way round. */
    connection->events->ready(connection, over || connection->tls || (events & EPOLLIN) != 0,
                              connection->tls || (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0);
}

static void explain_no_socket(const struct connection *connection, struct error *err)
{
    long os_errno = connection->socket_errno;

    if (connection->refused > 0 && connection->allowed == 0) {
        error_set(err, ERROR_UPSTREAM_BLOCKED, NULL,
                  "leads to the address %s, where providers may not be",
                  connection->refused_address);
        if (!connection->refused_always)
            error_hint(err, "if that is meant, set 'allow_private: true' for this provider");
        return;
    }
    if (os_errno == 0)
        curl_easy_getinfo(connection->easy, CURLINFO_OS_ERRNO, &os_errno);
    error_set(err, ERROR_UPSTREAM_UNREACHABLE, NULL, "could not be reached: %s",
              os_errno != 0 ? strerror((int)os_errno) : connection->curl_text);
}

static void explain(const struct connection *connection, CURLcode result, struct error *err)
{
    const char *words =
        connection->curl_text[0] != '\0' ? connection->curl_text : curl_easy_strerror(result);

    switch (result) {
    case CURLE_COULDNT_CONNECT:
        explain_no_socket(connection, err);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        error_set(err, ERROR_UPSTREAM_TIMEOUT, NULL, "could not be connected to within %u ms",
                  connection->target.connect_ms);
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        error_set(err, ERROR_UPSTREAM_DNS, NULL, "has a host name that does not resolve");
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        error_set(err, ERROR_UPSTREAM_TLS, NULL, "did not prove who it is over TLS: %s", words);
        break;
    default:
        error_set(err, ERROR_UPSTREAM_UNREACHABLE, NULL, "could not be reached: %s", words);
    }
}

static bool take_socket(struct connection *connection)
{
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (curl_easy_getinfo(connection->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
        fd == CURL_SOCKET_BAD)
        return false;
    dialer_unwatch(connection->group, fd);
    if (!connection->tls) {
        connection->kept_fd = fd;
        drop_handle(connection);
    }
    connection->fd = fd;
    connection->opened_ms = loop_now_ms(dialer_loop(connection->dialer));
    connection->watch.ready = on_ready;
    return loop_watch(dialer_loop(connection->dialer), &connection->watch, fd,
                      (uint32_t)EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

void connection_dialled(CURL *easy, CURLcode result)
{
    struct connection *connection = NULL;
    struct error err = {0};

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &connection);
    CHECK(connection != NULL && connection->easy == easy);
    if (result != CURLE_OK)
        explain(connection, result, &err);
    else if (!take_socket(connection))
        error_set(&err, ERROR_UPSTREAM_UNREACHABLE, NULL,
                  "closed the connection as soon as it was open");
    connection->events->dialled(connection, &err);
}
