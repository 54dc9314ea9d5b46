/* Dialling is libcurl's, under rules set once in `configure`. When it is done, a plain socket is
 * taken from libcurl: the handle is dropped while the call-back that closes sockets is told to
 * spare this one. So plain traffic costs no call of libcurl, and no connection of libcurl's is left
 * that it could find dead. */
#include "provider/http_connection.h"

#include "base/check.h"

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

enum { DNS_KEPT_S = 60, KEEPALIVE_AFTER_S = 30 };

#define SET(easy, option, value) CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK)

/* -- rules for libcurl ------------------------------------------------------------------------ */

/* CURLOPT_OPENSOCKETFUNCTION: the last moment to refuse an address. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct connection *connection = context;
    enum address_kind kind = address_kind(&address->addr);
    int fd, one = 1;

    (void)purpose;
    if (kind == ADDRESS_NEVER || (kind == ADDRESS_PRIVATE && !connection->allow_private)) {
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
    SSL_CTX_set1_cert_store(ssl_context, connection->trust);
    return CURLE_OK;
}

static void configure(CURL *easy, struct connection *connection, const struct dial_target *target)
{
    SET(easy, CURLOPT_URL, target->origin);
    SET(easy, CURLOPT_PRIVATE, connection);
    SET(easy, CURLOPT_SHARE, target->share);
    SET(easy, CURLOPT_CONNECT_ONLY, 1L);
    SET(easy, CURLOPT_FRESH_CONNECT, 1L);
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    /* A name that is still being resolved is left to its thread: joining it would stop the loop. */
    SET(easy, CURLOPT_QUICK_EXIT, 1L);
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)target->connect_ms);
    SET(easy, CURLOPT_DNS_CACHE_TIMEOUT, (long)DNS_KEPT_S);
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

static void configure_tls(CURL *easy, struct connection *connection, X509_STORE *trust)
{
    CHECK(X509_STORE_up_ref(trust) == 1);
    connection->trust = trust;
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

struct connection *connection_dial(struct dialer *dialer, const struct dial_target *target,
                                   const struct connection_events *events, void *owner)
{
    struct connection *connection = calloc(1, sizeof *connection);

    CHECK(connection != NULL);
    connection->dialer = dialer;
    connection->events = events;
    connection->owner = owner;
    connection->fd = connection->kept_fd = -1;
    connection->tls = target->https;
    connection->allow_private = target->allow_private;
    connection->connect_ms = target->connect_ms;
    connection->easy = curl_easy_init();
    CHECK(connection->easy != NULL);
    configure(connection->easy, connection, target);
    if (target->https)
        configure_tls(connection->easy, connection, target->trust);
    connection->group = dialer_add(dialer, connection->easy);
    return connection;
}

static void drop_handle(struct connection *connection)
{
    if (connection->easy == NULL)
        return;
    dialer_remove(connection->group, connection->easy);
    curl_easy_cleanup(connection->easy);
    connection->easy = NULL;
    connection->group = NULL;
}

void connection_close(struct connection *connection)
{
    struct loop *loop = dialer_loop(connection->dialer);

    loop_unwatch(loop, &connection->watch);
    drop_handle(connection);
    if (connection->kept_fd >= 0)
        close(connection->kept_fd);
    X509_STORE_free(connection->trust);
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

static void explain_timeout(const struct connection *connection, struct error *err)
{
    curl_off_t resolved_us = 0;

    curl_easy_getinfo(connection->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
    if (resolved_us == 0)
        error_set(err, ERROR_UPSTREAM_DNS, NULL,
                  "has a host name that was not resolved within %u ms", connection->connect_ms);
    else
        error_set(err, ERROR_UPSTREAM_TIMEOUT, NULL, "could not be connected to within %u ms",
                  connection->connect_ms);
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
        explain_timeout(connection, err);
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

/* -- bytes ------------------------------------------------------------------------------------ */

static bool is_again(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Whether TLS was ended by the other side and not by whoever cut the line: RFC 8446 section 6.1. */
static bool ended_in_order(struct connection *connection)
{
    struct curl_tlssessioninfo *info = NULL;

    return curl_easy_getinfo(connection->easy, CURLINFO_TLS_SSL_PTR, &info) == CURLE_OK &&
           info != NULL && info->backend == CURLSSLBACKEND_OPENSSL && info->internals != NULL &&
           (SSL_get_shutdown(info->internals) & SSL_RECEIVED_SHUTDOWN) != 0;
}

static enum connection_result read_tls(struct connection *connection, char *out, size_t room,
                                       size_t *out_bytes)
{
    CURLcode result = curl_easy_recv(connection->easy, out, room, out_bytes);

    if (result == CURLE_AGAIN)
        return CONNECTION_AGAIN;
    if (result != CURLE_OK)
        return CONNECTION_BROKEN;
    if (*out_bytes > 0)
        return CONNECTION_OK;
    return ended_in_order(connection) ? CONNECTION_END : CONNECTION_BROKEN;
}

enum connection_result connection_read(struct connection *connection, char *out, size_t room,
                                       size_t *out_bytes)
{
    ssize_t count;

    *out_bytes = 0;
    if (connection->tls)
        return read_tls(connection, out, room, out_bytes);
    do
        count = recv(connection->fd, out, room, MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return is_again(errno) ? CONNECTION_AGAIN : CONNECTION_BROKEN;
    *out_bytes = (size_t)count;
    return count > 0 ? CONNECTION_OK : CONNECTION_END;
}

static enum connection_result write_tls(struct connection *connection, struct text text,
                                        size_t *out_bytes)
{
    CURLcode result = curl_easy_send(connection->easy, text.at, text.len, out_bytes);

    if (result == CURLE_AGAIN)
        return CONNECTION_AGAIN;
    return result == CURLE_OK && *out_bytes > 0 ? CONNECTION_OK : CONNECTION_BROKEN;
}

enum connection_result connection_write(struct connection *connection, struct text first,
                                        struct text second, size_t *out_bytes)
{
    struct iovec parts[2] = {{(void *)(uintptr_t)first.at, first.len},
                             {(void *)(uintptr_t)second.at, second.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t count;

    *out_bytes = 0;
    if (connection->tls)
        return write_tls(connection, first.len > 0 ? first : second, out_bytes);
    do
        count = sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return is_again(errno) ? CONNECTION_AGAIN : CONNECTION_BROKEN;
    *out_bytes = (size_t)count;
    return CONNECTION_OK;
}

bool connection_silent(struct connection *connection)
{
    char byte;
    size_t count;

    if (connection->hung)
        return false;
    if (connection->tls) /* reading is what takes in the tickets that may come at any time */
        return read_tls(connection, &byte, 1, &count) == CONNECTION_AGAIN;
    return recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && is_again(errno);
}
