/* Reading and writing on a connection that is open: the socket's own calls where it is plain,
 * libcurl's where there is TLS. */
#include "transport/http_connection.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

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
